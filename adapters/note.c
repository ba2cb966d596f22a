/*
 * note - what was set aside, kept for a person.
 */
#include "note.h"

#include "ledger.h"

bool
note_put (sqlite3 *db, const char *source, const char *text, int64_t at_ms)
{
    return ledger_run (db,
                       "INSERT INTO desk_problem (source, text, at) VALUES (?, ?, ?)"
                       " ON CONFLICT (source, text) DO UPDATE SET at = excluded.at",
                       "tti", source, text, at_ms) &&
           ledger_run (
               db,
               "DELETE FROM desk_problem WHERE source = ?1 AND no <= (SELECT no FROM desk_problem"
               " WHERE source = ?1 ORDER BY no DESC LIMIT 1 OFFSET 1000)",
               "t", source);
}

bool
note_clear (sqlite3 *db, const char *source)
{
    return ledger_run (db, "DELETE FROM desk_problem WHERE source = ?", "t", source);
}
