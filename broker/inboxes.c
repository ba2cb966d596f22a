/*
 * inboxes - which report of each recipient's inbox was the last.
 */
#include "inboxes.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t inbox[16];
    int64_t last;
} mark_t;

typedef struct {
    int recipient;
    mark_t now;
    mark_t committed;
    bool is_set;
} place_t;

struct inboxes_s {
    place_t *places;
    size_t n;
};

inboxes_t *
inboxes_new (void)
{
    inboxes_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void
inboxes_clear (inboxes_t *self)
{
    free (self->places);
    *self = (inboxes_t){0};
}

void
inboxes_destroy (inboxes_t **self_p)
{
    if (!*self_p)
        return;
    inboxes_clear (*self_p);
    free (*self_p);
    *self_p = NULL;
}

static place_t *
place_find (const inboxes_t *self, int recipient)
{
    for (size_t i = 0; i < self->n; i++)
        if (self->places[i].recipient == recipient)
            return &self->places[i];
    return NULL;
}

static place_t *
place_require (inboxes_t *self, int recipient)
{
    place_t *place = place_find (self, recipient);
    if (place)
        return place;
    self->places = realloc (self->places, (self->n + 1) * sizeof *self->places);
    if (!self->places)
        abort ();
    self->places[self->n] = (place_t){.recipient = recipient};
    return &self->places[self->n++];
}

void
inboxes_load (inboxes_t *self, int recipient, const uint8_t inbox[16], int64_t last_batch)
{
    place_t *place = place_require (self, recipient);
    memcpy (place->now.inbox, inbox, 16);
    place->now.last = last_batch;
    place->committed = place->now;
}

static int64_t
mark_of (const mark_t *mark, const uint8_t inbox[16])
{
    return memcmp (mark->inbox, inbox, sizeof mark->inbox) == 0 ? mark->last : 0;
}

int64_t
inboxes_last (const inboxes_t *self, int recipient, const uint8_t inbox[16])
{
    const place_t *place = place_find (self, recipient);
    return place ? mark_of (&place->now, inbox) : 0;
}

int64_t
inboxes_committed (const inboxes_t *self, int recipient, const uint8_t inbox[16])
{
    const place_t *place = place_find (self, recipient);
    return place ? mark_of (&place->committed, inbox) : 0;
}

void
inboxes_set (inboxes_t *self, int recipient, const uint8_t inbox[16], int64_t last_batch)
{
    place_t *place = place_require (self, recipient);
    memcpy (place->now.inbox, inbox, 16);
    place->now.last = last_batch;
    place->is_set = true;
}

void
inboxes_each_set (const inboxes_t *self, inboxes_fn *fn, void *arg)
{
    for (size_t i = 0; i < self->n; i++)
        if (self->places[i].is_set)
            fn (arg, self->places[i].recipient, self->places[i].now.inbox,
                self->places[i].now.last);
}

void
inboxes_commit (inboxes_t *self)
{
    for (size_t i = 0; i < self->n; i++) {
        self->places[i].committed = self->places[i].now;
        self->places[i].is_set = false;
    }
}

void
inboxes_rollback (inboxes_t *self)
{
    for (size_t i = 0; i < self->n; i++) {
        self->places[i].now = self->places[i].committed;
        self->places[i].is_set = false;
    }
}
