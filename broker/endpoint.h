/*
 * endpoint - what an endpoint says: tcp://ADDRESS:PORT.
 *
 * Pure text; no socket is opened and no name is looked up.
 */
#ifndef KASK_ENDPOINT_H
#define KASK_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

// True if it is to be bound with IPv6: an address in brackets, or all addresses.
bool endpoint_wants_ipv6 (const char *endpoint);

// True if the address is all of the machine's ("*", "0.0.0.0", "[::]"), which is none that
// another machine could connect to.
bool endpoint_is_everywhere (const char *endpoint);

// Writes the endpoint (its first `length` bytes) into `to`, `size` bytes, as another machine
// connects to it: `host` in the place of all addresses.
void endpoint_from_outside (const char *endpoint, size_t length, const char *host, char *to,
                            size_t size);

#endif
