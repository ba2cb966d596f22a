/*
 * intake - may it, and what follows.
 *
 * Decides one command after the other, in the order in which they came, in
 * terms of what recall knows, and puts the rows that follow into the batch.
 * No I/O, no clock: the batch's time is the time.  Nothing that intake says
 * counts before the batch is committed.
 */
#ifndef KASK_INTAKE_H
#define KASK_INTAKE_H

#include "batch.h"
#include "item.h"
#include "lane.h"
#include "partner.h"
#include "recall.h"

// What the decisions are made on; borrowed.
typedef struct {
    const registry_t *registry;
    lanes_t *lanes;
    recall_t *recall;
    batch_t *batch;
    struct inboxes_s *inboxes;
    struct holders_s *holders;
    struct refusals_s *refusals;
    bool doubts;    // the database is asked for every act whether it is a repeated one
    bool is_unsure; // an act would be refused that may be a repeated one: the next batch doubts
} intake_t;

typedef enum {
    INTAKE_DECIDED,
    INTAKE_NEXT_BATCH // it needs the outcome of what is in this one already
} intake_verdict_t;

// Notes what must be recalled to decide the item.
void intake_want (intake_t *self, const item_t *item);
// Decides it; item->result says how.
intake_verdict_t intake_decide (intake_t *self, item_t *item);
// Puts the lanes and referrals that were changed into the batch; last step.
void intake_close (intake_t *self);

// ---- for the rooms of intake only

// Role of a partner in a referral; ROLE_NONE if it is no party.
role_t party_role (const referral_t *referral, int partner);
// The next deadline; 0: none, or they stand because the receiver's mailbox is paused.
int64_t intake_due_at (const intake_t *self, const referral_t *referral);
// The standing after the event, packed, in the batch's arena.
const uint8_t *standing_pack (const intake_t *self, const referral_t *referral, uint32_t question,
                              size_t *size_p);
// The broker's own event on a referral: a message to `recipient` in its lane
// from `sender`, with an audit entry of `kind` unless that is AUDIT_NONE.
typedef struct {
    Kask__Event event;
    Kask__AuditKind kind;
    int recipient;
    int sender;
    Kask__State from;
    uint32_t working_days;
    const uint8_t *about; // 16 bytes, or NULL
    Kask__DeadReason reason;
    int64_t audit; // entry that tells of it already; else 0
} notice_t;
void intake_notice (intake_t *self, recalled_referral_t *held, const notice_t *notice);
// The same in the place of the message that stands at `sequence` of the lane; it is delivered
// when that place is replayed.
void intake_replace (intake_t *self, recalled_referral_t *held, const notice_t *notice,
                     int64_t sequence);
// Fills an audit row with what it says of a referral; `reference` has REFERENCE_TEXT_BYTES and
// must live as long as the row.
void audit_about (audit_row_t *row, const intake_t *self, const referral_t *referral,
                  char *reference);

// The lane's message of that sequence is settled.
void intake_settle (intake_t *self, lane_t *lane, int64_t sequence);

// The other rooms.
void want_settlement (intake_t *self, const item_t *item);
void decide_done (intake_t *self, item_t *item);
void decide_dead (intake_t *self, item_t *item);
void decide_clock (intake_t *self);
// Entries for what was counted in minutes that are over by `until`.
void decide_refusals (intake_t *self, int64_t until);
void decide_outage (intake_t *self, const item_t *item);
fault_t decide_offering (intake_t *self, item_t *item, intake_verdict_t *verdict);

#endif
