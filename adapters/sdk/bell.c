/*
 * bell - a FIFO in the folder by which one handle wakes another.
 *
 * Opened for reading and writing, so that neither end needs the other to be
 * there; what nobody reads fills the pipe and is then dropped, which is harmless.
 */
#include "bell.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool
bell_open (bell_t *self, const char *folder, const char *name)
{
    char *path;
    if (asprintf (&path, "%s/%s", folder, name) < 0)
        abort ();
    self->fd = -1;
    if (mkfifo (path, 0600) == 0 || errno == EEXIST)
        self->fd = open (path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    free (path);
    return self->fd >= 0;
}

void
bell_close (bell_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
}

void
bell_ring (const bell_t *self)
{
    ssize_t n = write (self->fd, "!", 1);
    (void) n; // a full pipe rings already
}

void
bell_hush (const bell_t *self)
{
    char rung[512];
    while (read (self->fd, rung, sizeof rung) == (ssize_t) sizeof rung)
        ;
}
