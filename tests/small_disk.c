/*
 * small_disk - folders that hold so much and no more, for a program under test.
 *
 * Preloaded, so that nobody needs the right to mount one.  A write that makes a file grow past
 * what its folder has left gets ENOSPC, as on a disk of its own.  KASK_SMALL_DISKS names the
 * folders, with ":" between them; each holds KASK_SMALL_DISK_BYTES.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_BYTES = 4096, FOLDERS_OPEN = 16 };

static _Thread_local off_t used; // nftw hands nothing through

static off_t
in_blocks (off_t bytes)
{
    return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
}

static int
add_file (const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void) path;
    (void) place;
    if (type == FTW_F)
        used += in_blocks (status->st_size);
    return 0;
}

// The small disk that the file lies on; false: on none.
static bool
find_disk (int fd, char folder[PATH_MAX])
{
    char link[40], path[PATH_MAX];
    snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink (link, path, sizeof path - 1);
    if (size < 0)
        return false;
    path[size] = '\0';
    const char *at = getenv ("KASK_SMALL_DISKS");
    while (at && *at) {
        size_t length = strcspn (at, ":");
        if (strncmp (path, at, length) == 0 && path[length] == '/') {
            snprintf (folder, PATH_MAX, "%.*s", (int) length, at);
            return true;
        }
        at += length + (at[length] == ':');
    }
    return false;
}

// May the file reach as far as `end`?  If not, errno says why.
static bool
may_reach (int fd, off_t end)
{
    struct stat status;
    char folder[PATH_MAX];
    int before = errno;
    bool grows = fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && end > status.st_size;
    bool may = true;
    if (grows && find_disk (fd, folder)) {
        const char *most = getenv ("KASK_SMALL_DISK_BYTES");
        used = in_blocks (end) - in_blocks (status.st_size);
        nftw (folder, add_file, FOLDERS_OPEN, FTW_PHYS);
        may = most && used <= atoll (most);
    }
    errno = may ? before : ENOSPC;
    return may;
}

static off_t
end_of_write (int fd, size_t size)
{
    bool appends = fcntl (fd, F_GETFL) & O_APPEND;
    return lseek (fd, 0, appends ? SEEK_END : SEEK_CUR) + (off_t) size;
}

static bool
is_file (int fd)
{
    struct stat status;
    return fstat (fd, &status) == 0 && S_ISREG (status.st_mode);
}

ssize_t
write (int fd, const void *bytes, size_t size)
{
    ssize_t (*real) (int, const void *, size_t);
    *(void **) &real = dlsym (RTLD_NEXT, "write");
    return is_file (fd) && !may_reach (fd, end_of_write (fd, size)) ? -1 : real (fd, bytes, size);
}

static ssize_t
write_at (const char *name, int fd, const void *bytes, size_t size, off_t at)
{
    ssize_t (*real) (int, const void *, size_t, off_t);
    *(void **) &real = dlsym (RTLD_NEXT, name);
    return may_reach (fd, at + (off_t) size) ? real (fd, bytes, size, at) : -1;
}

ssize_t
pwrite (int fd, const void *bytes, size_t size, off_t at)
{
    return write_at ("pwrite", fd, bytes, size, at);
}

ssize_t
pwrite64 (int fd, const void *bytes, size_t size, off64_t at)
{
    return write_at ("pwrite64", fd, bytes, size, at);
}

static int
allocate (const char *name, int fd, off_t at, off_t size)
{
    int (*real) (int, off_t, off_t);
    *(void **) &real = dlsym (RTLD_NEXT, name);
    return may_reach (fd, at + size) ? real (fd, at, size) : ENOSPC;
}

int
posix_fallocate (int fd, off_t at, off_t size)
{
    return allocate ("posix_fallocate", fd, at, size);
}

int
posix_fallocate64 (int fd, off64_t at, off64_t size)
{
    return allocate ("posix_fallocate64", fd, at, size);
}

// What stdio writes goes past the functions above.
int
fflush (FILE *file)
{
    int (*real) (FILE *);
    *(void **) &real = dlsym (RTLD_NEXT, "fflush");
    size_t pending = file ? __fpending (file) : 0;
    if (!pending || !is_file (fileno (file)) ||
        may_reach (fileno (file), end_of_write (fileno (file), pending)))
        return real (file);
    __fpurge (file);
    return EOF;
}
