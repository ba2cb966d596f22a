/*
 * loop - the broker at work: one event loop that owns all rooms.
 */
#ifndef KASK_LOOP_H
#define KASK_LOOP_H

#include "keypair.h"
#include "settings.h"

#include <stdbool.h>

enum { LOOP_PROBLEM_BYTES = 500 };

typedef struct loop_s loop_t;

// Makes the rooms and listens.  Both are borrowed.  NULL: `problem`
// (LOOP_PROBLEM_BYTES of it) says why; nothing listens.
loop_t *loop_new (const settings_t *settings, const keypair_t *keys, char *problem);
void loop_destroy (loop_t **self_p);

// Runs until SIGTERM or SIGINT, and until what was taken has its answer.
void loop_run (loop_t *self);

#endif
