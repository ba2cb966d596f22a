/*
 * wire - the broker's ROUTER socket: parcels of frames in, parcels out.
 *
 * Knows nothing of what the frames hold.  Nothing here waits: a parcel that
 * cannot be sent now is not sent, and the caller is told so.
 */
#ifndef KASK_WIRE_H
#define KASK_WIRE_H

#include "limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

typedef struct wire_s wire_t;

enum { ROUTE_BYTES = 255, WIRE_ENDPOINT_BYTES = 256, WIRE_PROBLEM_BYTES = 400 };

// Where a reply goes: the connection's routing id.
typedef struct {
    uint8_t bytes[ROUTE_BYTES];
    uint8_t size;
} route_t;

// A message as it came in.
typedef struct {
    route_t route;
    zmq_msg_t frames[LIMIT_FRAMES]; // the first ones; what came behind them was dropped
    int n_frames;
    bool too_many;    // there were more than LIMIT_FRAMES
    const char *user; // what the ZAP handler said; NULL if nobody did; lives as long as frames[0]
} parcel_t;

// One frame to be sent; copied.
typedef struct {
    const void *data;
    size_t size;
} frame_t;

typedef enum {
    WIRE_SENT,
    WIRE_FULL, // the connection takes no more now; nothing was sent
    WIRE_GONE  // there is no such connection any more; nothing was sent
} wire_outcome_t;

typedef struct {
    const uint8_t *public_key; // 32 bytes
    const uint8_t *secret_key; // 32 bytes
    int queued_in;             // most messages waiting to be read, each connection
    int queued_out;            // most messages waiting to be sent, each connection
} wire_options_t;

// `context` is a zmq context, borrowed.
wire_t *wire_new (void *context, const wire_options_t *options);
void wire_destroy (wire_t **self_p);

// Listens there too.  `actual` (WIRE_ENDPOINT_BYTES of it) is set to the endpoint with its
// true port.  False: `problem` (WIRE_PROBLEM_BYTES of it) says why; nothing listens there.
bool wire_listen (wire_t *self, const char *endpoint, char *actual, char *problem);

// The socket, for a loop to wait on.
void *wire_socket (wire_t *self);

// False if nothing has come.  The parcel is to be closed.
bool wire_receive (wire_t *self, parcel_t *parcel);
void parcel_close (parcel_t *parcel);

wire_outcome_t wire_send (wire_t *self, const route_t *route, const frame_t *frames, size_t n);

#endif
