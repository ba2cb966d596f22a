/*
 * secret - a setting's value that stands elsewhere: env:NAME or file:PATH.
 */
#ifndef KASK_CONNECTOR_SECRET_H
#define KASK_CONNECTOR_SECRET_H

#include "problem.h"
#include "settings.h"

#include <stdbool.h>

enum { SECRET_BYTES = 4096 }; // with its zero byte

// The text of [http] `name`, or what it points to; a file's first line.  A relative path begins at
// [http] secrets. Owned by the caller, who wipes it with secret_free().  NULL: the problem, which
// never repeats the value.
char *secret_read (const settings_t *settings, const char *name, problem_t *problem)
    __attribute__ ((warn_unused_result));
void secret_free (char **secret_p);

#endif
