/*
 * kask-bench - loads a broker with bare protocol clients, and says how long it took.
 *
 *   kask-bench DIR PREFIX PAIRS        writes DIR/PREFIX-a1.request, -b1 …, then waits for a
 *                                      line "ENDPOINT BROKER_KEY" on standard input
 *   … MESSAGES SIZE UNDER_WAY          on the next line: each pair sends so many, each its own
 *                                      referral; prints one JSON object
 *   … latency MESSAGES SIZE            one pair, one at a time, until ACCEPTED; prints microseconds
 *   … rest MESSAGES SIZE               the same, each when nothing is left of the one before
 *   … paced MESSAGES SIZE RATE         one pair, so many a second; prints microseconds, and the
 * rate … hostile KIND SECONDS             one pair that behaves badly (hostile.h); prints "begun"
 * first
 *
 * It asserts nothing about time.  Everything else that it can see (an answer that is
 * not ACCEPTED, a gap, a double) ends it with exit code 1.
 */
#include "hostile.h"
#include "peer.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zmq.h>

enum { MAX_PAIRS = 32, WINDOW = 20000, LONGEST_S = 300 };

typedef struct {
    peer_t *sender;
    peer_t *receiver;
} pair_t;

static void
write_request (const char *dir, const peer_t *peer, const char *name, const char *country)
{
    char path[4200];
    snprintf (path, sizeof path, "%s/%s.request", dir, name);
    FILE *out = fopen (path, "w");
    char *text = peer_request (peer, country);
    if (!out || fputs (text, out) < 0 || fclose (out) != 0) {
        fprintf (stderr, "kask-bench: cannot write %s\n", path);
        exit (1);
    }
    free (text);
}

static void
make_pairs (const char *dir, const char *prefix, pair_t *pairs, int n)
{
    for (int i = 0; i < n; i++) {
        char a[64], b[64];
        snprintf (a, sizeof a, "%s-a%d", prefix, i + 1);
        snprintf (b, sizeof b, "%s-b%d", prefix, i + 1);
        pairs[i].sender = peer_new (a);
        pairs[i].receiver = peer_new (b);
        write_request (dir, pairs[i].sender, a, "DK");
        write_request (dir, pairs[i].receiver, b, "NO");
    }
    puts ("ready");
    fflush (stdout);
}

static void
connect_pairs (pair_t *pairs, int n)
{
    char endpoint[300], key[64];
    if (scanf ("%299s %63s", endpoint, key) != 2)
        exit (2);
    for (int i = 0; i < n; i++) {
        peer_connect (pairs[i].sender, endpoint, key, WINDOW);
        peer_connect (pairs[i].receiver, endpoint, key, WINDOW);
    }
}

// Waits until something arrives at one of the pairs, and reads it all.
static void
pump (pair_t *pairs, int n, long wait_ms)
{
    zmq_pollitem_t items[2 * MAX_PAIRS];
    for (int i = 0; i < n; i++) {
        items[2 * i] =
            (zmq_pollitem_t){.socket = peer_socket (pairs[i].sender), .events = ZMQ_POLLIN};
        items[2 * i + 1] =
            (zmq_pollitem_t){.socket = peer_socket (pairs[i].receiver), .events = ZMQ_POLLIN};
    }
    zmq_poll (items, 2 * n, wait_ms);
    for (int i = 0; i < n; i++) {
        if (items[2 * i].revents)
            peer_read (pairs[i].sender);
        if (items[2 * i + 1].revents)
            peer_read (pairs[i].receiver);
    }
}

static double
cpu_seconds (void)
{
    struct rusage usage;
    getrusage (RUSAGE_SELF, &usage);
    return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
load (pair_t *pairs, int n, size_t messages, size_t size, size_t under_way)
{
    for (int i = 0; i < n; i++)
        peer_prepare (pairs[i].sender, pairs[i].receiver, messages, size);
    double cpu = cpu_seconds ();
    int64_t begun = peer_now_us ();
    for (size_t done = 0; done < messages * (size_t) n;) {
        done = 0;
        for (int i = 0; i < n; i++) {
            size_t out = peer_sent (pairs[i].sender) - peer_accepted (pairs[i].sender);
            if (out < under_way)
                peer_send (pairs[i].sender, under_way - out);
            done += peer_done (pairs[i].receiver);
        }
        pump (pairs, n, 1000);
        if (peer_now_us () - begun > (int64_t) LONGEST_S * 1000000) {
            fprintf (stderr, "kask-bench: %zu of %zu are DONE after %d s\n", done,
                     messages * (size_t) n, LONGEST_S);
            exit (1);
        }
    }
    double seconds = (double) (peer_now_us () - begun) / 1e6;
    printf (
        "{\"messages\": %zu, \"seconds\": %.3f, \"per_second\": %.0f, \"client_cpu_s\": %.2f}\n",
        messages * (size_t) n, seconds, (double) (messages * (size_t) n) / seconds,
        cpu_seconds () - cpu);
}

static int
compare (const void *a, const void *b)
{
    int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;
    return (x > y) - (x < y);
}

static void
latency (pair_t *pairs, size_t messages, size_t size, bool rest)
{
    peer_prepare (pairs[0].sender, pairs[0].receiver, messages, size);
    int64_t *took = calloc (messages, sizeof *took);
    for (size_t i = 0; i < messages; i++) {
        int64_t begun = peer_now_us ();
        peer_send (pairs[0].sender, 1);
        while (peer_accepted (pairs[0].sender) <= i)
            pump (pairs, 1, 1000);
        took[i] = peer_now_us () - begun;
        // at rest: its DONE, and that of the RECEIPT
        while (rest && (peer_done (pairs[0].receiver) <= i || peer_done (pairs[0].sender) <= i))
            pump (pairs, 1, 1000);
    }
    qsort (took, messages, sizeof *took, compare);
    printf ("{\"messages\": %zu, \"p50_us\": %lld, \"p99_us\": %lld}\n", messages,
            (long long) took[messages / 2], (long long) took[messages * 99 / 100]);
    free (took);
}

// Each is due at its time, whether those before were answered or not.
static void
paced (pair_t *pair, size_t messages, size_t size, size_t rate)
{
    peer_prepare (pair->sender, pair->receiver, messages, size);
    int64_t *sent = calloc (messages, sizeof *sent), *took = calloc (messages, sizeof *took);
    int64_t begun = peer_now_us (), due;
    for (size_t n = 0; peer_done (pair->receiver) < messages;) {
        size_t next = peer_sent (pair->sender);
        due = begun + (int64_t) next * 1000000 / (int64_t) rate;
        int64_t left = due - peer_now_us ();
        if (next < messages && left <= 0) {
            sent[next] = peer_now_us ();
            peer_send (pair->sender, 1);
        }
        pump (pair, 1, next == messages ? 1000 : left <= 0 ? 0 : left / 1000 + 1);
        for (; n < peer_accepted (pair->sender); n++)
            took[n] = peer_now_us () - sent[n];
    }
    double seconds = (double) (peer_now_us () - begun) / 1e6;
    qsort (took, messages, sizeof *took, compare);
    printf ("{\"messages\": %zu, \"per_second\": %.1f, \"p50_us\": %lld, \"p99_us\": %lld}\n",
            messages, (double) messages / seconds, (long long) took[messages / 2],
            (long long) took[messages * 99 / 100]);
    free (took);
    free (sent);
}

// What the third line asks for; false if that is nothing.
static bool
obey (const char *order, pair_t *pairs, int n)
{
    size_t messages, size, more;
    char kind[32];
    int seconds;
    if (strcmp (order, "hostile") == 0)
        return scanf ("%31s %d", kind, &seconds) == 2 &&
               hostile_run (kind, pairs[0].sender, pairs[0].receiver, seconds);
    bool rest = strcmp (order, "rest") == 0, is_paced = strcmp (order, "paced") == 0;
    if (rest || is_paced || strcmp (order, "latency") == 0) {
        if (scanf ("%zu %zu", &messages, &size) != 2 || (is_paced && scanf ("%zu", &more) != 1))
            return false;
        if (is_paced)
            paced (&pairs[0], messages, size, more);
        else
            latency (pairs, messages, size, rest);
        return true;
    }
    if (scanf ("%zu %zu", &size, &more) != 2)
        return false;
    load (pairs, n, (size_t) strtoul (order, NULL, 10), size, more);
    return true;
}

int
main (int argc, char **argv)
{
    int n = argc == 4 ? atoi (argv[3]) : 0;
    if (n < 1 || n > MAX_PAIRS) {
        fprintf (stderr, "usage: kask-bench DIR PREFIX PAIRS   (1 to %d; see the source's head)\n",
                 MAX_PAIRS);
        return 2;
    }
    if (sodium_init () < 0)
        return 1;
    pair_t pairs[MAX_PAIRS];
    make_pairs (argv[1], argv[2], pairs, n);
    connect_pairs (pairs, n);
    char order[32];
    if (scanf ("%31s", order) != 1 || !obey (order, pairs, n))
        return 2;
    return 0;
}
