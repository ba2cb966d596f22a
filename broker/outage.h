/*
 * outage - how long nobody could be answered: the grace for deadlines.
 *
 * Pure: times come in.  An outage shorter than OUTAGE_LEAST_MS is none.
 */
#ifndef KASK_OUTAGE_H
#define KASK_OUTAGE_H

#include <stdint.h>

enum { OUTAGE_LEAST_MS = 60000 };

typedef struct {
    int64_t alive_at;  // when a broker last worked, as the database says; 0: told already
    int64_t ticked_at; // monotonic ms of the last outage_tick
} outage_t;

// The state was loaded from the database, where a broker last worked at `alive_at` (0: none yet).
void outage_loaded (outage_t *self, int64_t alive_at, int64_t monotonic_ms);

// The broker works.  `now` is the time, 0 while the clock is not trusted.  Returns the
// milliseconds of an outage that has just ended, once, else 0.
int64_t outage_tick (outage_t *self, int64_t now, int64_t monotonic_ms);

#endif
