/*
 * map - finds a pointer by a key of bytes.
 *
 * Keys are copied.  Forgotten all at once; there is no removal of one.
 */
#ifndef KASK_MAP_H
#define KASK_MAP_H

#include "arena.h"

#include <stddef.h>

typedef struct map_s map_t;

map_t *map_new (void);
void map_destroy (map_t **self_p);
void map_reset (map_t *self);
void *map_find (const map_t *self, const void *key, size_t size); // NULL if absent
void map_put (map_t *self, const void *key, size_t size, void *value);

#endif
