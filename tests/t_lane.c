/*
 * t_lane - numbers of a lane: settled in any order, kept or thrown away with a batch.
 */
#include "lane.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGES = 200 };

static lane_t *
lane_with (lanes_t *lanes, int64_t accepted)
{
    lane_t *lane = lanes_require (lanes, 1, 2);
    lanes_touch (lanes, lane);
    lane->now.next_sequence = accepted + 1;
    lanes_commit (lanes);
    return lane;
}

static void
a_new_lane_begins_at_one (void)
{
    lanes_t *lanes = lanes_new ();
    ok (!lanes_find (lanes, 1, 2), "a lane that nobody asked for is not there");
    lane_t *lane = lanes_require (lanes, 1, 2);
    ok (lane->now.next_sequence == 1 && lane->now.next_number == 1 && lane->now.done == 0,
        "a new lane begins at one");
    ok (lanes_find (lanes, 1, 2) == lane && !lanes_find (lanes, 2, 1),
        "it is found by recipient and sender, in that order");
    lanes_destroy (&lanes);
}

// Settles one; how many of those ahead the cursor passed over.
static int
settle (lanes_t *lanes, lane_t *lane, int64_t sequence)
{
    int64_t first, last;
    lanes_touch (lanes, lane);
    lane_settle (lane, sequence, &first, &last);
    return (int) (last - first + 1);
}

static void
the_cursor_moves_over_what_was_ahead (void)
{
    lanes_t *lanes = lanes_new ();
    lane_t *lane = lane_with (lanes, 10);
    is_int (settle (lanes, lane, 3), 0, "three, ahead");
    is_int (settle (lanes, lane, 2), 0, "two, ahead");
    is_int (settle (lanes, lane, 5), 0, "five, ahead");
    is_int (lane->now.done, 0, "the cursor waits for one");
    ok (lane_is_settled (lane, 3) && !lane_is_settled (lane, 1) && !lane_is_settled (lane, 4),
        "but what is settled is settled");
    is_int (settle (lanes, lane, 1), 2, "one takes two and three with it");
    is_int (lane->now.done, 3, "the cursor stands at three");
    is_int ((int64_t) lane->n_ahead, 1, "five is still ahead");
    lanes_destroy (&lanes);
}

static void
shuffle (int64_t *list, int n)
{
    for (int i = n - 1; i > 0; i--) {
        int other = rand () % (i + 1);
        int64_t kept = list[i];
        list[i] = list[other];
        list[other] = kept;
    }
}

// Compares with a plain list of flags.
static int
differences (const lane_t *lane, const bool *settled)
{
    int64_t done = 0;
    int wrong = 0;
    while (done < MESSAGES && settled[done + 1])
        done++;
    for (int64_t s = 1; s <= MESSAGES; s++)
        wrong += lane_is_settled (lane, s) != settled[s];
    return wrong + (lane->now.done != done);
}

static void
any_order_comes_to_the_same (void)
{
    srand (1);
    int wrong = 0;
    for (int round = 0; round < 20; round++) {
        lanes_t *lanes = lanes_new ();
        lane_t *lane = lane_with (lanes, MESSAGES);
        bool settled[MESSAGES + 1] = {false}, before[MESSAGES + 1];
        int64_t order[MESSAGES];
        for (int i = 0; i < MESSAGES; i++)
            order[i] = i + 1;
        shuffle (order, MESSAGES);
        for (int i = 0; i < MESSAGES;) {
            memcpy (before, settled, sizeof before);
            int batch = i;
            for (int n = 1 + rand () % 9; n && batch < MESSAGES; n--, batch++) {
                settle (lanes, lane, order[batch]);
                settled[order[batch]] = true;
            }
            wrong += differences (lane, settled);
            if (rand () % 3 == 0) { // the batch failed: as if it had never been
                lanes_rollback (lanes);
                memcpy (settled, before, sizeof before);
            } else {
                lanes_commit (lanes);
                i = batch;
            }
            wrong += differences (lane, settled);
        }
        wrong += lane->now.done != MESSAGES || lane->n_ahead != 0;
        lanes_destroy (&lanes);
    }
    is_int (wrong, 0, "any order, with batches that fail in between, comes to the same");
}

static void
a_rollback_takes_back_the_numbers (void)
{
    lanes_t *lanes = lanes_new ();
    lane_t *lane = lane_with (lanes, 5);
    lanes_touch (lanes, lane);
    lane->now.next_sequence = 9;
    lane->now.next_number = 4;
    memset (lane->now.incarnation, 7, sizeof lane->now.incarnation);
    lanes_rollback (lanes);
    ok (lane->now.next_sequence == 6 && lane->now.next_number == 1 && !lane->now.incarnation[0],
        "numbers and incarnation are as they were");
    ok (!lanes_touched (lanes), "and nothing is touched any more");
    lanes_destroy (&lanes);
}

static void
many_lanes_are_found (void)
{
    lanes_t *lanes = lanes_new ();
    int wrong = 0;
    for (int recipient = 1; recipient <= 60; recipient++)
        for (int sender = 1; sender <= 60; sender++)
            lanes_require (lanes, recipient, sender)->now.done = recipient * 100 + sender;
    for (int recipient = 1; recipient <= 60; recipient++)
        for (int sender = 1; sender <= 60; sender++)
            wrong += lanes_find (lanes, recipient, sender)->now.done != recipient * 100 + sender;
    is_int (wrong, 0, "each of 3,600 lanes is found");
    ok (lanes_at (lanes, 3599) && !lanes_at (lanes, 3600), "and they can be walked through");
    lanes_destroy (&lanes);
}

int
main (void)
{
    a_new_lane_begins_at_one ();
    the_cursor_moves_over_what_was_ahead ();
    any_order_comes_to_the_same ();
    a_rollback_takes_back_the_numbers ();
    many_lanes_are_found ();
    return tap_end ();
}
