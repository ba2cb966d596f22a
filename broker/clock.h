/*
 * clock - what time it is, and whether to believe it.
 *
 * A reading of the wall clock counts only while it agrees with the
 * monotonic clock and, asked now and then, with the clock of the database's host.
 * Otherwise time goes on from the last committed by the monotonic clock,
 * and clock_is_trusted is false until they agree again: expiry waits.
 *
 * Times are milliseconds since 1970 UTC, unless they are called monotonic.
 */
#ifndef KASK_CLOCK_H
#define KASK_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_TOLERANCE_MS = 60000, MS_PER_DAY = 86400000 };

// Where readings come from; a test gives its own.
typedef struct {
    int64_t (*wall_ms) (void *arg);
    int64_t (*monotonic_ms) (void *arg);
    void *arg;
} clock_source_t;

typedef struct broker_clock_s broker_clock_t;

// `source` NULL: the machine's clocks, both shifted by what the file `shift_path` holds
// (milliseconds, in digits; NULL: none), so that a test can let days pass.
broker_clock_t *clock_new (const clock_source_t *source, const char *shift_path);
void clock_destroy (broker_clock_t **self_p);

int64_t clock_monotonic_ms (const broker_clock_t *self);
int64_t clock_now_ms (broker_clock_t *self);
bool clock_is_trusted (const broker_clock_t *self);
// Reads the shift again.
void clock_tick (broker_clock_t *self);
// What the database's host says now, and the time last committed (0: none).
// Warns when they are further apart than the tolerance.
void clock_compare (broker_clock_t *self, int64_t database_ms, int64_t committed_ms);

#endif
