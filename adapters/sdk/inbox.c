/*
 * inbox - messages that came in, as they came, until the partner's system has
 * them.
 *
 * A position a lane says up to where it is on disk; a sequence at or below it is a
 * redelivery.  REVOKEs and replays come out of turn and never move a position: a row in
 * the inbox or a report that is not confirmed says that they are known.
 */
#include "inbox.h"

#include "codec.h"
#include "report.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WINDOW_MESSAGES = 2000,
    WINDOW_BYTES = 8 * 1024 * 1024,
    TAKEN_DAYS = 30, // how long a message is known by its id
    ROW_BYTES = 300  // that a row costs beside its frames
};

typedef struct {
    Kask__Position position; // as in Hello; its sender points into this struct
    char sender[LIMIT_PARTNER_NAME + 1];
    bool changed; // has to be written
    bool taken;   // has to be told
} place_t;

struct inbox_s {
    store_t *store;
    const port_t *port;
    uint32_t limit_messages;
    int64_t limit_bytes;
    int64_t messages; // an upper estimate of what waits
    int64_t bytes;
    place_t **places;
    size_t n_places;
    Kask__MessageRef **apart; // to be told
    size_t n_apart;
    Kask__Window told; // the window that the broker knows
    bool stuck;
    bool news;
};

inbox_t *
inbox_new (store_t *store, const port_t *port, uint32_t messages, uint64_t bytes)
{
    inbox_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->store = store;
    self->port = port;
    self->limit_messages = messages;
    self->limit_bytes = (int64_t) bytes;
    kask__window__init (&self->told);
    return self;
}

static void
places_clear (inbox_t *self)
{
    for (size_t i = 0; i < self->n_places; i++)
        free (self->places[i]);
    self->n_places = 0;
}

// The first n are no longer to be told.
static void
apart_forget (inbox_t *self, size_t n)
{
    for (size_t i = 0; i < n; i++)
        kask__message_ref__free_unpacked (self->apart[i], NULL);
    self->n_apart -= n;
    for (size_t i = 0; i < self->n_apart; i++)
        self->apart[i] = self->apart[n + i];
}

void
inbox_destroy (inbox_t **self_p)
{
    inbox_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    places_clear (self);
    apart_forget (self, self->n_apart);
    free (self->places);
    free (self->apart);
    free (self);
}

static void *
grow (void *list, size_t n, size_t size)
{
    list = realloc (list, (n + 1) * size);
    if (!list)
        abort ();
    return list;
}

// ---------------------------------------------------------------- positions

static place_t *
place_require (inbox_t *self, const char *sender)
{
    for (size_t i = 0; i < self->n_places; i++)
        if (strcmp (self->places[i]->sender, sender) == 0)
            return self->places[i];
    place_t *place = calloc (1, sizeof *place);
    if (!place)
        abort ();
    snprintf (place->sender, sizeof place->sender, "%s", sender);
    kask__position__init (&place->position);
    place->position.sender = place->sender;
    self->places = grow (self->places, self->n_places, sizeof (place_t *));
    self->places[self->n_places++] = place;
    return place;
}

static void
places_load (inbox_t *self)
{
    places_clear (self);
    sqlite3_stmt *row = store_query (self->store, "SELECT sender, sequence FROM kask_position", "");
    for (; row; row = store_next (self->store, row)) {
        place_t *place = place_require (self, (const char *) sqlite3_column_text (row, 0));
        place->position.sequence = (uint64_t) sqlite3_column_int64 (row, 1);
    }
}

size_t
inbox_n_positions (const inbox_t *self)
{
    return self->n_places;
}

const Kask__Position *
inbox_position_at (inbox_t *self, size_t place)
{
    return &self->places[place]->position;
}

void
inbox_save (inbox_t *self)
{
    for (size_t i = 0; i < self->n_places; i++) {
        place_t *place = self->places[i];
        if (place->changed)
            store_run (self->store, "INSERT OR REPLACE INTO kask_position VALUES (?, ?)", "ti",
                       place->sender, (int64_t) place->position.sequence);
        place->changed = false;
    }
}

// ---------------------------------------------------------------- the window

// By the small index: this happens often while the inbox is more than half full.
static void
count_messages (inbox_t *self)
{
    self->messages = store_number (self->store, 0, "SELECT count (*) FROM kask_inbox", "");
}

static void
count_bytes (inbox_t *self)
{
    self->bytes = store_number (self->store, 0, "SELECT sum (bytes) FROM kask_inbox", "");
}

Kask__Window
inbox_window (inbox_t *self)
{
    Kask__Window window = KASK__WINDOW__INIT;
    // the estimate only rises: what was handled since is seen by counting
    if (self->messages > self->limit_messages / 2)
        count_messages (self);
    if (self->bytes > self->limit_bytes / 2)
        count_bytes (self);
    int64_t messages = (int64_t) self->limit_messages - self->messages;
    int64_t bytes = self->limit_bytes - self->bytes;
    if (messages <= 0 || bytes <= 0 || self->stuck)
        return window;
    window.messages = (uint32_t) (messages < WINDOW_MESSAGES ? messages : WINDOW_MESSAGES);
    window.bytes = (uint64_t) (bytes < WINDOW_BYTES ? bytes : WINDOW_BYTES);
    return window;
}

void
inbox_set_stuck (inbox_t *self, bool stuck)
{
    self->stuck = stuck;
}

bool
inbox_is_stuck (const inbox_t *self)
{
    return self->stuck;
}

bool
inbox_take_news (inbox_t *self)
{
    bool news = self->news;
    self->news = false;
    return news;
}

// ---------------------------------------------------------------- what was taken

static void
taken_forget (inbox_t *self, int64_t now_ms)
{
    store_run (self->store, "DELETE FROM kask_taken WHERE at_ms < ?", "i",
               now_ms - (int64_t) TAKEN_DAYS * 24 * 3600 * 1000);
}

static int64_t
sequence_before (inbox_t *self, const Kask__Deliver *deliver, const Kask__Header *header)
{
    return store_number (self->store, 0,
                         "SELECT sequence FROM kask_taken WHERE sender = ? AND message_id = ?",
                         "tb", deliver->sender, header->message_id.data, header->message_id.len);
}

static void
report_dead_again (inbox_t *self, const Kask__Deliver *deliver, const Kask__Header *header)
{
    report_put (self->store,
                &(report_item_t){.sender = deliver->sender,
                                 .sequence = (int64_t) deliver->sequence,
                                 .message_id = header->message_id.data,
                                 .reason = KASK__DEAD_REASON__CONNECTOR_FAILED,
                                 .text = "a dead letter since before the broker's database was "
                                         "restored; its reason is in the recipient's log"});
}

// A broker whose database was restored has forgotten a message that it delivered, and its
// sender one that had no answer yet: it comes anew, with another sequence.  What waits here
// or is a dead letter goes by that one then.  True if it came before, and needs no row.
static bool
taken_before (inbox_t *self, const Kask__Deliver *deliver, const Kask__Header *header)
{
    int64_t now = (int64_t) deliver->sequence, before = sequence_before (self, deliver, header);
    store_run (self->store, "INSERT OR REPLACE INTO kask_taken VALUES (?, ?, ?, ?)", "tbii",
               deliver->sender, header->message_id.data, header->message_id.len, now,
               (int64_t) deliver->accepted_at_ms);
    if (!before)
        return false;
    store_run (self->store,
               "UPDATE kask_inbox SET sequence = ? WHERE sender = ? AND sequence = ?"
               " AND replay = 0",
               "iti", now, deliver->sender, before);
    if (store_number (self->store, 0,
                      "SELECT state FROM kask_inbox WHERE sender = ? AND sequence = ?"
                      " AND replay = 0",
                      "ti", deliver->sender, now) == 1)
        report_dead_again (self, deliver, header);
    return true;
}

// ---------------------------------------------------------------- a session begins

// A copy that is older than the dead letter holds it as open, or not at all.  Whose replay is
// DONE here, while the broker has not heard of it, holds nothing back any more.
static void
hold_back (inbox_t *self, const Kask__HeldReferral *held)
{
    store_run (self->store,
               "UPDATE kask_inbox SET state = 1, bytes = 0, facts = x'', header = x'', body = x''"
               " WHERE sender = ? AND sequence = ? AND replay = 0 AND state = 0",
               "ti", held->sender, (int64_t) held->sequence);
    store_run (self->store,
               "INSERT INTO kask_inbox (sender, sequence, replay, referral, event, state, bytes,"
               " facts, header, body) SELECT ?1, ?2, 0, ?3, 0, 1, 0, x'', x'', x''"
               " WHERE NOT EXISTS (SELECT 1 FROM kask_inbox WHERE sender = ?1 AND sequence = ?2"
               " AND state = 1) AND NOT EXISTS (SELECT 1 FROM kask_report_item WHERE sender = ?1"
               " AND sequence = ?2 AND reason = 0)",
               "tib", held->sender, (int64_t) held->sequence, held->referral_id.data,
               held->referral_id.len);
}

void
inbox_forget (inbox_t *self)
{
    store_run (self->store,
               "DELETE FROM kask_taken WHERE (sender, sequence) IN"
               " (SELECT sender, sequence FROM kask_inbox WHERE state = 0)",
               "");
    store_run (self->store, "DELETE FROM kask_inbox WHERE state = 0", "");
    store_run (self->store, "DELETE FROM kask_position", "");
    places_load (self);
}

void
inbox_begin (inbox_t *self, const Kask__Welcome *welcome)
{
    for (size_t i = 0; welcome && i < welcome->n_held; i++)
        hold_back (self, welcome->held[i]);
    for (size_t i = 0; welcome && i < welcome->n_settled; i++)
        store_run (self->store,
                   "DELETE FROM kask_inbox WHERE sender = ? AND sequence <= ? AND replay = 0"
                   " AND state = 0",
                   "ti", welcome->settled[i]->sender, (int64_t) welcome->settled[i]->sequence);
    if (welcome)
        taken_forget (self, (int64_t) welcome->now_ms);
    places_load (self);
    apart_forget (self, self->n_apart);
    count_messages (self);
    count_bytes (self);
    if (!welcome)
        self->told = inbox_window (self);
}

// ---------------------------------------------------------------- a delivery

static void
tell_apart (inbox_t *self, const Kask__Deliver *deliver)
{
    Kask__MessageRef *ref = malloc (sizeof *ref);
    char *sender = strdup (deliver->sender);
    if (!ref || !sender)
        abort ();
    kask__message_ref__init (ref);
    ref->sender = sender;
    ref->sequence = deliver->sequence;
    ref->replay = deliver->replay;
    self->apart = grow (self->apart, self->n_apart, sizeof (Kask__MessageRef *));
    self->apart[self->n_apart++] = ref;
}

static bool
row_exists (inbox_t *self, const Kask__Deliver *deliver)
{
    return store_number (
               self->store, 0,
               "SELECT 1 FROM kask_inbox WHERE sender = ? AND sequence = ? AND replay = ?", "tii",
               deliver->sender, (int64_t) deliver->sequence, (int64_t) deliver->replay) != 0;
}

// A message that was handled before comes again, or one that needs no handling: it is done.
static void
report_done (inbox_t *self, const Kask__Deliver *deliver, const Kask__Header *header)
{
    if (!header || row_exists (self, deliver) ||
        report_has (self->store, deliver->sender, (int64_t) deliver->sequence,
                    (int64_t) deliver->replay))
        return;
    report_put (self->store, &(report_item_t){.sender = deliver->sender,
                                              .sequence = (int64_t) deliver->sequence,
                                              .replay = (int64_t) deliver->replay,
                                              .message_id = header->message_id.data});
}

static void
report_erased (store_t *store, sqlite3_stmt *row)
{
    Kask__Header *header;
    if (header_unpack (sqlite3_column_blob (row, 4), (size_t) sqlite3_column_bytes (row, 4),
                       &header) != FAULT_OK)
        return;
    report_put (store, &(report_item_t){.sender = (const char *) sqlite3_column_text (row, 1),
                                        .sequence = sqlite3_column_int64 (row, 2),
                                        .replay = sqlite3_column_int64 (row, 3),
                                        .message_id = header->message_id.data});
    kask__header__free_unpacked (header, NULL);
}

void
inbox_erase (store_t *store, const uint8_t *referral)
{
    sqlite3_stmt *row =
        store_query (store,
                     "SELECT no, sender, sequence, replay, header FROM kask_inbox"
                     " WHERE referral = ? AND event <> ? AND state = 0",
                     "bi", referral, (size_t) 16, (int64_t) KASK__EVENT__EVENT_REVOKE);
    for (; row; row = store_next (store, row))
        report_erased (store, row);
    store_run (store, "DELETE FROM kask_inbox WHERE referral = ? AND event <> ?", "bi", referral,
               (size_t) 16, (int64_t) KASK__EVENT__EVENT_REVOKE);
}

static void
insert_row (inbox_t *self, const delivery_t *delivery, const Kask__ReferralEvent *event)
{
    const Kask__Deliver *deliver = delivery->deliver;
    int64_t bytes = (int64_t) (delivery->header.size + delivery->body.size) + ROW_BYTES;
    store_run (
        self->store,
        "INSERT OR IGNORE INTO kask_inbox (sender, sequence, replay, referral, event, bytes, facts,"
        " header, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "tiibiibbb", deliver->sender, (int64_t) deliver->sequence, (int64_t) deliver->replay,
        event ? event->referral_id.data : NULL, event ? event->referral_id.len : 0,
        (int64_t) (event ? event->event : KASK__EVENT__EVENT_NONE), bytes, delivery->facts.data,
        delivery->facts.size, delivery->header.data, delivery->header.size, delivery->body.data,
        delivery->body.size);
    // it is here already: a replay came again, or positions were taken back
    if (sqlite3_changes (store_database (self->store)) == 0)
        return;
    self->messages++;
    self->bytes += bytes;
    self->news = true;
}

static void
put_apart (inbox_t *self, const delivery_t *delivery, const Kask__Header *header)
{
    const Kask__Deliver *deliver = delivery->deliver;
    tell_apart (self, deliver);
    if (report_has (self->store, deliver->sender, (int64_t) deliver->sequence,
                    (int64_t) deliver->replay))
        return;
    if (header->referral->event == KASK__EVENT__EVENT_REVOKE)
        inbox_erase (self->store, header->referral->referral_id.data);
    insert_row (self, delivery, header->referral);
}

static void
put_in_turn (inbox_t *self, const delivery_t *delivery, const Kask__Header *header)
{
    const Kask__Deliver *deliver = delivery->deliver;
    place_t *place = place_require (self, deliver->sender);
    place->taken = true;
    if (deliver->sequence <= place->position.sequence) {
        report_done (self, deliver, header);
        return;
    }
    place->position.sequence = deliver->sequence;
    place->changed = true;
    bool is_known = header && taken_before (self, deliver, header);
    // REVOKE took its body, and with it the signature: nobody can say any more whose it was
    if (header && (is_known || deliver->erased))
        report_done (self, deliver, header);
    else
        insert_row (self, delivery, header ? header->referral : NULL);
}

void
inbox_put (inbox_t *self, const delivery_t *delivery)
{
    Kask__Header *header = NULL;
    fault_t fault = header_unpack (delivery->header.data, delivery->header.size, &header);
    // what is no referral's event is kept all the same; handling it makes it a dead letter
    if (fault == FAULT_OK && header->subject_case != KASK__HEADER__SUBJECT_REFERRAL) {
        kask__header__free_unpacked (header, NULL);
        header = NULL;
    }
    bool apart = header && (delivery->deliver->replay > 0 ||
                            header->referral->event == KASK__EVENT__EVENT_REVOKE);
    if (apart)
        put_apart (self, delivery, header);
    else
        put_in_turn (self, delivery, header);
    if (header)
        kask__header__free_unpacked (header, NULL);
}

// ---------------------------------------------------------------- TAKEN

// Small changes are not told one by one; beginning and ending to take always is.
static bool
differs (uint64_t now, uint64_t told)
{
    uint64_t difference = now > told ? now - told : told - now;
    return (now == 0) != (told == 0) || difference > told / 8;
}

static size_t
collect_taken (inbox_t *self, Kask__Position **up_to)
{
    size_t n = 0;
    for (size_t i = 0; i < self->n_places && n < LIMIT_LIST_ITEMS; i++)
        if (self->places[i]->taken)
            up_to[n++] = &self->places[i]->position;
    return n;
}

static void
forget_told (inbox_t *self, const Kask__Taken *taken)
{
    for (size_t i = 0, n = 0; n < taken->n_up_to; i++)
        if (self->places[i]->taken) {
            self->places[i]->taken = false;
            n++;
        }
    apart_forget (self, taken->n_apart);
    if (taken->window)
        self->told = *taken->window;
}

static bool
send_taken (inbox_t *self, Kask__Taken *taken)
{
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_TAKEN;
    command.taken = taken;
    size_t size;
    uint8_t *bytes = message_pack (&command.base, &size);
    const frame_t frame = {bytes, size};
    bool sent = self->port->send (self->port->arg, &frame, 1);
    free (bytes);
    if (sent)
        forget_told (self, taken);
    return sent;
}

bool
inbox_flush (inbox_t *self)
{
    bool sent = true;
    while (sent) {
        Kask__Position *up_to[LIMIT_LIST_ITEMS];
        Kask__Taken taken = KASK__TAKEN__INIT;
        Kask__Window window = inbox_window (self);
        taken.n_up_to = collect_taken (self, up_to);
        taken.up_to = up_to;
        taken.n_apart = self->n_apart < LIMIT_LIST_ITEMS ? self->n_apart : LIMIT_LIST_ITEMS;
        taken.apart = self->apart;
        if (differs (window.messages, self->told.messages) ||
            differs (window.bytes, self->told.bytes))
            taken.window = &window;
        if (!taken.n_up_to && !taken.n_apart && !taken.window)
            return true;
        sent = send_taken (self, &taken);
    }
    return false;
}
