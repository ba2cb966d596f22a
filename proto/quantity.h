/*
 * quantity - numbers with a unit, as people write them in configurations.
 */
#ifndef KASK_QUANTITY_H
#define KASK_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

#define QUANTITY_MOST (INT64_C (1) << 53)

// True, and *number_p set, if the text is a whole number from 0 to
// QUANTITY_MOST: a bare one; of bytes ("4096", "64 KiB", "5 MiB", "1 GiB"); of
// milliseconds ("250 ms", "10 s", "5 min", "2 h", "7 d"; a bare 0).
bool quantity_count (const char *text, int64_t *number_p);
bool quantity_bytes (const char *text, int64_t *number_p);
bool quantity_duration (const char *text, int64_t *number_p);

#endif
