/*
 * embed - puts a message that is packed already into another, as it is.
 *
 * protobuf-c appends what it calls unknown fields to what it packs; a packed
 * message with its length in front is one, and need not be unpacked for it.
 */
#ifndef KASK_EMBED_H
#define KASK_EMBED_H

#include "arena.h"

#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

// `message` gets the field `number` of `packed`; lives as long as the arena's pieces.
void embed (ProtobufCMessage *message, uint32_t number, const uint8_t *packed, size_t size,
            arena_t *arena);

#endif
