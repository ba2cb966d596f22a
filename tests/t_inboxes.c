/*
 * t_inboxes - a report of an inbox counts once.
 */
#include "inboxes.h"
#include "tap.h"

static const uint8_t one[16] = {1}, other[16] = {2};

static void
count (void *arg, int recipient, const uint8_t inbox[16], int64_t last_batch)
{
    (void) recipient;
    (void) inbox;
    *(int64_t *) arg += last_batch;
}

static int64_t
sum_of_set (const inboxes_t *inboxes)
{
    int64_t sum = 0;
    inboxes_each_set (inboxes, count, &sum);
    return sum;
}

static void
kept_or_thrown_away_with_the_batch (void)
{
    inboxes_t *inboxes = inboxes_new ();
    is_int (inboxes_last (inboxes, 1, one), 0, "an inbox that reported nothing stands at 0");
    inboxes_set (inboxes, 1, one, 3);
    is_int (inboxes_last (inboxes, 1, one), 3, "the batch under way sees its report");
    is_int (inboxes_committed (inboxes, 1, one), 0, "nobody else does");
    is_int (sum_of_set (inboxes), 3, "it is to be written");
    inboxes_rollback (inboxes);
    is_int (inboxes_last (inboxes, 1, one), 0, "thrown away with the batch");
    inboxes_set (inboxes, 1, one, 4);
    inboxes_commit (inboxes);
    is_int (inboxes_committed (inboxes, 1, one), 4, "kept with the batch");
    is_int (sum_of_set (inboxes), 0, "and then not to be written again");
    inboxes_destroy (&inboxes);
}

static void
another_inbox_counts_anew (void)
{
    inboxes_t *inboxes = inboxes_new ();
    inboxes_load (inboxes, 1, one, 7);
    is_int (inboxes_last (inboxes, 1, one), 7, "as loaded");
    is_int (inboxes_last (inboxes, 2, one), 0, "not of another partner");
    is_int (inboxes_last (inboxes, 1, other), 0, "nor of another inbox of the same");
    inboxes_destroy (&inboxes);
}

int
main (void)
{
    kept_or_thrown_away_with_the_batch ();
    another_inbox_counts_anew ();
    return tap_end ();
}
