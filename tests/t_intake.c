/*
 * t_intake - what may be sent, decided without a database.
 */
#include "holders.h"
#include "inboxes.h"
#include "intake.h"
#include "codec.h"
#include "refusals.h"
#include "tap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { A = 1, B = 2, C = 3 };

typedef struct {
    registry_t *registry;
    lanes_t *lanes;
    batch_t *batch;
    recall_t *recall;
    inboxes_t *inboxes;
    holders_t *holders;
    refusals_t *refusals;
    intake_t intake;
    counters_t counters;
} world_t;

static const char *const names[] = {"catalogue", "partner-a", "partner-b", "partner-c"};

static void
begin_batch (world_t *w)
{
    recall_reset (w->recall);
    batch_begin (w->batch, 1000000, &w->counters);
}

static world_t *
world_new (void)
{
    world_t *w = calloc (1, sizeof *w);
    assert (w);
    w->registry = registry_new ();
    for (int no = A; no <= C; no++) {
        partner_t partner = {.no = no, .country = "DK"};
        snprintf (partner.id, sizeof partner.id, "%s", names[no]);
        registry_put (w->registry, &partner);
    }
    registry_agree (w->registry, &(agreement_t){A, B, 0, INT64_MAX});
    w->lanes = lanes_new ();
    w->batch = batch_new ();
    w->recall = recall_new (batch_arena (w->batch));
    w->inboxes = inboxes_new ();
    w->holders = holders_new ();
    w->refusals = refusals_new ();
    w->intake = (intake_t){.registry = w->registry,
                           .lanes = w->lanes,
                           .recall = w->recall,
                           .batch = w->batch,
                           .inboxes = w->inboxes,
                           .holders = w->holders,
                           .refusals = w->refusals,
                           .doubts = true};
    begin_batch (w);
    return w;
}

static void
world_destroy (world_t *w)
{
    recall_destroy (&w->recall);
    batch_destroy (&w->batch);
    lanes_destroy (&w->lanes);
    inboxes_destroy (&w->inboxes);
    holders_destroy (&w->holders);
    refusals_destroy (&w->refusals);
    registry_destroy (&w->registry);
    free (w);
}

// An event as it would come; its fields may be changed before the message is made of it.
typedef struct {
    int sender, recipient;
    uint64_t number;
    uint8_t message, referral, origin; // each fills its bytes
    Kask__ReferralEvent event;
    uint8_t id[16];
} letter_t;

static letter_t
letter (int sender, int recipient, uint64_t number, Kask__Event event)
{
    letter_t l = {sender,
                  recipient,
                  number,
                  (uint8_t) (number + 100),
                  1,
                  (uint8_t) (number + 200),
                  KASK__REFERRAL_EVENT__INIT,
                  {0}};
    l.event.event = event;
    if (event == KASK__EVENT__EVENT_SEND)
        l.event.legal_basis = (char *) "CONSENT";
    return l;
}

static void
put_frame (zmq_msg_t *frame, const void *data, size_t size)
{
    zmq_msg_close (frame);
    zmq_msg_init_size (frame, size);
    memcpy (zmq_msg_data (frame), data, size);
}

static void
put_header (item_t *item, letter_t *l)
{
    uint8_t message[16], origin[32], bytes[4096];
    memset (message, l->message, sizeof message);
    memset (origin, l->origin, sizeof origin);
    memset (l->id, l->referral, sizeof l->id);
    l->event.referral_id = (ProtobufCBinaryData){sizeof l->id, l->id};
    if (l->event.event == KASK__EVENT__EVENT_SEND)
        l->event.chain_id = l->event.referral_id;
    Kask__Header header = KASK__HEADER__INIT;
    header.message_id = (ProtobufCBinaryData){sizeof message, message};
    header.origin_key = (ProtobufCBinaryData){sizeof origin, origin};
    header.sender = (char *) names[l->sender];
    header.recipient = (char *) names[l->recipient];
    header.claimed_at_ms = 1;
    header.subject_case = KASK__HEADER__SUBJECT_REFERRAL;
    header.referral = &l->event;
    size_t size = kask__header__pack (&header, bytes);
    put_frame (&item->header_bytes, bytes, size);
    item->fault = header_unpack (bytes, size, &item->header);
}

static item_t *
item_of (letter_t *l)
{
    item_t *item = item_new (ITEM_SEND);
    item->partner = l->sender;
    item->recipient = l->recipient;
    item->outbox[0] = 1;
    Kask__Send send = KASK__SEND__INIT;
    send.recipient = (char *) names[l->recipient];
    send.number = l->number;
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_SEND;
    command.send = &send;
    uint8_t bytes[200];
    size_t size = kask__command__pack (&command, bytes);
    item->command = kask__command__unpack (NULL, size, bytes);
    put_header (item, l);
    put_frame (&item->body_bytes, "sealed", 6);
    return item;
}

static item_result_t
decide (world_t *w, letter_t l)
{
    item_t *item = item_of (&l);
    intake_want (&w->intake, item);
    intake_decide (&w->intake, item);
    item_result_t result = item->result;
    item_destroy (&item);
    return result;
}

static bool
is_refused (item_result_t result, fault_t fault)
{
    if (result.outcome == KASK__OUTCOME__REFUSED && result.fault == fault)
        return true;
    printf ("#   outcome %d fault %s\n", (int) result.outcome, fault_name (result.fault));
    return false;
}

static bool
is_accepted (item_result_t result, int64_t sequence)
{
    if (result.outcome == KASK__OUTCOME__ACCEPTED && result.sequence == sequence)
        return true;
    printf ("#   outcome %d fault %s sequence %lld\n", (int) result.outcome,
            fault_name (result.fault), (long long) result.sequence);
    return false;
}

static void
numbers_have_no_gap (void)
{
    world_t *w = world_new ();
    item_result_t late = decide (w, letter (A, B, 2, KASK__EVENT__EVENT_SEND));
    ok (late.outcome == KASK__OUTCOME__GAP && late.expected == 1, "a later number is a gap");
    ok (is_accepted (decide (w, letter (A, B, 1, KASK__EVENT__EVENT_SEND)), 1),
        "the next is taken");
    item_result_t again = decide (w, letter (A, B, 1, KASK__EVENT__EVENT_SEND));
    ok (again.outcome == KASK__OUTCOME__ACCEPTED && again.repeated,
        "an earlier one gets its first answer");
    is_int (batch_counters (w->batch)->audit, 1, "and makes no second entry");
    world_destroy (w);
}

static void
what_may_be_repeated_is_not_refused_unasked (void)
{
    world_t *w = world_new ();
    decide (w, letter (A, B, 1, KASK__EVENT__EVENT_SEND));
    w->intake.doubts = false;
    letter_t start = letter (B, A, 1, KASK__EVENT__EVENT_START); // SENT does not allow it
    item_t *item = item_of (&start);
    is_int (intake_decide (&w->intake, item), INTAKE_NEXT_BATCH, "the act goes to the next batch");
    ok (w->intake.is_unsure, "which doubts");
    w->intake.doubts = true;
    is_int (intake_decide (&w->intake, item), INTAKE_DECIDED, "and there it is decided");
    ok (is_refused (item->result, FAULT_CONFLICT), "for good");
    item_destroy (&item);
    world_destroy (w);
}

static void
a_refusal_uses_its_number (void)
{
    world_t *w = world_new ();
    ok (is_refused (decide (w, letter (A, C, 1, KASK__EVENT__EVENT_SEND)), FAULT_NO_AGREEMENT),
        "without an agreement nothing is referred");
    item_result_t again = decide (w, letter (A, C, 1, KASK__EVENT__EVENT_SEND));
    ok (is_refused (again, FAULT_NO_AGREEMENT) && again.repeated, "asked again it is the same");
    ok (is_refused (decide (w, letter (A, C, 2, KASK__EVENT__EVENT_SEND)), FAULT_NO_AGREEMENT),
        "the next number is the next message");
    is_int (batch_counters (w->batch)->audit, 1, "refusals that repeat are one entry");
    ok (!batch_first_fresh (w->batch), "nothing is to be delivered");
    world_destroy (w);
}

static void
one_act_is_one_message (void)
{
    world_t *w = world_new ();
    letter_t first = letter (A, B, 1, KASK__EVENT__EVENT_SEND);
    letter_t second = letter (A, B, 2, KASK__EVENT__EVENT_SEND);
    second.origin = first.origin;
    second.referral = 2;
    (void) decide (w, first);
    item_result_t result = decide (w, second);
    ok (result.outcome == KASK__OUTCOME__ACCEPTED && result.repeated && result.standing,
        "a second SEND of one act gets the first one's standing");
    ok (batch_first_fresh (w->batch) && !batch_first_fresh (w->batch)->next,
        "and one is delivered");
    world_destroy (w);
}

static void
events_need_their_fields (void)
{
    static const struct {
        const char *reason, *outcome;
        Kask__Event event;
        fault_t want;
    } rows[] = {
        {"", "", KASK__EVENT__EVENT_HOLD, FAULT_MISSING_FIELD},
        {"BECAUSE", "", KASK__EVENT__EVENT_HOLD, FAULT_MISSING_FIELD},
        {"CLIENT_BACK", "", KASK__EVENT__EVENT_HOLD, FAULT_MISSING_FIELD},
        {"AWAITS_CLIENT", "", KASK__EVENT__EVENT_HOLD, FAULT_OK},
        {"", "MAGIC", KASK__EVENT__EVENT_COMPLETE, FAULT_MISSING_FIELD},
        {"", "", KASK__EVENT__EVENT_FAIL, FAULT_MISSING_FIELD},
        {"", "SOLVED", KASK__EVENT__EVENT_COMPLETE, FAULT_OK},
        {"OTHER", "", KASK__EVENT__EVENT_REOPEN, FAULT_OK},
    };
    world_t *w = world_new ();
    (void) decide (w, letter (A, B, 1, KASK__EVENT__EVENT_SEND));
    uint64_t number = 0;
    letter_t l = letter (B, A, ++number, KASK__EVENT__EVENT_ACCEPT);
    l.event.version = 1;
    ok (is_accepted (decide (w, l), 1), "accepted");
    l = letter (B, A, ++number, KASK__EVENT__EVENT_START);
    l.event.version = 2;
    ok (is_accepted (decide (w, l), 2), "started");
    uint32_t version = 3;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        l = letter (B, A, ++number, rows[i].event);
        l.event.reason = (char *) rows[i].reason;
        l.event.outcome = (char *) rows[i].outcome;
        l.event.version = version;
        item_result_t result = decide (w, l);
        ok (rows[i].want == FAULT_OK ? result.outcome == KASK__OUTCOME__ACCEPTED
                                     : is_refused (result, rows[i].want),
            rows[i].want == FAULT_OK ? "taken with its field" : "refused without");
        version += rows[i].want == FAULT_OK;
    }
    world_destroy (w);
}

static void
only_parties_speak (void)
{
    world_t *w = world_new ();
    (void) decide (w, letter (A, B, 1, KASK__EVENT__EVENT_SEND));
    ok (is_refused (decide (w, letter (C, A, 1, KASK__EVENT__EVENT_NOTE)), FAULT_NOT_A_PARTY),
        "a stranger may say nothing");
    ok (is_refused (decide (w, letter (B, C, 1, KASK__EVENT__EVENT_NOTE)), FAULT_WRONG_RECIPIENT),
        "a party speaks to the other one");
    letter_t unknown = letter (B, A, 1, KASK__EVENT__EVENT_NOTE);
    unknown.referral = 9;
    ok (is_refused (decide (w, unknown), FAULT_UNKNOWN_REFERRAL), "of a referral that is there");
    world_destroy (w);
}

// ---- batches that follow one another

// Decides the message in a batch that is committed, as far as memory goes, and begins the next.
static void
commit (world_t *w, letter_t l)
{
    item_t *item = item_of (&l);
    intake_decide (&w->intake, item);
    lanes_commit (w->lanes);
    w->counters = *batch_counters (w->batch);
    recall_committed (w->recall, item, batch_first_fresh (w->batch));
    begin_batch (w);
    item_destroy (&item);
}

// Would the database be asked anything before this is decided?
static bool
asks_for (world_t *w, const item_t *item)
{
    run_t *run = run_new (NULL, NULL);
    intake_want (&w->intake, item);
    bool asks = recall_ask (w->recall, run);
    run_destroy (&run);
    return asks;
}

static void
what_is_decided_again_has_one_result (void)
{
    world_t *w = world_new ();
    letter_t l = letter (A, B, 1, KASK__EVENT__EVENT_SEND);
    item_t *item = item_of (&l);
    item->result.repeated = true; // of a batch that was undone
    item->result.expected = 7;
    intake_decide (&w->intake, item);
    ok (is_accepted (item->result, 1), "a message that was decided before is decided anew");
    ok (!item->result.repeated && !item->result.expected, "nothing is left of the first time");
    item_destroy (&item);
    world_destroy (w);
}

static void
a_new_number_asks_for_nothing (void)
{
    world_t *w = world_new ();
    commit (w, letter (A, B, 1, KASK__EVENT__EVENT_SEND));
    w->intake.doubts = false;
    letter_t next = letter (A, B, 2, KASK__EVENT__EVENT_SEND);
    next.referral = 2;
    item_t *item = item_of (&next);
    ok (!asks_for (w, item), "the lane's next number was never used: nothing is asked");
    item->command->send->number = 1;
    ok (asks_for (w, item), "an earlier one is looked for");
    item_destroy (&item);
    world_destroy (w);
}

// ---- what the referral's fields say

static item_result_t
declined (world_t *w, const char *code)
{
    Kask__Obstacle obstacle = KASK__OBSTACLE__INIT, *obstacles[] = {&obstacle};
    obstacle.code = (char *) code;
    letter_t l = letter (B, A, 1, KASK__EVENT__EVENT_DECLINE);
    l.event.version = 1;
    l.event.n_obstacles = 1;
    l.event.obstacles = obstacles;
    return decide (w, l);
}

static void
obstacles_have_known_codes (void)
{
    world_t *w = world_new ();
    (void) decide (w, letter (A, B, 1, KASK__EVENT__EVENT_SEND));
    ok (is_accepted (declined (w, "CAPACITY"), 1), "a known obstacle");
    world_destroy (w);
    w = world_new ();
    (void) decide (w, letter (A, B, 1, KASK__EVENT__EVENT_SEND));
    ok (is_refused (declined (w, "WEATHER"), FAULT_MISSING_FIELD), "an unknown one");
    world_destroy (w);
}

// A leg of A's, behind one of a chain of so many parties.
static item_result_t
leg_behind (int parties)
{
    world_t *w = world_new ();
    uint8_t previous_id[16], chain[16];
    memset (previous_id, 9, sizeof previous_id);
    memset (chain, 1, sizeof chain); // as letter() makes it
    referral_t previous = {.no = 50, .referrer = C, .receiver = A, .n_parties = parties};
    memcpy (previous.id, previous_id, sizeof previous.id);
    memcpy (previous.chain, chain, sizeof previous.chain);
    for (int i = 0; i < parties; i++)
        previous.parties[i] = 100 + i;
    recall_put_referral (w->recall, &previous);
    letter_t l = letter (A, B, 1, KASK__EVENT__EVENT_SEND);
    l.event.previous_leg = (ProtobufCBinaryData){sizeof previous_id, previous_id};
    item_result_t result = decide (w, l);
    world_destroy (w);
    return result;
}

static void
a_chain_has_an_end (void)
{
    ok (leg_behind (LIMIT_LEGS).outcome == KASK__OUTCOME__ACCEPTED, "the last leg of a chain");
    ok (is_refused (leg_behind (LIMIT_LEGS + 1), FAULT_CHAIN_TOO_LONG), "one more is refused");
}

// ---- reports

// The recipient reports the sender's message of that sequence, done or dead.
static item_t *
report_of (item_kind_t kind, letter_t *l, uint64_t sequence, uint32_t replay)
{
    item_t *item = item_new (kind);
    uint8_t message[16], bytes[400];
    memset (message, l->message, sizeof message);
    item->partner = l->recipient;
    item->inbox[0] = 1;
    item->senders = calloc (1, sizeof *item->senders);
    assert (item->senders);
    item->senders[0] = l->sender;
    Kask__DoneItem done_item = KASK__DONE_ITEM__INIT, *done_items[] = {&done_item};
    Kask__DeadItem dead_item = KASK__DEAD_ITEM__INIT, *dead_items[] = {&dead_item};
    Kask__DoneList list = KASK__DONE_LIST__INIT;
    Kask__Done done = KASK__DONE__INIT;
    Kask__Dead dead = KASK__DEAD__INIT;
    Kask__Command command = KASK__COMMAND__INIT;
    done_item.sender = dead_item.sender = (char *) names[l->sender];
    done_item.sequence = dead_item.sequence = sequence;
    done_item.replay = dead_item.replay = replay;
    done_item.message_id = dead_item.message_id = (ProtobufCBinaryData){16, message};
    dead_item.reason = KASK__DEAD_REASON__CANNOT_OPEN;
    list.n_items = dead.n_items = 1;
    list.items = done_items;
    dead.items = dead_items;
    done.batch = dead.batch = 1;
    command.command_case =
        kind == ITEM_DONE ? KASK__COMMAND__COMMAND_DONE : KASK__COMMAND__COMMAND_DEAD;
    if (kind == ITEM_DONE)
        command.done = &done;
    else
        command.dead = &dead;
    item->command = kask__command__unpack (NULL, kask__command__pack (&command, bytes), bytes);
    item->list = kask__done_list__unpack (NULL, kask__done_list__pack (&list, bytes), bytes);
    return item;
}

// The broker's message to A about the first one from A to B, after `kind` was reported of it.
static void
notice_follows (item_kind_t kind, Kask__Event event, Kask__State state)
{
    world_t *w = world_new ();
    letter_t sent = letter (A, B, 1, KASK__EVENT__EVENT_SEND);
    commit (w, sent);
    item_t *item = report_of (kind, &sent, 1, 0);
    ok (!asks_for (w, item), "what was just accepted is known");
    intake_decide (&w->intake, item);
    is_int (item->result.confirmed, 1, "the report is confirmed");
    is_int (item->result.n_unknown, 0, "and all of it known");
    const fresh_t *fresh = batch_first_fresh (w->batch);
    ok (fresh && !fresh->next && fresh->recipient == A && fresh->sender == B && fresh->by_broker &&
            fresh->sequence == 1,
        "the broker's message is the first in the lane back");
    Kask__Header *header = NULL;
    bool has = fresh && header_unpack (fresh->header, fresh->header_size, &header) == FAULT_OK;
    if (!ok (has, "it has a header"))
        return;
    is_text (header->sender, "broker", "of the broker");
    is_int (header->referral->event, event, "with its event");
    uint8_t about[16];
    memset (about, sent.message, sizeof about);
    ok (header->referral->about_message_id.len == 16 &&
            memcmp (header->referral->about_message_id.data, about, 16) == 0,
        "about that message");
    Kask__Standing *standing = kask__standing__unpack (NULL, fresh->standing_size, fresh->standing);
    ok (standing && standing->referral_id.len == 16 && standing->referral_id.data[0] == 1,
        "it says how its referral stands");
    ok (standing && standing->state == state, "after it");
    ok (lane_is_settled (lanes_find (w->lanes, B, A), 1), "and the message is settled");
    kask__standing__free_unpacked (standing, NULL);
    kask__header__free_unpacked (header, NULL);
    item_destroy (&item);
    world_destroy (w);
}

static void
reports_are_told_to_the_sender (void)
{
    notice_follows (ITEM_DONE, KASK__EVENT__EVENT_RECEIPT, KASK__STATE__STATE_RECEIVED);
    notice_follows (ITEM_DEAD, KASK__EVENT__EVENT_DEAD_LETTER, KASK__STATE__STATE_SENT);
}

static void
reports_of_nothing_come_back_as_unknown (void)
{
    world_t *w = world_new ();
    letter_t sent = letter (A, B, 1, KASK__EVENT__EVENT_SEND);
    commit (w, sent);
    item_t *item = report_of (ITEM_DONE, &sent, 2, 3);
    ok (!asks_for (w, item), "what was never sent is not looked for");
    intake_decide (&w->intake, item);
    is_int (item->result.n_unknown, 1, "a message that was never sent is unknown");
    const Kask__MessageRef *ref = item->result.unknown[0];
    is_text (ref->sender, "partner-a", "by its sender");
    ok (ref->sequence == 2 && ref->replay == 3, "sequence and replay");
    ok (!batch_first_fresh (w->batch), "nothing follows from it");
    item_destroy (&item);
    world_destroy (w);
}

int
main (void)
{
    numbers_have_no_gap ();
    what_may_be_repeated_is_not_refused_unasked ();
    a_refusal_uses_its_number ();
    one_act_is_one_message ();
    events_need_their_fields ();
    only_parties_speak ();
    what_is_decided_again_has_one_result ();
    a_new_number_asks_for_nothing ();
    obstacles_have_known_codes ();
    a_chain_has_an_end ();
    reports_are_told_to_the_sender ();
    reports_of_nothing_come_back_as_unknown ();
    return tap_end ();
}
