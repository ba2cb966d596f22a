/*
 * note - what was set aside, kept for a person: `kask-adapter status`.
 */
#ifndef KASK_NOTE_H
#define KASK_NOTE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

// One of a source, with its place and what to do; the oldest beyond 1,000 go.  The same
// text again only takes the new time.  In the caller's transaction, if there is one.
bool note_put (sqlite3 *db, const char *source, const char *text, int64_t at_ms)
    __attribute__ ((warn_unused_result));
// Before a reading's own are put: forgets those of the one before.
bool note_clear (sqlite3 *db, const char *source) __attribute__ ((warn_unused_result));

#endif
