/*
 * system - what stands for a partner's own system in tests: one SQLite file.
 */
#include "system.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUSY_MS = 200 };

struct system_s {
    sqlite3 *db;
};

static const char schema[] =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE IF NOT EXISTS act (no INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,"
    " recipient TEXT, referral BLOB, event INTEGER, text TEXT, answer TEXT DEFAULT '');"
    "CREATE INDEX IF NOT EXISTS act_text ON act (text, event);"
    "CREATE TABLE IF NOT EXISTS effect (no INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE,"
    " sender TEXT, sequence INTEGER, replay INTEGER, referral BLOB, event INTEGER, text TEXT,"
    " by_broker INTEGER);";

static _Noreturn void
give_up (const system_t *self, const char *what)
{
    fprintf (stderr, "kask-test-partner: its system: %s: %s\n", what, sqlite3_errmsg (self->db));
    exit (1);
}

static void
run (system_t *self, const char *sql)
{
    if (sqlite3_exec (self->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        give_up (self, sql);
}

system_t *
system_open (const char *path)
{
    system_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    if (sqlite3_open (path, &self->db) != SQLITE_OK)
        give_up (self, path);
    sqlite3_busy_timeout (self->db, 10000); // another may just be looking at it
    run (self, schema);
    sqlite3_busy_timeout (self->db, BUSY_MS);
    return self;
}

void
system_close (system_t **self_p)
{
    sqlite3_close ((*self_p)->db);
    free (*self_p);
    *self_p = NULL;
}

bool
system_begin (system_t *self)
{
    int code = sqlite3_exec (self->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code != SQLITE_OK && code != SQLITE_BUSY)
        give_up (self, "begin");
    return code == SQLITE_OK;
}

void
system_commit (system_t *self)
{
    run (self, "COMMIT");
}

// ---------------------------------------------------------------- statements

// form: t text, i int64_t, r referral (16 bytes, or NULL).
static sqlite3_stmt *
prepare (system_t *self, const char *sql, const char *form, ...)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) != SQLITE_OK)
        give_up (self, sql);
    va_list arguments;
    va_start (arguments, form);
    for (int i = 1; form[i - 1]; i++) {
        if (form[i - 1] == 't')
            sqlite3_bind_text (statement, i, va_arg (arguments, const char *), -1, SQLITE_STATIC);
        else if (form[i - 1] == 'i')
            sqlite3_bind_int64 (statement, i, va_arg (arguments, int64_t));
        else
            sqlite3_bind_blob (statement, i, va_arg (arguments, const uint8_t *), 16,
                               SQLITE_STATIC);
    }
    va_end (arguments);
    return statement;
}

static void
finish (system_t *self, sqlite3_stmt *statement)
{
    if (sqlite3_step (statement) != SQLITE_DONE)
        give_up (self, sqlite3_sql (statement));
    sqlite3_finalize (statement);
}

static bool
has_row (system_t *self, sqlite3_stmt *statement)
{
    int code = sqlite3_step (statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        give_up (self, sqlite3_sql (statement));
    return code == SQLITE_ROW;
}

// ---------------------------------------------------------------- acts and effects

long
system_sends (system_t *self, const char *recipient)
{
    sqlite3_stmt *count = prepare (
        self, "SELECT count (*) FROM act WHERE recipient = ? AND event = 1", "t", recipient);
    long n = has_row (self, count) ? (long) sqlite3_column_int64 (count, 0) : 0;
    sqlite3_finalize (count);
    return n;
}

void
system_act (system_t *self, const char *recipient, int event, const char *text,
            const uint8_t *referral)
{
    finish (self, prepare (self,
                           "INSERT OR IGNORE INTO act (name, recipient, event, text, referral)"
                           " VALUES (?2 || ' ' || ?3, ?1, ?2, ?3, coalesce (?4, (SELECT referral"
                           " FROM act WHERE text = ?3 AND event = 1), randomblob (16)))",
                           "titr", recipient, (int64_t) event, text, referral));
}

static void
copy_text (char *to, size_t size, sqlite3_stmt *row, int column)
{
    snprintf (to, size, "%s", (const char *) sqlite3_column_text (row, column));
}

bool
system_act_after (system_t *self, int64_t no, act_t *act)
{
    sqlite3_stmt *row = prepare (self,
                                 "SELECT no, recipient, event, text, name, referral FROM act"
                                 " WHERE no > ? ORDER BY no LIMIT 1",
                                 "i", no);
    bool found = has_row (self, row);
    if (found) {
        act->no = sqlite3_column_int64 (row, 0);
        copy_text (act->recipient, sizeof act->recipient, row, 1);
        act->event = sqlite3_column_int (row, 2);
        copy_text (act->text, sizeof act->text, row, 3);
        copy_text (act->name, sizeof act->name, row, 4);
        memcpy (act->referral, sqlite3_column_blob (row, 5), sizeof act->referral);
    }
    sqlite3_finalize (row);
    return found;
}

void
system_answer (system_t *self, const char *name, const char *answer)
{
    finish (self,
            prepare (self, "UPDATE act SET answer = trim (answer || ' ' || ?1) WHERE name = ?2",
                     "tt", answer, name));
}

void
system_take (system_t *self, const effect_t *effect)
{
    finish (self, prepare (self,
                           "INSERT OR IGNORE INTO effect (key, sender, sequence, replay, referral,"
                           " event, text, by_broker) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                           "ttiiriti", effect->key, effect->sender, effect->sequence,
                           (int64_t) effect->replay, effect->referral, (int64_t) effect->event,
                           effect->text, (int64_t) effect->by_broker));
}
