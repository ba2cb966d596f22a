/*
 * import - carries out what a reading means for the catalogue.
 *
 * records.h says what is to be done; here it goes into the outbox, in
 * transactions with the rows that remember it.  A reading that was broken off
 * anywhere begins anew without harm: what was published is known.
 */
#ifndef KASK_IMPORT_H
#define KASK_IMPORT_H

#include "desk_setup.h"
#include "reading.h"

#include <stdbool.h>

typedef enum {
    IMPORT_STORED,
    IMPORT_HELD, // the source shrinks suspiciously: kept until a person confirms it
    IMPORT_LATER // the store is down; *problem
} import_result_t;

// Problems with single records are added to `reading`.  `cursor` (borrowed; invalid: none) is
// stored with the last of it.
import_result_t import_store (const desk_setup_t *setup, reading_t *reading, bool complete,
                              jv cursor, problem_t *problem);

// Carries out the import of a source that was held and is confirmed; false: there is none.
bool import_confirmed (const desk_setup_t *setup, const char *source);

#endif
