/*
 * records - what one reading of a source means for its offerings.
 *
 * An import is what a reading gave, as JSON:
 *   {"complete": true,        it saw the whole list
 *    "offerings": [{…}],      Offerings that are right, each with its key
 *    "held": ["key"],         records with a known key that could not be mapped
 *    "unmappable": 0}         and how many more whose key is not known
 * The plan says what to do about it; who carries it out notes each step in the
 * same transaction.  Here is no message and no network.
 *
 * Rules: two records with one key are refused, both.  A record that became
 * unmappable keeps its last good revision, marked held_at_source; where the
 * key of an unmappable record is not known, nothing is withdrawn, because it
 * might be that one.  Only a complete reading withdraws.  A source that lost
 * more than half of its records and more than five is held whole.
 */
#ifndef KASK_RECORDS_H
#define KASK_RECORDS_H

#include <jv.h>
#include <sqlite3.h>
#include <stdbool.h>

typedef struct {
    jv steps;    // array of {"do": "publish" | "hold" | "withdraw", "key", "offering"}; owned
    jv problems; // array of {"field", "problem", "do"}, duplicates; owned
    int unchanged;
    int missing; // known ones that the reading did not show
    int known;   // that stood in the catalogue before
    bool held;   // it shrinks suspiciously: there are no steps
} plan_t;

// `import` is borrowed.  `confirmed`: a person said that the shrinking is right.
// False: the store is down.
bool records_plan (plan_t *self, sqlite3 *db, const char *source, jv import, bool confirmed)
    __attribute__ ((warn_unused_result));
void plan_clear (plan_t *self);

// Notes a step that was carried out, in the caller's transaction.
bool records_note (sqlite3 *db, const char *source, jv step) __attribute__ ((warn_unused_result));

#endif
