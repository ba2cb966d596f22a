/*
 * item - one command on its way through the broker.
 */
#include "item.h"
#include "operator.h"

#include <stdlib.h>

item_t *
item_new (item_kind_t kind)
{
    item_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->kind = kind;
    zmq_msg_init (&self->header_bytes);
    zmq_msg_init (&self->body_bytes);
    return self;
}

void
item_destroy (item_t **self_p)
{
    item_t *self = *self_p;
    if (!self)
        return;
    zmq_msg_close (&self->header_bytes);
    zmq_msg_close (&self->body_bytes);
    kask__command__free_unpacked (self->command, NULL);
    kask__header__free_unpacked (self->header, NULL);
    kask__done_list__free_unpacked (self->list, NULL);
    kask__offering__free_unpacked (self->offering, NULL);
    kask__key_statement__free_unpacked (self->keys, NULL);
    act_destroy (&self->act);
    free (self->senders);
    free (self->caller);
    free (self);
    *self_p = NULL;
}

const uint8_t *
item_header (item_t *self, size_t *size_p)
{
    *size_p = zmq_msg_size (&self->header_bytes);
    return zmq_msg_data (&self->header_bytes);
}

const uint8_t *
item_body (item_t *self, size_t *size_p)
{
    *size_p = zmq_msg_size (&self->body_bytes);
    return zmq_msg_data (&self->body_bytes);
}
