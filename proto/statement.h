/*
 * statement - what is signed, byte by byte, and how it is checked.
 *
 * PROTOCOL.md section 9 is the contract: each part with its length before it,
 * the first part a domain string, so that a signature over one thing can
 * never pass for one over another.  Plain Ed25519 (RFC 8032), not the
 * prehashed variant that libsodium's multi-part interface makes.
 *
 * sodium_init () must have been called.  `secret` is libsodium's 64-byte
 * Ed25519 secret key, `key` the 32-byte public one.  The arrays' lengths are
 * the callers' promise; what came through codec.h has them.
 */
#ifndef KASK_STATEMENT_H
#define KASK_STATEMENT_H

#include "kask.pb-c.h"
#include "limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FINGERPRINT_TEXT_BYTES = 40, // eight groups of four, seven spaces, NUL
};

// What the content of a referral's event is signed together with.  All
// borrowed for the time of the call.
typedef struct {
    const char *sender;
    const char *recipient;
    const uint8_t *message_id;    // 16 bytes
    const uint8_t *referral_id;   // 16 bytes
    const uint8_t *header_sha256; // 32 bytes, of the header's bytes as sent
} content_subject_t;

// What an offering is signed together with.
typedef struct {
    const char *sender;
    const uint8_t *message_id;    // 16 bytes
    const char *key;              // the header's offering key
    const uint8_t *header_sha256; // 32 bytes
} offering_subject_t;

// The subjects of an unpacked header; they borrow from both arguments.  The
// header must have a referral, or an offering, as its subject.
content_subject_t content_subject (const Kask__Header *header, const uint8_t header_sha256[32]);
offering_subject_t offering_subject (const Kask__Header *header, const uint8_t header_sha256[32]);

void sign_content (uint8_t signature[64], const uint8_t secret[64],
                   const content_subject_t *subject, const uint8_t *content, size_t size);
bool check_content (const uint8_t signature[64], const uint8_t key[32],
                    const content_subject_t *subject, const uint8_t *content, size_t size);

void sign_offering (uint8_t signature[64], const uint8_t secret[64],
                    const offering_subject_t *subject, const uint8_t *content, size_t size);
bool check_offering (const uint8_t signature[64], const uint8_t key[32],
                     const offering_subject_t *subject, const uint8_t *content, size_t size);

// `list` holds the bytes of a DoneList, `partner` who reports.
void sign_done (uint8_t signature[64], const uint8_t secret[64], const char *partner,
                const uint8_t *list, size_t size);
bool check_done (const uint8_t signature[64], const uint8_t key[32], const char *partner,
                 const uint8_t *list, size_t size);

// `statement` holds the bytes of a KeyStatement.
void sign_statement (uint8_t signature[64], const uint8_t secret[64], const uint8_t *statement,
                     size_t size);
bool check_statement (const uint8_t signature[64], const uint8_t key[32], const uint8_t *statement,
                      size_t size);

// The succession of an identity key: `next` is the one that it hands over to.
void sign_succession (uint8_t signature[64], const uint8_t secret[64], const char *partner,
                      const uint8_t next[32]);
// The identity keys that handed over, one to the next, down to the statement's own; newest
// first.  One whose signature is wrong is none, nor are those before it.  How many.
size_t statement_former (const Kask__KeyStatement *statement,
                         uint8_t former[LIMIT_SUCCESSIONS][32]);

// For two people on the telephone: "8f3a 02c1 ..." of an identity key.
void identity_fingerprint (const uint8_t key[32], char text[FINGERPRINT_TEXT_BYTES]);

void sha256 (uint8_t hash[32], const void *data, size_t size);

#endif
