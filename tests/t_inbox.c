/*
 * t_inbox - what comes in, is handled, held back, put off, erased, or dies.
 */
#include "disk.h"
#include "handling.h"
#include "moment.h"
#include "sdk_world.h"
#include "tap.h"

#include <poll.h>

typedef struct {
    side_t *a;
    side_t *b;
    world_t *world;
} pair_t;

static pair_t
pair_new (void)
{
    pair_t pair = {side_new ("anton"), side_new ("berta"), NULL};
    side_pin (pair.a, pair.b);
    side_pin (pair.b, pair.a);
    pair.world = world_new (pair.a, pair.b);
    world_connect (pair.world);
    return pair;
}

static void
pair_end (pair_t *pair)
{
    world_destroy (&pair->world);
    side_destroy (&pair->a);
    side_destroy (&pair->b);
}

static void
refer (pair_t *pair, const char *act, uint8_t referral[16])
{
    if (side_refer (pair->a, pair->b, act, act, referral) != KASK_STORED)
        printf ("# %s\n", world_error.text);
}

static void
note (pair_t *pair, const char *act, const uint8_t referral[16])
{
    if (side_tell (pair->a, pair->b, KASK__EVENT__EVENT_NOTE, act, referral) != KASK_STORED)
        printf ("# %s\n", world_error.text);
}

enum { DEADLINE_MS = 20000, LOOK_MS = 20 };

// The next one, which comes by itself; NULL: none came until the deadline.
static kask_message_t *
next_in_time (side_t *side)
{
    int64_t deadline = moment_tick_ms () + DEADLINE_MS;
    kask_message_t *message = kask_next (side->kask);
    while (!message && moment_tick_ms () < deadline) {
        int wait = kask_timeout_ms (side->kask);
        poll (NULL, 0, wait < 0 || wait > LOOK_MS ? LOOK_MS : wait);
        message = kask_next (side->kask);
    }
    return message;
}

static void
putting_off_holds_back_one_referral_only (void)
{
    pair_t pair = pair_new ();
    uint8_t one[16], two[16];
    refer (&pair, "one", one);
    refer (&pair, "two", two);
    note (&pair, "one again", one);
    world_turn (pair.world);
    kask_message_t *message = kask_next (pair.b->kask);
    ok (kask_later (pair.b->kask, &message, 60, &world_error), "the first is put off");
    ok (!message, "and taken");
    is_text (side_handle (pair.b), "two", "another referral goes on");
    is_text (side_handle (pair.b), "nothing", "its own waits");
    message = next_in_time (pair.b);
    is_text (message ? message->content->text : "", "one", "it comes again");
    ok (message && message->perhaps_repeated, "marked as perhaps repeated");
    ok (kask_done (pair.b->kask, &message, &world_error), "it is done");
    is_text (side_handle (pair.b), "one again", "then what it held back");
    pair_end (&pair);
}

static void
what_the_program_has_in_hand_holds_its_referral (void)
{
    pair_t pair = pair_new ();
    uint8_t one[16];
    refer (&pair, "one", one);
    note (&pair, "one again", one);
    world_turn (pair.world);
    kask_message_t *message = kask_next (pair.b->kask);
    ok (message && !kask_next (pair.b->kask), "there is no second while the first is in hand");
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_referral"), 0, "no version is known");
    ok (kask_done (pair.b->kask, &message, &world_error), "it is done");
    is_int (side_count (pair.b, "SELECT version FROM kask_referral"), 1,
            "the system knows the referral's first version");
    is_text (side_handle (pair.b), "one again", "now the second");
    is_int (side_count (pair.b, "SELECT version FROM kask_referral"), 2, "and its second");
    pair_end (&pair);
}

static void
a_message_that_crashes_becomes_a_dead_letter (void)
{
    pair_t pair = pair_new ();
    uint8_t one[16];
    refer (&pair, "one", one);
    note (&pair, "one again", one);
    world_turn (pair.world);
    for (int tries = 0; tries < 5; tries++) {
        is_int (pair.world->members[1].n_deads, 0, "so far it is tried again");
        kask_message_t *crashing = next_in_time (pair.b);
        ok (crashing && kask_crashed (pair.b->kask, &crashing, KASK__DEAD_REASON__MAPPING_FAILED,
                                      "no field name", &world_error),
            "it crashes");
        world_turn (pair.world);
    }
    is_int (pair.world->members[1].n_deads, 1, "after five crashes it is reported");
    is_int (pair.world->members[1].dead_reason, KASK__DEAD_REASON__MAPPING_FAILED, "it is DEAD");
    is_int (pair.world->members[1].dead_tries, 5, "with each of its attempts");
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_attempt"), 0,
            "which are forgotten once that is confirmed");
    is_text (side_handle (pair.b), "nothing", "what follows it waits");
    for (int i = 0; i < 2; i++) {
        world_deliver (&pair.world->members[1], &pair.world->messages[0], i > 0, 1);
        ok (world_turn (pair.world), "a replay is stored, and is there when it comes again");
    }
    kask_message_t *message = kask_next (pair.b->kask);
    is_text (message ? message->id : "", "anton/1/1", "it comes");
    ok (kask_done (pair.b->kask, &message, &world_error), "and is done");
    world_deliver (&pair.world->members[1], &pair.world->messages[0], true, 1);
    side_step (pair.b);
    is_text (side_handle (pair.b), "one again", "then what was held back");
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_inbox"), 0, "nothing is left");
    pair_end (&pair);
}

static void
a_refused_message_dies_at_once (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    refer (&pair, "two", NULL);
    world_turn (pair.world);
    kask_message_t *message = kask_next (pair.b->kask);
    ok (kask_refused (pair.b->kask, &message, "unknown municipality", &world_error), "refused");
    world_turn (pair.world);
    is_int (pair.world->members[1].dead_reason, KASK__DEAD_REASON__REFUSED_BY_SYSTEM, "DEAD");
    is_text (side_handle (pair.b), "two", "other referrals go on");
    pair_end (&pair);
}

// What a system says goes to the broker as text, or the report would never be taken.
static void
what_a_system_says_is_made_text (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    world_turn (pair.world);
    char said[700] = "\xff \xe6 ";
    for (size_t i = strlen (said); i + 2 < sizeof said; i += 2)
        memcpy (said + i, "\xc3\xb8", 3);
    kask_message_t *message = kask_next (pair.b->kask);
    ok (kask_refused (pair.b->kask, &message, said, &world_error), "refused");
    world_turn (pair.world);
    const char *text = pair.world->members[1].dead_text;
    ok (strncmp (text, "? ? \xc3\xb8", 6) == 0, "what is no text is marked");
    is_int (strlen (text), LIMIT_SHORT_TEXT_BYTES, "as much of it as fits, whole characters only");
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_report"), 0, "and the report is taken");
    pair_end (&pair);
}

static void
a_crash_that_heals_leaves_no_attempt (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    world_turn (pair.world);
    kask_message_t *message = kask_next (pair.b->kask);
    ok (kask_crashed (pair.b->kask, &message, KASK__DEAD_REASON__MAPPING_FAILED, "no",
                      &world_error),
        "an attempt fails");
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_attempt"), 1, "and is noted");
    message = next_in_time (pair.b);
    ok (kask_done (pair.b->kask, &message, &world_error), "the next one does not");
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_attempt"), 0, "nothing of it is left");
    pair_end (&pair);
}

static void
an_event_of_a_later_version_is_a_dead_letter (void)
{
    pair_t pair = pair_new ();
    uint8_t one[16];
    refer (&pair, "one", one);
    world_turn (pair.world);
    is_text (side_handle (pair.b), "one", "a referral");
    ok (side_tell (pair.a, pair.b, (Kask__Event) 99, "later", one) != KASK_FAILED,
        "and what only a later version knows");
    world_turn (pair.world);
    is_text (side_handle (pair.b), "nothing", "the program does not get it");
    world_turn (pair.world);
    is_int (pair.world->members[1].dead_reason, KASK__DEAD_REASON__MAPPING_FAILED, "it is DEAD");
    refer (&pair, "two", NULL);
    world_turn (pair.world);
    is_text (side_handle (pair.b), "two", "other referrals go on");
    pair_end (&pair);
}

static void
a_redelivery_has_no_effect (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    world_turn (pair.world);
    world_deliver (&pair.world->members[1], &pair.world->messages[0], true, 0);
    world_turn (pair.world);
    is_text (side_handle (pair.b), "one", "it is handled");
    is_text (side_handle (pair.b), "nothing", "once");
    world_turn (pair.world);
    world_deliver (&pair.world->members[1], &pair.world->messages[0], true, 0);
    world_turn (pair.world);
    is_text (side_handle (pair.b), "nothing", "a redelivery of what is done is not handed over");
    is_int (pair.world->members[1].n_dones, 2, "and is reported again");
    world_connect (pair.world); // accepted in 1970: more than 30 days ago
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_taken"), 0, "its id is forgotten");
    world_deliver (&pair.world->members[1], &pair.world->messages[0], true, 0);
    world_turn (pair.world);
    is_text (side_handle (pair.b), "nothing",
             "its place in the lane is not: it is not handed over");
    pair_end (&pair);
}

// As a broker whose database was restored gives it.
static void
deliver_anew (pair_t *pair, stored_t *message, uint64_t sequence)
{
    message->sequence = sequence;
    world_deliver (&pair->world->members[1], message, false, 0);
    world_turn (pair->world);
}

static void
a_message_that_comes_anew_has_one_effect (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    world_turn (pair.world);
    stored_t *message = &pair.world->messages[0];
    deliver_anew (&pair, message, 11);
    is_int (side_count (pair.b, "SELECT sequence FROM kask_inbox"), 11,
            "what still waits goes by the sequence that the broker knows");
    is_text (side_handle (pair.b), "one", "it is handled");
    is_text (side_handle (pair.b), "nothing", "once");
    world_turn (pair.world);
    size_t dones = pair.world->members[1].n_dones;
    deliver_anew (&pair, message, 12);
    is_text (side_handle (pair.b), "nothing", "what was handled is not handled again");
    is_int ((int64_t) pair.world->members[1].n_dones, (int64_t) dones + 1, "and it is DONE again");
    is_int ((int64_t) pair.world->members[1].position, 12, "the position goes on");
    pair_end (&pair);
}

static void
a_dead_letter_that_comes_anew_is_dead (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    world_turn (pair.world);
    kask_message_t *given = kask_next (pair.b->kask);
    ok (kask_refused (pair.b->kask, &given, "no such case", &world_error), "it is refused");
    world_turn (pair.world);
    deliver_anew (&pair, &pair.world->messages[0], 11);
    is_text (side_handle (pair.b), "nothing", "it waits for its replay");
    world_turn (pair.world);
    is_int ((int64_t) pair.world->members[1].n_deads, 2, "and is told of as dead again");
    world_deliver (&pair.world->members[1], &pair.world->messages[0], false, 1);
    world_turn (pair.world);
    is_text (side_handle (pair.b), "one", "its replay has its effect");
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_inbox"), 0, "and nothing is held back");
    pair_end (&pair);
}

static void
what_was_taken_is_told_once (void)
{
    pair_t pair = pair_new ();
    uint8_t one[16];
    member_t *b = &pair.world->members[1];
    refer (&pair, "one", one);
    world_turn (pair.world);
    is_int (b->n_takens, 1, "what came is told in one command");
    note (&pair, "one again", one);
    world_turn (pair.world);
    is_int (b->n_takens, 2, "what comes later in one more");
    side_step (pair.b);
    world_turn (pair.world);
    is_int (b->n_takens, 2, "and then nothing is told");
    for (uint32_t replay = 1; replay <= LIMIT_LIST_ITEMS + 1; replay++)
        world_deliver (b, &pair.world->messages[0], false, replay);
    world_turn (pair.world);
    is_int (b->n_apart, LIMIT_LIST_ITEMS + 1, "of more replays than a command holds all are told");
    is_int (b->n_takens, 4, "in two");
    pair_end (&pair);
}

static void
revoke_overtakes_and_erases (void)
{
    pair_t pair = pair_new ();
    uint8_t one[16];
    refer (&pair, "one", one);
    note (&pair, "one again", one);
    refer (&pair, "two", NULL);
    world_turn (pair.world);
    kask_message_t *message = kask_next (pair.b->kask);
    ok (kask_later (pair.b->kask, &message, 600000, &world_error), "a referral is put off");
    is_int (side_tell (pair.a, pair.b, KASK__EVENT__EVENT_REVOKE, "revoked", one), KASK_STORED,
            "its consent is withdrawn");
    world_turn (pair.world);
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_inbox WHERE event <> 15"), 1,
            "what waited of it is erased, other referrals stay");
    is_text (side_handle (pair.b), "two", "what came before is handled");
    is_text (side_handle (pair.b), "revoked", "the partner's system is told");
    world_turn (pair.world);
    is_int (pair.world->members[1].n_dones, 4, "all is reported DONE");
    is_int (pair.world->members[1].position, 3, "REVOKE moved no position");
    world_deliver (&pair.world->members[1], &pair.world->messages[0], true, 0);
    world_turn (pair.world);
    is_text (side_handle (pair.b), "nothing", "what was erased does not come back");
    pair_end (&pair);
}

static void
revoke_passes_a_dead_letter (void)
{
    pair_t pair = pair_new ();
    uint8_t one[16];
    refer (&pair, "one", one);
    world_turn (pair.world);
    kask_message_t *message = kask_next (pair.b->kask);
    ok (kask_refused (pair.b->kask, &message, "no", &world_error), "a dead letter");
    is_int (side_tell (pair.a, pair.b, KASK__EVENT__EVENT_REVOKE, "revoked", one), KASK_STORED,
            "REVOKE follows");
    world_turn (pair.world);
    is_text (side_handle (pair.b), "revoked", "it is not held back");
    pair_end (&pair);
}

static void
an_unpinned_sender_waits_with_an_alarm (void)
{
    pair_t pair = pair_new ();
    ok (kask_unpin (pair.b->kask, "anton", &world_error), "the pin is taken away");
    refer (&pair, "one", NULL);
    world_turn (pair.world);
    pair.b->alarm[0] = '\0';
    is_text (side_handle (pair.b), "nothing", "its message is not handed over");
    ok (strstr (pair.b->alarm, "not pinned"), "and there is an alarm");
    is_int (pair.world->members[1].position, 1, "it is TAKEN");
    is_int (pair.world->members[1].n_dones, 0, "and not DONE");
    side_pin (pair.b, pair.a);
    is_text (side_handle (pair.b), "one", "once pinned it is handed over");
    pair_end (&pair);
}

static void
an_older_key_statement_is_passed_over (void)
{
    pair_t pair = pair_new ();
    const identity_t old = pair.a->identity;
    side_close (pair.a);
    ok (kask_rotate (pair.a->dir, false, &world_error), "a partner changes its keys");
    side_open (pair.a);
    world_connect (pair.world);
    size_t newest = side_count (pair.b, "SELECT number FROM kask_pin");
    is_int (newest, pair.a->identity.number, "its neighbour has the newest statement");
    pair.a->identity = old;
    world_connect (pair.world);
    is_int (side_count (pair.b, "SELECT number FROM kask_pin"), newest,
            "and keeps it when the broker shows an older one again");
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_pin i JOIN kask_partner p USING"
                                " (partner) WHERE i.sealing = p.shown_sealing"),
            0, "with its sealing key");
    pair_end (&pair);
}

static void
what_was_tampered_with_is_dead (void)
{
    pair_t pair = pair_new ();
    pair.world->deliver = false;
    refer (&pair, "one", NULL);
    refer (&pair, "two", NULL);
    world_turn (pair.world);
    stored_t *one = &pair.world->messages[0], *two = &pair.world->messages[1];
    uint8_t *body = one->letter.data[2];
    size_t size = one->letter.size[2];
    one->letter.data[2] = two->letter.data[2]; // swapped
    one->letter.size[2] = two->letter.size[2];
    two->letter.data[2] = body;
    two->letter.size[2] = size;
    world_deliver (&pair.world->members[1], one, false, 0);
    two->letter.data[2][5] ^= 1; // and damaged
    world_deliver (&pair.world->members[1], two, false, 0);
    world_turn (pair.world);
    is_text (side_handle (pair.b), "nothing", "neither is handed over");
    world_turn (pair.world);
    is_int (pair.world->members[1].n_deads, 2, "both are dead letters by themselves");
    pair_end (&pair);
}

static void
nothing_is_lost_or_doubled_by_a_restart (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    refer (&pair, "two", NULL);
    world_turn (pair.world);
    is_text (side_handle (pair.b), "one", "one is done, its report not sent yet");
    kask_message_t *message = kask_next (pair.b->kask);
    ok (message && !message->perhaps_repeated, "two is in hand");
    // a process that dies has no time to say that all went well
    char mark[] = "UPDATE kask_fact SET value = 100 WHERE name = 'handed_no'";
    side_close (pair.b);
    side_open (pair.b);
    store_run (pair.b->store, mark, "");
    side_close (pair.b);
    side_open (pair.b);
    world_connect (pair.world);
    message = kask_next (pair.b->kask);
    is_text (message ? message->content->text : "", "two", "after the restart two comes again");
    ok (message && message->perhaps_repeated, "marked as perhaps repeated");
    ok (kask_done (pair.b->kask, &message, &world_error), "it is done");
    world_turn (pair.world);
    is_int (pair.world->members[1].n_dones, 2, "both are reported");
    is_text (side_handle (pair.b), "nothing", "and nothing twice");
    pair_end (&pair);
}

// Its system was put back to before them; kask_recover, and all comes again.
static void
what_the_system_lacks_is_not_reported (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    refer (&pair, "two", NULL);
    world_turn (pair.world);
    side_handle (pair.b);
    side_step (pair.b);
    side_handle (pair.b);
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_report"), 1,
            "one is reported, and that is not confirmed");
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_report_item"), 2,
            "two is to be reported");
    side_close (pair.b);
    ok (kask_recover (pair.b->dir, &world_error), "its system lacks both");
    side_open (pair.b);
    world_connect (pair.world);
    world_turn (pair.world);
    is_int (pair.world->members[1].n_dones, 0, "neither is reported");
    for (int i = 0; i < 2; i++)
        world_deliver (&pair.world->members[1], &pair.world->messages[i], true, 0);
    world_turn (pair.world);
    is_text (side_handle (pair.b), "one", "one comes again");
    is_text (side_handle (pair.b), "two", "and two");
    world_turn (pair.world);
    is_int (pair.world->members[1].n_dones, 2, "now they are reported");
    pair_end (&pair);
}

static void
an_older_copy_is_delivered_anew (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    world_turn (pair.world);
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_inbox"), 1, "a message waits");
    side_close (pair.b);
    side_open (pair.b);
    pair.world->members[1].last_batch = 3;
    world_connect (pair.world);
    is_int (client_verdict (pair.b->client), CLIENT_RENEWS,
            "the broker has reports that were not made here");
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_inbox"), 0,
            "what waits may have been settled since");
    is_int (side_count (pair.b, "SELECT count (*) FROM kask_position"), 0,
            "and has to come from the beginning");
    world_connect (pair.world);
    is_int (client_verdict (pair.b->client), CLIENT_STAYS, "the reports count as its own");
    world_deliver (&pair.world->members[1], &pair.world->messages[0], true, 0);
    world_turn (pair.world);
    is_text (side_handle (pair.b), "one", "what was not settled comes");
    world_turn (pair.world);
    is_int (pair.world->members[1].last_batch, 4, "and is reported in the next");
    pair_end (&pair);
}

static void
nothing_is_given_out_before_welcome (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    world_turn (pair.world);
    side_close (pair.b);
    side_open (pair.b);
    kask_error_t error;
    ok (store_begin (pair.b->store, &error), "a handle with the network is opened");
    handling_may_give (pair.b->store, false);
    ok (store_commit (pair.b->store, &error), "on this store");
    is_text (side_handle (pair.b), "nothing", "what waits may be an older copy");
    world_connect (pair.world);
    is_text (side_handle (pair.b), "one", "after Welcome it is given out");
    pair_end (&pair);
}

static void
a_transaction_that_is_undone_undoes_done (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    world_turn (pair.world);
    ok (kask_begin (pair.b->kask, &world_error), "the program begins");
    is_text (side_handle (pair.b), "one", "handles one");
    kask_rollback (pair.b->kask);
    is_text (side_handle (pair.b), "one", "after a rollback it is there again");
    ok (kask_begin (pair.a->kask, &world_error), "a sender begins");
    is_int (side_refer (pair.a, pair.b, "x", "x", NULL), KASK_STORED, "puts a message");
    is_int (side_refer (pair.a, pair.a, "y", "y", NULL), KASK_FAILED, "fails with another");
    ok (kask_commit (pair.a->kask, &world_error), "and commits");
    is_int (side_count (pair.a, "SELECT count (*) FROM kask_outbox"), 1, "the first is stored");
    pair_end (&pair);
}

static void
a_full_inbox_closes_the_window (void)
{
    pair_t pair = pair_new ();
    inbox_destroy (&pair.b->inbox);
    client_destroy (&pair.b->client);
    pair.b->inbox = inbox_new (pair.b->store, &pair.b->port, 3, 1000000);
    pair.b->client =
        client_new (pair.b->store, &pair.b->identity, &pair.b->port, pair.b->inbox, "");
    world_connect (pair.world);
    is_int (pair.world->members[1].window, 3, "the window is the inbox's");
    refer (&pair, "one", NULL);
    refer (&pair, "two", NULL);
    refer (&pair, "three", NULL);
    world_turn (pair.world);
    is_int (pair.world->members[1].window, 0, "three fill it");
    is_text (side_handle (pair.b), "one", "one is handled");
    world_turn (pair.world);
    is_int (pair.world->members[1].window, 1, "there is room for one");
    pair_end (&pair);
}

// Before a message is given the store says that it may have been: a full disk cannot.
static void
a_full_disk_holds_messages_back (void)
{
    pair_t pair = pair_new ();
    refer (&pair, "one", NULL);
    world_turn (pair.world);
    disk_watch (pair.b->dir, 0);
    disk_fill (true);
    ok (!kask_next (pair.b->kask), "on a full disk no message is handed over");
    ok (strstr (pair.b->alarm, "the disk is full: make room"), "with an alarm");
    ok (kask_timeout_ms (pair.b->kask) > 100, "and the program may sleep");
    disk_fill (false);
    kask_message_t *message = next_in_time (pair.b);
    is_text (message ? message->content->text : "", "one", "with room again it comes");
    ok (kask_done (pair.b->kask, &message, &world_error), "and is done");
    disk_watch (NULL, 0);
    pair_end (&pair);
}

int
main (void)
{
    disk_install ();
    putting_off_holds_back_one_referral_only ();
    what_the_program_has_in_hand_holds_its_referral ();
    a_message_that_crashes_becomes_a_dead_letter ();
    a_refused_message_dies_at_once ();
    what_a_system_says_is_made_text ();
    a_crash_that_heals_leaves_no_attempt ();
    an_event_of_a_later_version_is_a_dead_letter ();
    a_redelivery_has_no_effect ();
    a_message_that_comes_anew_has_one_effect ();
    a_dead_letter_that_comes_anew_is_dead ();
    what_was_taken_is_told_once ();
    revoke_overtakes_and_erases ();
    revoke_passes_a_dead_letter ();
    an_unpinned_sender_waits_with_an_alarm ();
    an_older_key_statement_is_passed_over ();
    what_was_tampered_with_is_dead ();
    nothing_is_lost_or_doubled_by_a_restart ();
    what_the_system_lacks_is_not_reported ();
    an_older_copy_is_delivered_anew ();
    nothing_is_given_out_before_welcome ();
    a_transaction_that_is_undone_undoes_done ();
    a_full_inbox_closes_the_window ();
    a_full_disk_holds_messages_back ();
    return tap_end ();
}
