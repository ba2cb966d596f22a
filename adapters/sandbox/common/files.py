"""files - writing and taking files so that nobody ever sees half of one."""
import contextlib
import fcntl
import os


def write_whole (path, data, ending=".tmp"):
    """Write under another name, sync, rename; data is bytes or text (UTF-8)."""
    if isinstance (data, str):
        data = data.encode ("utf-8")
    with open (path + ending, "wb") as file:
        file.write (data)
        file.flush ()
        os.fsync (file.fileno ())
    os.replace (path + ending, path)


def ready_files (folder, ending):
    """Files of a folder that are whole by their name, oldest name first."""
    with os.scandir (folder) as entries:
        names = [entry.name for entry in entries if entry.name.endswith (ending) and entry.is_file ()]
    return sorted (name for name in names if not name.startswith ("."))


@contextlib.contextmanager
def alone (path):
    """Only one process at a time does what is inside."""
    with open (path, "w", encoding="ascii") as lock:
        fcntl.flock (lock, fcntl.LOCK_EX)
        yield


def safe_name (name, fallback="fil"):
    """A file name that stays in its folder, whatever somebody called the file."""
    kept = "".join (c if c.isalnum () or c in "-_. " else "_" for c in os.path.basename (name.replace ("\\", "/")))
    return kept.strip (". ")[:80] or fallback
