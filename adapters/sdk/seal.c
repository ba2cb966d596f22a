/*
 * seal - bodies: signed and sealed on the way out, opened and checked on the
 * way in.
 *
 * Attachments make a body 5 MiB large, so each step frees what the one before
 * it made, and no more than two copies are here at a time.
 */
#include "seal.h"

#include "codec.h"
#include "statement.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *
pack_signed (const uint8_t *content, size_t size, uint8_t signature[64], size_t *size_p)
{
    Kask__Signed body = KASK__SIGNED__INIT;
    body.content = (ProtobufCBinaryData){.len = size, .data = (uint8_t *) content};
    body.signature.len = 64;
    body.signature.data = signature;
    return message_pack (&body.base, size_p);
}

static uint8_t *
allocate (size_t size)
{
    uint8_t *bytes = malloc (size ? size : 1);
    if (!bytes)
        abort ();
    return bytes;
}

static void
header_hash (const sealed_header_t *header, uint8_t hash[32])
{
    sha256 (hash, header->bytes, header->size);
}

uint8_t *
seal_content (const identity_t *self, const sealed_header_t *header, const uint8_t *content,
              size_t size, const uint8_t key[32], size_t *size_p)
{
    uint8_t hash[32], signature[64];
    header_hash (header, hash);
    const content_subject_t subject = content_subject (header->header, hash);
    sign_content (signature, self->identity_secret, &subject, content, size);
    size_t clear_size;
    uint8_t *clear = pack_signed (content, size, signature, &clear_size);
    *size_p = clear_size + crypto_box_SEALBYTES;
    uint8_t *body = allocate (*size_p);
    bool good = crypto_box_seal (body, clear, clear_size, key) == 0;
    sodium_memzero (clear, clear_size);
    free (clear);
    if (good)
        return body;
    free (body);
    return NULL;
}

uint8_t *
seal_offering (const identity_t *self, const sealed_header_t *header, const uint8_t *content,
               size_t size, size_t *size_p)
{
    uint8_t hash[32], signature[64];
    header_hash (header, hash);
    const offering_subject_t subject = offering_subject (header->header, hash);
    sign_offering (signature, self->identity_secret, &subject, content, size);
    return pack_signed (content, size, signature, size_p);
}

// The first of our keys that opens it; newer ones are tried first.
static uint8_t *
open_box (const identity_t *self, const uint8_t *body, size_t size)
{
    if (size < crypto_box_SEALBYTES)
        return NULL;
    uint8_t *clear = allocate (size - crypto_box_SEALBYTES);
    for (size_t i = 0; i < self->n_sealing; i++)
        if (crypto_box_seal_open (clear, body, size, self->sealing[i].key,
                                  self->sealing[i].secret) == 0)
            return clear;
    free (clear);
    return NULL;
}

static Kask__DeadReason
check_opened (const sealed_header_t *header, const uint8_t sender_key[32], const Kask__Signed *body)
{
    uint8_t hash[32];
    header_hash (header, hash);
    const content_subject_t subject = content_subject (header->header, hash);
    return check_content (body->signature.data, sender_key, &subject, body->content.data,
                          body->content.len)
               ? KASK__DEAD_REASON__DEAD_REASON_NONE
               : KASK__DEAD_REASON__BAD_SIGNATURE;
}

Kask__DeadReason
seal_open (const identity_t *self, const sealed_header_t *header, const uint8_t sender_key[32],
           const uint8_t *body, size_t size, Kask__Content **content_p)
{
    *content_p = NULL;
    uint8_t *clear = open_box (self, body, size);
    if (!clear)
        return self->has_forgotten ? KASK__DEAD_REASON__KEY_GONE : KASK__DEAD_REASON__CANNOT_OPEN;
    Kask__Signed *opened;
    fault_t fault = signed_unpack (clear, size - crypto_box_SEALBYTES, &opened);
    free (clear);
    if (fault != FAULT_OK)
        return KASK__DEAD_REASON__CANNOT_OPEN;
    Kask__DeadReason reason = check_opened (header, sender_key, opened);
    if (reason == KASK__DEAD_REASON__DEAD_REASON_NONE &&
        content_unpack (opened->content.data, opened->content.len, content_p) != FAULT_OK)
        reason = KASK__DEAD_REASON__CANNOT_OPEN;
    kask__signed__free_unpacked (opened, NULL);
    return reason;
}

bool
seal_check_offering (const sealed_header_t *header, const uint8_t publisher_key[32],
                     const uint8_t *body, size_t size, Kask__Offering **offering_p)
{
    Kask__Signed *opened;
    *offering_p = NULL;
    if (signed_unpack (body, size, &opened) != FAULT_OK)
        return false;
    uint8_t hash[32];
    header_hash (header, hash);
    const offering_subject_t subject = offering_subject (header->header, hash);
    bool good = check_offering (opened->signature.data, publisher_key, &subject,
                                opened->content.data, opened->content.len);
    if (!header->header->offering->withdrawn &&
        offering_unpack (opened->content.data, opened->content.len, offering_p) != FAULT_OK)
        good = false;
    kask__signed__free_unpacked (opened, NULL);
    return good;
}
