/*
 * catalogue - everybody's offerings, as pulled from the broker.
 *
 * The last revision of each, with the header and body that the publisher
 * signed.  A row that changes gets a new number, so a reader follows `change`.
 */
#ifndef KASK_SDK_CATALOGUE_H
#define KASK_SDK_CATALOGUE_H

#include "identity.h"
#include "port.h"

// In a transaction: one answer to a Pull; frames: header and body of each record in turn.
// Own records only correct kask_offer.  False: the frames do not fit the records.
bool catalogue_take (store_t *store, const identity_t *identity, const Kask__Catalogue *answer,
                     const frame_t *frames, size_t n);
int64_t catalogue_cursor (store_t *store);

// In a transaction: looks again at the records of partners whose pins changed.
void catalogue_verify (store_t *store);

// The first record behind `change`; NULL if none.
kask_offering_t *catalogue_after (store_t *store, int64_t change);
void catalogue_offering_free (kask_offering_t **offering_p);

#endif
