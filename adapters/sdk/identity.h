/*
 * identity - who this partner is: its own keys and its statement of them.
 *
 * An identity key may hand over to the next one, whose statement then names it; its
 * secret is erased at once.  The CURVE and sealing keys change by a statement with a higher number.
 * Sealing keys that were replaced are kept 90 days, for what was sealed to them before their time
 * was over; a CURVE key until the broker lets its successor in.  A new statement's number is the
 * time of its making in seconds, so that one that is made in a folder that was restored from an old
 * copy is higher than those that were lost.
 */
#ifndef KASK_SDK_IDENTITY_H
#define KASK_SDK_IDENTITY_H

#include "limit.h"
#include "store.h"

enum {
    IDENTITY_SEALING_KEYS = 16, // the present one and the newest retired ones
    IDENTITY_CURVE_KEYS = 4,    // the same
    IDENTITY_KEEP_DAYS = 90
};

typedef struct {
    uint8_t key[32];
    uint8_t secret[32];
} key_pair_t;

// An identity key that handed over to the next.
typedef struct {
    uint8_t key[32];
    uint8_t signature[64];
} succession_t;

typedef struct {
    char partner[LIMIT_PARTNER_NAME + 1];
    char name[LIMIT_SHORT_TEXT_BYTES + 1];
    char country[3];
    uint8_t identity_key[32];                    // Ed25519
    uint8_t identity_secret[64];                 // libsodium's form
    succession_t successions[LIMIT_SUCCESSIONS]; // oldest first
    size_t n_successions;
    key_pair_t curve[IDENTITY_CURVE_KEYS]; // the present one first; those not proved useless yet
    size_t n_curve;
    key_pair_t sealing[IDENTITY_SEALING_KEYS]; // the present one first
    size_t n_sealing;
    bool has_forgotten;                       // a sealing secret of this partner's is gone
    int64_t number;                           // of the newest statement
    uint8_t statement[LIMIT_STATEMENT_BYTES]; // as signed
    size_t statement_size;
    uint8_t signature[64];
    uint8_t origin_secret[32]; // of the keyed hash that makes origin keys
} identity_t;

// Makes keys, statement 1, and the store's ids, in a transaction.
bool identity_make (store_t *store, const char *partner, const char *name, const char *country,
                    int64_t now_ms, kask_error_t *error) KASK_CHECK;
bool identity_load (store_t *store, identity_t *self, kask_error_t *error) KASK_CHECK;
void identity_wipe (identity_t *self);
// Reads the keys anew if another process made some.  True if they are others now.
bool identity_follow (store_t *store, identity_t *self);
// Makes new CURVE and sealing keys, with `identity` an identity key, too, that the present one
// hands over to, and the statement of them.  The old ones are retired.
bool identity_rotate (store_t *store, bool identity, int64_t now_ms,
                      kask_error_t *error) KASK_CHECK;
// The CURVE key of statement `number` is in use: the secrets of those before it are erased.  One
// that another process made meanwhile is not known to the broker yet.
bool identity_curve_is_used (store_t *store, int64_t number, kask_error_t *error) KASK_CHECK;
// In a transaction: the broker knows later keys than this folder has.
void identity_note_lost (store_t *store);
// Erases the sealing secrets that were retired longer than 90 days ago.
void identity_forget_old (store_t *store, int64_t now_ms);
// The origin key of an act: what the act is stays unknown to who has not the secret.
void identity_origin (const identity_t *self, const char *act, uint8_t origin[32]);

#endif
