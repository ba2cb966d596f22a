/*
 * t_dealer - connections that are lost while messages are read from them.
 */
#include "dealer.h"
#include "moment.h"
#include "tap.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <zmq.h>

enum { CONNECTIONS = 40, FRAMES = 3, TALK_MS = 50, QUEUE = 1000, WAIT_MS = 5000 };

typedef struct {
    void *context;
    char endpoint[64];
    key_pair_t keys;
} far_end_t;

static void
make_keys (key_pair_t *pair)
{
    randombytes_buf (pair->secret, sizeof pair->secret);
    crypto_scalarmult_base (pair->key, pair->secret);
}

static void
set_number (void *socket, int option, int value)
{
    if (zmq_setsockopt (socket, option, &value, sizeof value) != 0)
        abort ();
}

// On any port, or again on the one that it had.
static void *
listen_at (far_end_t *self)
{
    void *socket = zmq_socket (self->context, ZMQ_ROUTER);
    set_number (socket, ZMQ_LINGER, 0);
    set_number (socket, ZMQ_CURVE_SERVER, 1);
    set_number (socket, ZMQ_RCVTIMEO, WAIT_MS);
    set_number (socket, ZMQ_SNDTIMEO, TALK_MS);
    set_number (socket, ZMQ_SNDHWM, QUEUE);
    zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, self->keys.secret, sizeof self->keys.secret);
    while (zmq_bind (socket, *self->endpoint ? self->endpoint : "tcp://127.0.0.1:*") != 0)
        if (zmq_errno () != EADDRINUSE)
            abort ();
    size_t size = sizeof self->endpoint;
    zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, self->endpoint, &size);
    return socket;
}

static void
say_one (void *socket, const uint8_t *route, size_t size)
{
    if (zmq_send (socket, route, size, ZMQ_SNDMORE) < 0)
        return;
    for (int k = 0; k < FRAMES; k++)
        zmq_send (socket, "frame", 5, k + 1 < FRAMES ? ZMQ_SNDMORE : 0);
}

// For some time says as much as can be read to whoever spoke.
static void
talk (void *socket)
{
    uint8_t route[256], word[16];
    int size = zmq_recv (socket, route, sizeof route, 0);
    if (size < 0 || zmq_recv (socket, word, sizeof word, 0) < 0)
        return;
    for (int64_t end = moment_tick_ms () + TALK_MS; moment_tick_ms () < end;)
        say_one (socket, route, (size_t) size);
}

// Each connection ends while the other side reads.
static void *
come_and_go (void *arg)
{
    far_end_t *self = arg;
    for (int i = 0; i < CONNECTIONS; i++) {
        void *socket = listen_at (self);
        talk (socket);
        zmq_close (socket);
    }
    return NULL;
}

typedef struct {
    int messages, whole, lost;
} seen_t;

static void
read_all (dealer_t *dealer, seen_t *seen)
{
    size_t n;
    while (dealer_receive (dealer, &n)) {
        seen->messages++;
        seen->whole += n == FRAMES;
    }
    seen->lost += dealer_event (dealer) == DEALER_LOST;
}

static void
connections_are_lost (void)
{
    far_end_t far = {.context = zmq_ctx_new ()};
    key_pair_t own;
    make_keys (&far.keys);
    make_keys (&own);
    zmq_close (listen_at (&far));
    dealer_t *dealer = dealer_new (far.context, far.endpoint, far.keys.key, &own);
    pthread_t thread;
    pthread_create (&thread, NULL, come_and_go, &far);
    seen_t seen = {0};
    const frame_t word = {(const uint8_t *) "word", 4};
    while (pthread_tryjoin_np (thread, NULL) != 0) {
        dealer_send (dealer, &word, 1);
        read_all (dealer, &seen);
        zmq_poll (NULL, 0, 1);
    }
    printf ("# %d messages, %d connections seen lost\n", seen.messages, seen.lost);
    ok (seen.lost >= CONNECTIONS / 2, "connections are lost, and this process lives");
    ok (seen.messages > CONNECTIONS, "messages are read from them");
    is_int (seen.whole, seen.messages, "each of them whole");
    dealer_destroy (&dealer);
    zmq_ctx_term (far.context);
}

int
main (void)
{
    if (sodium_init () < 0)
        return 1;
    connections_are_lost ();
    return tap_end ();
}
