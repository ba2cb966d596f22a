/*
 * statement - what is signed, byte by byte, and how it is checked.
 *
 * A signature is over a list of parts, each with its length in four bytes
 * before it.  Plain Ed25519 needs them in one piece, so they are joined once.
 */
#include "statement.h"
#include "codec.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const void *data;
    size_t size;
} part_t;

enum { MAX_PARTS = 7 };

typedef struct {
    part_t part[MAX_PARTS];
    size_t count;
} parts_t;

typedef struct {
    uint8_t *data;
    size_t size;
} joined_t;

static part_t
text_part (const char *text)
{
    return (part_t){text, strlen (text)};
}

static joined_t
join (const parts_t *parts)
{
    joined_t joined = {NULL, 0};
    for (size_t i = 0; i < parts->count; i++)
        joined.size += 4 + parts->part[i].size;
    joined.data = malloc (joined.size);
    if (!joined.data)
        abort ();
    uint8_t *to = joined.data;
    for (size_t i = 0; i < parts->count; i++) {
        assert (parts->part[i].size <= UINT32_MAX);
        for (int shift = 24; shift >= 0; shift -= 8)
            *to++ = (uint8_t) (parts->part[i].size >> shift);
        if (parts->part[i].size > 0)
            memcpy (to, parts->part[i].data, parts->part[i].size);
        to += parts->part[i].size;
    }
    return joined;
}

static void
sign (uint8_t signature[64], const uint8_t secret[64], parts_t parts)
{
    joined_t joined = join (&parts);
    crypto_sign_detached (signature, NULL, joined.data, joined.size, secret);
    free (joined.data);
}

static bool
check (const uint8_t signature[64], const uint8_t key[32], parts_t parts)
{
    joined_t joined = join (&parts);
    int rc = crypto_sign_verify_detached (signature, joined.data, joined.size, key);
    free (joined.data);
    return rc == 0;
}

content_subject_t
content_subject (const Kask__Header *header, const uint8_t header_sha256[32])
{
    assert (header->subject_case == KASK__HEADER__SUBJECT_REFERRAL);
    return (content_subject_t){
        .sender = header->sender,
        .recipient = header->recipient,
        .message_id = header->message_id.data,
        .referral_id = header->referral->referral_id.data,
        .header_sha256 = header_sha256,
    };
}

offering_subject_t
offering_subject (const Kask__Header *header, const uint8_t header_sha256[32])
{
    assert (header->subject_case == KASK__HEADER__SUBJECT_OFFERING);
    return (offering_subject_t){
        .sender = header->sender,
        .message_id = header->message_id.data,
        .key = header->offering->key,
        .header_sha256 = header_sha256,
    };
}

static parts_t
content_parts (const content_subject_t *subject, const uint8_t *content, size_t size)
{
    return (parts_t){{text_part ("kask/content/1"),
                      text_part (subject->sender),
                      text_part (subject->recipient),
                      {subject->message_id, CODEC_ID_BYTES},
                      {subject->referral_id, CODEC_ID_BYTES},
                      {subject->header_sha256, CODEC_HASH_BYTES},
                      {content, size}},
                     7};
}

void
sign_content (uint8_t signature[64], const uint8_t secret[64], const content_subject_t *subject,
              const uint8_t *content, size_t size)
{
    sign (signature, secret, content_parts (subject, content, size));
}

bool
check_content (const uint8_t signature[64], const uint8_t key[32], const content_subject_t *subject,
               const uint8_t *content, size_t size)
{
    return check (signature, key, content_parts (subject, content, size));
}

static parts_t
offering_parts (const offering_subject_t *subject, const uint8_t *content, size_t size)
{
    return (parts_t){{text_part ("kask/offering/1"),
                      text_part (subject->sender),
                      {subject->message_id, CODEC_ID_BYTES},
                      text_part (subject->key),
                      {subject->header_sha256, CODEC_HASH_BYTES},
                      {content, size}},
                     6};
}

void
sign_offering (uint8_t signature[64], const uint8_t secret[64], const offering_subject_t *subject,
               const uint8_t *content, size_t size)
{
    sign (signature, secret, offering_parts (subject, content, size));
}

bool
check_offering (const uint8_t signature[64], const uint8_t key[32],
                const offering_subject_t *subject, const uint8_t *content, size_t size)
{
    return check (signature, key, offering_parts (subject, content, size));
}

static parts_t
done_parts (const char *partner, const uint8_t *list, size_t size)
{
    return (parts_t){{text_part ("kask/done/1"), text_part (partner), {list, size}}, 3};
}

void
sign_done (uint8_t signature[64], const uint8_t secret[64], const char *partner,
           const uint8_t *list, size_t size)
{
    sign (signature, secret, done_parts (partner, list, size));
}

bool
check_done (const uint8_t signature[64], const uint8_t key[32], const char *partner,
            const uint8_t *list, size_t size)
{
    return check (signature, key, done_parts (partner, list, size));
}

static parts_t
statement_parts (const uint8_t *statement, size_t size)
{
    return (parts_t){{text_part ("kask/statement/1"), {statement, size}}, 2};
}

static parts_t
succession_parts (const char *partner, const uint8_t next[32])
{
    return (parts_t){
        {text_part ("kask/succession/1"), text_part (partner), {next, CODEC_KEY_BYTES}}, 3};
}

void
sign_succession (uint8_t signature[64], const uint8_t secret[64], const char *partner,
                 const uint8_t next[32])
{
    sign (signature, secret, succession_parts (partner, next));
}

size_t
statement_former (const Kask__KeyStatement *statement, uint8_t former[LIMIT_SUCCESSIONS][32])
{
    const uint8_t *next = statement->identity_key.data;
    size_t n = 0;
    for (size_t i = statement->n_successions; i > 0 && n < LIMIT_SUCCESSIONS; i--) {
        const Kask__Succession *succession = statement->successions[i - 1];
        if (!check (succession->signature.data, succession->identity_key.data,
                    succession_parts (statement->partner, next)))
            break;
        next = succession->identity_key.data;
        memcpy (former[n++], next, CODEC_KEY_BYTES);
    }
    return n;
}

void
sign_statement (uint8_t signature[64], const uint8_t secret[64], const uint8_t *statement,
                size_t size)
{
    sign (signature, secret, statement_parts (statement, size));
}

bool
check_statement (const uint8_t signature[64], const uint8_t key[32], const uint8_t *statement,
                 size_t size)
{
    return check (signature, key, statement_parts (statement, size));
}

void
identity_fingerprint (const uint8_t key[32], char text[FINGERPRINT_TEXT_BYTES])
{
    uint8_t hash[CODEC_HASH_BYTES];
    sha256 (hash, key, CODEC_KEY_BYTES);
    for (size_t i = 0; i < 8; i++)
        snprintf (text + 5 * i, FINGERPRINT_TEXT_BYTES - 5 * i, i < 7 ? "%02x%02x " : "%02x%02x",
                  hash[2 * i], hash[2 * i + 1]);
}

void
sha256 (uint8_t hash[32], const void *data, size_t size)
{
    crypto_hash_sha256 (hash, data, size);
}
