/*
 * format_buffer - bytes that grow, doubling.
 */
#include "formats/buffer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
format_buffer_put (format_buffer_t *self, const void *bytes, size_t size)
{
    if (self->room - self->size <= size) {
        size_t room = self->room ? self->room : 256;
        while (room - self->size <= size)
            room *= 2;
        char *grown = realloc (self->bytes, room);
        if (!grown)
            abort ();
        self->bytes = grown;
        self->room = room;
    }
    if (size > 0)
        memcpy (self->bytes + self->size, bytes, size);
    self->size += size;
    self->bytes[self->size] = '\0';
}

void
format_buffer_puts (format_buffer_t *self, const char *text)
{
    format_buffer_put (self, text, strlen (text));
}

void
format_buffer_cut (format_buffer_t *self, size_t size)
{
    assert (size <= self->size);
    self->size = size;
    if (self->bytes)
        self->bytes[size] = '\0';
}

void
format_buffer_clear (format_buffer_t *self)
{
    free (self->bytes);
    *self = (format_buffer_t){0};
}
