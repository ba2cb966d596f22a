/*
 * source - one place of the partner's system that news come from.
 *
 * A reading asks the system (http: by a dialogue; files: file by file), maps what it
 * gives, and stores offerings or acts.  Each source is read by itself, when
 * its time has come or something was told.
 */
#ifndef KASK_SOURCE_H
#define KASK_SOURCE_H

#include "desk_setup.h"

#include <jv.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct source_s source_t;

// `section` is "source NAME" of the settings, borrowed.  NULL: *problem (PROBLEM_SETUP).
source_t *source_new (const desk_setup_t *setup, const char *section, problem_t *problem);
void source_destroy (source_t **self_p);

const char *source_name (const source_t *self);

// http: something was told; `hint` is taken, an array of webhooks' bodies.
void source_tell (source_t *self, jv hint);
// files: look for a file at the next step.
void source_look (source_t *self);

// One reading, or one file, if it is time.  False: there was nothing to do.
bool source_step (source_t *self);
int64_t source_due_ms (const source_t *self); // monotonic

// Has it been read without a failure since it was made (files: and has none left)?
bool source_is_read (const source_t *self);

#endif
