/*
 * hostile - a pair of partners that behave badly for some seconds.
 */
#include "hostile.h"

#include <stdio.h>
#include <string.h>
#include <zmq.h>

enum { LETTERS = 40000, SIZE = 1024, AT_ONCE = 100, PACE_US = 1000, A_PACE = 2, PINGS = 2 };

static size_t done;

// Sends as fast as the socket takes it, whatever is answered; what was refused at once again.
static void
flood (peer_t *sender, peer_t *receiver)
{
    if (peer_send (sender, AT_ONCE) == 0)
        peer_rewind (sender);
    done += AT_ONCE;
    peer_read (sender);
    peer_read (receiver);
}

// Asks for nothing but answers.
static void
ping (peer_t *sender, peer_t *receiver)
{
    for (int i = 0; i < AT_ONCE; i++)
        peer_ping (sender);
    done += AT_ONCE;
    peer_read (sender);
    peer_read (receiver);
}

// As much as its share allows goes to it, so that what it does not take is not little.
static void
feed (peer_t *sender)
{
    static int64_t next;
    if (peer_now_us () < next)
        return;
    next = peer_now_us () + PACE_US;
    done += peer_send (sender, A_PACE);
    peer_read (sender);
}

// Reads nothing that comes, and asks.
static void
stall (peer_t *sender, peer_t *receiver)
{
    size_t before = done;
    feed (sender);
    for (int i = 0; done > before && i < PINGS; i++)
        peer_ping (receiver);
}

// Reads all, and takes nothing.
static void
be_silent (peer_t *sender, peer_t *receiver)
{
    feed (sender);
    peer_read (receiver);
}

static void
reconnect (peer_t *sender, peer_t *receiver)
{
    peer_read (receiver);
    peer_reconnect (sender);
    zmq_pollitem_t item = {.socket = peer_socket (sender), .events = ZMQ_POLLIN};
    zmq_poll (&item, 1, 1000);
    done++;
}

static const struct {
    const char *name;
    void (*act) (peer_t *sender, peer_t *receiver);
    bool takes;
    bool rests; // between two acts, or it would only load its own core
} kinds[] = {
    {"flood", flood, true, false},         {"ping", ping, true, false},
    {"stall", stall, false, true},         {"silent", be_silent, false, true},
    {"reconnect", reconnect, true, false},
};

bool
hostile_run (const char *kind, peer_t *sender, peer_t *receiver, int seconds)
{
    size_t k = 0, n = sizeof kinds / sizeof kinds[0];
    while (k < n && strcmp (kinds[k].name, kind) != 0)
        k++;
    if (k == n)
        return false;
    peer_prepare (sender, receiver, LETTERS, SIZE);
    peer_be_hostile (sender, true);
    peer_be_hostile (receiver, kinds[k].takes);
    puts ("begun");
    fflush (stdout);
    int64_t end = peer_now_us () + (int64_t) seconds * 1000000;
    while (peer_now_us () < end) {
        kinds[k].act (sender, receiver);
        if (kinds[k].rests)
            zmq_poll (NULL, 0, 1);
    }
    printf ("{\"done\": %zu, \"accepted\": %zu}\n", done, peer_accepted (sender));
    return true;
}
