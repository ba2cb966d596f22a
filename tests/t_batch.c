/*
 * t_batch - the rows that commit together, and the numbers that rise with them.
 */
#include "batch.h"
#include "tap.h"

#include <string.h>

static int64_t
entry (batch_t *batch)
{
    audit_row_t row = {.actor = 1, .counterpart = -1};
    kask__audit_entry__init (&row.entry);
    row.entry.kind = KASK__AUDIT_KIND__AUDIT_OPERATOR;
    return batch_audit (batch, &row);
}

static void
entries_have_no_gap (void)
{
    batch_t *batch = batch_new ();
    const counters_t counters = {.audit = 41, .at = 500};
    batch_begin (batch, 1000, &counters);
    ok (batch_is_empty (batch), "a new batch is empty");
    is_int (entry (batch), 42, "the next entry has the next number");
    is_int (entry (batch), 43, "and so on");
    ok (!batch_is_empty (batch), "now there is something to write");
    batch_begin (batch, 1000, &counters);
    ok (batch_is_empty (batch), "begun again it is empty");
    is_int (entry (batch), 42, "and gives the numbers of the one that was thrown away");
    batch_destroy (&batch);
}

static void
time_never_runs_back (void)
{
    batch_t *batch = batch_new ();
    batch_begin (batch, 1000, &(counters_t){.at = 5000});
    is_int (batch_now (batch), 5000, "not behind the last committed");
    batch_begin (batch, 6000, &(counters_t){.at = 5000});
    is_int (batch_now (batch), 6000, "but on");
    is_int (batch_counters (batch)->at, 6000, "and that is the last committed then");
    batch_destroy (&batch);
}

static fresh_t
fresh_of (int64_t referral, int64_t audit, bool by_broker)
{
    static const uint8_t id[16] = {1};
    return (fresh_t){.recipient = 1,
                     .sender = 2,
                     .referral = referral,
                     .audit = audit,
                     .by_broker = by_broker,
                     .message_id = id,
                     .standing = id,
                     .standing_size = 1,
                     .header = id,
                     .header_size = 1,
                     .body = id,
                     .body_size = 1};
}

static void
a_revoke_erases_what_came_before_it (void)
{
    batch_t *batch = batch_new ();
    batch_begin (batch, 1000, &(counters_t){0});
    fresh_t before = fresh_of (7, 1, false), other = fresh_of (8, 2, false);
    fresh_t brokers = fresh_of (7, 3, true), revoke = fresh_of (7, 4, false);
    batch_message (batch, &before);
    batch_message (batch, &other);
    batch_message (batch, &brokers);
    batch_message (batch, &revoke);
    batch_erase (batch, 7, 4);
    ok (batch_first_fresh (batch) == &before && before.next == &other && !revoke.next,
        "messages stay in their order");
    ok (before.erased, "the referral's message is erased");
    ok (!other.erased && !brokers.erased && !revoke.erased,
        "another referral's, the broker's and the REVOKE itself are not");
    batch_destroy (&batch);
}

int
main (void)
{
    entries_have_no_gap ();
    time_never_runs_back ();
    a_revoke_erases_what_came_before_it ();
    return tap_end ();
}
