/*
 * batch - the rows that commit together.
 *
 * Intake puts rows in; the store sends them as one transaction.  A batch
 * that failed is reset and built again from its commands.  Bytes given as
 * pointers are copied into the statement's arrays at once.
 */
#ifndef KASK_BATCH_H
#define KASK_BATCH_H

#include "arena.h"
#include "database.h"
#include "lane.h"
#include "partner.h"
#include "referral.h"

typedef struct batch_s batch_t;

// What rises with every commit; kept or thrown away with the batch.
typedef struct {
    int64_t audit;    // number of the last entry
    int64_t referral; // the last one given
    int64_t change;   // the catalogue's
    int64_t at;       // time of the last commit
} counters_t;

// A message accepted by this batch, to be delivered after the commit.
typedef struct fresh_s {
    struct fresh_s *next;
    int recipient;
    int sender;
    int64_t sequence;
    int64_t accepted_at;
    int64_t audit;
    int64_t referral;
    Kask__Event event;
    bool by_broker;
    bool erased;               // by a REVOKE of the same batch: its body is empty
    const uint8_t *message_id; // 16 bytes
    const uint8_t *standing;   // packed Standing
    size_t standing_size;
    const uint8_t *header;
    size_t header_size;
    const uint8_t *body;
    size_t body_size;
} fresh_t;

// The catalogue's row of an offering.
typedef struct {
    int publisher;
    const char *key;
    uint32_t revision;
    bool withdrawn;
    bool referable;
    const char *kind;
    const char *status;
    const char *title;
    const uint8_t *content_sha256;
    const uint8_t *header;
    size_t header_size;
    const uint8_t *body;
    size_t body_size;
} batch_offering_t;

batch_t *batch_new (void);
void batch_destroy (batch_t **self_p);
// Empties it and begins a turn at that time, with these counters.
void batch_begin (batch_t *self, int64_t now, const counters_t *counters);

int64_t batch_now (const batch_t *self);
counters_t *batch_counters (batch_t *self); // working values
arena_t *batch_arena (batch_t *self);       // lives until the next batch_begin

// Adds an audit entry: fills in number, time and salt, and packs it once.
// `actor` and `counterpart` are partner numbers (0 and -1: none);
// `referral` is the broker's number, 0: none.  Returns the entry's number.
typedef struct {
    Kask__AuditEntry entry;
    int actor;
    int counterpart;
    int64_t referral;
    const char *detail; // fault, codes or subject, for SQL
} audit_row_t;
int64_t batch_audit (batch_t *self, audit_row_t *row);

// Adds the message; `fresh` and what it points to must live until the next batch_begin.
void batch_message (batch_t *self, fresh_t *fresh);
const fresh_t *batch_first_fresh (const batch_t *self);
// Puts a message of the broker's into the place of the one at its lane and sequence.
void batch_replace (batch_t *self, const fresh_t *fresh);

void batch_referral_new (batch_t *self, const referral_t *referral, int64_t due_at);
void batch_referral_changed (batch_t *self, const referral_t *referral, int64_t due_at);
// Empties the bodies of the referral's messages with lower audit numbers than `audit`, and
// settles its dead letters.
void batch_erase (batch_t *self, int64_t referral, int64_t audit);
// For the statistics, with the countries of the referral's partners.
void batch_obstacle (batch_t *self, int64_t referral, const char *referrer_country,
                     const char *receiver_country, const Kask__Obstacle *obstacle);
void batch_event_origin (batch_t *self, int64_t referral, int sender, const uint8_t *origin);
void batch_refusal (batch_t *self, int recipient, int sender, int64_t number, const char *fault,
                    const uint8_t *standing, size_t size);
void batch_refusals_stored (batch_t *self, int recipient, int sender, int64_t number);
void batch_lane (batch_t *self, const lane_t *lane);
void batch_done_ahead (batch_t *self, int recipient, int sender, int64_t sequence);
void batch_done_caught_up (batch_t *self, int recipient, int sender, int64_t done);
void batch_done_report (batch_t *self, int recipient, const uint8_t inbox[16], int64_t number,
                        const Kask__Done *done);
void batch_inbox (batch_t *self, int recipient, const uint8_t inbox[16], int64_t last_batch);
// With each attempt that the item tells of.
void batch_dead (batch_t *self, int recipient, int64_t referral, int sender,
                 const Kask__DeadItem *item);
// What an operator decided about a dead letter; it is out again, as that replay.
typedef struct {
    int recipient;
    int sender;
    int64_t sequence;
    int replay;
    const char *name; // "replayed", "returned", "dropped"
    const char *why;
} batch_fate_t;
void batch_dead_fate (batch_t *self, const batch_fate_t *fate);
// That replay of it is DONE.
void batch_dead_done (batch_t *self, int recipient, int sender, int64_t sequence, int replay);
// The referral's dead letters with lower audit numbers are settled by a REVOKE.
void batch_dead_revoked (batch_t *self, int64_t referral, int64_t audit);
void batch_offering (batch_t *self, const batch_offering_t *offering, int64_t change);
void batch_partner (batch_t *self, const partner_t *partner);
void batch_agreement (batch_t *self, const agreement_t *agreement);
void batch_alive (batch_t *self);
// For the TIMED steps, whose time is counted when they come.
void batch_outage (batch_t *self, int64_t ms);
// The mailbox of a partner is paused: the deadlines of referrals to it stand.
void batch_pause (batch_t *self, int partner, int64_t paused_at);
// They go on, moved by what the pause took from each.
void batch_resume (batch_t *self, int partner, int64_t paused_at);
// All closing days of the partner, in the place of those that it had.
void batch_closings (batch_t *self, int partner, const calendar_t *calendar);
// Moves all deadlines that run by the milliseconds of an outage.
// What the database lacks is known: `risen` 1 if something is, `from` the time of what it has last.
void batch_recovered (batch_t *self, int64_t risen, int64_t from);
// What the recipient was sent since then, and is still held, is open again.
void batch_again (batch_t *self, int recipient, int64_t since);
void batch_grace (batch_t *self, int64_t ms);

// True if nothing would be written.
bool batch_is_empty (const batch_t *self);
// Adds the statements of all kinds that have rows.  The batch must stay as
// it is until the run was sent.
void batch_calls (batch_t *self, run_t *run);

#endif
