/*
 * reading - the records of one reading of a source, through its mapping.
 *
 * What a mapping makes of the records is collected here, with what was wrong
 * with the others; nothing is stored or sent.
 */
#ifndef KASK_READING_H
#define KASK_READING_H

#include "mapping.h"
#include "problem.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum { GIVES_OFFERINGS, GIVES_EVENTS } gives_t;

typedef struct {
    gives_t gives;
    const char *source; // for the problems' place; borrowed
    jv outputs;         // offerings, or events; owned
    jv problems;        // array of {"line", "path", "field", "problem", "do"}; owned
    jv held;            // keys of offerings that were wrong; owned
    size_t records;     // that came
    size_t passed_over; // that the mapping gave nothing for
    size_t unmappable;  // of which not even the key is known
    size_t crashes;     // one after the other
} reading_t;

void reading_init (reading_t *self, gives_t gives, const char *source);
void reading_clear (reading_t *self);

// Maps one record, taken; `args` is borrowed.  False: the mapping cannot be
// used at all (*problem), or has crashed on READING_CRASHES records running.
enum { READING_CRASHES = 5 };
bool reading_map (reading_t *self, mapping_t *mapping, jv record, jv args, size_t line,
                  problem_t *problem) __attribute__ ((warn_unused_result));

// A record that the format could not read.
void reading_set_aside (reading_t *self, const problem_t *problem);

// As records.h wants it; owned.
jv reading_import (const reading_t *self, bool complete);

// The problem as one line of text; owned.
jv reading_problem_text (const reading_t *self, jv problem);

#endif
