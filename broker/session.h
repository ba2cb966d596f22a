/*
 * session - the connections that said hello, and what is said to them.
 *
 * One live session a partner.  A session that ends is out of every index at
 * once, but its struct lives until sessions_tick, so that a caller's pointer stays good
 * for the call.  Across time keep its id.
 */
#ifndef KASK_SESSION_H
#define KASK_SESSION_H

#include "fault.h"
#include "kask.pb-c.h"
#include "limit.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct session_s session_t;
typedef struct sessions_s sessions_t;

struct session_s {
    uint64_t id; // never given twice
    route_t route;
    int partner; // number
    char user[LIMIT_PARTNER_NAME + 1];
    uint8_t curve_key[32]; // of the connection
    uint8_t outbox[16];
    uint8_t inbox[16];
    uint8_t process[16]; // zero: not told
    uint32_t attempt;
    int64_t heard_at; // monotonic ms
    int64_t said_at;
    bool is_over;
    size_t unanswered;         // its SENDs that have no answer yet
    size_t unanswered_bytes;   // of their items
    struct outflow_s *outflow; // delivery's
    // catalogue's
    bool pull_waits; // a Pull that has no answer yet
    bool pull_reads; // its records are being read
    uint64_t pull_cursor;
    uint32_t pull_records;
    uint64_t pull_bytes;
    // outcome's, while it gathers answers
    Kask__Answer **answers;
    size_t n_answers;
    size_t answers_capacity;
    session_t *next_answered;
    session_t *next; // sessions'
};

typedef void (session_end_fn) (void *arg, session_t *session);

// `wire` is borrowed.  `end` is called once for each session, right before it is freed.
sessions_t *sessions_new (wire_t *wire, int64_t heartbeat_ms, session_end_fn *end, void *arg);
void sessions_destroy (sessions_t **self_p);

int64_t sessions_heartbeat_ms (const sessions_t *self);
session_t *sessions_by_id (const sessions_t *self, uint64_t id);             // NULL if absent
session_t *sessions_by_route (const sessions_t *self, const route_t *route); // NULL if absent
session_t *sessions_by_partner (const sessions_t *self, int partner);        // NULL if absent
session_t *sessions_first (const sessions_t *self); // follow next; some may be over

// A new session; an older one of the partner is told SUPERSEDED and ends.
session_t *session_begin (sessions_t *self, const route_t *route, int partner, const char *user,
                          int64_t now);
// Tells why, unless it is FAULT_OK, and ends it.
void session_end (sessions_t *self, session_t *session, fault_t why);
void sessions_end_all (sessions_t *self, fault_t why);

// Ends silent ones unless `is_deaf`, says something to those that heard nothing for a
// heartbeat, frees those that are over.  Monotonic ms and the broker's time.
void sessions_tick (sessions_t *self, int64_t now, int64_t time_ms, bool is_deaf);
// Everybody counts as heard: nothing was read for a while.
void sessions_forgive (sessions_t *self, int64_t now);

// A SEND, of so many bytes as an item, waits for its answer; has it.
void session_asked (session_t *session, size_t bytes);
void session_answered (session_t *session, size_t bytes);

// Sends a reply and the frames behind it.  What a session cannot take ends it,
// except with `may_wait`: then WIRE_FULL is the caller's to deal with.
wire_outcome_t session_reply (sessions_t *self, session_t *session, const Kask__Reply *reply,
                              const frame_t *frames, size_t n, bool may_wait);
// A fault to a connection, whether it has a session or not.
void session_fault (sessions_t *self, const route_t *route, fault_t fault, uint32_t retry_after_ms);

#endif
