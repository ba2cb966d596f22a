/*
 * handling - the inbox as the program sees it: the next message, and what became of it.
 *
 * A referral's messages are given in order; one that cannot be handled now
 * holds back its own referral only.  A message is opened when it is given, and
 * what cannot be opened becomes a dead letter.
 */
#ifndef KASK_SDK_HANDLING_H
#define KASK_SDK_HANDLING_H

#include "identity.h"
#include "keyring.h"

typedef struct handling_s handling_t;

// Borrows store, identity and alarm.
handling_t *handling_new (store_t *store, const identity_t *identity, const alarm_t *alarm,
                          uint32_t attempts);
// Frees messages that the program has not given back, too.
void handling_destroy (handling_t **self_p);
// The program's transaction was undone: what was given back in it is there again.
void handling_forget (handling_t *self);

// In a transaction: whether messages are given out, by any handle of this store.  They are not from
// when the handle with the network is opened until Welcome: where the store is an older copy, what
// waits in it may have been settled, or revoked, since.
void handling_may_give (store_t *store, bool may);

kask_message_t *handling_next (handling_t *self, int64_t now_ms);
// When handling_next may have one again without anything having come.
int64_t handling_due_at (const handling_t *self);

// Each takes the message; on false it is still the caller's and nothing has changed.
bool handling_done (handling_t *self, kask_message_t **message_p, kask_error_t *error) KASK_CHECK;
bool handling_later (handling_t *self, kask_message_t **message_p, int64_t again_at_ms,
                     kask_error_t *error) KASK_CHECK;
bool handling_crashed (handling_t *self, kask_message_t **message_p, Kask__DeadReason reason,
                       const char *text, int64_t now_ms, kask_error_t *error) KASK_CHECK;
bool handling_refused (handling_t *self, kask_message_t **message_p, const char *text,
                       kask_error_t *error) KASK_CHECK;

#endif
