/*
 * dead_letter - what an operator decides about a dead letter.
 *
 * Replayed, it is delivered again.  Returned or dropped, its place in the lane is taken by a
 * notice of the broker's, which is delivered as a replay: the recipient lets go of what the
 * dead one held back, and both partners' people read what became of it.  A SEND that comes
 * to this end ends its referral.
 */
#ifndef KASK_DEAD_LETTER_H
#define KASK_DEAD_LETTER_H

#include "intake.h"

enum { DEAD_LETTER_WHY_BYTES = 201, DEAD_LETTER_TEXT_BYTES = 600 };

typedef struct {
    int64_t no;    // its number in the table
    int recipient; // partner numbers
    int sender;
    int64_t sequence;
    int replay;                      // number of this replay, from 1
    Kask__Event fate;                // REPLAYED, RETURNED or DROPPED
    char why[DEAD_LETTER_WHY_BYTES]; // DROPPED: the operator's reason
} dead_letter_t;

void dead_letter_want (intake_t *intake, const dead_letter_t *letter);

// False: nothing was changed, and `text` (DEAD_LETTER_TEXT_BYTES) says why; else what will happen.
// `uid` is the operator, for the audit log.
bool dead_letter_decide (intake_t *intake, const dead_letter_t *letter, unsigned uid, char *text);

#endif
