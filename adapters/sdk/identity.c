/*
 * identity - who this partner is: its own keys and its statement of them.
 */
#include "identity.h"

#include "codec.h"
#include "error.h"
#include "fact.h"
#include "statement.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static ProtobufCBinaryData
binary (uint8_t *data, size_t size)
{
    return (ProtobufCBinaryData){.len = size, .data = data};
}

// The statement's bytes, malloc'd.
static uint8_t *
make_statement (identity_t *keys, int64_t now_ms, size_t *size_p)
{
    Kask__KeyStatement statement = KASK__KEY_STATEMENT__INIT;
    statement.partner = keys->partner;
    statement.number = (uint64_t) keys->number;
    statement.made_at_ms = now_ms;
    statement.identity_key = binary (keys->identity_key, sizeof keys->identity_key);
    statement.curve_key = binary (keys->curve[0].key, sizeof keys->curve[0].key);
    statement.sealing_key = binary (keys->sealing[0].key, sizeof keys->sealing[0].key);
    Kask__Succession successions[LIMIT_SUCCESSIONS], *list[LIMIT_SUCCESSIONS];
    for (size_t i = 0; i < keys->n_successions; i++) {
        succession_t *from = &keys->successions[i];
        kask__succession__init (&successions[i]);
        successions[i].identity_key = binary (from->key, sizeof from->key);
        successions[i].signature = binary (from->signature, sizeof from->signature);
        list[i] = &successions[i];
    }
    statement.n_successions = keys->n_successions;
    statement.successions = list;
    return message_pack (&statement.base, size_p);
}

static void
put_keys (store_t *store, identity_t *keys, int64_t now_ms)
{
    size_t size;
    uint8_t *statement = make_statement (keys, now_ms, &size);
    uint8_t signature[64];
    sign_statement (signature, keys->identity_secret, statement, size);
    store_run (store,
               "INSERT INTO kask_key (number, made_at_ms, statement, signature, identity_secret,"
               " curve_secret, sealing_secret) VALUES (?, ?, ?, ?, ?, ?, ?)",
               "iibbbbb", keys->number, now_ms, statement, size, signature, sizeof signature,
               keys->identity_secret, sizeof keys->identity_secret, keys->curve[0].secret,
               sizeof keys->curve[0].secret, keys->sealing[0].secret,
               sizeof keys->sealing[0].secret);
    free (statement);
}

static void
put_random_fact (store_t *store, const char *name, size_t size)
{
    uint8_t bytes[32];
    randombytes_buf (bytes, size);
    fact_put_bytes (store, name, bytes, size);
    sodium_memzero (bytes, sizeof bytes);
}

bool
identity_make (store_t *store, const char *partner, const char *name, const char *country,
               int64_t now_ms, kask_error_t *error)
{
    identity_t keys = {.number = 1};
    strncpy (keys.partner, partner, LIMIT_PARTNER_NAME);
    crypto_sign_keypair (keys.identity_key, keys.identity_secret);
    crypto_box_keypair (keys.curve[0].key, keys.curve[0].secret);
    crypto_box_keypair (keys.sealing[0].key, keys.sealing[0].secret);
    bool good = store_begin (store, error);
    if (good) {
        put_keys (store, &keys, now_ms);
        fact_put_bytes (store, "partner", partner, strlen (partner));
        fact_put_bytes (store, "name", name, strlen (name));
        fact_put_bytes (store, "country", country, strlen (country));
        put_random_fact (store, "origin_secret", 32);
        put_random_fact (store, "outbox", 16);
        put_random_fact (store, "inbox", 16);
        good = store_commit (store, error);
    }
    identity_wipe (&keys);
    return good;
}

static bool
load_text (store_t *store, const char *name, char *text, size_t size)
{
    sqlite3_stmt *row =
        store_query (store, "SELECT CAST (value AS TEXT) FROM kask_fact WHERE name = ?", "t", name);
    bool good = row && (size_t) sqlite3_column_bytes (row, 0) < size;
    if (good)
        strcpy (text, (const char *) sqlite3_column_text (row, 0));
    store_release (row);
    return good;
}

static bool
take_column (sqlite3_stmt *row, int column, void *data, size_t size)
{
    if ((size_t) sqlite3_column_bytes (row, column) != size)
        return false;
    memcpy (data, sqlite3_column_blob (row, column), size);
    return true;
}

static bool
take_successions (identity_t *self)
{
    Kask__KeyStatement *statement;
    if (statement_unpack (self->statement, self->statement_size, &statement) != FAULT_OK)
        return false;
    for (size_t i = 0; i < statement->n_successions; i++) {
        const Kask__Succession *from = statement->successions[i];
        succession_t *to = &self->successions[self->n_successions++];
        memcpy (to->key, from->identity_key.data, sizeof to->key);
        memcpy (to->signature, from->signature.data, sizeof to->signature);
    }
    kask__key_statement__free_unpacked (statement, NULL);
    return true;
}

static bool
take_statement (identity_t *self, sqlite3_stmt *row)
{
    self->statement_size = (size_t) sqlite3_column_bytes (row, 0);
    if (self->statement_size == 0 || self->statement_size > sizeof self->statement)
        return false;
    memcpy (self->statement, sqlite3_column_blob (row, 0), self->statement_size);
    return take_successions (self) &&
           take_column (row, 1, self->signature, sizeof self->signature) &&
           take_column (row, 2, self->identity_secret, sizeof self->identity_secret);
}

// Erased ones are passed over.
static void
take_curve (identity_t *self, sqlite3_stmt *row)
{
    if (self->n_curve == IDENTITY_CURVE_KEYS)
        return;
    key_pair_t *pair = &self->curve[self->n_curve];
    if (!take_column (row, 3, pair->secret, sizeof pair->secret))
        return;
    crypto_scalarmult_base (pair->key, pair->secret);
    self->n_curve++;
}

static void
take_sealing (identity_t *self, sqlite3_stmt *row)
{
    key_pair_t *pair = &self->sealing[self->n_sealing];
    if (take_column (row, 4, pair->secret, sizeof pair->secret)) {
        crypto_scalarmult_base (pair->key, pair->secret);
        self->n_sealing++;
    } else {
        self->has_forgotten = true;
    }
}

// The newest statement counts; the older rows lend their other keys.
static bool
load_keys (store_t *store, identity_t *self)
{
    sqlite3_stmt *row =
        store_query (store,
                     "SELECT statement, signature, identity_secret, curve_secret,"
                     " sealing_secret, number FROM kask_key ORDER BY number DESC LIMIT ?",
                     "i", (int64_t) IDENTITY_SEALING_KEYS);
    bool good = row && take_statement (self, row);
    self->number = row ? sqlite3_column_int64 (row, 5) : 0;
    for (; row; row = store_next (store, row)) {
        take_curve (self, row);
        take_sealing (self, row);
    }
    return good && self->n_sealing > 0 && self->n_curve > 0;
}

bool
identity_load (store_t *store, identity_t *self, kask_error_t *error)
{
    *self = (identity_t){0};
    if (!load_keys (store, self) ||
        !load_text (store, "partner", self->partner, sizeof self->partner) ||
        !load_text (store, "name", self->name, sizeof self->name) ||
        !load_text (store, "country", self->country, sizeof self->country) ||
        !fact_bytes (store, "origin_secret", self->origin_secret, sizeof self->origin_secret)) {
        identity_wipe (self);
        return error_set (error,
                          "%s: holds no whole set of keys; nothing was done; restore the folder "
                          "from a backup, or remove it and run kask-adapter init anew",
                          store_folder (store));
    }
    crypto_sign_ed25519_sk_to_pk (self->identity_key, self->identity_secret);
    self->has_forgotten = self->has_forgotten || fact_number (store, "keys_lost");
    return true;
}

bool
identity_follow (store_t *store, identity_t *self)
{
    if (store_number (store, 0, "SELECT max (number) FROM kask_key", "") == self->number)
        return false;
    identity_t newer;
    bool good = identity_load (store, &newer, NULL);
    if (good)
        *self = newer;
    identity_wipe (&newer);
    return good;
}

void
identity_wipe (identity_t *self)
{
    sodium_memzero (self, sizeof *self);
}

// ---------------------------------------------------------------- new keys

static bool
may_rotate (const identity_t *keys, kask_error_t *error)
{
    return keys->n_sealing < IDENTITY_SEALING_KEYS ||
           error_set (error,
                      "partner %s: has %d sealing keys that something may still be sealed to; no "
                      "new ones were made; wait until the oldest is %d days out of use",
                      keys->partner, IDENTITY_SEALING_KEYS, IDENTITY_KEEP_DAYS);
}

// The present identity key hands over to a new one; the oldest that is remembered may drop out.
static void
hand_over (identity_t *keys)
{
    if (keys->n_successions == LIMIT_SUCCESSIONS)
        memmove (keys->successions, keys->successions + 1,
                 --keys->n_successions * sizeof keys->successions[0]);
    succession_t *last = &keys->successions[keys->n_successions++];
    uint8_t secret[sizeof keys->identity_secret];
    memcpy (secret, keys->identity_secret, sizeof secret);
    memcpy (last->key, keys->identity_key, sizeof last->key);
    crypto_sign_keypair (keys->identity_key, keys->identity_secret);
    sign_succession (last->signature, secret, keys->partner, keys->identity_key);
    sodium_memzero (secret, sizeof secret);
}

bool
identity_rotate (store_t *store, bool identity, int64_t now_ms, kask_error_t *error)
{
    identity_t keys;
    if (!identity_load (store, &keys, error))
        return false;
    bool good = may_rotate (&keys, error) && store_begin (store, error);
    if (good) {
        int64_t seconds = now_ms / 1000;
        keys.number = seconds > keys.number ? seconds : keys.number + 1;
        crypto_box_keypair (keys.curve[0].key, keys.curve[0].secret);
        crypto_box_keypair (keys.sealing[0].key, keys.sealing[0].secret);
        if (identity)
            hand_over (&keys);
        store_run (store,
                   "UPDATE kask_key SET retired_at_ms = ?, identity_secret = x''"
                   " WHERE retired_at_ms = 0",
                   "i", now_ms);
        put_keys (store, &keys, now_ms);
        good = store_commit (store, error);
    }
    identity_wipe (&keys);
    return good;
}

bool
identity_curve_is_used (store_t *store, int64_t number, kask_error_t *error)
{
    if (!store_begin (store, error))
        return false;
    store_run (store, "UPDATE kask_key SET curve_secret = x'' WHERE number < ?", "i", number);
    return store_commit (store, error);
}

void
identity_note_lost (store_t *store)
{
    fact_put_number (store, "keys_lost", 1);
}

void
identity_forget_old (store_t *store, int64_t now_ms)
{
    const int64_t keep_ms = (int64_t) IDENTITY_KEEP_DAYS * 24 * 3600 * 1000;
    store_run (store,
               "UPDATE kask_key SET sealing_secret = NULL WHERE retired_at_ms > 0"
               " AND retired_at_ms < ? AND sealing_secret IS NOT NULL",
               "i", now_ms - keep_ms);
}

void
identity_origin (const identity_t *self, const char *act, uint8_t origin[32])
{
    crypto_generichash (origin, 32, (const uint8_t *) act, strlen (act), self->origin_secret,
                        sizeof self->origin_secret);
}
