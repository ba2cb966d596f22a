/*
 * days - the message table's partitions: made before they are needed, dropped when settled and old.
 */
#ifndef KASK_DAYS_H
#define KASK_DAYS_H

#include "database.h"

typedef struct {
    database_t *writer;
    int64_t keep_days; // that a settled message stays; 0: for ever
    int64_t made;      // partitions are there up to this day, since 1970-01-01; 0: not known
} days_t;

// That the partitions of `day` and of the next are there; once a day the old ones go.
void days_require (days_t *self, int64_t day, int64_t epoch);

#endif
