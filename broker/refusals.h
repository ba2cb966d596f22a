/*
 * refusals - those that repeat are counted, not told each time.
 *
 * The first of a kind (who, to whom, which event, why) is told at once; those of the next
 * minute are counted, and told by one entry that stands for them.  Pure; times come in.
 * Counts are kept in memory: a broker that is asked to end tells what it has counted, one
 * that is killed does not.
 */
#ifndef KASK_REFUSALS_H
#define KASK_REFUSALS_H

#include "fault.h"
#include "kask.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

enum { REFUSALS_KINDS = 256, REFUSALS_PERIOD_MS = 60000 };

typedef struct refusals_s refusals_t;

typedef struct {
    int actor; // partner numbers
    int counterpart;
    Kask__Event event;
    fault_t fault;
} refusal_kind_t;

refusals_t *refusals_new (void);
void refusals_destroy (refusals_t **self_p);

// One more.  True if it is to be told by an entry of its own: the first, or there are more kinds
// than REFUSALS_KINDS; false if it was counted.
bool refusals_note (refusals_t *self, const refusal_kind_t *kind, int64_t now);
// Gives a kind whose minute is over and sets *count_p to how many were counted; false if there
// is none left.
bool refusals_take (refusals_t *self, int64_t now, refusal_kind_t *kind, uint64_t *count_p);

// What was noted and taken since the last commit stands, or has not happened.
void refusals_commit (refusals_t *self);
void refusals_rollback (refusals_t *self);

#endif
