/*
 * limit - every size, count and nesting that the contract bounds.
 *
 * Not named limits.h: found through -I it would stand in for the C library's.
 * limits.def is the table.  LIMIT_BODY_BYTES and the like are constants that
 * fit an int, so they may be compared with a size_t and size an array.
 */
#ifndef KASK_LIMIT_H
#define KASK_LIMIT_H

#include <stddef.h>

enum {
#define LIMIT(name, value, unit, what) LIMIT_##name = (value),
#include "limits.def"
#undef LIMIT
};

// One row of the table, for papers and tests.
typedef struct {
    const char *name; // "BODY_BYTES"
    size_t value;
    const char *unit; // "bytes", "count", "levels"
    const char *what;
} limit_t;

// The table, in the order of limits.def; `count_p` is set to its length.
const limit_t *limit_table (size_t *count_p);

#endif
