/*
 * line - the thread that speaks with the broker.
 */
#include "line.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct line_s {
    kask_t *kask; // owned
    pthread_t thread;
    int stop_fd; // owned; written to end the thread
    int ended_fd;
    atomic_bool is_connected;
    atomic_bool has_stopped; // after it fault and why are set, and change no more
    char fault[64], why[300];
};

static void
raise_event (int fd)
{
    const uint64_t one = 1;
    ssize_t n = write (fd, &one, sizeof one);
    (void) n; // a counter that is full is readable, too
}

static void
note_stop (line_t *self)
{
    snprintf (self->fault, sizeof self->fault, "%s", kask_stop_fault (self->kask));
    snprintf (self->why, sizeof self->why, "%s", kask_why (self->kask));
    atomic_store (&self->has_stopped, true);
}

static void *
run (void *arg)
{
    line_t *self = arg;
    for (;;) {
        struct pollfd items[] = {{.fd = kask_fd (self->kask), .events = POLLIN},
                                 {.fd = self->stop_fd, .events = POLLIN}};
        poll (items, 2, kask_timeout_ms (self->kask));
        if (items[1].revents)
            break;
        kask_state_t state = kask_step (self->kask);
        atomic_store (&self->is_connected, state == KASK_CONNECTED);
        if (state == KASK_STOPPED) {
            note_stop (self);
            break;
        }
    }
    raise_event (self->ended_fd);
    return NULL;
}

line_t *
line_new (kask_t **kask_p, int ended_fd)
{
    line_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->kask = *kask_p;
    *kask_p = NULL;
    self->ended_fd = ended_fd;
    self->stop_fd = eventfd (0, EFD_CLOEXEC);
    if (self->stop_fd < 0 || pthread_create (&self->thread, NULL, run, self) != 0)
        abort ();
    return self;
}

void
line_destroy (line_t **self_p)
{
    line_t *self = *self_p;
    if (!self)
        return;
    raise_event (self->stop_fd);
    pthread_join (self->thread, NULL);
    kask_close (&self->kask);
    close (self->stop_fd);
    free (self);
    *self_p = NULL;
}

bool
line_has_stopped (line_t *self, char fault[64], char why[300])
{
    if (!atomic_load (&self->has_stopped))
        return false;
    snprintf (fault, 64, "%s", self->fault);
    snprintf (why, 300, "%s", self->why);
    return true;
}

bool
line_is_connected (const line_t *self)
{
    return atomic_load (&self->is_connected);
}
