#!/usr/bin/python3
"""
demo.py up|stop|clean|status - the network of deploy/quickstart, in var/.
"""
import argparse
import os
import shutil
import sys

import place
import report
import say
import story
from broker import Broker
from partner import PARTNERS
from place import var


def up (broker, partners):
    os.makedirs (var ("broker"), exist_ok=True)
    say.step ("a PostgreSQL cluster of its own, in var/pg")
    broker.start_database ()
    say.step ("the broker, kaskd")
    broker.start ()
    say.step ("the partners' systems: " + ", ".join (f"{p.name} ({p.kind})" for p in partners))
    for partner in partners:
        partner.start_system ()
    say.step ("keys, made at each partner; the broker's operator takes the partners in")
    for partner in partners:
        partner.join (broker)
    agree_and_pin (broker, partners)
    say.step ("the adapters")
    for partner in partners:
        partner.start_adapter ()
    for partner in partners:
        partner.wait_for_catalogue (partners)
    say.step ("offerings are in the catalogue, and from there in each partner's own system")
    told = story.run (partners, say.step)
    report.offerings (broker, partners)
    report.referral (broker, told)
    report.what_next (broker, partners, told)


def agree_and_pin (broker, partners):
    """Who may refer to whom; and the comparison of fingerprints that two people make by telephone."""
    pairs = [(a, b) for a in partners for b in partners if a is not b]
    known = {(row["referrer"], row["receiver"]) for row in story.table (broker.rows ("agreement", "list"))}
    for a, b in pairs:
        if (a.id, b.id) not in known:
            broker.kask ("agreement", "allow", a.id, b.id)
        a.pin (b)
    say.step ("agreements allow referrals between all of them; fingerprints compared, keys pinned at each")


def stop (broker, partners):
    ran = [name for partner in reversed (partners) for name in partner.stop ()]
    if broker.stop ():
        ran.append ("kaskd")
    if broker.database_runs ():
        broker.stop_database ()
        ran.append ("postgresql")
    print ("Stopped: " + ", ".join (ran) if ran else "Nothing ran.")
    print ("What they hold stays in var/; deploy/quickstart starts them again.")


def clean (broker, partners):
    stop (broker, partners)
    broker.remove_database ()
    shutil.rmtree (place.VAR)
    print ("Deleted: var/")


def status (broker, partners):
    daemons = [broker.daemon] + [daemon for partner in partners for daemon in partner.daemons ()]
    print (f"{'postgresql':<34} {'runs' if broker.database_runs () else 'does not run'}")
    for daemon in daemons:
        pid = daemon.pid ()
        print (f"{daemon.name:<34} {f'runs, process {pid}' if pid else 'does not run'}   log {daemon.log}")
    return 0 if all (daemon.pid () for daemon in daemons) else 3


def main ():
    parser = argparse.ArgumentParser (description=__doc__.strip ().splitlines ()[0])
    parser.add_argument ("what", choices=("up", "stop", "clean", "status"))
    parser.add_argument ("--since", type=int, help="when the command began, seconds since 1970")
    args = parser.parse_args ()
    say.go_on_unread ()
    if args.since:
        say.started = args.since
    try:
        return {"up": up, "stop": stop, "clean": clean, "status": status}[args.what] (Broker (), PARTNERS) or 0
    except say.Trouble as problem:
        say.trouble (problem)
        return 1


if __name__ == "__main__":
    sys.exit (main ())
