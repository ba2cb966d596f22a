/*
 * t_cases - which referral an act in a case is about.
 */
#include "cases.h"
#include "ledger.h"
#include "tap.h"

#include <stdlib.h>

static sqlite3 *db;

static void
put (uint8_t id, case_role_t role, const char *partner, const char *case_id, Kask__State state)
{
    case_t one = {.role = role, .state = state, .referral = {id}, .chain = {id}};
    snprintf (one.partner, sizeof one.partner, "%s", partner);
    snprintf (one.id, sizeof one.id, "%s", case_id);
    if (!cases_put (db, &one))
        exit (1);
}

static int
resolve (const char *case_id, case_role_t role, const char *partner)
{
    case_t found = {.referral = {0}};
    case_found_t result = cases_resolve (db, case_id, role, partner, &found);
    return result == CASE_FOUND ? found.referral[0] : result == CASE_MANY ? -2 : -1;
}

static void
an_act_finds_its_referral (void)
{
    put (1, CASE_RECEIVER, "a", "C1", KASK__STATE__STATE_RECEIVED);
    is_int (resolve ("C1", CASE_RECEIVER, ""), 1, "the one referral of its case");
    is_int (resolve ("C1", CASE_REFERRER, ""), -1, "not one of the other role");
    is_int (resolve ("C2", CASE_ANY, ""), -1, "not one of another case");
    is_int (resolve ("", CASE_ANY, ""), -1, "no case has no referral");
    put (2, CASE_REFERRER, "b", "C1", KASK__STATE__STATE_SENT);
    is_int (resolve ("C1", CASE_RECEIVER, ""), 1,
            "a case that was referred further is told by the role");
    is_int (resolve ("C1", CASE_ANY, ""), -2, "without a role there are several");
    is_int (resolve ("C1", CASE_ANY, "b"), 2, "which the partner tells apart");
    put (2, CASE_REFERRER, "b", "C1", KASK__STATE__STATE_DECLINED);
    put (3, CASE_REFERRER, "c", "C1", KASK__STATE__STATE_SENT);
    is_int (resolve ("C1", CASE_REFERRER, ""), 3, "one that has ended stands back");
    put (3, CASE_REFERRER, "c", "C1", KASK__STATE__STATE_COMPLETED);
    is_int (resolve ("C1", CASE_REFERRER, ""), 3, "when all have ended it is the last");
}

static bool
is_same (const case_t *a, const case_t *b)
{
    return memcmp (a->referral, b->referral, sizeof a->referral) == 0 &&
           memcmp (a->chain, b->chain, sizeof a->chain) == 0 &&
           strcmp (a->partner, b->partner) == 0 && a->role == b->role &&
           strcmp (a->id, b->id) == 0 && strcmp (a->key, b->key) == 0 && a->state == b->state &&
           a->version == b->version && strcmp (a->reference, b->reference) == 0 &&
           a->n_questions == b->n_questions &&
           memcmp (a->questions, b->questions, sizeof a->questions) == 0 &&
           a->due_at_ms == b->due_at_ms;
}

static void
a_row_keeps_everything (void)
{
    case_t one = {.referral = {9},
                  .chain = {8},
                  .role = CASE_REFERRER,
                  .partner = "p",
                  .id = "C9",
                  .key = "k",
                  .state = KASK__STATE__STATE_ON_HOLD,
                  .version = 4,
                  .reference = "A8A6",
                  .questions = {1, 3},
                  .n_questions = 2,
                  .due_at_ms = 77};
    case_t found = {0};
    ok (cases_put (db, &one) && cases_find (db, one.referral, &found), "a case is found again");
    ok (is_same (&one, &found), "as it was");
    ok (cases_remove (db, one.referral) && !cases_find (db, one.referral, &found),
        "and gone when it is removed");
}

static void
the_brokers_word_counts (void)
{
    uint32_t open[] = {2};
    case_t one = {.version = 5,
                  .state = KASK__STATE__STATE_ACCEPTED,
                  .reference = "R",
                  .questions = {1},
                  .n_questions = 1};
    Kask__Standing standing = KASK__STANDING__INIT;
    standing.version = 4;
    standing.state = KASK__STATE__STATE_SENT;
    case_stand (&one, &standing);
    is_int (one.state, KASK__STATE__STATE_ACCEPTED, "an older standing changes nothing");
    standing.version = 6;
    standing.state = KASK__STATE__STATE_COMPLETED;
    standing.open_questions = open;
    standing.n_open_questions = 1;
    case_stand (&one, &standing);
    ok (one.state == KASK__STATE__STATE_COMPLETED && one.version == 6 && one.questions[0] == 2,
        "a newer one is taken over");
    is_text (one.reference, "R", "a reference is not lost by one that has none");
    case_stand (&one, NULL);
    is_int (one.version, 6, "nor is anything by none");
}

int
main (void)
{
    problem_t problem;
    if (sqlite3_open (":memory:", &db) != SQLITE_OK || !ledger_prepare (db, &problem))
        return 1;
    an_act_finds_its_referral ();
    a_row_keeps_everything ();
    the_brokers_word_counts ();
    sqlite3_close (db);
    return tap_end ();
}
