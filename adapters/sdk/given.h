/*
 * given - a message as the program has it: unpacked, opened and checked.
 *
 * Whose row it is in the inbox, and when it may be given, is handling.h's.
 */
#ifndef KASK_SDK_GIVEN_H
#define KASK_SDK_GIVEN_H

#include "identity.h"
#include "keyring.h"

typedef struct given_s given_t;
struct given_s {
    kask_message_t message; // first, so that it can be found from it
    given_t *next;          // the handling's list
    int64_t no;             // the inbox's row
    int64_t attempts;       // that ended in a crash
    Kask__Reply *facts;     // the broker's Deliver; owned, as are the next two
    Kask__Header *header;
    Kask__Content *content; // NULL until it is opened, and in the broker's own notices
};

given_t *given_new (void);
void given_destroy (given_t **self_p);

// `row` holds facts, header and body.  False: they cannot be read; what could be is there.
bool given_unpack (given_t *self, sqlite3_stmt *row);
// Opens the body of the same row.  DEAD_REASON_NONE: it is opened, and signed by its sender's
// pinned identity or one before it; a notice that the broker alone decides needs no signature.
// MAPPING_FAILED: so it is, but of an event that a later version has.
Kask__DeadReason given_open (given_t *self, const identity_t *identity, sqlite3_stmt *row,
                             const peer_t *peer);
// Makes `message`, which borrows from the rest.
void given_fill (given_t *self, int64_t no, int64_t attempts, bool perhaps_repeated);
// 16 bytes.
const uint8_t *given_referral (const given_t *self);

#endif
