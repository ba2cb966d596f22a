/*
 * nesting - how deep is a JSON value?
 */
#ifndef KASK_NESTING_H
#define KASK_NESTING_H

#include <jv.h>
#include <stdbool.h>

// Does `value` (borrowed) hold lists and objects inside each other more than
// `levels` deep?  Goes no deeper than that itself.
bool nesting_exceeds (jv value, int levels);

#endif
