/*
 * queue - items in the order in which they came.
 */
#include "queue.h"

void
queue_put (queue_t *self, item_t *item)
{
    item->next = NULL;
    if (self->last)
        self->last->next = item;
    else
        self->first = item;
    self->last = item;
    self->count++;
    self->bytes += item->bytes;
}

item_t *
queue_take (queue_t *self)
{
    item_t *item = self->first;
    if (!item)
        return NULL;
    self->first = item->next;
    if (!self->first)
        self->last = NULL;
    self->count--;
    self->bytes -= item->bytes;
    item->next = NULL;
    return item;
}

void
queue_put_before (queue_t *self, queue_t *front)
{
    if (!front->first)
        return;
    front->last->next = self->first;
    if (!self->last)
        self->last = front->last;
    self->first = front->first;
    self->count += front->count;
    self->bytes += front->bytes;
    *front = (queue_t){0};
}

void
queue_clear (queue_t *self)
{
    item_t *item;
    while ((item = queue_take (self)))
        item_destroy (&item);
}

static bool
is_from (const item_t *item, int partner)
{
    return item->partner == partner &&
           (item->kind == ITEM_SEND || item->kind == ITEM_DONE || item->kind == ITEM_DEAD);
}

bool
queue_has_from (const queue_t *self, int partner)
{
    for (const item_t *item = self->first; item; item = item->next)
        if (is_from (item, partner))
            return true;
    return false;
}
