/*
 * hold - which message holds back its referral, and until when.
 *
 * A hash table with open addressing.  Referral ids are random, so their first
 * bytes are hash enough; a partner that chose them badly would slow down only
 * the receiver's search, within the inbox's limit.
 */
#include "hold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct holds_s {
    hold_t *slots; // no == 0: free
    size_t size;   // a power of two, never 0
    size_t used;
    int64_t due_ms; // not later than the first LATER's time
};

holds_t *
holds_new (void)
{
    holds_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->size = 64;
    self->due_ms = INT64_MAX;
    self->slots = calloc (self->size, sizeof *self->slots);
    if (!self->slots)
        abort ();
    return self;
}

void
holds_destroy (holds_t **self_p)
{
    holds_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    free (self->slots);
    free (self);
}

static size_t
place_of (const holds_t *self, const uint8_t referral[16])
{
    uint64_t hash;
    memcpy (&hash, referral, sizeof hash);
    hash *= 0x9e3779b97f4a7c15u;
    size_t place = (size_t) (hash >> 32) & (self->size - 1);
    while (self->slots[place].no && memcmp (self->slots[place].referral, referral, 16) != 0)
        place = (place + 1) & (self->size - 1);
    return place;
}

hold_t *
holds_find (holds_t *self, const uint8_t referral[16])
{
    hold_t *slot = &self->slots[place_of (self, referral)];
    return slot->no ? slot : NULL;
}

static void
resize (holds_t *self, size_t size)
{
    assert (size > 0);
    hold_t *old = self->slots;
    size_t old_size = self->size;
    self->slots = calloc (size, sizeof *self->slots);
    if (!self->slots)
        abort ();
    self->size = size;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].no)
            self->slots[place_of (self, old[i].referral)] = old[i];
    free (old);
}

hold_t *
holds_put (holds_t *self, const uint8_t referral[16], int64_t no, hold_kind_t kind,
           int64_t until_ms)
{
    if (self->used * 2 >= self->size)
        resize (self, self->size * 2);
    hold_t *slot = &self->slots[place_of (self, referral)];
    if (!slot->no)
        self->used++;
    *slot = (hold_t){.no = no, .kind = kind, .until_ms = until_ms};
    memcpy (slot->referral, referral, 16);
    if (kind == HOLD_LATER && until_ms < self->due_ms)
        self->due_ms = until_ms;
    return slot;
}

// Takes a slot away and moves up what had to go past it.
void
holds_remove (holds_t *self, const uint8_t referral[16])
{
    size_t place = place_of (self, referral);
    if (!self->slots[place].no)
        return;
    self->slots[place].no = 0;
    self->used--;
    for (size_t i = (place + 1) & (self->size - 1); self->slots[i].no;
         i = (i + 1) & (self->size - 1)) {
        hold_t moved = self->slots[i];
        self->slots[i].no = 0;
        self->slots[place_of (self, moved.referral)] = moved;
    }
}

void
holds_forget (holds_t *self)
{
    size_t used = 0;
    for (size_t i = 0; i < self->size; i++) {
        if (self->slots[i].no && self->slots[i].kind != HOLD_HANDED)
            self->slots[i].no = 0;
        used += self->slots[i].no != 0;
    }
    self->used = used;
    self->due_ms = INT64_MAX;
    resize (self, self->size); // what went past a slot that is free now
}

int64_t
holds_due_at (const holds_t *self)
{
    return self->due_ms;
}

static int64_t
find_due (const holds_t *self)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < self->size; i++)
        if (self->slots[i].no && self->slots[i].kind == HOLD_LATER && self->slots[i].until_ms < due)
            due = self->slots[i].until_ms;
    return due;
}

int64_t
holds_take_expired (holds_t *self, int64_t now_ms)
{
    if (self->due_ms > now_ms)
        return 0;
    int64_t lowest = 0;
    for (size_t i = 0; i < self->size; i++) {
        hold_t *slot = &self->slots[i];
        if (!slot->no || slot->kind != HOLD_LATER || slot->until_ms > now_ms)
            continue;
        if (!lowest || slot->no < lowest)
            lowest = slot->no;
        slot->no = 0;
        self->used--;
    }
    resize (self, self->size); // what went past a slot that is free now
    self->due_ms = find_due (self);
    return lowest;
}
