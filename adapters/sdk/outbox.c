/*
 * outbox - messages that the broker has not answered yet, and its answers.
 */
#include "outbox.h"

#include "codec.h"
#include "inbox.h"
#include "keyring.h"
#include "seal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool
outbox_find_act (store_t *store, const uint8_t origin[32], uint8_t message_id[16])
{
    sqlite3_stmt *row = store_query (store, "SELECT message_id FROM kask_act WHERE origin = ?", "b",
                                     origin, (size_t) 32);
    bool found = row && sqlite3_column_bytes (row, 0) == 16;
    if (found)
        memcpy (message_id, sqlite3_column_blob (row, 0), 16);
    store_release (row);
    return found;
}

// ---------------------------------------------------------------- putting

static bool
is_offering (const Kask__Header *header)
{
    return header->subject_case == KASK__HEADER__SUBJECT_OFFERING;
}

// The body, or NULL where the content has to wait.
static uint8_t *
make_body (store_t *store, const identity_t *self, const outgoing_t *message,
           const sealed_header_t *header, size_t *size_p)
{
    if (is_offering (message->header))
        return seal_offering (self, header, message->content, message->size, size_p);
    peer_t peer;
    keyring_find (store, message->header->recipient, &peer);
    if (!peer.sealable)
        return NULL;
    return seal_content (self, header, message->content, message->size, peer.sealing, size_p);
}

static void
remember_act (store_t *store, const Kask__Header *header, const char *act)
{
    const Kask__ReferralEvent *event = header->referral;
    store_run (store, "INSERT INTO kask_act VALUES (?, ?, ?, ?, ?, ?)", "bbbtti",
               header->origin_key.data, header->origin_key.len, header->message_id.data,
               header->message_id.len, event->referral_id.data, event->referral_id.len,
               header->recipient, act, header->claimed_at_ms);
}

bool
outbox_put (store_t *store, const identity_t *self, const outgoing_t *message)
{
    sealed_header_t header = {.header = message->header};
    uint8_t *bytes = message_pack (&message->header->base, &header.size);
    header.bytes = bytes;
    size_t size = 0;
    uint8_t *body = make_body (store, self, message, &header, &size);
    bool good =
        store_run (store,
                   "INSERT INTO kask_outbox (recipient, act, sealed, header, body)"
                   " VALUES (?, ?, ?, ?, ?)",
                   "ttibb", message->header->recipient, message->act, (int64_t) (body != NULL),
                   bytes, header.size, body ? body : message->content, body ? size : message->size);
    if (good && !is_offering (message->header))
        remember_act (store, message->header, message->act);
    free (body);
    free (bytes);
    return good && !store_has_failed (store);
}

// ---------------------------------------------------------------- sealing later

static uint8_t *
seal_row (const identity_t *self, sqlite3_stmt *row, const peer_t *peer, size_t *size_p)
{
    sealed_header_t header = {.bytes = sqlite3_column_blob (row, 0),
                              .size = (size_t) sqlite3_column_bytes (row, 0)};
    Kask__Header *unpacked;
    if (header_unpack (header.bytes, header.size, &unpacked) != FAULT_OK)
        return NULL;
    header.header = unpacked;
    uint8_t *body = seal_content (self, &header, sqlite3_column_blob (row, 1),
                                  (size_t) sqlite3_column_bytes (row, 1), peer->sealing, size_p);
    kask__header__free_unpacked (unpacked, NULL);
    return body;
}

bool
outbox_seal (store_t *store, const identity_t *self, int64_t no, const peer_t *peer)
{
    if (!peer->sealable)
        return false;
    sqlite3_stmt *row =
        store_query (store, "SELECT header, body FROM kask_outbox WHERE no = ?", "i", no);
    if (!row)
        return false;
    size_t size;
    uint8_t *body = seal_row (self, row, peer, &size);
    store_release (row);
    if (!body)
        return false;
    bool good = store_run (store, "UPDATE kask_outbox SET sealed = 1, body = ? WHERE no = ?", "bi",
                           body, size, no);
    free (body);
    return good;
}

// ---------------------------------------------------------------- a restored database

void
outbox_tell_lost (store_t *store, int64_t from_ms, const alarm_t *alarm)
{
    sqlite3_stmt *row =
        store_query (store,
                     "SELECT act, recipient FROM kask_act WHERE at_ms >= ? AND NOT EXISTS"
                     " (SELECT 1 FROM kask_outbox o WHERE o.act = kask_act.act) ORDER BY at_ms",
                     "i", from_ms);
    for (; row; row = store_next (store, row)) {
        char text[600];
        snprintf (
            text, sizeof text,
            "outbox: act %s to partner %s was accepted by the broker, whose database was since "
            "restored from a copy that may lack it; this outbox holds it no more; ask the "
            "partner whether it has it, else do it again",
            (const char *) sqlite3_column_text (row, 0),
            (const char *) sqlite3_column_text (row, 1));
        alarm->say (alarm->arg, KASK_LOG_ERROR, text);
    }
}

// ---------------------------------------------------------------- answers

// The catalogue has a later revision than we remember: the next one that is published
// shall not pass for known.
static void
offer_is_old (store_t *store, int64_t no)
{
    sqlite3_stmt *row = store_query (store, "SELECT header FROM kask_outbox WHERE no = ?", "i", no);
    Kask__Header *header = NULL;
    fault_t fault = row ? header_unpack (sqlite3_column_blob (row, 0),
                                         (size_t) sqlite3_column_bytes (row, 0), &header)
                        : FAULT_BAD_HEADER;
    store_release (row);
    if (fault != FAULT_OK)
        return;
    if (is_offering (header))
        store_run (store, "UPDATE kask_offer SET hash = NULL WHERE key = ?", "t",
                   header->offering->key);
    kask__header__free_unpacked (header, NULL);
}

static void
put_answer (store_t *store, int64_t no, const Kask__Answer *answer)
{
    size_t size = 0;
    uint8_t *standing = answer->standing ? message_pack (&answer->standing->base, &size) : NULL;
    store_run (store,
               "INSERT INTO kask_answer (recipient, act, accepted, fault, text, header, standing)"
               " SELECT recipient, act, ?, ?, ?, header, ? FROM kask_outbox WHERE no = ?",
               "ittbi", (int64_t) (answer->outcome == KASK__OUTCOME__ACCEPTED), answer->fault,
               answer->text, standing, size, no);
    free (standing);
}

void
outbox_settle (store_t *store, int64_t no, const Kask__Answer *answer)
{
    if (strcmp (answer->fault, "OLD_REVISION") == 0)
        offer_is_old (store, no);
    put_answer (store, no, answer);
    store_run (store, "DELETE FROM kask_outbox WHERE no = ?", "i", no);
    if (!answer->standing || answer->outcome != KASK__OUTCOME__ACCEPTED)
        return;
    version_follow (store, answer->standing);
    if (answer->standing->state == KASK__STATE__STATE_REVOKED) {
        // what waits of it here, or is held back by a dead letter, would never be let go
        inbox_erase (store, answer->standing->referral_id.data);
        keyring_look_again (store);
    }
}

// ---------------------------------------------------------------- versions

uint32_t
version_of (store_t *store, const uint8_t referral[16])
{
    return (uint32_t) store_number (store, 0,
                                    "SELECT version FROM kask_referral WHERE referral = ?", "b",
                                    referral, (size_t) 16);
}

void
version_follow (store_t *store, const Kask__Standing *standing)
{
    store_run (store,
               "INSERT INTO kask_referral VALUES (?1, ?2) ON CONFLICT (referral) DO UPDATE"
               " SET version = ?2 WHERE version = ?2 - 1",
               "bi", standing->referral_id.data, standing->referral_id.len,
               (int64_t) standing->version);
}

void
version_told (store_t *store, const Kask__Standing *standing)
{
    store_run (store,
               "INSERT INTO kask_referral VALUES (?1, ?2) ON CONFLICT (referral) DO UPDATE"
               " SET version = ?2 WHERE version < ?2",
               "bi", standing->referral_id.data, standing->referral_id.len,
               (int64_t) standing->version);
}
