/*
 * known - what was committed last, so that it need not be read back.
 */
#include "known.h"
#include "map.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    map_t *map;
    arena_t *arena;
    size_t count;
} generation_t;

struct known_s {
    generation_t young;
    generation_t old;
    size_t most;
};

// A key of the map: what it is of, and three numbers or an id.
typedef struct {
    int64_t kind;
    int64_t numbers[3];
} known_key_t;

enum { KEY_ID, KEY_NO, KEY_MESSAGE };

static generation_t
generation_new (void)
{
    return (generation_t){.map = map_new (), .arena = arena_new ()};
}

static void
generation_reset (generation_t *self)
{
    map_reset (self->map);
    arena_reset (self->arena);
    self->count = 0;
}

static void
generation_free (generation_t *self)
{
    map_destroy (&self->map);
    arena_destroy (&self->arena);
}

known_t *
known_new (size_t most)
{
    known_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->most = most;
    self->young = generation_new ();
    self->old = generation_new ();
    return self;
}

void
known_destroy (known_t **self_p)
{
    if (!*self_p)
        return;
    generation_free (&(*self_p)->young);
    generation_free (&(*self_p)->old);
    free (*self_p);
    *self_p = NULL;
}

void
known_forget (known_t *self)
{
    generation_reset (&self->young);
    generation_reset (&self->old);
}

// ---------------------------------------------------------------- keys

static known_key_t
key_of_id (const uint8_t *id)
{
    known_key_t key = {.kind = KEY_ID};
    memcpy (key.numbers, id, REFERRAL_ID_BYTES);
    return key;
}

static known_key_t
key_of_no (int64_t no)
{
    return (known_key_t){KEY_NO, {no}};
}

static known_key_t
key_of_message (int recipient, int sender, int64_t sequence)
{
    return (known_key_t){KEY_MESSAGE, {recipient, sender, sequence}};
}

// ---------------------------------------------------------------- putting

// The young generation, with room for one more.
static generation_t *
with_room (known_t *self)
{
    if (self->young.count == self->most) {
        generation_t emptied = self->old;
        generation_reset (&emptied);
        self->old = self->young;
        self->young = emptied;
    }
    self->young.count++;
    return &self->young;
}

void
known_put_referral (known_t *self, const referral_t *referral)
{
    known_key_t id = key_of_id (referral->id), no = key_of_no (referral->no);
    referral_t *held = map_find (self->young.map, &id, sizeof id);
    if (held) {
        *held = *referral;
        return;
    }
    generation_t *into = with_room (self);
    referral_t *copy = arena_copy (into->arena, referral, sizeof *referral);
    map_put (into->map, &id, sizeof id, copy);
    map_put (into->map, &no, sizeof no, copy);
}

void
known_put_message (known_t *self, int recipient, int sender, int64_t sequence,
                   const known_message_t *message)
{
    generation_t *into = with_room (self);
    known_key_t key = key_of_message (recipient, sender, sequence);
    map_put (into->map, &key, sizeof key, arena_copy (into->arena, message, sizeof *message));
}

// ---------------------------------------------------------------- finding

static const void *
find (const known_t *self, known_key_t key)
{
    const void *found = map_find (self->young.map, &key, sizeof key);
    return found ? found : map_find (self->old.map, &key, sizeof key);
}

const referral_t *
known_referral (const known_t *self, const uint8_t *id)
{
    return find (self, key_of_id (id));
}

const referral_t *
known_referral_no (const known_t *self, int64_t no)
{
    return find (self, key_of_no (no));
}

const known_message_t *
known_message (const known_t *self, int recipient, int sender, int64_t sequence)
{
    return find (self, key_of_message (recipient, sender, sequence));
}
