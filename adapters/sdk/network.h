/*
 * network - the client on a socket: endpoints in turn, new sockets, one descriptor.
 */
#ifndef KASK_SDK_NETWORK_H
#define KASK_SDK_NETWORK_H

#include "bell.h"
#include "identity.h"
#include "port.h"

typedef struct network_s network_t;

typedef struct {
    const char *software;
    uint32_t inbox_messages;
    uint64_t inbox_bytes;
} network_options_t;

// Borrows store, identity, alarm and wake, which is polled.  NULL: *error says why.
network_t *network_new (store_t *store, const identity_t *identity, const alarm_t *alarm,
                        const bell_t *wake, const network_options_t *options, kask_error_t *error);
void network_destroy (network_t **self_p);

int network_fd (const network_t *self);
int network_timeout_ms (const network_t *self);
kask_state_t network_step (network_t *self);
const char *network_why (const network_t *self);
const char *network_stop_fault (const network_t *self);
// Has something come into the store for the program since this was asked last?
bool network_take_news (network_t *self);

#endif
