"""
shift - a broker's clock that a scenario sets.

    with Shift (at (5, 8, 12)) as shift, Network ("upkeep", time_shift_file=shift.path) as net:
"""
import datetime
import pathlib
import tempfile
import time

import tap
import kask_pb2 as pb

SUMMER = datetime.timezone (datetime.timedelta (hours=2))   # in Denmark, Norway and Sweden, all of these scenarios


def at (month, day, hour=0, minute=0, second=0):
    """That moment of 2026, in ms."""
    return int (datetime.datetime (2026, month, day, hour, minute, second, tzinfo=SUMMER).timestamp () * 1000)


def broker_now (client):
    client.pong = None
    client.command (ping=pb.Ping (echo=1))
    client.wait (lambda: client.pong, what="Pong")
    return client.pong.now_ms


class Shift:
    def __init__ (self, moment):
        self.folder = tempfile.TemporaryDirectory ()
        self.path = pathlib.Path (self.folder.name) / "shift"
        self.set (moment)

    def __enter__ (self):
        return self

    def __exit__ (self, *problem):
        self.folder.cleanup ()

    def set (self, moment):
        aside = self.path.with_suffix (".new")
        aside.write_text (str (moment - int (time.time () * 1000)))
        aside.replace (self.path)

    def go_to (self, client, *moment):
        """The broker's time goes on to at (*moment); seen by what it says to the client, if that is connected."""
        self.set (at (*moment))
        if client.socket:
            tap.until (f"the broker's clock says {moment}", lambda: broker_now (client) >= at (*moment))
