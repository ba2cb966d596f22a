/*
 * offer - this partner's own offerings, as they were published last.
 */
#include "offer.h"

#include "codec.h"
#include "error.h"
#include "offering.h"
#include "outbox.h"
#include "statement.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int64_t revision; // 0: never published
    bool withdrawn;
    bool has_hash;
    uint8_t hash[32];
} last_t;

static last_t
find_last (store_t *store, const char *key)
{
    last_t last = {0};
    sqlite3_stmt *row = store_query (
        store, "SELECT revision, withdrawn, hash FROM kask_offer WHERE key = ?", "t", key);
    if (!row)
        return last;
    last.revision = sqlite3_column_int64 (row, 0);
    last.withdrawn = sqlite3_column_int (row, 1);
    last.has_hash = sqlite3_column_bytes (row, 2) == sizeof last.hash;
    if (last.has_hash)
        memcpy (last.hash, sqlite3_column_blob (row, 2), sizeof last.hash);
    store_release (row);
    return last;
}

// The act of publishing this revision with this content: a repeat is known as one.
static void
make_origin (const identity_t *identity, const Kask__OfferingNotice *notice,
             const uint8_t content_hash[32], uint8_t origin[32])
{
    crypto_generichash_state state;
    crypto_generichash_init (&state, identity->origin_secret, sizeof identity->origin_secret, 32);
    crypto_generichash_update (&state, (const uint8_t *) notice->key, strlen (notice->key) + 1);
    crypto_generichash_update (&state, (const uint8_t *) &notice->revision,
                               sizeof notice->revision);
    crypto_generichash_update (&state, content_hash, 32);
    crypto_generichash_final (&state, origin, 32);
}

static bool
put_revision (store_t *store, const identity_t *identity, Kask__OfferingNotice *notice,
              const frame_t *content, int64_t now_ms)
{
    uint8_t hash[32], origin[32], id[16];
    sha256 (hash, content->data, content->size);
    make_origin (identity, notice, hash, origin);
    randombytes_buf (id, sizeof id);
    Kask__Header header = KASK__HEADER__INIT;
    header.message_id = (ProtobufCBinaryData){sizeof id, id};
    header.sender = (char *) identity->partner;
    header.recipient = (char *) "catalogue";
    header.origin_key = (ProtobufCBinaryData){sizeof origin, origin};
    header.claimed_at_ms = now_ms;
    header.subject_case = KASK__HEADER__SUBJECT_OFFERING;
    header.offering = notice;
    store_run (store, "INSERT OR REPLACE INTO kask_offer VALUES (?, ?, ?, ?)", "tiib", notice->key,
               (int64_t) notice->revision, (int64_t) notice->withdrawn, hash, sizeof hash);
    return outbox_put (
        store, identity,
        &(outgoing_t){
            .act = "", .header = &header, .content = content->data, .size = content->size});
}

kask_stored_t
offer_publish (store_t *store, const identity_t *identity, const Kask__Offering *offering,
               int64_t now_ms, kask_error_t *error)
{
    char problem[OFFERING_PROBLEM_BYTES];
    fault_t fault = offering_check (offering, NULL, problem, sizeof problem);
    size_t key_size = strlen (offering->key);
    if (fault == FAULT_OK && (key_size == 0 || key_size > LIMIT_KEY_BYTES)) {
        error_set (error, "offering: its key has %zu bytes and not 1 to %d; it was not stored",
                   key_size, LIMIT_KEY_BYTES);
        return KASK_FAILED;
    }
    if (fault != FAULT_OK) {
        error_set (error, "offering %s: %s: %s; it was not stored", offering->key,
                   fault_name (fault), problem);
        return KASK_FAILED;
    }
    frame_t content;
    uint8_t *bytes = message_pack (&offering->base, &content.size);
    content.data = bytes;
    uint8_t hash[32];
    sha256 (hash, bytes, content.size);
    last_t last = find_last (store, offering->key);
    kask_stored_t stored = KASK_KNOWN;
    if (content.size > LIMIT_OFFERING_BYTES - 200) {
        error_set (error, "offering %s: has %zu bytes, at most %d are taken; it was not stored",
                   offering->key, content.size, LIMIT_OFFERING_BYTES - 200);
        stored = KASK_FAILED;
    } else if (!last.has_hash || last.withdrawn || memcmp (last.hash, hash, sizeof hash) != 0) {
        Kask__OfferingNotice notice = KASK__OFFERING_NOTICE__INIT;
        notice.key = offering->key;
        notice.revision = (uint32_t) last.revision + 1;
        stored =
            put_revision (store, identity, &notice, &content, now_ms) ? KASK_STORED : KASK_FAILED;
    }
    free (bytes);
    return stored;
}

kask_stored_t
offer_withdraw (store_t *store, const identity_t *identity, const char *key, int64_t now_ms,
                kask_error_t *error)
{
    last_t last = find_last (store, key);
    if (last.revision == 0) {
        error_set (error, "offering %.200s: was never published; nothing was withdrawn", key);
        return KASK_FAILED;
    }
    if (last.withdrawn && last.has_hash)
        return KASK_KNOWN;
    Kask__OfferingNotice notice = KASK__OFFERING_NOTICE__INIT;
    notice.key = (char *) key;
    notice.revision = (uint32_t) last.revision + 1;
    notice.withdrawn = true;
    const frame_t nothing = {"", 0};
    return put_revision (store, identity, &notice, &nothing, now_ms) ? KASK_STORED : KASK_FAILED;
}

void
offer_seen (store_t *store, const char *key, uint32_t revision, bool withdrawn)
{
    store_run (store,
               "INSERT INTO kask_offer VALUES (?1, ?2, ?3, NULL) ON CONFLICT (key) DO UPDATE"
               " SET revision = ?2, withdrawn = ?3, hash = NULL WHERE revision < ?2",
               "tii", key, (int64_t) revision, (int64_t) withdrawn);
}
