/*
 * confirm, status - what a person sees and decides between runs.
 */
#include "cmd/cmd.h"

#include "desk_setup.h"
#include "kask.h"
#include "ledger.h"
#include "problem.h"
#include "source_row.h"

#include <stdio.h>
#include <sysexits.h>

typedef int (with_store_fn) (sqlite3 *db, const cmd_words_t *words);

static int
with_store (const cmd_words_t *words, with_store_fn *run)
{
    kask_error_t error;
    problem_t problem;
    settings_t *settings = cmd_settings (words);
    if (!settings)
        return EX_CONFIG;
    int status = EX_NOINPUT;
    kask_t *kask = kask_open (settings_text (settings, "", "state"), NULL, &error);
    if (!kask)
        cmd_fail (status, "%s", error.text);
    else if (!ledger_prepare (kask_store (kask), &problem))
        status = cmd_fail (EX_IOERR, "%s", problem.what);
    else
        status = run (kask_store (kask), words);
    if (kask)
        kask_close (&kask);
    settings_destroy (&settings);
    return status;
}

static int
confirm (sqlite3 *db, const cmd_words_t *words)
{
    const char *source = words->words[0];
    if (!source_row_confirm (db, source))
        return cmd_fail (EX_DATAERR,
                         "source %s: no import of it is held: nothing was changed; kask-adapter "
                         "status lists them",
                         source);
    printf ("source %s: the import that was held goes on as soon as the adapter runs.\n", source);
    return EX_OK;
}

int
cmd_confirm (const cmd_words_t *words)
{
    return with_store (words, confirm);
}

static void
show_sources (sqlite3 *db)
{
    char at[DESK_TIME_BYTES];
    sqlite3_stmt *row =
        ledger_query (db,
                      "SELECT source, read_at, records, passed_over, set_aside, failure, import_why"
                      " FROM desk_source ORDER BY source",
                      "");
    while (row && sqlite3_step (row) == SQLITE_ROW) {
        int64_t read_at = sqlite3_column_int64 (row, 1);
        printf ("source %s: read %s, %lld records, %lld passed over, %lld set aside\n",
                ledger_text (row, 0), read_at ? desk_time (read_at, at) : "never",
                (long long) sqlite3_column_int64 (row, 2),
                (long long) sqlite3_column_int64 (row, 3),
                (long long) sqlite3_column_int64 (row, 4));
        if (*ledger_text (row, 5))
            printf ("  not read since: %s\n", ledger_text (row, 5));
        if (*ledger_text (row, 6))
            printf ("  HELD: %s; if that is right: kask-adapter confirm %s\n", ledger_text (row, 6),
                    ledger_text (row, 0));
    }
    sqlite3_finalize (row);
}

static void
show_list (sqlite3 *db, const char *title, const char *sql)
{
    char at[DESK_TIME_BYTES];
    int64_t n = 0;
    sqlite3_stmt *row = ledger_query (db, sql, "");
    while (row && sqlite3_step (row) == SQLITE_ROW) {
        if (n++ == 0)
            printf ("%s:\n", title);
        printf ("  %s  %s\n", desk_time (sqlite3_column_int64 (row, 1), at), ledger_text (row, 0));
    }
    sqlite3_finalize (row);
}

static int
status (sqlite3 *db, const cmd_words_t *words)
{
    (void) words;
    show_sources (db);
    printf ("cases: %lld, offerings in the catalogue: %lld\n",
            (long long) ledger_number (db, 0, "SELECT count(*) FROM desk_case", ""),
            (long long) ledger_number (db, 0,
                                       "SELECT count(*) FROM desk_record WHERE NOT withdrawn", ""));
    show_list (db, "without the broker's answer",
               "SELECT subject, at FROM desk_outgoing ORDER BY at LIMIT 100");
    show_list (db, "acts that wait for their case",
               "SELECT act || ' in case ' || case_id, at FROM desk_act ORDER BY no LIMIT 100");
    show_list (db, "set aside", "SELECT text, at FROM desk_problem ORDER BY source, no LIMIT 1000");
    return EX_OK;
}

int
cmd_status (const cmd_words_t *words)
{
    return with_store (words, status);
}
