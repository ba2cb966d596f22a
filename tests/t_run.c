/*
 * t_run - what came of statements, from their results.
 */
#include "run.h"
#include "tap.h"

// A row of one bigint; NULL: it is null.
static PGresult *
row_of (const char *bytes)
{
    PGresAttDesc column = {.name = (char *) "", .format = 1, .typid = PG_INT8};
    PGresult *result = PQmakeEmptyPGresult (NULL, PGRES_TUPLES_OK);
    ok (result && PQsetResultAttrs (result, 1, &column) &&
            PQsetvalue (result, 0, 0, (char *) bytes, bytes ? 8 : -1),
        "a row is made");
    return result;
}

static run_t *
run_of_two (void)
{
    run_t *run = run_new (NULL, NULL);
    run_call (run, 0);
    run_call (run, 0);
    return run;
}

static void
rows_that_fit_are_an_answer (void)
{
    run_t *run = run_of_two ();
    run_take (run, row_of ("\0\0\0\0\0\0\0\1"));
    run_take (run, row_of ("\0\0\0\0\0\0\0\2"));
    is_int (run_outcome (run), RUN_OK, "two rows that fit are an answer");
    run_destroy (&run);
}

static void
rows_that_do_not_fit_are_none (void)
{
    run_t *run = run_of_two ();
    run_take (run, row_of ("\0\0\0\0\0\0\0\1"));
    run_take (run, row_of (NULL));
    is_int (run_outcome (run), RUN_DOWN, "with a null for a number nothing of it is taken");
    ok (*run_problem (run), "and it is said why");
    run_destroy (&run);
}

int
main (void)
{
    rows_that_fit_are_an_answer ();
    rows_that_do_not_fit_are_none ();
    return tap_end ();
}
