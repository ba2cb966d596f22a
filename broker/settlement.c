/*
 * settlement - intake's room for DONE and DEAD.
 *
 * A report counts once: its batch number is remembered for each inbox.  An
 * item that names no message of this recipient is given back as unknown.
 * From DONE of a SEND follows RECEIPT; from DEAD a notice to the sender.
 */
#include "holders.h"
#include "inboxes.h"
#include "intake.h"

#include <string.h>

// What Done and Dead have in common of an item.
typedef struct {
    char *sender_id;
    int sender; // partner number; -1: nobody's
    int64_t sequence;
    uint32_t replay;
    const uint8_t *message_id;
} settled_t;

static size_t
items_of (const item_t *item)
{
    return item->kind == ITEM_DONE ? item->list->n_items : item->command->dead->n_items;
}

static settled_t
item_at (const item_t *item, size_t i)
{
    settled_t s = {.sender = item->senders[i]};
    if (item->kind == ITEM_DONE) {
        const Kask__DoneItem *done = item->list->items[i];
        s.sender_id = done->sender;
        s.sequence = (int64_t) done->sequence;
        s.replay = done->replay;
        s.message_id = done->message_id.data;
    } else {
        const Kask__DeadItem *dead = item->command->dead->items[i];
        s.sender_id = dead->sender;
        s.sequence = (int64_t) dead->sequence;
        s.replay = dead->replay;
        s.message_id = dead->message_id.data;
    }
    return s;
}

void
want_settlement (intake_t *self, const item_t *item)
{
    for (size_t i = 0; i < items_of (item); i++) {
        settled_t s = item_at (item, i);
        const lane_t *lane =
            s.sender < 0 ? NULL : lanes_find (self->lanes, item->partner, s.sender);
        if (lane && s.sequence > 0 && s.sequence < lane->now.next_sequence)
            recall_want_message (self->recall, item->partner, s.sender, s.sequence);
    }
}

static void
add_unknown (intake_t *self, item_t *item, const settled_t *s)
{
    item_result_t *result = &item->result;
    arena_t *arena = batch_arena (self->batch);
    if (!result->unknown)
        result->unknown = arena_alloc (arena, items_of (item) * sizeof *result->unknown);
    Kask__MessageRef *ref = arena_alloc (arena, sizeof *ref);
    kask__message_ref__init (ref);
    ref->sender = s->sender_id;
    ref->sequence = (uint64_t) s->sequence;
    ref->replay = s->replay;
    result->unknown[result->n_unknown++] = ref;
}

void
intake_settle (intake_t *self, lane_t *lane, int64_t sequence)
{
    int64_t first, last;
    lanes_touch (self->lanes, lane);
    lane_settle (lane, sequence, &first, &last);
    if (lane->now.done < sequence)
        batch_done_ahead (self->batch, lane->recipient, lane->sender, sequence);
    else if (first <= last)
        batch_done_caught_up (self->batch, lane->recipient, lane->sender, lane->now.done);
}

static int64_t
audit_settled (intake_t *self, item_t *item, const settled_t *s, const recalled_message_t *message,
               Kask__AuditKind kind, Kask__State from, const char *detail)
{
    const referral_t *r = &message->referral->referral;
    audit_row_t row = {.actor = item->partner, .counterpart = s->sender, .detail = detail};
    kask__audit_entry__init (&row.entry);
    char reference[40];
    audit_about (&row, self, r, reference);
    row.entry.kind = kind;
    row.entry.actor = (char *) registry_by_no (self->registry, item->partner)->id;
    row.entry.counterpart = s->sender_id;
    row.entry.message_id = (ProtobufCBinaryData){16, (uint8_t *) s->message_id};
    row.entry.sequence = (uint64_t) s->sequence;
    row.entry.replay = s->replay;
    row.entry.event = message->event;
    row.entry.from = from;
    row.entry.subject = (char *) detail;
    if (item->kind == ITEM_DONE) {
        row.entry.list_sha256 = (ProtobufCBinaryData){sizeof item->list_sha256, item->list_sha256};
        row.entry.signature = item->command->done->signature;
    }
    return batch_audit (self->batch, &row);
}

// RECEIPT: V's system has the referral.  Its entry is that of the DONE.
static void
receipt (intake_t *self, item_t *item, const settled_t *s, const recalled_message_t *message)
{
    recalled_referral_t *held = message->referral;
    referral_t *r = &held->referral;
    const referral_wish_t wish = {.event = KASK__EVENT__EVENT_RECEIPT,
                                  .by = ROLE_RECEIVER,
                                  .version = r->version,
                                  .now = batch_now (self->batch)};
    const referral_step_t *step;
    Kask__State from = r->state;
    if (referral_may (r, &wish, &step) == FAULT_OK) {
        referral_apply (r, step, &wish);
        recall_changed (self->recall, held);
    }
    int64_t audit = audit_settled (self, item, s, message, KASK__AUDIT_KIND__AUDIT_DONE, from, "");
    intake_notice (self, held,
                   &(notice_t){.event = KASK__EVENT__EVENT_RECEIPT,
                               .recipient = r->referrer,
                               .sender = r->receiver,
                               .about = s->message_id,
                               .audit = audit});
}

// True if the item is to be settled now: it is a message of this recipient,
// and not settled yet, or a replay that is waited for: a restored inbox reports both again.
static bool
may_settle (intake_t *self, item_t *item, const settled_t *s, recalled_message_t **message_p)
{
    *message_p =
        s->sender < 0 ? NULL : recall_message (self->recall, item->partner, s->sender, s->sequence);
    if (!*message_p || memcmp ((*message_p)->message_id, s->message_id, 16) != 0) {
        add_unknown (self, item, s);
        return false;
    }
    const lane_t *lane = lanes_find (self->lanes, item->partner, s->sender);
    return s->replay > 0 ? (int) s->replay == (*message_p)->replaying
                         : !lane_is_settled (lane, s->sequence);
}

static bool
report_is_new (intake_t *self, item_t *item, uint64_t batch)
{
    item->result.confirmed = (int64_t) batch;
    if ((int64_t) batch <= inboxes_last (self->inboxes, item->partner, item->inbox))
        return false;
    inboxes_set (self->inboxes, item->partner, item->inbox, (int64_t) batch);
    return true;
}

void
decide_done (intake_t *self, item_t *item)
{
    const Kask__Done *done = item->command->done;
    if (!report_is_new (self, item, done->batch))
        return;
    batch_done_report (self->batch, item->partner, item->inbox, (int64_t) done->batch, done);
    for (size_t i = 0; i < items_of (item); i++) {
        settled_t s = item_at (item, i);
        recalled_message_t *message;
        if (!may_settle (self, item, &s, &message))
            continue;
        lane_t *lane = lanes_find (self->lanes, item->partner, s.sender);
        if (!lane_is_settled (lane, s.sequence))
            intake_settle (self, lane, s.sequence);
        message->replaying = 0;
        if (s.replay > 0) {
            batch_dead_done (self->batch, item->partner, s.sender, s.sequence, (int) s.replay);
            holders_settle (self->holders, item->partner, s.sender, s.sequence);
        }
        if (message->by_broker) // the signed list is kept; an entry each would say nothing new
            continue;
        if (message->event == KASK__EVENT__EVENT_SEND)
            receipt (self, item, &s, message);
        else
            audit_settled (self, item, &s, message, KASK__AUDIT_KIND__AUDIT_DONE,
                           message->referral->referral.state, "");
    }
}

static const char *
reason_name (Kask__DeadReason reason)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value (&kask__dead_reason__descriptor, (int) reason);
    return value ? value->name : "unknown reason";
}

static void
holds_back (intake_t *self, const item_t *item, const settled_t *s, const referral_t *referral)
{
    holder_t holder = {.recipient = item->partner, .sender = s->sender, .sequence = s->sequence};
    memcpy (holder.referral, referral->id, sizeof holder.referral);
    holders_add (self->holders, &holder);
}

void
decide_dead (intake_t *self, item_t *item)
{
    const Kask__Dead *dead = item->command->dead;
    if (!report_is_new (self, item, dead->batch))
        return;
    for (size_t i = 0; i < items_of (item); i++) {
        settled_t s = item_at (item, i);
        recalled_message_t *message;
        if (!may_settle (self, item, &s, &message))
            continue;
        lane_t *lane = lanes_find (self->lanes, item->partner, s.sender);
        if (!lane_is_settled (lane, s.sequence))
            intake_settle (self, lane, s.sequence);
        message->replaying = 0;
        recalled_referral_t *held = message->referral;
        batch_dead (self->batch, item->partner, held->referral.no, s.sender, dead->items[i]);
        int64_t audit = audit_settled (self, item, &s, message, KASK__AUDIT_KIND__AUDIT_DEAD,
                                       held->referral.state, reason_name (dead->items[i]->reason));
        if (held->referral.state == KASK__STATE__STATE_REVOKED)
            batch_dead_revoked (self->batch, held->referral.no, audit);
        else
            holds_back (self, item, &s, &held->referral);
        if (!message->by_broker)
            intake_notice (self, held,
                           &(notice_t){.event = KASK__EVENT__EVENT_DEAD_LETTER,
                                       .recipient = s.sender,
                                       .sender = item->partner,
                                       .about = s.message_id,
                                       .reason = dead->items[i]->reason,
                                       .audit = audit});
    }
}
