/*
 * lane - one sender's messages to one recipient, as numbers.
 *
 * What is settled ahead of the cursor is a sorted list; it is short unless a
 * recipient settles out of order for long.  A rolled back batch restores it
 * from the copy made when the lane was touched.
 */
#include "lane.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int64_t *sequences; // copy of `ahead` before the batch
    size_t n;
} ahead_copy_t;

typedef struct {
    lane_t lane;
    ahead_copy_t before;
} entry_t;

struct lanes_s {
    entry_t **entries; // open addressing by (recipient, sender)
    size_t slots;      // a power of two
    size_t count;
    entry_t **list; // in the order they came
    lane_t *touched;
};

static size_t
slot_of (const lanes_t *self, int recipient, int sender)
{
    uint64_t h = ((uint64_t) (uint32_t) recipient << 32 | (uint32_t) sender) * 0x9E3779B97F4A7C15u;
    size_t slot = (size_t) (h >> 20) & (self->slots - 1);
    while (self->entries[slot] && (self->entries[slot]->lane.recipient != recipient ||
                                   self->entries[slot]->lane.sender != sender))
        slot = (slot + 1) & (self->slots - 1);
    return slot;
}

static void
lanes_size (lanes_t *self, size_t slots)
{
    free (self->entries);
    self->slots = slots;
    self->entries = calloc (slots, sizeof *self->entries);
    self->list = realloc (self->list, slots / 2 * sizeof *self->list);
    if (!self->entries || !self->list)
        abort ();
    for (size_t i = 0; i < self->count; i++) {
        lane_t *lane = &self->list[i]->lane;
        self->entries[slot_of (self, lane->recipient, lane->sender)] = self->list[i];
    }
}

lanes_t *
lanes_new (void)
{
    lanes_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    lanes_size (self, 64);
    return self;
}

void
lanes_clear (lanes_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free (self->list[i]->before.sequences);
        free (self->list[i]->lane.ahead);
        free (self->list[i]);
    }
    self->count = 0;
    self->touched = NULL;
    lanes_size (self, 64);
}

void
lanes_destroy (lanes_t **self_p)
{
    lanes_t *self = *self_p;
    if (!self)
        return;
    lanes_clear (self);
    free (self->entries);
    free (self->list);
    free (self);
    *self_p = NULL;
}

lane_t *
lanes_find (const lanes_t *self, int recipient, int sender)
{
    entry_t *entry = self->entries[slot_of (self, recipient, sender)];
    return entry ? &entry->lane : NULL;
}

lane_t *
lanes_require (lanes_t *self, int recipient, int sender)
{
    lane_t *lane = lanes_find (self, recipient, sender);
    if (lane)
        return lane;
    if (self->count == self->slots / 2)
        lanes_size (self, self->slots * 2);
    entry_t *entry = calloc (1, sizeof *entry);
    if (!entry)
        abort ();
    entry->lane.recipient = recipient;
    entry->lane.sender = sender;
    entry->lane.now = (lane_numbers_t){.next_sequence = 1, .next_number = 1};
    entry->lane.committed = entry->lane.now;
    self->entries[slot_of (self, recipient, sender)] = entry;
    self->list[self->count++] = entry;
    return &entry->lane;
}

lane_t *
lanes_at (const lanes_t *self, size_t place)
{
    return place < self->count ? &self->list[place]->lane : NULL;
}

void
lanes_touch (lanes_t *self, lane_t *lane)
{
    if (lane->touched)
        return;
    lane->touched = true;
    lane->next_touched = self->touched;
    self->touched = lane;
    entry_t *entry = (entry_t *) lane; // lane is its first member
    entry->before.n = lane->n_ahead;
    if (lane->n_ahead) {
        entry->before.sequences =
            realloc (entry->before.sequences, lane->n_ahead * sizeof (int64_t));
        if (!entry->before.sequences)
            abort ();
        memcpy (entry->before.sequences, lane->ahead, lane->n_ahead * sizeof (int64_t));
    }
}

lane_t *
lanes_touched (const lanes_t *self)
{
    return self->touched;
}

static void
lanes_end (lanes_t *self, bool keep)
{
    for (lane_t *lane = self->touched; lane; lane = lane->next_touched) {
        const entry_t *entry = (const entry_t *) lane;
        lane->touched = false;
        if (keep)
            lane->committed = lane->now;
        else {
            lane->now = lane->committed;
            lane->n_ahead = entry->before.n;
            if (lane->n_ahead)
                memcpy (lane->ahead, entry->before.sequences, lane->n_ahead * sizeof (int64_t));
        }
    }
    self->touched = NULL;
}

void
lanes_commit (lanes_t *self)
{
    lanes_end (self, true);
}

void
lanes_rollback (lanes_t *self)
{
    lanes_end (self, false);
}

// The place of the first that is not lower than `sequence`.
static size_t
ahead_place (const lane_t *lane, int64_t sequence)
{
    size_t low = 0, high = lane->n_ahead;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (lane->ahead[middle] < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool
lane_is_settled (const lane_t *lane, int64_t sequence)
{
    if (sequence <= lane->now.done)
        return true;
    size_t place = ahead_place (lane, sequence);
    return place < lane->n_ahead && lane->ahead[place] == sequence;
}

static void
ahead_insert (lane_t *lane, int64_t sequence)
{
    if (lane->n_ahead == lane->ahead_capacity) {
        lane->ahead_capacity = lane->ahead_capacity ? lane->ahead_capacity * 2 : 16;
        lane->ahead = realloc (lane->ahead, lane->ahead_capacity * sizeof (int64_t));
        if (!lane->ahead)
            abort ();
    }
    size_t place = ahead_place (lane, sequence);
    memmove (&lane->ahead[place + 1], &lane->ahead[place],
             (lane->n_ahead - place) * sizeof (int64_t));
    lane->ahead[place] = sequence;
    lane->n_ahead++;
}

void
lane_load_ahead (lane_t *lane, int64_t sequence)
{
    ahead_insert (lane, sequence);
}

void
lane_settle (lane_t *lane, int64_t sequence, int64_t *first_p, int64_t *last_p)
{
    assert (lane->touched && !lane_is_settled (lane, sequence));
    *first_p = 1;
    *last_p = 0;
    if (sequence != lane->now.done + 1) {
        ahead_insert (lane, sequence);
        return;
    }
    lane->now.done = sequence;
    size_t passed = 0;
    while (passed < lane->n_ahead && lane->ahead[passed] == lane->now.done + 1)
        lane->now.done = lane->ahead[passed++];
    if (passed) {
        *first_p = sequence + 1;
        *last_p = lane->now.done;
        lane->n_ahead -= passed;
        memmove (lane->ahead, lane->ahead + passed, lane->n_ahead * sizeof (int64_t));
    }
}
