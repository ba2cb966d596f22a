/*
 * ledger - the desk's own tables in the store, beside libkask's.
 *
 * Names begin with desk_.  They are written in one transaction with the
 * messages that they belong to (kask_begin), so that neither is ever without
 * the other.  The schema is in ledger.c; each table is one module's:
 * desk_source and desk_problem sources, desk_record records, desk_case cases,
 * desk_act acts, desk_outgoing and desk_place the desk.
 */
#ifndef KASK_LEDGER_H
#define KASK_LEDGER_H

#include "problem.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Makes the tables that are not there.  False: *problem (PROBLEM_SETUP).
bool ledger_prepare (sqlite3 *db, problem_t *problem) __attribute__ ((warn_unused_result));

// `types` has one letter an argument: i int64_t, t const char *, b const void * and
// size_t.  False: it was not done, and sqlite3_errmsg says why.
bool ledger_run (sqlite3 *db, const char *sql, const char *types, ...)
    __attribute__ ((warn_unused_result));
// A statement with its arguments, copied, for sqlite3_step; the caller's to finalize.
// NULL: as above.
sqlite3_stmt *ledger_query (sqlite3 *db, const char *sql, const char *types, ...);
// The only column of the first row; `none` without a row.
int64_t ledger_number (sqlite3 *db, int64_t none, const char *sql, const char *types, ...);

// A column's text, never NULL; valid until the next step.
const char *ledger_text (sqlite3_stmt *row, int column);
// Copies at most size - 1 bytes of it.
void ledger_copy (sqlite3_stmt *row, int column, char *to, size_t size);

// Is the last failure of the store one of disk, file or lock, and not of what was asked?
bool ledger_is_down (sqlite3 *db);

#endif
