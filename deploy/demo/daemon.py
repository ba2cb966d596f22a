"""
daemon - a program in the background that a later call of quickstart finds again.

DIR/NAME.pid holds its process id and when that process began, since ids are used again.
"""
import os
import signal
import subprocess
import time

from say import Trouble, until


class Daemon:
    def __init__ (self, name, argv, folder, environment=None):
        self.name, self.argv, self.environment = name, [str (word) for word in argv], environment or {}
        self.pid_path = os.path.join (folder, name + ".pid")
        self.log = os.path.join (folder, name + ".log")

    def pid (self):
        """Its process id, or None where it does not run."""
        try:
            with open (self.pid_path, encoding="ascii") as file:
                pid, began = file.read ().split ()
        except (OSError, ValueError):
            return None
        return int (pid) if began == _began (int (pid)) else None

    def start (self):
        """Starts it unless it runs; True if it was started."""
        if self.pid ():
            return False
        with open (self.log, "ab") as log:
            process = subprocess.Popen (self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, close_fds=True,
                                        start_new_session=True, env={**os.environ, **self.environment})
        with open (self.pid_path, "w", encoding="ascii") as file:
            file.write (f"{process.pid} {_began (process.pid)}\n")
        self.process = process
        return True

    def until (self, what, look, seconds):
        """Waits for an event that it brings about; Trouble with its log if it ends before."""
        def look_twice ():
            found = look ()
            if not found and not self.pid ():
                raise Trouble (f"{self.name} ended before {what}", "mend what its log says, then deploy/quickstart", self.log)
            return found
        return until (what, look_twice, seconds, self.log)

    def stop (self, seconds=15):
        """Asks it to end, and after some seconds makes it; True if it ran."""
        pid = self.pid ()
        if not pid:
            return False
        os.kill (pid, signal.SIGTERM)
        deadline = time.monotonic () + seconds
        while self.pid () and time.monotonic () < deadline:
            time.sleep (0.05)
        if self.pid ():
            os.kill (pid, signal.SIGKILL)
        os.unlink (self.pid_path)
        return True


def _began (pid):
    """When the process began, as the kernel counts; None where there is none, or it has ended."""
    try:
        with open (f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read ().rpartition (")")[2].split ()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]
