/*
 * t_codes - the table of codes is whole, and its look-ups are right.
 */
#include "codes.h"
#include "limit.h"
#include "tap.h"

static bool
has_labels (const code_t *row)
{
    for (size_t i = 0; i < CODES_LANGUAGES; i++)
        if (!*row->label[i])
            return false;
    return true;
}

static void
every_row_is_whole (void)
{
    size_t rows = 0;
    bool labels = true, unique = true, fits = true;
    for (int list = CODES_LEGAL_BASIS; list <= CODES_NACE_VERSION; list++) {
        const code_t *row;
        for (size_t i = 0; (row = codes_next ((codes_list_t) list, i)); i++, rows++) {
            labels = labels && has_labels (row);
            unique = unique && codes_find ((codes_list_t) list, row->code) == row;
            fits = fits && strlen (row->code) <= LIMIT_CODE_BYTES;
        }
        ok (codes_next ((codes_list_t) list, 0) != NULL, "a list has codes");
    }
    ok (rows > 100, "there are codes");
    ok (labels, "each has its label in five languages");
    ok (unique, "none stands twice in its list");
    ok (fits, "each fits its limit");
}

static size_t
count (codes_list_t list)
{
    size_t n = 0;
    while (codes_next (list, n))
        n++;
    return n;
}

static void
lists_have_their_length (void)
{
    is_int (count (CODES_LEGAL_BASIS), 4, "four legal bases");
    is_int (count (CODES_OBSTACLE), 38, "thirty-eight obstacles");
    is_int (count (CODES_OUTCOME), 6, "six outcomes");
    is_int (count (CODES_KIND), 17, "seventeen kinds");
    is_int (count (CODES_THEME), 30, "thirty themes");
}

static void
codes_are_known_by_their_letters (void)
{
    ok (legal_basis_is_known ("PUBLIC_TASK"), "PUBLIC_TASK is a legal basis");
    ok (!legal_basis_is_known ("public_task"), "in capitals only");
    ok (!legal_basis_is_known (""), "the empty text is no code");
    ok (!legal_basis_is_known ("SOLVED"), "nor a code of another list");
    ok (outcome_code_is_known ("REFERRED_ON"), "REFERRED_ON is an outcome");
    ok (!outcome_code_is_known ("CONSENT"), "CONSENT is none");
    is_text (codes_find (CODES_OBSTACLE, "CAPACITY")->group, "FUNCTIONAL", "groups are there");
}

static void
reasons_belong_to_events (void)
{
    ok (reason_code_is_known (KASK__EVENT__EVENT_HOLD, "WAITING"), "WAITING explains HOLD");
    ok (!reason_code_is_known (KASK__EVENT__EVENT_REOPEN, "WAITING"), "but not REOPEN");
    ok (reason_code_is_known (KASK__EVENT__EVENT_MARK_ERROR, "OTHER"), "OTHER explains all three");
    ok (!reason_code_is_known (KASK__EVENT__EVENT_ACCEPT, "OTHER"), "but no other event");
    ok (!reason_code_is_known (KASK__EVENT__EVENT_HOLD, ""), "no reason is none");
}

static bool
known (char *code, char *level, char *effect)
{
    Kask__Obstacle obstacle = KASK__OBSTACLE__INIT;
    obstacle.code = code;
    obstacle.level = level;
    obstacle.effect = effect;
    return obstacle_is_known (&obstacle);
}

static void
obstacles_have_three_codes (void)
{
    ok (known ("SEAT", "NATIONAL", "STOPPED"), "code, level and effect");
    ok (known ("SEAT", "", ""), "level and effect may be left out");
    ok (!known ("", "NATIONAL", "STOPPED"), "the code may not");
    ok (!known ("SEAT", "GLOBAL", ""), "an unknown level");
    ok (!known ("SEAT", "", "LOCAL"), "an unknown effect");
}

int
main (void)
{
    every_row_is_whole ();
    lists_have_their_length ();
    codes_are_known_by_their_letters ();
    reasons_belong_to_events ();
    obstacles_have_three_codes ();
    return tap_end ();
}
