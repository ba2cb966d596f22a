/*
 * known - what was committed last, so that it need not be read back.
 *
 * This broker alone writes, so what it committed is what the database holds, until
 * something else than a message changed it: then all of this is forgotten.  Two
 * generations: when the young one is full, the old one goes.
 */
#ifndef KASK_KNOWN_H
#define KASK_KNOWN_H

#include "referral.h"

typedef struct known_s known_t;

// What is known of a message in a lane.
typedef struct {
    int64_t referral; // number
    Kask__Event event;
    bool by_broker;
    uint8_t message_id[16];
} known_message_t;

// `most` entries a generation.
known_t *known_new (size_t most);
void known_destroy (known_t **self_p);
void known_forget (known_t *self);

// Copied; a later one of the same id replaces it.
void known_put_referral (known_t *self, const referral_t *referral);
void known_put_message (known_t *self, int recipient, int sender, int64_t sequence,
                        const known_message_t *message);

// NULL if it is not known; valid until the next known_put_… or known_forget.
const referral_t *known_referral (const known_t *self, const uint8_t *id);
const referral_t *known_referral_no (const known_t *self, int64_t no);
const known_message_t *known_message (const known_t *self, int recipient, int sender,
                                      int64_t sequence);

#endif
