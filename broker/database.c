/*
 * database - one asynchronous connection to PostgreSQL, in pipeline mode.
 *
 * What the server had not answered when the connection broke is unknown, and said to be.
 */
#include "database.h"
#include "log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_FIRST_MS = 100, RETRY_MAX_MS = 300, CONNECT_TIMEOUT_MS = 10000 };

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
    runs_t sent; // and not answered
    int64_t now_ms;
    int64_t retry_at_ms;
    int64_t retry_ms;
    int64_t deadline_ms; // of connecting
    bool said_down;      // the log has it already
};

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

void
database_put (database_t *self, run_t **run_p, int64_t epoch)
{
    run_t *run = *run_p;
    *run_p = NULL;
    run_hold_epoch (run, epoch);
    runs_put (&self->sent, run);
    if (self->state != DB_UP)
        return; // answered with RUN_DOWN at the next tick
    if (!run_send (run, self->conn, self->statements))
        connection_failed (self, PQerrorMessage (self->conn));
    else
        flush (self);
}

// ---------------------------------------------------------------- answers

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
    assert (self->sent.first);
    if (run_outcome (self->sent.first) == RUN_DOWN) {
        connection_failed (self, run_problem (self->sent.first));
        return false;
    }
    run_t *run = runs_take (&self->sent);
    run_answer (&run);
    return true;
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
        } else if (self->sent.first)
            run_take (self->sent.first, result); // its place tells which call it answers
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
    ok = ok && PQsendPrepare (self->conn, run_hold.name, run_hold.sql, 0, NULL) == 1;
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
    runs_t sent = self->sent;
    self->sent = (runs_t){NULL, NULL};
    for (run_t *run; (run = runs_take (&sent));)
        run_answer_down (&run, "no connection to the database");
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
    for (run_t *run; (run = runs_take (&self->sent));)
        run_destroy (&run);
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
