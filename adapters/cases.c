/*
 * cases - which case of the partner's system a referral is, and how it stands.
 */
#include "cases.h"

#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "referral, chain, partner, role, case_id, case_key, state, version, reference, questions, "    \
    "due_at"

const char *
case_role_name (case_role_t role)
{
    return role == CASE_RECEIVER ? "receiver" : "referrer";
}

bool
case_has_ended (const case_t *self)
{
    return self->state >= KASK__STATE__STATE_COMPLETED;
}

// ---- rows

static void
copy_id (sqlite3_stmt *row, int column, uint8_t id[16])
{
    memset (id, 0, 16);
    if (sqlite3_column_bytes (row, column) == 16)
        memcpy (id, sqlite3_column_blob (row, column), 16);
}

static void
read_questions (case_t *self, const char *text)
{
    self->n_questions = 0;
    while (*text && self->n_questions < CASE_QUESTIONS) {
        char *end;
        unsigned long number = strtoul (text, &end, 10);
        if (end == text)
            return;
        self->questions[self->n_questions++] = (uint32_t) number;
        text = end + (*end == ' ');
    }
}

static void
write_questions (const case_t *self, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < self->n_questions && used + 12 < size; i++)
        used +=
            (size_t) snprintf (text + used, size - used, "%s%u", i ? " " : "", self->questions[i]);
}

static void
read_row (sqlite3_stmt *row, case_t *self)
{
    memset (self, 0, sizeof *self);
    copy_id (row, 0, self->referral);
    copy_id (row, 1, self->chain);
    ledger_copy (row, 2, self->partner, sizeof self->partner);
    self->role = (case_role_t) sqlite3_column_int (row, 3);
    ledger_copy (row, 4, self->id, sizeof self->id);
    ledger_copy (row, 5, self->key, sizeof self->key);
    self->state = (Kask__State) sqlite3_column_int (row, 6);
    self->version = (uint32_t) sqlite3_column_int64 (row, 7);
    ledger_copy (row, 8, self->reference, sizeof self->reference);
    read_questions (self, ledger_text (row, 9));
    self->due_at_ms = sqlite3_column_int64 (row, 10);
}

bool
cases_find (sqlite3 *db, const uint8_t referral[16], case_t *found)
{
    sqlite3_stmt *row = ledger_query (db, "SELECT " COLUMNS " FROM desk_case WHERE referral = ?",
                                      "b", referral, (size_t) 16);
    bool there = row && sqlite3_step (row) == SQLITE_ROW;
    if (there)
        read_row (row, found);
    sqlite3_finalize (row);
    return there;
}

case_found_t
cases_resolve (sqlite3 *db, const char *id, case_role_t role, const char *partner, case_t *found)
{
    sqlite3_stmt *row = ledger_query (
        db, "SELECT " COLUMNS " FROM desk_case WHERE case_id = ? AND case_id <> '' ORDER BY no",
        "t", id);
    size_t open = 0, ended = 0;
    while (row && sqlite3_step (row) == SQLITE_ROW) {
        case_t one;
        read_row (row, &one);
        if ((role != CASE_ANY && one.role != role) ||
            (*partner && strcmp (partner, one.partner) != 0))
            continue;
        bool over = case_has_ended (&one);
        if (!over || open == 0)
            *found = one;
        open += !over;
        ended += over;
    }
    sqlite3_finalize (row);
    return open > 1 ? CASE_MANY : open + ended > 0 ? CASE_FOUND : CASE_UNKNOWN;
}

bool
cases_put (sqlite3 *db, const case_t *self)
{
    char questions[CASE_QUESTIONS * 12];
    write_questions (self, questions, sizeof questions);
    return ledger_run (
        db,
        "INSERT INTO desk_case (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (referral) DO UPDATE SET chain = excluded.chain, partner = excluded.partner,"
        " role = excluded.role, case_id = excluded.case_id, case_key = excluded.case_key,"
        " state = excluded.state, version = excluded.version, reference = excluded.reference,"
        " questions = excluded.questions, due_at = excluded.due_at",
        "bbtittiitti", self->referral, (size_t) 16, self->chain, (size_t) 16, self->partner,
        (int64_t) self->role, self->id, self->key, (int64_t) self->state, (int64_t) self->version,
        self->reference, questions, self->due_at_ms);
}

bool
cases_remove (sqlite3 *db, const uint8_t referral[16])
{
    return ledger_run (db, "DELETE FROM desk_case WHERE referral = ?", "b", referral, (size_t) 16);
}

// ---- standing

void
case_stand (case_t *self, const Kask__Standing *standing)
{
    if (!standing || standing->version < self->version)
        return;
    if (standing->state != KASK__STATE__STATE_NONE)
        self->state = standing->state;
    self->version = standing->version;
    if (standing->reference && *standing->reference)
        snprintf (self->reference, sizeof self->reference, "%s", standing->reference);
    self->due_at_ms = standing->due_at_ms;
    self->n_questions = 0;
    for (size_t i = 0; i < standing->n_open_questions && i < CASE_QUESTIONS; i++)
        self->questions[self->n_questions++] = standing->open_questions[i];
}
