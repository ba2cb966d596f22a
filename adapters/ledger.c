/*
 * ledger - the desk's own tables in the store, beside libkask's.
 */
#include "ledger.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char schema[]
    // one row a source: its cursor, what its last reading gave, and an import that is held
    = "CREATE TABLE IF NOT EXISTS desk_source ("
      "  source TEXT PRIMARY KEY, cursor TEXT, read_at INTEGER NOT NULL DEFAULT 0,"
      "  records INTEGER NOT NULL DEFAULT 0, passed_over INTEGER NOT NULL DEFAULT 0,"
      "  set_aside INTEGER NOT NULL DEFAULT 0, failure TEXT NOT NULL DEFAULT '',"
      "  import TEXT, import_why TEXT NOT NULL DEFAULT '', confirmed INTEGER NOT NULL DEFAULT 0)"
      " WITHOUT ROWID;"
      // what was set aside, for a person
      "CREATE TABLE IF NOT EXISTS desk_problem ("
      "  no INTEGER PRIMARY KEY, source TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,"
      "  UNIQUE (source, text));"
      // offerings: the last good revision of each record
      "CREATE TABLE IF NOT EXISTS desk_record ("
      "  source TEXT NOT NULL, key TEXT NOT NULL, offering TEXT NOT NULL,"
      "  held INTEGER NOT NULL, withdrawn INTEGER NOT NULL, PRIMARY KEY (source, key)) WITHOUT "
      "ROWID;"
      "CREATE INDEX IF NOT EXISTS desk_record_by_key ON desk_record (key);"
      // which case of the partner's system a referral is
      "CREATE TABLE IF NOT EXISTS desk_case ("
      "  no INTEGER PRIMARY KEY, referral BLOB NOT NULL UNIQUE, chain BLOB NOT NULL,"
      "  partner TEXT NOT NULL, role INTEGER NOT NULL, case_id TEXT NOT NULL, case_key TEXT NOT "
      "NULL,"
      "  state INTEGER NOT NULL, version INTEGER NOT NULL, reference TEXT NOT NULL,"
      "  questions TEXT NOT NULL, due_at INTEGER NOT NULL);"
      "CREATE INDEX IF NOT EXISTS desk_case_by_case ON desk_case (case_id);"
      // acts whose case is not known yet, in the order in which they were done
      "CREATE TABLE IF NOT EXISTS desk_act ("
      "  no INTEGER PRIMARY KEY, act TEXT NOT NULL UNIQUE, source TEXT NOT NULL,"
      "  case_id TEXT NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL);"
      // what was handed to the outbox and has no answer yet
      "CREATE TABLE IF NOT EXISTS desk_outgoing ("
      "  subject TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;"
      // how far the catalogue was written into the partner's system, and the like
      "CREATE TABLE IF NOT EXISTS desk_place ("
      "  name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;";

bool
ledger_prepare (sqlite3 *db, problem_t *problem)
{
    if (sqlite3_exec (db, schema, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    problem_set (problem, PROBLEM_SETUP, "state", "look at the disk and the folder's owner",
                 "the adapter's tables cannot be made: %s", sqlite3_errmsg (db));
    return false;
}

static void
bind (sqlite3_stmt *statement, const char *types, va_list arguments)
{
    for (int i = 1; *types; types++, i++)
        if (*types == 'i')
            sqlite3_bind_int64 (statement, i, va_arg (arguments, int64_t));
        else if (*types == 't')
            sqlite3_bind_text (statement, i, va_arg (arguments, const char *), -1,
                               SQLITE_TRANSIENT);
        else {
            assert (*types == 'b');
            const void *bytes = va_arg (arguments, const void *);
            sqlite3_bind_blob64 (statement, i, bytes, va_arg (arguments, size_t), SQLITE_TRANSIENT);
        }
}

static sqlite3_stmt *
query (sqlite3 *db, const char *sql, const char *types, va_list arguments)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    bind (statement, types, arguments);
    return statement;
}

sqlite3_stmt *
ledger_query (sqlite3 *db, const char *sql, const char *types, ...)
{
    va_list arguments;
    va_start (arguments, types);
    sqlite3_stmt *statement = query (db, sql, types, arguments);
    va_end (arguments);
    return statement;
}

bool
ledger_run (sqlite3 *db, const char *sql, const char *types, ...)
{
    va_list arguments;
    va_start (arguments, types);
    sqlite3_stmt *statement = query (db, sql, types, arguments);
    va_end (arguments);
    bool good = statement && sqlite3_step (statement) == SQLITE_DONE;
    sqlite3_finalize (statement);
    return good;
}

int64_t
ledger_number (sqlite3 *db, int64_t none, const char *sql, const char *types, ...)
{
    va_list arguments;
    va_start (arguments, types);
    sqlite3_stmt *statement = query (db, sql, types, arguments);
    va_end (arguments);
    if (statement && sqlite3_step (statement) == SQLITE_ROW)
        none = sqlite3_column_int64 (statement, 0);
    sqlite3_finalize (statement);
    return none;
}

const char *
ledger_text (sqlite3_stmt *row, int column)
{
    const unsigned char *text = sqlite3_column_text (row, column);
    return text ? (const char *) text : "";
}

void
ledger_copy (sqlite3_stmt *row, int column, char *to, size_t size)
{
    snprintf (to, size, "%s", ledger_text (row, column));
}

bool
ledger_is_down (sqlite3 *db)
{
    switch (sqlite3_errcode (db) & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISUSE: return false;
    default: return true;
    }
}
