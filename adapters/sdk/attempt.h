/*
 * attempt - an attempt to hand a message over that failed, kept until the broker has it.
 *
 * An attempt goes with its message when that is done or erased, and with its report when
 * the message became a dead letter (schema.c's triggers).
 */
#ifndef KASK_SDK_ATTEMPT_H
#define KASK_SDK_ATTEMPT_H

#include "kask.pb-c.h"
#include "limit.h"
#include "store.h"

// Copies `text` as far as it fits into `size` bytes, whole characters only; what is no UTF-8
// becomes a question mark.  A partner's system says anything, and the broker takes text only.
void attempt_text (char *to, size_t size, const char *text);

// In a transaction.
void attempt_put (store_t *store, const char *sender, int64_t sequence, int64_t replay,
                  const Kask__DeadAttempt *attempt);

// The newest LIMIT_DEAD_ATTEMPTS, oldest first; how many.  Each one's text points into `texts`.
size_t attempts_read (store_t *store, const char *sender, int64_t sequence, int64_t replay,
                      Kask__DeadAttempt *attempts, char (*texts)[LIMIT_ATTEMPT_TEXT_BYTES + 1]);

#endif
