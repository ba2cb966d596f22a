"""disk - a small disk that can be filled: a tmpfs, which root alone can mount."""
import subprocess


class Disk:
    def __init__ (self, path, size):
        self.path, self.filler = path, path / "filler"
        path.mkdir ()
        self.is_mounted = subprocess.run (["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "kask-test", path],
                                          stderr=subprocess.DEVNULL).returncode == 0

    def fill (self):
        with open (self.filler, "ab", buffering=0) as out:
            try:
                while out.write (bytes (4096)):
                    pass
            except OSError:
                pass

    def make_room (self):
        self.filler.unlink ()

    def unmount (self):
        if self.is_mounted:
            subprocess.run (["umount", "-l", self.path], check=True)
