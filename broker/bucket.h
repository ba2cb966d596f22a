/*
 * bucket - how often something may happen: a token bucket.
 *
 * It begins full, holds what one period brings, and fills evenly.  The clock is the caller's.
 */
#ifndef KASK_BUCKET_H
#define KASK_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int64_t per_period; // tokens, at least 1
    int64_t period_ms;
    int64_t level; // tokens times period_ms
    int64_t at_ms; // of the level
} bucket_t;

bucket_t bucket_full (int64_t per_period, int64_t period_ms, int64_t now_ms);
// Takes a token; false if there is none.
bool bucket_take (bucket_t *self, int64_t now_ms);
// After how many ms it holds `tokens` or is full; 0: it does now.
int64_t bucket_wait_ms (bucket_t *self, int64_t tokens, int64_t now_ms);

#endif
