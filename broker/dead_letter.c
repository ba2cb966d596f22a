/*
 * dead_letter - what an operator decides about a dead letter.
 */
#include "dead_letter.h"
#include "deadline.h"
#include "reference.h"

#include <stdio.h>

typedef struct {
    const char *name; // in the table and in what the operator reads
    Kask__AuditKind audit;
    const char *follows;
} fate_t;

static const fate_t *
fate_of (Kask__Event event)
{
    static const fate_t replayed = {"replayed", KASK__AUDIT_KIND__AUDIT_REPLAYED,
                                    "it will be delivered again"};
    static const fate_t returned = {"returned", KASK__AUDIT_KIND__AUDIT_OPERATOR,
                                    "both are told that it is the sender's again"};
    static const fate_t dropped = {"dropped", KASK__AUDIT_KIND__AUDIT_OPERATOR,
                                   "both are told that it was given up"};
    if (event == KASK__EVENT__EVENT_REPLAYED)
        return &replayed;
    return event == KASK__EVENT__EVENT_RETURNED ? &returned : &dropped;
}

void
dead_letter_want (intake_t *intake, const dead_letter_t *letter)
{
    recall_want_message (intake->recall, letter->recipient, letter->sender, letter->sequence);
}

// NULL: it may be.
static const char *
objection (const dead_letter_t *letter, const recalled_message_t *message)
{
    if (!message)
        return "its message has left the database; the sender must send anew";
    if (letter->fate != KASK__EVENT__EVENT_REPLAYED &&
        message->event == KASK__EVENT__EVENT_REVOKE && !message->by_broker)
        return "it is a REVOKE, and the recipient has still to erase; have its system mended, "
               "then replay it";
    return NULL;
}

// A referral whose SEND does not arrive has not begun: it ends, unless it has ended already.
static Kask__State
end_referral (intake_t *intake, const dead_letter_t *letter, const recalled_message_t *message)
{
    recalled_referral_t *held = message->referral;
    referral_t *r = &held->referral;
    Kask__State from = r->state;
    const referral_wish_t wish = {
        .event = letter->fate, .by = ROLE_CLOCK, .now = batch_now (intake->batch)};
    const referral_step_t *step;
    if (message->event != KASK__EVENT__EVENT_SEND || referral_may (r, &wish, &step) != FAULT_OK)
        return from;
    referral_apply (r, step, &wish);
    deadline_step (r, step, registry_calendar (intake->registry, r->receiver), wish.now);
    recall_changed (intake->recall, held);
    return from;
}

static int64_t
audit (intake_t *intake, const dead_letter_t *letter, const recalled_message_t *message,
       Kask__State from, unsigned uid)
{
    const fate_t *fate = fate_of (letter->fate);
    const partner_t *recipient = registry_by_no (intake->registry, letter->recipient);
    bool is_replay = letter->fate == KASK__EVENT__EVENT_REPLAYED;
    char reference[REFERENCE_TEXT_BYTES], subject[DEAD_LETTER_WHY_BYTES + 100];
    snprintf (subject, sizeof subject, "dead letter %lld %s, replay %d, uid %u%s%s",
              (long long) letter->no, fate->name, letter->replay, uid, *letter->why ? ": " : "",
              letter->why);
    audit_row_t row = {.counterpart = letter->recipient, .detail = subject};
    kask__audit_entry__init (&row.entry);
    audit_about (&row, intake, &message->referral->referral, reference);
    row.entry.kind = fate->audit;
    row.entry.actor = (char *) "operator";
    row.entry.counterpart = (char *) recipient->id;
    row.entry.subject = subject;
    row.entry.from = from;
    row.entry.event = is_replay ? message->event : letter->fate;
    row.entry.message_id = (ProtobufCBinaryData){16, (uint8_t *) message->message_id};
    row.entry.sequence = (uint64_t) letter->sequence;
    row.entry.replay = (uint32_t) letter->replay;
    return batch_audit (intake->batch, &row);
}

bool
dead_letter_decide (intake_t *intake, const dead_letter_t *letter, unsigned uid, char *text)
{
    const recalled_message_t *message =
        recall_message (intake->recall, letter->recipient, letter->sender, letter->sequence);
    const char *why_not = objection (letter, message);
    if (why_not) {
        snprintf (text, DEAD_LETTER_TEXT_BYTES, "dead letter %lld: %s; nothing was changed",
                  (long long) letter->no, why_not);
        return false;
    }
    const fate_t *fate = fate_of (letter->fate);
    bool is_replay = letter->fate == KASK__EVENT__EVENT_REPLAYED;
    Kask__State from =
        is_replay ? message->referral->referral.state : end_referral (intake, letter, message);
    notice_t notice = {.event = letter->fate,
                       .recipient = letter->sender,
                       .sender = letter->recipient,
                       .about = message->message_id,
                       .audit = audit (intake, letter, message, from, uid)};
    batch_dead_fate (intake->batch,
                     &(batch_fate_t){letter->recipient, letter->sender, letter->sequence,
                                     letter->replay, fate->name, letter->why});
    if (!message->by_broker)
        intake_notice (intake, message->referral, &notice);
    notice.recipient = letter->recipient;
    notice.sender = letter->sender;
    if (!is_replay)
        intake_replace (intake, message->referral, &notice, letter->sequence);
    snprintf (text, DEAD_LETTER_TEXT_BYTES, "dead letter %lld to %s: %s; %s, as replay %d",
              (long long) letter->no, registry_by_no (intake->registry, letter->recipient)->id,
              fate->name, fate->follows, letter->replay);
    return true;
}
