/*
 * report - what the inbox tells the broker: DONE and DEAD.
 *
 * Items are put by whoever handles messages, in the transaction in which the
 * message goes.  In a session they are put together into numbered batches, Done
 * ones signed once, and kept until the broker has confirmed them.
 */
#ifndef KASK_SDK_REPORT_H
#define KASK_SDK_REPORT_H

#include "identity.h"
#include "port.h"

typedef struct {
    const char *sender;
    int64_t sequence;
    int64_t replay;
    const uint8_t *message_id; // 16 bytes
    bool perhaps_repeated;
    Kask__DeadReason reason; // NONE: DONE
    const char *text;        // with DEAD, for the operators
    int64_t attempts;
} report_item_t;

// In a transaction.
void report_put (store_t *store, const report_item_t *item);
// Is that message reported, and not confirmed yet?
bool report_has (store_t *store, const char *sender, int64_t sequence, int64_t replay);

// ---- the session's part

typedef struct {
    store_t *store;
    const identity_t *identity;
    const port_t *port;
    int64_t batched_no; // items up to here are in a batch
    int64_t next_batch;
    int64_t sent_batch;      // in this session
    int64_t confirmed_batch; // by this broker
} reports_t;

// In a transaction, at Welcome.  False: the broker has reports of this inbox that were not made
// here; it is an older copy, and from now on counts as having made them.
bool reports_begin (reports_t *self, int64_t last_batch);
// In a transaction: batches are made anew, under a new inbox id; the inbox has a second copy.
void reports_renew (reports_t *self);
bool reports_has_news (const reports_t *self);
// In a transaction: makes batches of the items that have none.
void reports_batch (reports_t *self, int64_t now_ms);
void reports_confirmed (reports_t *self, const Kask__Confirmed *confirmed);
// Outside of one: sends batches; false: the socket is full.
bool reports_flush (reports_t *self);

#endif
