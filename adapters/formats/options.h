/*
 * options - looking things up in a format's options, and the checks on them.
 *
 * Options are one JSON object out of the adapter's configuration.  A name
 * that no table knows is refused: a slip of the pen must not be ignored.
 */
#ifndef KASK_FORMAT_OPTIONS_H
#define KASK_FORMAT_OPTIONS_H

#include "problem.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum {
    OPTION_TEXT,
    OPTION_FLAG,
    OPTION_COUNT,  // a whole number of at least 0
    OPTION_TEXTS,  // a text or an array of texts
    OPTION_OBJECT, // an object of texts
    OPTION_TABLE   // an array of objects, checked by their own table
} option_kind_t;

typedef struct {
    const char *name; // NULL ends the table
    option_kind_t kind;
} option_t;

// `options` is borrowed everywhere here; it may be null or invalid: none.
// `where` names the object in the problem, as in "options" or "columns[3]".
bool options_check (jv options, const option_t *table, const char *where, problem_t *problem)
    __attribute__ ((warn_unused_result));

// Owned copy of a member, invalid if absent.
jv options_get (jv options, const char *name);
// Length of the array or object at `name`; 0 if absent.
int options_length (jv options, const char *name);
// Owned item of the array at `name`; a single text counts as an array of one.
jv options_item (jv options, const char *name, int index);
bool options_flag (jv options, const char *name, bool otherwise);
size_t options_count (jv options, const char *name, size_t otherwise);
// Borrowed from `options` (or `otherwise`); valid as long as `options` is.
const char *options_text (jv options, const char *name, const char *otherwise);

#endif
