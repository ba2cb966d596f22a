/*
 * store - the SQLite file of one state folder: kask.db.
 *
 * WAL with synchronous=FULL: a commit is on disk when it returns, readers do
 * not wait for it, and a killed process leaves whole transactions only.  A
 * write transaction begins IMMEDIATE, because one that begins by reading can
 * find itself unable to write without any waiting helping it.
 */
#include "store.h"

#include "error.h"
#include "schema.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    STATEMENTS = 128, // prepared ones that are kept
    BUSY_MS = 4000,   // that a write waits for another handle's
    RESERVE_BYTES = 2 * 1024 * 1024
};

typedef struct {
    const char *sql; // its address is the key
    sqlite3_stmt *statement;
} prepared_t;

struct store_s {
    sqlite3 *database;
    char *folder;
    int failed;        // SQLite's code of the first failure in this transaction, or 0
    bool full;         // and it was for want of room
    char problem[200]; // and its words
    bool nested;       // store_enter found a transaction open
    size_t n_prepared;
    prepared_t prepared[STATEMENTS];
};

// ---------------------------------------------------------------- failures

// SQLite says FULL for ENOSPC in a write only: not for a quota, a limit of the process, or
// where the index of the WAL cannot grow.
static bool
is_want_of_room (int code, int system_error)
{
    return (code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE ||
           ((code & 0xff) == SQLITE_IOERR &&
            (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG));
}

static void
note_failure (store_t *self)
{
    if (self->failed)
        return;
    self->failed = sqlite3_extended_errcode (self->database);
    if (self->failed == SQLITE_OK)
        self->failed = SQLITE_ERROR;
    self->full = is_want_of_room (self->failed, sqlite3_system_errno (self->database));
    snprintf (self->problem, sizeof self->problem, "%s", sqlite3_errmsg (self->database));
}

bool
store_has_failed (const store_t *self)
{
    return self->failed != 0;
}

bool
store_is_full (const store_t *self)
{
    return self->failed && self->full;
}

bool
store_is_busy (const store_t *self)
{
    return (self->failed & 0xff) == SQLITE_BUSY;
}

bool
store_explain (const store_t *self, const char *subject, kask_error_t *error)
{
    const char *what = "see whether the disk and the file are in order";
    switch (self->full ? SQLITE_FULL : self->failed & 0xff) {
    case SQLITE_FULL: what = "the disk is full: make room, then try again"; break;
    case SQLITE_BUSY: what = "another process held the store too long: try again"; break;
    case SQLITE_READONLY: what = "the file cannot be written: see its owner and mode"; break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: what = "the file is damaged: restore the folder from a backup"; break;
    default: break;
    }
    return error_set (error, "%s: nothing was stored: %s/kask.db: %s; %s", subject, self->folder,
                      self->problem, what);
}

// ---------------------------------------------------------------- opening

static bool
execute (store_t *self, const char *sql)
{
    if (sqlite3_exec (self->database, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    note_failure (self);
    return false;
}

static store_t *
open_file (const char *dir, int flags, kask_error_t *error)
{
    store_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    if (asprintf (&self->folder, "%s", dir) < 0)
        abort ();
    char *path;
    if (asprintf (&path, "%s/kask.db", dir) < 0)
        abort ();
    int code = sqlite3_open_v2 (path, &self->database, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        error_set (error, "%s: cannot be opened: %s; nothing was done; kask-adapter init makes it",
                   path, sqlite3_errstr (code));
    free (path);
    if (code != SQLITE_OK) {
        store_destroy (&self);
        return NULL;
    }
    sqlite3_extended_result_codes (self->database, 1);
    sqlite3_busy_timeout (self->database, BUSY_MS);
    return self;
}

// Two that switch a new file at once are refused at once: SQLite waits for nobody there.
static bool
switch_to_wal (store_t *self)
{
    enum { TURN_MS = 10 };
    int code = SQLITE_BUSY;
    for (int waited_ms = 0; code == SQLITE_BUSY && waited_ms < BUSY_MS; waited_ms += TURN_MS) {
        code = sqlite3_exec (self->database, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) & 0xff;
        if (code == SQLITE_BUSY)
            sqlite3_sleep (TURN_MS);
    }
    if (code != SQLITE_OK)
        note_failure (self);
    return code == SQLITE_OK;
}

static bool
set_modes (store_t *self)
{
    return switch_to_wal (self) && execute (self, "PRAGMA synchronous = FULL") &&
           execute (self, "PRAGMA wal_autocheckpoint = 2000") &&
           execute (self, "PRAGMA journal_size_limit = 16777216") &&
           execute (self, "PRAGMA secure_delete = OFF") &&
           execute (self, "PRAGMA foreign_keys = ON");
}

static store_t *
give_or_explain (store_t *self, bool good, kask_error_t *error)
{
    if (good)
        return self;
    store_explain (self, "store", error);
    store_destroy (&self);
    return NULL;
}

static bool
make_tables (store_t *self)
{
    char version[60];
    snprintf (version, sizeof version, "PRAGMA user_version = %d", SCHEMA_VERSION);
    return execute (self, "BEGIN IMMEDIATE") && execute (self, schema_sql) &&
           execute (self, version) && execute (self, "COMMIT");
}

store_t *
store_create (const char *dir, kask_error_t *error)
{
    char *path;
    if (asprintf (&path, "%s/kask.db", dir) < 0)
        abort ();
    int file = open (path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0)
        error_set (error, "%s: cannot be made: %s; nothing was done", path, strerror (errno));
    else
        close (file);
    free (path);
    if (file < 0)
        return NULL;
    store_t *self = open_file (dir, SQLITE_OPEN_READWRITE, error);
    return self ? give_or_explain (self, set_modes (self) && make_tables (self), error) : NULL;
}

store_t *
store_open (const char *dir, kask_error_t *error)
{
    store_t *self = open_file (dir, SQLITE_OPEN_READWRITE, error);
    if (!self)
        return NULL;
    self = give_or_explain (self, set_modes (self), error);
    if (!self)
        return NULL;
    int64_t version = store_number (self, 0, "PRAGMA user_version", "");
    if (version == SCHEMA_VERSION)
        return self;
    error_set (error,
               "%s/kask.db: has tables of version %lld, this libkask knows %d; nothing was "
               "changed; %s",
               dir, (long long) version, SCHEMA_VERSION,
               version ? "install the libkask that wrote it, or a newer one"
                       : "kask-adapter init did not end: remove the folder and run it again");
    store_destroy (&self);
    return NULL;
}

void
store_destroy (store_t **self_p)
{
    store_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_prepared; i++)
        sqlite3_finalize (self->prepared[i].statement);
    int code = sqlite3_close (self->database);
    assert (code == SQLITE_OK);
    free (self->folder);
    free (self);
}

sqlite3 *
store_database (store_t *self)
{
    return self->database;
}

const char *
store_folder (const store_t *self)
{
    return self->folder;
}

// ---------------------------------------------------------------- statements

static sqlite3_stmt *
prepare (store_t *self, const char *sql)
{
    for (size_t i = 0; i < self->n_prepared; i++)
        if (self->prepared[i].sql == sql)
            return self->prepared[i].statement;
    assert (self->n_prepared < STATEMENTS);
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3 (self->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
        SQLITE_OK) {
        note_failure (self);
        return NULL;
    }
    self->prepared[self->n_prepared++] = (prepared_t){sql, statement};
    return statement;
}

static int
bind_bytes (sqlite3_stmt *statement, int place, const void *data, size_t size)
{
    // a NULL pointer would bind NULL instead of an empty value
    return sqlite3_bind_blob64 (statement, place, data ? data : "", size, SQLITE_STATIC);
}

static sqlite3_stmt *
prepare_bound (store_t *self, const char *sql, const char *types, va_list arguments)
{
    sqlite3_stmt *statement = prepare (self, sql);
    if (!statement)
        return NULL;
    int code = SQLITE_OK;
    for (int i = 0; types[i] && code == SQLITE_OK; i++) {
        if (types[i] == 'i') {
            code = sqlite3_bind_int64 (statement, i + 1, va_arg (arguments, int64_t));
        } else if (types[i] == 't') {
            code = sqlite3_bind_text (statement, i + 1, va_arg (arguments, const char *), -1,
                                      SQLITE_STATIC);
        } else {
            assert (types[i] == 'b');
            const void *data = va_arg (arguments, const void *);
            code = bind_bytes (statement, i + 1, data, va_arg (arguments, size_t));
        }
    }
    if (code == SQLITE_OK)
        return statement;
    note_failure (self);
    return NULL;
}

static bool
run_bound (store_t *self, sqlite3_stmt *statement)
{
    if (!statement)
        return false;
    int code = sqlite3_step (statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        note_failure (self);
    sqlite3_reset (statement);
    return code == SQLITE_DONE || code == SQLITE_ROW;
}

bool
store_run (store_t *self, const char *sql, const char *types, ...)
{
    if (self->failed && store_in_transaction (self))
        return false;
    va_list arguments;
    va_start (arguments, types);
    sqlite3_stmt *statement = prepare_bound (self, sql, types, arguments);
    va_end (arguments);
    return run_bound (self, statement);
}

sqlite3_stmt *
store_next (store_t *self, sqlite3_stmt *row)
{
    int code = sqlite3_step (row);
    if (code == SQLITE_ROW)
        return row;
    if (code != SQLITE_DONE)
        note_failure (self);
    sqlite3_reset (row);
    return NULL;
}

sqlite3_stmt *
store_query (store_t *self, const char *sql, const char *types, ...)
{
    va_list arguments;
    va_start (arguments, types);
    sqlite3_stmt *statement = prepare_bound (self, sql, types, arguments);
    va_end (arguments);
    return statement ? store_next (self, statement) : NULL;
}

void
store_release (sqlite3_stmt *row)
{
    if (row)
        sqlite3_reset (row);
}

int64_t
store_number (store_t *self, int64_t none, const char *sql, const char *types, ...)
{
    va_list arguments;
    va_start (arguments, types);
    sqlite3_stmt *statement = prepare_bound (self, sql, types, arguments);
    va_end (arguments);
    sqlite3_stmt *row = statement ? store_next (self, statement) : NULL;
    if (!row)
        return none;
    if (sqlite3_column_type (row, 0) != SQLITE_NULL)
        none = sqlite3_column_int64 (row, 0);
    store_release (row);
    return none;
}

// ---------------------------------------------------------------- transactions

bool
store_in_transaction (const store_t *self)
{
    return !sqlite3_get_autocommit (self->database);
}

bool
store_begin (store_t *self, kask_error_t *error)
{
    assert (!store_in_transaction (self));
    self->failed = 0;
    if (store_run (self, "BEGIN IMMEDIATE", ""))
        return true;
    return store_explain (self, "transaction", error);
}

void
store_rollback (store_t *self)
{
    // SQLite has rolled back by itself after some failures
    if (store_in_transaction (self))
        execute (self, "ROLLBACK");
}

bool
store_commit (store_t *self, kask_error_t *error)
{
    if (self->failed || !store_run (self, "COMMIT", "")) {
        store_rollback (self);
        return store_explain (self, "transaction", error);
    }
    return true;
}

bool
store_enter (store_t *self, kask_error_t *error)
{
    self->nested = store_in_transaction (self);
    if (!self->nested)
        return store_begin (self, error);
    if (!self->failed && store_run (self, "SAVEPOINT kask_call", ""))
        return true;
    return store_explain (self, "transaction", error);
}

bool
store_leave (store_t *self, bool good, kask_error_t *error)
{
    if (!self->nested && good)
        return store_commit (self, error);
    if (!self->nested) {
        store_rollback (self);
        return self->failed ? store_explain (self, "transaction", error) : false;
    }
    if (good && !self->failed && store_run (self, "RELEASE kask_call", ""))
        return true;
    if (self->failed)
        store_explain (self, "transaction", error);
    // what the program wrote before this call stays, unless SQLite undid it all
    if (store_in_transaction (self) && execute (self, "ROLLBACK TO kask_call; RELEASE kask_call"))
        self->failed = 0;
    return false;
}

// ---------------------------------------------------------------- reserve

static char *
reserve_path (const store_t *self)
{
    char *path;
    if (asprintf (&path, "%s/kask.reserve", self->folder) < 0)
        abort ();
    return path;
}

bool
store_use_reserve (store_t *self)
{
    char *path = reserve_path (self);
    bool used = unlink (path) == 0;
    free (path);
    return used;
}

bool
store_renew_reserve (store_t *self)
{
    char *path = reserve_path (self);
    struct stat status;
    bool there = stat (path, &status) == 0 && status.st_size >= RESERVE_BYTES;
    if (!there) {
        int file = open (path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
        there = file >= 0 && posix_fallocate (file, 0, RESERVE_BYTES) == 0;
        if (file >= 0)
            close (file);
        if (!there)
            unlink (path);
    }
    free (path);
    return there;
}
