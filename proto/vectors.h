/*
 * vectors - the test vectors of PROTOCOL.md, from fixed seeds.
 *
 * Whoever writes a client holds its own bytes against vectors.txt; what is
 * printed here is that file.  Fixed keys and a fixed ephemeral key make every
 * run print the same, so keys of this file protect nothing.
 */
#ifndef KASK_VECTORS_H
#define KASK_VECTORS_H

#include <stdio.h>

// The whole file.  sodium_init () must have been called.
void vectors_print (FILE *out);

#endif
