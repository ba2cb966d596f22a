"""
relay - a TCP proxy between one party and the broker, that can be made a bad line.

    line = Relay (lambda: broker_port)       # listens on line.port
    line.stall ({"up"}); line.mend ()

up: to the broker; down: to the party.  What it can do lies below CURVE: a doubled frame would be
thrown away by the cipher there, so doubling means that the beginning of a connection is sent
to the broker once more on another one.  Frames that come twice above CURVE are what
libkask itself sends again after each cut.
"""
import contextlib
import random
import socket
import threading

CHUNK = 16384
BEGINNING = 65536


class Relay:
    def __init__ (self, target, seed=0):
        self.target = target               # the port behind it, asked for each connection
        self.chance = random.Random (seed)
        self.stalled, self.delay, self.breaks = frozenset (), 0.0, 0
        self.pairs = []                    # (party's socket, broker's socket)
        self.beginning = b""               # of the last connection's way up
        self.changed = threading.Condition ()
        self.listener = socket.create_server (("127.0.0.1", 0))
        self.port = self.listener.getsockname ()[1]
        threading.Thread (target=self.listen, daemon=True).start ()

    def listen (self):
        while True:
            try:
                near, _ = self.listener.accept ()
            except OSError:
                return
            try:
                far = socket.create_connection (("127.0.0.1", self.target ()), 5)
            except OSError:
                near.close ()
                continue
            far.settimeout (None)
            self.beginning = b""
            with self.changed:
                self.pairs.append ((near, far))
            for source, sink, way in ((near, far, "up"), (far, near, "down")):
                threading.Thread (target=self.pump, args=(source, sink, way), daemon=True).start ()

    def pump (self, source, sink, way):
        with contextlib.suppress (OSError):
            while data := source.recv (CHUNK):
                if way == "up" and len (self.beginning) < BEGINNING:
                    self.beginning += data
                with self.changed:
                    self.changed.wait_for (lambda: way not in self.stalled)
                    if self.delay:   # whoever mends the line ends this wait too
                        self.changed.wait (self.delay)
                    broken = self.breaks > 0
                    self.breaks -= broken
                if broken:
                    sink.sendall (data[:self.chance.randrange (1, len (data) + 1)])
                    break
                sink.sendall (data)
        self.close_pair (source, sink)

    def close_pair (self, *pair):
        with self.changed:
            self.pairs = [p for p in self.pairs if set (p) != set (pair)]
        for end in pair:
            with contextlib.suppress (OSError):
                end.shutdown (socket.SHUT_RDWR)
            end.close ()

    # ------------------------------------------------------------ faults

    def cut (self):
        for pair in list (self.pairs):
            self.close_pair (*pair)

    def stall (self, ways):
        with self.changed:
            self.stalled = frozenset (ways)

    def slow (self, seconds):
        with self.changed:
            self.delay = seconds

    def break_frames (self, n):
        """The next n pieces are cut short somewhere, and their connection with them."""
        with self.changed:
            self.breaks = n

    def double (self):
        """What the last connection began with comes a second time; how many bytes."""
        data = self.beginning
        with contextlib.suppress (OSError), socket.create_connection (("127.0.0.1", self.target ()), 5) as again:
            again.settimeout (1)
            again.sendall (data)
            while again.recv (CHUNK):
                pass
        return len (data)

    def mend (self):
        with self.changed:
            self.stalled, self.delay, self.breaks = frozenset (), 0.0, 0
            self.changed.notify_all ()

    def close (self):
        self.listener.close ()
        self.mend ()
        self.cut ()
