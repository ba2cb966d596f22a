/*
 * map - finds a pointer by a key of bytes.
 *
 * Chains in buckets, seeded by SipHash (libsodium), so that nobody can make
 * keys that collide.
 */
#include "map.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct node_s {
    struct node_s *next;
    void *value;
    uint64_t hash;
    size_t size;
    uint8_t key[];
} node_t;

struct map_s {
    arena_t *arena;
    node_t **buckets;
    size_t n_buckets; // a power of two
    size_t count;
    uint8_t seed[crypto_shorthash_KEYBYTES];
};

enum { FIRST_BUCKETS = 256 };

static void
map_size (map_t *self, size_t n)
{
    node_t **old = self->buckets;
    size_t n_old = self->n_buckets;
    self->buckets = calloc (n, sizeof *self->buckets);
    if (!self->buckets)
        abort ();
    self->n_buckets = n;
    for (size_t i = 0; i < n_old; i++)
        for (node_t *node = old[i], *next; node; node = next) {
            next = node->next;
            node_t **bucket = &self->buckets[node->hash & (n - 1)];
            node->next = *bucket;
            *bucket = node;
        }
    free (old);
}

map_t *
map_new (void)
{
    map_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->arena = arena_new ();
    crypto_shorthash_keygen (self->seed);
    map_size (self, FIRST_BUCKETS);
    return self;
}

void
map_destroy (map_t **self_p)
{
    map_t *self = *self_p;
    if (!self)
        return;
    arena_destroy (&self->arena);
    free (self->buckets);
    free (self);
    *self_p = NULL;
}

void
map_reset (map_t *self)
{
    if (self->count)
        memset (self->buckets, 0, self->n_buckets * sizeof *self->buckets);
    self->count = 0;
    arena_reset (self->arena);
}

static uint64_t
hash_of (const map_t *self, const void *key, size_t size)
{
    uint64_t hash;
    crypto_shorthash ((unsigned char *) &hash, key, size, self->seed);
    return hash;
}

void *
map_find (const map_t *self, const void *key, size_t size)
{
    uint64_t hash = hash_of (self, key, size);
    for (const node_t *node = self->buckets[hash & (self->n_buckets - 1)]; node; node = node->next)
        if (node->hash == hash && node->size == size && memcmp (node->key, key, size) == 0)
            return node->value;
    return NULL;
}

void
map_put (map_t *self, const void *key, size_t size, void *value)
{
    if (self->count == self->n_buckets)
        map_size (self, self->n_buckets * 2);
    node_t *node = arena_alloc (self->arena, sizeof *node + size);
    node->hash = hash_of (self, key, size);
    node->value = value;
    node->size = size;
    memcpy (node->key, key, size);
    node_t **bucket = &self->buckets[node->hash & (self->n_buckets - 1)];
    node->next = *bucket;
    *bucket = node;
    self->count++;
}
