/*
 * t_handover - messages and answers reach the system once, wait for it, or are said to have failed.
 */
#include "cases.h"
#include "desk_bench.h"
#include "handover.h"
#include "ledger.h"
#include "scratch.h"
#include "tap.h"

#include <poll.h>

enum { LONG_MS = 10 * 1000 };

// One request a task: what it is and of which case.
static const char program[] =
    "if .step == 0 then {request: {do: (.task.kind + \" \" + .task.event + \" \" + "
    "(.task.case // \"new\"))}} else {case: \"C1\", case_key: \"K1\"} end\n";

typedef struct {
    connector_t base;          // first
    connector_result_t answer; // to each request
    char seen[400];            // the requests, a line each
    char forgotten[100];       // the case
    bool keeps;                // refuses to forget
} system_t;

typedef struct {
    desk_bench_t desk;
    system_t system;
    handover_t *handover;
} bench_t;

static connector_result_t
perform (connector_t *base, jv request, const attachment_t *attachments, size_t n, jv *response,
         problem_t *problem)
{
    (void) attachments, (void) n;
    system_t *self = (system_t *) base;
    jv what = jv_object_get (jv_copy (request), jv_string ("do"));
    size_t at = strlen (self->seen);
    snprintf (self->seen + at, sizeof self->seen - at, "%s\n", jv_string_value (what));
    jv_free (what);
    if (self->answer == CONNECTOR_OK)
        *response = jv_object ();
    else
        problem_set (problem, PROBLEM_RECORD, "", "", "the system says no");
    return self->answer;
}

static bool
forget (connector_t *base, const char *case_id, problem_t *problem)
{
    system_t *self = (system_t *) base;
    problem_set (problem, PROBLEM_RECORD, "", "", "a file cannot be deleted");
    if (!self->keeps)
        snprintf (self->forgotten, sizeof self->forgotten, "%s", case_id);
    return !self->keeps;
}

static void
bench_begin (bench_t *self, const char *path)
{
    char text[400];
    snprintf (
        text, sizeof text,
        "partner = anton\nstate = var\nconnector = files\nattempts = 2\n[write]\nevent = %s\n",
        path);
    scratch_write ("adapter.conf", text);
    scratch_write ("good.jq", program);
    scratch_write ("ouch.jq", "error (\"ouch\")\n");
    *self = (bench_t){.system = {.base = {.perform = perform, .forget = forget}}};
    desk_bench_begin (&self->desk, scratch_path ("adapter.conf"), &self->system.base);
    self->handover = handover_new (&self->desk.setup);
}

static void
bench_end (bench_t *self)
{
    handover_destroy (&self->handover);
    desk_bench_end (&self->desk);
}

// Until one was handed over; false after LONG_MS.
static bool
comes (bench_t *self)
{
    int64_t end = desk_ticks_ms () + LONG_MS;
    while (desk_ticks_ms () < end) {
        if (handover_step (self->handover))
            return true;
        poll (NULL, 0, 20);
    }
    return false;
}

static void
a_referral_becomes_a_case (void)
{
    bench_t bench;
    uint8_t referral[16];
    case_t found;
    bench_begin (&bench, "good.jq");
    ok (!handover_step (bench.handover), "without a message there is nothing to do");
    ok (handover_due_ms (bench.handover) == INT64_MAX, "and it waits for what comes");
    desk_world_receive (bench.desk.world, "act 1", referral);
    ok (handover_step (bench.handover), "a referral is handed over");
    is_text (bench.system.seen, "event SEND new\n", "by the program's request");
    ok (cases_find (bench.desk.setup.db, referral, &found), "its case is known");
    is_text (found.id, "C1", "by the system's id");
    is_text (found.key, "K1", "by its key");
    is_text (found.partner, "berta", "with its partner");
    is_int (found.role, CASE_RECEIVER, "who referred it to us");
    is_int (found.state, KASK__STATE__STATE_SENT, "as it stands");
    is_int (bench.desk.wakes, 1, "the network is told that there is a report");
    is_int (desk_world_dones (bench.desk.world), 1, "which says DONE");
    ok (!handover_step (bench.handover), "it comes once");
    desk_world_hear (bench.desk.world, KASK__EVENT__EVENT_NOTE, "act 2", referral);
    ok (handover_step (bench.handover), "what follows");
    is_text (bench.system.seen, "event SEND new\nevent NOTE C1\n", "goes to the same case");
    bench_end (&bench);
}

static void
a_system_that_is_down_gets_it_later (void)
{
    bench_t bench;
    uint8_t referral[16];
    bench_begin (&bench, "good.jq");
    bench.system.answer = CONNECTOR_LATER;
    bench.desk.setup.retry_ms = 1;
    desk_world_receive (bench.desk.world, "act 1", referral);
    ok (handover_step (bench.handover), "a message is put off");
    int64_t wait_ms = handover_due_ms (bench.handover) - desk_ticks_ms ();
    ok (wait_ms > 0 && wait_ms <= LONG_MS, "for a while");
    ok (!handover_step (bench.handover), "in which the system is not asked");
    is_int (desk_world_dones (bench.desk.world) + desk_world_deads (bench.desk.world), 0,
            "nothing is told");
    bench.system.answer = CONNECTOR_OK;
    ok (comes (&bench), "then it is asked again by itself");
    is_text (bench.system.seen, "event SEND new\nevent SEND new\n", "with the same");
    is_int (desk_world_dones (bench.desk.world), 1, "and that is DONE");
    bench_end (&bench);
}

static void
what_the_system_refuses_is_a_dead_letter (void)
{
    bench_t bench;
    uint8_t referral[16];
    case_t found;
    bench_begin (&bench, "good.jq");
    bench.system.answer = CONNECTOR_REFUSED;
    desk_world_receive (bench.desk.world, "act 1", referral);
    ok (handover_step (bench.handover), "the system refuses a referral");
    is_int (desk_world_deads (bench.desk.world), 1, "which is a dead letter at once");
    ok (strstr (desk_world_dead_text (bench.desk.world), "the system says no"), "with its words");
    ok (!cases_find (bench.desk.setup.db, referral, &found), "and no case");
    bench_end (&bench);
}

static void
a_program_that_fails_is_no_refusal (void)
{
    bench_t bench;
    uint8_t referral[16];
    bench_begin (&bench, "ouch.jq");
    desk_world_receive (bench.desk.world, "act 1", referral);
    ok (handover_step (bench.handover), "the program fails on a referral");
    is_int (desk_world_deads (bench.desk.world), 0, "one attempt makes no dead letter");
    is_int (desk_bench_number (&bench.desk, "SELECT attempts FROM kask_inbox"), 1,
            "but it is counted");
    bench_end (&bench);
}

static void
without_a_program_nothing_is_taken (void)
{
    bench_t bench;
    uint8_t referral[16];
    bench_begin (&bench, "\"\"");
    bench.desk.setup.retry_ms = 60000;
    desk_world_receive (bench.desk.world, "act 1", referral);
    ok (!handover_step (bench.handover), "a referral must not disappear unseen");
    ok (handover_due_ms (bench.handover) < INT64_MAX, "it is looked for again");
    is_int (desk_world_dones (bench.desk.world) + desk_world_deads (bench.desk.world), 0,
            "nothing is told");
    is_int (desk_bench_number (&bench.desk, "SELECT count (*) FROM kask_inbox"), 1,
            "it is in the inbox");
    bench_end (&bench);
}

static void
consent_that_is_gone_takes_what_the_connector_keeps (void)
{
    bench_t bench;
    uint8_t referral[16];
    bench_begin (&bench, "good.jq");
    desk_world_receive (bench.desk.world, "act 1", referral);
    ok (handover_step (bench.handover), "a referral");
    int64_t at = ledger_run (bench.desk.setup.db,
                             "INSERT INTO desk_act (act, source, case_id, event, at)"
                             " VALUES ('a', 'acts', 'C1', '{}', 1), ('b', 'acts', 'C2', '{}', 1)",
                             "");
    ok (at, "acts wait in its case and in another");
    bench.system.keeps = true;
    bench.desk.setup.retry_ms = 1;
    desk_world_hear (bench.desk.world, KASK__EVENT__EVENT_REVOKE, "act 2", referral);
    ok (handover_step (bench.handover), "a REVOKE whose files cannot be deleted");
    is_int (desk_world_dones (bench.desk.world), 1, "is not done");
    bench.system.keeps = false;
    ok (comes (&bench), "it comes again");
    is_text (bench.system.forgotten, "C1", "and the connector forgets the case");
    is_int (desk_world_dones (bench.desk.world), 2, "then it is done");
    is_int (desk_bench_number (&bench.desk, "SELECT count (*) FROM desk_act WHERE case_id = 'C1'"),
            0, "an act that waited in it is gone");
    is_int (desk_bench_number (&bench.desk, "SELECT count (*) FROM desk_act"), 1, "no other");
    bench_end (&bench);
}

static void
an_answer_reaches_the_system (void)
{
    bench_t bench;
    bench_begin (&bench, "good.jq");
    desk_world_send (bench.desk.world, "act 1", NULL);
    bool waits = ledger_run (bench.desk.setup.db,
                             "INSERT INTO desk_outgoing (subject, at) VALUES ('act act 1', 1)", "");
    ok (waits, "an act waits for its answer");
    ok (handover_step (bench.handover), "which comes");
    is_text (bench.system.seen, "answer SEND new\n", "and is told to the system");
    is_int (desk_bench_number (&bench.desk, "SELECT count (*) FROM desk_outgoing"), 0,
            "nothing waits any more");
    is_int (
        desk_bench_number (&bench.desk,
                           "SELECT role FROM desk_case WHERE case_id = 'C1' AND partner = 'berta'"),
        CASE_REFERRER, "the case is ours to refer");
    is_int (desk_bench_number (&bench.desk, "SELECT count (*) FROM desk_problem"), 0,
            "there is nothing to note");
    ok (!handover_step (bench.handover), "it comes once");
    bench_end (&bench);
}

static void
a_refusal_is_told_and_noted (void)
{
    bench_t bench;
    bench_begin (&bench, "good.jq");
    desk_world_send (bench.desk.world, "act 1", "NO_AGREEMENT");
    ok (handover_step (bench.handover), "a referral that the broker refused");
    is_text (bench.system.seen, "answer SEND new\n", "is told to the system");
    is_int (desk_bench_number (&bench.desk, "SELECT count (*) FROM desk_case"), 0,
            "it never was a case");
    is_int (desk_bench_number (
                &bench.desk, "SELECT count (*) FROM desk_problem WHERE source = 'answers' AND text "
                             "LIKE 'act act 1: the broker refused it: NO_AGREEMENT%'"),
            1, "a person finds it");
    bench_end (&bench);
}

static void
an_answer_that_cannot_be_told_is_noted_at_last (void)
{
    bench_t bench;
    bench_begin (&bench, "ouch.jq");
    desk_world_send (bench.desk.world, "act 1", NULL);
    ok (!handover_step (bench.handover), "the program fails on an answer");
    is_int (desk_bench_number (&bench.desk, "SELECT count (*) FROM desk_problem"), 0,
            "once is not often enough");
    ok (handover_step (bench.handover), "after as many attempts as are set it is noted");
    is_int (desk_bench_number (&bench.desk,
                               "SELECT count (*) FROM desk_problem WHERE text LIKE "
                               "'act act 1: accepted, but the system was not told%ouch%'"),
            1, "for a person");
    bench_end (&bench);
}

int
main (void)
{
    scratch_begin ();
    a_referral_becomes_a_case ();
    a_system_that_is_down_gets_it_later ();
    what_the_system_refuses_is_a_dead_letter ();
    a_program_that_fails_is_no_refusal ();
    without_a_program_nothing_is_taken ();
    consent_that_is_gone_takes_what_the_connector_keeps ();
    an_answer_reaches_the_system ();
    a_refusal_is_told_and_noted ();
    an_answer_that_cannot_be_told_is_noted_at_last ();
    return tap_end ();
}
