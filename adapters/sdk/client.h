/*
 * client - the machine of one session after the other: what to say next, and what
 * an answer means.  It knows the store and no socket.
 *
 * A step is: client_take for each message that came and client_prepare, in one
 * transaction; then client_flush.  If that transaction cannot be committed, nothing
 * was said that relied on it: client_open begins anew.
 *
 * tick_ms is a monotonic clock, now_ms the time of day.
 */
#ifndef KASK_SDK_CLIENT_H
#define KASK_SDK_CLIENT_H

#include "identity.h"
#include "inbox.h"
#include "port.h"

typedef enum {
    CLIENT_STAYS,
    CLIENT_RENEWS, // say hello on a new socket to the same broker, at once
    CLIENT_LEAVES, // close, wait, try the next endpoint
    CLIENT_STOPS   // a person is needed
} client_verdict_t;

typedef struct client_s client_t;

// All borrowed.
client_t *client_new (store_t *store, const identity_t *identity, const port_t *port,
                      inbox_t *inbox, const char *software);
void client_destroy (client_t **self_p);

// A new socket.
void client_open (client_t *self, int64_t tick_ms);
// In a transaction: one message from the broker.
void client_take (client_t *self, const frame_t *frames, size_t n, int64_t tick_ms, int64_t now_ms);
// Is there something to write without anything having come?
bool client_has_work (const client_t *self);
// In a transaction, at its end.
void client_prepare (client_t *self, int64_t now_ms);
// After the commit, or without one.
void client_flush (client_t *self, int64_t tick_ms);

bool client_is_welcome (const client_t *self);
client_verdict_t client_verdict (const client_t *self);
const char *client_why (const client_t *self);   // of a verdict; "" with CLIENT_STAYS
const char *client_fault (const client_t *self); // wire name, or ""
uint32_t client_retry_ms (const client_t *self); // that the broker asked for, or 0
// When client_flush has to be called again at the latest.
int64_t client_due_at (const client_t *self);

#endif
