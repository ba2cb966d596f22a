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
import threading

sys.dont_write_bytecode = True

SYSTEMS = ("crm", "office", "archive")


def main ():
    parser = argparse.ArgumentParser (description=__doc__.strip ().splitlines ()[0])
    parser.add_argument ("system", choices=SYSTEMS)
    parser.add_argument ("--state", required=True, metavar="DIR")
    parser.add_argument ("--port", type=int, default=0, help="crm: 0 lets the system choose")
    parser.add_argument ("--token-seconds", type=int, default=0, help="crm: how long a token lives (300)")
    args = parser.parse_args ()
    stop = threading.Event ()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal (number, lambda *_: stop.set ())
    system = importlib.import_module (args.system).System (args.state)
    serve = importlib.import_module ("crm.server" if args.system == "crm" else "common.watch").serve
    serve (system, args, stop)
    return 0


if __name__ == "__main__":
    sys.exit (main ())
