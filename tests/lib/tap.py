"""tap - a scenario's lines for prove, and waiting for events with a deadline."""
import signal
import sys
import time
import traceback

_count = 0
_failed = 0


def _asked_to_end (number, _frame):
    """An exception, so that every "with" ends what it started."""
    signal.signal (number, signal.SIG_IGN)
    raise SystemExit (f"ended by {signal.Signals (number).name}")


signal.signal (signal.SIGTERM, _asked_to_end)


def ok (good, name):
    global _count, _failed
    _count += 1
    if not good:
        _failed += 1
    print (f"{'' if good else 'not '}ok {_count} - {name}", flush=True)
    if not good:
        frame = sys._getframe (1)
        while frame.f_code.co_filename == __file__:
            frame = frame.f_back
        print (f"#   at {frame.f_code.co_filename}:{frame.f_lineno}", flush=True)
    return good


def equal (got, want, name):
    if not ok (got == want, name):
        note (f"got  {got!r}\nwant {want!r}")
    return got == want


def note (text):
    for line in str (text).splitlines ():
        print (f"# {line}", flush=True)


def until (what, condition, seconds=20.0, pause=0.02):
    """The condition's first true value; fails the scenario after so many seconds."""
    deadline = time.monotonic () + seconds
    while True:
        value = condition ()
        if value:
            return value
        if time.monotonic () > deadline:
            raise TimeoutError (f"after {seconds} s still not: {what}")
        time.sleep (pause)


def run (*parts):
    """Each part is a function; what it raises is a failed test, and ends the scenario."""
    for part in parts:
        try:
            part ()
        except BaseException as problem:  # the plan must be printed in any case
            ok (False, f"{part.__name__} ended by {type (problem).__name__}: {problem}")
            note (traceback.format_exc ())
            break
    end ()


def end ():
    print (f"1..{_count}", flush=True)
    sys.stdout.flush ()
    sys.exit (1 if _failed or not _count else 0)
