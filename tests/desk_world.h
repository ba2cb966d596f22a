/*
 * desk_world - libkask's handle of anton, who has met berta: for tests of what stands on libkask.
 *
 * A file of its own, because the desk's headers and libkask's inner ones share names.
 */
#ifndef KASK_TEST_DESK_WORLD_H
#define KASK_TEST_DESK_WORLD_H

#include "kask.h"

typedef struct desk_world_s desk_world_t;

desk_world_t *desk_world_new (void);
void desk_world_destroy (desk_world_t **self_p);
// Borrowed.
kask_t *desk_world_kask (const desk_world_t *self);

#endif
