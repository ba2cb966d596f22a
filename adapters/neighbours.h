/*
 * neighbours - other partners' offerings, into this partner's system.
 *
 * Reads libkask's copy of the catalogue in its order, has the dialogue [write]
 * offerings bring a batch of it into the system, and remembers how far it
 * came.  A batch that the system refuses is tried one by one, so that one bad
 * record is passed over, with a note, and not all of them.
 */
#ifndef KASK_NEIGHBOURS_H
#define KASK_NEIGHBOURS_H

#include "desk_setup.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct neighbours_s neighbours_t;

neighbours_t *neighbours_new (const desk_setup_t *setup);
void neighbours_destroy (neighbours_t **self_p);

// One batch.  False: nothing waits, or it must wait.
bool neighbours_step (neighbours_t *self);
// When neighbours_step should be called again at the latest, monotonic; INT64_MAX: when something
// comes.
int64_t neighbours_due_ms (const neighbours_t *self);

#endif
