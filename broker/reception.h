/*
 * reception - what comes in, looked at once: who speaks, and is it a command.
 *
 * Checks what needs no database, answers what can be answered at once, and
 * makes an item of the rest.  A message whose header or body is wrong becomes an item
 * all the same, with its fault, for its number is used up.
 */
#ifndef KASK_RECEPTION_H
#define KASK_RECEPTION_H

#include "catalogue.h"
#include "clock.h"
#include "delivery.h"
#include "greeting.h"
#include "outcome.h"
#include "quota.h"
#include "recovery.h"
#include "session.h"
#include "store.h"
#include "wire.h"

typedef struct reception_s reception_t;

// All borrowed.
typedef struct {
    store_t *store;
    sessions_t *sessions;
    delivery_t *delivery;
    catalogue_t *catalogue;
    outcome_t *outcome;
    broker_clock_t *clock;
    recovery_t *recovery;
    quota_t *quota;
} reception_rooms_t;

reception_t *reception_new (const reception_rooms_t *rooms);
void reception_destroy (reception_t **self_p);

// A hello that waited for its keys is committed: Welcome, or why not.
void reception_keys_stored (reception_t *self, const item_t *item);
// Takes the parcel's frames; what is left of it is the caller's to close.  False: it was refused at
// once, or is a Ping; who sends many of these only keeps the broker from the others.
bool reception_take (reception_t *self, parcel_t *parcel);

#endif
