/*
 * run - statements that are sent as one segment of a pipeline, and what came back.
 *
 * A segment is closed by one Sync, and that makes it a transaction: the server commits before
 * it answers the Sync, or rolls all of it back after an error.  A run with an epoch begins
 * with hold_epoch.
 */
#include "run.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CALLS = 40, MAX_PARAMS = 24 };

typedef struct {
    const char *value; // NULL: a null
    int length;
    size_t offset; // into run->scalars where value is to be set; SIZE_MAX: value is borrowed
} param_t;

typedef struct {
    int statement; // -1: sql
    char *sql;
    int first_param;
    int n_params;
} call_t;

struct run_s {
    run_t *next;
    run_fn *fn;
    void *arg;
    int64_t epoch; // -1: none is held
    call_t calls[MAX_CALLS];
    int n_calls;
    param_t *params;
    int n_params;
    int capacity;
    uint8_t *scalars; // copied parameters, one behind the other
    size_t scalars_size;
    size_t scalars_capacity;
    // the answer, as it comes in
    PGresult *results[MAX_CALLS];
    int results_seen; // hold_epoch's too
    run_outcome_t outcome;
    char problem[400];
};

// ---------------------------------------------------------------- what is asked

run_t *
run_new (run_fn *fn, void *arg)
{
    run_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->fn = fn;
    self->arg = arg;
    self->epoch = -1;
    return self;
}

void
run_destroy (run_t **self_p)
{
    run_t *self = *self_p;
    if (!self)
        return;
    for (int i = 0; i < self->n_calls; i++) {
        PQclear (self->results[i]);
        free (self->calls[i].sql);
    }
    free (self->params);
    free (self->scalars);
    free (self);
    *self_p = NULL;
}

void
run_call (run_t *self, int statement)
{
    assert (self->n_calls < MAX_CALLS);
    self->calls[self->n_calls++] = (call_t){.statement = statement, .first_param = self->n_params};
}

static param_t *
param_new (run_t *self)
{
    assert (self->n_calls > 0);
    if (self->n_params == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 32;
        self->params = realloc (self->params, (size_t) self->capacity * sizeof *self->params);
        if (!self->params)
            abort ();
    }
    call_t *call = &self->calls[self->n_calls - 1];
    assert (call->n_params < MAX_PARAMS);
    call->n_params++;
    param_t *param = &self->params[self->n_params++];
    *param = (param_t){.offset = SIZE_MAX};
    return param;
}

void
run_bytes (run_t *self, const void *data, size_t size)
{
    if (self->scalars_size + size + 1 > self->scalars_capacity) {
        self->scalars_capacity = (self->scalars_size + size + 1) * 2;
        self->scalars = realloc (self->scalars, self->scalars_capacity);
        if (!self->scalars)
            abort ();
    }
    param_t *param = param_new (self);
    param->offset = self->scalars_size;
    param->length = (int) size;
    if (size)
        memcpy (self->scalars + self->scalars_size, data, size);
    self->scalars[self->scalars_size + size] = 0; // libpq wants text parameters ended
    self->scalars_size += size + 1;
}

void
run_int8 (run_t *self, int64_t value)
{
    uint8_t be[8];
    put_be64 (be, (uint64_t) value);
    run_bytes (self, be, sizeof be);
}

void
run_int4 (run_t *self, int32_t value)
{
    uint8_t be[4];
    put_be32 (be, (uint32_t) value);
    run_bytes (self, be, sizeof be);
}

void
run_text (run_t *self, const char *text)
{
    run_bytes (self, text, strlen (text));
}

void
run_null (run_t *self)
{
    param_new (self);
}

void
run_column (run_t *self, column_t *column)
{
    param_t *param = param_new (self);
    param->value = (const char *) column_value (column, &param->length);
}

void
run_sql (run_t *self, const char *sql, int n, const char *const *args)
{
    run_call (self, -1);
    self->calls[self->n_calls - 1].sql = strdup (sql);
    for (int i = 0; i < n; i++)
        if (args[i])
            run_text (self, args[i]);
        else
            run_null (self);
}

// ---------------------------------------------------------------- sending

void
run_hold_epoch (run_t *self, int64_t epoch)
{
    self->epoch = epoch;
}

const statement_t run_hold = {"hold_epoch", "SELECT hold_epoch ($1::bigint)"};

static int
send_call (const run_t *self, const call_t *call, PGconn *conn, const statement_t *statements)
{
    const char *values[MAX_PARAMS];
    int lengths[MAX_PARAMS], formats[MAX_PARAMS];
    for (int i = 0; i < call->n_params; i++) {
        const param_t *param = &self->params[call->first_param + i];
        values[i] =
            param->offset == SIZE_MAX ? param->value : (const char *) self->scalars + param->offset;
        lengths[i] = param->length;
        formats[i] = call->sql ? 0 : 1;
    }
    if (call->sql)
        return PQsendQueryParams (conn, call->sql, call->n_params, NULL, values, lengths, formats,
                                  0);
    return PQsendQueryPrepared (conn, statements[call->statement].name, call->n_params, values,
                                lengths, formats, 1);
}

static int
send_hold (PGconn *conn, int64_t epoch)
{
    uint8_t be[8];
    put_be64 (be, (uint64_t) epoch);
    const char *const values[] = {(const char *) be};
    const int lengths[] = {sizeof be}, formats[] = {1};
    return PQsendQueryPrepared (conn, run_hold.name, 1, values, lengths, formats, 1);
}

bool
run_send (const run_t *self, PGconn *conn, const statement_t *statements)
{
    int ok = 1;
    if (self->epoch >= 0)
        ok = send_hold (conn, self->epoch);
    for (int i = 0; ok && i < self->n_calls; i++)
        ok = send_call (self, &self->calls[i], conn, statements);
    return ok && PQpipelineSync (conn);
}

// ---------------------------------------------------------------- the answer

static run_outcome_t
outcome_of (const PGresult *result)
{
    const char *state = PQresultErrorField (result, PG_DIAG_SQLSTATE);
    if (!state)
        return RUN_DOWN;
    if (strcmp (state, "KA001") == 0)
        return RUN_FENCED;
    static const char *const refusing[] = {"21", "22", "23"};
    for (size_t i = 0; i < sizeof refusing / sizeof refusing[0]; i++)
        if (strncmp (state, refusing[i], 2) == 0)
            return RUN_REFUSED;
    return RUN_DOWN;
}

static void
note_failure (run_t *self, run_outcome_t outcome, const char *problem)
{
    if (self->outcome != RUN_OK)
        return; // what follows the first failure only says "aborted"
    self->outcome = outcome;
    snprintf (self->problem, sizeof self->problem, "%s", problem);
}

void
run_take (run_t *self, PGresult *result)
{
    int place = self->results_seen++ - (self->epoch >= 0);
    ExecStatusType status = PQresultStatus (result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        note_failure (self, outcome_of (result), PQresultErrorMessage (result));
    else if (!rows_fit (result))
        note_failure (self, RUN_DOWN,
                      "a row has a null for a number, or a list that is none; nothing of the "
                      "answer was taken; look for who changed tables by hand");
    if (place >= 0 && place < self->n_calls)
        self->results[place] = result;
    else
        PQclear (result);
}

run_outcome_t
run_outcome (const run_t *self)
{
    return self->outcome;
}

const char *
run_problem (const run_t *self)
{
    return self->problem;
}

void
run_answer (run_t **self_p)
{
    run_t *self = *self_p;
    self->fn (self->arg, self->outcome, self->results, self->n_calls, self->problem);
    run_destroy (self_p);
}

void
run_answer_down (run_t **self_p, const char *problem)
{
    run_t *self = *self_p;
    self->outcome = RUN_DOWN;
    snprintf (self->problem, sizeof self->problem, "%s", problem);
    run_answer (self_p);
}

// ---------------------------------------------------------------- those under way

void
runs_put (runs_t *self, run_t *run)
{
    if (self->last)
        self->last->next = run;
    else
        self->first = run;
    self->last = run;
}

run_t *
runs_take (runs_t *self)
{
    run_t *run = self->first;
    if (!run)
        return NULL;
    self->first = run->next;
    if (!self->first)
        self->last = NULL;
    run->next = NULL;
    return run;
}
