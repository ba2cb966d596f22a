/*
 * outage - how long nobody could be answered: the grace for deadlines.
 *
 * Broker or database away: the time last committed tells.  A machine that slept, or a
 * process that was stopped, finds a hole between two ticks.
 */
#include "outage.h"

static int64_t
if_long (int64_t ms)
{
    return ms >= OUTAGE_LEAST_MS ? ms : 0;
}

void
outage_loaded (outage_t *self, int64_t alive_at, int64_t monotonic_ms)
{
    *self = (outage_t){.alive_at = alive_at, .ticked_at = monotonic_ms};
}

int64_t
outage_tick (outage_t *self, int64_t now, int64_t monotonic_ms)
{
    int64_t hole = monotonic_ms - self->ticked_at;
    self->ticked_at = monotonic_ms;
    if (!now)
        return 0;
    if (!self->alive_at)
        return if_long (hole);
    int64_t away = now - self->alive_at;
    self->alive_at = 0;
    return if_long (away);
}
