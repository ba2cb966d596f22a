/*
 * queue - items in the order in which they came.
 */
#ifndef KASK_QUEUE_H
#define KASK_QUEUE_H

#include "item.h"

typedef struct {
    item_t *first;
    item_t *last;
    size_t count;
    size_t bytes;
} queue_t;

void queue_put (queue_t *self, item_t *item);
item_t *queue_take (queue_t *self); // NULL if empty
// Puts all of `front` before what is there; `front` is empty then.
void queue_put_before (queue_t *self, queue_t *front);
void queue_clear (queue_t *self);
// True if one of them is a partner's Send, Done or Dead.
bool queue_has_from (const queue_t *self, int partner);

#endif
