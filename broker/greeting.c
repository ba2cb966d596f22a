/*
 * greeting - Hello and Welcome, and the directory of partners.
 */
#include "greeting.h"
#include "holders.h"
#include "inboxes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION_SPOKEN = 1 };

// ---------------------------------------------------------------- may it

static bool
is_our_database (const store_t *store, const Kask__Hello *hello)
{
    if (!hello->database.len)
        return true;
    return memcmp (hello->database.data, store_database_id (store), 16) == 0 &&
           hello->generation <= (uint64_t) store_generation (store);
}

fault_t
greeting_may (const greeting_t *self, int partner, const Kask__Hello *hello)
{
    if (hello->version_min > VERSION_SPOKEN || hello->version_max < VERSION_SPOKEN)
        return FAULT_VERSION;
    if (store_condition (self->store) == STORE_STANDBY)
        return FAULT_STANDBY;
    if (store_condition (self->store) != STORE_READY)
        return FAULT_UNAVAILABLE;
    // Welcome says which numbers are used, and a client renews or reuses its own by that: so what
    // an older session sent is decided first.
    if (store_has_from (self->store, partner))
        return FAULT_UNAVAILABLE;
    if (!is_our_database (self->store, hello))
        return FAULT_DATABASE_CHANGED;
    return FAULT_OK;
}

// ---------------------------------------------------------------- directory

// The whole directory goes into one reply, beside the two lists that Welcome has.
enum {
    INFO_BYTES = LIMIT_PARTNER_NAME + LIMIT_SHORT_TEXT_BYTES + LIMIT_STATEMENT_BYTES + 100,
    LISTS_BYTES = 2 * LIMIT_LIST_ITEMS * (LIMIT_PARTNER_NAME + 32)
};
static_assert (LIMIT_PARTNERS * INFO_BYTES <= LIMIT_REPLY_BYTES - LISTS_BYTES,
               "a directory of LIMIT_PARTNERS fits into a reply");

static void
describe (const greeting_t *self, arena_t *arena, const partner_t *partner, int reader, int64_t now,
          Kask__PartnerInfo *info)
{
    const registry_t *registry = store_registry (self->store);
    kask__partner_info__init (info);
    info->partner = (char *) partner->id;
    info->name = (char *) partner->name;
    info->country = (char *) partner->country;
    info->revoked = partner->revoked_at != 0;
    info->to_partner = registry_may_refer (registry, reader, partner->no, now);
    info->from_partner = registry_may_refer (registry, partner->no, reader, now);
    if (!partner->statement_size || partner->revoked_at)
        return;
    info->statement = arena_alloc (arena, sizeof *info->statement);
    kask__signed_statement__init (info->statement);
    info->statement->statement =
        (ProtobufCBinaryData){partner->statement_size, (uint8_t *) partner->statement};
    info->statement->signature =
        (ProtobufCBinaryData){PARTNER_SIGNATURE_BYTES, (uint8_t *) partner->signature};
}

static void
directory_make (const greeting_t *self, arena_t *arena, int reader, Kask__Directory *directory)
{
    const registry_t *registry = store_registry (self->store);
    int64_t now = clock_now_ms (self->clock);
    size_t n = registry_size (registry);
    kask__directory__init (directory);
    directory->partners = arena_alloc (arena, (n + 1) * sizeof *directory->partners);
    for (size_t i = 0; i < n; i++) {
        const partner_t *partner = registry_at (registry, i);
        if (partner->no == reader)
            continue;
        Kask__PartnerInfo *info = arena_alloc (arena, sizeof *info);
        describe (self, arena, partner, reader, now, info);
        directory->partners[directory->n_partners++] = info;
    }
}

void
greeting_push_directory (const greeting_t *self)
{
    arena_t *arena = arena_new ();
    for (session_t *s = sessions_first (self->sessions); s; s = s->next) {
        if (s->is_over)
            continue;
        arena_reset (arena);
        Kask__Directory directory;
        directory_make (self, arena, s->partner, &directory);
        Kask__Reply reply = KASK__REPLY__INIT;
        reply.reply_case = KASK__REPLY__REPLY_DIRECTORY;
        reply.directory = &directory;
        session_reply (self->sessions, s, &reply, NULL, 0, false);
    }
    arena_destroy (&arena);
}

// ---------------------------------------------------------------- welcome

static char *
id_of (const greeting_t *self, int no)
{
    if (no == PARTNER_CATALOGUE)
        return (char *) "catalogue";
    const partner_t *partner = registry_by_no (store_registry (self->store), no);
    return partner ? (char *) partner->id : NULL;
}

// For each lane that the partner sends into: the number that comes next.
static void
add_next (const greeting_t *self, arena_t *arena, const session_t *session, const lane_t *lane,
          Kask__Welcome *welcome)
{
    char *id = id_of (self, lane->recipient);
    if (!id || memcmp (lane->committed.incarnation, session->outbox, 16) != 0 ||
        welcome->n_next == LIMIT_LIST_ITEMS)
        return;
    Kask__NextNumber *next = arena_alloc (arena, sizeof *next);
    kask__next_number__init (next);
    next->recipient = id;
    next->number = (uint64_t) lane->committed.next_number;
    welcome->next[welcome->n_next++] = next;
}

static void
add_settled (const greeting_t *self, arena_t *arena, const lane_t *lane, Kask__Welcome *welcome)
{
    char *id = id_of (self, lane->sender);
    if (!id || lane->committed.done == 0 || welcome->n_settled == LIMIT_LIST_ITEMS)
        return;
    Kask__Position *position = arena_alloc (arena, sizeof *position);
    kask__position__init (position);
    position->sender = id;
    position->sequence = (uint64_t) lane->committed.done;
    welcome->settled[welcome->n_settled++] = position;
}

static void
add_lanes (const greeting_t *self, arena_t *arena, const session_t *session, Kask__Welcome *welcome)
{
    welcome->next = arena_alloc (arena, LIMIT_LIST_ITEMS * sizeof *welcome->next);
    welcome->settled = arena_alloc (arena, LIMIT_LIST_ITEMS * sizeof *welcome->settled);
    const lane_t *lane;
    for (size_t i = 0; (lane = lanes_at (store_lanes (self->store), i)); i++) {
        if (lane->sender == session->partner)
            add_next (self, arena, session, lane, welcome);
        if (lane->recipient == session->partner)
            add_settled (self, arena, lane, welcome);
    }
}

// What an inbox that is an older copy has forgotten.
static void
add_held (const greeting_t *self, arena_t *arena, int recipient, Kask__Welcome *welcome)
{
    welcome->held = arena_alloc (arena, LIMIT_LIST_ITEMS * sizeof *welcome->held);
    size_t place = 0;
    const holder_t *holder;
    while (welcome->n_held < LIMIT_LIST_ITEMS &&
           (holder = holders_next (store_holders (self->store), recipient, &place))) {
        Kask__HeldReferral *held = arena_alloc (arena, sizeof *held);
        kask__held_referral__init (held);
        held->sender = id_of (self, holder->sender);
        held->sequence = (uint64_t) holder->sequence;
        held->referral_id = (ProtobufCBinaryData){16, (uint8_t *) holder->referral};
        if (held->sender)
            welcome->held[welcome->n_held++] = held;
    }
}

// Has the client not been here since the database was recovered?
static bool
is_older (const store_t *store, const Kask__Hello *hello)
{
    return hello->database.len && hello->generation < (uint64_t) store_generation (store);
}

void
greeting_welcome (const greeting_t *self, session_t *session, const Kask__Hello *hello)
{
    arena_t *arena = arena_new ();
    Kask__Directory directory;
    directory_make (self, arena, session->partner, &directory);
    Kask__Welcome welcome = KASK__WELCOME__INIT;
    welcome.version = VERSION_SPOKEN;
    welcome.partner = session->user;
    welcome.database = (ProtobufCBinaryData){16, (uint8_t *) store_database_id (self->store)};
    welcome.generation = (uint64_t) store_generation (self->store);
    welcome.epoch = (uint64_t) store_epoch (self->store);
    if (is_older (self->store, hello))
        welcome.restored_from_ms = store_restored_from (self->store);
    welcome.now_ms = clock_now_ms (self->clock);
    welcome.heartbeat_ms = (uint32_t) sessions_heartbeat_ms (self->sessions);
    welcome.directory = &directory;
    welcome.last_batch = (uint64_t) inboxes_committed (store_inboxes (self->store),
                                                       session->partner, session->inbox);
    add_lanes (self, arena, session, &welcome);
    add_held (self, arena, session->partner, &welcome);
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_WELCOME;
    reply.welcome = &welcome;
    session_reply (self->sessions, session, &reply, NULL, 0, false);
    arena_destroy (&arena);
}
