/*
 * request - the file with which a partner asks to take part.
 *
 * Lines `key = value`: partner, name, country, and its key statement with the
 * signature of its identity key, both in hex.  Holds no secret.  Pure.
 */
#ifndef KASK_REQUEST_H
#define KASK_REQUEST_H

#include "partner.h"

enum { REQUEST_BYTES = 8192 }; // a longer one is no request

// Fills in all of *partner but its number.  False if a line is missing, twice or
// unknown, a value has not its form, or the statement is not signed by the identity
// that it names: `problem` (of `size` bytes) then says which and what to do.
bool request_read (const char *text, partner_t *partner, char *problem, size_t size);

#endif
