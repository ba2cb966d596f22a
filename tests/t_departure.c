/*
 * t_departure - people's acts reach the outbox once, in order, or wait, or are set aside with a
 * reason.
 */
#include "cases.h"
#include "departure.h"
#include "desk_bench.h"
#include "ledger.h"
#include "source_row.h"
#include "tap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_MS = 3600 * 1000 };

typedef struct {
    desk_bench_t desk;
    connector_t connector;
    reading_t reading;
} bench_t;

static connector_result_t fetched; // what the partner's system says

static connector_result_t
fetch (connector_t *self, jv request, size_t most, uint8_t **bytes_p, size_t *size_p,
       problem_t *problem)
{
    (void) self, (void) request, (void) most;
    if (fetched != CONNECTOR_OK) {
        problem_set (problem, PROBLEM_RECORD, "attachments", "look", "the system is away");
        return fetched;
    }
    *bytes_p = (uint8_t *) strdup ("text");
    *size_p = 4;
    return CONNECTOR_OK;
}

static bench_t *
bench_new (void)
{
    bench_t *self = calloc (1, sizeof *self);
    assert (self);
    self->connector = (connector_t){.fetch = fetch};
    desk_bench_begin (&self->desk, NULL, &self->connector);
    reading_init (&self->reading, GIVES_EVENTS, "acts");
    fetched = CONNECTOR_OK;
    return self;
}

static void
bench_destroy (bench_t **self_p)
{
    bench_t *self = *self_p;
    *self_p = NULL;
    reading_clear (&self->reading);
    desk_bench_end (&self->desk);
    free (self);
}

// A reading of these events, a JSON array, with a cursor.
static bool
store (bench_t *self, const char *events, const char *cursor, problem_t *problem)
{
    reading_clear (&self->reading);
    reading_init (&self->reading, GIVES_EVENTS, "acts");
    jv_free (self->reading.outputs);
    self->reading.outputs = jv_parse (events);
    jv at = jv_string (cursor);
    bool good = departure_store (&self->desk.setup, &self->reading, at, problem);
    jv_free (at);
    return good;
}

static int64_t
count (const bench_t *self, const char *table)
{
    char sql[100];
    snprintf (sql, sizeof sql, "SELECT count (*) FROM %s", table);
    return desk_bench_number (&self->desk, sql);
}

static int
problems (const bench_t *self)
{
    return jv_array_length (jv_copy (self->reading.problems));
}

static bool
cursor_is (const bench_t *self, const char *want)
{
    jv cursor = source_row_cursor (self->desk.setup.db, "acts");
    bool same = jv_get_kind (cursor) == JV_KIND_STRING && !strcmp (jv_string_value (cursor), want);
    jv_free (cursor);
    return same;
}

static void
put_case (const bench_t *self, const char *id)
{
    case_t one = {
        .role = CASE_RECEIVER, .state = KASK__STATE__STATE_RECEIVED, .referral = {9}, .chain = {9}};
    snprintf (one.partner, sizeof one.partner, "berta");
    snprintf (one.id, sizeof one.id, "%s", id);
    bool put = cases_put (self->desk.setup.db, &one);
    assert (put);
}

#define SEND(act, case, more)                                                                      \
    "{\"act\":\"" act "\",\"case\":\"" case "\",\"event\":\"SEND\",\"to\":\"berta\","              \
                                            "\"legal_basis\":\"CONSENT\"" more "}"
#define EVENT_OF(act, case, event)                                                                 \
    "{\"act\":\"" act "\",\"case\":\"" case "\",\"event\":\"" event "\"}"
#define FILE_OF ",\"attachments\":[{\"name\":\"a\",\"fetch\":{}}]"

static void
acts_are_stored_with_the_cursor_and_once (void)
{
    static const char events[] = "[" SEND ("1", "C1", "") "," SEND ("2", "C2", FILE_OF) "]";
    bench_t *bench = bench_new ();
    problem_t problem;
    ok (store (bench, events, "to 2", &problem), "two acts are stored");
    is_int (count (bench, "kask_outbox"), 2, "in the outbox");
    is_int (count (bench, "desk_case"), 2, "each with its case");
    ok (cursor_is (bench, "to 2"), "and the source's cursor");
    is_int (bench->desk.wakes, 1, "the network is told");
    ok (store (bench, events, "to 2", &problem), "read again");
    is_int (count (bench, "kask_outbox"), 2, "nothing is sent twice");
    bench_destroy (&bench);
}

static void
what_cannot_be_sent_does_not_stop_the_others (void)
{
    bench_t *bench = bench_new ();
    problem_t problem;
    ok (store (bench,
               "[{\"act\":\"1\",\"case\":\"C1\",\"event\":\"SEND\",\"to\":\"Carl Ltd\","
               "\"legal_basis\":\"CONSENT\"}," SEND ("2", "C2", "") "]",
               "to 2", &problem),
        "an act for what is no partner's id, and another");
    is_int (problems (bench), 1, "the first is set aside");
    is_int (count (bench, "kask_outbox"), 1, "the second sent");
    fetched = CONNECTOR_REFUSED;
    ok (store (bench, "[" SEND ("3", "C3", FILE_OF) "," SEND ("4", "C4", "") "]", "to 4", &problem),
        "an attachment that the system refuses, and another act");
    is_int (problems (bench), 1, "the first is set aside");
    is_int (count (bench, "kask_outbox"), 2, "the second sent");
    bench_destroy (&bench);
}

static void
a_system_that_is_away_leaves_all_as_it_was (void)
{
    static const char events[] = "[" SEND ("1", "C1", "") "," SEND ("2", "C2", FILE_OF) "]";
    bench_t *bench = bench_new ();
    problem_t problem;
    fetched = CONNECTOR_LATER;
    ok (!store (bench, events, "to 2", &problem), "an attachment that cannot be had now");
    is_text (problem.what, "the system is away", "says why");
    is_int (count (bench, "kask_outbox"), 0, "nothing is sent");
    ok (!cursor_is (bench, "to 2"), "nor is the cursor stored");
    fetched = CONNECTOR_OK;
    ok (store (bench, events, "to 2", &problem), "later it is there");
    is_int (count (bench, "kask_outbox"), 2, "and all is sent");
    bench_destroy (&bench);
}

static void
acts_wait_for_their_case_in_order (void)
{
    bench_t *bench = bench_new ();
    problem_t problem;
    ok (store (bench, "[" EVENT_OF ("1", "C9", "ACCEPT") "," EVENT_OF ("2", "C9", "START") "]",
               "to 2", &problem),
        "acts in a case that is not known");
    is_int (count (bench, "desk_act"), 2, "wait");
    is_int (count (bench, "kask_outbox"), 0, "nothing is sent");
    put_case (bench, "C9");
    ok (store (bench, "[" EVENT_OF ("3", "C9", "NOTE") "]", "to 3", &problem),
        "one more, when it is known");
    is_int (count (bench, "desk_act"), 3, "waits behind them");
    departure_retry (&bench->desk.setup, LONG_MS);
    is_int (count (bench, "desk_act"), 0, "none waits any more");
    is_int (count (bench, "kask_outbox"), 3, "all are sent");
    is_int (ledger_number (bench->desk.setup.db, 0,
                           "SELECT count (*) FROM kask_outbox a JOIN kask_outbox b ON b.no > a.no"
                           " AND b.act < a.act",
                           ""),
            0, "in their order");
    bench_destroy (&bench);
}

static void
an_act_that_waited_too_long_is_set_aside (void)
{
    bench_t *bench = bench_new ();
    problem_t problem;
    ok (store (bench, "[" EVENT_OF ("1", "C9", "ACCEPT") "]", "to 1", &problem), "an act waits");
    departure_retry (&bench->desk.setup, LONG_MS);
    is_int (count (bench, "desk_act"), 1, "as long as it may");
    departure_retry (&bench->desk.setup, 0);
    is_int (count (bench, "desk_act"), 0, "then no more");
    is_int (count (bench, "desk_problem"), 1, "a person is told");
    is_int (count (bench, "kask_outbox"), 0, "nothing was sent");
    bench_destroy (&bench);
}

int
main (void)
{
    acts_are_stored_with_the_cursor_and_once ();
    what_cannot_be_sent_does_not_stop_the_others ();
    a_system_that_is_away_leaves_all_as_it_was ();
    acts_wait_for_their_case_in_order ();
    an_act_that_waited_too_long_is_set_aside ();
    return tap_end ();
}
