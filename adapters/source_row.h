/*
 * source_row - what the store remembers of a source between its readings.
 */
#ifndef KASK_SOURCE_ROW_H
#define KASK_SOURCE_ROW_H

#include "reading.h"

#include <jv.h>
#include <sqlite3.h>
#include <stdbool.h>

// The cursor that the last reading left, owned; null if there is none.
jv source_row_cursor (sqlite3 *db, const char *source);

// Notes a reading, its problems, and its cursor (borrowed; invalid: none).  `applied`: an
// import that was held is superseded.  In the caller's transaction, if there is one.
bool source_row_read (sqlite3 *db, const reading_t *reading, jv cursor, bool applied)
    __attribute__ ((warn_unused_result));
// Why a reading came to nothing; "" once one did not.
bool source_row_fail (sqlite3 *db, const char *source, const char *failure)
    __attribute__ ((warn_unused_result));

bool source_row_hold (sqlite3 *db, const char *source, const char *import, const char *why)
    __attribute__ ((warn_unused_result));
// False: nothing of that source is held.
bool source_row_confirm (sqlite3 *db, const char *source) __attribute__ ((warn_unused_result));
// The import that was held and is confirmed, owned; invalid if there is none.
jv source_row_confirmed (sqlite3 *db, const char *source);

#endif
