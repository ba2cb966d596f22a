/*
 * delivery - messages to recipients: lanes, credit, order.
 *
 * One read a session is under way at a time.  What it brings is checked
 * again when it comes: the session may have ended, its window may have shrunk, the
 * message may be settled, or out already.  A read may see a commit that this
 * broker has not been told of yet; what lies behind the lane's committed end waits.
 */
#include "delivery.h"
#include "embed.h"
#include "inboxes.h"
#include "log.h"
#include "outflow.h"
#include "statements.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { READ_MESSAGES = 500, READ_BYTES = 256 * 1024, STANDING_FIELD = 9 };

struct delivery_s {
    store_t *store;
    sessions_t *sessions;
    delivery_options_t options;
    arena_t *arena; // for the reply being made
};

// A message as it goes out; all borrowed.
typedef struct {
    int sender;
    int64_t sequence;
    int replay;
    int64_t accepted_at;
    int64_t audit;
    bool by_broker;
    bool erased;
    bool redelivered;
    frame_t standing; // packed
    frame_t header;
    frame_t body;
} outgoing_t;

// A read under way.
typedef struct {
    delivery_t *delivery;
    uint64_t session;
    int sender;
    int64_t end;   // the lane's committed end when it was asked
    apart_t apart; // what was asked for out of turn
} read_t;

delivery_t *
delivery_new (store_t *store, sessions_t *sessions, const delivery_options_t *options)
{
    delivery_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->store = store;
    self->sessions = sessions;
    self->options = *options;
    self->arena = arena_new ();
    return self;
}

void
delivery_destroy (delivery_t **self_p)
{
    if (!*self_p)
        return;
    arena_destroy (&(*self_p)->arena);
    free (*self_p);
    *self_p = NULL;
}

// ---------------------------------------------------------------- going out

static wire_outcome_t
send_out (delivery_t *self, session_t *session, const outgoing_t *out)
{
    const partner_t *sender = registry_by_no (store_registry (self->store), out->sender);
    if (!sender)
        return WIRE_SENT; // no partner is ever deleted; a foreign row has no addressee
    Kask__Deliver deliver = KASK__DELIVER__INIT;
    deliver.sender = (char *) sender->id;
    deliver.sequence = (uint64_t) out->sequence;
    deliver.replay = (uint32_t) out->replay;
    deliver.accepted_at_ms = out->accepted_at;
    deliver.audit_number = (uint64_t) out->audit;
    deliver.by_broker = out->by_broker;
    deliver.erased = out->erased;
    deliver.redelivered = out->redelivered;
    arena_reset (self->arena);
    embed (&deliver.base, STANDING_FIELD, out->standing.data, out->standing.size, self->arena);
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_DELIVER;
    reply.deliver = &deliver;
    const frame_t frames[] = {out->header, out->body};
    return session_reply (self->sessions, session, &reply, frames, 2, true);
}

static size_t
bytes_of (const outgoing_t *out)
{
    return out->header.size + out->body.size;
}

// Sends the stream's next message.  False if it stays for later.
static bool
give (delivery_t *self, session_t *session, stream_t *stream, outgoing_t *out)
{
    outflow_t *flow = session->outflow;
    if (!outflow_has_credit (flow, bytes_of (out)))
        return false;
    out->redelivered = out->sequence <= stream->old_until;
    wire_outcome_t outcome = send_out (self, session, out);
    if (outcome == WIRE_FULL)
        flow->is_blocked = true;
    if (outcome != WIRE_SENT)
        return false;
    outflow_given (flow, stream, out->sequence, bytes_of (out));
    return true;
}

static void
give_apart (delivery_t *self, session_t *session, const outgoing_t *out)
{
    const apart_t apart = {out->sender, out->sequence, out->replay};
    wire_outcome_t outcome = send_out (self, session, out);
    if (outcome == WIRE_FULL) {
        session->outflow->is_blocked = true;
        outflow_want_apart (session->outflow, &apart);
    } else if (outcome == WIRE_SENT && out->replay == 0)
        outflow_note_apart (session->outflow, &apart);
}

static bool
is_paused (delivery_t *self, int partner)
{
    const partner_t *recipient = registry_by_no (store_registry (self->store), partner);
    return recipient && recipient->paused_at;
}

// ---------------------------------------------------------------- reading

static void delivery_run (delivery_t *self, session_t *session);

static frame_t
cell_frame (const PGresult *result, int row, int column)
{
    size_t size;
    const uint8_t *data = cell_bytes (result, row, column, &size);
    return (frame_t){data, size};
}

// The columns of LANE_FROM and MESSAGE_AT.
static outgoing_t
outgoing_of_row (const PGresult *result, int row, int sender)
{
    return (outgoing_t){.sender = sender,
                        .sequence = cell_int (result, row, 0),
                        .accepted_at = cell_int (result, row, 1),
                        .audit = cell_int (result, row, 2),
                        .by_broker = cell_int (result, row, 3) != 0,
                        .erased = cell_int (result, row, 4) != 0,
                        .standing = cell_frame (result, row, 5),
                        .header = cell_frame (result, row, 6),
                        .body = cell_frame (result, row, 7)};
}

static bool
is_settled (delivery_t *self, const session_t *session, int sender, int64_t sequence)
{
    const lane_t *lane = lanes_find (store_lanes (self->store), session->partner, sender);
    return lane && lane_is_settled (lane, sequence);
}

static int64_t
lane_end (delivery_t *self, int recipient, int sender)
{
    const lane_t *lane = lanes_find (store_lanes (self->store), recipient, sender);
    return lane ? lane->committed.next_sequence : 1;
}

// The session of a finished read, if it is still there.
static session_t *
read_session (const read_t *read)
{
    session_t *session = sessions_by_id (read->delivery->sessions, read->session);
    if (session)
        session->outflow->is_reading = false;
    return session;
}

// Gives what was read, until something must wait.  True if all of it is dealt with.
static bool
give_rows (delivery_t *self, session_t *session, stream_t *stream, const PGresult *result,
           int64_t end)
{
    for (int row = 0; row < PQntuples (result); row++) {
        outgoing_t out = outgoing_of_row (result, row, stream->sender);
        if (out.sequence < stream->next)
            continue;
        if (out.sequence >= end)
            return false;
        if (is_settled (self, session, stream->sender, out.sequence) ||
            outflow_was_apart (session->outflow, stream->sender, out.sequence))
            stream->next = out.sequence + 1;
        else if (!give (self, session, stream, &out))
            return false;
    }
    return true;
}

static void
on_lane (void *arg, run_outcome_t outcome, PGresult *const *results, int n, const char *problem)
{
    (void) n;
    (void) problem;
    read_t *read = arg;
    delivery_t *self = read->delivery;
    session_t *session = read_session (read);
    stream_t *stream = session ? outflow_find (session->outflow, read->sender) : NULL;
    if (outcome == RUN_OK && stream) {
        bool all = give_rows (self, session, stream, results[0], read->end);
        if (all && PQntuples (results[0]) == 0)
            stream->next = read->end; // nothing is left of it
        stream->is_behind = stream->next < lane_end (self, session->partner, read->sender);
        if (all)
            delivery_run (self, session);
    }
    free (read);
}

static void
on_apart (void *arg, run_outcome_t outcome, PGresult *const *results, int n, const char *problem)
{
    (void) n;
    (void) problem;
    read_t *read = arg;
    delivery_t *self = read->delivery;
    session_t *session = read_session (read);
    if (session && outcome != RUN_OK)
        outflow_want_apart (session->outflow, &read->apart);
    if (session && outcome == RUN_OK) {
        if (PQntuples (results[0]) > 0) {
            outgoing_t out = outgoing_of_row (results[0], 0, read->apart.sender);
            out.replay = read->apart.replay;
            out.redelivered = true;
            if (out.replay || !is_settled (self, session, out.sender, out.sequence))
                give_apart (self, session, &out);
        }
        delivery_run (self, session);
    }
    free (read);
}

static void
on_apart_list (void *arg, run_outcome_t outcome, PGresult *const *results, int n,
               const char *problem)
{
    (void) n;
    (void) problem;
    read_t *read = arg;
    delivery_t *self = read->delivery;
    session_t *session = read_session (read);
    if (session && outcome == RUN_OK) {
        session->outflow->wants_apart = false;
        for (int row = 0; row < PQntuples (results[0]); row++) {
            const apart_t apart = {(int) cell_int (results[0], row, 0),
                                   cell_int (results[0], row, 1),
                                   (int) cell_int (results[0], row, 2)};
            const stream_t *stream = outflow_find (session->outflow, apart.sender);
            bool is_due = apart.replay ? !is_paused (self, session->partner)
                                       : stream && apart.sequence >= stream->next;
            if (is_due)
                outflow_want_apart (session->outflow, &apart);
        }
        delivery_run (self, session);
    }
    free (read);
}

static run_t *
read_begin (delivery_t *self, session_t *session, run_fn *fn, int statement, read_t **read_p)
{
    read_t *read = calloc (1, sizeof *read);
    if (!read)
        abort ();
    *read = (read_t){.delivery = self, .session = session->id};
    *read_p = read;
    session->outflow->is_reading = true;
    run_t *run = run_new (fn, read);
    run_call (run, statement);
    run_int4 (run, session->partner);
    return run;
}

static void
read_apart_list (delivery_t *self, session_t *session)
{
    read_t *read;
    run_t *run = read_begin (self, session, on_apart_list, READ_APART, &read);
    database_put (store_reader (self->store), &run, -1);
}

static void
read_apart (delivery_t *self, session_t *session, const apart_t *apart)
{
    read_t *read;
    run_t *run = read_begin (self, session, on_apart, READ_MESSAGE_AT, &read);
    read->apart = *apart;
    run_int4 (run, apart->sender);
    run_int8 (run, apart->sequence);
    database_put (store_reader (self->store), &run, -1);
}

static int64_t
lower (size_t a, size_t b)
{
    return (int64_t) (a < b ? a : b);
}

static void
read_lane (delivery_t *self, session_t *session, const stream_t *stream)
{
    const outflow_t *flow = session->outflow;
    read_t *read;
    run_t *run = read_begin (self, session, on_lane, READ_LANE_FROM, &read);
    read->sender = stream->sender;
    read->end = lane_end (self, session->partner, stream->sender);
    run_int4 (run, stream->sender);
    run_int8 (run, stream->next);
    run_int8 (run, lower (outflow_free_messages (flow), READ_MESSAGES));
    run_int8 (run, lower (outflow_free_bytes (flow), READ_BYTES));
    database_put (store_reader (self->store), &run, -1);
}

// Reads what is to be delivered next, if there is anything and it may go out.
static void
delivery_run (delivery_t *self, session_t *session)
{
    outflow_t *flow = session->outflow;
    if (session->is_over || flow->is_reading || flow->is_blocked ||
        store_condition (self->store) != STORE_READY ||
        !database_is_up (store_reader (self->store)))
        return;
    apart_t apart;
    if (flow->wants_apart)
        read_apart_list (self, session);
    else if (outflow_take_wanted (flow, &apart))
        read_apart (self, session, &apart);
    else if (outflow_may_read (flow) && !is_paused (self, session->partner)) {
        const stream_t *stream = outflow_next_behind (flow);
        if (stream)
            read_lane (self, session, stream);
    }
}

// ---------------------------------------------------------------- a session's life

static int64_t
position_of (const Kask__Hello *hello, const char *sender)
{
    for (size_t i = 0; i < hello->n_positions; i++)
        if (strcmp (hello->positions[i]->sender, sender) == 0)
            return (int64_t) hello->positions[i]->sequence;
    return 0;
}

static void
stream_begin (delivery_t *self, session_t *session, const lane_t *lane, const Kask__Hello *hello)
{
    const partner_t *sender = registry_by_no (store_registry (self->store), lane->sender);
    // what was DONE and lost by a restore is asked for again
    bool is_older = hello->generation < (uint64_t) store_generation (self->store);
    int64_t from = sender && !is_older ? position_of (hello, sender->id) : 0;
    int64_t end = lane->committed.next_sequence;
    if (from < lane->committed.done)
        from = lane->committed.done;
    if (from > end - 1)
        from = end - 1;
    stream_t *stream = outflow_require (session->outflow, lane->sender, from + 1);
    stream->old_until = end - 1;
    stream->is_behind = stream->next < end;
}

void
delivery_begin (delivery_t *self, session_t *session, const Kask__Hello *hello)
{
    session->outflow = outflow_new ();
    session->outflow->wants_apart = true;
    const lane_t *lane;
    for (size_t i = 0; (lane = lanes_at (store_lanes (self->store), i)); i++)
        if (lane->recipient == session->partner)
            stream_begin (self, session, lane, hello);
    delivery_window (self, session, hello->window);
}

void
delivery_end (delivery_t *self, session_t *session)
{
    (void) self;
    outflow_destroy (&session->outflow);
}

void
delivery_window (delivery_t *self, session_t *session, const Kask__Window *window)
{
    outflow_t *flow = session->outflow;
    if (window) {
        flow->window_messages = (size_t) lower (window->messages, self->options.most_messages);
        flow->window_bytes = (size_t) lower (window->bytes, self->options.most_bytes);
    }
    delivery_run (self, session);
}

void
delivery_taken (delivery_t *self, session_t *session, const Kask__Taken *taken)
{
    for (size_t i = 0; i < taken->n_up_to; i++) {
        const Kask__Position *position = taken->up_to[i];
        const partner_t *sender = registry_find (store_registry (self->store), position->sender);
        stream_t *stream = sender ? outflow_find (session->outflow, sender->no) : NULL;
        if (stream)
            outflow_taken (session->outflow, stream, (int64_t) position->sequence);
    }
    session->outflow->is_blocked = false;
    delivery_window (self, session, taken->window);
}

// ---------------------------------------------------------------- after a commit

static void
give_fresh (delivery_t *self, session_t *session, const fresh_t *fresh)
{
    outflow_t *flow = session->outflow;
    stream_t *stream = outflow_require (flow, fresh->sender, fresh->sequence);
    outgoing_t out = {.sender = fresh->sender,
                      .sequence = fresh->sequence,
                      .accepted_at = fresh->accepted_at,
                      .audit = fresh->audit,
                      .by_broker = fresh->by_broker,
                      .erased = fresh->erased,
                      .standing = {fresh->standing, fresh->standing_size},
                      .header = {fresh->header, fresh->header_size},
                      .body = {fresh->body, fresh->erased ? 0 : fresh->body_size}};
    if (!is_paused (self, fresh->recipient) && !stream->is_behind && !flow->is_blocked &&
        !outflow_is_behind (flow) && fresh->sequence == stream->next &&
        give (self, session, stream, &out))
        return;
    if (session->is_over)
        return;
    stream->is_behind = true;
    if (fresh->event == KASK__EVENT__EVENT_REVOKE && !fresh->by_broker)
        give_apart (self, session, &out);
}

void
delivery_fresh (delivery_t *self, const fresh_t *first)
{
    for (const fresh_t *fresh = first; fresh; fresh = fresh->next) {
        session_t *session = sessions_by_partner (self->sessions, fresh->recipient);
        if (session && session->outflow)
            give_fresh (self, session, fresh);
    }
    for (const fresh_t *fresh = first; fresh; fresh = fresh->next) {
        session_t *session = sessions_by_partner (self->sessions, fresh->recipient);
        if (session && session->outflow)
            delivery_run (self, session);
    }
}

void
delivery_replay (delivery_t *self, int recipient, int sender, int64_t sequence, int replay)
{
    session_t *session = sessions_by_partner (self->sessions, recipient);
    if (!session || is_paused (self, recipient))
        return; // found when it says hello, or is resumed
    outflow_want_apart (session->outflow, &(apart_t){sender, sequence, replay});
    delivery_run (self, session);
}

void
delivery_mailbox (delivery_t *self, int partner)
{
    session_t *session = sessions_by_partner (self->sessions, partner);
    if (!session)
        return;
    session->outflow->wants_apart = true;
    delivery_run (self, session);
}

// What a commit of unknown fate brought was never seen here: the lanes tell.
static void
find_behind (delivery_t *self, session_t *session)
{
    const lane_t *lane;
    for (size_t i = 0; (lane = lanes_at (store_lanes (self->store), i)); i++) {
        if (lane->recipient != session->partner)
            continue;
        stream_t *stream = outflow_require (session->outflow, lane->sender, 1);
        stream->is_behind = stream->next < lane->committed.next_sequence;
    }
}

void
delivery_resume (delivery_t *self)
{
    for (session_t *s = sessions_first (self->sessions); s; s = s->next) {
        if (s->is_over)
            continue;
        find_behind (self, s);
        delivery_run (self, s);
    }
}

void
delivery_tick (delivery_t *self)
{
    for (session_t *s = sessions_first (self->sessions); s; s = s->next) {
        if (s->is_over || !s->outflow->is_blocked)
            continue;
        s->outflow->is_blocked = false;
        delivery_run (self, s);
    }
}
