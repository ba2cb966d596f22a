/*
 * t_fault - the tables of faults and limits.
 */
#include "fault.h"
#include "limit.h"
#include "tap.h"

static void
every_fault_is_found_by_its_name (void)
{
    bool good = true;
    for (int i = 0; i < FAULT_UNKNOWN; i++)
        good = good && fault_find (fault_name ((fault_t) i)) == (fault_t) i;
    ok (good, "every fault is found by its wire name");
    is_int (fault_find ("NO_SUCH_FAULT"), FAULT_UNKNOWN, "another name is the unknown fault");
    is_int (fault_find (""), FAULT_UNKNOWN, "so is the empty one");
}

static void
every_fault_says_what_has_not_happened (void)
{
    bool good = true;
    for (int i = FAULT_OK + 1; i < FAULT_UNKNOWN; i++)
        if (!strchr (fault_text ((fault_t) i), ';')) {
            printf ("# %s: %s\n", fault_name ((fault_t) i), fault_text ((fault_t) i));
            good = false;
        }
    ok (good, "every text says more than what happened");
}

static void
a_fault_knows_its_row (void)
{
    is_int (fault_retry (FAULT_UNAVAILABLE), RETRY_LATER, "UNAVAILABLE may be repeated");
    is_int (fault_retry (FAULT_CONFLICT), RETRY_NEVER, "CONFLICT never");
    is_int (fault_retry (FAULT_UNKNOWN), RETRY_FIXED, "somebody must read an unknown one");
    ok (fault_is_policy (FAULT_NO_AGREEMENT), "a missing agreement is policy");
    ok (!fault_is_policy (FAULT_BAD_FRAME), "garbage is not");
}

static void
limits_are_a_table (void)
{
    size_t count;
    const limit_t *limits = limit_table (&count);
    ok (count > 20, "there are limits");
    is_text (limits[0].name, "COMMAND_BYTES", "in the order of limits.def");
    is_int (limits[0].value, LIMIT_COMMAND_BYTES, "with the values of the constants");
}

int
main (void)
{
    every_fault_is_found_by_its_name ();
    every_fault_says_what_has_not_happened ();
    a_fault_knows_its_row ();
    limits_are_a_table ();
    return tap_end ();
}
