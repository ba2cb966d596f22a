/*
 * database - one asynchronous connection to PostgreSQL, in pipeline mode.
 *
 * Work comes as runs, which are answered in the order they were given.
 * A connection that fails answers all its runs with RUN_DOWN and comes back
 * by itself.  Nothing here waits.
 */
#ifndef KASK_DATABASE_H
#define KASK_DATABASE_H

#include "run.h"

#include <czmq.h>

typedef struct database_s database_t;
typedef void (database_up_fn) (void *arg);
typedef void (database_down_fn) (void *arg, const char *problem);

// Connects in the background.  `up` is called each time the connection is
// ready; `down` each time it was lost or could not be made.
database_t *database_new (zloop_t *loop, const char *conninfo, const char *name,
                          const statement_t *statements, database_up_fn *up, database_down_fn *down,
                          void *arg);
void database_destroy (database_t **self_p);

bool database_is_up (const database_t *self);
// Takes the run; answers it later, never before returning.  With `epoch` not
// negative it is a transaction that holds that epoch.
void database_put (database_t *self, run_t **run_p, int64_t epoch);
// Drops the connection as if it had failed.
void database_drop (database_t *self, const char *why);
// To be called every 100 ms or so: connects again when it is time.
void database_tick (database_t *self, int64_t now_ms);

#endif
