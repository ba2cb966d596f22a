"""disk - a small disk that can be filled: a folder that holds no more, for programs with its environment (tests/small_disk.c)."""
import os

from network import BUILD

BYTES = 16 << 20
BLOCK_BYTES = 4096


class Disk:
    def __init__ (self, path):
        self.path, self.filler = path, path / "filler"
        path.mkdir ()

    def fill (self):
        files = [path for path in self.path.rglob ("*") if path.is_file ()]
        used = sum (-(-path.stat ().st_size // BLOCK_BYTES) * BLOCK_BYTES for path in files)
        self.filler.touch ()
        os.truncate (self.filler, max (0, BYTES - used))

    def make_room (self):
        self.filler.unlink ()


def environment (*disks):
    """Of a program for which they are no larger; without disks, nothing of it."""
    if not disks:
        return {}
    return {"KASK_SMALL_DISKS": ":".join (str (disk.path.resolve ()) for disk in disks), "KASK_SMALL_DISK_BYTES": str (BYTES),
            "LD_PRELOAD": "small_disk.so", "LD_LIBRARY_PATH": str (BUILD / "tests"),   # LD_PRELOAD holds no path with a space
            "ASAN_OPTIONS": os.environ.get ("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
