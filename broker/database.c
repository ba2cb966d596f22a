/*
 * database - one asynchronous connection to PostgreSQL, in pipeline mode.
 *
 * Each run is a pipeline segment closed by one Sync, and that makes it a transaction: the
 * server commits before it answers the Sync, or rolls all of it back after an error.  A
 * run with an epoch begins with hold_epoch.  What the server had not answered when the
 * connection broke is unknown, and said to be.
 */
#include "database.h"
#include "log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_CALLS = 40,
    MAX_PARAMS = 24,
    RETRY_FIRST_MS = 100,
    RETRY_MAX_MS = 300,
    CONNECT_TIMEOUT_MS = 10000
};

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

typedef enum { DB_DOWN, DB_CONNECTING, DB_PREPARING, DB_UP } database_state_t;

struct database_s {
    zloop_t *loop;
    char *conninfo;
    char *name; // for the log
    const statement_t *statements;
    database_up_fn *up;
    database_down_fn *down;
    void *arg;
    PGconn *conn;
    database_state_t state;
    int fd; // polled now; -1: none
    short events;
    run_t *first; // runs sent and not answered
    run_t *last;
    int64_t now_ms;
    int64_t retry_at_ms;
    int64_t retry_ms;
    int64_t deadline_ms; // of connecting
    bool said_down;      // the log has it already
};

// ---------------------------------------------------------------- runs

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

// ---------------------------------------------------------------- polling

static int on_socket (zloop_t *loop, zmq_pollitem_t *item, void *arg);
static void connection_failed (database_t *self, const char *problem);

// libpq may change its socket while connecting, so this is asked each time.
static void
poll_for (database_t *self, short events)
{
    int fd = self->conn ? PQsocket (self->conn) : -1;
    if (fd == self->fd && events == self->events)
        return;
    if (self->fd >= 0) {
        zmq_pollitem_t item = {.fd = self->fd};
        zloop_poller_end (self->loop, &item);
    }
    self->fd = fd;
    self->events = events;
    if (fd >= 0) {
        zmq_pollitem_t item = {.fd = fd, .events = events};
        zloop_poller (self->loop, &item, on_socket, self);
        zloop_poller_set_tolerant (self->loop, &item);
    }
}

static void
flush (database_t *self)
{
    int left = PQflush (self->conn);
    if (left < 0)
        connection_failed (self, PQerrorMessage (self->conn));
    else
        poll_for (self, left ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN);
}

// ---------------------------------------------------------------- sending

static const statement_t hold = {"hold_epoch", "SELECT hold_epoch ($1::bigint)"};

static int
send_call (database_t *self, const run_t *run, const call_t *call)
{
    const char *values[MAX_PARAMS];
    int lengths[MAX_PARAMS], formats[MAX_PARAMS];
    for (int i = 0; i < call->n_params; i++) {
        const param_t *param = &run->params[call->first_param + i];
        values[i] =
            param->offset == SIZE_MAX ? param->value : (const char *) run->scalars + param->offset;
        lengths[i] = param->length;
        formats[i] = call->sql ? 0 : 1;
    }
    if (call->sql)
        return PQsendQueryParams (self->conn, call->sql, call->n_params, NULL, values, lengths,
                                  formats, 0);
    return PQsendQueryPrepared (self->conn, self->statements[call->statement].name, call->n_params,
                                values, lengths, formats, 1);
}

static int
send_hold (database_t *self, int64_t epoch)
{
    uint8_t be[8];
    put_be64 (be, (uint64_t) epoch);
    const char *const values[] = {(const char *) be};
    const int lengths[] = {sizeof be}, formats[] = {1};
    return PQsendQueryPrepared (self->conn, hold.name, 1, values, lengths, formats, 1);
}

static bool
send_run (database_t *self, const run_t *run)
{
    int ok = 1;
    if (run->epoch >= 0)
        ok = send_hold (self, run->epoch);
    for (int i = 0; ok && i < run->n_calls; i++)
        ok = send_call (self, run, &run->calls[i]);
    return ok && PQpipelineSync (self->conn);
}

void
database_put (database_t *self, run_t **run_p, int64_t epoch)
{
    run_t *run = *run_p;
    *run_p = NULL;
    run->epoch = epoch;
    if (self->last)
        self->last->next = run;
    else
        self->first = run;
    self->last = run;
    if (self->state != DB_UP)
        return; // answered with RUN_DOWN at the next tick
    if (!send_run (self, run))
        connection_failed (self, PQerrorMessage (self->conn));
    else
        flush (self);
}

// ---------------------------------------------------------------- answers

static void
run_answer (database_t *self)
{
    run_t *run = self->first;
    self->first = run->next;
    if (!self->first)
        self->last = NULL;
    run->fn (run->arg, run->outcome, run->results, run->n_calls, run->problem);
    run_destroy (&run);
}

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
note_failure (run_t *run, const PGresult *result)
{
    if (run->outcome != RUN_OK)
        return; // what follows the first failure only says "aborted"
    run->outcome = outcome_of (result);
    snprintf (run->problem, sizeof run->problem, "%s", PQresultErrorMessage (result));
}

// Takes one result of the first run; its place tells which call it answers.
static void
take_result (database_t *self, PGresult *result)
{
    run_t *run = self->first;
    int place = run->results_seen++ - (run->epoch >= 0);
    ExecStatusType status = PQresultStatus (result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        note_failure (run, result);
    if (place >= 0 && place < run->n_calls)
        run->results[place] = result;
    else
        PQclear (result);
}

static void
database_prepared (database_t *self)
{
    self->state = DB_UP;
    self->retry_ms = RETRY_FIRST_MS;
    self->said_down = false;
    log_info ("database: connected connection=%s", self->name);
    self->up (self->arg);
}

static bool
take_sync (database_t *self)
{
    if (self->state == DB_PREPARING) {
        database_prepared (self);
        return true;
    }
    run_t *run = self->first;
    assert (run);
    if (run->outcome != RUN_DOWN) {
        run_answer (self);
        return true;
    }
    char problem[400];
    snprintf (problem, sizeof problem, "%s", run->problem);
    connection_failed (self, problem);
    return false;
}

// Reads what has arrived.  In pipeline mode each statement's results end
// with a NULL, and each segment with PGRES_PIPELINE_SYNC.
static void
read_results (database_t *self)
{
    bool was_null = false;
    while (self->conn && !PQisBusy (self->conn)) {
        PGresult *result = PQgetResult (self->conn);
        if (!result) {
            if (was_null)
                return;
            was_null = true;
            continue;
        }
        was_null = false;
        if (PQresultStatus (result) == PGRES_PIPELINE_SYNC) {
            PQclear (result);
            if (!take_sync (self))
                return;
        } else if (self->state == DB_PREPARING) {
            bool ok = PQresultStatus (result) == PGRES_COMMAND_OK;
            char problem[400];
            snprintf (problem, sizeof problem, "%s", PQresultErrorMessage (result));
            PQclear (result);
            if (!ok) {
                connection_failed (self, problem);
                return;
            }
        } else if (self->first)
            take_result (self, result);
        else
            PQclear (result);
    }
}

// Every statement finds its rows by an index, whatever the planner believes of tables that
// were empty when it looked; a plan is made once, and none is worth compiling.
static const char *const session_settings[] = {
    "SET enable_seqscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET plan_cache_mode = force_generic_plan",
    "SET jit = off",
};

static void
prepare_all (database_t *self)
{
    bool ok = PQsetnonblocking (self->conn, 1) == 0 && PQenterPipelineMode (self->conn) == 1;
    for (size_t i = 0; ok && i < sizeof session_settings / sizeof session_settings[0]; i++)
        ok = PQsendQueryParams (self->conn, session_settings[i], 0, NULL, NULL, NULL, NULL, 1);
    ok = ok && PQsendPrepare (self->conn, hold.name, hold.sql, 0, NULL) == 1;
    for (const statement_t *s = self->statements; ok && s->sql; s++)
        ok = PQsendPrepare (self->conn, s->name, s->sql, 0, NULL) == 1;
    if (!ok || !PQpipelineSync (self->conn)) {
        connection_failed (self, PQerrorMessage (self->conn));
        return;
    }
    self->state = DB_PREPARING;
    flush (self);
}

static void
connect_step (database_t *self)
{
    switch (PQconnectPoll (self->conn)) {
    case PGRES_POLLING_OK: prepare_all (self); break;
    case PGRES_POLLING_READING: poll_for (self, ZMQ_POLLIN); break;
    case PGRES_POLLING_WRITING: poll_for (self, ZMQ_POLLOUT); break;
    default: connection_failed (self, PQerrorMessage (self->conn));
    }
}

static int
on_socket (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void) loop;
    database_t *self = arg;
    if (!self->conn || item->fd != self->fd)
        return 0;
    if (self->state == DB_CONNECTING) {
        connect_step (self);
        return 0;
    }
    if (!PQconsumeInput (self->conn)) {
        read_results (self); // what had come before it broke
        if (self->conn)
            connection_failed (self, PQerrorMessage (self->conn));
        return 0;
    }
    read_results (self);
    if (self->conn && (item->revents & ZMQ_POLLOUT))
        flush (self);
    return 0;
}

// ---------------------------------------------------------------- up and down

static void
answer_all_down (database_t *self)
{
    run_t *run = self->first;
    self->first = self->last = NULL;
    while (run) {
        run_t *next = run->next;
        run->fn (run->arg, RUN_DOWN, run->results, run->n_calls, "no connection to the database");
        run_destroy (&run);
        run = next;
    }
}

static void
connection_failed (database_t *self, const char *problem)
{
    char text[400];
    snprintf (text, sizeof text, "%s", problem && *problem ? problem : "connection lost");
    for (char *c = text; *c; c++)
        if (*c == '\n')
            *c = ' ';
    bool was_up = self->state == DB_UP;
    PGconn *conn = self->conn;
    self->state = DB_DOWN;
    if (self->fd >= 0) {
        zmq_pollitem_t item = {.fd = self->fd};
        zloop_poller_end (self->loop, &item);
        self->fd = -1;
    }
    self->conn = NULL;
    PQfinish (conn);
    self->retry_at_ms = self->now_ms + self->retry_ms;
    self->retry_ms = self->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : self->retry_ms * 2;
    if (was_up || !self->said_down)
        log_warning ("database: not connected connection=%s problem=\"%s\"; trying again by itself",
                     self->name, text);
    self->said_down = true;
    answer_all_down (self);
    self->down (self->arg, text);
}

// libpq warns on stderr by itself; one line a fact is our rule.
static void
on_notice (void *arg, const PGresult *result)
{
    database_t *self = arg;
    const char *text = PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY);
    log_warning ("database: notice connection=%s text=\"%s\"", self->name, text ? text : "");
}

static void
connect_start (database_t *self)
{
    self->conn = PQconnectStart (self->conninfo);
    if (!self->conn)
        abort ();
    self->deadline_ms = self->now_ms + CONNECT_TIMEOUT_MS;
    if (PQstatus (self->conn) == CONNECTION_BAD) {
        connection_failed (self, PQerrorMessage (self->conn));
        return;
    }
    PQsetNoticeReceiver (self->conn, on_notice, self);
    self->state = DB_CONNECTING;
    poll_for (self, ZMQ_POLLOUT);
}

void
database_tick (database_t *self, int64_t now_ms)
{
    self->now_ms = now_ms;
    if (self->state == DB_DOWN) {
        answer_all_down (self);
        if (now_ms >= self->retry_at_ms)
            connect_start (self);
    } else if (self->state != DB_UP && now_ms > self->deadline_ms)
        connection_failed (self, "no answer while connecting");
}

database_t *
database_new (zloop_t *loop, const char *conninfo, const char *name, const statement_t *statements,
              database_up_fn *up, database_down_fn *down, void *arg)
{
    database_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->loop = loop;
    self->conninfo = strdup (conninfo);
    self->name = strdup (name);
    self->statements = statements;
    self->up = up;
    self->down = down;
    self->arg = arg;
    self->fd = -1;
    self->retry_ms = RETRY_FIRST_MS;
    return self;
}

void
database_destroy (database_t **self_p)
{
    database_t *self = *self_p;
    if (!self)
        return;
    self->down = NULL;
    if (self->fd >= 0) {
        zmq_pollitem_t item = {.fd = self->fd};
        zloop_poller_end (self->loop, &item);
    }
    while (self->first) {
        run_t *run = self->first;
        self->first = run->next;
        run_destroy (&run);
    }
    PQfinish (self->conn);
    free (self->conninfo);
    free (self->name);
    free (self);
    *self_p = NULL;
}

bool
database_is_up (const database_t *self)
{
    return self->state == DB_UP;
}

void
database_drop (database_t *self, const char *why)
{
    if (self->state != DB_DOWN)
        connection_failed (self, why);
}
