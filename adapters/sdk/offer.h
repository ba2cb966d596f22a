/*
 * offer - this partner's own offerings, as they were published last.
 */
#ifndef KASK_SDK_OFFER_H
#define KASK_SDK_OFFER_H

#include "identity.h"
#include "port.h"

// In a transaction.  Both number a new revision and put it into the outbox.
kask_stored_t offer_publish (store_t *store, const identity_t *identity,
                             const Kask__Offering *offering, int64_t now_ms, kask_error_t *error);
kask_stored_t offer_withdraw (store_t *store, const identity_t *identity, const char *key,
                              int64_t now_ms, kask_error_t *error);

// In a transaction: the catalogue holds that revision of ours.  If this store knows a lower
// one, or that one with other content, it is an old copy: the next one goes above it.
void offer_seen (store_t *store, const char *key, uint32_t revision, bool withdrawn);

#endif
