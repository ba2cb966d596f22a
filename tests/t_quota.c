/*
 * t_quota - what one partner may take, and when it is told to try again.
 */
#include "bucket.h"
#include "quota.h"
#include "tap.h"

#include <string.h>

static const quota_options_t options = {.messages_a_second = 10,
                                        .sessions_a_minute = 6,
                                        .unanswered = 5,
                                        .waiting_bytes = 1000,
                                        .body_bytes = 300};

static void
a_bucket_begins_full_and_fills_evenly (void)
{
    bucket_t bucket = bucket_full (3, 1000, 50);
    for (int i = 0; i < 3; i++)
        ok (bucket_take (&bucket, 50), "what a period brings may come at once");
    ok (!bucket_take (&bucket, 50), "and no more");
    is_int (bucket_wait_ms (&bucket, 1, 50), 334, "the next token comes after a third, rounded up");
    ok (!bucket_take (&bucket, 383), "not a millisecond sooner");
    ok (bucket_take (&bucket, 384), "but then");
    is_int (bucket_wait_ms (&bucket, 9, 384), 1000, "more than a full bucket is never waited for");
    is_int (bucket_wait_ms (&bucket, 3, 1000000), 0, "a long time fills it");
    for (int i = 0; i < 3; i++)
        ok (bucket_take (&bucket, 1000000), "to the brim");
    ok (!bucket_take (&bucket, 1000000), "and not above");
}

static void
messages_a_second (void)
{
    quota_t *quota = quota_new (&options);
    for (int i = 0; i < 10; i++)
        is_int (quota_send (quota, 1, "a", 0, 0, 7), 0, "within the rate");
    is_int (quota_send (quota, 1, "a", 0, 0, 7), 500, "one above: until half a bucket is there");
    is_int (quota_send (quota, 1, "a", 0, 0, 506), 1, "until then nothing, for order's sake");
    is_int (quota_send (quota, 2, "b", 0, 0, 7), 0, "another partner has a share of its own");
    for (int i = 0; i < 5; i++)
        is_int (quota_send (quota, 1, "a", 0, 0, 507), 0, "who waited as told gets through");
    ok (quota_send (quota, 1, "a", 0, 0, 507) > 0, "with as much as there is");
    is_text (quota_met (quota, 1, 507), "partner_messages", "and it is known who met what");
    ok (!quota_met (quota, 1, 507 + 60000), "for a minute");
    ok (!quota_met (quota, 2, 507), "and who did not");
    quota_destroy (&quota);
}

static void
what_waits_for_its_answer (void)
{
    static const struct {
        const char *name;
        size_t unanswered, bytes;
        uint32_t want;
        const char *met;
    } rows[] = {
        {"one below the count", 4, 999, 0, NULL},
        {"at the count", 5, 999, 400, "partner_unanswered"},
        {"at the bytes", 4, 1000, 400, "partner_waiting_bytes"},
        {"the first message passes, whatever its size", 0, 5000, 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        quota_t *quota = quota_new (&options);
        is_int (quota_send (quota, 1, "a", rows[i].unanswered, rows[i].bytes, 9), rows[i].want,
                rows[i].name);
        const char *met = quota_met (quota, 1, 9);
        ok (rows[i].met ? met && strcmp (met, rows[i].met) == 0 : !met, "and it is said why");
        quota_destroy (&quota);
    }
}

static void
sessions_a_minute_and_bodies (void)
{
    quota_t *quota = quota_new (&options);
    for (int i = 0; i < 6; i++)
        is_int (quota_hello (quota, 1, "a", 3), 0, "sessions within the rate");
    is_int (quota_hello (quota, 1, "a", 3), 10000, "one above: until the next may begin");
    is_int (quota_hello (quota, 1, "a", 10002), 1, "not sooner");
    is_int (quota_hello (quota, 1, "a", 10003), 0, "but then");
    is_int (quota_send (quota, 1, "a", 0, 0, 10003), 0, "messages are another matter");
    ok (quota_may_hold (quota, 300), "a body of the limit");
    ok (!quota_may_hold (quota, 301), "and one above");
    quota_destroy (&quota);
}

int
main (void)
{
    a_bucket_begins_full_and_fills_evenly ();
    messages_a_second ();
    what_waits_for_its_answer ();
    sessions_a_minute_and_bodies ();
    return tap_end ();
}
