/*
 * departure - people's acts, on their way from a source into the outbox.
 *
 * Each act goes into the outbox in one transaction with its case's row, and
 * the last ones of a reading with the source's cursor.  A reading that was broken off
 * anywhere begins anew: the outbox knows an act by its id.
 *
 * An act whose case is not known waits in the store: the case may have been
 * made by a dialogue that was broken off before it could say so.  Later acts of
 * that case wait behind it, in their order.
 */
#ifndef KASK_DEPARTURE_H
#define KASK_DEPARTURE_H

#include "desk_setup.h"
#include "reading.h"

#include <stdbool.h>

// Problems with single acts are added to `reading`.  `cursor` is borrowed; invalid: none.  False:
// the store or the system is down, *problem; all of it again later.
bool departure_store (const desk_setup_t *setup, reading_t *reading, jv cursor, problem_t *problem)
    __attribute__ ((warn_unused_result));

// Tries the acts that wait for their case; those that waited longer than that are set aside.
void departure_retry (const desk_setup_t *setup, int64_t longest_ms);

#endif
