/*
 * fuzz_codec - bytes from a peer, as each of the messages.
 *
 * The first byte chooses the message.  What the codec lets through must have
 * the lengths that codec.h promises, and an offering is checked, too.
 */
#include "codec.h"
#include "fuzz.h"
#include "offering.h"

#include <assert.h>

enum { PROBLEM_BYTES = 200 };

typedef fault_t (unpack_fn) (const uint8_t *data, size_t size, ProtobufCMessage **message_p);

// The functions of codec.h with the message as what it begins with.
#define AS_MESSAGE(kind, type)                                                                     \
    static fault_t any_##kind (const uint8_t *data, size_t size, ProtobufCMessage **message_p)     \
    {                                                                                              \
        Kask__##type *message;                                                                     \
        fault_t fault = kind##_unpack (data, size, &message);                                      \
        *message_p = message ? &message->base : NULL;                                              \
        return fault;                                                                              \
    }

AS_MESSAGE (command, Command)
AS_MESSAGE (reply, Reply)
AS_MESSAGE (done_list, DoneList)
AS_MESSAGE (signed, Signed)
AS_MESSAGE (content, Content)

static void
try_any (const uint8_t *data, size_t size, unsigned choice)
{
    static unpack_fn *const unpacks[] = {any_command, any_reply, any_done_list, any_signed,
                                         any_content};
    ProtobufCMessage *message;
    fault_t fault = unpacks[choice](data, size, &message);
    assert ((fault == FAULT_OK) == (message != NULL));
    protobuf_c_message_free_unpacked (message, NULL);
}

static void
try_header (const uint8_t *data, size_t size)
{
    Kask__Header *header;
    if (header_unpack (data, size, &header) != FAULT_OK)
        return;
    assert (header->message_id.len == CODEC_ID_BYTES);
    assert (header->origin_key.len == CODEC_ORIGIN_BYTES);
    assert (partner_name_is_valid (header->sender) && partner_name_is_valid (header->recipient));
    kask__header__free_unpacked (header, NULL);
}

static void
try_statement (const uint8_t *data, size_t size)
{
    Kask__KeyStatement *statement;
    if (statement_unpack (data, size, &statement) != FAULT_OK)
        return;
    assert (statement->identity_key.len == CODEC_KEY_BYTES && statement->number > 0);
    kask__key_statement__free_unpacked (statement, NULL);
}

static void
try_offering (const uint8_t *data, size_t size)
{
    Kask__Offering *offering;
    char problem[PROBLEM_BYTES];
    if (offering_unpack (data, size, &offering) != FAULT_OK)
        return;
    fault_t fault = offering_check (offering, NULL, problem, sizeof problem);
    assert ((fault == FAULT_OK) == (problem[0] == '\0'));
    kask__offering__free_unpacked (offering, NULL);
}

FUZZ (codec)
{
    if (size == 0)
        return 0;
    switch (data[0] % 8) {
    case 0: try_header (data + 1, size - 1); break;
    case 1: try_statement (data + 1, size - 1); break;
    case 2: try_offering (data + 1, size - 1); break;
    default: try_any (data + 1, size - 1, data[0] % 8U - 3);
    }
    return 0;
}
