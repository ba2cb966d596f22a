/*
 * format_buffer - bytes that grow.
 *
 * Starts as all zeros.  No memory: abort.  Callers bound what they put in.
 */
#ifndef KASK_FORMAT_BUFFER_H
#define KASK_FORMAT_BUFFER_H

#include <stddef.h>

typedef struct {
    char *bytes; // owned, always followed by a zero byte; NULL while empty
    size_t size;
    size_t room;
} format_buffer_t;

void format_buffer_put (format_buffer_t *self, const void *bytes, size_t size);
void format_buffer_puts (format_buffer_t *self, const char *text);
// Cuts back to `size`, which is not larger than the present size.
void format_buffer_cut (format_buffer_t *self, size_t size);
// Frees the bytes; the buffer can be used again.
void format_buffer_clear (format_buffer_t *self);

#endif
