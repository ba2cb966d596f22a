/*
 * codec - bytes to structs, with every limit of the contract.
 *
 * Each x_unpack takes bytes from a peer, a file or the database, which may be
 * anything.  Sizes, counts, nesting, the form of names and ids, and UTF-8 are
 * checked on the wire bytes (form.h) before the first allocation; so what
 * comes out has no string with a NUL inside, no list longer than its limit, and
 * every id of the length said below.  Only ATTACHMENTS_BYTES, a sum, is checked
 * after unpacking, when BODY_BYTES has bounded it.
 *
 * On FAULT_OK *x_p is the caller's, freed by the generated
 * kask__x__free_unpacked (x, NULL).  On any other fault *x_p is NULL and
 * nothing was kept.  FAULT_TOO_LARGE and FAULT_TOO_DEEP name a limit; each
 * function has one other fault, for what cannot be read or has no legal value.
 */
#ifndef KASK_CODEC_H
#define KASK_CODEC_H

#include "content.pb-c.h"
#include "fault.h"
#include "kask.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CODEC_ID_BYTES = 16,     // message_id, referral_id, chain_id, outbox, inbox, database
    CODEC_ORIGIN_BYTES = 32, // origin_key
    CODEC_KEY_BYTES = 32,    // identity, CURVE and sealing keys
    CODEC_SIGNATURE_BYTES = 64,
    CODEC_HASH_BYTES = 32
};

// BAD_COMMAND.  Exactly one member of the oneof is set.  Hello: outbox and
// inbox have 16 bytes, database 16 or none; Done: signature has 64.  A signed
// statement, where there is one, has a statement and 64 bytes of signature.
fault_t command_unpack (const uint8_t *data, size_t size, Kask__Command **command_p) KASK_CHECKED;

// BAD_FRAME.  Exactly one member is set.
fault_t reply_unpack (const uint8_t *data, size_t size, Kask__Reply **reply_p) KASK_CHECKED;

// BAD_HEADER.  message_id 16 bytes, origin_key 32, sender and recipient are
// partner names; exactly one subject.  Referral: referral_id 16, an event (known or not),
// chain_id, previous_leg and about_message_id 16 or none, codes have the form of
// codes.  Offering: key 1 to 200 bytes, revision at least 1.  What an event
// *needs* (PROTOCOL.md section 8) is the broker's to check.
fault_t header_unpack (const uint8_t *data, size_t size, Kask__Header **header_p) KASK_CHECKED;

// BAD_STATEMENT.  partner, number at least 1, three keys of 32 bytes.
fault_t statement_unpack (const uint8_t *data, size_t size,
                          Kask__KeyStatement **statement_p) KASK_CHECKED;

// BAD_COMMAND.  partner, inbox 16 bytes, 1 to DONE_ITEMS items, each with
// sender, sequence and a message_id of 16 bytes.
fault_t done_list_unpack (const uint8_t *data, size_t size, Kask__DoneList **list_p) KASK_CHECKED;

// BAD_BODY.  signature has 64 bytes; content may be empty.
fault_t signed_unpack (const uint8_t *data, size_t size, Kask__Signed **signed_p) KASK_CHECKED;

// BAD_BODY.  Attachments: ATTACHMENTS of them, ATTACHMENTS_BYTES together.
fault_t content_unpack (const uint8_t *data, size_t size, Kask__Content **content_p) KASK_CHECKED;

// BAD_BODY.  Sizes only; offering.h says whether it makes sense.
fault_t offering_unpack (const uint8_t *data, size_t size,
                         Kask__Offering **offering_p) KASK_CHECKED;

// a-z, 0-9 and -, beginning with a letter, 1 to PARTNER_NAME bytes.
bool partner_name_is_valid (const char *name);

// The message's bytes, malloc'd, the caller's to free; their number in
// *size_p.  Never NULL, not even for an empty message.  Aborts without memory.
uint8_t *message_pack (const ProtobufCMessage *message, size_t *size_p);

#endif
