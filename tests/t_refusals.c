/*
 * t_refusals - the first is told, those that repeat are counted.
 */
#include "refusals.h"
#include "tap.h"

static const refusal_kind_t kind = {1, 2, KASK__EVENT__EVENT_SEND, FAULT_NO_AGREEMENT};

static void
counted_for_a_minute (void)
{
    refusals_t *refusals = refusals_new ();
    refusal_kind_t told;
    uint64_t count = 0;
    ok (refusals_note (refusals, &kind, 1000), "the first is told");
    ok (!refusals_note (refusals, &kind, 1001) && !refusals_note (refusals, &kind, 2000),
        "the next two are not");
    refusal_kind_t other = kind;
    other.counterpart = 3;
    ok (refusals_note (refusals, &other, 2000), "one to another partner is");
    ok (!refusals_take (refusals, 1000 + REFUSALS_PERIOD_MS - 1, &told, &count),
        "within the minute nothing is to be told");
    ok (refusals_take (refusals, 1000 + REFUSALS_PERIOD_MS, &told, &count) && count == 2 &&
            told.counterpart == 2,
        "then the two are");
    ok (!refusals_take (refusals, 3000 + REFUSALS_PERIOD_MS, &told, &count), "once");
    ok (!refusals_take (refusals, 9 * REFUSALS_PERIOD_MS, &told, &count),
        "after a quiet minute nothing");
    ok (refusals_note (refusals, &kind, 9 * REFUSALS_PERIOD_MS), "and the next is a first again");
    refusals_destroy (&refusals);
}

static void
kept_or_thrown_away_with_the_batch (void)
{
    refusals_t *refusals = refusals_new ();
    ok (refusals_note (refusals, &kind, 1), "noted in a batch");
    refusals_rollback (refusals);
    ok (refusals_note (refusals, &kind, 1), "that failed: it is the first again");
    refusals_commit (refusals);
    refusals_rollback (refusals);
    ok (!refusals_note (refusals, &kind, 2), "what was committed stays");
    refusals_destroy (&refusals);
}

static void
more_kinds_than_there_is_room_for (void)
{
    refusals_t *refusals = refusals_new ();
    refusal_kind_t k = kind;
    bool all = true;
    for (k.actor = 0; k.actor < 2 * REFUSALS_KINDS; k.actor++)
        all = all && refusals_note (refusals, &k, 1);
    ok (all, "each is told");
    k.actor = 2 * REFUSALS_KINDS - 1;
    ok (refusals_note (refusals, &k, 2), "those without room are told each time");
    refusals_destroy (&refusals);
}

int
main (void)
{
    counted_for_a_minute ();
    kept_or_thrown_away_with_the_batch ();
    more_kinds_than_there_is_room_for ();
    return tap_end ();
}
