/*
 * moment - the two clocks.
 */
#ifndef KASK_SDK_MOMENT_H
#define KASK_SDK_MOMENT_H

#include <stdint.h>

// The time of day, ms since 1970.
int64_t moment_now_ms (void);
// A clock that never goes back, in ms.
int64_t moment_tick_ms (void);

#endif
