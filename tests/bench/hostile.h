/*
 * hostile - a pair of partners that behave badly for some seconds.
 */
#ifndef KASK_BENCH_HOSTILE_H
#define KASK_BENCH_HOSTILE_H

#include "peer.h"

// flood, ping, stall, silent or reconnect.  Prints one JSON object of what was done; false if there
// is no such behaviour.  Both are connected; in flood, ping and reconnect `sender` is the bad one,
// else `receiver`.
bool hostile_run (const char *kind, peer_t *sender, peer_t *receiver, int seconds);

#endif
