/*
 * seal - bodies: signed and sealed on the way out, opened and checked on the
 * way in.  PROTOCOL.md sections 5 and 9.  Pure but for randomness.
 */
#ifndef KASK_SDK_SEAL_H
#define KASK_SDK_SEAL_H

#include "identity.h"

// A header with its bytes as they are sent.
typedef struct {
    const Kask__Header *header;
    const uint8_t *bytes;
    size_t size;
} sealed_header_t;

// The body of a referral's event: `content` (a Content's bytes) signed by `self` and
// sealed to `key`.  malloc'd, its size in *size_p; NULL if nothing can be sealed to
// that key (a point of small order).
uint8_t *seal_content (const identity_t *self, const sealed_header_t *header,
                       const uint8_t *content, size_t size, const uint8_t key[32], size_t *size_p);

// The body of an offering: `content` signed, in clear.  malloc'd.
uint8_t *seal_offering (const identity_t *self, const sealed_header_t *header,
                        const uint8_t *content, size_t size, size_t *size_p);

// Opens a body that came from the partner with the pinned key `sender_key`.
// NONE: *content_p is the caller's.  CANNOT_OPEN: it is sealed to none of our keys, or
// is damaged; KEY_GONE: the same, and one of ours was erased when its time was over; BAD_SIGNATURE:
// that partner did not sign it with this header.
Kask__DeadReason seal_open (const identity_t *self, const sealed_header_t *header,
                            const uint8_t sender_key[32], const uint8_t *body, size_t size,
                            Kask__Content **content_p);

// Is it the offering that the publisher with that key signed under this header?  The
// Offering in *offering_p is the caller's, also when it is not signed by that key;
// NULL where it is withdrawn or cannot be read.
bool seal_check_offering (const sealed_header_t *header, const uint8_t publisher_key[32],
                          const uint8_t *body, size_t size, Kask__Offering **offering_p);

#endif
