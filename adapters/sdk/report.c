/*
 * report - what the inbox tells the broker: DONE and DEAD.
 *
 * A batch is a run of items of one kind, in the order in which they were put.
 * It is stored as the command that is sent, so a repetition has the same bytes.
 */
#include "report.h"

#include "attempt.h"
#include "codec.h"
#include "fact.h"
#include "statement.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEAD_AT_ONCE = 50, // their texts have to fit in a command frame
    BATCHES_AT_ONCE = 16,
    BATCHES_UNDER_WAY = 64
};

void
report_put (store_t *store, const report_item_t *item)
{
    char text[LIMIT_SHORT_TEXT_BYTES + 1];
    attempt_text (text, sizeof text, item->text ? item->text : "");
    store_run (store,
               "INSERT INTO kask_report_item (sender, sequence, replay, message_id, repeated,"
               " reason, text, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
               "tiibiiti", item->sender, item->sequence, item->replay, item->message_id,
               (size_t) 16, (int64_t) item->perhaps_repeated, (int64_t) item->reason, text,
               item->attempts);
}

bool
report_has (store_t *store, const char *sender, int64_t sequence, int64_t replay)
{
    return store_number (store, 0,
                         "SELECT 1 FROM kask_report_item WHERE sender = ? AND sequence = ?"
                         " AND replay = ? LIMIT 1",
                         "tii", sender, sequence, replay) != 0;
}

// ---------------------------------------------------------------- session

bool
reports_begin (reports_t *self, int64_t last_batch)
{
    store_t *store = self->store;
    bool made_here = last_batch <= fact_number (store, "batch");
    if (!made_here)
        fact_put_number (store, "batch", last_batch);
    int64_t done_no = store_number (
        store, 0, "SELECT max (last_no) FROM kask_report WHERE batch <= ?", "i", last_batch);
    store_run (store, "DELETE FROM kask_report_item WHERE no <= ?", "i", done_no);
    store_run (store, "DELETE FROM kask_report WHERE batch <= ?", "i", last_batch);
    int64_t highest = store_number (store, last_batch, "SELECT max (batch) FROM kask_report", "");
    self->batched_no = store_number (store, done_no, "SELECT max (last_no) FROM kask_report", "");
    self->next_batch = highest + 1;
    self->sent_batch = self->confirmed_batch = last_batch;
    return made_here;
}

void
reports_renew (reports_t *self)
{
    uint8_t inbox[16];
    randombytes_buf (inbox, sizeof inbox);
    fact_put_bytes (self->store, "inbox", inbox, sizeof inbox);
    store_run (self->store, "DELETE FROM kask_report", "");
}

bool
reports_has_news (const reports_t *self)
{
    return store_number (self->store, 0, "SELECT max (no) FROM kask_report_item", "") >
           self->batched_no;
}

// ---------------------------------------------------------------- batches

typedef struct {
    size_t n;
    bool dead;
    int64_t last_no;
    Kask__DoneItem done[LIMIT_DONE_ITEMS];
    Kask__DoneItem *done_list[LIMIT_DONE_ITEMS];
    Kask__DeadItem dead_items[DEAD_AT_ONCE];
    Kask__DeadItem *dead_list[DEAD_AT_ONCE];
    struct {
        Kask__DeadAttempt attempts[LIMIT_DEAD_ATTEMPTS];
        Kask__DeadAttempt *list[LIMIT_DEAD_ATTEMPTS];
        char texts[LIMIT_DEAD_ATTEMPTS][LIMIT_ATTEMPT_TEXT_BYTES + 1];
    } tries[DEAD_AT_ONCE];
    struct {
        char sender[LIMIT_PARTNER_NAME + 1];
        char text[LIMIT_SHORT_TEXT_BYTES + 1];
        uint8_t message_id[16];
    } held[LIMIT_DONE_ITEMS];
} batch_t;

static void
take_tries (batch_t *batch, store_t *store, size_t i)
{
    Kask__DeadItem *item = &batch->dead_items[i];
    item->n_tries =
        attempts_read (store, item->sender, (int64_t) item->sequence, (int64_t) item->replay,
                       batch->tries[i].attempts, batch->tries[i].texts);
    item->tries = batch->tries[i].list;
    for (size_t t = 0; t < item->n_tries; t++)
        item->tries[t] = &batch->tries[i].attempts[t];
}

static void
take_dead (batch_t *batch, sqlite3_stmt *row, size_t i)
{
    Kask__DeadItem *item = &batch->dead_items[i];
    kask__dead_item__init (item);
    item->sender = batch->held[i].sender;
    item->sequence = (uint64_t) sqlite3_column_int64 (row, 2);
    item->replay = (uint32_t) sqlite3_column_int64 (row, 3);
    item->message_id = (ProtobufCBinaryData){16, batch->held[i].message_id};
    item->reason = (Kask__DeadReason) sqlite3_column_int (row, 6);
    item->text = batch->held[i].text;
    item->attempts = (uint32_t) sqlite3_column_int64 (row, 8);
    batch->dead_list[i] = item;
}

static void
take_done (batch_t *batch, sqlite3_stmt *row, size_t i)
{
    Kask__DoneItem *item = &batch->done[i];
    kask__done_item__init (item);
    item->sender = batch->held[i].sender;
    item->sequence = (uint64_t) sqlite3_column_int64 (row, 2);
    item->replay = (uint32_t) sqlite3_column_int64 (row, 3);
    item->message_id = (ProtobufCBinaryData){16, batch->held[i].message_id};
    item->perhaps_repeated = sqlite3_column_int (row, 5);
    batch->done_list[i] = item;
}

// False: it is of the other kind, or the batch is full.
static bool
take_item (batch_t *batch, sqlite3_stmt *row)
{
    bool dead = sqlite3_column_int (row, 6) != KASK__DEAD_REASON__DEAD_REASON_NONE;
    if (batch->n == 0)
        batch->dead = dead;
    if (dead != batch->dead || batch->n == (size_t) (dead ? DEAD_AT_ONCE : LIMIT_DONE_ITEMS))
        return false;
    size_t i = batch->n++;
    batch->last_no = sqlite3_column_int64 (row, 0);
    snprintf (batch->held[i].sender, sizeof batch->held[i].sender, "%s",
              (const char *) sqlite3_column_text (row, 1));
    snprintf (batch->held[i].text, sizeof batch->held[i].text, "%s",
              (const char *) sqlite3_column_text (row, 7));
    memset (batch->held[i].message_id, 0, 16);
    if (sqlite3_column_bytes (row, 4) == 16)
        memcpy (batch->held[i].message_id, sqlite3_column_blob (row, 4), 16);
    if (dead)
        take_dead (batch, row, i);
    else
        take_done (batch, row, i);
    return true;
}

static void
read_batch (reports_t *self, batch_t *batch)
{
    batch->n = 0;
    sqlite3_stmt *row = store_query (
        self->store,
        "SELECT no, sender, sequence, replay, message_id, repeated, reason, text, attempts"
        " FROM kask_report_item WHERE no > ? ORDER BY no LIMIT ?",
        "ii", self->batched_no, (int64_t) LIMIT_DONE_ITEMS + 1);
    while (row && take_item (batch, row))
        row = store_next (self->store, row);
    store_release (row);
    for (size_t i = 0; i < batch->n && batch->dead; i++)
        take_tries (batch, self->store, i);
}

static uint8_t *
pack_done (reports_t *self, batch_t *batch, int64_t now_ms, size_t *size_p)
{
    uint8_t inbox[16], signature[64];
    fact_bytes (self->store, "inbox", inbox, sizeof inbox);
    Kask__DoneList list = KASK__DONE_LIST__INIT;
    list.partner = (char *) self->identity->partner;
    list.inbox = (ProtobufCBinaryData){sizeof inbox, inbox};
    list.done_at_ms = now_ms;
    list.n_items = batch->n;
    list.items = batch->done_list;
    size_t size;
    uint8_t *bytes = message_pack (&list.base, &size);
    sign_done (signature, self->identity->identity_secret, self->identity->partner, bytes, size);
    Kask__Done done = KASK__DONE__INIT;
    done.batch = (uint64_t) self->next_batch;
    done.list = (ProtobufCBinaryData){size, bytes};
    done.signature = (ProtobufCBinaryData){sizeof signature, signature};
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_DONE;
    command.done = &done;
    uint8_t *packed = message_pack (&command.base, size_p);
    free (bytes);
    return packed;
}

static uint8_t *
pack_dead (reports_t *self, batch_t *batch, size_t *size_p)
{
    Kask__Dead dead = KASK__DEAD__INIT;
    dead.batch = (uint64_t) self->next_batch;
    dead.n_items = batch->n;
    dead.items = batch->dead_list;
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_DEAD;
    command.dead = &dead;
    return message_pack (&command.base, size_p);
}

static void
put_batch (reports_t *self, batch_t *batch, int64_t now_ms)
{
    size_t size;
    uint8_t *command =
        batch->dead ? pack_dead (self, batch, &size) : pack_done (self, batch, now_ms, &size);
    store_run (self->store, "INSERT INTO kask_report VALUES (?, ?, ?)", "iib", self->next_batch,
               batch->last_no, command, size);
    free (command);
    self->batched_no = batch->last_no;
    fact_put_number (self->store, "batch", self->next_batch++);
}

void
reports_batch (reports_t *self, int64_t now_ms)
{
    batch_t *batch = malloc (sizeof *batch);
    if (!batch)
        abort ();
    for (int i = 0; i < BATCHES_AT_ONCE; i++) {
        read_batch (self, batch);
        if (batch->n == 0)
            break;
        put_batch (self, batch, now_ms);
    }
    free (batch);
}

// ---------------------------------------------------------------- confirmed

static void
tell_unknown (reports_t *self, const Kask__MessageRef *ref)
{
    char text[300];
    snprintf (text, sizeof text,
              "reports: the broker knows no message %s/%llu that was reported; nothing follows "
              "from that report; tell its operator",
              ref->sender, (unsigned long long) ref->sequence);
    self->port->alarm.say (self->port->alarm.arg, KASK_LOG_WARNING, text);
}

void
reports_confirmed (reports_t *self, const Kask__Confirmed *confirmed)
{
    int64_t batch = (int64_t) confirmed->batch;
    for (size_t i = 0; i < confirmed->n_unknown; i++)
        tell_unknown (self, confirmed->unknown[i]);
    if (batch <= self->confirmed_batch || batch > self->sent_batch)
        return;
    int64_t last_no = store_number (
        self->store, 0, "SELECT max (last_no) FROM kask_report WHERE batch <= ?", "i", batch);
    store_run (self->store, "DELETE FROM kask_report_item WHERE no <= ?", "i", last_no);
    store_run (self->store, "DELETE FROM kask_report WHERE batch <= ?", "i", batch);
    self->confirmed_batch = batch;
}

bool
reports_flush (reports_t *self)
{
    bool sent = true;
    if (self->sent_batch + 1 >= self->next_batch)
        return true;
    sqlite3_stmt *row =
        store_query (self->store,
                     "SELECT batch, command FROM kask_report WHERE batch > ?"
                     " AND batch <= ? ORDER BY batch",
                     "ii", self->sent_batch, self->confirmed_batch + BATCHES_UNDER_WAY);
    while (row && sent) {
        const frame_t frame = {sqlite3_column_blob (row, 1),
                               (size_t) sqlite3_column_bytes (row, 1)};
        sent = self->port->send (self->port->arg, &frame, 1);
        if (sent) {
            self->sent_batch = sqlite3_column_int64 (row, 0);
            row = store_next (self->store, row);
        }
    }
    store_release (row);
    return sent;
}
