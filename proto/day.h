/*
 * day - a day of the calendar, as messages write it.
 */
#ifndef KASK_DAY_H
#define KASK_DAY_H

#include <stdbool.h>

// YYYY-MM-DD, a day that exists, in the years 1000 to 9999.
bool day_is_valid (const char *text);

#endif
