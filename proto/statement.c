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
join (const part_t *parts, size_t count)
{
    joined_t joined = {NULL, 0};
    for (size_t i = 0; i < count; i++)
        joined.size += 4 + parts[i].size;
    joined.data = malloc (joined.size);
    if (!joined.data)
        abort ();
    uint8_t *to = joined.data;
    for (size_t i = 0; i < count; i++) {
        assert (parts[i].size <= UINT32_MAX);
        for (int shift = 24; shift >= 0; shift -= 8)
            *to++ = (uint8_t) (parts[i].size >> shift);
        if (parts[i].size > 0)
            memcpy (to, parts[i].data, parts[i].size);
        to += parts[i].size;
    }
    return joined;
}

static void
sign (uint8_t signature[64], const uint8_t secret[64], const part_t *parts, size_t count)
{
    joined_t joined = join (parts, count);
    crypto_sign_detached (signature, NULL, joined.data, joined.size, secret);
    free (joined.data);
}

static bool
check (const uint8_t signature[64], const uint8_t key[32], const part_t *parts, size_t count)
{
    joined_t joined = join (parts, count);
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

enum {
    CONTENT_PARTS = 7,
    OFFERING_PARTS = 6,
    DONE_PARTS = 3,
    STATEMENT_PARTS = 2,
    SUCCESSION_PARTS = 3
};

static void
content_parts (part_t parts[CONTENT_PARTS], const content_subject_t *subject,
               const uint8_t *content, size_t size)
{
    parts[0] = text_part ("kask/content/1");
    parts[1] = text_part (subject->sender);
    parts[2] = text_part (subject->recipient);
    parts[3] = (part_t){subject->message_id, CODEC_ID_BYTES};
    parts[4] = (part_t){subject->referral_id, CODEC_ID_BYTES};
    parts[5] = (part_t){subject->header_sha256, CODEC_HASH_BYTES};
    parts[6] = (part_t){content, size};
}

void
sign_content (uint8_t signature[64], const uint8_t secret[64], const content_subject_t *subject,
              const uint8_t *content, size_t size)
{
    part_t parts[CONTENT_PARTS];
    content_parts (parts, subject, content, size);
    sign (signature, secret, parts, CONTENT_PARTS);
}

bool
check_content (const uint8_t signature[64], const uint8_t key[32], const content_subject_t *subject,
               const uint8_t *content, size_t size)
{
    part_t parts[CONTENT_PARTS];
    content_parts (parts, subject, content, size);
    return check (signature, key, parts, CONTENT_PARTS);
}

static void
offering_parts (part_t parts[OFFERING_PARTS], const offering_subject_t *subject,
                const uint8_t *content, size_t size)
{
    parts[0] = text_part ("kask/offering/1");
    parts[1] = text_part (subject->sender);
    parts[2] = (part_t){subject->message_id, CODEC_ID_BYTES};
    parts[3] = text_part (subject->key);
    parts[4] = (part_t){subject->header_sha256, CODEC_HASH_BYTES};
    parts[5] = (part_t){content, size};
}

void
sign_offering (uint8_t signature[64], const uint8_t secret[64], const offering_subject_t *subject,
               const uint8_t *content, size_t size)
{
    part_t parts[OFFERING_PARTS];
    offering_parts (parts, subject, content, size);
    sign (signature, secret, parts, OFFERING_PARTS);
}

bool
check_offering (const uint8_t signature[64], const uint8_t key[32],
                const offering_subject_t *subject, const uint8_t *content, size_t size)
{
    part_t parts[OFFERING_PARTS];
    offering_parts (parts, subject, content, size);
    return check (signature, key, parts, OFFERING_PARTS);
}

static void
done_parts (part_t parts[DONE_PARTS], const char *partner, const uint8_t *list, size_t size)
{
    parts[0] = text_part ("kask/done/1");
    parts[1] = text_part (partner);
    parts[2] = (part_t){list, size};
}

void
sign_done (uint8_t signature[64], const uint8_t secret[64], const char *partner,
           const uint8_t *list, size_t size)
{
    part_t parts[DONE_PARTS];
    done_parts (parts, partner, list, size);
    sign (signature, secret, parts, DONE_PARTS);
}

bool
check_done (const uint8_t signature[64], const uint8_t key[32], const char *partner,
            const uint8_t *list, size_t size)
{
    part_t parts[DONE_PARTS];
    done_parts (parts, partner, list, size);
    return check (signature, key, parts, DONE_PARTS);
}

static void
statement_parts (part_t parts[STATEMENT_PARTS], const uint8_t *statement, size_t size)
{
    parts[0] = text_part ("kask/statement/1");
    parts[1] = (part_t){statement, size};
}

static void
succession_parts (part_t parts[SUCCESSION_PARTS], const char *partner, const uint8_t next[32])
{
    parts[0] = text_part ("kask/succession/1");
    parts[1] = text_part (partner);
    parts[2] = (part_t){next, CODEC_KEY_BYTES};
}

void
sign_succession (uint8_t signature[64], const uint8_t secret[64], const char *partner,
                 const uint8_t next[32])
{
    part_t parts[SUCCESSION_PARTS];
    succession_parts (parts, partner, next);
    sign (signature, secret, parts, SUCCESSION_PARTS);
}

size_t
statement_former (const Kask__KeyStatement *statement, uint8_t former[LIMIT_SUCCESSIONS][32])
{
    const uint8_t *next = statement->identity_key.data;
    size_t n = 0;
    for (size_t i = statement->n_successions; i > 0 && n < LIMIT_SUCCESSIONS; i--) {
        const Kask__Succession *succession = statement->successions[i - 1];
        part_t parts[SUCCESSION_PARTS];
        succession_parts (parts, statement->partner, next);
        if (!check (succession->signature.data, succession->identity_key.data, parts,
                    SUCCESSION_PARTS))
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
    part_t parts[STATEMENT_PARTS];
    statement_parts (parts, statement, size);
    sign (signature, secret, parts, STATEMENT_PARTS);
}

bool
check_statement (const uint8_t signature[64], const uint8_t key[32], const uint8_t *statement,
                 size_t size)
{
    part_t parts[STATEMENT_PARTS];
    statement_parts (parts, statement, size);
    return check (signature, key, parts, STATEMENT_PARTS);
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
