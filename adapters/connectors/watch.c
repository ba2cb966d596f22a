/*
 * watch - inotify and a timer behind one epoll descriptor.
 */
#include "connectors/watch.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct watch_s {
    int epoll;
    int inotify; // -1: there is none to be had
    int timer;
};

static int
add_to_epoll (int epoll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl (epoll, EPOLL_CTL_ADD, fd, &event);
}

watch_t *
watch_new (void)
{
    watch_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->epoll = epoll_create1 (EPOLL_CLOEXEC);
    self->timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    self->inotify = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
    if (self->epoll < 0 || self->timer < 0 || add_to_epoll (self->epoll, self->timer) != 0)
        watch_destroy (&self);
    else if (self->inotify >= 0)
        (void) add_to_epoll (self->epoll, self->inotify);
    return self;
}

void
watch_add (watch_t *self, int folder)
{
    char path[64];
    snprintf (path, sizeof path, "/proc/self/fd/%d", folder);
    if (self->inotify >= 0)
        (void) inotify_add_watch (self->inotify, path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE);
}

int
watch_fd (const watch_t *self)
{
    return self->epoll;
}

void
watch_rearm (watch_t *self, int64_t wait_ms)
{
    char events[4096];
    struct itimerspec when = {.it_value = {wait_ms / 1000, (wait_ms % 1000) * 1000000}};
    while (self->inotify >= 0 && read (self->inotify, events, sizeof events) > 0)
        ;
    int set = timerfd_settime (self->timer, 0, &when, NULL);
    assert (set == 0 && wait_ms > 0);
    (void) set;
}

void
watch_destroy (watch_t **self_p)
{
    watch_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    int error = errno;
    if (self->inotify >= 0)
        close (self->inotify);
    if (self->timer >= 0)
        close (self->timer);
    if (self->epoll >= 0)
        close (self->epoll);
    free (self);
    errno = error;
}
