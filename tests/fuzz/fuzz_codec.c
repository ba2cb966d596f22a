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

#define TRY(kind, type)                                                                            \
    static void try_##kind (const uint8_t *data, size_t size)                                      \
    {                                                                                              \
        type *message;                                                                             \
        fault_t fault = kind##_unpack (data, size, &message);                                      \
        assert ((fault == FAULT_OK) == (message != NULL));                                         \
        if (message)                                                                               \
            protobuf_c_message_free_unpacked (&message->base, NULL);                               \
    }

TRY (command, Kask__Command)
TRY (reply, Kask__Reply)
TRY (done_list, Kask__DoneList)
TRY (signed, Kask__Signed)
TRY (content, Kask__Content)
TRY (audit_entry, Kask__AuditEntry)

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
    static void (*const tries[]) (const uint8_t *, size_t) = {
        try_command, try_reply,   try_header,   try_statement,  try_done_list,
        try_signed,  try_content, try_offering, try_audit_entry};
    if (size > 0)
        tries[data[0] % (sizeof tries / sizeof *tries)](data + 1, size - 1);
    return 0;
}
