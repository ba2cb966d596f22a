/*
 * error - what the caller of libkask is told.
 */
#ifndef KASK_SDK_ERROR_H
#define KASK_SDK_ERROR_H

#include "kask.h"

// Writes the text, cut at its size; `error` may be NULL.  Always false, so that
// a function can end with `return error_set (...)`.
bool error_set (kask_error_t *error, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

#endif
