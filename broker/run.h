/*
 * run - statements for PostgreSQL that are answered as a whole.
 *
 * A list of prepared statements with binary parameters.  With an epoch it is a transaction,
 * which is committed or has changed nothing.
 */
#ifndef KASK_RUN_H
#define KASK_RUN_H

#include "pgbinary.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

// ---------------------------------------------------------------- for the connection

// What the first statement of a run with an epoch is; to be prepared with the others.
extern const statement_t run_hold;

// The run is a transaction that holds that epoch; negative: it is none.
void run_hold_epoch (run_t *self, int64_t epoch);
// Queues all of it on the connection, with its Sync.  False: the connection has failed.
bool run_send (const run_t *self, PGconn *conn, const statement_t *statements);
// Takes the next result that came.
void run_take (run_t *self, PGresult *result);
run_outcome_t run_outcome (const run_t *self);
const char *run_problem (const run_t *self);
// Calls the run's function and destroys the run.
void run_answer (run_t **self_p);
// The same, with RUN_DOWN whatever came before.
void run_answer_down (run_t **self_p, const char *problem);

// Runs in the order in which they were given.
typedef struct {
    run_t *first;
    run_t *last;
} runs_t;

void runs_put (runs_t *self, run_t *run); // takes it
run_t *runs_take (runs_t *self);          // NULL if empty

#endif
