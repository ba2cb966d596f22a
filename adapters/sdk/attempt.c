/*
 * attempt - an attempt to hand a message over that failed, kept until the broker has it.
 */
#include "attempt.h"
#include "utf8.h"

#include <string.h>

// Bytes of the character that begins here; 0: none does.
static size_t
character_size (const char *text)
{
    size_t left = strnlen (text, 4);
    for (size_t size = 1; size <= left; size++)
        if (utf8_is_text ((const uint8_t *) text, size))
            return size;
    return 0;
}

void
attempt_text (char *to, size_t size, const char *text)
{
    size_t used = 0;
    while (*text) {
        size_t found = character_size (text);
        size_t step = found ? found : 1;
        if (used + step >= size)
            break;
        if (found)
            memcpy (to + used, text, step);
        else
            to[used] = '?';
        used += step;
        text += step;
    }
    to[used] = '\0';
}

void
attempt_put (store_t *store, const char *sender, int64_t sequence, int64_t replay,
             const Kask__DeadAttempt *attempt)
{
    char text[LIMIT_ATTEMPT_TEXT_BYTES + 1];
    attempt_text (text, sizeof text, attempt->text);
    store_run (store,
               "INSERT INTO kask_attempt (sender, sequence, replay, at_ms, reason, text)"
               " VALUES (?, ?, ?, ?, ?, ?)",
               "tiiiit", sender, sequence, replay, attempt->at_ms, (int64_t) attempt->reason, text);
}

size_t
attempts_read (store_t *store, const char *sender, int64_t sequence, int64_t replay,
               Kask__DeadAttempt *attempts, char (*texts)[LIMIT_ATTEMPT_TEXT_BYTES + 1])
{
    size_t n = 0;
    sqlite3_stmt *row =
        store_query (store,
                     "SELECT at_ms, reason, text FROM (SELECT * FROM kask_attempt WHERE sender = ?"
                     " AND sequence = ? AND replay = ? ORDER BY no DESC LIMIT ?) ORDER BY no",
                     "tiii", sender, sequence, replay, (int64_t) LIMIT_DEAD_ATTEMPTS);
    for (; row; row = store_next (store, row), n++) {
        attempt_text (texts[n], sizeof texts[n], (const char *) sqlite3_column_text (row, 2));
        kask__dead_attempt__init (&attempts[n]);
        attempts[n].at_ms = sqlite3_column_int64 (row, 0);
        attempts[n].reason = (Kask__DeadReason) sqlite3_column_int (row, 1);
        attempts[n].text = texts[n];
    }
    return n;
}
