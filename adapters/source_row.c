/*
 * source_row - what the store remembers of a source between its readings.
 */
#include "source_row.h"

#include "desk_setup.h"
#include "ledger.h"
#include "note.h"

static jv
column_json (sqlite3 *db, const char *sql, const char *source)
{
    jv value = jv_invalid ();
    sqlite3_stmt *row = ledger_query (db, sql, "t", source);
    if (row && sqlite3_step (row) == SQLITE_ROW && sqlite3_column_type (row, 0) == SQLITE_TEXT)
        value = jv_parse (ledger_text (row, 0));
    sqlite3_finalize (row);
    return value;
}

jv
source_row_cursor (sqlite3 *db, const char *source)
{
    jv cursor = column_json (db, "SELECT cursor FROM desk_source WHERE source = ?", source);
    if (jv_is_valid (cursor))
        return cursor;
    jv_free (cursor);
    return jv_null ();
}

static bool
put_counts (sqlite3 *db, const reading_t *reading, bool applied)
{
    return ledger_run (db,
                       "INSERT INTO desk_source (source, read_at, records, passed_over, set_aside)"
                       " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (source) DO UPDATE SET read_at = "
                       "?2, records = ?3,"
                       " passed_over = ?4, set_aside = ?5, failure = '',"
                       " import = CASE WHEN ?6 THEN NULL ELSE import END,"
                       " import_why = CASE WHEN ?6 THEN '' ELSE import_why END,"
                       " confirmed = CASE WHEN ?6 THEN 0 ELSE confirmed END",
                       "tiiiii", reading->source, desk_now_ms (), (int64_t) reading->records,
                       (int64_t) reading->passed_over,
                       (int64_t) jv_array_length (jv_copy (reading->problems)), (int64_t) applied);
}

static bool
put_problems (sqlite3 *db, const reading_t *reading)
{
    bool good = reading->gives == GIVES_EVENTS || note_clear (db, reading->source);
    int n = jv_array_length (jv_copy (reading->problems));
    for (int i = 0; good && i < n; i++) {
        jv problem = jv_array_get (jv_copy (reading->problems), i);
        jv text = reading_problem_text (reading, problem);
        good = note_put (db, reading->source, jv_string_value (text), desk_now_ms ());
        jv_free (text);
        jv_free (problem);
    }
    return good;
}

bool
source_row_read (sqlite3 *db, const reading_t *reading, jv cursor, bool applied)
{
    if (!put_counts (db, reading, applied) || !put_problems (db, reading))
        return false;
    if (!jv_is_valid (cursor))
        return true;
    jv text = jv_dump_string (jv_copy (cursor), 0);
    bool good = ledger_run (db, "UPDATE desk_source SET cursor = ? WHERE source = ?", "tt",
                            jv_string_value (text), reading->source);
    jv_free (text);
    return good;
}

bool
source_row_fail (sqlite3 *db, const char *source, const char *failure)
{
    return ledger_run (db,
                       "INSERT INTO desk_source (source, failure) VALUES (?1, ?2)"
                       " ON CONFLICT (source) DO UPDATE SET failure = ?2",
                       "tt", source, failure);
}

bool
source_row_hold (sqlite3 *db, const char *source, const char *import, const char *why)
{
    return ledger_run (
        db,
        "INSERT INTO desk_source (source, import, import_why) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (source) DO UPDATE SET import = ?2, import_why = ?3, confirmed = 0",
        "ttt", source, import, why);
}

bool
source_row_confirm (sqlite3 *db, const char *source)
{
    return ledger_run (
               db, "UPDATE desk_source SET confirmed = 1 WHERE source = ? AND import IS NOT NULL",
               "t", source) &&
           sqlite3_changes (db) == 1;
}

jv
source_row_confirmed (sqlite3 *db, const char *source)
{
    return column_json (db, "SELECT import FROM desk_source WHERE source = ? AND confirmed",
                        source);
}
