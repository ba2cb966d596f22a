/*
 * t_intake - what may be sent, decided without a database.
 */
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
    w->refusals = refusals_new ();
    w->intake = (intake_t){.registry = w->registry,
                           .lanes = w->lanes,
                           .recall = w->recall,
                           .batch = w->batch,
                           .inboxes = w->inboxes,
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

int
main (void)
{
    numbers_have_no_gap ();
    what_may_be_repeated_is_not_refused_unasked ();
    a_refusal_uses_its_number ();
    one_act_is_one_message ();
    events_need_their_fields ();
    only_parties_speak ();
    return tap_end ();
}
