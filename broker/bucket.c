/*
 * bucket - how often something may happen: a token bucket.
 *
 * The level is counted in tokens times the period, so that whole numbers are exact.
 */
#include "bucket.h"

static int64_t
lower (int64_t a, int64_t b)
{
    return a < b ? a : b;
}

bucket_t
bucket_full (int64_t per_period, int64_t period_ms, int64_t now_ms)
{
    return (bucket_t){per_period, period_ms, per_period * period_ms, now_ms};
}

static void
fill (bucket_t *self, int64_t now_ms)
{
    int64_t passed = lower (now_ms - self->at_ms, self->period_ms);
    self->level =
        lower (self->level + passed * self->per_period, self->per_period * self->period_ms);
    self->at_ms = now_ms;
}

bool
bucket_take (bucket_t *self, int64_t now_ms)
{
    fill (self, now_ms);
    if (self->level < self->period_ms)
        return false;
    self->level -= self->period_ms;
    return true;
}

int64_t
bucket_wait_ms (bucket_t *self, int64_t tokens, int64_t now_ms)
{
    fill (self, now_ms);
    int64_t missing = lower (tokens, self->per_period) * self->period_ms - self->level;
    return missing <= 0 ? 0 : (missing + self->per_period - 1) / self->per_period;
}
