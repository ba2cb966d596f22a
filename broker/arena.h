/*
 * arena - memory that is given out piece by piece and taken back at once.
 *
 * What lives as long as a batch lies here; nobody frees a single piece.
 */
#ifndef KASK_ARENA_H
#define KASK_ARENA_H

#include <stddef.h>

typedef struct arena_s arena_t;

arena_t *arena_new (void);
void arena_destroy (arena_t **self_p);
// Zeroed, aligned for any type.  Never NULL.
void *arena_alloc (arena_t *self, size_t size);
void *arena_copy (arena_t *self, const void *data, size_t size);
// Forgets all pieces; one block is kept for the next batch.
void arena_reset (arena_t *self);

#endif
