/*
 * store - the SQLite file of one state folder: kask.db.
 *
 * Every write is in a transaction.  A statement that fails is remembered, and
 * the transaction it stood in cannot be committed any more: so a row of
 * writes may be checked once, at its end.
 *
 * Several handles, in threads or processes, may have the same store open; a
 * store_t belongs to one thread at a time.
 */
#ifndef KASK_SDK_STORE_H
#define KASK_SDK_STORE_H

#include "kask.h"

#include <sqlite3.h>

typedef struct store_s store_t;

// NULL: *error says why.  store_create makes the file, with the mode 0600, and its
// tables; it fails where the file exists.
store_t *store_create (const char *dir, kask_error_t *error) KASK_CHECK;
store_t *store_open (const char *dir, kask_error_t *error) KASK_CHECK;
void store_destroy (store_t **self_p);

sqlite3 *store_database (store_t *self);
const char *store_folder (const store_t *self);
bool store_in_transaction (const store_t *self);

// One transaction.  After a commit that failed nothing of it is there.
bool store_begin (store_t *self, kask_error_t *error) KASK_CHECK;
bool store_commit (store_t *self, kask_error_t *error) KASK_CHECK;
void store_rollback (store_t *self);

// A transaction of its own, or a part of the open one that can be undone alone.
// store_leave with good = false undoes it and is false; so it is when a
// statement failed since, and then *error says so.
bool store_enter (store_t *self, kask_error_t *error) KASK_CHECK;
bool store_leave (store_t *self, bool good, kask_error_t *error) KASK_CHECK;

// Statements.  `sql` is a string literal: the prepared statement is kept under its
// address.  `types` has one letter an argument: i int64_t, t const char *,
// b const void * and size_t (borrowed until the next use of the statement).
bool store_run (store_t *self, const char *sql, const char *types, ...);
// The first row, or NULL; more rows by store_next.  A statement that is not read to
// its end goes back with store_release.
sqlite3_stmt *store_query (store_t *self, const char *sql, const char *types, ...);
sqlite3_stmt *store_next (store_t *self, sqlite3_stmt *row);
void store_release (sqlite3_stmt *row);
// The only column of the first row; `none` without a row.
int64_t store_number (store_t *self, int64_t none, const char *sql, const char *types, ...);

// Has a statement failed since the transaction began?  Because the disk is full?  Because
// another handle wrote for too long?
bool store_has_failed (const store_t *self);
bool store_is_full (const store_t *self);
bool store_is_busy (const store_t *self);
// What failed, into *error, behind `subject`.  Always false.
bool store_explain (const store_t *self, const char *subject, kask_error_t *error);

// Room that was set aside, given back to a disk that is full, so that what is
// done can still be noted.  False: it was given back already.
bool store_use_reserve (store_t *self);
// Sets it aside again; false where the disk has no room.
bool store_renew_reserve (store_t *self);

#endif
