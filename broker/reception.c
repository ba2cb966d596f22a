/*
 * reception - what comes in, looked at once: who speaks, and is it a command.
 */
#include "reception.h"
#include "admission.h"
#include "codec.h"
#include "keys.h"
#include "letter.h"
#include "log.h"
#include "operator.h"
#include "statement.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    ITEM_OVERHEAD_BYTES = 1024, // what an item takes beside its frames
    DONE_OVERHEAD_BYTES = 512   // what each message takes that it reports, unpacked and its rows
};

struct reception_s {
    reception_rooms_t rooms;
    greeting_t greeting;
    bool is_idle; // what was taken last has led to nothing
};

// A command with whom it is from; the command is taken by setting it NULL.
typedef struct {
    parcel_t *parcel;
    session_t *session;
    const partner_t *partner;
    uint8_t curve_key[PARTNER_KEY_BYTES]; // of the connection
    Kask__Command *command;
} visit_t;

reception_t *
reception_new (const reception_rooms_t *rooms)
{
    reception_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->rooms = *rooms;
    self->greeting = (greeting_t){rooms->store, rooms->sessions, rooms->clock};
    return self;
}

void
reception_destroy (reception_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

// ---------------------------------------------------------------- hello

static void
say_fault (reception_t *self, const visit_t *visit, fault_t fault)
{
    log_debug ("reception: fault=%s user=%s", fault_name (fault),
               visit->parcel->user ? visit->parcel->user : "");
    self->is_idle = true;
    session_fault (self->rooms.sessions, &visit->parcel->route, fault,
                   fault_retry (fault) == RETRY_LATER ? RETRY_AFTER_MS : 0);
}

// Of who is over its share quota tells, not so often.
static void
refuse_hello (reception_t *self, const partner_t *partner, const route_t *route, fault_t fault,
              uint32_t wait_ms)
{
    self->is_idle = true;
    if (!wait_ms) {
        log_info ("session: refused partner=%s fault=%s", partner->id, fault_name (fault));
        wait_ms = fault_retry (fault) == RETRY_LATER ? RETRY_AFTER_MS : 0;
    }
    session_fault (self->rooms.sessions, route, fault, wait_ms);
}

// The partner's live session, if it is of the program that says hello now.
static session_t *
session_of_process (const reception_t *self, const partner_t *partner, const Kask__Hello *hello)
{
    session_t *live = sessions_by_partner (self->rooms.sessions, partner->no);
    return live && hello->process.len == sizeof live->process &&
                   memcmp (live->process, hello->process.data, sizeof live->process) == 0
               ? live
               : NULL;
}

// While the wire was not read a program may have said hello on several sockets, one after the
// other; they are read in any order.
static void
welcome (reception_t *self, const partner_t *partner, const caller_t *caller,
         const Kask__Hello *hello)
{
    session_t *before = session_of_process (self, partner, hello);
    if (before && hello->attempt <= before->attempt) {
        refuse_hello (self, partner, &caller->route, FAULT_NO_SESSION, 0);
        return;
    }
    if (before)
        session_end (self->rooms.sessions, before, FAULT_OK);
    session_t *session = session_begin (self->rooms.sessions, &caller->route, partner->no,
                                        partner->id, clock_monotonic_ms (self->rooms.clock));
    memcpy (session->curve_key, caller->curve_key, sizeof session->curve_key);
    memcpy (session->outbox, hello->outbox.data, sizeof session->outbox);
    memcpy (session->inbox, hello->inbox.data, sizeof session->inbox);
    if (hello->process.len == sizeof session->process)
        memcpy (session->process, hello->process.data, sizeof session->process);
    session->attempt = hello->attempt;
    log_info ("session: began partner=%s session=%" PRIu64 " software=\"%s\"", session->user,
              session->id, hello->software);
    greeting_welcome (&self->greeting, session, hello);
    delivery_begin (self->rooms.delivery, session, hello);
}

// Newer keys are stored before Welcome is said: a client that hears it can rely on them.
static void
store_keys (reception_t *self, visit_t *visit, const caller_t *caller, Kask__KeyStatement *keys)
{
    item_t *item = item_new (ITEM_STATEMENT);
    item->partner = visit->partner->no;
    item->bytes = sizeof *item + sizeof *caller + zmq_msg_size (&visit->parcel->frames[0]);
    item->keys = keys;
    item->caller = malloc (sizeof *caller);
    if (!item->caller)
        abort ();
    *item->caller = *caller;
    item->command = visit->command;
    visit->command = NULL;
    store_put (self->rooms.store, &item);
}

// Once everybody was heard and nothing is missing.
static void
end_suspicion (reception_t *self)
{
    if (!recovery_is_over (self->rooms.recovery, store_registry (self->rooms.store)))
        return;
    log_info ("recovery: all partners were heard; the database lacks nothing");
    item_t *item = item_new (ITEM_ACT);
    item->act = act_new_recover (0, self->rooms.recovery, 0);
    item->bytes = sizeof *item;
    store_put (self->rooms.store, &item);
}

// How long the partner must wait before it may begin another session; 0: it may now.
static uint32_t
session_wait_ms (reception_t *self, const partner_t *partner)
{
    return quota_hello (self->rooms.quota, partner->no, partner->id,
                        clock_monotonic_ms (self->rooms.clock));
}

static void
on_hello (reception_t *self, visit_t *visit)
{
    const Kask__Hello *hello = visit->command->hello;
    caller_t caller = {.route = visit->parcel->route};
    memcpy (caller.curve_key, visit->curve_key, sizeof caller.curve_key);
    Kask__KeyStatement *keys = NULL;
    fault_t fault = greeting_may (&self->greeting, visit->partner->no, hello);
    uint32_t wait_ms = fault == FAULT_OK ? session_wait_ms (self, visit->partner) : 0;
    if (wait_ms)
        fault = FAULT_LIMIT;
    if (fault == FAULT_OK)
        fault = recovery_hear (self->rooms.recovery, visit->partner, hello,
                               store_registry (self->rooms.store), store_lanes (self->rooms.store));
    if (fault == FAULT_OK)
        fault = keys_may (store_registry (self->rooms.store), visit->partner, visit->curve_key,
                          hello->statement, &keys);
    if (fault != FAULT_OK)
        refuse_hello (self, visit->partner, &caller.route, fault, wait_ms);
    else if (keys)
        store_keys (self, visit, &caller, keys);
    else
        welcome (self, visit->partner, &caller, hello);
    end_suspicion (self);
}

void
reception_keys_stored (reception_t *self, const item_t *item)
{
    const partner_t *partner = registry_by_no (store_registry (self->rooms.store), item->partner);
    if (item->fault == FAULT_OK)
        welcome (self, partner, item->caller, item->command->hello);
    else
        refuse_hello (self, partner, &item->caller->route, item->fault, 0);
}

// ---------------------------------------------------------------- items

static size_t
frames_bytes (const parcel_t *parcel)
{
    size_t bytes = ITEM_OVERHEAD_BYTES;
    for (int i = 0; i < parcel->n_frames; i++)
        bytes += zmq_msg_size (&parcel->frames[i]);
    return bytes;
}

static item_t *
item_of (visit_t *visit, item_kind_t kind)
{
    item_t *item = item_new (kind);
    item->session = visit->session->id;
    item->partner = visit->partner->no;
    memcpy (item->outbox, visit->session->outbox, sizeof item->outbox);
    memcpy (item->inbox, visit->session->inbox, sizeof item->inbox);
    item->bytes = frames_bytes (visit->parcel);
    item->command = visit->command;
    visit->command = NULL;
    return item;
}

// Number of a recipient; -1 if there is none of that name.
static int
recipient_find (const reception_t *self, const char *id)
{
    if (strcmp (id, "catalogue") == 0)
        return PARTNER_CATALOGUE;
    const partner_t *partner = registry_find (store_registry (self->rooms.store), id);
    return partner ? partner->no : -1;
}

static void
on_send (reception_t *self, visit_t *visit)
{
    const Kask__Send *send = visit->command->send;
    uint32_t wait_ms = quota_send (self->rooms.quota, visit->partner->no, visit->partner->id,
                                   visit->session->unanswered, visit->session->unanswered_bytes,
                                   clock_monotonic_ms (self->rooms.clock));
    if (wait_ms) {
        self->is_idle = true;
        outcome_over_share (self->rooms.outcome, visit->session, send, wait_ms);
        return;
    }
    int recipient = recipient_find (self, send->recipient);
    if (recipient < 0 && store_condition (self->rooms.store) == STORE_READY) {
        outcome_unknown_recipient (self->rooms.outcome, visit->session, send);
        return;
    }
    if (recipient < 0 || !recovery_may_send (self->rooms.recovery, recipient)) {
        outcome_unavailable (self->rooms.outcome, visit->session, send);
        return;
    }
    item_t *item = item_of (visit, ITEM_SEND);
    item->recipient = recipient;
    zmq_msg_move (&item->header_bytes, &visit->parcel->frames[1]);
    zmq_msg_move (&item->body_bytes, &visit->parcel->frames[2]);
    letter_open (item, visit->partner);
    if (item->fault == FAULT_OK &&
        !quota_may_hold (self->rooms.quota, zmq_msg_size (&item->body_bytes)))
        item->fault = FAULT_TOO_LARGE;
    session_asked (visit->session, item->bytes);
    store_put (self->rooms.store, &item);
}

static void
on_stored (reception_t *self, visit_t *visit)
{
    int recipient = recipient_find (self, visit->command->stored->recipient);
    if (recipient < 0)
        return;
    item_t *item = item_of (visit, ITEM_STORED);
    item->recipient = recipient;
    store_put (self->rooms.store, &item);
}

static bool
done_is_signed (const partner_t *partner, const Kask__Done *done)
{
    const uint8_t *key;
    for (size_t i = 0; (key = partner_identity_at (partner, i)); i++)
        if (check_done (done->signature.data, key, partner->id, done->list.data, done->list.len))
            return true;
    return false;
}

static fault_t
done_may (const visit_t *visit, Kask__DoneList **list_p)
{
    const Kask__Done *done = visit->command->done;
    *list_p = NULL;
    if (!done_is_signed (visit->partner, done))
        return FAULT_BAD_SIGNATURE;
    fault_t fault = done_list_unpack (done->list.data, done->list.len, list_p);
    if (fault == FAULT_OK &&
        (strcmp ((*list_p)->partner, visit->partner->id) != 0 ||
         memcmp ((*list_p)->inbox.data, visit->session->inbox, sizeof visit->session->inbox) != 0))
        fault = FAULT_BAD_COMMAND;
    return fault;
}

static int *
senders_new (size_t n)
{
    int *senders = calloc (n + 1, sizeof *senders);
    if (!senders)
        abort ();
    return senders;
}

static int
sender_find (const reception_t *self, const char *id)
{
    int no = recipient_find (self, id);
    return no == PARTNER_CATALOGUE ? -1 : no;
}

static void
on_done (reception_t *self, visit_t *visit)
{
    Kask__DoneList *list;
    fault_t fault = done_may (visit, &list);
    if (fault != FAULT_OK) {
        log_warning ("reception: Done refused partner=%s session=%" PRIu64 " fault=%s; nothing "
                     "of it was stored",
                     visit->partner->id, visit->session->id, fault_name (fault));
        kask__done_list__free_unpacked (list, NULL);
        say_fault (self, visit, fault);
        return;
    }
    item_t *item = item_of (visit, ITEM_DONE);
    item->list = list;
    item->bytes += list->n_items * DONE_OVERHEAD_BYTES;
    sha256 (item->list_sha256, item->command->done->list.data, item->command->done->list.len);
    item->senders = senders_new (list->n_items);
    for (size_t i = 0; i < list->n_items; i++)
        item->senders[i] = sender_find (self, list->items[i]->sender);
    store_put (self->rooms.store, &item);
}

static void
on_dead (reception_t *self, visit_t *visit)
{
    item_t *item = item_of (visit, ITEM_DEAD);
    const Kask__Dead *dead = item->command->dead;
    item->senders = senders_new (dead->n_items);
    for (size_t i = 0; i < dead->n_items; i++)
        item->senders[i] = sender_find (self, dead->items[i]->sender);
    store_put (self->rooms.store, &item);
}

// ---------------------------------------------------------------- what is answered at once

static void
on_ping (reception_t *self, visit_t *visit)
{
    Kask__Pong pong = KASK__PONG__INIT;
    pong.echo = visit->command->ping->echo;
    pong.now_ms = clock_now_ms (self->rooms.clock);
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_PONG;
    reply.pong = &pong;
    self->is_idle = true;
    session_reply (self->rooms.sessions, visit->session, &reply, NULL, 0, false);
}

static void
on_window (reception_t *self, visit_t *visit)
{
    delivery_window (self->rooms.delivery, visit->session, visit->command->window);
}

static void
on_taken (reception_t *self, visit_t *visit)
{
    delivery_taken (self->rooms.delivery, visit->session, visit->command->taken);
}

static void
on_pull (reception_t *self, visit_t *visit)
{
    catalogue_pull (self->rooms.catalogue, visit->session, visit->command->pull);
}

static void
on_bye (reception_t *self, visit_t *visit)
{
    log_info ("session: ended partner=%s session=%" PRIu64 " cause=bye", visit->session->user,
              visit->session->id);
    session_end (self->rooms.sessions, visit->session, FAULT_OK);
}

typedef struct {
    void (*take) (reception_t *self, visit_t *visit);
    int frames;
    bool needs_session;
} command_kind_t;

static const command_kind_t command_kinds[] = {
    [KASK__COMMAND__COMMAND_HELLO] = {on_hello, 1, false},
    [KASK__COMMAND__COMMAND_SEND] = {on_send, 3, true},
    [KASK__COMMAND__COMMAND_WINDOW] = {on_window, 1, true},
    [KASK__COMMAND__COMMAND_TAKEN] = {on_taken, 1, true},
    [KASK__COMMAND__COMMAND_DONE] = {on_done, 1, true},
    [KASK__COMMAND__COMMAND_DEAD] = {on_dead, 1, true},
    [KASK__COMMAND__COMMAND_PULL] = {on_pull, 1, true},
    [KASK__COMMAND__COMMAND_STORED] = {on_stored, 1, true},
    [KASK__COMMAND__COMMAND_PING] = {on_ping, 1, true},
    [KASK__COMMAND__COMMAND_BYE] = {on_bye, 1, true},
};

static fault_t
command_of (parcel_t *parcel, Kask__Command **command_p)
{
    *command_p = NULL;
    if (parcel->too_many)
        return FAULT_BAD_FRAME;
    size_t size = zmq_msg_size (&parcel->frames[0]);
    if (size > LIMIT_COMMAND_BYTES)
        return FAULT_TOO_LARGE;
    return command_unpack (zmq_msg_data (&parcel->frames[0]), size, command_p);
}

static fault_t
visit_may (const visit_t *visit)
{
    const command_kind_t *kind = &command_kinds[visit->command->command_case];
    if (visit->parcel->n_frames != kind->frames)
        return FAULT_BAD_FRAME;
    return kind->needs_session && !visit->session ? FAULT_NO_SESSION : FAULT_OK;
}

// The session on this connection, if its key is the one that said hello.
static session_t *
session_of (const reception_t *self, const visit_t *visit)
{
    session_t *session = sessions_by_route (self->rooms.sessions, &visit->parcel->route);
    bool same =
        session && memcmp (session->curve_key, visit->curve_key, sizeof visit->curve_key) == 0;
    return same ? session : NULL;
}

bool
reception_take (reception_t *self, parcel_t *parcel)
{
    if (!parcel->user)
        return false; // no ZAP handler has let it in
    self->is_idle = false;
    visit_t visit = {.parcel = parcel};
    fault_t fault = admission_find (store_registry (self->rooms.store), parcel->user,
                                    visit.curve_key, &visit.partner);
    visit.session = fault == FAULT_OK ? session_of (self, &visit) : NULL;
    if (visit.session)
        visit.session->heard_at = clock_monotonic_ms (self->rooms.clock);
    if (fault == FAULT_OK)
        fault = command_of (parcel, &visit.command);
    if (fault == FAULT_OK)
        fault = visit_may (&visit);
    if (fault == FAULT_OK)
        command_kinds[visit.command->command_case].take (self, &visit);
    else
        say_fault (self, &visit, fault);
    kask__command__free_unpacked (visit.command, NULL);
    return !self->is_idle;
}
