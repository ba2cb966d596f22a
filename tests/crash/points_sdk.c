/*
 * points_sdk - where libkask makes something durable, or tells the broker.
 */
#include "dealer.h"
#include "points.h"
#include "store.h"

#include <zmq.h>

POINT (bool, store_commit, (store_t * self, kask_error_t *error), (self, error))
POINT (bool, store_leave, (store_t * self, bool good, kask_error_t *error), (self, good, error))
POINT (int, zmq_send, (void *socket, const void *data, size_t size, int flags),
       (socket, data, size, flags))

bool __real_dealer_send (dealer_t *self, const frame_t *frames, size_t n);
bool __wrap_dealer_send (dealer_t *self, const frame_t *frames, size_t n);

// What calls it is mostly the port's function, called in turn through a pointer.
bool
__wrap_dealer_send (dealer_t *self, const frame_t *frames, size_t n)
{
    const void *caller = __builtin_return_address (0);
    const void *outer = point_caller_of (caller);
    point_before (caller);
    point_before (outer);
    bool sent = __real_dealer_send (self, frames, n);
    point_after (caller);
    point_after (outer);
    return sent;
}
