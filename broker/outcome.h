/*
 * outcome - what is said after a turn: answers and confirmations.
 */
#ifndef KASK_OUTCOME_H
#define KASK_OUTCOME_H

#include "arena.h"
#include "item.h"
#include "session.h"

enum { RETRY_AFTER_MS = 400 };

typedef struct outcome_s outcome_t;

// `sessions` is borrowed.
outcome_t *outcome_new (sessions_t *sessions);
void outcome_destroy (outcome_t **self_p);

// Answers the items of a turn that is committed, at `accepted_at_ms`; many answers in one reply.
void outcome_committed (outcome_t *self, const item_t *items, int64_t accepted_at_ms);

// Gathers an answer that no turn gave: UNAVAILABLE, also for who is over its share, or REFUSED for
// a recipient that is not known.  It goes out with outcome_flush.
void outcome_unavailable (outcome_t *self, session_t *session, const Kask__Send *send);
void outcome_over_share (outcome_t *self, session_t *session, const Kask__Send *send,
                         uint32_t retry_after_ms);
void outcome_unknown_recipient (outcome_t *self, session_t *session, const Kask__Send *send);
void outcome_flush (outcome_t *self);

#endif
