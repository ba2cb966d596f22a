"""
liar - a broker that lies: a ROUTER that speaks PROTOCOL.md, and says what a scenario tells it to.

It answers hello, pings, messages and reports as a broker does, and keeps what it was sent.  Whom it
shows, and what it delivers, is the scenario's.
"""
import os
import time

import zmq

from network import kaskclient
import kask_pb2 as pb


class Liar:
    def __init__ (self):
        self.public, secret = zmq.curve_keypair ()
        self.socket = zmq.Context.instance ().socket (zmq.ROUTER)
        self.socket.linger = 0
        self.socket.curve_server, self.socket.curve_secretkey = True, secret
        self.endpoint = f"tcp://127.0.0.1:{self.socket.bind_to_random_port ('tcp://127.0.0.1')}"
        self.database = os.urandom (16)
        self.shown = {}          # partner -> SignedStatement
        self.route = None        # of the client that said hello last
        self.sent = []           # what the client sent: (recipient, header, body)
        self.done, self.dead = [], {}    # what it reported: message ids; and reasons
        self.sequence = {}       # sender -> last lane sequence

    def close (self):
        self.socket.close (0)

    def broker_text (self):
        """What an operator hands to a partner."""
        return f"endpoint = {self.endpoint}\nbroker_key = {self.public.decode ()}\n"

    # ------------------------------------------------------------ saying

    def say (self, *frames, **member):
        self.socket.send_multipart ([self.route, pb.Reply (**member).SerializeToString (), *frames])

    def directory (self):
        return pb.Directory (partners=[pb.PartnerInfo (partner=name, name=name, country="NO", statement=statement, to_partner=True, from_partner=True)
                                       for name, statement in self.shown.items ()])

    def show (self, partner, statement):
        """From now on the directory has that statement; clients that are there hear it at once."""
        self.shown[partner] = statement
        if self.route:
            self.say (directory=self.directory ())

    def deliver (self, sender, header_bytes, body, **facts):
        self.sequence[sender] = self.sequence.get (sender, 0) + 1
        self.say (header_bytes, body, deliver=pb.Deliver (sender=sender, sequence=self.sequence[sender], accepted_at_ms=kaskclient.now_ms (), **facts))

    # ------------------------------------------------------------ listening

    def serve (self, what, condition, seconds=15.0):
        """Answers until the condition holds."""
        deadline = time.monotonic () + seconds
        while not condition ():
            if time.monotonic () > deadline:
                raise TimeoutError (f"after {seconds} s still not: {what}")
            if self.socket.poll (100):
                self.take (self.socket.recv_multipart ())

    def take (self, frames):
        command = pb.Command.FromString (frames[1])
        kind = command.WhichOneof ("command")
        if kind == "hello":
            self.route = frames[0]
        getattr (self, f"on_{kind}", lambda *_: None) (getattr (command, kind), frames[2:])

    def on_hello (self, hello, _):
        statement = pb.KeyStatement.FromString (hello.statement.statement)
        self.say (welcome=pb.Welcome (version=1, partner=statement.partner, database=self.database, generation=1, epoch=1,
                                      now_ms=kaskclient.now_ms (), heartbeat_ms=20000, directory=self.directory ()))

    def on_ping (self, ping, _):
        self.say (pong=pb.Pong (echo=ping.echo, now_ms=kaskclient.now_ms ()))

    def on_send (self, send, frames):
        self.sent.append ((send.recipient, *frames))
        self.say (answers=pb.Answers (answers=[pb.Answer (recipient=send.recipient, number=send.number, outcome=pb.ACCEPTED)]))

    def on_done (self, done, _):
        self.done += [item.message_id for item in pb.DoneList.FromString (done.list).items]
        self.say (confirmed=pb.Confirmed (batch=done.batch))

    def on_dead (self, dead, _):
        self.dead.update ({item.message_id: item.reason for item in dead.items})
        self.say (confirmed=pb.Confirmed (batch=dead.batch))
