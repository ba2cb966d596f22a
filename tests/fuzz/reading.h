/*
 * reading - any bytes as a file of one format.
 *
 * The first byte chooses among the target's options, the rest is the file.
 * Each record comes once, as a record or as a problem with words, and the counts agree.
 */
#ifndef KASK_FUZZ_READING_H
#define KASK_FUZZ_READING_H

#include <stddef.h>
#include <stdint.h>

void fuzz_reading (const char *format, const char *const *options, size_t n_options,
                   const uint8_t *data, size_t size);

#endif
