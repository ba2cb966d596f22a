/*
 * session - the connections that said hello, and what is said to them.
 *
 * A session's id is its slot and how often the slot was used, so that finding one
 * by id is an array access.  Sessions are as few as partners: by partner they are
 * found in an array, by route in a hash table.
 */
#include "session.h"
#include "log.h"

#include <assert.h>
#include <czmq.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOT_BITS = 11,
    SLOTS = 1 << SLOT_BITS,
    SILENT_HEARTBEATS = 3,
    FRAMES_AT_ONCE = 1 + 2 * LIMIT_PULL_RECORDS
};

static_assert ((int) SLOTS > (int) LIMIT_PARTNERS, "a slot for each partner's session");

struct sessions_s {
    wire_t *wire;
    int64_t heartbeat_ms;
    int64_t now;
    session_end_fn *end;
    void *arg;
    session_t *slots[SLOTS];
    uint64_t uses; // of slots, together
    session_t *by_partner[LIMIT_PARTNERS + 1];
    zhashx_t *by_route;
    session_t *first;
    uint8_t *scratch; // where replies are packed
    size_t scratch_size;
};

// ---------------------------------------------------------------- by route

static size_t
route_hash (const void *key)
{
    const route_t *route = key;
    size_t hash = 14695981039346656037u;
    for (size_t i = 0; i < route->size; i++)
        hash = (hash ^ route->bytes[i]) * 1099511628211u;
    return hash;
}

static int
route_compare (const void *a, const void *b)
{
    const route_t *left = a, *right = b;
    if (left->size != right->size)
        return left->size < right->size ? -1 : 1;
    return memcmp (left->bytes, right->bytes, left->size);
}

// ---------------------------------------------------------------- all of them

sessions_t *
sessions_new (wire_t *wire, int64_t heartbeat_ms, session_end_fn *end, void *arg)
{
    sessions_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->wire = wire;
    self->heartbeat_ms = heartbeat_ms;
    self->end = end;
    self->arg = arg;
    self->by_route = zhashx_new ();
    zhashx_set_key_hasher (self->by_route, route_hash);
    zhashx_set_key_comparator (self->by_route, route_compare);
    zhashx_set_key_duplicator (self->by_route, NULL); // the session holds its key
    zhashx_set_key_destructor (self->by_route, NULL);
    return self;
}

static void
free_ended (sessions_t *self)
{
    session_t **place = &self->first;
    while (*place) {
        session_t *session = *place;
        if (!session->is_over) {
            place = &session->next;
            continue;
        }
        *place = session->next;
        self->end (self->arg, session);
        free (session->answers);
        free (session);
    }
}

void
sessions_destroy (sessions_t **self_p)
{
    sessions_t *self = *self_p;
    if (!self)
        return;
    sessions_end_all (self, FAULT_OK);
    free_ended (self);
    zhashx_destroy (&self->by_route);
    free (self->scratch);
    free (self);
    *self_p = NULL;
}

int64_t
sessions_heartbeat_ms (const sessions_t *self)
{
    return self->heartbeat_ms;
}

session_t *
sessions_by_id (const sessions_t *self, uint64_t id)
{
    session_t *session = self->slots[id & (SLOTS - 1)];
    return session && session->id == id ? session : NULL;
}

session_t *
sessions_by_route (const sessions_t *self, const route_t *route)
{
    return zhashx_lookup (self->by_route, route);
}

session_t *
sessions_by_partner (const sessions_t *self, int partner)
{
    return partner >= 0 && partner <= LIMIT_PARTNERS ? self->by_partner[partner] : NULL;
}

session_t *
sessions_first (const sessions_t *self)
{
    return self->first;
}

// ---------------------------------------------------------------- what has no answer

void
session_asked (session_t *session, size_t bytes)
{
    session->unanswered++;
    session->unanswered_bytes += bytes;
}

void
session_answered (session_t *session, size_t bytes)
{
    assert (session->unanswered > 0 && session->unanswered_bytes >= bytes);
    session->unanswered--;
    session->unanswered_bytes -= bytes;
}

// ---------------------------------------------------------------- saying

static uint8_t *
scratch_require (sessions_t *self, size_t size)
{
    if (size > self->scratch_size) {
        self->scratch = realloc (self->scratch, size);
        if (!self->scratch)
            abort ();
        self->scratch_size = size;
    }
    return self->scratch;
}

static frame_t
reply_frame (sessions_t *self, const Kask__Reply *reply)
{
    size_t size = kask__reply__get_packed_size (reply);
    uint8_t *bytes = scratch_require (self, size);
    kask__reply__pack (reply, bytes);
    return (frame_t){bytes, size};
}

wire_outcome_t
session_reply (sessions_t *self, session_t *session, const Kask__Reply *reply,
               const frame_t *frames, size_t n, bool may_wait)
{
    assert (n < FRAMES_AT_ONCE);
    if (session->is_over)
        return WIRE_GONE;
    frame_t all[FRAMES_AT_ONCE];
    all[0] = reply_frame (self, reply);
    if (n)
        memcpy (all + 1, frames, n * sizeof *frames);
    wire_outcome_t outcome = wire_send (self->wire, &session->route, all, n + 1);
    if (outcome == WIRE_SENT)
        session->said_at = self->now;
    else if (outcome == WIRE_GONE || !may_wait) {
        log_info ("session: ended partner=%s session=%llu cause=%s", session->user,
                  (unsigned long long) session->id,
                  outcome == WIRE_GONE ? "disconnected" : "the client does not read");
        session_end (self, session, FAULT_OK);
    }
    return outcome;
}

void
session_fault (sessions_t *self, const route_t *route, fault_t fault, uint32_t retry_after_ms)
{
    Kask__Fault told = KASK__FAULT__INIT;
    told.name = (char *) fault_name (fault);
    told.text = (char *) fault_text (fault);
    told.retry_after_ms = retry_after_ms;
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_FAULT;
    reply.fault = &told;
    frame_t frame = reply_frame (self, &reply);
    // One that does not read it learns nothing; its commands were not done either way.
    (void) wire_send (self->wire, route, &frame, 1);
}

static void
say_pong (sessions_t *self, session_t *session, int64_t time_ms)
{
    Kask__Pong pong = KASK__PONG__INIT;
    pong.now_ms = time_ms;
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_PONG;
    reply.pong = &pong;
    session_reply (self, session, &reply, NULL, 0, false);
}

// ---------------------------------------------------------------- beginning and ending

static uint64_t
slot_take (sessions_t *self, session_t *session)
{
    size_t slot = 0;
    while (self->slots[slot])
        slot++;
    assert (slot < SLOTS); // one live session a partner
    self->slots[slot] = session;
    return ++self->uses << SLOT_BITS | slot;
}

session_t *
session_begin (sessions_t *self, const route_t *route, int partner, const char *user, int64_t now)
{
    assert (partner > 0 && partner <= LIMIT_PARTNERS);
    session_t *older = sessions_by_partner (self, partner);
    if (older) {
        bool same = route_compare (&older->route, route) == 0;
        session_end (self, older, same ? FAULT_OK : FAULT_SUPERSEDED);
    }
    session_t *session = calloc (1, sizeof *session);
    if (!session)
        abort ();
    session->id = slot_take (self, session);
    session->route = *route;
    session->partner = partner;
    snprintf (session->user, sizeof session->user, "%s", user);
    session->heard_at = session->said_at = now;
    session->next = self->first;
    self->first = session;
    self->by_partner[partner] = session;
    zhashx_update (self->by_route, &session->route, session);
    return session;
}

void
session_end (sessions_t *self, session_t *session, fault_t why)
{
    if (session->is_over)
        return;
    session->is_over = true;
    self->slots[session->id & (SLOTS - 1)] = NULL;
    self->by_partner[session->partner] = NULL;
    zhashx_delete (self->by_route, &session->route);
    if (why != FAULT_OK) {
        session_fault (self, &session->route, why, 0);
        log_info ("session: ended partner=%s session=%llu cause=%s", session->user,
                  (unsigned long long) session->id, fault_name (why));
    }
}

void
sessions_end_all (sessions_t *self, fault_t why)
{
    for (session_t *session = self->first; session; session = session->next)
        session_end (self, session, why);
}

void
sessions_forgive (sessions_t *self, int64_t now)
{
    for (session_t *session = self->first; session; session = session->next)
        session->heard_at = now;
}

void
sessions_tick (sessions_t *self, int64_t now, int64_t time_ms, bool is_deaf)
{
    self->now = now;
    for (session_t *session = self->first; session; session = session->next) {
        if (session->is_over)
            continue;
        if (!is_deaf && now - session->heard_at > SILENT_HEARTBEATS * self->heartbeat_ms)
            session_end (self, session, FAULT_SILENT);
        else if (now - session->said_at >= self->heartbeat_ms)
            say_pong (self, session, time_ms);
    }
    free_ended (self);
}
