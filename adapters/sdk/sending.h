/*
 * sending - the outgoing lanes of a session.
 *
 * A lane is this outbox's messages to one recipient, numbered without a gap.
 * sending_number gives numbers, in the step's transaction; sending_flush sends,
 * after it was committed, so that no number is on the wire that is not on disk.
 * After a GAP or an UNAVAILABLE a lane waits until everything under way is
 * answered and begins again at the oldest; so answers to older tries cannot be
 * taken for answers to newer ones.
 */
#ifndef KASK_SDK_SENDING_H
#define KASK_SDK_SENDING_H

#include "outbox.h"
#include "port.h"

typedef struct sending_s sending_t;

// Borrows all three.
sending_t *sending_new (store_t *store, const identity_t *identity, const port_t *port);
void sending_destroy (sending_t **self_p);

// In a transaction, at Welcome.  False: the broker and this outbox do not fit; a new
// incarnation was made and stored, and a new hello must announce it.
bool sending_begin (sending_t *self, const Kask__Welcome *welcome);

// In a transaction: a new incarnation, under which all that has no answer is sent again.
void sending_renew (sending_t *self);

// In a transaction.  False: another copy of this outbox has given the number to another message.
bool sending_answer (sending_t *self, const Kask__Answer *answer, int64_t now_ms);
// In a transaction.
void sending_number (sending_t *self);
// Is there something to number?
bool sending_has_news (const sending_t *self);

// Outside of one.  False: the socket is full.
bool sending_flush (sending_t *self, int64_t now_ms);
// When sending_flush has something to do again; INT64_MAX: after an answer.
int64_t sending_due_at (const sending_t *self);

#endif
