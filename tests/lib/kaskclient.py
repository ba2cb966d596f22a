"""
kaskclient - a kask client in Python, written from PROTOCOL.md.

Uses pyzmq, protobuf and PyNaCl, and the Python code that protoc generates from the
.proto files; nothing else of kask.  Everything durable that a client needs (outbox,
inbox, pins) is kept in plain members, so that a scenario can look at it, lose it,
or go back to an older copy.
"""
import collections
import hashlib
import os
import struct
import time

import nacl.bindings
import nacl.exceptions
import nacl.public
import nacl.signing
import nacl.utils
import zmq
import zmq.utils.z85

import content_pb2 as content
import kask_pb2 as pb

VERSION = 1


def now_ms ():
    return int (time.time () * 1000)


def sha256 (data):
    return hashlib.sha256 (data).digest ()


def lp (*parts):
    """Each part with its length before it: what is signed (PROTOCOL.md section 9)."""
    return b"".join (struct.pack (">I", len (part)) + part for part in
                     (p.encode () if isinstance (p, str) else p for p in parts))


def varint (n):
    """As protobuf writes it: for frames that no encoder makes."""
    out = b""
    while n > 127:
        out += bytes ([n & 127 | 128])
        n >>= 7
    return out + bytes ([n])


def former_identities (statement):
    """The identity keys that handed over, one to the next, down to the statement's own; newest first."""
    former, following = [], statement.identity_key
    for succession in reversed (statement.successions):
        try:
            nacl.signing.VerifyKey (succession.identity_key).verify (
                lp ("kask/succession/1", statement.partner, following), succession.signature)
        except nacl.exceptions.BadSignatureError:
            break
        following = succession.identity_key
        former.append (following)
    return former


def fingerprint (identity_key):
    digest = sha256 (identity_key)[:16].hex ()
    return " ".join (digest[i:i + 4] for i in range (0, 32, 4))


class Identity:
    """A partner's keys: identity (Ed25519), CURVE, sealing (X25519)."""

    def __init__ (self, partner, number=1):
        self.partner = partner
        self.signing = nacl.signing.SigningKey.generate ()
        self.successions = []
        self.renew (number)

    def hand_over (self, number):
        """A new identity key, with the old one's signature that it takes its place."""
        old, self.signing = self.signing, nacl.signing.SigningKey.generate ()
        signature = old.sign (lp ("kask/succession/1", self.partner, bytes (self.signing.verify_key))).signature
        self.successions = [*self.successions, pb.Succession (identity_key=bytes (old.verify_key), signature=signature)][-8:]
        self.renew (number)

    def renew (self, number):
        self.number = number
        self.curve_public, self.curve_secret = zmq.curve_keypair ()
        self.sealing = nacl.public.PrivateKey.generate ()
        statement = pb.KeyStatement (
            partner=self.partner, number=number, made_at_ms=now_ms (),
            identity_key=bytes (self.signing.verify_key),
            curve_key=zmq.utils.z85.decode (self.curve_public),
            sealing_key=bytes (self.sealing.public_key), successions=self.successions).SerializeToString ()
        self.statement = pb.SignedStatement (
            statement=statement, signature=self.sign (lp ("kask/statement/1", statement)))

    def sign (self, data):
        return self.signing.sign (data).signature

    def request (self, name, country):
        """The text for `kask partner add`."""
        return (f"partner = {self.partner}\nname = {name}\ncountry = {country}\n"
                f"statement = {self.statement.statement.hex ()}\nsignature = {self.statement.signature.hex ()}\n")


class Delivery:
    """One delivered message, as it came and opened."""

    def __init__ (self, facts, header_bytes, body):
        self.facts = facts
        self.header_bytes = header_bytes
        self.header = pb.Header.FromString (header_bytes)
        self.body = body
        self.content = None

    @property
    def event (self):
        return self.header.referral.event

    @property
    def ref (self):
        return (self.facts.sender, self.facts.sequence, self.facts.replay)


class Refused (Exception):
    pass


class Client:
    def __init__ (self, identity, endpoint, broker_key, context=None, window=(1000, 16 << 20)):
        self.identity = identity
        self.partner = identity.partner
        self.endpoint = endpoint
        self.broker_key = broker_key
        self.context = context or zmq.Context.instance ()
        self.window = window
        self.pins = {}                     # partner -> identity key
        self.former = {}                   # partner -> identity keys before the pinned one
        self.directory = {}                # partner -> KeyStatement that a pinned identity signed
        self.partners = {}                 # partner -> PartnerInfo
        self.outbox = os.urandom (16)
        self.inbox_id = os.urandom (16)
        self.next_number = collections.Counter ()  # recipient -> last number given
        self.unanswered = {}               # (recipient, number) -> frames
        self.positions = collections.Counter ()    # sender -> sequence taken without a gap
        self.inbox = {}                    # (sender, sequence, replay) -> Delivery
        self.settled = set ()              # those of them that are DONE or DEAD
        self.reports = {}                  # batch -> command
        self.batch = 0
        self.database = b""
        self.generation = 0
        self.answers = []
        self.deliveries = []
        self.faults = []
        self.confirmed = []
        self.records = []
        self.cursor = 0
        self.socket = None
        self.welcome = None
        self.pinged = 0.0

    # ------------------------------------------------------------ connection

    def connect (self, hello=True, seconds=10.0, patient=True):
        """A patient one says hello anew, as it is told to, where the broker is unavailable for now."""
        self.close ()
        socket = self.context.socket (zmq.DEALER)
        socket.linger = 0
        socket.setsockopt (zmq.RECONNECT_IVL, -1)
        socket.setsockopt (zmq.RCVHWM, 100000)
        socket.setsockopt (zmq.SNDHWM, 100000)
        socket.curve_publickey = self.identity.curve_public
        socket.curve_secretkey = self.identity.curve_secret
        socket.curve_serverkey = self.broker_key.encode ()
        socket.connect (self.endpoint)
        self.socket = socket
        if hello:
            try:
                self.hello (seconds)
            except Refused as refused:
                wait_s = self.faults[-1].retry_after_ms / 1000
                if not patient or str (refused) not in ("UNAVAILABLE", "LIMIT") or seconds <= wait_s:
                    raise
                time.sleep (wait_s)
                return self.connect (True, seconds - wait_s)
        return self

    def close (self):
        if self.socket is not None:
            self.socket.close (0)
            self.socket = None

    def hello (self, seconds=10.0, **changes):
        hello = pb.Hello (version_min=VERSION, version_max=VERSION, software="kaskclient", outbox=self.outbox,
                          inbox=self.inbox_id, database=self.database, generation=self.generation,
                          statement=self.identity.statement)
        hello.window.messages, hello.window.bytes = self.window
        for sender, sequence in self.positions.items ():
            hello.positions.add (sender=sender, sequence=sequence)
        for name, value in changes.items ():
            setattr (hello, name, value)
        self.welcome = None
        older = len (self.faults)
        self.socket.sndtimeo = int (seconds * 1000)
        self.command (hello=hello)
        self.wait (lambda: self.welcome or len (self.faults) > older, seconds, "Welcome")
        if not self.welcome:
            raise Refused (self.faults[-1].name)
        self.database, self.generation = self.welcome.database, self.welcome.generation
        self.after_hello ()

    def after_hello (self):
        """Sends again what has no answer (or nothing, under an old copy's numbers), and the reports."""
        following = {n.recipient: n.number for n in self.welcome.next}
        if any (following.get (r, 1) > self.next_number[r] + 1 for r in set (following) | set (self.next_number)):
            self.restart_outbox ()
            return
        for batch in sorted (self.reports):
            if batch > self.welcome.last_batch:
                self.socket.send (self.reports[batch])
            else:
                del self.reports[batch]
        for key in sorted (self.unanswered):
            self.socket.send_multipart (self.unanswered[key])

    def restart_outbox (self):
        """This outbox is an old copy: what has no answer goes under a new incarnation; origin keys keep it single."""
        waiting = [(key[0], frames) for key, frames in sorted (self.unanswered.items ())]
        self.outbox = os.urandom (16)
        self.next_number.clear ()
        self.unanswered.clear ()
        self.hello ()
        for recipient, frames in waiting:
            self.send (recipient, *frames[1:])

    # ------------------------------------------------------------ frames

    def command (self, *frames, **member):
        self.socket.send_multipart ([pb.Command (**member).SerializeToString (), *frames])

    def receive (self, seconds):
        """Takes one message if one comes in that time."""
        if not self.socket.poll (max (0, int (seconds * 1000))):
            return False
        frames = self.socket.recv_multipart ()
        reply = pb.Reply.FromString (frames[0])
        kind = reply.WhichOneof ("reply")
        getattr (self, f"on_{kind}") (getattr (reply, kind), frames[1:])
        return True

    def ping (self):
        """Once a heartbeat: who is silent for three of them has no session any more."""
        if self.welcome and time.monotonic () - self.pinged >= self.welcome.heartbeat_ms / 1000:
            self.pinged = time.monotonic ()
            try:
                self.socket.send (pb.Command (ping=pb.Ping ()).SerializeToString (), zmq.NOBLOCK)
            except zmq.Again:   # no connection now
                pass

    def wait (self, condition, seconds=10.0, what="it"):
        deadline = time.monotonic () + seconds
        while not condition ():
            self.ping ()
            left = deadline - time.monotonic ()
            if left <= 0 or (not self.receive (min (left, 1.0)) and time.monotonic () > deadline):
                raise TimeoutError (f"{self.partner}: after {seconds} s still no {what}")
        return condition ()

    def drain (self, seconds=0.0):
        while self.receive (seconds):
            pass

    def on_welcome (self, welcome, _):
        self.welcome = welcome
        self.on_directory (welcome.directory, _)

    def on_fault (self, fault, _):
        self.faults.append (fault)

    def on_pong (self, pong, _):
        if pong.echo:   # asked for by a scenario
            self.pong = pong

    def on_directory (self, directory, _):
        self.partners = {p.partner: p for p in directory.partners}
        for partner in directory.partners:
            self.take_statement (partner.partner, partner.statement)

    def take_statement (self, partner, signed):
        """Only what the pinned identity signed, and never a lower number."""
        if partner not in self.pins or not signed.statement:
            return
        statement = pb.KeyStatement.FromString (signed.statement)
        known = self.directory.get (partner)
        former = former_identities (statement)
        if statement.partner != partner or self.pins[partner] not in (statement.identity_key, *former):
            return
        if known and statement.number < known.number:
            return
        nacl.signing.VerifyKey (statement.identity_key).verify (lp ("kask/statement/1", signed.statement), signed.signature)
        self.directory[partner] = statement
        self.pins[partner], self.former[partner] = statement.identity_key, former

    def pin (self, partner, identity_key):
        self.pins[partner] = identity_key
        if partner in self.partners:
            self.take_statement (partner, self.partners[partner].statement)

    # ------------------------------------------------------------ sending

    def header (self, recipient, origin=None):
        return pb.Header (message_id=os.urandom (16), sender=self.partner, recipient=recipient,
                          origin_key=sha256 (origin) if origin else os.urandom (32), claimed_at_ms=now_ms ())

    def seal (self, header, header_bytes, words):
        data = words.SerializeToString ()
        signature = self.identity.sign (lp ("kask/content/1", self.partner, header.recipient, header.message_id,
                                            header.referral.referral_id, sha256 (header_bytes), data))
        box = nacl.public.SealedBox (nacl.public.PublicKey (self.directory[header.recipient].sealing_key))
        return box.encrypt (content.Signed (content=data, signature=signature).SerializeToString ())

    def send_event (self, recipient, event, words=None, origin=None, **members):
        """An event on a referral; returns the header.  A SEND without referral_id begins a chain."""
        header = self.header (recipient, origin)
        if event == pb.EVENT_SEND:
            members.setdefault ("referral_id", os.urandom (16))
            members.setdefault ("chain_id", members["referral_id"])
            members.setdefault ("legal_basis", "CONSENT")
        header.referral.CopyFrom (pb.ReferralEvent (event=event, **members))
        header_bytes = header.SerializeToString ()
        self.send (recipient, header_bytes, self.seal (header, header_bytes, words or content.Content (text="words")))
        return header

    def publish (self, offering, revision=1, withdrawn=False):
        header = self.header ("catalogue")
        header.offering.CopyFrom (pb.OfferingNotice (key=offering.key, revision=revision, withdrawn=withdrawn))
        header_bytes = header.SerializeToString ()
        data = b"" if withdrawn else offering.SerializeToString ()
        signature = self.identity.sign (lp ("kask/offering/1", self.partner, header.message_id, offering.key,
                                            sha256 (header_bytes), data))
        self.send ("catalogue", header_bytes, content.Signed (content=data, signature=signature).SerializeToString ())
        return header

    def send (self, recipient, header_bytes, body, number=None):
        if number is None:
            self.next_number[recipient] += 1
            number = self.next_number[recipient]
        frames = [pb.Command (send=pb.Send (recipient=recipient, number=number)).SerializeToString (), header_bytes, body]
        self.unanswered[recipient, number] = frames
        if self.socket is not None:
            self.socket.send_multipart (frames)
        return number

    def on_answers (self, answers, _):
        for answer in answers.answers:
            self.answers.append (answer)
            key = (answer.recipient, answer.number)
            if answer.outcome in (pb.ACCEPTED, pb.REFUSED):
                self.unanswered.pop (key, None)
                if answer.number_unused:
                    self.next_number[answer.recipient] = answer.number - 1

    def answer (self, recipient, number=None, seconds=10.0):
        """The last answer about that number (the last number given, if none is named)."""
        number = number or self.next_number[recipient]
        def find ():
            return next ((a for a in reversed (self.answers) if (a.recipient, a.number) == (recipient, number)), None)
        return self.wait (find, seconds, f"answer to {recipient}/{number}")

    # ------------------------------------------------------------ receiving

    def on_deliver (self, facts, frames):
        delivery = Delivery (facts, *frames)
        self.deliveries.append (delivery)
        if delivery.ref in self.inbox:
            return
        self.inbox[delivery.ref] = delivery
        # a sequence that was left out is settled or came apart: the lane only rises
        if not facts.replay and delivery.event != pb.EVENT_REVOKE:
            self.positions[facts.sender] = max (self.positions[facts.sender], facts.sequence)

    def verify (self, partner, data, signature):
        """By the pinned identity, or one that handed over to it."""
        for key in (self.pins[partner], *self.former.get (partner, ())):
            try:
                return nacl.signing.VerifyKey (key).verify (data, signature)
            except nacl.exceptions.BadSignatureError as problem:
                last = problem
        raise last

    def open (self, delivery):
        """The content, checked as section 5 says."""
        header, sender = delivery.header, delivery.facts.sender
        assert header.sender == sender and header.recipient == self.partner, "not as the broker says"
        signed = content.Signed.FromString (nacl.public.SealedBox (self.identity.sealing).decrypt (delivery.body))
        self.verify (sender, lp ("kask/content/1", sender, self.partner, header.message_id, header.referral.referral_id,
                                 sha256 (delivery.header_bytes), signed.content), signed.signature)
        delivery.content = content.Content.FromString (signed.content)
        return delivery.content

    def taken (self, *apart):
        command = pb.Taken ()
        for sender, sequence in self.positions.items ():
            command.up_to.add (sender=sender, sequence=sequence)
        for sender, sequence, replay in apart:
            command.apart.add (sender=sender, sequence=sequence, replay=replay)
        self.command (taken=command)

    def done (self, *deliveries):
        self.batch += 1
        self.settled.update (d.ref for d in deliveries)
        report = pb.DoneList (partner=self.partner, inbox=self.inbox_id, done_at_ms=now_ms ())
        for d in deliveries:
            report.items.add (sender=d.facts.sender, sequence=d.facts.sequence, replay=d.facts.replay,
                              message_id=d.header.message_id)
        data = report.SerializeToString ()
        return self.report (done=pb.Done (batch=self.batch, list=data,
                                          signature=self.identity.sign (lp ("kask/done/1", self.partner, data))))

    def dead (self, delivery, reason, text="", tries=()):
        self.batch += 1
        self.settled.add (delivery.ref)
        command = pb.Dead (batch=self.batch)
        command.items.add (sender=delivery.facts.sender, sequence=delivery.facts.sequence, replay=delivery.facts.replay,
                           message_id=delivery.header.message_id, reason=reason, text=text, attempts=len (tries) or 1, tries=tries)
        return self.report (dead=command)

    def done_with_all (self):
        """Takes and does whatever is in the inbox and is not settled."""
        self.taken ()
        rest = [d for ref, d in self.inbox.items () if ref not in self.settled]
        return self.done (*rest) if rest else 0

    def report (self, **member):
        data = pb.Command (**member).SerializeToString ()
        self.reports[self.batch] = data
        if self.socket is not None:
            self.socket.send (data)
        return self.batch

    def confirm (self, batch, seconds=10.0):
        """Waits until the broker has confirmed that report."""
        self.wait (lambda: any (c.batch == batch for c in self.confirmed), seconds, f"Confirmed {batch}")

    def takes_and_does (self, *deliveries):
        self.taken ()
        self.confirm (self.done (*deliveries))

    def on_confirmed (self, confirmed, _):
        self.confirmed.append (confirmed)
        self.reports.pop (confirmed.batch, None)

    def next (self, event=None, referral=None, seconds=10.0):
        """The first delivery not yet given out that is of that event and referral."""
        def find ():
            return next ((d for d in self.deliveries if (event is None or d.event == event)
                          and (referral is None or d.header.referral.referral_id == referral)), None)
        delivery = self.wait (find, seconds, pb.Event.Name (event) if event else "delivery")
        self.deliveries.remove (delivery)
        return delivery

    # ------------------------------------------------------------ catalogue

    def pull (self, records=100, size=1 << 20):
        self.command (pull=pb.Pull (cursor=self.cursor, max_records=records, max_bytes=size))

    def on_catalogue (self, page, frames):
        if page.resync:
            self.records.clear ()
            self.cursor = 0
            return
        for i, record in enumerate (page.records):
            self.records.append ((record, pb.Header.FromString (frames[2 * i]), frames[2 * i], frames[2 * i + 1]))
        self.cursor = page.cursor
        self.more = page.more

    def open_offering (self, record):
        facts, header, header_bytes, body = record
        signed = content.Signed.FromString (body)
        nacl.signing.VerifyKey (self.pins[facts.publisher]).verify (
            lp ("kask/offering/1", facts.publisher, header.message_id, header.offering.key, sha256 (header_bytes),
                signed.content), signed.signature)
        return content.Offering.FromString (signed.content)
