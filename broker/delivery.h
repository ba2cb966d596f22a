/*
 * delivery - messages to recipients: lanes, credit, order.
 *
 * Holds for each session how far each of its lanes has been delivered, and what
 * is out and not TAKEN.  A message of the last batch goes out from memory
 * if its lane is caught up; everything else is read from the database in bounded
 * pieces when there is credit, the lanes in turn.  Out of a paused mailbox come REVOKEs only.  So
 * memory follows the windows, never the backlog.
 */
#ifndef KASK_DELIVERY_H
#define KASK_DELIVERY_H

#include "batch.h"
#include "session.h"
#include "store.h"

typedef struct delivery_s delivery_t;

typedef struct {
    size_t most_messages; // of a window, whatever the client says
    size_t most_bytes;
} delivery_options_t;

// Both borrowed.
delivery_t *delivery_new (store_t *store, sessions_t *sessions, const delivery_options_t *options);
void delivery_destroy (delivery_t **self_p);

// A session was welcomed: delivers from its positions on.
void delivery_begin (delivery_t *self, session_t *session, const Kask__Hello *hello);
// It ended and is about to be freed: forgets what it held.
void delivery_end (delivery_t *self, session_t *session);

void delivery_window (delivery_t *self, session_t *session, const Kask__Window *window);
void delivery_taken (delivery_t *self, session_t *session, const Kask__Taken *taken);

// A turn is committed: these messages may go out.
void delivery_fresh (delivery_t *self, const fresh_t *first);
// A dead letter is to be delivered again.
void delivery_replay (delivery_t *self, int recipient, int sender, int64_t sequence, int replay);
// That partner's mailbox was resumed.
void delivery_mailbox (delivery_t *self, int partner);
// The database is back: to all who have credit.
void delivery_resume (delivery_t *self);
// Tries connections again that were full.
void delivery_tick (delivery_t *self);

#endif
