/*
 * embed - puts a message that is packed already into another, as it is.
 */
#include "embed.h"

#include <assert.h>
#include <string.h>

enum { VARINT_BYTES = 10 };

static size_t
varint (uint8_t *to, size_t value)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        to[n++] = (uint8_t) (value | 0x80);
    to[n++] = (uint8_t) value;
    return n;
}

void
embed (ProtobufCMessage *message, uint32_t number, const uint8_t *packed, size_t size,
       arena_t *arena)
{
    assert (message->n_unknown_fields == 0);
    ProtobufCMessageUnknownField *field = arena_alloc (arena, sizeof *field);
    uint8_t *data = arena_alloc (arena, VARINT_BYTES + size);
    size_t used = varint (data, size);
    memcpy (data + used, packed, size);
    *field = (ProtobufCMessageUnknownField){.tag = number,
                                            .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
                                            .len = used + size,
                                            .data = data};
    message->n_unknown_fields = 1;
    message->unknown_fields = field;
}
