// t_holders - dead letters that hold their referral back, with a batch's changes.
#include "holders.h"
#include "tap.h"

static const holder_t first = {.recipient = 1, .sender = 2, .sequence = 5, .referral = {1}};
static const holder_t second = {.recipient = 1, .sender = 3, .sequence = 5, .referral = {2}};
static const holder_t other = {.recipient = 4, .sender = 2, .sequence = 5, .referral = {1}};

static size_t
count (const holders_t *holders, int recipient)
{
    size_t n = 0;
    for (size_t place = 0; holders_next (holders, recipient, &place);)
        n++;
    return n;
}

static void
kept_or_thrown_away_with_the_batch (void)
{
    holders_t *holders = holders_new ();
    holders_add (holders, &first);
    ok (count (holders, 1) == 0, "what a batch under way adds is not told of");
    holders_rollback (holders);
    holders_commit (holders);
    ok (count (holders, 1) == 0, "and goes with it");
    holders_add (holders, &first);
    holders_add (holders, &first);
    holders_commit (holders);
    ok (count (holders, 1) == 1, "one that dies again stands once");
    holders_settle (holders, 1, 2, 5);
    ok (count (holders, 1) == 1, "what a batch settles stands until its commit");
    holders_rollback (holders);
    holders_commit (holders);
    ok (count (holders, 1) == 1, "and on, where the batch failed");
    holders_settle (holders, 1, 2, 5);
    holders_commit (holders);
    ok (count (holders, 1) == 0, "after the commit it has gone");
    holders_destroy (&holders);
}

static void
a_revoked_referral_has_none (void)
{
    holders_t *holders = holders_new ();
    holders_load (holders, &first);
    holders_load (holders, &second);
    holders_load (holders, &other);
    size_t place = 0;
    const holder_t *oldest = holders_next (holders, 1, &place);
    ok (oldest && oldest->sender == 2 && count (holders, 1) == 2 && count (holders, 4) == 1,
        "each recipient's are told, oldest first");
    holders_revoke (holders, first.referral);
    holders_commit (holders);
    ok (count (holders, 1) == 1 && count (holders, 4) == 0, "a revoked referral has none");
    holders_destroy (&holders);
}

int
main (void)
{
    kept_or_thrown_away_with_the_batch ();
    a_revoked_referral_has_none ();
    return tap_end ();
}
