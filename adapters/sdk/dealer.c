/*
 * dealer - one connection to the broker: a ZeroMQ DEALER socket with CURVE.
 *
 * ZeroMQ goes on trying to connect by itself; its monitor tells when a connection
 * that was made is lost, which ends the session at once instead of after three
 * heartbeats.
 */
#include "dealer.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
    MAX_FRAMES = 1 + 2 * LIMIT_PULL_RECORDS,
    RECONNECT_MS = 100,
    RECONNECT_MAX_MS = 1000,
    HANDSHAKE_MS = 5000,
    CURVE_BYTES = 4096,    // above what CURVE adds to a frame
    QUEUE_MESSAGES = 16384 // the session's own limits are lower
};

struct dealer_s {
    void *socket;
    void *monitor;
    size_t n_frames;
    zmq_msg_t messages[MAX_FRAMES];
    frame_t frames[MAX_FRAMES];
};

// ---------------------------------------------------------------- making

static bool
set_number (void *socket, int option, int value)
{
    return zmq_setsockopt (socket, option, &value, sizeof value) == 0;
}

// With ZMQ_IMMEDIATE 1 a lost connection makes the socket give up its pipe, also between two frames
// of a message that is being read, and libzmq 4.3.4 ends the process there (fq.cpp: !_more).
// With 0 what is still to be said goes out on the next connection, where it is answered NO_SESSION.
static bool
set_options (void *socket, const uint8_t broker_key[32], const key_pair_t *curve)
{
    int64_t largest = LIMIT_BODY_BYTES + CURVE_BYTES;
    return set_number (socket, ZMQ_LINGER, 0) && set_number (socket, ZMQ_IMMEDIATE, 0) &&
           set_number (socket, ZMQ_RECONNECT_IVL, RECONNECT_MS) &&
           set_number (socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS) &&
           set_number (socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) &&
           set_number (socket, ZMQ_SNDHWM, QUEUE_MESSAGES) &&
           set_number (socket, ZMQ_RCVHWM, QUEUE_MESSAGES) && set_number (socket, ZMQ_IPV6, 1) &&
           zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest) == 0 &&
           zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, broker_key, 32) == 0 &&
           zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, curve->key, 32) == 0 &&
           zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, curve->secret, 32) == 0;
}

static bool
watch (dealer_t *self, void *context)
{
    // a name of its own each time: the monitor before may not have ended yet
    char address[64];
    snprintf (address, sizeof address, "inproc://kask-monitor-%08x%08x", randombytes_random (),
              randombytes_random ());
    if (zmq_socket_monitor (self->socket, address,
                            ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_SUCCEEDED) !=
        0)
        return false;
    self->monitor = zmq_socket (context, ZMQ_PAIR);
    return self->monitor && set_number (self->monitor, ZMQ_LINGER, 0) &&
           zmq_connect (self->monitor, address) == 0;
}

dealer_t *
dealer_new (void *context, const char *endpoint, const uint8_t broker_key[32],
            const key_pair_t *curve)
{
    dealer_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->socket = zmq_socket (context, ZMQ_DEALER);
    if (!self->socket || !set_options (self->socket, broker_key, curve) || !watch (self, context) ||
        zmq_connect (self->socket, endpoint) != 0)
        dealer_destroy (&self);
    return self;
}

static void
close_frames (dealer_t *self)
{
    for (size_t i = 0; i < self->n_frames; i++)
        zmq_msg_close (&self->messages[i]);
    self->n_frames = 0;
}

void
dealer_destroy (dealer_t **self_p)
{
    dealer_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    close_frames (self);
    if (self->socket) {
        zmq_socket_monitor (self->socket, NULL, 0);
        zmq_close (self->socket);
    }
    if (self->monitor)
        zmq_close (self->monitor);
    free (self);
}

// ---------------------------------------------------------------- messages

bool
dealer_send (dealer_t *self, const frame_t *frames, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int more = i + 1 < n ? ZMQ_SNDMORE : 0;
        // the first frame decides: a message that was begun can be ended
        if (zmq_send (self->socket, frames[i].data, frames[i].size, ZMQ_DONTWAIT | more) < 0)
            return false;
    }
    return true;
}

// Frames past the limit are dropped; a message of so many is none of ours.
static bool
receive_frame (dealer_t *self, bool *more_p)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    if (zmq_msg_recv (&message, self->socket, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close (&message);
        return false;
    }
    *more_p = zmq_msg_more (&message);
    if (self->n_frames == MAX_FRAMES) {
        zmq_msg_close (&message);
        return true;
    }
    zmq_msg_t *kept = &self->messages[self->n_frames];
    zmq_msg_init (kept);
    zmq_msg_move (kept, &message);
    zmq_msg_close (&message);
    self->frames[self->n_frames++] = (frame_t){zmq_msg_data (kept), zmq_msg_size (kept)};
    return true;
}

const frame_t *
dealer_receive (dealer_t *self, size_t *n_p)
{
    close_frames (self);
    for (bool more = true; more;)
        if (!receive_frame (self, &more))
            return NULL;
    *n_p = self->n_frames;
    return self->frames;
}

// ---------------------------------------------------------------- events

static int
descriptor (void *socket)
{
    int fd = -1;
    size_t size = sizeof fd;
    zmq_getsockopt (socket, ZMQ_FD, &fd, &size);
    return fd;
}

int
dealer_fd (const dealer_t *self)
{
    return descriptor (self->socket);
}

int
dealer_monitor_fd (const dealer_t *self)
{
    return descriptor (self->monitor);
}

static bool
has_input (void *socket)
{
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt (socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
}

bool
dealer_is_ready (dealer_t *self)
{
    bool monitor = has_input (self->monitor);
    return has_input (self->socket) || monitor;
}

static uint16_t
next_event (dealer_t *self)
{
    uint8_t event[6];
    uint16_t number = 0;
    if (zmq_recv (self->monitor, event, sizeof event, ZMQ_DONTWAIT) < 0)
        return 0;
    memcpy (&number, event, sizeof number);
    char address[256];
    zmq_recv (self->monitor, address, sizeof address, ZMQ_DONTWAIT);
    return number;
}

dealer_event_t
dealer_event (dealer_t *self)
{
    dealer_event_t event = DEALER_QUIET;
    for (uint16_t number = next_event (self); number; number = next_event (self)) {
        // a connection that was rejected is lost right behind it, and says less
        if (number != ZMQ_EVENT_DISCONNECTED && number != ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
            event = DEALER_REJECTED;
        else if (number == ZMQ_EVENT_DISCONNECTED && event == DEALER_QUIET)
            event = DEALER_LOST;
    }
    return event;
}
