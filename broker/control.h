/*
 * control - the Unix socket behind the operator's command line.
 *
 * Who may is decided by the socket's folder and mode; the kernel says who asked (SO_PEERCRED),
 * and the log tells it.  Reading commands run on a database connection of their own,
 * so they never hold up a commit.  Acts go to the broker's intake, one at a time.
 *
 * Bounded: CONTROL_CONNECTIONS at a time, one request each, of CONTROL_REQUEST_BYTES,
 * answered with CONTROL_REPLY_BYTES at most, and ended after CONTROL_TIMEOUT_MS.
 */
#ifndef KASK_CONTROL_H
#define KASK_CONTROL_H

#include <stdbool.h>
#include "operator.h"

#include <czmq.h>

enum {
    CONTROL_CONNECTIONS = 16,
    CONTROL_REQUEST_BYTES = 65536,
    CONTROL_REPLY_BYTES = 8388608,
    CONTROL_TIMEOUT_MS = 30000,
    CONTROL_PROBLEM_BYTES = 400
};

typedef struct control_s control_t;
typedef struct control_facts_s control_facts_t;

typedef struct {
    const char *name;
    bool is_number;
} control_column_t;

// All copied or called, never kept beyond control_destroy.
typedef struct {
    const char *path;        // of the socket; its folder exists
    const char *conninfo;    // of the database
    const char *broker_text; // what `kask partner add` prints: endpoints and broker's key
    // Takes the act; it is to be decided, and answered by act_committed or act_failed.
    void (*submit) (void *arg, act_t **act_p);
    // Says how the broker is, with control_fact, for `kask status`.
    bool (*facts) (void *arg, control_facts_t *facts); // true if the broker takes messages
    // Says what the database lacks, for `kask recover`; makes the act of `kask recover --go`.
    void (*recovery) (void *arg, control_facts_t *facts);
    act_t *(*recover) (void *arg, unsigned uid);
    void *arg;
} control_options_t;

// Listens at once, mode 0660.  A socket that nobody listens on any more is replaced.  NULL:
// `problem` (CONTROL_PROBLEM_BYTES) says what is wrong and what to do.
control_t *control_new (zloop_t *loop, const control_options_t *options, char *problem);
// Acts that were submitted must have been answered or destroyed before.
void control_destroy (control_t **self_p);
// To be called every 100 ms or so, with a clock that never runs back.
void control_tick (control_t *self, int64_t now_ms);

// Adds a line to `kask status`, such as ("clock", "trusted"); both are copied.  Spaces of
// the name become underscores, as in the names of SQL's columns beside it.
void control_fact (control_facts_t *self, const char *name, const char *value);
void control_fact_number (control_facts_t *self, const char *name, int64_t value);
// Adds a list below the lines, then a row to it: a cell for each column; all are copied.
void control_list (control_facts_t *self, const char *name, const control_column_t *columns,
                   size_t n_columns);
void control_row (control_facts_t *self, const char *const *cells);

#endif
