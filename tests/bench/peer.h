/*
 * peer - a bare protocol client for the benchmark: no outbox, no inbox on disk.
 *
 * Speaks PROTOCOL.md over one DEALER socket.  Everything that a message
 * needs before it is sent (header, sealed body) is made beforehand, so that
 * the broker is measured and not this.
 */
#ifndef KASK_BENCH_PEER_H
#define KASK_BENCH_PEER_H

#include "kask.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct peer_s peer_t;

// Keys made anew; the text for `kask partner add`, malloc'd.
peer_t *peer_new (const char *partner);
void peer_destroy (peer_t **self_p);
char *peer_request (const peer_t *self, const char *country);

// Connects and says hello; ends the program where that fails.
void peer_connect (peer_t *self, const char *endpoint, const char *broker_key, uint32_t window);
void *peer_socket (peer_t *self);

// From now on it goes on whatever it is answered, and takes nothing that is delivered unless it
// `takes`.
void peer_be_hostile (peer_t *self, bool takes);
// Another connection and another hello, without waiting for Welcome.
void peer_reconnect (peer_t *self);
void peer_ping (peer_t *self);

// Makes `n` SENDs to `to`, each its own referral, with contents of `size` bytes, sealed.
void peer_prepare (peer_t *self, const peer_t *to, size_t n, size_t size);
// Sends up to `n` of the prepared that were not sent; how many.
size_t peer_send (peer_t *self, size_t n);
// The next to send is the first that was not accepted.
void peer_rewind (peer_t *self);
// Reads all that has arrived: counts answers and receipts, takes and does deliveries.
void peer_read (peer_t *self);

size_t peer_sent (const peer_t *self);
size_t peer_accepted (const peer_t *self);
size_t peer_done (const peer_t *self); // messages whose DONE was confirmed

// Microseconds, monotonic.
int64_t peer_now_us (void);

#endif
