"""watch - the folder systems' process: looks into the folders until it is told to stop."""
WAIT_S = 0.1


def serve (system, args, stop):
    print (f"{system.name}: {system.state_dir}", flush=True)
    while not stop.is_set ():
        slow_ms = system.book.setting ("fault-slow", 0) or 0
        stop.wait (WAIT_S + slow_ms / 1000)
        system.settle ()
