/*
 * intake - may it, and what follows: messages that partners send.
 *
 * A message passes three gates: its number (first answers to repeats), its
 * origin key (one act is one message), and the rules of its event.  A
 * refusal uses the number up and is remembered, as ACCEPTED is.
 */
#include "intake.h"
#include "codec.h"
#include "codes.h"
#include "deadline.h"
#include "holders.h"
#include "keys.h"
#include "operator.h"
#include "reference.h"
#include "refusals.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

// ---------------------------------------------------------------- small helpers

role_t
party_role (const referral_t *referral, int partner)
{
    if (partner == referral->referrer)
        return ROLE_REFERRER;
    return partner == referral->receiver ? ROLE_RECEIVER : ROLE_NONE;
}

int64_t
intake_due_at (const intake_t *self, const referral_t *r)
{
    return registry_by_no (self->registry, r->receiver)->paused_at ? 0 : deadline_next (r);
}

const uint8_t *
standing_pack (const intake_t *self, const referral_t *r, uint32_t question, size_t *size_p)
{
    char reference[REFERENCE_TEXT_BYTES];
    reference_write (r->no, reference);
    Kask__Standing standing = KASK__STANDING__INIT;
    standing.referral_id = (ProtobufCBinaryData){sizeof r->id, (uint8_t *) r->id};
    standing.reference = reference;
    standing.version = r->version;
    standing.state = r->state;
    standing.n_open_questions = (size_t) r->n_questions;
    standing.open_questions = (uint32_t *) r->questions;
    standing.withdrawal_wished = r->withdrawal_wished;
    standing.due_at_ms = intake_due_at (self, r);
    standing.answer_by_ms = r->paused_at || !standing.due_at_ms ? 0 : r->expire_at;
    standing.question = question;
    *size_p = kask__standing__get_packed_size (&standing);
    uint8_t *bytes = arena_alloc (batch_arena (self->batch), *size_p);
    kask__standing__pack (&standing, bytes);
    return bytes;
}

static void
result_standing (intake_t *self, item_t *item, const referral_t *referral, uint32_t question)
{
    item->result.standing = standing_pack (self, referral, question, &item->result.standing_size);
}

static char *
partner_id (const intake_t *self, int no)
{
    const partner_t *partner = registry_by_no (self->registry, no);
    return partner ? (char *) partner->id : (char *) "catalogue";
}

static ProtobufCBinaryData
binary (const void *data, size_t size)
{
    return (ProtobufCBinaryData){.len = size, .data = (uint8_t *) data};
}

void
audit_about (audit_row_t *row, const intake_t *self, const referral_t *r, char *reference)
{
    (void) self;
    reference_write (r->no, reference);
    row->referral = r->no;
    row->entry.referral_id = binary (r->id, sizeof r->id);
    row->entry.reference = reference;
    row->entry.version = r->version;
    row->entry.to = r->state;
}

static audit_row_t
audit_row (const intake_t *self, Kask__AuditKind kind, int actor, int counterpart)
{
    audit_row_t row = {.actor = actor, .counterpart = counterpart};
    kask__audit_entry__init (&row.entry);
    row.entry.kind = kind;
    row.entry.actor = partner_id (self, actor);
    row.entry.counterpart = partner_id (self, counterpart);
    return row;
}

// ---------------------------------------------------------------- accepted

enum { MAX_CODES = LIMIT_OBSTACLES + 4, DETAIL_BYTES = 400 };

// The codes of the clear header, for the entry and, joined, for SQL.
static size_t
codes_of (const Kask__ReferralEvent *event, char *codes[MAX_CODES], char detail[DETAIL_BYTES])
{
    size_t n = 0;
    char *const single[] = {event->legal_basis, event->outcome, event->reason};
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
        if (*single[i])
            codes[n++] = single[i];
    for (size_t i = 0; i < event->n_obstacles && n < MAX_CODES; i++)
        codes[n++] = event->obstacles[i]->code;
    size_t used = 0;
    detail[0] = '\0';
    for (size_t i = 0; i < n && used < DETAIL_BYTES; i++)
        used +=
            (size_t) snprintf (detail + used, DETAIL_BYTES - used, "%s%s", i ? " " : "", codes[i]);
    return n;
}

static int64_t
audit_accepted (intake_t *self, item_t *item, const referral_t *referral, Kask__State from,
                int64_t sequence)
{
    const Kask__ReferralEvent *event = item->header->referral;
    audit_row_t row =
        audit_row (self, KASK__AUDIT_KIND__AUDIT_ACCEPTED, item->partner, item->recipient);
    char reference[REFERENCE_TEXT_BYTES], detail[DETAIL_BYTES];
    audit_about (&row, self, referral, reference);
    uint8_t header_hash[32], body_hash[32];
    size_t header_size, body_size;
    const uint8_t *header = item_header (item, &header_size);
    const uint8_t *body = item_body (item, &body_size);
    crypto_hash_sha256 (header_hash, header, header_size);
    crypto_hash_sha256 (body_hash, body, body_size);
    char *codes[MAX_CODES];
    row.entry.n_codes = codes_of (event, codes, detail);
    row.entry.codes = codes;
    row.detail = detail;
    row.entry.message_id = item->header->message_id;
    row.entry.sequence = (uint64_t) sequence;
    row.entry.event = event->event;
    row.entry.from = from;
    row.entry.header_sha256 = binary (header_hash, sizeof header_hash);
    row.entry.body_sha256 = binary (body_hash, sizeof body_hash);
    row.entry.body_bytes = body_size;
    row.entry.offering_publisher = event->offering_publisher;
    row.entry.offering_key = event->offering_key;
    row.entry.offering_revision = event->offering_revision;
    return batch_audit (self->batch, &row);
}

static void
count_obstacles (intake_t *self, const Kask__ReferralEvent *event, const referral_t *r)
{
    for (size_t i = 0; i < event->n_obstacles; i++)
        batch_obstacle (self->batch, r->no, registry_by_no (self->registry, r->referrer)->country,
                        registry_by_no (self->registry, r->receiver)->country, event->obstacles[i]);
}

// Puts the message into its lane.  The referral has taken its step already.
static void
accept_event (intake_t *self, item_t *item, recalled_referral_t *held, Kask__State from,
              uint32_t question)
{
    const Kask__ReferralEvent *event = item->header->referral;
    lane_t *lane = lanes_require (self->lanes, item->recipient, item->partner);
    lanes_touch (self->lanes, lane);
    result_standing (self, item, &held->referral, question);
    item_result_t *result = &item->result;
    result->outcome = KASK__OUTCOME__ACCEPTED;
    result->sequence = lane->now.next_sequence++;
    result->audit = audit_accepted (self, item, &held->referral, from, result->sequence);
    count_obstacles (self, event, &held->referral);

    fresh_t *fresh = arena_alloc (batch_arena (self->batch), sizeof *fresh);
    *fresh = (fresh_t){.recipient = item->recipient,
                       .sender = item->partner,
                       .sequence = result->sequence,
                       .accepted_at = batch_now (self->batch),
                       .audit = result->audit,
                       .referral = held->referral.no,
                       .event = event->event,
                       .message_id = item->header->message_id.data,
                       .standing = result->standing,
                       .standing_size = result->standing_size};
    fresh->header = item_header (item, &fresh->header_size);
    fresh->body = item_body (item, &fresh->body_size);
    batch_message (self->batch, fresh);
}

// The broker's own message; it has no place in a lane yet.
static fresh_t *
notice_make (intake_t *self, const referral_t *r, const notice_t *notice)
{
    arena_t *arena = batch_arena (self->batch);
    uint8_t *id = arena_alloc (arena, 16);
    randombytes_buf (id, 16);
    // every header has an origin key; each notice is an act of its own
    uint8_t origin[CODEC_ORIGIN_BYTES];
    randombytes_buf (origin, sizeof origin);
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.referral_id = binary (r->id, sizeof r->id);
    event.event = notice->event;
    event.version = r->version;
    event.working_days = notice->working_days;
    event.dead_reason = notice->reason;
    if (notice->about)
        event.about_message_id = binary (notice->about, 16);
    Kask__Header header = KASK__HEADER__INIT;
    header.message_id = binary (id, 16);
    header.origin_key = binary (origin, sizeof origin);
    header.sender = (char *) "broker";
    header.recipient = partner_id (self, notice->recipient);
    header.claimed_at_ms = batch_now (self->batch);
    header.subject_case = KASK__HEADER__SUBJECT_REFERRAL;
    header.referral = &event;

    fresh_t *fresh = arena_alloc (arena, sizeof *fresh);
    *fresh = (fresh_t){.recipient = notice->recipient,
                       .sender = notice->sender,
                       .accepted_at = batch_now (self->batch),
                       .audit = notice->audit,
                       .referral = r->no,
                       .event = notice->event,
                       .by_broker = true,
                       .message_id = id};
    fresh->standing = standing_pack (self, r, 0, &fresh->standing_size);
    fresh->header_size = kask__header__get_packed_size (&header);
    uint8_t *bytes = arena_alloc (arena, fresh->header_size);
    kask__header__pack (&header, bytes);
    fresh->header = bytes;
    return fresh;
}

void
intake_notice (intake_t *self, recalled_referral_t *held, const notice_t *notice)
{
    const referral_t *r = &held->referral;
    lane_t *lane = lanes_require (self->lanes, notice->recipient, notice->sender);
    lanes_touch (self->lanes, lane);
    fresh_t *fresh = notice_make (self, r, notice);
    fresh->sequence = lane->now.next_sequence++;
    if (notice->kind != KASK__AUDIT_KIND__AUDIT_NONE) {
        audit_row_t row = audit_row (self, notice->kind, 0, notice->recipient);
        char reference[REFERENCE_TEXT_BYTES];
        audit_about (&row, self, r, reference);
        row.entry.actor = (char *) "broker";
        row.entry.event = notice->event;
        row.entry.from = notice->from;
        row.entry.message_id = binary (fresh->message_id, 16);
        row.entry.sequence = (uint64_t) fresh->sequence;
        fresh->audit = batch_audit (self->batch, &row);
    }
    batch_message (self->batch, fresh);
}

void
intake_replace (intake_t *self, recalled_referral_t *held, const notice_t *notice, int64_t sequence)
{
    fresh_t *fresh = notice_make (self, &held->referral, notice);
    fresh->sequence = sequence;
    batch_replace (self->batch, fresh);
}

// ---------------------------------------------------------------- refused

static Kask__Event
event_of (const item_t *item)
{
    if (!item->header || item->header->subject_case != KASK__HEADER__SUBJECT_REFERRAL)
        return KASK__EVENT__EVENT_NONE;
    return item->header->referral->event;
}

static void
audit_refused (intake_t *self, item_t *item, fault_t fault)
{
    const refusal_kind_t kind = {item->partner, item->recipient, event_of (item), fault};
    if (!refusals_note (self->refusals, &kind, batch_now (self->batch)))
        return;
    audit_row_t row =
        audit_row (self, KASK__AUDIT_KIND__AUDIT_REFUSED, item->partner, item->recipient);
    row.entry.fault = (char *) fault_name (fault);
    row.detail = fault_name (fault);
    row.entry.count = 1;
    if (item->header) {
        row.entry.message_id = item->header->message_id;
        row.entry.event = kind.event;
        if (item->header->subject_case == KASK__HEADER__SUBJECT_REFERRAL)
            row.entry.referral_id = item->header->referral->referral_id;
    }
    batch_audit (self->batch, &row);
}

void
decide_refusals (intake_t *self, int64_t until)
{
    refusal_kind_t kind;
    uint64_t count;
    while (refusals_take (self->refusals, until, &kind, &count)) {
        char detail[80];
        snprintf (detail, sizeof detail, "%s, %llu more", fault_name (kind.fault),
                  (unsigned long long) count);
        audit_row_t row =
            audit_row (self, KASK__AUDIT_KIND__AUDIT_REFUSED, kind.actor, kind.counterpart);
        row.entry.fault = (char *) fault_name (kind.fault);
        row.entry.event = kind.event;
        row.entry.count = count;
        row.detail = detail;
        batch_audit (self->batch, &row);
    }
}

static void
refuse (intake_t *self, item_t *item, fault_t fault)
{
    item_result_t *result = &item->result;
    result->outcome = KASK__OUTCOME__REFUSED;
    result->fault = fault;
    int64_t number = (int64_t) item->command->send->number;
    batch_refusal (self->batch, item->recipient, item->partner, number, fault_name (fault),
                   result->standing, result->standing_size);
    recalled_refusal_t refusal = {.standing = result->standing,
                                  .standing_size = result->standing_size};
    snprintf (refusal.fault, sizeof refusal.fault, "%s", fault_name (fault));
    recall_put_refusal (self->recall, item->recipient, item->partner, number, &refusal);
    if (fault_is_policy (fault))
        audit_refused (self, item, fault);
}

// ---------------------------------------------------------------- events

static void
accept_repeated (intake_t *self, item_t *item, const referral_t *referral)
{
    item->result.outcome = KASK__OUTCOME__ACCEPTED;
    item->result.repeated = true;
    result_standing (self, item, referral, 0);
}

static bool
event_has_its_fields (const Kask__ReferralEvent *event)
{
    for (size_t i = 0; i < event->n_obstacles; i++)
        if (!obstacle_is_known (event->obstacles[i]))
            return false;
    switch (event->event) {
    case KASK__EVENT__EVENT_SEND: return event->chain_id.len > 0;
    case KASK__EVENT__EVENT_DECLINE:
    case KASK__EVENT__EVENT_FAIL: return event->n_obstacles > 0;
    case KASK__EVENT__EVENT_REDIRECT: return *event->redirect_to != '\0';
    case KASK__EVENT__EVENT_HOLD:
    case KASK__EVENT__EVENT_REOPEN:
    case KASK__EVENT__EVENT_MARK_ERROR: return reason_code_is_known (event->event, event->reason);
    case KASK__EVENT__EVENT_COMPLETE: return outcome_code_is_known (event->outcome);
    case KASK__EVENT__EVENT_ANSWER: return event->question > 0;
    default: return true;
    }
}

static fault_t
decide_event (intake_t *self, item_t *item)
{
    const Kask__ReferralEvent *event = item->header->referral;
    recalled_referral_t *held = recall_referral (self->recall, event->referral_id.data);
    if (!held)
        return FAULT_UNKNOWN_REFERRAL;
    referral_t *r = &held->referral;
    role_t role = party_role (r, item->partner);
    if (role == ROLE_NONE)
        return FAULT_NOT_A_PARTY;
    if (item->recipient != (role == ROLE_REFERRER ? r->receiver : r->referrer))
        return FAULT_WRONG_RECIPIENT;
    const uint8_t *origin = item->header->origin_key.data;
    if (recall_event_origin (self->recall, r->no, item->partner, origin)) {
        accept_repeated (self, item, r);
        return FAULT_OK;
    }
    if (!event_has_its_fields (event))
        return FAULT_MISSING_FIELD;
    const referral_wish_t wish = {
        .event = event->event,
        .by = role,
        .version = event->version,
        .question = event->question,
        .now = batch_now (self->batch),
        .timed_until = deadline_timed_until (r, registry_calendar (self->registry, r->receiver))};
    const referral_step_t *step;
    fault_t fault = referral_may (r, &wish, &step);
    if (fault != FAULT_OK) {
        result_standing (self, item, r, 0);
        return fault;
    }
    Kask__State from = r->state;
    uint32_t question = referral_apply (r, step, &wish);
    deadline_step (r, step, registry_calendar (self->registry, r->receiver), wish.now);
    recall_changed (self->recall, held);
    recall_put_event_origin (self->recall, r->no, item->partner, origin);
    batch_event_origin (self->batch, r->no, item->partner, origin);
    accept_event (self, item, held, from, question);
    if (step->flags & STEP_ERASES) {
        batch_erase (self->batch, r->no, item->result.audit);
        holders_revoke (self->holders, r->id);
    }
    return FAULT_OK;
}

// ---------------------------------------------------------------- a new referral

static fault_t
chain_may (const intake_t *self, const item_t *item, const recalled_referral_t **previous_p)
{
    const Kask__ReferralEvent *event = item->header->referral;
    *previous_p = NULL;
    if (event->previous_leg.len == 0)
        return memcmp (event->chain_id.data, event->referral_id.data, REFERRAL_ID_BYTES) == 0
                   ? FAULT_OK
                   : FAULT_BAD_CHAIN;
    const recalled_referral_t *previous = recall_referral (self->recall, event->previous_leg.data);
    if (!previous || party_role (&previous->referral, item->partner) == ROLE_NONE ||
        memcmp (previous->referral.chain, event->chain_id.data, REFERRAL_ID_BYTES) != 0)
        return FAULT_BAD_CHAIN;
    if (previous->referral.n_parties > LIMIT_LEGS)
        return FAULT_CHAIN_TOO_LONG;
    for (int i = 0; i < previous->referral.n_parties; i++)
        if (previous->referral.parties[i] == item->recipient)
            return FAULT_CIRCLE;
    *previous_p = previous;
    return FAULT_OK;
}

static fault_t
wanted_offering_may (const intake_t *self, const item_t *item)
{
    const Kask__ReferralEvent *event = item->header->referral;
    if (!*event->offering_key)
        return *event->offering_publisher ? FAULT_MISSING_FIELD : FAULT_OK;
    const partner_t *publisher = registry_find (self->registry, event->offering_publisher);
    if (!publisher || publisher->no != item->recipient)
        return FAULT_UNKNOWN_OFFERING;
    const recalled_offering_t *offering =
        recall_offering (self->recall, publisher->no, event->offering_key);
    if (!offering || offering->withdrawn || event->offering_revision > offering->revision)
        return FAULT_UNKNOWN_OFFERING;
    return offering->referable ? FAULT_OK : FAULT_NOT_REFERABLE;
}

static fault_t
new_referral_may (const intake_t *self, const item_t *item, const recalled_referral_t **previous_p)
{
    const Kask__ReferralEvent *event = item->header->referral;
    if (recall_referral (self->recall, event->referral_id.data))
        return FAULT_REFERRAL_EXISTS;
    if (!registry_may_refer (self->registry, item->partner, item->recipient,
                             batch_now (self->batch)))
        return FAULT_NO_AGREEMENT;
    if (!legal_basis_is_known (event->legal_basis))
        return FAULT_NO_LEGAL_BASIS;
    if (!event_has_its_fields (event))
        return FAULT_MISSING_FIELD;
    fault_t fault = chain_may (self, item, previous_p);
    return fault == FAULT_OK ? wanted_offering_may (self, item) : fault;
}

static void
referral_begin (referral_t *r, intake_t *self, const item_t *item,
                const recalled_referral_t *previous)
{
    const Kask__ReferralEvent *event = item->header->referral;
    *r = (referral_t){.no = ++batch_counters (self->batch)->referral,
                      .referrer = item->partner,
                      .receiver = item->recipient,
                      .next_question = 1,
                      .sent_at = batch_now (self->batch)};
    memcpy (r->id, event->referral_id.data, sizeof r->id);
    memcpy (r->chain, event->chain_id.data, sizeof r->chain);
    memcpy (r->origin, item->header->origin_key.data, sizeof r->origin);
    if (previous) {
        memcpy (r->parties, previous->referral.parties, sizeof r->parties);
        r->n_parties = previous->referral.n_parties;
    } else
        r->parties[r->n_parties++] = item->partner;
    r->parties[r->n_parties++] = item->recipient;
}

static fault_t
decide_new_referral (intake_t *self, item_t *item)
{
    const recalled_referral_t *repeated =
        recall_send_origin (self->recall, item->partner, item->header->origin_key.data);
    if (repeated) {
        accept_repeated (self, item, &repeated->referral);
        return FAULT_OK;
    }
    const recalled_referral_t *previous;
    fault_t fault = new_referral_may (self, item, &previous);
    if (fault != FAULT_OK)
        return fault;
    referral_t r;
    referral_begin (&r, self, item, previous);
    const referral_wish_t wish = {
        .event = KASK__EVENT__EVENT_SEND, .by = ROLE_REFERRER, .now = r.sent_at};
    const referral_step_t *step;
    fault = referral_may (&r, &wish, &step);
    assert (fault == FAULT_OK);
    referral_apply (&r, step, &wish);
    deadline_step (&r, step, registry_calendar (self->registry, r.receiver), wish.now);
    recalled_referral_t *held = recall_put_referral (self->recall, &r);
    recall_changed (self->recall, held);
    held->is_new = true;
    accept_event (self, item, held, KASK__STATE__STATE_NONE, 0);
    return FAULT_OK;
}

// ---------------------------------------------------------------- numbers

// Is it the message that was accepted before, as far as its origin key tells?
static bool
was_accepted (const intake_t *self, const item_t *item)
{
    const Kask__Header *header = item->header;
    if (header->subject_case == KASK__HEADER__SUBJECT_OFFERING) {
        const recalled_offering_t *known =
            recall_offering (self->recall, item->partner, header->offering->key);
        return known && known->revision >= header->offering->revision;
    }
    const uint8_t *origin = header->origin_key.data;
    if (header->referral->event == KASK__EVENT__EVENT_SEND)
        return recall_send_origin (self->recall, item->partner, origin) != NULL;
    const recalled_referral_t *held =
        recall_referral (self->recall, header->referral->referral_id.data);
    return held && recall_event_origin (self->recall, held->referral.no, item->partner, origin);
}

// An earlier number gets its first answer.
static void
answer_again (intake_t *self, item_t *item)
{
    item_result_t *result = &item->result;
    const recalled_refusal_t *refusal = recall_refusal (
        self->recall, item->recipient, item->partner, (int64_t) item->command->send->number);
    result->repeated = true;
    if (refusal) {
        result->outcome = KASK__OUTCOME__REFUSED;
        result->fault = fault_find (refusal->fault);
        result->standing = refusal->standing;
        result->standing_size = refusal->standing_size;
        return;
    }
    if (item->fault == FAULT_OK && !was_accepted (self, item)) {
        result->outcome = KASK__OUTCOME__REFUSED;
        result->fault = FAULT_NUMBER_TAKEN;
        return;
    }
    result->outcome = KASK__OUTCOME__ACCEPTED;
    if (!item->header || item->header->subject_case != KASK__HEADER__SUBJECT_REFERRAL)
        return;
    const recalled_referral_t *held =
        recall_referral (self->recall, item->header->referral->referral_id.data);
    if (held && party_role (&held->referral, item->partner) != ROLE_NONE)
        result_standing (self, item, &held->referral, 0);
}

// True if the message is the lane's next one; else it has its answer.
static bool
number_is_next (intake_t *self, item_t *item, lane_t *lane)
{
    int64_t number = (int64_t) item->command->send->number;
    bool same = memcmp (lane->now.incarnation, item->outbox, LANE_INCARNATION_BYTES) == 0;
    int64_t next = same ? lane->now.next_number : 1;
    if (number > next || number < 1) {
        item->result.outcome = KASK__OUTCOME__GAP;
        item->result.expected = next;
        return false;
    }
    if (number < next) {
        answer_again (self, item);
        return false;
    }
    lanes_touch (self->lanes, lane);
    if (!same) {
        memcpy (lane->now.incarnation, item->outbox, LANE_INCARNATION_BYTES);
        batch_refusals_stored (self->batch, item->recipient, item->partner, INT64_MAX);
    }
    lane->now.next_number = next + 1;
    return true;
}

static intake_verdict_t
decide_send (intake_t *self, item_t *item)
{
    lane_t *lane = lanes_require (self->lanes, item->recipient, item->partner);
    // The refusals of the incarnation before are forgotten by this batch, not made by it.
    if (lane->touched && memcmp (lane->now.incarnation, item->outbox, LANE_INCARNATION_BYTES) != 0)
        return INTAKE_NEXT_BATCH;
    if (!number_is_next (self, item, lane))
        return INTAKE_DECIDED;
    intake_verdict_t verdict = INTAKE_DECIDED;
    fault_t fault = item->fault;
    if (fault == FAULT_OK) {
        if (item->header->subject_case == KASK__HEADER__SUBJECT_OFFERING)
            fault = decide_offering (self, item, &verdict);
        else if (item->header->referral->event == KASK__EVENT__EVENT_SEND)
            fault = decide_new_referral (self, item);
        else
            fault = decide_event (self, item);
    }
    if (fault != FAULT_OK && item->fault == FAULT_OK && !self->doubts &&
        item->header->subject_case == KASK__HEADER__SUBJECT_REFERRAL) {
        self->is_unsure = true;
        verdict = INTAKE_NEXT_BATCH;
    }
    if (verdict == INTAKE_NEXT_BATCH) {
        lane->now.next_number--;
        return verdict;
    }
    if (fault != FAULT_OK)
        refuse (self, item, fault);
    return verdict;
}

// ---------------------------------------------------------------- the room's door

// A number that this outbox has not used yet carries an act that it has not sent, mostly.  Where
// it has (an outbox that was restored sends all again), the act would be refused, or the database
// refuses the batch, for origin keys and referral ids are unique there: then it is decided again
// with doubts.
static bool
may_be_repeated (const intake_t *self, const item_t *item, const lane_t *lane)
{
    return self->doubts || !lane || (int64_t) item->command->send->number < lane->now.next_number ||
           memcmp (lane->now.incarnation, item->outbox, LANE_INCARNATION_BYTES) != 0;
}

static void
want_event (intake_t *self, const item_t *item, bool may_be_repeated)
{
    const Kask__ReferralEvent *event = item->header->referral;
    recall_want_referral (self->recall, event->referral_id.data);
    if (may_be_repeated)
        recall_want_event_origin (self->recall, event->referral_id.data, item->partner,
                                  item->header->origin_key.data);
}

static void
want_new_referral (intake_t *self, const item_t *item, bool may_be_repeated)
{
    const Kask__ReferralEvent *event = item->header->referral;
    if (may_be_repeated) {
        recall_want_referral (self->recall, event->referral_id.data);
        recall_want_send_origin (self->recall, item->partner, item->header->origin_key.data);
    }
    if (event->previous_leg.len)
        recall_want_referral (self->recall, event->previous_leg.data);
    if (*event->offering_key)
        recall_want_offering (self->recall, item->recipient, event->offering_key);
}

static void
want_send (intake_t *self, const item_t *item)
{
    int64_t number = (int64_t) item->command->send->number;
    const lane_t *lane = lanes_find (self->lanes, item->recipient, item->partner);
    if (lane && number < lane->now.next_number)
        recall_want_refusal (self->recall, item->recipient, item->partner, number);
    if (!item->header || item->fault != FAULT_OK)
        return;
    if (item->header->subject_case == KASK__HEADER__SUBJECT_OFFERING) {
        recall_want_offering (self->recall, item->partner, item->header->offering->key);
        return;
    }
    bool repeated = may_be_repeated (self, item, lane);
    if (item->header->referral->event == KASK__EVENT__EVENT_SEND)
        want_new_referral (self, item, repeated);
    else
        want_event (self, item, repeated);
}

enum { DUE_AT_ONCE = 500 };

void
intake_want (intake_t *self, const item_t *item)
{
    switch (item->kind) {
    case ITEM_SEND: want_send (self, item); break;
    case ITEM_DONE:
    case ITEM_DEAD: want_settlement (self, item); break;
    case ITEM_CLOCK: recall_want_due (self->recall, batch_now (self->batch), DUE_AT_ONCE); break;
    case ITEM_STORED:
    case ITEM_OUTAGE:
    case ITEM_END:
    case ITEM_STATEMENT: break;
    case ITEM_ACT: act_want (self, item); break;
    }
}

intake_verdict_t
intake_decide (intake_t *self, item_t *item)
{
    item->result = (item_result_t){0};
    switch (item->kind) {
    case ITEM_SEND: return decide_send (self, item);
    case ITEM_DONE: decide_done (self, item); break;
    case ITEM_DEAD: decide_dead (self, item); break;
    case ITEM_STORED:
        batch_refusals_stored (self->batch, item->recipient, item->partner,
                               (int64_t) item->command->stored->number);
        break;
    case ITEM_STATEMENT: decide_statement (self, item); break;
    case ITEM_CLOCK:
        decide_clock (self);
        decide_refusals (self, batch_now (self->batch));
        break;
    case ITEM_END: decide_refusals (self, INT64_MAX); break;
    case ITEM_OUTAGE: decide_outage (self, item); break;
    case ITEM_ACT: act_decide (self, item); break;
    }
    return INTAKE_DECIDED;
}

void
intake_close (intake_t *self)
{
    for (recalled_referral_t *held = recall_first_changed (self->recall); held;
         held = held->next_changed) {
        int64_t due_at = intake_due_at (self, &held->referral);
        if (held->is_new)
            batch_referral_new (self->batch, &held->referral, due_at);
        else
            batch_referral_changed (self->batch, &held->referral, due_at);
    }
    for (const lane_t *lane = lanes_touched (self->lanes); lane; lane = lane->next_touched)
        batch_lane (self->batch, lane);
}
