/*
 * help - what kask says of itself, from the table of commands.
 */
#ifndef KASK_HELP_H
#define KASK_HELP_H

#include <stdbool.h>
#include <stdio.h>

// All commands whose words begin with the `n` given, with arguments, help and an
// example each; for n = 0 the overview.  False if there is none.
bool help_print (int n, char *const *words, FILE *out);

#endif
