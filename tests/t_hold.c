/*
 * t_hold - which message holds back its referral, compared with a plain list.
 */
#include "hold.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

enum { REFERRALS = 300 }; // many more than the table begins with

static const uint8_t *
referral (int no)
{
    static uint8_t id[16];
    memset (id, 0, sizeof id);
    memcpy (id, &no, sizeof no);
    return id;
}

static void
put_off (holds_t *holds, int no, int64_t until_ms)
{
    holds_put (holds, referral (no), no, HOLD_LATER, until_ms);
}

static void
one_holds_a_referral (void)
{
    holds_t *holds = holds_new ();
    ok (!holds_find (holds, referral (1)), "nothing holds a referral at first");
    holds_put (holds, referral (1), 7, HOLD_HANDED, 0);
    ok (holds_find (holds, referral (1)) && holds_find (holds, referral (1))->no == 7,
        "what was put holds it");
    holds_put (holds, referral (1), 9, HOLD_DEAD, 0);
    const hold_t *hold = holds_find (holds, referral (1));
    ok (hold && hold->no == 9 && hold->kind == HOLD_DEAD, "another takes its place");
    holds_remove (holds, referral (2));
    ok (holds_find (holds, referral (1)), "removing what is not there removes nothing");
    holds_remove (holds, referral (1));
    ok (!holds_find (holds, referral (1)), "removed, it holds no more");
    holds_destroy (&holds);
}

static int
differences (holds_t *holds, const int64_t *list)
{
    int wrong = 0;
    for (int i = 0; i < REFERRALS; i++) {
        const hold_t *hold = holds_find (holds, referral (i));
        wrong += (hold ? hold->no : 0) != list[i];
    }
    return wrong;
}

static void
many_are_found_whatever_was_removed (void)
{
    holds_t *holds = holds_new ();
    int64_t list[REFERRALS] = {0};
    int wrong = 0;
    srand (1);
    for (int i = 0; i < 20 * REFERRALS; i++) {
        int no = rand () % REFERRALS;
        if (rand () % 3 == 0) {
            holds_remove (holds, referral (no));
            list[no] = 0;
        } else {
            holds_put (holds, referral (no), i + 1, HOLD_DEAD, 0);
            list[no] = i + 1;
        }
        if (i % 10 == 0)
            wrong += differences (holds, list);
    }
    is_int (wrong + differences (holds, list), 0, "the table is as a list of them");
    holds_destroy (&holds);
}

static void
those_whose_time_has_come_are_taken (void)
{
    holds_t *holds = holds_new ();
    ok (holds_due_at (holds) == INT64_MAX, "nothing is put off");
    put_off (holds, 8, 300);
    put_off (holds, 5, 200);
    put_off (holds, 6, 200);
    holds_put (holds, referral (4), 4, HOLD_DEAD, 0);
    is_int (holds_due_at (holds), 200, "the first time is known");
    is_int (holds_take_expired (holds, 199), 0, "before it none is taken");
    ok (holds_find (holds, referral (5)), "and all hold");
    is_int (holds_take_expired (holds, 200), 5, "when it comes, the lowest of its rows is told");
    ok (!holds_find (holds, referral (5)) && !holds_find (holds, referral (6)),
        "all of that time are gone");
    ok (holds_find (holds, referral (8)) && holds_find (holds, referral (4)),
        "a later one and a dead letter are not");
    is_int (holds_due_at (holds), 300, "the next time is known");
    is_int (holds_take_expired (holds, 1000), 8, "and comes");
    ok (holds_due_at (holds) == INT64_MAX, "then nothing is put off");
    holds_destroy (&holds);
}

static void
what_is_in_hand_is_not_forgotten (void)
{
    holds_t *holds = holds_new ();
    int found = 0;
    for (int i = 0; i < REFERRALS; i++)
        holds_put (holds, referral (i), i + 1, i % 3 ? HOLD_LATER : HOLD_HANDED, 100);
    holds_forget (holds);
    for (int i = 0; i < REFERRALS; i++)
        found += (holds_find (holds, referral (i)) != NULL) == (i % 3 == 0);
    is_int (found, REFERRALS, "of many, those in hand are left");
    ok (holds_due_at (holds) == INT64_MAX, "and no time is waited for");
    holds_destroy (&holds);
}

int
main (void)
{
    one_holds_a_referral ();
    many_are_found_whatever_was_removed ();
    those_whose_time_has_come_are_taken ();
    what_is_in_hand_is_not_forgotten ();
    return tap_end ();
}
