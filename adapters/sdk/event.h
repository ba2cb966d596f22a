/*
 * event - a referral event on its way into the outbox.
 */
#ifndef KASK_SDK_EVENT_H
#define KASK_SDK_EVENT_H

#include "identity.h"

// All borrowed.
typedef struct {
    const char *recipient;
    const char *act;              // of a person, by the system's id
    Kask__ReferralEvent *event;   // ids and version that are missing are filled in
    const Kask__Content *content; // NULL: nothing
} event_t;

// A new referral's ids; the event points to them.
typedef struct {
    uint8_t referral[16];
    uint8_t chain[16];
} event_ids_t;

// False: it says why; nothing was stored.
bool event_may_send (const event_t *self, const identity_t *identity, kask_error_t *error);

// In a transaction, for an event that may be sent.  KNOWN: this act was sent before, as
// message_id.  FAILED: the transaction must be undone.
kask_stored_t event_send (const event_t *self, store_t *store, const identity_t *identity,
                          event_ids_t *made, uint8_t message_id[16], kask_error_t *error);

#endif
