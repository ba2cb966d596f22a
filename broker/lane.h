/*
 * lane - one sender's messages to one recipient, as numbers.
 *
 * The broker gives lane sequences; the sender gives numbers.  Both are
 * counted here, in memory, as working values that a batch changes and that
 * lanes_commit keeps or lanes_rollback throws away with the batch.
 */
#ifndef KASK_LANE_H
#define KASK_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LANE_INCARNATION_BYTES = 16 };

typedef struct {
    int64_t next_sequence;                       // of the next message accepted; from 1
    int64_t done;                                // all up to here is settled
    uint8_t incarnation[LANE_INCARNATION_BYTES]; // the sender's outbox
    int64_t next_number;                         // that the lane takes next
} lane_numbers_t;

typedef struct lane_s {
    int recipient;
    int sender;
    lane_numbers_t now;       // what a batch under way has made of it
    lane_numbers_t committed; // what the database holds
    bool touched;
    // Settled ahead of `now.done`, sorted; n_ahead_committed of the last commit
    int64_t *ahead;
    size_t n_ahead;
    size_t ahead_capacity;
    struct lane_s *next_touched;
} lane_t;

typedef struct lanes_s lanes_t;

lanes_t *lanes_new (void);
void lanes_destroy (lanes_t **self_p);
void lanes_clear (lanes_t *self);

lane_t *lanes_find (const lanes_t *self, int recipient, int sender); // NULL if absent
lane_t *lanes_require (lanes_t *self, int recipient, int sender);
// In no order; NULL behind the last.
lane_t *lanes_at (const lanes_t *self, size_t place);

// To be called before a batch changes lane->now.
void lanes_touch (lanes_t *self, lane_t *lane);
lane_t *lanes_touched (const lanes_t *self); // follow next_touched
void lanes_commit (lanes_t *self);
void lanes_rollback (lanes_t *self);

// Settled, whether in the cursor or ahead of it?
bool lane_is_settled (const lane_t *lane, int64_t sequence);
// Settles one.  The cursor moves over what had been settled ahead; *first_p
// and *last_p are the range of those now behind it (empty: first > last).
void lane_settle (lane_t *lane, int64_t sequence, int64_t *first_p, int64_t *last_p);
// As loaded from the database.
void lane_load_ahead (lane_t *lane, int64_t sequence);

#endif
