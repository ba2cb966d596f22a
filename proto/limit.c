/*
 * limit - the table of limits.def.
 */
#include "limit.h"

static const limit_t limits[] = {
#define LIMIT(name, value, unit, what) {#name, value, unit, what},
#include "limits.def"
#undef LIMIT
};

const limit_t *
limit_table (size_t *count_p)
{
    *count_p = sizeof limits / sizeof *limits;
    return limits;
}
