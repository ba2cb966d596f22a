/*
 * codec_wire - a message written byte by byte, since no encoder makes bad ones; and what comes out.
 */
#ifndef KASK_TEST_CODEC_WIRE_H
#define KASK_TEST_CODEC_WIRE_H

#include "codec.h"
#include "tap.h"

#include <stdlib.h>

typedef struct {
    uint8_t *data;
    size_t size;
    size_t room;
} wire_t;

static inline void
put (wire_t *self, const void *data, size_t size)
{
    if (self->size + size >= self->room) {
        self->room = 2 * (self->size + size) + 16;
        self->data = realloc (self->data, self->room);
        if (!self->data)
            abort ();
    }
    if (size > 0)
        memcpy (self->data + self->size, data, size);
    self->size += size;
}

static inline void
put_varint (wire_t *self, uint64_t number)
{
    do {
        uint8_t byte = (uint8_t) ((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
        put (self, &byte, 1);
        number >>= 7;
    } while (number > 0);
}

static inline void
put_number (wire_t *self, unsigned id, uint64_t number)
{
    put_varint (self, id << 3);
    put_varint (self, number);
}

static inline void
put_bytes (wire_t *self, unsigned id, const void *data, size_t size)
{
    put_varint (self, id << 3 | 2);
    put_varint (self, size);
    put (self, data, size);
}

static inline void
put_text (wire_t *self, unsigned id, const char *text)
{
    put_bytes (self, id, text, strlen (text));
}

static inline void
put_message (wire_t *self, unsigned id, wire_t *message)
{
    put_bytes (self, id, message->data, message->size);
    free (message->data);
    *message = (wire_t){NULL, 0, 0};
}

static inline void
wipe (wire_t *self)
{
    free (self->data);
    *self = (wire_t){NULL, 0, 0};
}

// The bytes are copied to a block of their very size, so that a read behind
// them is caught.
#define EXPECT(function, type, free_type, wire, want, name)                                        \
    do {                                                                                           \
        uint8_t *exact = malloc ((wire)->size ? (wire)->size : 1);                                 \
        if (!exact)                                                                                \
            abort ();                                                                              \
        if ((wire)->data)                                                                          \
            memcpy (exact, (wire)->data, (wire)->size);                                            \
        Kask__##type *message_ = (Kask__##type *) 1;                                               \
        fault_t fault_ = function (exact, (wire)->size, &message_);                                \
        if (!ok (fault_ == (want) && (message_ != NULL) == ((want) == FAULT_OK), (name)))          \
            printf ("# %s\n", fault_name (fault_));                                                \
        if (message_)                                                                              \
            free_type (message_, NULL);                                                            \
        free (exact);                                                                              \
        wipe (wire);                                                                               \
    } while (0)

static inline void
command_gets (wire_t *wire, fault_t want, const char *name)
{
    EXPECT (command_unpack, Command, kask__command__free_unpacked, wire, want, name);
}

static inline void
header_gets (wire_t *wire, fault_t want, const char *name)
{
    EXPECT (header_unpack, Header, kask__header__free_unpacked, wire, want, name);
}

static inline void
content_gets (wire_t *wire, fault_t want, const char *name)
{
    EXPECT (content_unpack, Content, kask__content__free_unpacked, wire, want, name);
}

static inline void
offering_gets (wire_t *wire, fault_t want, const char *name)
{
    EXPECT (offering_unpack, Offering, kask__offering__free_unpacked, wire, want, name);
}

static inline void
reply_gets (wire_t *wire, fault_t want, const char *name)
{
    EXPECT (reply_unpack, Reply, kask__reply__free_unpacked, wire, want, name);
}

static const uint8_t id[64] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";

// A header up to its subject.
static inline wire_t
header_front (void)
{
    wire_t wire = {NULL, 0, 0};
    put_bytes (&wire, 1, id, 16);
    put_text (&wire, 2, "erhvervshus-nord");
    put_text (&wire, 3, "aust-agder");
    put_bytes (&wire, 4, id, 32);
    put_number (&wire, 5, 1764000000000);
    return wire;
}

static inline wire_t
event (unsigned kind)
{
    wire_t wire = {NULL, 0, 0};
    put_bytes (&wire, 1, id, 16);
    put_number (&wire, 2, kind);
    return wire;
}

static inline void
header_with_event_gets (wire_t *event_wire, fault_t want, const char *name)
{
    wire_t wire = header_front ();
    put_message (&wire, 6, event_wire);
    header_gets (&wire, want, name);
}

#endif
