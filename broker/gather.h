/*
 * gather - which of what waits is decided in the next turn.
 *
 * In the order in which it came, up to the limits; where several partners wait, each gets its
 * share of the turn, or who sends much would make it long for all.  What is over it stays.
 *  Acknowledgements alone may be left for a
 * later turn, where they have company, so that a new referral does not wait for their rows.
 */
#ifndef KASK_GATHER_H
#define KASK_GATHER_H

#include "queue.h"

#include <stdbool.h>

typedef struct {
    size_t items; // at most
    size_t bytes; // at most; the first always passes
    size_t share; // at most, items of one partner while another waits
    bool acknowledgements_are_due;
} gather_t;

// Takes them from `waiting`; the rest stays there in its order.  True in `*more_p` if that is
// more than acknowledgements that wait for company.
queue_t gather (queue_t *waiting, const gather_t *limits, bool *more_p);

// Nothing waits for it at its sender: Done and Stored.
bool item_is_acknowledgement (const item_t *item);
// An act or new keys change the registry, an outage changes the referrals, on which all
// decisions stand: they are alone in their turn.
bool item_is_alone (const item_t *item);

#endif
