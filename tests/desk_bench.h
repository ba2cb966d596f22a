/*
 * desk_bench - what a room of the desk stands on: a world, settings, a ledger, a connector.
 */
#ifndef KASK_TEST_DESK_BENCH_H
#define KASK_TEST_DESK_BENCH_H

#include "desk_setup.h"
#include "desk_world.h"
#include "settings.h"

typedef struct {
    desk_world_t *world;
    settings_t *settings; // NULL: none were given
    desk_setup_t setup;
    int wakes; // how often the network was told that there is something to say
} desk_bench_t;

// Stays where it is until its end.  `conf` (NULL: none) is a file of settings; the connector (NULL:
// none) is borrowed.  What cannot be done ends the test.
void desk_bench_begin (desk_bench_t *self, const char *conf, connector_t *connector);
void desk_bench_end (desk_bench_t *self);
// The number that the query gives; -1 without a row.
int64_t desk_bench_number (const desk_bench_t *self, const char *sql);

#endif
