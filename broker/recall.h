/*
 * recall - what a batch must know of the database before it is decided.
 *
 * Keys are noted while commands arrive, asked for in one round trip, and
 * the answers are found here while the batch is decided.  What the batch
 * itself makes is put here too, so that a later command sees it.
 * Everything lives until recall_reset.  What was committed last is remembered
 * for some batches more, and then not asked for.
 */
#ifndef KASK_RECALL_H
#define KASK_RECALL_H

#include "arena.h"
#include "batch.h"
#include "database.h"
#include "item.h"
#include "referral.h"

typedef struct recall_s recall_t;

// A referral with what the batch did to it.
typedef struct recalled_referral_s {
    referral_t referral;
    bool is_new;     // to be inserted
    bool is_changed; // to be updated
    struct recalled_referral_s *next_changed;
} recalled_referral_t;

// A message that waits for, or has, its DONE.
typedef struct {
    recalled_referral_t *referral;
    Kask__Event event;
    bool by_broker;
    int replaying; // as a dead letter that is delivered again: which time; 0: it is not, or is done
    uint8_t message_id[16];
} recalled_message_t;

typedef struct {
    uint32_t revision;
    bool withdrawn;
    bool referable;
    uint8_t content_sha256[32];
} recalled_offering_t;

typedef struct {
    char fault[LIMIT_CODE_BYTES + 1];
    const uint8_t *standing; // packed; NULL: none
    size_t standing_size;
} recalled_refusal_t;

recall_t *recall_new (arena_t *arena);
void recall_destroy (recall_t **self_p);
void recall_reset (recall_t *self);
// The turn of these items (NULL: none) was committed, with these messages: what it made is
// remembered; or all is forgotten, if one that is alone in its turn may have changed more.
void recall_committed (recall_t *self, const item_t *first_item, const fresh_t *first_fresh);
// What the database holds is not what was committed here.
void recall_forget (recall_t *self);

// What will be asked.  Asking for the same twice is harmless.
void recall_want_referral (recall_t *self, const uint8_t *id);
void recall_want_send_origin (recall_t *self, int referrer, const uint8_t *origin);
void recall_want_event_origin (recall_t *self, const uint8_t *id, int sender,
                               const uint8_t *origin);
void recall_want_message (recall_t *self, int recipient, int sender, int64_t sequence);
void recall_want_offering (recall_t *self, int publisher, const char *key);
void recall_want_refusal (recall_t *self, int recipient, int sender, int64_t number);
void recall_want_due (recall_t *self, int64_t until, int most);

// Adds the calls to `run`; false if there is nothing to ask.
bool recall_ask (recall_t *self, run_t *run);
// Takes the answers, in the order of the calls.
void recall_take (recall_t *self, PGresult *const *results);

recalled_referral_t *recall_referral (const recall_t *self, const uint8_t *id);
recalled_referral_t *recall_send_origin (const recall_t *self, int referrer, const uint8_t *origin);
bool recall_event_origin (const recall_t *self, int64_t referral, int sender,
                          const uint8_t *origin);
recalled_message_t *recall_message (const recall_t *self, int recipient, int sender,
                                    int64_t sequence);
recalled_offering_t *recall_offering (const recall_t *self, int publisher, const char *key);
const recalled_refusal_t *recall_refusal (const recall_t *self, int recipient, int sender,
                                          int64_t number);
// Referrals whose next deadline has come, in its order; NULL behind the last.
recalled_referral_t *recall_due (const recall_t *self, size_t place);
// There may be more of them than were asked for.
bool recall_due_is_full (const recall_t *self);

// What the batch adds.
recalled_referral_t *recall_put_referral (recall_t *self, const referral_t *referral);
void recall_put_event_origin (recall_t *self, int64_t referral, int sender, const uint8_t *origin);
recalled_offering_t *recall_put_offering (recall_t *self, int publisher, const char *key);
void recall_put_refusal (recall_t *self, int recipient, int sender, int64_t number,
                         const recalled_refusal_t *refusal);
// Marks it as changed; the list of changed ones is in the order of first change.
void recall_changed (recall_t *self, recalled_referral_t *referral);
recalled_referral_t *recall_first_changed (const recall_t *self);

#endif
