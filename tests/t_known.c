/*
 * t_known - what is remembered, replaced, and forgotten in its turn.
 */
#include "known.h"
#include "tap.h"

#include <string.h>

static referral_t
referral_of (int64_t no, uint32_t version)
{
    referral_t r = {.no = no, .version = version};
    memcpy (r.id, &no, sizeof no);
    return r;
}

static void
put (known_t *known, int64_t no, uint32_t version)
{
    referral_t r = referral_of (no, version);
    known_put_referral (known, &r);
}

static void
finds_by_id_and_number (void)
{
    known_t *known = known_new (10);
    put (known, 5, 1);
    referral_t asked = referral_of (5, 0);
    ok (known_referral (known, asked.id) != NULL, "a referral is found by its id");
    ok (known_referral_no (known, 5) == known_referral (known, asked.id), "and by its number");
    put (known, 5, 2);
    is_int (known_referral_no (known, 5)->version, 2, "the later version replaces the earlier");
    is_int (known_referral (known, asked.id)->version, 2, "by id too");
    ok (!known_referral_no (known, 6), "another is not known");
    known_destroy (&known);
}

static void
replaces_among_many (void)
{
    known_t *known = known_new (2000);
    for (int64_t no = 1; no <= 1000; no++) {
        put (known, no, 1);
        put (known, no, 2);
    }
    int stale = 0;
    for (int64_t no = 1; no <= 1000; no++)
        stale += known_referral_no (known, no)->version != 2;
    is_int (stale, 0, "none of a thousand is found in its earlier version");
    known_destroy (&known);
}

static void
finds_messages (void)
{
    known_t *known = known_new (10);
    const known_message_t message = {.referral = 7, .event = KASK__EVENT__EVENT_ASK};
    known_put_message (known, 1, 2, 3, &message);
    const known_message_t *found = known_message (known, 1, 2, 3);
    ok (found && found->referral == 7 && found->event == KASK__EVENT__EVENT_ASK,
        "a message is found by its lane and sequence");
    ok (!known_message (known, 2, 1, 3) && !known_message (known, 1, 2, 4), "and no other");
    known_destroy (&known);
}

static void
forgets_the_oldest (void)
{
    known_t *known = known_new (10);
    put (known, 1, 1);
    for (int64_t no = 2; no <= 20; no++)
        put (known, no, 1);
    ok (known_referral_no (known, 1) != NULL, "two generations are held");
    put (known, 21, 1); // the first generation goes
    ok (!known_referral_no (known, 1), "then the old one goes");
    put (known, 11, 2);
    is_int (known_referral_no (known, 11)->version, 2,
            "a version in the young one hides the older");
    ok (known_referral_no (known, 20) != NULL, "the young one stays");
    known_forget (known);
    ok (!known_referral_no (known, 20) && !known_referral_no (known, 11), "all is forgotten");
    known_destroy (&known);
}

int
main (void)
{
    finds_by_id_and_number ();
    replaces_among_many ();
    finds_messages ();
    forgets_the_oldest ();
    return tap_end ();
}
