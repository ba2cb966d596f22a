/*
 * recall - what a batch must know of the database before it is decided.
 *
 * One map for everything: each key begins with a letter for its kind.
 */
#include "recall.h"
#include "gather.h"
#include "known.h"
#include "map.h"
#include "statements.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// The questions, each a statement with its parameter columns.
enum {
    WANT_ID,
    WANT_SEND_ORIGIN,
    WANT_EVENT_ORIGIN,
    WANT_MESSAGE,
    WANT_OFFERING,
    WANT_REFUSAL,
    N_WANTS
};

enum { WANT_COLUMNS = 3, REMEMBERED = 8192 };

typedef struct {
    int statement;
    const char *types;
} want_t;

static const want_t wants[N_WANTS] = {
    [WANT_ID] = {READ_BATCH_BY_ID, "y"},
    [WANT_SEND_ORIGIN] = {READ_BATCH_BY_ORIGIN, "iy"},
    [WANT_EVENT_ORIGIN] = {READ_BATCH_EVENT_ORIGIN, "yiy"},
    [WANT_MESSAGE] = {READ_BATCH_MESSAGES, "iil"},
    [WANT_OFFERING] = {READ_BATCH_OFFERINGS, "it"},
    [WANT_REFUSAL] = {READ_BATCH_REFUSALS, "iil"},
};

struct recall_s {
    arena_t *arena;
    map_t *map;
    known_t *known;
    column_t columns[N_WANTS][WANT_COLUMNS];
    int64_t due_until;
    int due_most; // 0: not asked
    bool asked[N_WANTS];
    bool due_asked;
    recalled_referral_t **due;
    size_t n_due;
    recalled_referral_t *first_changed;
    recalled_referral_t *last_changed;
};

// A key of the map: a letter, then what is given.
typedef struct {
    uint8_t bytes[1 + 8 + LIMIT_KEY_BYTES + 64];
    size_t size;
} recall_key_t;

static void
key_add (recall_key_t *key, const void *data, size_t size)
{
    assert (key->size + size <= sizeof key->bytes);
    memcpy (key->bytes + key->size, data, size);
    key->size += size;
}

static recall_key_t
key_of (char kind, int64_t a, int64_t b, int64_t c, const void *data, size_t size)
{
    recall_key_t key = {.size = 0};
    key_add (&key, &kind, 1);
    key_add (&key, &a, sizeof a);
    key_add (&key, &b, sizeof b);
    key_add (&key, &c, sizeof c);
    if (size)
        key_add (&key, data, size);
    return key;
}

recall_t *
recall_new (arena_t *arena)
{
    recall_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->arena = arena;
    self->map = map_new ();
    self->known = known_new (REMEMBERED);
    for (int w = 0; w < N_WANTS; w++)
        for (int c = 0; wants[w].types[c]; c++)
            column_init (&self->columns[w][c], column_type (wants[w].types[c]));
    return self;
}

void
recall_reset (recall_t *self)
{
    map_reset (self->map);
    for (int w = 0; w < N_WANTS; w++)
        for (int c = 0; wants[w].types[c]; c++)
            column_reset (&self->columns[w][c]);
    self->due_most = 0;
    self->due = NULL;
    self->n_due = 0;
    self->first_changed = self->last_changed = NULL;
}

void
recall_destroy (recall_t **self_p)
{
    recall_t *self = *self_p;
    if (!self)
        return;
    for (int w = 0; w < N_WANTS; w++)
        for (int c = 0; wants[w].types[c]; c++)
            column_free (&self->columns[w][c]);
    known_destroy (&self->known);
    map_destroy (&self->map);
    free (self);
    *self_p = NULL;
}

// ---------------------------------------------------------------- remembering

static void
remember (recall_t *self, const fresh_t *first_fresh)
{
    for (const recalled_referral_t *r = self->first_changed; r; r = r->next_changed)
        known_put_referral (self->known, &r->referral);
    for (const fresh_t *fresh = first_fresh; fresh; fresh = fresh->next) {
        known_message_t message = {fresh->referral, fresh->event, fresh->by_broker, {0}};
        memcpy (message.message_id, fresh->message_id, sizeof message.message_id);
        known_put_message (self->known, fresh->recipient, fresh->sender, fresh->sequence, &message);
    }
}

void
recall_forget (recall_t *self)
{
    known_forget (self->known);
}

void
recall_committed (recall_t *self, const item_t *first_item, const fresh_t *first_fresh)
{
    if (first_item && item_is_alone (first_item))
        recall_forget (self);
    else
        remember (self, first_fresh);
}

// Into this batch, once.
static recalled_referral_t *
take_known (recall_t *self, const referral_t *known)
{
    recalled_referral_t *held = recall_referral (self, known->id);
    return held ? held : recall_put_referral (self, known);
}

static bool
take_known_message (recall_t *self, int recipient, int sender, int64_t sequence)
{
    const known_message_t *known = known_message (self->known, recipient, sender, sequence);
    const referral_t *referral = known ? known_referral_no (self->known, known->referral) : NULL;
    if (!referral)
        return false;
    recalled_message_t *held = arena_alloc (self->arena, sizeof *held);
    held->referral = take_known (self, referral);
    held->event = known->event;
    held->by_broker = known->by_broker;
    memcpy (held->message_id, known->message_id, sizeof held->message_id);
    recall_key_t key = key_of ('m', recipient, sender, sequence, NULL, 0);
    map_put (self->map, key.bytes, key.size, held);
    return true;
}

// ---------------------------------------------------------------- asking

void
recall_want_referral (recall_t *self, const uint8_t *id)
{
    const referral_t *known = known_referral (self->known, id);
    if (known) {
        take_known (self, known);
        return;
    }
    column_bytes (&self->columns[WANT_ID][0], id, REFERRAL_ID_BYTES);
}

void
recall_want_send_origin (recall_t *self, int referrer, const uint8_t *origin)
{
    column_int (&self->columns[WANT_SEND_ORIGIN][0], referrer);
    column_bytes (&self->columns[WANT_SEND_ORIGIN][1], origin, REFERRAL_ORIGIN_BYTES);
}

void
recall_want_event_origin (recall_t *self, const uint8_t *id, int sender, const uint8_t *origin)
{
    column_bytes (&self->columns[WANT_EVENT_ORIGIN][0], id, REFERRAL_ID_BYTES);
    column_int (&self->columns[WANT_EVENT_ORIGIN][1], sender);
    column_bytes (&self->columns[WANT_EVENT_ORIGIN][2], origin, REFERRAL_ORIGIN_BYTES);
}

static void
want_numbers (recall_t *self, int want, int recipient, int sender, int64_t number)
{
    column_int (&self->columns[want][0], recipient);
    column_int (&self->columns[want][1], sender);
    column_int (&self->columns[want][2], number);
}

void
recall_want_message (recall_t *self, int recipient, int sender, int64_t sequence)
{
    if (!take_known_message (self, recipient, sender, sequence))
        want_numbers (self, WANT_MESSAGE, recipient, sender, sequence);
}

void
recall_want_refusal (recall_t *self, int recipient, int sender, int64_t number)
{
    want_numbers (self, WANT_REFUSAL, recipient, sender, number);
}

void
recall_want_offering (recall_t *self, int publisher, const char *key)
{
    column_int (&self->columns[WANT_OFFERING][0], publisher);
    column_text (&self->columns[WANT_OFFERING][1], key);
}

void
recall_want_due (recall_t *self, int64_t until, int most)
{
    self->due_until = until;
    self->due_most = most;
}

bool
recall_ask (recall_t *self, run_t *run)
{
    bool any = false;
    for (int w = 0; w < N_WANTS; w++) {
        self->asked[w] = self->columns[w][0].count > 0;
        if (!self->asked[w])
            continue;
        any = true;
        run_call (run, wants[w].statement);
        for (int c = 0; wants[w].types[c]; c++)
            run_column (run, &self->columns[w][c]);
    }
    self->due_asked = self->due_most > 0;
    if (self->due_asked) {
        any = true;
        run_call (run, READ_BATCH_DUE);
        run_int8 (run, self->due_until);
        run_int8 (run, self->due_most);
    }
    return any;
}

// ---------------------------------------------------------------- answers

// The columns that REFERRAL_COLUMNS in reads.def names, in their order.
static void
referral_from_row (referral_t *to, const PGresult *result, int row)
{
    *to = (referral_t){.no = cell_int (result, row, 0)};
    cell_copy (result, row, 1, to->id, sizeof to->id);
    cell_copy (result, row, 2, to->chain, sizeof to->chain);
    int32_t parties[REFERRAL_PARTIES] = {0};
    to->n_parties = cell_int_array (result, row, 3, parties, REFERRAL_PARTIES);
    for (int i = 0; i < to->n_parties; i++)
        to->parties[i] = parties[i];
    to->referrer = (int) cell_int (result, row, 4);
    to->receiver = (int) cell_int (result, row, 5);
    cell_copy (result, row, 6, to->origin, sizeof to->origin);
    to->state = (Kask__State) cell_int (result, row, 7);
    to->version = (uint32_t) cell_int (result, row, 8);
    int32_t questions[LIMIT_OPEN_QUESTIONS] = {0};
    to->n_questions = cell_int_array (result, row, 9, questions, LIMIT_OPEN_QUESTIONS);
    for (int i = 0; i < to->n_questions; i++)
        to->questions[i] = (uint32_t) questions[i];
    to->next_question = (uint32_t) cell_int (result, row, 10);
    to->withdrawal_wished = cell_int (result, row, 11) != 0;
    int64_t *const times[] = {&to->sent_at,    &to->state_at,  &to->remind1_at,
                              &to->remind2_at, &to->expire_at, &to->contact_at,
                              &to->paused_at,  &to->resume_at, &to->grace_ms};
    for (int i = 0; i < (int) (sizeof times / sizeof times[0]); i++)
        *times[i] = cell_int (result, row, 12 + i);
}

static recalled_referral_t *
remember_referral (recall_t *self, const PGresult *result, int row)
{
    referral_t referral;
    referral_from_row (&referral, result, row);
    recalled_referral_t *known = recall_referral (self, referral.id);
    if (known)
        return known;
    return recall_put_referral (self, &referral);
}

static void
take_referrals (recall_t *self, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++)
        remember_referral (self, result, row);
}

static void
take_event_origins (recall_t *self, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++) {
        uint8_t origin[REFERRAL_ORIGIN_BYTES];
        if (cell_copy (result, row, 2, origin, sizeof origin))
            recall_put_event_origin (self, cell_int (result, row, 0),
                                     (int) cell_int (result, row, 1), origin);
    }
}

enum { FIRST_MESSAGE_COLUMN = 21 };

static void
take_messages (recall_t *self, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++) {
        recalled_message_t *message = arena_alloc (self->arena, sizeof *message);
        message->referral = remember_referral (self, result, row);
        const int c = FIRST_MESSAGE_COLUMN;
        message->event = (Kask__Event) cell_int (result, row, c + 3);
        message->by_broker = cell_int (result, row, c + 4) != 0;
        cell_copy (result, row, c + 5, message->message_id, sizeof message->message_id);
        message->replaying = (int) cell_int (result, row, c + 6);
        recall_key_t key = key_of ('m', cell_int (result, row, c), cell_int (result, row, c + 1),
                                   cell_int (result, row, c + 2), NULL, 0);
        map_put (self->map, key.bytes, key.size, message);
    }
}

static void
take_offerings (recall_t *self, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++) {
        size_t size;
        const uint8_t *text = cell_bytes (result, row, 1, &size);
        char key[LIMIT_KEY_BYTES + 1];
        snprintf (key, sizeof key, "%.*s", (int) size, (const char *) text);
        recalled_offering_t *o = recall_put_offering (self, (int) cell_int (result, row, 0), key);
        o->revision = (uint32_t) cell_int (result, row, 2);
        o->withdrawn = cell_int (result, row, 3) != 0;
        o->referable = cell_int (result, row, 4) != 0;
        cell_copy (result, row, 5, o->content_sha256, sizeof o->content_sha256);
    }
}

static void
take_refusals (recall_t *self, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++) {
        recalled_refusal_t refusal = {.standing = NULL};
        size_t size;
        const uint8_t *text = cell_bytes (result, row, 3, &size);
        snprintf (refusal.fault, sizeof refusal.fault, "%.*s", (int) size, (const char *) text);
        if (!cell_is_null (result, row, 4)) {
            const uint8_t *standing = cell_bytes (result, row, 4, &refusal.standing_size);
            refusal.standing = arena_copy (self->arena, standing, refusal.standing_size);
        }
        recall_put_refusal (self, (int) cell_int (result, row, 0), (int) cell_int (result, row, 1),
                            cell_int (result, row, 2), &refusal);
    }
}

static void
take_due (recall_t *self, const PGresult *result)
{
    self->n_due = (size_t) PQntuples (result);
    self->due = arena_alloc (self->arena, (self->n_due + 1) * sizeof *self->due);
    for (size_t i = 0; i < self->n_due; i++)
        self->due[i] = remember_referral (self, result, (int) i);
}

void
recall_take (recall_t *self, PGresult *const *results)
{
    static void (*const takers[N_WANTS]) (recall_t *, const PGresult *) = {
        [WANT_ID] = take_referrals,
        [WANT_SEND_ORIGIN] = take_referrals,
        [WANT_EVENT_ORIGIN] = take_event_origins,
        [WANT_MESSAGE] = take_messages,
        [WANT_OFFERING] = take_offerings,
        [WANT_REFUSAL] = take_refusals,
    };
    int place = 0;
    for (int w = 0; w < N_WANTS; w++)
        if (self->asked[w])
            takers[w](self, results[place++]);
    if (self->due_asked)
        take_due (self, results[place]);
}

// ---------------------------------------------------------------- finding and adding

recalled_referral_t *
recall_referral (const recall_t *self, const uint8_t *id)
{
    recall_key_t key = key_of ('r', 0, 0, 0, id, REFERRAL_ID_BYTES);
    return map_find (self->map, key.bytes, key.size);
}

recalled_referral_t *
recall_send_origin (const recall_t *self, int referrer, const uint8_t *origin)
{
    recall_key_t key = key_of ('s', referrer, 0, 0, origin, REFERRAL_ORIGIN_BYTES);
    return map_find (self->map, key.bytes, key.size);
}

recalled_referral_t *
recall_put_referral (recall_t *self, const referral_t *referral)
{
    recalled_referral_t *held = arena_alloc (self->arena, sizeof *held);
    held->referral = *referral;
    recall_key_t key = key_of ('r', 0, 0, 0, referral->id, REFERRAL_ID_BYTES);
    map_put (self->map, key.bytes, key.size, held);
    key = key_of ('s', referral->referrer, 0, 0, referral->origin, REFERRAL_ORIGIN_BYTES);
    map_put (self->map, key.bytes, key.size, held);
    return held;
}

bool
recall_event_origin (const recall_t *self, int64_t referral, int sender, const uint8_t *origin)
{
    recall_key_t key = key_of ('e', referral, sender, 0, origin, REFERRAL_ORIGIN_BYTES);
    return map_find (self->map, key.bytes, key.size) != NULL;
}

void
recall_put_event_origin (recall_t *self, int64_t referral, int sender, const uint8_t *origin)
{
    recall_key_t key = key_of ('e', referral, sender, 0, origin, REFERRAL_ORIGIN_BYTES);
    map_put (self->map, key.bytes, key.size, self);
}

recalled_message_t *
recall_message (const recall_t *self, int recipient, int sender, int64_t sequence)
{
    recall_key_t key = key_of ('m', recipient, sender, sequence, NULL, 0);
    return map_find (self->map, key.bytes, key.size);
}

recalled_offering_t *
recall_offering (const recall_t *self, int publisher, const char *name)
{
    recall_key_t key = key_of ('o', publisher, 0, 0, name, strlen (name));
    return map_find (self->map, key.bytes, key.size);
}

recalled_offering_t *
recall_put_offering (recall_t *self, int publisher, const char *name)
{
    recalled_offering_t *offering = recall_offering (self, publisher, name);
    if (!offering) {
        offering = arena_alloc (self->arena, sizeof *offering);
        recall_key_t key = key_of ('o', publisher, 0, 0, name, strlen (name));
        map_put (self->map, key.bytes, key.size, offering);
    }
    return offering;
}

const recalled_refusal_t *
recall_refusal (const recall_t *self, int recipient, int sender, int64_t number)
{
    recall_key_t key = key_of ('f', recipient, sender, number, NULL, 0);
    return map_find (self->map, key.bytes, key.size);
}

void
recall_put_refusal (recall_t *self, int recipient, int sender, int64_t number,
                    const recalled_refusal_t *refusal)
{
    recall_key_t key = key_of ('f', recipient, sender, number, NULL, 0);
    map_put (self->map, key.bytes, key.size, arena_copy (self->arena, refusal, sizeof *refusal));
}

recalled_referral_t *
recall_due (const recall_t *self, size_t place)
{
    return place < self->n_due ? self->due[place] : NULL;
}

bool
recall_due_is_full (const recall_t *self)
{
    return self->due_most > 0 && self->n_due == (size_t) self->due_most;
}

void
recall_changed (recall_t *self, recalled_referral_t *referral)
{
    if (referral->is_new || referral->is_changed)
        return;
    referral->is_changed = true;
    if (self->last_changed)
        self->last_changed->next_changed = referral;
    else
        self->first_changed = referral;
    self->last_changed = referral;
}

recalled_referral_t *
recall_first_changed (const recall_t *self)
{
    return self->first_changed;
}
