/*
 * batch - the rows that commit together.
 *
 * A sheet is a statement with one array a column.  Each batch_… below adds
 * one row to one sheet, its columns in the order of sheets.def.
 */
#include "batch.h"
#include "clock.h"
#include "codec.h"
#include "statements.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
#define SHEET(name, columns, sql) SHEET_##name,
#include "sheets.def"
#undef SHEET
    N_SHEETS
};

enum { MAX_COLUMNS = 24, SALT_BYTES = 16 };

typedef struct {
    column_t columns[MAX_COLUMNS];
    int filled; // columns of the row under construction
} sheet_t;

static const struct {
    int statement;
    const char *types;
} sheet_kinds[N_SHEETS] = {
#define SHEET(name, columns, sql) {WRITE_##name, columns},
#include "sheets.def"
#undef SHEET
};

struct batch_s {
    sheet_t sheets[N_SHEETS];
    arena_t *arena;
    counters_t counters;
    int64_t now;
    fresh_t *first_fresh;
    fresh_t *last_fresh;
};

batch_t *
batch_new (void)
{
    batch_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->arena = arena_new ();
    for (int s = 0; s < N_SHEETS; s++)
        for (int c = 0; sheet_kinds[s].types[c]; c++)
            column_init (&self->sheets[s].columns[c], column_type (sheet_kinds[s].types[c]));
    return self;
}

void
batch_destroy (batch_t **self_p)
{
    batch_t *self = *self_p;
    if (!self)
        return;
    for (int s = 0; s < N_SHEETS; s++)
        for (int c = 0; sheet_kinds[s].types[c]; c++)
            column_free (&self->sheets[s].columns[c]);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

void
batch_begin (batch_t *self, int64_t now, const counters_t *counters)
{
    for (int s = 0; s < N_SHEETS; s++)
        for (int c = 0; sheet_kinds[s].types[c]; c++)
            column_reset (&self->sheets[s].columns[c]);
    arena_reset (self->arena);
    self->first_fresh = self->last_fresh = NULL;
    self->counters = *counters;
    self->now = now > counters->at ? now : counters->at; // time never runs back
    self->counters.at = self->now;
}

int64_t
batch_now (const batch_t *self)
{
    return self->now;
}

counters_t *
batch_counters (batch_t *self)
{
    return &self->counters;
}

arena_t *
batch_arena (batch_t *self)
{
    return self->arena;
}

// ---------------------------------------------------------------- one row

static column_t *
next_column (batch_t *self, int sheet)
{
    sheet_t *s = &self->sheets[sheet];
    column_t *column = &s->columns[s->filled++];
    if (!sheet_kinds[sheet].types[s->filled])
        s->filled = 0;
    return column;
}

static void
add_int (batch_t *self, int sheet, int64_t value)
{
    column_int (next_column (self, sheet), value);
}

static void
add_bytes (batch_t *self, int sheet, const void *data, size_t size)
{
    column_bytes (next_column (self, sheet), data, size);
}

static void
add_text (batch_t *self, int sheet, const char *text)
{
    column_text (next_column (self, sheet), text);
}

static void
add_ints (batch_t *self, int sheet, const int64_t *values, int n)
{
    for (int i = 0; i < n; i++)
        add_int (self, sheet, values[i]);
}

// An int[] inside an array of rows goes as text: "{1,2}".
static void
add_int_list (batch_t *self, int sheet, const int64_t *values, int n)
{
    char text[LIMIT_OPEN_QUESTIONS * 12 + 3] = "{";
    size_t used = 1;
    for (int i = 0; i < n; i++)
        used += (size_t) snprintf (text + used, sizeof text - used, "%s%lld", i ? "," : "",
                                   (long long) values[i]);
    snprintf (text + used, sizeof text - used, "}");
    add_text (self, sheet, text);
}

// ---------------------------------------------------------------- audit

int64_t
batch_audit (batch_t *self, audit_row_t *row)
{
    uint8_t salt[SALT_BYTES];
    randombytes_buf (salt, sizeof salt);
    Kask__AuditEntry *entry = &row->entry;
    entry->number = (uint64_t) ++self->counters.audit;
    entry->at_ms = self->now;
    entry->salt = (ProtobufCBinaryData){.len = sizeof salt, .data = salt};
    size_t size = kask__audit_entry__get_packed_size (entry);
    uint8_t *bytes = arena_alloc (self->arena, size);
    kask__audit_entry__pack (entry, bytes);

    const int s = SHEET_AUDIT;
    add_ints (self, s,
              (int64_t[]){(int64_t) entry->number, self->now, (int64_t) entry->kind, row->actor,
                          row->counterpart, row->referral, (int64_t) entry->event,
                          (int64_t) entry->from, (int64_t) entry->to, entry->version,
                          (int64_t) entry->sequence},
              11);
    add_text (self, s, row->detail ? row->detail : "");
    add_bytes (self, s, bytes, size);
    return (int64_t) entry->number;
}

// ---------------------------------------------------------------- messages

void
batch_message (batch_t *self, fresh_t *fresh)
{
    const int s = SHEET_MESSAGE;
    add_ints (self, s,
              (int64_t[]){fresh->accepted_at / MS_PER_DAY, fresh->recipient, fresh->sender,
                          fresh->sequence, fresh->accepted_at, fresh->audit, fresh->referral,
                          (int64_t) fresh->event, fresh->by_broker},
              9);
    add_bytes (self, s, fresh->message_id, 16);
    add_bytes (self, s, fresh->standing, fresh->standing_size);
    add_bytes (self, s, fresh->header, fresh->header_size);
    add_bytes (self, s, fresh->body, fresh->body_size);
    fresh->next = NULL;
    if (self->last_fresh)
        self->last_fresh->next = fresh;
    else
        self->first_fresh = fresh;
    self->last_fresh = fresh;
}

const fresh_t *
batch_first_fresh (const batch_t *self)
{
    return self->first_fresh;
}

void
batch_erase (batch_t *self, int64_t referral, int64_t audit)
{
    add_ints (self, SHEET_ERASE, (int64_t[]){referral, audit}, 2);
    batch_dead_revoked (self, referral, audit);
    for (fresh_t *fresh = self->first_fresh; fresh; fresh = fresh->next)
        if (fresh->referral == referral && fresh->audit < audit && !fresh->by_broker)
            fresh->erased = true;
}

void
batch_replace (batch_t *self, const fresh_t *fresh)
{
    const int s = SHEET_REPLACE;
    add_ints (self, s,
              (int64_t[]){fresh->recipient, fresh->sender, fresh->sequence, (int64_t) fresh->event},
              4);
    add_bytes (self, s, fresh->message_id, 16);
    add_bytes (self, s, fresh->standing, fresh->standing_size);
    add_bytes (self, s, fresh->header, fresh->header_size);
}

void
batch_obstacle (batch_t *self, int64_t referral, const char *referrer_country,
                const char *receiver_country, const Kask__Obstacle *obstacle)
{
    const int s = SHEET_OBSTACLE;
    add_ints (self, s, (int64_t[]){self->now, referral}, 2);
    add_text (self, s, referrer_country);
    add_text (self, s, receiver_country);
    add_text (self, s, obstacle->code);
    add_text (self, s, obstacle->level);
    add_text (self, s, obstacle->effect);
}

void
batch_event_origin (batch_t *self, int64_t referral, int sender, const uint8_t *origin)
{
    add_ints (self, SHEET_ORIGIN, (int64_t[]){referral, sender}, 2);
    add_bytes (self, SHEET_ORIGIN, origin, REFERRAL_ORIGIN_BYTES);
}

// ---------------------------------------------------------------- referrals

static void
add_questions (batch_t *self, int sheet, const referral_t *r)
{
    int64_t questions[LIMIT_OPEN_QUESTIONS];
    for (int i = 0; i < r->n_questions; i++)
        questions[i] = r->questions[i];
    add_int_list (self, sheet, questions, r->n_questions);
}

static void
add_clocks (batch_t *self, int sheet, const referral_t *r, int64_t due_at)
{
    add_ints (self, sheet,
              (int64_t[]){r->state_at, r->remind1_at, r->remind2_at, r->expire_at, r->contact_at,
                          r->paused_at, r->resume_at, due_at},
              8);
}

void
batch_referral_new (batch_t *self, const referral_t *r, int64_t due_at)
{
    const int s = SHEET_REFERRAL_NEW;
    add_int (self, s, r->no);
    add_bytes (self, s, r->id, sizeof r->id);
    add_bytes (self, s, r->chain, sizeof r->chain);
    int64_t parties[REFERRAL_PARTIES];
    for (int i = 0; i < r->n_parties; i++)
        parties[i] = r->parties[i];
    add_int_list (self, s, parties, r->n_parties);
    add_ints (self, s, (int64_t[]){r->referrer, r->receiver}, 2);
    add_bytes (self, s, r->origin, sizeof r->origin);
    add_ints (self, s, (int64_t[]){(int64_t) r->state, r->version}, 2);
    add_questions (self, s, r);
    add_ints (self, s, (int64_t[]){r->next_question, r->withdrawal_wished, r->sent_at}, 3);
    add_clocks (self, s, r, due_at);
}

void
batch_referral_changed (batch_t *self, const referral_t *r, int64_t due_at)
{
    const int s = SHEET_REFERRAL_CHANGED;
    add_ints (self, s, (int64_t[]){r->no, (int64_t) r->state, r->version}, 3);
    add_questions (self, s, r);
    add_ints (self, s, (int64_t[]){r->next_question, r->withdrawal_wished}, 2);
    add_clocks (self, s, r, due_at);
}

// ---------------------------------------------------------------- lanes and answers

void
batch_refusal (batch_t *self, int recipient, int sender, int64_t number, const char *fault,
               const uint8_t *standing, size_t size)
{
    const int s = SHEET_REFUSAL;
    add_ints (self, s, (int64_t[]){recipient, sender, number}, 3);
    add_text (self, s, fault);
    if (standing)
        add_bytes (self, s, standing, size);
    else
        column_null (next_column (self, s));
}

void
batch_refusals_stored (batch_t *self, int recipient, int sender, int64_t number)
{
    add_ints (self, SHEET_REFUSAL_STORED, (int64_t[]){recipient, sender, number}, 3);
}

void
batch_lane (batch_t *self, const lane_t *lane)
{
    const int s = SHEET_LANE;
    add_ints (self, s,
              (int64_t[]){lane->recipient, lane->sender, lane->now.next_sequence, lane->now.done},
              4);
    add_bytes (self, s, lane->now.incarnation, LANE_INCARNATION_BYTES);
    add_int (self, s, lane->now.next_number);
}

void
batch_done_ahead (batch_t *self, int recipient, int sender, int64_t sequence)
{
    add_ints (self, SHEET_DONE_AHEAD, (int64_t[]){recipient, sender, sequence}, 3);
}

void
batch_done_caught_up (batch_t *self, int recipient, int sender, int64_t done)
{
    add_ints (self, SHEET_DONE_CAUGHT_UP, (int64_t[]){recipient, sender, done}, 3);
}

void
batch_done_report (batch_t *self, int recipient, const uint8_t inbox[16], int64_t number,
                   const Kask__Done *done)
{
    const int s = SHEET_DONE_REPORT;
    add_int (self, s, recipient);
    add_bytes (self, s, inbox, 16);
    add_ints (self, s, (int64_t[]){number, self->now}, 2);
    add_bytes (self, s, done->list.data, done->list.len);
    add_bytes (self, s, done->signature.data, done->signature.len);
}

void
batch_inbox (batch_t *self, int recipient, const uint8_t inbox[16], int64_t last_batch)
{
    add_int (self, SHEET_INBOX, recipient);
    add_bytes (self, SHEET_INBOX, inbox, 16);
    add_int (self, SHEET_INBOX, last_batch);
}

static void
add_attempt (batch_t *self, const int64_t place[4], size_t no, const Kask__DeadAttempt *attempt)
{
    const int s = SHEET_DEAD_ATTEMPT;
    add_ints (self, s, place, 4);
    add_ints (self, s, (int64_t[]){(int64_t) no, attempt->at_ms, (int64_t) attempt->reason}, 3);
    add_text (self, s, attempt->text);
}

// A client that tells of no attempts had one.
static void
add_attempts (batch_t *self, int recipient, int sender, const Kask__DeadItem *item)
{
    const int64_t place[] = {recipient, sender, (int64_t) item->sequence, item->replay};
    Kask__DeadAttempt only = KASK__DEAD_ATTEMPT__INIT;
    only.at_ms = self->now;
    only.reason = item->reason;
    only.text = item->text;
    if (!item->n_tries)
        add_attempt (self, place, 1, &only);
    for (size_t i = 0; i < item->n_tries; i++)
        add_attempt (self, place, i + 1, item->tries[i]);
}

void
batch_dead (batch_t *self, int recipient, int64_t referral, int sender, const Kask__DeadItem *item)
{
    const int s = SHEET_DEAD;
    add_ints (self, s,
              (int64_t[]){recipient, sender, (int64_t) item->sequence, item->replay, referral,
                          self->now, (int64_t) item->reason},
              7);
    add_text (self, s, item->text);
    add_int (self, s, item->attempts);
    add_attempts (self, recipient, sender, item);
}

void
batch_dead_fate (batch_t *self, const batch_fate_t *fate)
{
    add_ints (self, SHEET_DEAD_FATE,
              (int64_t[]){fate->recipient, fate->sender, fate->sequence, fate->replay}, 4);
    add_text (self, SHEET_DEAD_FATE, fate->name);
    add_text (self, SHEET_DEAD_FATE, fate->why);
}

void
batch_dead_done (batch_t *self, int recipient, int sender, int64_t sequence, int replay)
{
    add_ints (self, SHEET_DEAD_DONE, (int64_t[]){recipient, sender, sequence, replay}, 4);
}

void
batch_dead_revoked (batch_t *self, int64_t referral, int64_t audit)
{
    add_ints (self, SHEET_DEAD_REVOKED, (int64_t[]){referral, audit}, 2);
}

// ---------------------------------------------------------------- catalogue, partners

static void
add_revision (batch_t *self, const batch_offering_t *o)
{
    const int s = SHEET_OFFERING_REVISION;
    add_int (self, s, o->publisher);
    add_text (self, s, o->key);
    add_ints (self, s, (int64_t[]){o->revision, self->now}, 2);
    add_bytes (self, s, o->header, o->header_size);
    add_bytes (self, s, o->body, o->body_size);
}

void
batch_offering (batch_t *self, const batch_offering_t *o, int64_t change)
{
    const int s = SHEET_OFFERING;
    add_int (self, s, o->publisher);
    add_text (self, s, o->key);
    add_ints (self, s, (int64_t[]){o->revision, o->withdrawn, change, self->now}, 4);
    add_text (self, s, o->kind);
    add_text (self, s, o->status);
    add_int (self, s, o->referable);
    add_text (self, s, o->title);
    add_bytes (self, s, o->content_sha256, 32);
    add_bytes (self, s, o->header, o->header_size);
    add_bytes (self, s, o->body, o->body_size);
    add_revision (self, o);
}

void
batch_partner (batch_t *self, const partner_t *p)
{
    const int s = SHEET_PARTNER;
    add_int (self, s, p->no);
    add_text (self, s, p->id);
    add_text (self, s, p->name);
    add_text (self, s, p->country);
    add_bytes (self, s, p->identity_key, PARTNER_KEY_BYTES);
    add_bytes (self, s, p->curve_key, PARTNER_KEY_BYTES);
    add_bytes (self, s, p->statement, p->statement_size);
    add_bytes (self, s, p->signature, PARTNER_SIGNATURE_BYTES);
    add_ints (self, s, (int64_t[]){(int64_t) p->statement_number, self->now}, 2);
    if (sodium_is_zero (p->curve_before, PARTNER_KEY_BYTES))
        column_null (next_column (self, s));
    else
        add_bytes (self, s, p->curve_before, PARTNER_KEY_BYTES);
    add_int (self, s, p->revoked_at);
}

void
batch_agreement (batch_t *self, const agreement_t *a)
{
    add_ints (self, SHEET_AGREEMENT, (int64_t[]){a->referrer, a->receiver, a->from_at, a->to_at},
              4);
}

void
batch_alive (batch_t *self)
{
    add_int (self, SHEET_ALIVE, self->now);
}

void
batch_outage (batch_t *self, int64_t ms)
{
    add_ints (self, SHEET_OUTAGE, (int64_t[]){self->now, ms}, 2);
}

void
batch_pause (batch_t *self, int partner, int64_t paused_at)
{
    add_ints (self, SHEET_PAUSE, (int64_t[]){partner, paused_at}, 2);
    add_int (self, SHEET_CLOCKS_STAND, partner);
}

void
batch_resume (batch_t *self, int partner, int64_t paused_at)
{
    add_ints (self, SHEET_PAUSE, (int64_t[]){partner, 0}, 2);
    add_ints (self, SHEET_CLOCKS_RUN, (int64_t[]){partner, paused_at, self->now}, 3);
}

void
batch_closings (batch_t *self, int partner, const calendar_t *calendar)
{
    add_int (self, SHEET_CLOSINGS_FORGET, partner);
    for (size_t i = 0; i < calendar->n_closings; i++) {
        const calendar_closing_t *closing = &calendar->closings[i];
        add_ints (self, SHEET_CLOSING,
                  (int64_t[]){partner, closing->first_day, closing->last_day, closing->by_operator},
                  4);
    }
}

void
batch_recovered (batch_t *self, int64_t risen, int64_t from)
{
    add_ints (self, SHEET_RECOVERED, (int64_t[]){risen, from}, 2);
}

void
batch_again (batch_t *self, int recipient, int64_t since)
{
    add_ints (self, SHEET_AGAIN, (int64_t[]){recipient, since}, 2);
}

void
batch_grace (batch_t *self, int64_t ms)
{
    add_int (self, SHEET_GRACE, ms);
}

// ---------------------------------------------------------------- sending

bool
batch_is_empty (const batch_t *self)
{
    for (int s = 0; s < N_SHEETS; s++)
        if (self->sheets[s].columns[0].count)
            return false;
    return true;
}

void
batch_calls (batch_t *self, run_t *run)
{
    for (int s = 0; s < N_SHEETS; s++) {
        sheet_t *sheet = &self->sheets[s];
        assert (sheet->filled == 0);
        if (!sheet->columns[0].count)
            continue;
        run_call (run, sheet_kinds[s].statement);
        for (int c = 0; sheet_kinds[s].types[c]; c++)
            run_column (run, &sheet->columns[c]);
    }
}
