/*
 * arena - memory that is given out piece by piece and taken back at once.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 256 * 1024 };

typedef struct block_s {
    struct block_s *next;
    size_t used;
    size_t size;
    alignas (max_align_t) uint8_t bytes[];
} block_t;

struct arena_s {
    block_t *block; // the newest
};

arena_t *
arena_new (void)
{
    arena_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    return self;
}

void
arena_reset (arena_t *self)
{
    block_t *keep = NULL;
    for (block_t *block = self->block, *next; block; block = next) {
        next = block->next;
        if (!keep && block->size == BLOCK_BYTES)
            keep = block;
        else
            free (block);
    }
    if (keep) {
        keep->next = NULL;
        keep->used = 0;
    }
    self->block = keep;
}

void
arena_destroy (arena_t **self_p)
{
    if (!*self_p)
        return;
    arena_reset (*self_p);
    free ((*self_p)->block);
    free (*self_p);
    *self_p = NULL;
}

void *
arena_alloc (arena_t *self, size_t size)
{
    size_t rounded = (size + alignof (max_align_t) - 1) & ~(alignof (max_align_t) - 1);
    if (!self->block || self->block->size - self->block->used < rounded) {
        size_t block_size = rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES;
        block_t *block = malloc (sizeof *block + block_size);
        if (!block)
            abort ();
        *block = (block_t){.next = self->block, .size = block_size};
        self->block = block;
    }
    void *piece = self->block->bytes + self->block->used;
    self->block->used += rounded;
    return memset (piece, 0, size);
}

void *
arena_copy (arena_t *self, const void *data, size_t size)
{
    void *piece = arena_alloc (self, size);
    return size ? memcpy (piece, data, size) : piece;
}
