/*
 * loading - what the broker holds in memory, read from the database.
 *
 * At start and after each reconnect: the epoch is bumped and everything is
 * read in the same transaction, so that nothing of an older broker can come between.
 */
#ifndef KASK_LOADING_H
#define KASK_LOADING_H

#include "batch.h"
#include "database.h"
#include "holders.h"
#include "inboxes.h"
#include "lane.h"
#include "partner.h"

enum { LOADING_SCHEMA_MIN = 9, LOADING_PROBLEM_BYTES = 300 };

typedef struct {
    int64_t epoch;
    uint8_t database[16];
    int64_t generation;
    int64_t alive_at; // when a broker last said that it runs; 0: never
    int64_t
        suspect_from; // the database's last entry when it began another life; 0: it is known whole
    int64_t restored_from; // the same of the last restore that was recovered from; 0: never
    int64_t database_ms;   // the database's clock
    counters_t counters;
} loaded_t;

// What is filled in; borrowed.
typedef struct {
    registry_t *registry;
    lanes_t *lanes;
    inboxes_t *inboxes;
    holders_t *holders;
} loading_t;

// Adds the calls.
void loading_ask (run_t *run);
// Replaces what is held by the answers of loading_ask.  False: `problem`
// (LOADING_PROBLEM_BYTES of it) says why this database cannot be used; what was held is gone.
bool loading_take (loading_t *self, PGresult *const *results, loaded_t *loaded, char *problem);

// The settings of the server without which nothing is durable; `results` answers READ_DURABILITY.
bool loading_is_durable (const PGresult *result, char *problem);

#endif
