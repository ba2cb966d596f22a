/*
 * handover - what came for this partner, into its system.
 *
 * Takes messages from the inbox and answers to our own events, has the
 * dialogue [write] event bring each into the system, and settles it in one
 * transaction with the case's row.  A dialogue that was broken off before that
 * transaction runs again from its start, and finds by its key what it did.
 */
#ifndef KASK_HANDOVER_H
#define KASK_HANDOVER_H

#include "desk_setup.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct handover_s handover_t;

handover_t *handover_new (const desk_setup_t *setup);
void handover_destroy (handover_t **self_p);

// One answer or message, the answers first.  False: nothing waits, or it must wait.
bool handover_step (handover_t *self);
// When handover_step should be called again at the latest, monotonic; INT64_MAX: when something
// comes.
int64_t handover_due_ms (const handover_t *self);

#endif
