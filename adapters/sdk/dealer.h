/*
 * dealer - one connection to the broker: a ZeroMQ DEALER socket with CURVE.
 *
 * A dealer is for one session: a new session takes a new one, because what a
 * dead broker had not read stays on the old.  None of it waits.
 */
#ifndef KASK_SDK_DEALER_H
#define KASK_SDK_DEALER_H

#include "identity.h"
#include "port.h"

typedef struct dealer_s dealer_t;

// `context` is ZeroMQ's.  NULL: the endpoint is none.
dealer_t *dealer_new (void *context, const char *endpoint, const uint8_t broker_key[32],
                      const key_pair_t *curve);
void dealer_destroy (dealer_t **self_p);

// False: it takes nothing now, and nothing was sent.
bool dealer_send (dealer_t *self, const frame_t *frames, size_t n);
// The next message's frames, borrowed until the next call; NULL: there is none.
const frame_t *dealer_receive (dealer_t *self, size_t *n_p);

// Descriptors to poll for reading.  They tell of changes only: after anything was done
// with the socket, dealer_is_ready says whether there is something to receive.
int dealer_fd (const dealer_t *self);
int dealer_monitor_fd (const dealer_t *self);
bool dealer_is_ready (dealer_t *self);

typedef enum { DEALER_QUIET, DEALER_LOST, DEALER_REJECTED } dealer_event_t;
// What became of the connection since the last call: LOST: it was made and is gone;
// REJECTED: the broker did not take our key, or is no broker with the key we know.
dealer_event_t dealer_event (dealer_t *self);

#endif
