/*
 * file - whole files in an open folder.
 */
#include "connectors/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static file_mark_t
mark_of (const struct stat *status)
{
    return (file_mark_t){status->st_dev, status->st_ino, status->st_size, status->st_mtim};
}

bool
file_mark (int folder, const char *name, file_mark_t *mark)
{
    struct stat status;
    if (fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG (status.st_mode))
        return false;
    *mark = mark_of (&status);
    return true;
}

bool
file_mark_equals (const file_mark_t *a, const file_mark_t *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->changed_at.tv_sec == b->changed_at.tv_sec &&
           a->changed_at.tv_nsec == b->changed_at.tv_nsec;
}

// A read lease is granted only where nobody has the file open for writing, and
// a shared lock only where nobody holds an exclusive one.  Both are hints:
// where the file system or the file's owner forbids them, the file counts as free.
// The signal of a broken lease is one that is ignored by default.
static bool
is_busy (int fd)
{
    if (flock (fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return true;
    if (fcntl (fd, F_SETSIG, SIGURG) != 0)
        return false;
    if (fcntl (fd, F_SETLEASE, F_RDLCK) != 0)
        return errno == EAGAIN;
    fcntl (fd, F_SETLEASE, F_UNLCK);
    return false;
}

static int
read_all (int fd, uint8_t *bytes, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = read (fd, bytes + got, size - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? EAGAIN : errno; // shorter than it was: somebody writes
        got += (size_t) n;
    }
    return 0;
}

static file_result_t
read_open (int fd, size_t most, uint8_t **bytes_p, size_t *size_p, file_mark_t *mark)
{
    struct stat before, after;
    if (fstat (fd, &before) != 0)
        return FILE_UNREADABLE;
    if (!S_ISREG (before.st_mode))
        return FILE_SPECIAL;
    if (mark)
        *mark = mark_of (&before);
    if (is_busy (fd))
        return FILE_BUSY;
    if ((uint64_t) before.st_size > most)
        return FILE_TOO_LARGE;
    size_t size = (size_t) before.st_size;
    uint8_t *bytes = malloc (size + 1);
    if (!bytes)
        abort ();
    int error = read_all (fd, bytes, size);
    file_mark_t first = mark_of (&before), second = first;
    if (error == 0 && fstat (fd, &after) == 0)
        second = mark_of (&after);
    if (error == 0 && file_mark_equals (&first, &second)) {
        bytes[size] = '\0';
        *bytes_p = bytes;
        *size_p = size;
        return FILE_READ;
    }
    free (bytes);
    errno = error;
    return error == 0 || error == EAGAIN ? FILE_BUSY : FILE_UNREADABLE;
}

file_result_t
file_read (int folder, const char *name, size_t most, uint8_t **bytes_p, size_t *size_p,
           file_mark_t *mark)
{
    // O_NONBLOCK: a pipe without a writer must not hold us up
    int fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return FILE_ABSENT;
    if (fd < 0)
        return errno == ELOOP || errno == ENXIO ? FILE_SPECIAL : FILE_UNREADABLE;
    file_result_t result = read_open (fd, most, bytes_p, size_p, mark);
    int error = errno;
    close (fd);
    errno = error;
    return result;
}

static int
write_all (int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write (fd, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        bytes += n;
        size -= (size_t) n;
    }
    return fsync (fd) == 0 ? 0 : errno;
}

int
file_write (int folder, const char *name, const char *suffix, const void *bytes, size_t size)
{
    char temporary[FILE_NAME_BYTES + 64];
    snprintf (temporary, sizeof temporary, "%s%s", name, suffix);
    // one left by a crash is not trusted: it may be a link by now
    unlinkat (folder, temporary, 0);
    int fd = openat (folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0660);
    if (fd < 0)
        return errno;
    int error = write_all (fd, bytes, size);
    if (close (fd) != 0 && error == 0)
        error = errno;
    if (error == 0 && renameat (folder, temporary, folder, name) != 0)
        error = errno;
    if (error != 0) {
        unlinkat (folder, temporary, 0);
        return error;
    }
    // some network drives cannot sync a folder
    return fsync (folder) == 0 || errno == EINVAL ? 0 : errno;
}

static bool
is_free (int folder, const char *name)
{
    struct stat status;
    return fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

static bool
is_free_with (int folder, const char *name, const char *beside)
{
    char other[FILE_NAME_BYTES + 64];
    snprintf (other, sizeof other, "%s%s", name, beside);
    return is_free (folder, name) && (!*beside || is_free (folder, other));
}

void
file_free_name (int folder, const char *name, const char *beside, char free_name[FILE_NAME_BYTES])
{
    const char *dot = strrchr (name, '.');
    size_t stem = dot && dot != name ? (size_t) (dot - name) : strlen (name);
    char stamp[32];
    time_t now = time (NULL);
    struct tm parts;
    snprintf (free_name, FILE_NAME_BYTES, "%s", name);
    if (is_free_with (folder, free_name, beside))
        return;
    strftime (stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r (&now, &parts));
    if (stem > 150)
        stem = 150; // so that stamp, count and extension have room
    for (unsigned count = 0; count < 10000; count++) {
        char number[16] = "";
        if (count > 0)
            snprintf (number, sizeof number, "-%u", count + 1);
        snprintf (free_name, FILE_NAME_BYTES, "%.*s-%s%s%.40s", (int) stem, name, stamp, number,
                  name + strlen (name) - (dot && dot != name ? strlen (dot) : 0));
        if (is_free_with (folder, free_name, beside))
            return;
    }
}

int
file_move (int folder, const char *name, int to_folder, char to_name[FILE_NAME_BYTES])
{
    // A network drive may not know RENAME_NOREPLACE; the name was free a moment ago
    if (renameat2 (folder, name, to_folder, to_name, RENAME_NOREPLACE) != 0 &&
        (errno != EINVAL || renameat (folder, name, to_folder, to_name) != 0))
        return errno;
    (void) fsync (to_folder); // after a crash it may be in both or the first: found again
    (void) fsync (folder);
    return 0;
}
