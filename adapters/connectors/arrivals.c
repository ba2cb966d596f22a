/*
 * arrivals - the files seen in one folder, in the order of their names.
 */
#include "connectors/arrivals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *name; // owned
    file_mark_t mark;
    int64_t first_ms; // first seen, for hold_ms
    int64_t still_ms; // has stood still since then
    bool seen;        // in the present look
    bool is_aside;    // passed over until it changes
} arrival_t;

struct arrivals_s {
    int64_t settle_ms, hold_ms;
    arrival_t *list; // owned; sorted by name outside of a look
    size_t n, room;
    size_t n_sorted; // the first n_sorted are, also during a look
};

arrivals_t *
arrivals_new (int64_t settle_ms, int64_t hold_ms)
{
    arrivals_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->settle_ms = settle_ms;
    self->hold_ms = hold_ms;
    return self;
}

void
arrivals_destroy (arrivals_t **self_p)
{
    arrivals_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++)
        free (self->list[i].name);
    free (self->list);
    free (self);
}

static int
by_name (const void *a, const void *b)
{
    return strcmp (((const arrival_t *) a)->name, ((const arrival_t *) b)->name);
}

static arrival_t *
find (const arrivals_t *self, const char *name)
{
    union {
        const char *in;
        char *out;
    } key = {.in = name};
    arrival_t wanted = {.name = key.out};
    if (self->n_sorted == 0)
        return NULL;
    return bsearch (&wanted, self->list, self->n_sorted, sizeof wanted, by_name);
}

void
arrivals_begin (arrivals_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        self->list[i].seen = false;
}

static void
add (arrivals_t *self, const char *name, const file_mark_t *mark, int64_t now_ms)
{
    if (self->n == ARRIVALS_MOST)
        return;
    if (self->n == self->room) {
        self->room = self->room ? 2 * self->room : 16;
        self->list = realloc (self->list, self->room * sizeof *self->list);
        if (!self->list)
            abort ();
    }
    char *copy = strdup (name);
    if (!copy)
        abort ();
    self->list[self->n++] = (arrival_t){
        .name = copy, .mark = *mark, .first_ms = now_ms, .still_ms = now_ms, .seen = true};
}

void
arrivals_see (arrivals_t *self, const char *name, const file_mark_t *mark, int64_t now_ms)
{
    arrival_t *known = find (self, name);
    if (!known) {
        add (self, name, mark, now_ms);
        return;
    }
    known->seen = true;
    if (file_mark_equals (&known->mark, mark))
        return;
    if (known->is_aside)
        known->first_ms = now_ms;
    known->mark = *mark;
    known->still_ms = now_ms;
    known->is_aside = false;
}

void
arrivals_end (arrivals_t *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->n; i++)
        if (self->list[i].seen)
            self->list[kept++] = self->list[i];
        else
            free (self->list[i].name);
    self->n = self->n_sorted = kept;
    if (kept > 0)
        qsort (self->list, kept, sizeof *self->list, by_name);
}

const char *
arrivals_next (arrivals_t *self, int64_t now_ms)
{
    for (size_t i = 0; i < self->n; i++) {
        const arrival_t *arrival = &self->list[i];
        if (arrival->is_aside)
            continue;
        if (now_ms - arrival->still_ms >= self->settle_ms)
            return arrival->name;
        if (now_ms - arrival->first_ms < self->hold_ms)
            return NULL;
    }
    return NULL;
}

int64_t
arrivals_wait_ms (const arrivals_t *self, int64_t now_ms)
{
    int64_t least = -1;
    for (size_t i = 0; i < self->n; i++) {
        if (self->list[i].is_aside)
            continue;
        int64_t wait = self->list[i].still_ms + self->settle_ms - now_ms;
        if (least < 0 || wait < least)
            least = wait < 1 ? 1 : wait;
    }
    return least;
}

void
arrivals_unsettle (arrivals_t *self, const char *name, int64_t now_ms)
{
    arrival_t *arrival = find (self, name);
    if (arrival)
        arrival->still_ms = now_ms;
}

bool
arrivals_set_aside (arrivals_t *self, const char *name)
{
    arrival_t *arrival = find (self, name);
    bool first = arrival && !arrival->is_aside;
    if (arrival)
        arrival->is_aside = true;
    return first;
}
