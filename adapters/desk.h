/*
 * desk - the worker between the partner's system and the store.
 *
 * Asks sources for news, hands over what came, and brings others' offerings
 * in.  It waits for the partner's system, so it has a thread and a handle of
 * its own; the other thread keeps the session with the broker alive.
 */
#ifndef KASK_DESK_H
#define KASK_DESK_H

#include "desk_setup.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct desk_s desk_t;

// `setup` is borrowed.  NULL: *problem (PROBLEM_SETUP) says which setting is wrong.
desk_t *desk_new (const desk_setup_t *setup, problem_t *problem);
void desk_destroy (desk_t **self_p);

// One piece of work of each kind that has some.  False: nothing is left to do now.
bool desk_step (desk_t *self);
// When desk_step should be called again at the latest, monotonic.
int64_t desk_due_ms (const desk_t *self);
// The connector's descriptor is readable.
void desk_hear (desk_t *self);

// Has every source been read, and is all that was handed to the outbox answered?
bool desk_is_settled (const desk_t *self);
// What desk_is_settled waits for, for a person.
void desk_waits_for (const desk_t *self, char *text, size_t size);

#endif
