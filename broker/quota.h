/*
 * quota - what one partner may take of the broker, so that enough is left for the others.
 *
 * A partner that is over its share is told how long to wait, and until then nothing that it
 * sends is taken: what follows in a lane would be out of order.  The log names it once a minute.
 */
#ifndef KASK_QUOTA_H
#define KASK_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int64_t messages_a_second; // at least 1; as many at once
    int64_t sessions_a_minute; // at least 1; as many at once
    size_t unanswered;         // messages
    size_t waiting_bytes;      // of them; the first message always passes
    size_t body_bytes;
} quota_options_t;

typedef struct quota_s quota_t;

quota_t *quota_new (const quota_options_t *options);
void quota_destroy (quota_t **self_p);

// Both: 0, and it counts, or after how many ms to try again.  `partner` is a partner's number
// and `id` its name, for the log; monotonic ms.
// A message, where `unanswered` ones of `waiting_bytes` have no answer so far.
uint32_t quota_send (quota_t *self, int partner, const char *id, size_t unanswered,
                     size_t waiting_bytes, int64_t now_ms);
// A new session.
uint32_t quota_hello (quota_t *self, int partner, const char *id, int64_t now_ms);
bool quota_may_hold (const quota_t *self, size_t body_bytes);

// Which setting the partner met in the last minute; NULL: none.
const char *quota_met (const quota_t *self, int partner, int64_t now_ms);

#endif
