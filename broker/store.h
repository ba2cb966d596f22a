/*
 * store - turns: what was asked is recalled, decided and committed together.
 *
 * A turn takes what waits, asks the database in one round trip for what the
 * decisions need, lets intake decide, and commits all of it as one transaction
 * that holds the broker's epoch.  What arrives meanwhile waits and shares the
 * next turn: the batch grows with the load, and nobody chooses its size.
 *
 * Promise: what `committed` is told survives a crash of the broker and of the
 * database's host.  `unavailable` promises nothing; the sender repeats.  What
 * has no answer that says so (DONE, DEAD, Stored, keys) is kept and tried again.
 */
#ifndef KASK_STORE_H
#define KASK_STORE_H

#include "batch.h"
#include "clock.h"
#include "database.h"
#include "item.h"
#include "lane.h"
#include "partner.h"

typedef struct store_s store_t;

typedef struct {
    // A turn is committed.  The items are in their order, with their results; all borrowed
    // for the call.
    void (*committed) (void *arg, item_t *items, const batch_t *batch);
    // What happened to the SEND or the operator's act is unknown.  Borrowed for the call.
    void (*unavailable) (void *arg, item_t *item);
    void (*ready) (void *arg);   // state is loaded, commands are taken
    void (*standby) (void *arg); // a newer broker holds the epoch
    void *arg;
} store_callbacks_t;

typedef struct {
    const char *conninfo;
    size_t batch_bytes;              // of one turn
    int64_t acknowledgement_wait_ms; // that they wait for company
    int64_t keep_days;               // that a settled message stays; 0: for ever
} store_options_t;

store_t *store_new (zloop_t *loop, broker_clock_t *clock, const store_options_t *options,
                    const store_callbacks_t *callbacks);
void store_destroy (store_t **self_p);

typedef enum { STORE_AWAY, STORE_READY, STORE_STANDBY } store_condition_t;
store_condition_t store_condition (const store_t *self);
// How often the database was loaded; its own epoch may come again after a restore.
int64_t store_loads (const store_t *self);
// As in loading.h.
int64_t store_suspect_from (const store_t *self);
int64_t store_restored_from (const store_t *self);
// An act changed the database below what is held here: no turn begins before store_reload, which
// would write the old numbers over the new ones.
void store_outdated (store_t *self);
bool store_is_outdated (const store_t *self);
// Everything is to be read anew.
void store_reload (store_t *self);
bool
store_is_loaded (const store_t *self);    // at least once: the registry is not empty for want of it
bool store_is_idle (const store_t *self); // nothing waits, nothing is under way
// Something that this partner sent in a session waits, or is under way.
bool store_has_from (const store_t *self, int partner);

// Takes the item; while the store is not ready a SEND or act is `unavailable` at once.
void store_put (store_t *self, item_t **item_p);
size_t store_waiting_bytes (const store_t *self);
// Begins a turn if there is reason to; to be called after each round of store_put.
void store_kick (store_t *self);
void store_tick (store_t *self);
// The broker is about to end: what was only counted so far is committed in a last turn.
void store_close (store_t *self);

// What is held in memory.
registry_t *store_registry (store_t *self);
lanes_t *store_lanes (store_t *self);
struct inboxes_s *store_inboxes (store_t *self);
const struct holders_s *store_holders (const store_t *self);
const counters_t *store_counters (const store_t *self);
const uint8_t *store_database_id (const store_t *self); // 16 bytes
int64_t store_generation (const store_t *self);
int64_t store_epoch (const store_t *self);
// A second connection, for reading what is committed.
database_t *store_reader (store_t *self);

#endif
