/*
 * t_client - the session's machine against a broker of a few lines.
 */
#include "fact.h"
#include "sdk_world.h"
#include "tap.h"

#include <assert.h>

static void
a_referral_goes_over_and_is_done (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    side_pin (b, a);
    world_t *world = world_new (a, b);
    world_connect (world);
    ok (client_is_welcome (a->client), "hello is answered by welcome");
    uint8_t referral[16];
    is_int (side_refer (a, b, "act 1", "a firm", referral), KASK_STORED, "a referral is stored");
    is_int (side_refer (a, b, "act 1", "a firm", NULL), KASK_KNOWN, "the same act is known");
    world_turn (world);
    is_int (world->n_messages, 1, "the broker has it once");
    is_int (side_count (a, "SELECT count (*) FROM kask_outbox"), 0, "the outbox let go of it");
    kask_answer_t *answer = kask_next_answer (a->kask);
    ok (answer && answer->accepted, "the answer says accepted");
    is_text (answer ? answer->act : "", "act 1", "of that act");
    ok (kask_answer_noted (a->kask, &answer, &world_error), "it is noted");
    ok (!kask_next_answer (a->kask), "there is no other answer");
    is_text (side_handle (b), "a firm", "the receiver reads what was written");
    is_text (side_handle (b), "nothing", "once");
    world_turn (world);
    is_int (world->members[1].n_dones, 1, "the broker hears DONE, signed");
    is_int (side_count (b, "SELECT count (*) FROM kask_report"), 0, "confirmed reports go");
    is_int (side_tell (b, a, KASK__EVENT__EVENT_ACCEPT, "accepts", referral), KASK_STORED,
            "it can be answered");
    world_turn (world);
    is_text (side_handle (a), "accepts", "and that comes back");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
what_was_not_answered_is_sent_again_with_its_number (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    side_pin (b, a);
    world_t *world = world_new (a, b);
    world_connect (world);
    for (int i = 0; i < 20; i++) {
        char act[20];
        snprintf (act, sizeof act, "act %d", i);
        if (side_refer (a, b, act, act, NULL) != KASK_STORED)
            printf ("# %s\n", world_error.text);
    }
    side_step (a); // numbered and sent; the connection dies after ten
    for (size_t i = 0; i < 10; i++)
        world_hear (world, &world->members[0], &a->said.letters[i]);
    letters_clear (&a->said);
    letters_clear (&a->heard);
    side_close (a);
    side_open (a);
    world_connect (world);
    is_int (world->n_messages, 20, "each is at the broker once");
    is_int (side_count (a, "SELECT count (*) FROM kask_answer WHERE accepted"), 20,
            "each has its answer");
    bool good = true;
    for (int i = 0; i < 20; i++) {
        char act[20];
        snprintf (act, sizeof act, "act %d", i);
        good = good && strcmp (side_handle (b), act) == 0;
    }
    ok (good, "they arrive in the order in which they were put");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
a_lane_waits_out_unavailable_and_gap (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    world_t *world = world_new (a, b);
    world_connect (world);
    world->unavailable = true;
    for (int i = 0; i < 5; i++) {
        char act[20];
        snprintf (act, sizeof act, "act %d", i);
        if (side_refer (a, b, act, act, NULL) != KASK_STORED)
            printf ("# %s\n", world_error.text);
    }
    world_turn (world);
    is_int (world->n_messages, 0, "an unavailable broker stores nothing");
    is_int (side_count (a, "SELECT count (*) FROM kask_outbox"), 5, "the outbox keeps all");
    world->unavailable = false;
    world_turn (world);
    is_int (world->n_messages, 0, "nothing is sent before the time that the broker asked for");
    a->tick_ms += 101;
    // the first of them is lost on the way
    side_step (a);
    for (size_t i = 1; i < a->said.n; i++)
        world_hear (world, &world->members[0], &a->said.letters[i]);
    letters_clear (&a->said);
    // its answer never comes; the session ends by silence
    a->tick_ms += 30001;
    client_flush (a->client, a->tick_ms);
    is_int (client_verdict (a->client), CLIENT_LEAVES, "three silent heartbeats end a session");
    letters_clear (&a->heard);
    world_connect (world);
    is_int (world->n_messages, 5, "in the new session all arrive");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
gaps_are_answered_by_beginning_again (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    world_t *world = world_new (a, b);
    world_connect (world);
    world->unavailable = true;
    for (int i = 0; i < 5; i++) {
        char act[20];
        snprintf (act, sizeof act, "act %d", i);
        if (side_refer (a, b, act, act, NULL) != KASK_STORED)
            printf ("# %s\n", world_error.text);
    }
    side_step (a);
    for (size_t i = 0; i < a->said.n; i++) {
        world->unavailable = i == 0;
        world_hear (world, &world->members[0], &a->said.letters[i]);
    }
    letters_clear (&a->said);
    a->tick_ms += 101;
    world_turn (world);
    a->tick_ms += 101;
    world_turn (world);
    is_int (world->n_messages, 5, "after one UNAVAILABLE and four GAPs all arrive");
    is_int (side_count (a, "SELECT count (*) FROM kask_answer WHERE accepted"), 5,
            "and all are answered");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
refusals_are_told_and_stored (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    world_t *world = world_new (a, b);
    world_connect (world);
    world->refuse = "NO_AGREEMENT";
    is_int (side_refer (a, b, "one", "one", NULL), KASK_STORED, "one that will be refused");
    is_int (side_refer (a, b, "two", "two", NULL), KASK_STORED, "one that will not");
    world_turn (world);
    kask_answer_t *answer = kask_next_answer (a->kask);
    ok (answer && !answer->accepted, "the refusal comes");
    is_text (answer ? answer->fault : "", "NO_AGREEMENT", "with its fault");
    ok (kask_answer_noted (a->kask, &answer, &world_error), "it is noted");
    is_int (world->n_messages, 1, "the other was taken");
    is_int (world->members[0].stored, 2, "the broker is told that the answers are stored");
    world->refuse = "UNKNOWN_RECIPIENT";
    world->number_unused = true;
    is_int (side_refer (a, b, "three", "three", NULL), KASK_STORED, "a number is not used");
    is_int (side_refer (a, b, "four", "four", NULL), KASK_STORED, "another follows it");
    world_turn (world);
    is_int (world->n_messages, 2, "the next message takes the same number");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
an_outbox_from_an_old_copy_goes_on (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    world_t *world = world_new (a, b);
    world_connect (world);
    is_int (side_refer (a, b, "one", "one", NULL), KASK_STORED, "a message");
    world_turn (world);
    // the broker got three more from a later state of the folder
    world->members[0].numbers[0].next += 3;
    uint8_t before[16], after[16];
    fact_bytes (a->store, "outbox", before, 16);
    is_int (side_refer (a, b, "five", "five", NULL), KASK_STORED, "a message after the restore");
    client_open (a->client, a->tick_ms);
    side_step (a);
    world_hear (world, &world->members[0], &a->said.letters[0]);
    letters_clear (&a->said);
    side_step (a);
    is_int (client_verdict (a->client), CLIENT_RENEWS, "the old copy is found out at hello");
    fact_bytes (a->store, "outbox", after, 16);
    ok (memcmp (before, after, 16) != 0, "a new incarnation is made");
    letters_clear (&a->said);
    client_open (a->client, a->tick_ms);
    world_turn (world);
    is_int (world->n_messages, 2, "what waited is sent under it");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
a_database_from_an_old_copy_is_met_by_a_new_incarnation (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    world_t *world = world_new (a, b);
    world_connect (world);
    for (int i = 0; i < 3; i++) {
        char act[20];
        snprintf (act, sizeof act, "act %d", i);
        if (side_refer (a, b, act, act, NULL) != KASK_STORED)
            printf ("# %s\n", world_error.text);
    }
    world_turn (world);
    is_int (side_refer (a, b, "lost", "lost", NULL), KASK_STORED, "one more is under way");
    side_step (a);
    letters_clear (&a->said);
    world->members[0].numbers[0].next = 2;
    client_open (a->client, a->tick_ms);
    side_step (a);
    world_hear (world, &world->members[0], &a->said.letters[0]);
    letters_clear (&a->said);
    side_step (a);
    is_int (client_verdict (a->client), CLIENT_RENEWS,
            "numbers that the broker has forgotten make a new incarnation");
    letters_clear (&a->said);
    client_open (a->client, a->tick_ms);
    world_turn (world);
    is_int (world->n_messages, 4, "what was under way is sent under it");
    is_int (side_count (a, "SELECT count (*) FROM kask_sent"), 0, "and nothing waits any more");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
some_faults_stop_for_good (void)
{
    static const struct {
        const char *fault;
        client_verdict_t want;
    } cases[] = {{"SUPERSEDED", CLIENT_STOPS},    {"DATABASE_CHANGED", CLIENT_STOPS},
                 {"BAD_STATEMENT", CLIENT_STOPS}, {"VERSION", CLIENT_STOPS},
                 {"NO_SESSION", CLIENT_LEAVES},   {"STANDBY", CLIENT_LEAVES},
                 {"UNAVAILABLE", CLIENT_LEAVES},  {"OF_A_NEWER_BROKER", CLIENT_LEAVES}};
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    world_t *world = world_new (a, b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        world_connect (world);
        world_fault (&world->members[0], cases[i].fault);
        side_step (a);
        is_int (client_verdict (a->client), cases[i].want, cases[i].fault);
        is_text (client_fault (a->client), cases[i].fault, "and it is named");
    }
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
a_full_socket_loses_nothing (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    world_t *world = world_new (a, b);
    a->full = true;
    client_open (a->client, a->tick_ms);
    client_open (b->client, b->tick_ms);
    world_turn (world);
    ok (!client_is_welcome (a->client), "hello waits for the socket");
    is_int (side_refer (a, b, "one", "one", NULL), KASK_STORED, "a message waits");
    a->full = false;
    world_turn (world);
    is_int (world->n_messages, 1, "and goes out when there is room");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
an_idle_session_pings (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    world_t *world = world_new (a, b);
    world_connect (world);
    a->tick_ms += 10000;
    is_int (client_due_at (a->client) <= a->tick_ms, 1, "the step is due");
    client_flush (a->client, a->tick_ms);
    is_int (a->said.n, 1, "something is said after a silent heartbeat");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
a_session_with_nothing_to_say_sleeps (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    side_pin (b, a);
    world_t *world = world_new (a, b);
    world_connect (world);
    side_refer (a, b, "act 1", "a firm", NULL);
    world_turn (world);
    is_int (client_due_at (a->client) > a->tick_ms, 1, "after an answer no step is due");
    side_close (a);
    side_open (a);
    world_connect (world);
    is_int (client_due_at (a->client) > a->tick_ms, 1, "nor is one in the next session");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
only_a_refusal_is_told_to_be_stored (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    world_t *world = world_new (a, b);
    world_connect (world);
    is_int (side_refer (a, b, "one", "one", NULL), KASK_STORED, "one that is accepted");
    world_turn (world);
    is_int (world->members[0].stored, 0, "the broker keeps nothing of it");
    world->refuse = "NO_AGREEMENT";
    is_int (side_refer (a, b, "two", "two", NULL), KASK_STORED, "one that is refused");
    world_turn (world);
    is_int (world->members[0].stored, 2, "the broker may forget that refusal");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
what_waits_for_a_pin_goes_out_with_it (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    world_t *world = world_new (a, b);
    world_connect (world);
    is_int (side_refer (a, b, "one", "one", NULL), KASK_STORED, "a message to one not pinned");
    world_turn (world);
    is_int (world->n_messages, 0, "is not sent");
    ok (strstr (a->alarm, "it is not pinned"), "and somebody should look");
    side_pin (a, b);
    world_turn (world);
    is_int (world->n_messages, 1, "pinned, it goes out in the same session");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

// The rows of one message, as if many had been put and sealed.
static void
multiply (side_t *side, int n)
{
    bool good = store_begin (side->store, &world_error) &&
                store_run (side->store,
                           "WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many"
                           " WHERE n < ?) INSERT INTO kask_outbox (recipient, act, sealed, header,"
                           " body) SELECT recipient, act, sealed, header, body FROM kask_outbox,"
                           " many",
                           "i", (int64_t) n - 1) &&
                store_commit (side->store, &world_error);
    assert (good);
}

static void
what_is_under_way_is_bounded (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    world_t *world = world_new (a, b);
    world_connect (world);
    is_int (side_refer (a, b, "one", "one", NULL), KASK_STORED, "a message");
    side_step (a);
    size_t sent = a->said.n;
    multiply (a, 5000);
    for (int i = 0; i < 20; i++) {
        letters_clear (&a->said);
        side_step (a);
        sent += a->said.n;
    }
    is_int (sent, 4000, "of five thousand, four are under way when none is answered");
    ok (client_due_at (a->client) > a->tick_ms, "and no step is due until one is");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

static void
a_report_whose_confirmation_was_lost_is_not_told_again (void)
{
    side_t *a = side_new ("anton"), *b = side_new ("berta");
    side_pin (a, b);
    side_pin (b, a);
    world_t *world = world_new (a, b);
    world_connect (world);
    is_int (side_refer (a, b, "one", "one", NULL), KASK_STORED, "a message");
    world_turn (world);
    is_text (side_handle (b), "one", "is done");
    side_step (b);
    for (size_t i = 0; i < b->said.n; i++)
        world_hear (world, &world->members[1], &b->said.letters[i]);
    is_int (world->members[1].n_dones, 1, "the broker has it");
    side_close (b); // with what it had not heard
    side_open (b);
    world_connect (world);
    is_int (side_count (b, "SELECT count (*) FROM kask_report"), 0,
            "Welcome says so, and the report goes");
    is_int (side_count (b, "SELECT count (*) FROM kask_report_item"), 0, "with its items");
    is_int (world->members[1].n_dones, 1, "nothing is told twice");
    world_destroy (&world);
    side_destroy (&a);
    side_destroy (&b);
}

int
main (void)
{
    a_referral_goes_over_and_is_done ();
    what_was_not_answered_is_sent_again_with_its_number ();
    a_lane_waits_out_unavailable_and_gap ();
    gaps_are_answered_by_beginning_again ();
    refusals_are_told_and_stored ();
    an_outbox_from_an_old_copy_goes_on ();
    a_database_from_an_old_copy_is_met_by_a_new_incarnation ();
    some_faults_stop_for_good ();
    a_full_socket_loses_nothing ();
    an_idle_session_pings ();
    a_session_with_nothing_to_say_sleeps ();
    only_a_refusal_is_told_to_be_stored ();
    what_waits_for_a_pin_goes_out_with_it ();
    what_is_under_way_is_bounded ();
    a_report_whose_confirmation_was_lost_is_not_told_again ();
    return tap_end ();
}
