/*
 * files_setup - what the parts of the files connector know about it.
 */
#ifndef KASK_CONNECTOR_FILES_SETUP_H
#define KASK_CONNECTOR_FILES_SETUP_H

#include "problem.h"
#include "settings.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const settings_t *settings; // borrowed; all texts here are its own
    const char *root;           // path of the partner's folder
    const char *suffix;         // of a name while it is written
    const char *temporary;      // patterns of the system's own temporary names, by spaces
    const char *done;           // folders beneath a source's
    const char *refused;
    size_t most_bytes; // of a file
    int64_t settle_ms;
    int64_t hold_ms;
    int64_t receipt_wait_ms;
    int64_t keep_ms; // how long a file stays in `done`; 0: for ever
} files_setup_t;

// The root, open; -1 and the problem if it is not there.  It is opened anew each time, for a
// network drive may have been mounted again.
int files_open_root (const files_setup_t *self, problem_t *problem);

int64_t files_now_ms (void); // monotonic

// A file's bytes as an array of {"record", "line"} and {"problem": {scope, field, what, todo, line,
// path}, "line"}, owned by the caller.  *whole_p: it was read to its end; *first (scope
// PROBLEM_NONE: none) is the first problem.
jv files_records (const files_setup_t *self, const char *format, const char *name,
                  const void *bytes, size_t size, bool *whole_p, problem_t *first);

// The problem as {"scope", "field", "what", "todo", "line", "path"}; owned by the caller.
jv files_problem (const problem_t *problem);

#endif
