/*
 * database - one asynchronous connection to PostgreSQL, in pipeline mode.
 *
 * Work comes as runs: a list of prepared statements with binary parameters
 * that is answered as a whole.  A run that is a transaction is committed or
 * has changed nothing.  Runs are answered in the order they were given.
 * A connection that fails answers all its runs with RUN_DOWN and comes back
 * by itself.  Nothing here waits.
 */
#ifndef KASK_DATABASE_H
#define KASK_DATABASE_H

#include "pgbinary.h"

#include <czmq.h>

typedef struct database_s database_t;
typedef struct run_s run_t;

// A prepared statement; the table of them ends with a row without SQL.
typedef struct {
    const char *name;
    const char *sql;
} statement_t;

typedef enum {
    RUN_OK,      // answered; a transaction is committed
    RUN_REFUSED, // the data was refused (SQLSTATE class 21, 22 or 23); nothing was changed
    RUN_FENCED,  // a newer broker holds the epoch; nothing was changed
    RUN_DOWN     // unknown what happened; the connection is being made anew
} run_outcome_t;

// results[i] answers the i-th call (NULL if it was not reached); they are
// cleared after the return.  `problem` is the server's text, or "".
typedef void (run_fn) (void *arg, run_outcome_t outcome, PGresult *const *results, int n,
                       const char *problem);

run_t *run_new (run_fn *fn, void *arg);
void run_destroy (run_t **self_p);
// Begins a call of statements[statement]; its parameters follow.
void run_call (run_t *self, int statement);
void run_int8 (run_t *self, int64_t value);
void run_int4 (run_t *self, int32_t value);
void run_bytes (run_t *self, const void *data, size_t size); // copied
void run_text (run_t *self, const char *text);
void run_null (run_t *self);
void run_column (run_t *self, column_t *column); // borrowed until the run was sent
// A text statement that is not prepared, with text parameters and text results.
void run_sql (run_t *self, const char *sql, int n, const char *const *args);

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
