#!/usr/bin/python3
"""
sandbox.py SYSTEM --state DIR: run the stand-in for a partner's system until SIGTERM.

Systems: crm (HTTP, port in DIR/port), office (CSV folders), archive (XML and Turtle folders).
State is in DIR alone; kill it and start it again.
"""
import argparse
import importlib
import signal
import sys

sys.dont_write_bytecode = True

SYSTEMS = ("crm", "office", "archive")

ENDING = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """Somebody asked the process to end.  The signals are waited for and not handled: a handler that interrupts a lock's holder waits for ever."""

    def __init__ (self):
        signal.pthread_sigmask (signal.SIG_BLOCK, ENDING)
        self.asked = False

    def is_set (self):
        return self.wait (0)

    def wait (self, seconds):
        """For so long at most; true when it is to end."""
        self.asked = self.asked or signal.sigtimedwait (ENDING, seconds) is not None
        return self.asked


def main ():
    parser = argparse.ArgumentParser (description=__doc__.strip ().splitlines ()[0])
    parser.add_argument ("system", choices=SYSTEMS)
    parser.add_argument ("--state", required=True, metavar="DIR")
    parser.add_argument ("--port", type=int, default=0, help="crm: 0 lets the system choose")
    parser.add_argument ("--token-seconds", type=int, default=0, help="crm: how long a token lives (300)")
    args = parser.parse_args ()
    stop = Stop ()
    system = importlib.import_module (args.system).System (args.state)
    serve = importlib.import_module ("crm.server" if args.system == "crm" else "common.watch").serve
    serve (system, args, stop)
    return 0


if __name__ == "__main__":
    sys.exit (main ())
