/*
 * wire - the broker's ROUTER socket: parcels of frames in, parcels out.
 *
 * ROUTER is told to be mandatory, so that a full or lost connection is seen
 * at the routing id frame, before anything of the message was sent.  Of a
 * message without end only the first frames are kept; each further one is
 * closed as it comes.
 */
#include "wire.h"
#include "endpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FAREWELL_MS = 300,           // for what was said last when the broker ends
    ABOVE_LIMIT_BYTES = 64 << 10 // a frame that little too large gets an answer; CURVE adds some
};

struct wire_s {
    void *socket;
};

static void
set_int (void *socket, int option, int value)
{
    int rc = zmq_setsockopt (socket, option, &value, sizeof value);
    assert (rc == 0);
}

wire_t *
wire_new (void *context, const wire_options_t *options)
{
    wire_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->socket = zmq_socket (context, ZMQ_ROUTER);
    assert (self->socket);
    int64_t most = LIMIT_BODY_BYTES + ABOVE_LIMIT_BYTES;
    int rc = zmq_setsockopt (self->socket, ZMQ_MAXMSGSIZE, &most, sizeof most);
    assert (rc == 0);
    set_int (self->socket, ZMQ_LINGER, FAREWELL_MS);
    set_int (self->socket, ZMQ_ROUTER_MANDATORY, 1);
    set_int (self->socket, ZMQ_RCVHWM, options->queued_in);
    set_int (self->socket, ZMQ_SNDHWM, options->queued_out);
    set_int (self->socket, ZMQ_TCP_KEEPALIVE, 1);
    set_int (self->socket, ZMQ_CURVE_SERVER, 1);
    rc = zmq_setsockopt (self->socket, ZMQ_CURVE_SECRETKEY, options->secret_key, 32);
    assert (rc == 0);
    rc = zmq_setsockopt (self->socket, ZMQ_ZAP_DOMAIN, "kask", 4);
    assert (rc == 0);
    return self;
}

void
wire_destroy (wire_t **self_p)
{
    if (!*self_p)
        return;
    zmq_close ((*self_p)->socket);
    free (*self_p);
    *self_p = NULL;
}

void *
wire_socket (wire_t *self)
{
    return self->socket;
}

bool
wire_listen (wire_t *self, const char *endpoint, char *actual, char *problem)
{
    // with IPv6 an IPv4 address would come back as [::ffff:…]
    set_int (self->socket, ZMQ_IPV6, endpoint_wants_ipv6 (endpoint));
    if (zmq_bind (self->socket, endpoint) != 0) {
        snprintf (problem, WIRE_PROBLEM_BYTES,
                  "cannot listen on %s: %s; nothing listens there; is another program, or another "
                  "kaskd, using the port?",
                  endpoint, zmq_strerror (errno));
        return false;
    }
    size_t size = WIRE_ENDPOINT_BYTES;
    int rc = zmq_getsockopt (self->socket, ZMQ_LAST_ENDPOINT, actual, &size);
    assert (rc == 0);
    return true;
}

static bool
has_more (const zmq_msg_t *frame)
{
    return zmq_msg_more (frame) != 0;
}

// Takes what follows the kept frames away, one frame at a time.
static void
drop_rest (wire_t *self)
{
    bool more = true;
    while (more) {
        zmq_msg_t frame;
        zmq_msg_init (&frame);
        more = zmq_msg_recv (&frame, self->socket, ZMQ_DONTWAIT) >= 0 && has_more (&frame);
        zmq_msg_close (&frame);
    }
}

static bool
receive_route (wire_t *self, route_t *route)
{
    zmq_msg_t frame;
    zmq_msg_init (&frame);
    bool came = zmq_msg_recv (&frame, self->socket, ZMQ_DONTWAIT) >= 0;
    if (came) {
        route->size = (uint8_t) zmq_msg_size (&frame);
        memcpy (route->bytes, zmq_msg_data (&frame), route->size);
    }
    zmq_msg_close (&frame);
    return came;
}

bool
wire_receive (wire_t *self, parcel_t *parcel)
{
    parcel->n_frames = 0;
    parcel->too_many = false;
    parcel->user = NULL;
    if (!receive_route (self, &parcel->route))
        return false;
    bool more = true;
    while (more && parcel->n_frames < LIMIT_FRAMES) {
        zmq_msg_t *frame = &parcel->frames[parcel->n_frames++];
        zmq_msg_init (frame);
        more = zmq_msg_recv (frame, self->socket, ZMQ_DONTWAIT) >= 0 && has_more (frame);
    }
    if (more) {
        parcel->too_many = true;
        drop_rest (self);
    }
    parcel->user = zmq_msg_gets (&parcel->frames[0], "User-Id");
    return true;
}

void
parcel_close (parcel_t *parcel)
{
    for (int i = 0; i < parcel->n_frames; i++)
        zmq_msg_close (&parcel->frames[i]);
    parcel->n_frames = 0;
}

wire_outcome_t
wire_send (wire_t *self, const route_t *route, const frame_t *frames, size_t n)
{
    if (zmq_send (self->socket, route->bytes, route->size, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
        return errno == EAGAIN ? WIRE_FULL : WIRE_GONE;
    for (size_t i = 0; i < n; i++) {
        int flags = ZMQ_DONTWAIT | (i + 1 < n ? ZMQ_SNDMORE : 0);
        if (zmq_send (self->socket, frames[i].data, frames[i].size, flags) < 0)
            return WIRE_GONE; // the connection broke in between; libzmq drops the rest
    }
    return WIRE_SENT;
}
