/*
 * housekeeping - intake's room for what nobody sends: deadlines that have
 * come, outages that have ended, and the catalogue's offerings.
 */
#include "codec.h"
#include "deadline.h"
#include "intake.h"
#include "statement.h"

#include <stdio.h>
#include <string.h>

// ---------------------------------------------------------------- the clock

static void
expire (intake_t *self, recalled_referral_t *held, const calendar_t *calendar)
{
    referral_t *r = &held->referral;
    const referral_wish_t wish = {
        .event = KASK__EVENT__EVENT_EXPIRE, .by = ROLE_CLOCK, .now = batch_now (self->batch)};
    const referral_step_t *step;
    Kask__State from = r->state;
    if (referral_may (r, &wish, &step) != FAULT_OK) {
        r->expire_at = 0; // its state has left the clock behind
        return;
    }
    referral_apply (r, step, &wish);
    deadline_step (r, step, calendar, wish.now);
    notice_t notice = {.event = KASK__EVENT__EVENT_EXPIRE,
                       .kind = KASK__AUDIT_KIND__AUDIT_CLOCK,
                       .recipient = r->receiver,
                       .sender = r->referrer,
                       .from = from};
    intake_notice (self, held, &notice);
    // One entry tells of it; the other party's notice names the same.
    notice.recipient = r->referrer;
    notice.sender = r->receiver;
    notice.kind = KASK__AUDIT_KIND__AUDIT_NONE;
    notice.audit = batch_counters (self->batch)->audit;
    intake_notice (self, held, &notice);
}

static void
remind (intake_t *self, recalled_referral_t *held, uint32_t days)
{
    referral_t *r = &held->referral;
    intake_notice (self, held,
                   &(notice_t){.event = KASK__EVENT__EVENT_REMIND,
                               .kind = KASK__AUDIT_KIND__AUDIT_CLOCK,
                               .recipient = r->receiver,
                               .sender = r->referrer,
                               .from = r->state,
                               .working_days = days});
}

void
decide_clock (intake_t *self)
{
    recalled_referral_t *held;
    for (size_t i = 0; (held = recall_due (self->recall, i)); i++) {
        referral_t *r = &held->referral;
        const calendar_t *calendar = registry_calendar (self->registry, r->receiver);
        int64_t due = deadline_next (r);
        if (!due || due > batch_now (self->batch))
            continue; // an event of this batch came first
        uint32_t days;
        Kask__Event event = deadline_take (r, calendar, batch_now (self->batch), &days);
        recall_changed (self->recall, held);
        if (event == KASK__EVENT__EVENT_EXPIRE)
            expire (self, held, calendar);
        else if (event == KASK__EVENT__EVENT_REMIND)
            remind (self, held, days);
    }
}

// Grace, in one transaction with the entry that tells of it and the sign of life that
// keeps it from being given again.
void
decide_outage (intake_t *self, const item_t *item)
{
    batch_grace (self->batch, item->outage_ms);
    batch_outage (self->batch, item->outage_ms);
    batch_alive (self->batch);
    char detail[48];
    snprintf (detail, sizeof detail, "outage of %lld s", (long long) item->outage_ms / 1000);
    audit_row_t row = {.actor = 0, .counterpart = -1, .detail = detail};
    kask__audit_entry__init (&row.entry);
    row.entry.kind = KASK__AUDIT_KIND__AUDIT_CLOCK;
    row.entry.actor = (char *) "broker";
    row.entry.subject = detail;
    batch_audit (self->batch, &row);
}

// ---------------------------------------------------------------- offerings

static int64_t
audit_offering (intake_t *self, item_t *item)
{
    const Kask__OfferingNotice *notice = item->header->offering;
    audit_row_t row = {.actor = item->partner, .counterpart = PARTNER_CATALOGUE};
    kask__audit_entry__init (&row.entry);
    row.entry.kind = KASK__AUDIT_KIND__AUDIT_ACCEPTED;
    row.entry.actor = item->header->sender;
    row.entry.counterpart = item->header->recipient;
    row.entry.message_id = item->header->message_id;
    row.entry.offering_publisher = item->header->sender;
    row.entry.offering_key = notice->key;
    row.entry.offering_revision = notice->revision;
    row.entry.subject = (char *) (notice->withdrawn ? "withdrawn" : "");
    row.detail = notice->key;
    uint8_t hash[32];
    size_t size;
    const uint8_t *body = item_body (item, &size);
    sha256 (hash, body, size);
    row.entry.body_sha256 = (ProtobufCBinaryData){sizeof hash, hash};
    row.entry.body_bytes = size;
    return batch_audit (self->batch, &row);
}

static bool
is_referable (const Kask__Offering *offering)
{
    return strcmp (offering->status, "active") == 0 &&
           (strcmp (offering->kind, "effort") != 0 || offering->referable_effort);
}

fault_t
decide_offering (intake_t *self, item_t *item, intake_verdict_t *verdict)
{
    const Kask__OfferingNotice *notice = item->header->offering;
    recalled_offering_t *known = recall_offering (self->recall, item->partner, notice->key);
    if (known && known->revision == UINT32_MAX) { // this batch writes it already
        *verdict = INTAKE_NEXT_BATCH;
        return FAULT_OK;
    }
    bool same = known && known->withdrawn == notice->withdrawn &&
                memcmp (known->content_sha256, item->content_sha256, 32) == 0;
    if (known && notice->revision <= known->revision) {
        if (notice->revision < known->revision || !same)
            return FAULT_OLD_REVISION;
        item->result.outcome = KASK__OUTCOME__ACCEPTED;
        item->result.repeated = true;
        return FAULT_OK;
    }
    const Kask__Offering *o = item->offering;
    batch_offering_t row = {.publisher = item->partner,
                            .key = notice->key,
                            .revision = notice->revision,
                            .withdrawn = notice->withdrawn,
                            .referable = o && is_referable (o),
                            .kind = o ? o->kind : "",
                            .status = o ? o->status : "withdrawn",
                            .title = o && o->n_title ? o->title[0]->text : "",
                            .content_sha256 = item->content_sha256};
    row.header = item_header (item, &row.header_size);
    row.body = item_body (item, &row.body_size);
    batch_offering (self->batch, &row, ++batch_counters (self->batch)->change);
    recall_put_offering (self->recall, item->partner, notice->key)->revision = UINT32_MAX;
    item->result.outcome = KASK__OUTCOME__ACCEPTED;
    item->result.audit = audit_offering (self, item);
    return FAULT_OK;
}
