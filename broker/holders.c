/*
 * holders - dead letters that hold their referral back, of all recipients.
 *
 * A list: dead letters are few, and are looked for only when one dies or is settled, at a
 * REVOKE and at hello.
 */
#include "holders.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    holder_t holder;
    bool is_committed;
    bool is_settled; // in the batch under way
} place_t;

struct holders_s {
    place_t *places;
    size_t n;
    size_t room;
    bool is_changed; // since the last commit or rollback
};

holders_t *
holders_new (void)
{
    holders_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void
holders_clear (holders_t *self)
{
    free (self->places);
    *self = (holders_t){0};
}

void
holders_destroy (holders_t **self_p)
{
    if (!*self_p)
        return;
    holders_clear (*self_p);
    free (*self_p);
    *self_p = NULL;
}

static void
append (holders_t *self, const holder_t *holder, bool is_committed)
{
    if (self->n == self->room) {
        self->room = self->room ? self->room * 2 : 64;
        self->places = realloc (self->places, self->room * sizeof *self->places);
        if (!self->places)
            abort ();
    }
    self->places[self->n++] = (place_t){.holder = *holder, .is_committed = is_committed};
}

void
holders_load (holders_t *self, const holder_t *holder)
{
    append (self, holder, true);
}

static place_t *
place_find (const holders_t *self, int recipient, int sender, int64_t sequence)
{
    for (size_t i = 0; i < self->n; i++) {
        const holder_t *holder = &self->places[i].holder;
        if (holder->recipient == recipient && holder->sender == sender &&
            holder->sequence == sequence)
            return &self->places[i];
    }
    return NULL;
}

void
holders_add (holders_t *self, const holder_t *holder)
{
    place_t *place = place_find (self, holder->recipient, holder->sender, holder->sequence);
    if (place)
        place->is_settled = false;
    else
        append (self, holder, false);
    self->is_changed = true;
}

void
holders_settle (holders_t *self, int recipient, int sender, int64_t sequence)
{
    place_t *place = place_find (self, recipient, sender, sequence);
    if (!place)
        return;
    place->is_settled = true;
    self->is_changed = true;
}

void
holders_revoke (holders_t *self, const uint8_t referral[16])
{
    for (size_t i = 0; i < self->n; i++)
        if (memcmp (self->places[i].holder.referral, referral, 16) == 0)
            self->places[i].is_settled = self->is_changed = true;
}

void
holders_commit (holders_t *self)
{
    if (!self->is_changed)
        return;
    size_t n = 0;
    for (size_t i = 0; i < self->n; i++)
        if (!self->places[i].is_settled)
            self->places[n++] = (place_t){.holder = self->places[i].holder, .is_committed = true};
    self->n = n;
    self->is_changed = false;
}

void
holders_rollback (holders_t *self)
{
    if (!self->is_changed)
        return;
    size_t n = 0;
    for (size_t i = 0; i < self->n; i++)
        if (self->places[i].is_committed)
            self->places[n++] = (place_t){.holder = self->places[i].holder, .is_committed = true};
    self->n = n;
    self->is_changed = false;
}

const holder_t *
holders_next (const holders_t *self, int recipient, size_t *place)
{
    while (*place < self->n) {
        const place_t *at = &self->places[(*place)++];
        if (at->is_committed && at->holder.recipient == recipient)
            return &at->holder;
    }
    return NULL;
}
