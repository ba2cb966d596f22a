/*
 * handling - the inbox as the program sees it: the next message, and what became of it.
 *
 * A cursor walks over the rows; what it passes without giving it is remembered as
 * a hold of its referral, and the cursor goes back when a hold ends.
 *
 * Whether a message may have had its effect before a crash cannot be known
 * without writing before every attempt.  So a mark is written once for many
 * messages: rows up to it may have been given, and are marked perhaps_repeated when
 * the process did not end well.
 */
#include "handling.h"

#include "attempt.h"
#include "codec.h"
#include "codes.h"
#include "fact.h"
#include "given.h"
#include "hold.h"
#include "moment.h"
#include "outbox.h"
#include "report.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MARK_AHEAD = 100,     // rows for which the mark is written at once
    STORE_PAUSE_MS = 1000 // before a new try when the mark could not be written
};

enum { STATE_WAITS, STATE_DEAD };

struct handling_s {
    store_t *store;
    const identity_t *identity;
    const alarm_t *alarm;
    uint32_t attempts;
    int64_t cursor;      // rows up to here were given, or are held
    int64_t back_to;     // where it goes on from; cursor if nothing ended
    int64_t suspects_no; // rows up to here may have been given before this process began
    int64_t marked_no;   // the mark in the store; 0: not written yet
    int64_t pause_until; // ms, time of day: it could not be written; 0: it could
    int64_t keyring;
    bool may_give;
    holds_t *holds;
    given_t *given;
};

static void
say (const handling_t *self, kask_log_level_t level, const char *format, ...)
{
    char text[600];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    self->alarm->say (self->alarm->arg, level, text);
}

handling_t *
handling_new (store_t *store, const identity_t *identity, const alarm_t *alarm, uint32_t attempts)
{
    handling_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->store = store;
    self->identity = identity;
    self->alarm = alarm;
    self->attempts = attempts;
    self->holds = holds_new ();
    int64_t marked = fact_number (store, "handed_no");
    int64_t last = store_number (store, 0, "SELECT max (no) FROM kask_inbox", "");
    self->suspects_no = marked < last ? marked : last;
    self->keyring = keyring_version (store);
    return self;
}

static void
end_well (handling_t *self)
{
    if (self->marked_no && !self->given && store_begin (self->store, NULL)) {
        fact_put_number (self->store, "handed_no", self->suspects_no);
        if (!store_commit (self->store, NULL))
            say (self, KASK_LOG_WARNING,
                 "inbox: the mark of what was handed over could not be taken back; messages may "
                 "be marked as perhaps repeated that are not");
    }
}

void
handling_destroy (handling_t **self_p)
{
    handling_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    if (!store_in_transaction (self->store))
        end_well (self);
    while (self->given) {
        given_t *given = self->given;
        self->given = given->next;
        given_destroy (&given);
    }
    holds_destroy (&self->holds);
    free (self);
}

void
handling_forget (handling_t *self)
{
    holds_forget (self->holds);
    self->cursor = self->back_to = 0;
}

// ---------------------------------------------------------------- one row

// The columns that say whether it may be given.
typedef struct {
    int64_t no;
    int64_t sequence;
    int64_t replay;
    int64_t again_at_ms;
    int64_t attempts;
    bool has_referral;
    bool dead;
    bool tried;
    bool revoke;
    uint8_t referral[16];
    char sender[LIMIT_PARTNER_NAME + 1];
} row_t;

static void
row_read (row_t *self, sqlite3_stmt *row)
{
    self->no = sqlite3_column_int64 (row, 0);
    snprintf (self->sender, sizeof self->sender, "%s", (const char *) sqlite3_column_text (row, 1));
    self->sequence = sqlite3_column_int64 (row, 2);
    self->replay = sqlite3_column_int64 (row, 3);
    self->has_referral = sqlite3_column_bytes (row, 4) == 16;
    if (self->has_referral)
        memcpy (self->referral, sqlite3_column_blob (row, 4), 16);
    self->revoke = sqlite3_column_int64 (row, 5) == KASK__EVENT__EVENT_REVOKE;
    self->dead = sqlite3_column_int (row, 6) == STATE_DEAD;
    self->attempts = sqlite3_column_int64 (row, 7);
    self->tried = sqlite3_column_int (row, 8);
    self->again_at_ms = sqlite3_column_int64 (row, 9);
}

// A replay passes the dead letter that it replaces.
static bool
replays (handling_t *self, const row_t *row, const hold_t *hold)
{
    return row->replay > 0 && hold->kind == HOLD_DEAD &&
           store_number (self->store, 0,
                         "SELECT 1 FROM kask_inbox WHERE no = ? AND sender = ? AND sequence = ?",
                         "iti", hold->no, row->sender, row->sequence) != 0;
}

// May it be given?  If it is itself what cannot be handled now, it holds its referral.
static bool
row_is_free (handling_t *self, const row_t *row, int64_t now_ms)
{
    hold_t *hold = row->has_referral ? holds_find (self->holds, row->referral) : NULL;
    if (hold && hold->kind == HOLD_HANDED)
        return false;
    if (hold && hold->kind == HOLD_UNKNOWN && hold->no == row->no)
        return false;
    if (hold && hold->no != row->no && !row->revoke && !replays (self, row, hold))
        return false;
    if (row->dead || row->again_at_ms > now_ms) {
        if (row->has_referral)
            holds_put (self->holds, row->referral, row->no, row->dead ? HOLD_DEAD : HOLD_LATER,
                       row->again_at_ms);
        return false;
    }
    return true;
}

static const char *
dead_text (Kask__DeadReason reason)
{
    switch (reason) {
    case KASK__DEAD_REASON__KEY_GONE:
        return "sealed to a key that was erased when its time was over; send it anew";
    case KASK__DEAD_REASON__CANNOT_OPEN:
        return "sealed to none of the recipient's keys, or damaged";
    case KASK__DEAD_REASON__BAD_SIGNATURE:
        return "not signed by the pinned identity of its sender, or not as it was sent";
    case KASK__DEAD_REASON__MAPPING_FAILED:
        return "an event that the recipient's version does not know; it needs a newer one";
    default: return "";
    }
}

// ---------------------------------------------------------------- becoming a dead letter

// In a transaction.
static void
put_attempt (handling_t *self, const row_t *row, Kask__DeadReason reason, const char *text)
{
    Kask__DeadAttempt attempt = KASK__DEAD_ATTEMPT__INIT;
    attempt.at_ms = moment_now_ms ();
    attempt.reason = reason;
    attempt.text = (char *) text;
    attempt_put (self->store, row->sender, row->sequence, row->replay, &attempt);
}

// In a transaction.
static void
put_dead (handling_t *self, const row_t *row, const uint8_t *message_id, Kask__DeadReason reason,
          const char *text)
{
    store_run (self->store,
               "UPDATE kask_inbox SET state = 1, bytes = 0, facts = x'', header = x'', body = x''"
               " WHERE no = ?",
               "i", row->no);
    // REVOKE erased and reported it while the program had it
    if (sqlite3_changes (store_database (self->store)) == 0)
        return;
    put_attempt (self, row, reason, text);
    report_put (self->store, &(report_item_t){.sender = row->sender,
                                              .sequence = row->sequence,
                                              .replay = row->replay,
                                              .message_id = message_id,
                                              .reason = reason,
                                              .text = text,
                                              .attempts = row->attempts});
}

static void
tell_dead (handling_t *self, const row_t *row, const char *text)
{
    say (self, KASK_LOG_ERROR,
         "inbox: message %s/%lld is a dead letter: %s; the partner's system has not got it, later "
         "messages of its referral wait; its sender and the operators are told",
         row->sender, (long long) row->sequence, text);
}

static void
die_unopened (handling_t *self, const row_t *row, const given_t *given, Kask__DeadReason reason)
{
    static const uint8_t unknown[16];
    kask_error_t error;
    if (!store_enter (self->store, &error)) {
        say (self, KASK_LOG_ERROR, "inbox: %s", error.text);
        return;
    }
    put_dead (self, row, given->header ? given->header->message_id.data : unknown, reason,
              dead_text (reason));
    if (!store_leave (self->store, true, &error)) {
        say (self, KASK_LOG_ERROR, "inbox: %s", error.text);
        return;
    }
    tell_dead (self, row, dead_text (reason));
    if (row->has_referral)
        holds_put (self->holds, row->referral, row->no, HOLD_DEAD, 0);
}

// ---------------------------------------------------------------- giving

// Before row `no` is given: the store says that it may have been.
static bool
mark (handling_t *self, int64_t no)
{
    if (no <= self->marked_no)
        return true;
    kask_error_t error;
    if (store_enter (self->store, &error)) {
        fact_put_number (self->store, "handed_no", no + MARK_AHEAD);
        if (store_leave (self->store, true, &error)) {
            self->marked_no = no + MARK_AHEAD;
            return true;
        }
    }
    say (self, KASK_LOG_ERROR, "inbox: %s; no message is handed over", error.text);
    return false;
}

// A sender that is not pinned: its message waits, and somebody should look.
static bool
sender_is_known (handling_t *self, const row_t *row, const peer_t *peer)
{
    if (peer->pinned && !peer->conflict && !peer->revoked)
        return true;
    say (self, KASK_LOG_WARNING,
         "inbox: message %s/%lld waits: %s; the partner's system has not got it; %s", row->sender,
         (long long) row->sequence,
         peer->revoked    ? "the broker's operator has revoked the keys of its sender"
         : peer->conflict ? "the broker shows another identity of its sender than the pinned one"
                          : "its sender is not pinned",
         peer->pinned ? "telephone the partner"
                      : "compare fingerprints by telephone, then pin the partner");
    if (row->has_referral)
        holds_put (self->holds, row->referral, row->no, HOLD_UNKNOWN, 0);
    return false;
}

static given_t *
give (handling_t *self, const row_t *row)
{
    sqlite3_stmt *bytes = store_query (
        self->store, "SELECT facts, header, body FROM kask_inbox WHERE no = ?", "i", row->no);
    if (!bytes)
        return NULL;
    given_t *given = given_new ();
    peer_t peer = {0};
    Kask__DeadReason reason = KASK__DEAD_REASON__CANNOT_OPEN;
    bool known = true;
    if (given_unpack (given, bytes)) {
        keyring_find (self->store, row->sender, &peer);
        known = given->facts->deliver->by_broker || sender_is_known (self, row, &peer);
        if (known)
            reason = given_open (given, self->identity, bytes, &peer);
    }
    store_release (bytes);
    if (known && reason == KASK__DEAD_REASON__DEAD_REASON_NONE)
        return given;
    if (known)
        die_unopened (self, row, given, reason);
    given_destroy (&given);
    return NULL;
}

static kask_message_t *
hand_over (handling_t *self, given_t *given, const row_t *row)
{
    given_fill (given, row->no, row->attempts, row->tried || row->no <= self->suspects_no);
    given->next = self->given;
    self->given = given;
    if (row->has_referral)
        holds_put (self->holds, row->referral, row->no, HOLD_HANDED, 0);
    return &given->message;
}

static bool
is_given (const handling_t *self, int64_t no)
{
    for (const given_t *given = self->given; given; given = given->next)
        if (given->no == no)
            return true;
    return false;
}

static bool
next_row (handling_t *self, row_t *row, int64_t now_ms)
{
    sqlite3_stmt *found =
        store_query (self->store,
                     "SELECT no, sender, sequence, replay, referral, event, state, attempts, tried,"
                     " again_at_ms FROM kask_inbox WHERE no > ? ORDER BY no",
                     "i", self->cursor);
    for (; found; found = store_next (self->store, found)) {
        row_read (row, found);
        self->cursor = self->back_to = row->no;
        if (!is_given (self, row->no) && row_is_free (self, row, now_ms))
            break;
    }
    store_release (found);
    return found != NULL;
}

// Goes back to the rows behind whatever ended since.
static void
look_back (handling_t *self, int64_t now_ms)
{
    int64_t keyring = keyring_version (self->store);
    if (keyring != self->keyring)
        handling_forget (self);
    self->keyring = keyring;
    int64_t no = holds_take_expired (self->holds, now_ms);
    if (no && self->back_to >= no)
        self->back_to = no - 1;
    self->cursor = self->back_to;
}

void
handling_may_give (store_t *store, bool may)
{
    fact_put_number (store, "unwelcome", !may);
}

kask_message_t *
handling_next (handling_t *self, int64_t now_ms)
{
    row_t row;
    if (now_ms < self->pause_until)
        return NULL;
    self->may_give = self->may_give || !fact_number (self->store, "unwelcome");
    if (!self->may_give)
        return NULL;
    self->pause_until = 0;
    look_back (self, now_ms);
    while (next_row (self, &row, now_ms)) {
        if (!mark (self, row.no)) {
            self->back_to = row.no - 1;
            self->pause_until = now_ms + STORE_PAUSE_MS;
            return NULL;
        }
        given_t *given = give (self, &row);
        if (given)
            return hand_over (self, given, &row);
    }
    return NULL;
}

int64_t
handling_due_at (const handling_t *self)
{
    if (self->pause_until)
        return self->pause_until;
    return self->back_to < self->cursor ? 0 : holds_due_at (self->holds);
}

// ---------------------------------------------------------------- giving back

static given_t *
given_of (handling_t *self, kask_message_t *message)
{
    given_t *given = self->given;
    while (given && &given->message != message)
        given = given->next;
    assert (given); // it is not this handle's, or was given back already
    return given;
}

static void
take_back (handling_t *self, kask_message_t **message_p)
{
    given_t *given = given_of (self, *message_p);
    given_t **link = &self->given;
    while (*link != given)
        link = &(*link)->next;
    *link = given->next;
    *message_p = NULL;
    given_destroy (&given);
}

// The referral is free again: what was passed behind this row is looked at again.
static void
let_go (handling_t *self, const given_t *given)
{
    hold_t *hold = holds_find (self->holds, given_referral (given));
    if (hold && hold->no == given->no)
        holds_remove (self->holds, given_referral (given));
    // a replay's referral was held by an older row
    int64_t from = given->message.replay ? 0 : given->no;
    if (self->back_to > from)
        self->back_to = from;
}

static void
put_done (handling_t *self, const given_t *given)
{
    const kask_message_t *message = &given->message;
    store_run (self->store, "DELETE FROM kask_inbox WHERE no = ?", "i", given->no);
    // REVOKE erased and reported it while the program had it
    if (sqlite3_changes (store_database (self->store)) == 0)
        return;
    report_put (self->store, &(report_item_t){.sender = message->sender,
                                              .sequence = (int64_t) message->sequence,
                                              .replay = message->replay,
                                              .message_id = message->header->message_id.data,
                                              .perhaps_repeated = message->perhaps_repeated});
    if (message->replay)
        store_run (self->store,
                   "DELETE FROM kask_inbox WHERE sender = ? AND sequence = ? AND state = 1", "ti",
                   message->sender, (int64_t) message->sequence);
    if (message->standing)
        version_told (self->store, message->standing);
}

bool
handling_done (handling_t *self, kask_message_t **message_p, kask_error_t *error)
{
    given_t *given = given_of (self, *message_p);
    if (!store_enter (self->store, error))
        return false;
    put_done (self, given);
    if (!store_leave (self->store, true, error))
        return false;
    let_go (self, given);
    take_back (self, message_p);
    return true;
}

bool
handling_later (handling_t *self, kask_message_t **message_p, int64_t again_at_ms,
                kask_error_t *error)
{
    given_t *given = given_of (self, *message_p);
    if (!store_enter (self->store, error))
        return false;
    store_run (self->store, "UPDATE kask_inbox SET again_at_ms = ?, tried = 1 WHERE no = ?", "ii",
               again_at_ms, given->no);
    if (!store_leave (self->store, true, error))
        return false;
    holds_put (self->holds, given_referral (given), given->no, HOLD_LATER, again_at_ms);
    take_back (self, message_p);
    return true;
}

// The row of what the program has, with this attempt.
static row_t
tried_row (const given_t *given)
{
    row_t row = {.no = given->no,
                 .sequence = (int64_t) given->message.sequence,
                 .replay = given->message.replay,
                 .attempts = given->attempts + 1};
    snprintf (row.sender, sizeof row.sender, "%s", given->message.sender);
    return row;
}

static bool
make_dead (handling_t *self, kask_message_t **message_p, Kask__DeadReason reason, const char *text,
           kask_error_t *error)
{
    given_t *given = given_of (self, *message_p);
    row_t row = tried_row (given);
    if (!store_enter (self->store, error))
        return false;
    put_dead (self, &row, given->header->message_id.data, reason, text);
    if (!store_leave (self->store, true, error))
        return false;
    tell_dead (self, &row, text);
    holds_put (self->holds, given_referral (given), given->no, HOLD_DEAD, 0);
    take_back (self, message_p);
    return true;
}

bool
handling_refused (handling_t *self, kask_message_t **message_p, const char *text,
                  kask_error_t *error)
{
    return make_dead (self, message_p, KASK__DEAD_REASON__REFUSED_BY_SYSTEM, text, error);
}

// Before a new try, in ms: longer each time.
static int64_t
pause_ms (int64_t attempts)
{
    return (int64_t) 200 << (attempts < 8 ? attempts : 8);
}

bool
handling_crashed (handling_t *self, kask_message_t **message_p, Kask__DeadReason reason,
                  const char *text, int64_t now_ms, kask_error_t *error)
{
    given_t *given = given_of (self, *message_p);
    int64_t again_at_ms = now_ms + pause_ms (given->attempts);
    if (given->attempts + 1 >= (int64_t) self->attempts)
        return make_dead (self, message_p, reason, text, error);
    if (!store_enter (self->store, error))
        return false;
    store_run (self->store,
               "UPDATE kask_inbox SET attempts = attempts + 1, tried = 1, again_at_ms = ?"
               " WHERE no = ?",
               "ii", again_at_ms, given->no);
    row_t row = tried_row (given);
    put_attempt (self, &row, reason, text);
    if (!store_leave (self->store, true, error))
        return false;
    say (self, KASK_LOG_WARNING,
         "inbox: message %s failed, attempt %lld of %u: %s; it is tried again", given->message.id,
         (long long) given->attempts + 1, self->attempts, text);
    holds_put (self->holds, given_referral (given), given->no, HOLD_LATER, again_at_ms);
    take_back (self, message_p);
    return true;
}
