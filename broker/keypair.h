/*
 * keypair - the broker's CURVE keys, in a file that only its user reads.
 */
#ifndef KASK_KEYPAIR_H
#define KASK_KEYPAIR_H

#include <stdbool.h>
#include <stdint.h>

enum { KEYPAIR_TEXT_BYTES = 41, KEYPAIR_PROBLEM_BYTES = 400 };

typedef struct {
    uint8_t public_key[32];
    uint8_t secret_key[32];
    char public_text[KEYPAIR_TEXT_BYTES]; // Z85
} keypair_t;

// Makes a new pair and writes it, mode 0600.  A file that exists is never written over.
// False: `problem` (KEYPAIR_PROBLEM_BYTES of it) says why; nothing was written.
bool keypair_make (const char *path, keypair_t *keypair, char *problem);
// Reads it.  False: `problem` says why.
bool keypair_read (const char *path, keypair_t *keypair, char *problem);

#endif
