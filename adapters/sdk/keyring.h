/*
 * keyring - the other partners: what the broker shows of them, and the pins.
 *
 * A pin is a fingerprint that two people compared by telephone.  The broker's
 * directory can bring keys for a pinned identity; it can never make, move or
 * loosen a pin.  The rows are in the store; nothing is kept in memory.
 */
#ifndef KASK_SDK_KEYRING_H
#define KASK_SDK_KEYRING_H

#include "identity.h"
#include "statement.h"
#include "store.h"

typedef struct {
    char partner[LIMIT_PARTNER_NAME + 1];
    char name[LIMIT_SHORT_TEXT_BYTES + 1];
    char country[LIMIT_CODE_BYTES + 1];
    bool listed; // in the broker's last directory
    bool to_partner;
    bool from_partner;
    bool pinned;   // a pin, and its identity is known
    bool conflict; // the broker shows another identity than the pinned one
    bool revoked;  // the broker's operator has revoked the pinned identity's keys
    bool shown;    // the broker shows keys
    bool sealable; // pinned, no conflict, and its sealing key is known
    uint8_t shown_identity[32];
    uint8_t identity[32];                  // the pinned one
    uint8_t sealing[32];                   // from the newest statement that it signed
    uint8_t former[LIMIT_SUCCESSIONS][32]; // identities that handed over to it, newest first
    size_t n_former;
} peer_t;

// Where something came to light that a person must see.
typedef struct {
    void (*say) (void *arg, kask_log_level_t level, const char *text);
    void *arg;
} alarm_t;

// The identities whose signature counts as the pinned one's, itself first; NULL behind the last.
const uint8_t *peer_identity_at (const peer_t *self, size_t place);

// False, with nothing in *peer but the name, if there is neither a listed partner nor a pin.
bool keyring_find (store_t *store, const char *partner, peer_t *peer);
// The place-th in the order of their ids.
bool keyring_at (store_t *store, size_t place, peer_t *peer);

// In a transaction: the broker's directory, whole.
void keyring_take (store_t *store, const Kask__Directory *directory, const alarm_t *alarm);
bool keyring_pin (store_t *store, const char *partner, const char *fingerprint,
                  const alarm_t *alarm, kask_error_t *error) KASK_CHECK;
bool keyring_unpin (store_t *store, const char *partner, kask_error_t *error) KASK_CHECK;

// Rises whenever somebody can be trusted, or no longer, or with other keys.
int64_t keyring_version (store_t *store);
// In a transaction: lets it rise, so that whoever handles messages looks at all that wait anew.
void keyring_look_again (store_t *store);

#endif
