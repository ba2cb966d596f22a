/*
 * checkup - is everything there that kaskd needs?
 *
 * The same check for `kaskd --check` and for the start.  It waits for the database, for
 * the loop does not run yet.
 */
#ifndef KASK_CHECKUP_H
#define KASK_CHECKUP_H

#include <stdbool.h>

enum { CHECKUP_PROBLEM_BYTES = 500 };

typedef enum {
    CHECKUP_GOOD,
    CHECKUP_ABSENT, // the database does not answer: it may come later
    CHECKUP_WRONG   // the database must not be used as it is
} checkup_t;

// Looks at the database: schema version and durability.  `problem` (CHECKUP_PROBLEM_BYTES
// of it) says what is wrong and what to do.
checkup_t checkup_database (const char *conninfo, char *problem);

#endif
