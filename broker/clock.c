/*
 * clock - what time it is, and whether to believe it.
 *
 * `base` is a moment that was believed, with its monotonic reading.  Small
 * disagreements are the wall clock being kept right: it is followed.
 */
#include "clock.h"
#include "log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct broker_clock_s {
    clock_source_t source;
    char *shift_path;
    int64_t shift_ms;
    int64_t base_ms; // time at base_monotonic_ms
    int64_t base_monotonic_ms;
    bool agrees; // with the database's clock, when last compared
    bool jumped; // away from the monotonic clock
};

static int64_t
read_clock (clockid_t id)
{
    struct timespec t;
    clock_gettime (id, &t);
    return (int64_t) t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t
machine_wall_ms (void *arg)
{
    (void) arg;
    return read_clock (CLOCK_REALTIME);
}

// BOOTTIME: time passed while the machine slept counts, as it does for people.
static int64_t
machine_monotonic_ms (void *arg)
{
    (void) arg;
    return read_clock (CLOCK_BOOTTIME);
}

broker_clock_t *
clock_new (const clock_source_t *source, const char *shift_path)
{
    broker_clock_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->source = source ? *source : (clock_source_t){machine_wall_ms, machine_monotonic_ms, NULL};
    self->shift_path = shift_path && *shift_path ? strdup (shift_path) : NULL;
    self->base_ms = self->source.wall_ms (self->source.arg);
    self->base_monotonic_ms = clock_monotonic_ms (self);
    self->agrees = true;
    clock_tick (self);
    return self;
}

void
clock_destroy (broker_clock_t **self_p)
{
    if (!*self_p)
        return;
    free ((*self_p)->shift_path);
    free (*self_p);
    *self_p = NULL;
}

void
clock_tick (broker_clock_t *self)
{
    if (!self->shift_path)
        return;
    FILE *file = fopen (self->shift_path, "r");
    if (!file)
        return;
    char text[32], *end = text;
    int64_t shift = fgets (text, sizeof text, file) ? strtoll (text, &end, 10) : 0;
    if (end != text)
        self->shift_ms = shift;
    fclose (file);
}

int64_t
clock_monotonic_ms (const broker_clock_t *self)
{
    return self->source.monotonic_ms (self->source.arg);
}

bool
clock_is_trusted (const broker_clock_t *self)
{
    return self->agrees && !self->jumped;
}

static bool
are_close (int64_t a, int64_t b)
{
    return llabs (a - b) <= CLOCK_TOLERANCE_MS;
}

static void
believe (broker_clock_t *self, int64_t time_ms)
{
    self->base_ms = time_ms;
    self->base_monotonic_ms = clock_monotonic_ms (self);
}

static void
say_jump (const broker_clock_t *self, int64_t by_ms)
{
    if (self->jumped)
        log_warning ("clock: the machine's clock jumped by %" PRId64 " ms; it is not followed and "
                     "no deadline comes until it is back; if the new time is right, restart the "
                     "broker",
                     by_ms);
    else
        log_info ("clock: the machine's clock is back; deadlines go on");
}

int64_t
clock_now_ms (broker_clock_t *self)
{
    int64_t wall = self->source.wall_ms (self->source.arg);
    int64_t expected = self->base_ms + clock_monotonic_ms (self) - self->base_monotonic_ms;
    if (self->agrees && self->jumped == are_close (wall, expected)) {
        self->jumped = !self->jumped;
        say_jump (self, wall - expected);
    }
    if (!clock_is_trusted (self))
        return expected + self->shift_ms;
    believe (self, wall);
    return wall + self->shift_ms;
}

void
clock_compare (broker_clock_t *self, int64_t database_ms, int64_t committed_ms)
{
    int64_t wall = self->source.wall_ms (self->source.arg);
    bool agrees = are_close (wall, database_ms);
    if (agrees == self->agrees)
        return;
    self->agrees = agrees;
    self->jumped = false;
    if (agrees) {
        believe (self, wall);
        log_info ("clock: the machine's clock and the database's agree again; deadlines go on");
        return;
    }
    if (committed_ms)
        believe (self, committed_ms - self->shift_ms);
    log_warning ("clock: the machine's clock is %" PRId64
                 " ms ahead of the database's; no deadline "
                 "comes until they agree; set the wrong one right",
                 wall - database_ms);
}
