/*
 * sending - the outgoing lanes of a session.
 *
 * What is in flight is bounded in messages and in bytes, so that memory does
 * not follow the outbox.  The lanes take turns.
 */
#include "sending.h"

#include "codec.h"
#include "fact.h"
#include "fault.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FLIGHT_MESSAGES = 4000,         // under way; below LIMIT_UNANSWERED
    FLIGHT_BYTES = 4 * 1024 * 1024, // one message may always pass
    NUMBERED_AT_ONCE = 1000,        // rows of one transaction
    NUMBERED_AHEAD = 6000,          // that are not answered
    STORED_EVERY = 512              // answers, until the broker is told
};

typedef struct {
    char recipient[LIMIT_PARTNER_NAME + 1];
    int64_t next_number; // to give
    int64_t last_no;     // outbox row that was numbered last
    int64_t sent;        // highest number sent, or settled before this session
    int64_t answered;    // highest number answered for good
    int64_t told;        // by Stored
    int64_t unused_from; // lowest number that the broker did not use; 0: none
    int64_t retry_at_ms;
    uint32_t in_flight;
    bool has_refusal; // to be told of by Stored
    bool rewinds;     // waits until nothing is under way, then begins again
    bool changed;     // its row has to be written
    bool held;        // its recipient cannot be sealed to
} lane_t;

struct sending_s {
    store_t *store;
    const identity_t *identity;
    const port_t *port;
    lane_t *lanes;
    size_t n_lanes;
    size_t turn;        // lane that sends first
    int64_t scanned_no; // outbox rows up to here were looked at
    int64_t keyring;    // its version when they were
    int64_t unanswered; // numbers given and not answered
    uint32_t flight_messages;
    int64_t flight_bytes;
};

static void
say (const sending_t *self, kask_log_level_t level, const char *text)
{
    self->port->alarm.say (self->port->alarm.arg, level, text);
}

// ---------------------------------------------------------------- lanes

static lane_t *
lane_find (sending_t *self, const char *recipient)
{
    for (size_t i = 0; i < self->n_lanes; i++)
        if (strcmp (self->lanes[i].recipient, recipient) == 0)
            return &self->lanes[i];
    return NULL;
}

static lane_t *
lane_require (sending_t *self, const char *recipient)
{
    lane_t *lane = lane_find (self, recipient);
    if (lane)
        return lane;
    self->lanes = realloc (self->lanes, (self->n_lanes + 1) * sizeof *self->lanes);
    if (!self->lanes)
        abort ();
    lane = &self->lanes[self->n_lanes++];
    *lane = (lane_t){.next_number = 1};
    snprintf (lane->recipient, sizeof lane->recipient, "%s", recipient);
    return lane;
}

static void
lane_save (sending_t *self, lane_t *lane)
{
    store_run (self->store, "INSERT OR REPLACE INTO kask_lane VALUES (?, ?, ?)", "tii",
               lane->recipient, lane->next_number, lane->last_no);
    lane->changed = false;
}

static int64_t
lane_oldest (sending_t *self, const lane_t *lane)
{
    return store_number (self->store, lane->next_number,
                         "SELECT min (number) FROM kask_sent WHERE recipient = ?", "t",
                         lane->recipient);
}

static void
lanes_load (sending_t *self)
{
    sqlite3_stmt *row =
        store_query (self->store, "SELECT recipient, next_number, last_no FROM kask_lane", "");
    for (; row; row = store_next (self->store, row)) {
        lane_t *lane = lane_require (self, (const char *) sqlite3_column_text (row, 0));
        lane->next_number = sqlite3_column_int64 (row, 1);
        lane->last_no = sqlite3_column_int64 (row, 2);
    }
}

// The numbers from `number` on are taken back; the rows will get new ones.
static void
lane_take_back (sending_t *self, lane_t *lane, int64_t number)
{
    int64_t no = store_number (self->store, 0,
                               "SELECT min (no) FROM kask_sent WHERE recipient = ? AND number >= ?",
                               "ti", lane->recipient, number);
    if (no > 0) {
        lane->last_no = no - 1;
        if (self->scanned_no >= no)
            self->scanned_no = no - 1;
    }
    store_run (self->store, "DELETE FROM kask_sent WHERE recipient = ? AND number >= ?", "ti",
               lane->recipient, number);
    lane->next_number = number;
    lane_save (self, lane);
}

sending_t *
sending_new (store_t *store, const identity_t *identity, const port_t *port)
{
    sending_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->store = store;
    self->identity = identity;
    self->port = port;
    return self;
}

void
sending_destroy (sending_t **self_p)
{
    sending_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    free (self->lanes);
    free (self);
}

// ---------------------------------------------------------------- hello

static int64_t
broker_next (const Kask__Welcome *welcome, const char *recipient)
{
    for (size_t i = 0; i < welcome->n_next; i++)
        if (strcmp (welcome->next[i]->recipient, recipient) == 0)
            return (int64_t) welcome->next[i]->number;
    return 1;
}

static bool
lane_fits (sending_t *self, const lane_t *lane, int64_t next)
{
    return next <= lane->next_number && next >= lane_oldest (self, lane);
}

// A recipient that the broker knows from this incarnation and this outbox does not.
static bool
has_unknown_lane (sending_t *self, const Kask__Welcome *welcome)
{
    for (size_t i = 0; i < welcome->n_next; i++)
        if (welcome->next[i]->number > 1 && !lane_find (self, welcome->next[i]->recipient))
            return true;
    return false;
}

static bool
all_fit (sending_t *self, const Kask__Welcome *welcome)
{
    for (size_t i = 0; i < self->n_lanes; i++)
        if (!lane_fits (self, &self->lanes[i], broker_next (welcome, self->lanes[i].recipient)))
            return false;
    return !has_unknown_lane (self, welcome);
}

// Everything without an answer is numbered anew.  What the broker has of it gets its first answer
// by its origin key: a number alone does not say so, for another copy of this outbox may
// have given it to another message.
void
sending_renew (sending_t *self)
{
    store_run (self->store, "DELETE FROM kask_sent", "");
    store_run (self->store, "DELETE FROM kask_lane", "");
    uint8_t incarnation[16];
    randombytes_buf (incarnation, sizeof incarnation);
    fact_put_bytes (self->store, "outbox", incarnation, sizeof incarnation);
    say (self, KASK_LOG_WARNING,
         "outbox: its numbers are not the broker's: this folder, or the broker's database, was "
         "restored from an older copy, or has a second one; nothing is lost: what waits is sent "
         "under a new incarnation");
}

bool
sending_begin (sending_t *self, const Kask__Welcome *welcome)
{
    self->n_lanes = 0;
    self->scanned_no = 0;
    self->flight_messages = 0;
    self->flight_bytes = 0;
    lanes_load (self);
    if (!all_fit (self, welcome)) {
        sending_renew (self);
        return false;
    }
    for (size_t i = 0; i < self->n_lanes; i++) {
        lane_t *lane = &self->lanes[i];
        lane->answered = lane->told = lane->sent = lane_oldest (self, lane) - 1;
        lane->has_refusal = lane->answered > 0;
    }
    self->unanswered = store_number (self->store, 0, "SELECT count (*) FROM kask_sent", "");
    self->keyring = keyring_version (self->store);
    return true;
}

// ---------------------------------------------------------------- numbers

// Is there a way to seal row `no`?  If not, its lane is held, and said so once.
static bool
row_is_sealed (sending_t *self, lane_t *lane, int64_t no)
{
    peer_t peer;
    keyring_find (self->store, lane->recipient, &peer);
    if (outbox_seal (self->store, self->identity, no, &peer))
        return true;
    lane->held = true;
    char text[400];
    snprintf (text, sizeof text, "outbox: messages to partner %s wait: %s; nothing was sent; %s",
              lane->recipient,
              peer.revoked    ? "its keys were revoked"
              : peer.conflict ? "the broker shows another identity than the pinned one"
              : peer.pinned   ? "its keys are not known yet"
                              : "it is not pinned",
              peer.pinned ? "they go out when that is mended"
                          : "compare fingerprints by telephone, then pin it");
    say (self, KASK_LOG_WARNING, text);
    return false;
}

static void
give_number (sending_t *self, lane_t *lane, int64_t no)
{
    store_run (self->store, "INSERT INTO kask_sent VALUES (?, ?, ?)", "tii", lane->recipient,
               lane->next_number, no);
    lane->next_number++;
    lane->last_no = no;
    lane->changed = true;
    self->unanswered++;
}

// Keys may have come for lanes that were held: their rows are looked at again.
static void
release_held (sending_t *self)
{
    int64_t version = keyring_version (self->store);
    if (version == self->keyring)
        return;
    self->keyring = version;
    for (size_t i = 0; i < self->n_lanes; i++) {
        lane_t *lane = &self->lanes[i];
        if (lane->held && lane->last_no < self->scanned_no)
            self->scanned_no = lane->last_no;
        lane->held = false;
    }
}

typedef struct {
    int64_t no;
    bool sealed;
    char recipient[LIMIT_PARTNER_NAME + 1];
} waiting_t;

static size_t
read_waiting (sending_t *self, waiting_t *rows, size_t size)
{
    size_t n = 0;
    sqlite3_stmt *row = store_query (
        self->store,
        "SELECT no, sealed, recipient FROM kask_outbox WHERE no > ? ORDER BY no LIMIT ?", "ii",
        self->scanned_no, (int64_t) size);
    for (; row; row = store_next (self->store, row)) {
        rows[n].no = sqlite3_column_int64 (row, 0);
        rows[n].sealed = sqlite3_column_int (row, 1);
        snprintf (rows[n].recipient, sizeof rows[n].recipient, "%s",
                  (const char *) sqlite3_column_text (row, 2));
        n++;
    }
    return n;
}

static void
number_row (sending_t *self, const waiting_t *row)
{
    lane_t *lane = lane_require (self, row->recipient);
    self->scanned_no = row->no;
    if (lane->held || row->no <= lane->last_no)
        return;
    if (row->sealed || row_is_sealed (self, lane, row->no))
        give_number (self, lane, row->no);
}

void
sending_number (sending_t *self)
{
    release_held (self);
    if (self->unanswered >= NUMBERED_AHEAD)
        return;
    waiting_t *rows = malloc (NUMBERED_AT_ONCE * sizeof *rows);
    if (!rows)
        abort ();
    size_t n = read_waiting (self, rows, NUMBERED_AT_ONCE);
    for (size_t i = 0; i < n; i++)
        number_row (self, &rows[i]);
    free (rows);
    for (size_t i = 0; i < self->n_lanes; i++)
        if (self->lanes[i].changed)
            lane_save (self, &self->lanes[i]);
}

bool
sending_has_news (const sending_t *self)
{
    if (keyring_version (self->store) != self->keyring)
        return true;
    return self->unanswered < NUMBERED_AHEAD &&
           store_number (self->store, 0, "SELECT max (no) FROM kask_outbox", "") > self->scanned_no;
}

// ---------------------------------------------------------------- answers

static void
settle_number (sending_t *self, lane_t *lane, const Kask__Answer *answer, int64_t no)
{
    outbox_settle (self->store, no, answer);
    store_run (self->store, "DELETE FROM kask_sent WHERE recipient = ? AND number = ?", "ti",
               lane->recipient, (int64_t) answer->number);
    self->unanswered--;
    if (answer->outcome == KASK__OUTCOME__REFUSED)
        lane->has_refusal = true;
    if (answer->number_unused) {
        if (!lane->unused_from || (int64_t) answer->number < lane->unused_from)
            lane->unused_from = (int64_t) answer->number;
        lane->rewinds = true;
    } else {
        lane->answered = (int64_t) answer->number;
    }
}

// Everything under way was answered: begin again at the oldest.
static void
rewind_lane (sending_t *self, lane_t *lane)
{
    if (lane->unused_from)
        lane_take_back (self, lane, lane->unused_from);
    lane->unused_from = 0;
    lane->rewinds = false;
    lane->sent = lane_oldest (self, lane) - 1;
}

static void
again_later (lane_t *lane, const Kask__Answer *answer, int64_t now_ms)
{
    lane->rewinds = true;
    if (answer->outcome == KASK__OUTCOME__UNAVAILABLE)
        lane->retry_at_ms = now_ms + (answer->retry_after_ms ? answer->retry_after_ms : 500);
}

static int64_t
row_bytes (sending_t *self, int64_t no)
{
    return store_number (self->store, 0,
                         "SELECT length (header) + length (body) FROM kask_outbox WHERE no = ?",
                         "i", no);
}

static bool
is_of_another_copy (const Kask__Answer *answer)
{
    return answer->outcome == KASK__OUTCOME__REFUSED &&
           strcmp (answer->fault, fault_name (FAULT_NUMBER_TAKEN)) == 0;
}

bool
sending_answer (sending_t *self, const Kask__Answer *answer, int64_t now_ms)
{
    lane_t *lane = lane_find (self, answer->recipient);
    if (is_of_another_copy (answer))
        return false;
    if (!lane || lane->in_flight == 0)
        return true;
    lane->in_flight--;
    self->flight_messages--;
    int64_t no =
        store_number (self->store, 0, "SELECT no FROM kask_sent WHERE recipient = ? AND number = ?",
                      "ti", answer->recipient, (int64_t) answer->number);
    if (no > 0) {
        self->flight_bytes -= row_bytes (self, no);
        if (answer->outcome == KASK__OUTCOME__ACCEPTED || answer->outcome == KASK__OUTCOME__REFUSED)
            settle_number (self, lane, answer, no);
        else
            again_later (lane, answer, now_ms);
    }
    if (self->flight_messages == 0)
        self->flight_bytes = 0;
    if (lane->rewinds && lane->in_flight == 0)
        rewind_lane (self, lane);
    return true;
}

// ---------------------------------------------------------------- on the wire

static bool
send_command (sending_t *self, const Kask__Command *command)
{
    size_t size;
    uint8_t *bytes = message_pack (&command->base, &size);
    const frame_t frame = {bytes, size};
    bool sent = self->port->send (self->port->arg, &frame, 1);
    free (bytes);
    return sent;
}

static bool
tell_stored (sending_t *self, lane_t *lane)
{
    if (lane->answered <= lane->told ||
        (!lane->has_refusal && lane->answered - lane->told < STORED_EVERY))
        return true;
    Kask__Stored stored = KASK__STORED__INIT;
    stored.recipient = lane->recipient;
    stored.number = (uint64_t) lane->answered;
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_STORED;
    command.stored = &stored;
    if (!send_command (self, &command))
        return false;
    lane->told = lane->answered;
    lane->has_refusal = false;
    return true;
}

// Said before it goes, so that a log has it before whatever follows from it.
static void
say_sending (const sending_t *self, const char *what, const Kask__Send *send)
{
    char text[LIMIT_PARTNER_NAME + 80];
    snprintf (text, sizeof text, "sending: %s recipient=%s number=%llu", what, send->recipient,
              (unsigned long long) send->number);
    say (self, KASK_LOG_DEBUG, text);
}

static bool
send_row (sending_t *self, lane_t *lane, sqlite3_stmt *row)
{
    Kask__Send send = KASK__SEND__INIT;
    send.recipient = lane->recipient;
    send.number = (uint64_t) sqlite3_column_int64 (row, 0);
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_SEND;
    command.send = &send;
    uint8_t bytes[LIMIT_PARTNER_NAME + 64];
    const frame_t frames[] = {
        {bytes, kask__command__pack (&command, bytes)},
        {sqlite3_column_blob (row, 1), (size_t) sqlite3_column_bytes (row, 1)},
        {sqlite3_column_blob (row, 2), (size_t) sqlite3_column_bytes (row, 2)}};
    say_sending (self, "goes out", &send);
    if (!self->port->send (self->port->arg, frames, 3)) {
        say_sending (self, "did not go", &send);
        return false;
    }
    lane->sent = (int64_t) send.number;
    lane->in_flight++;
    self->flight_messages++;
    self->flight_bytes += (int64_t) (frames[1].size + frames[2].size);
    return true;
}

static bool
may_send (const sending_t *self, const lane_t *lane, int64_t now_ms)
{
    return !lane->rewinds && lane->retry_at_ms <= now_ms &&
           self->flight_messages < FLIGHT_MESSAGES &&
           (self->flight_bytes < FLIGHT_BYTES || self->flight_messages == 0);
}

static bool
send_lane (sending_t *self, lane_t *lane, int64_t now_ms)
{
    enum { AT_ONCE = 500 };
    if (!may_send (self, lane, now_ms) || lane->sent + 1 >= lane->next_number)
        return true;
    bool sent = true;
    sqlite3_stmt *row =
        store_query (self->store,
                     "SELECT s.number, o.header, o.body FROM kask_sent s JOIN kask_outbox o"
                     " ON o.no = s.no WHERE s.recipient = ? AND s.number > ?"
                     " ORDER BY s.number LIMIT ?",
                     "tii", lane->recipient, lane->sent, (int64_t) AT_ONCE);
    while (row && sent && may_send (self, lane, now_ms)) {
        sent = send_row (self, lane, row);
        if (sent)
            row = store_next (self->store, row);
    }
    store_release (row);
    return sent;
}

bool
sending_flush (sending_t *self, int64_t now_ms)
{
    for (size_t i = 0; i < self->n_lanes; i++) {
        lane_t *lane = &self->lanes[(self->turn + i) % self->n_lanes];
        if (!tell_stored (self, lane) || !send_lane (self, lane, now_ms))
            return false;
    }
    self->turn++;
    return true;
}

static bool
lane_has_more (const lane_t *lane)
{
    return !lane->rewinds && lane->sent + 1 < lane->next_number;
}

int64_t
sending_due_at (const sending_t *self)
{
    int64_t due = INT64_MAX;
    bool room = self->flight_messages < FLIGHT_MESSAGES &&
                (self->flight_bytes < FLIGHT_BYTES || self->flight_messages == 0);
    for (size_t i = 0; room && i < self->n_lanes; i++)
        if (lane_has_more (&self->lanes[i]) && self->lanes[i].retry_at_ms < due)
            due = self->lanes[i].retry_at_ms;
    return due;
}
