/*
 * desk_world - libkask's handle of anton, who has met berta: for tests of what stands on libkask.
 */
#include "desk_world.h"
#include "sdk_world.h"

struct desk_world_s {
    side_t *anton;
    side_t *berta;
    world_t *world;
};

desk_world_t *
desk_world_new (void)
{
    desk_world_t *self = calloc (1, sizeof *self);
    assert (self);
    self->anton = side_new ("anton");
    self->berta = side_new ("berta");
    side_pin (self->anton, self->berta);
    side_pin (self->berta, self->anton);
    self->world = world_new (self->anton, self->berta);
    world_connect (self->world);
    return self;
}

void
desk_world_destroy (desk_world_t **self_p)
{
    desk_world_t *self = *self_p;
    *self_p = NULL;
    world_destroy (&self->world);
    side_destroy (&self->anton);
    side_destroy (&self->berta);
    free (self);
}

kask_t *
desk_world_kask (const desk_world_t *self)
{
    return self->anton->kask;
}
