/*
 * outbox - messages that the broker has not answered yet, and its answers.
 *
 * Rows are in the order in which they were put.  A message gets its number when it
 * is first sent; until then its content may still wait in clear for the
 * recipient's keys.
 */
#ifndef KASK_SDK_OUTBOX_H
#define KASK_SDK_OUTBOX_H

#include "identity.h"
#include "keyring.h"

typedef struct {
    const char *act; // "" for offerings
    const Kask__Header *header;
    const uint8_t *content; // a Content's or an Offering's bytes
    size_t size;
} outgoing_t;

// The message_id (16 bytes) of an act that was sent before.
bool outbox_find_act (store_t *store, const uint8_t origin[32], uint8_t message_id[16]);

// In a transaction.  Seals where it can; false if a statement failed.
bool outbox_put (store_t *store, const identity_t *self, const outgoing_t *message);

// In a transaction: seals the row `no` that waits in clear, to `peer`.  False: it cannot be.
bool outbox_seal (store_t *store, const identity_t *self, int64_t no, const peer_t *peer);

// In a transaction: the broker's last word on row `no` becomes an answer, and the row goes.
void outbox_settle (store_t *store, int64_t no, const Kask__Answer *answer);

// Names the acts since then that the broker accepted and this outbox let go of.
void outbox_tell_lost (store_t *store, int64_t from_ms, const alarm_t *alarm);

// ---- versions of referrals that the partner's system knows

uint32_t version_of (store_t *store, const uint8_t referral[16]);
// Our own event made `standing`: known, if nothing unknown came between.
void version_follow (store_t *store, const Kask__Standing *standing);
// The partner's system was told.
void version_told (store_t *store, const Kask__Standing *standing);

#endif
