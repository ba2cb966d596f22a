/*
 * store - turns: what was asked is recalled, decided and committed together.
 *
 * A turn whose data the database refuses (SQLSTATE class 21, 22 or 23) holds an act that was
 * sent before, or a mistake of ours.  Its items go back to the front: first they are decided
 * with doubts, which finds the repeated act; then they are tried in halves, until the one is
 * alone and is refused.  Any other failure is unknown: the senders are told so, and
 * everything is loaded anew.
 */
#include "store.h"
#include "days.h"
#include "gather.h"
#include "holders.h"
#include "inboxes.h"
#include "intake.h"
#include "loading.h"
#include "log.h"
#include "outage.h"
#include "queue.h"
#include "refusals.h"
#include "statements.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    TURN_ITEMS = 20000,
    SHARE_OF_TURN = 256, // items; smaller turns cost the rate, larger ones the latency of others
    RUN_TIMEOUT_MS = 15000,
    CLOCK_EVERY_MS = 1000,
    COMPARE_EVERY_MS = 10000,
    ALIVE_EVERY_MS = 30000,
    RETURN_MS = 20000 // clients take up to 15 s to come back, PROTOCOL.md section 1
};

typedef enum { TURN_NONE, TURN_RECALLING, TURN_COMMITTING } turn_phase_t;

struct store_s {
    broker_clock_t *clock;
    store_options_t options;
    store_callbacks_t callbacks;
    database_t *writer;
    database_t *reader;
    registry_t *registry;
    lanes_t *lanes;
    inboxes_t *inboxes;
    holders_t *holders;
    refusals_t *refusals;
    batch_t *batch;
    recall_t *recall;
    intake_t intake;
    loaded_t loaded; // and its counters, which rise with each commit
    store_condition_t condition;
    bool was_loaded;
    int64_t loads;
    queue_t waiting;
    queue_t turn; // under way
    turn_phase_t phase;
    int64_t phase_at;      // monotonic ms
    size_t most;           // items of a turn; falls when a batch was refused
    bool is_outdated;      // the database was changed below what is held here: no turn begins
    bool is_urgent;        // something waits that is not a mere acknowledgement
    int64_t waiting_since; // monotonic ms: what waits came later
    days_t days;
    int64_t clock_at; // monotonic ms of the last ITEM_CLOCK
    int64_t ready_at; // monotonic ms; what waited in outboxes meanwhile comes before deadlines
    int64_t compare_at;
    int64_t alive_at;
    outage_t outage;
    bool clock_waits; // an ITEM_CLOCK is on its way
};

// ---------------------------------------------------------------- what is held

store_condition_t
store_condition (const store_t *self)
{
    return self->condition;
}

bool
store_is_loaded (const store_t *self)
{
    return self->was_loaded;
}

bool
store_is_idle (const store_t *self)
{
    return self->phase == TURN_NONE && self->waiting.count == 0;
}

bool
store_has_from (const store_t *self, int partner)
{
    return queue_has_from (&self->waiting, partner) || queue_has_from (&self->turn, partner);
}

size_t
store_waiting_bytes (const store_t *self)
{
    return self->waiting.bytes + self->turn.bytes;
}

registry_t *
store_registry (store_t *self)
{
    return self->registry;
}

lanes_t *
store_lanes (store_t *self)
{
    return self->lanes;
}

struct inboxes_s *
store_inboxes (store_t *self)
{
    return self->inboxes;
}

const struct holders_s *
store_holders (const store_t *self)
{
    return self->holders;
}

const counters_t *
store_counters (const store_t *self)
{
    return &self->loaded.counters;
}

const uint8_t *
store_database_id (const store_t *self)
{
    return self->loaded.database;
}

int64_t
store_generation (const store_t *self)
{
    return self->loaded.generation;
}

int64_t
store_epoch (const store_t *self)
{
    return self->loaded.epoch;
}

int64_t
store_loads (const store_t *self)
{
    return self->loads;
}

int64_t
store_suspect_from (const store_t *self)
{
    return self->loaded.suspect_from;
}

int64_t
store_restored_from (const store_t *self)
{
    return self->loaded.restored_from;
}

void
store_outdated (store_t *self)
{
    self->is_outdated = true;
}

bool
store_is_outdated (const store_t *self)
{
    return self->is_outdated;
}

void
store_reload (store_t *self)
{
    database_drop (self->writer, "it was recovered and is read anew");
    self->is_outdated = false;
}

database_t *
store_reader (store_t *self)
{
    return self->reader;
}

// ---------------------------------------------------------------- failure

// SEND and acts have an answer that says "unknown"; Stored is said again now and then; everything
// else is kept.
static bool
may_be_unavailable (const item_t *item)
{
    return item->kind == ITEM_SEND || item->kind == ITEM_ACT;
}

static void
give_up_or_keep (store_t *self, queue_t *from, queue_t *kept)
{
    item_t *item;
    while ((item = queue_take (from))) {
        if (item->kind == ITEM_DONE || item->kind == ITEM_DEAD || item->kind == ITEM_STATEMENT) {
            queue_put (kept, item);
            continue;
        }
        if (item->kind == ITEM_CLOCK)
            self->clock_waits = false;
        if (may_be_unavailable (item))
            self->callbacks.unavailable (self->callbacks.arg, item);
        item_destroy (&item);
    }
}

static void
turn_undo (store_t *self)
{
    lanes_rollback (self->lanes);
    inboxes_rollback (self->inboxes);
    holders_rollback (self->holders);
    refusals_rollback (self->refusals);
    self->phase = TURN_NONE;
}

static void
store_fail (store_t *self, store_condition_t condition)
{
    turn_undo (self);
    self->condition = condition;
    queue_t kept = {0};
    give_up_or_keep (self, &self->turn, &kept);
    give_up_or_keep (self, &self->waiting, &kept);
    self->waiting = kept;
}

static void
store_fenced (store_t *self)
{
    log_error ("store: a newer broker holds the epoch epoch=%" PRId64 "; this one is a stand-by "
               "now and takes nothing; end it, or the other one",
               self->loaded.epoch);
    store_fail (self, STORE_STANDBY);
    queue_clear (&self->waiting);
    self->callbacks.standby (self->callbacks.arg);
}

// Alone in its batch, and refused.  A message's number is used up by the refusal that is
// stored for it in the next turn; where even that is refused it is only told: the batch that
// was refused holds no message.
static void
convict (store_t *self, const char *problem)
{
    item_t *item = queue_take (&self->turn);
    log_error ("store: the database refused a command kind=%d partner=%d session=%" PRIu64
               " problem=\"%s\"; nothing of it was stored; this is a mistake in kaskd, report it",
               (int) item->kind, item->partner, item->session, problem);
    if (item->kind == ITEM_SEND && item->fault != FAULT_REFUSED_BY_STORE) {
        item->fault = FAULT_REFUSED_BY_STORE;
        queue_put (&self->turn, item);
        queue_put_before (&self->waiting, &self->turn);
        return;
    }
    if (item->kind == ITEM_CLOCK)
        self->clock_waits = false;
    if (item->kind == ITEM_ACT)
        self->callbacks.unavailable (self->callbacks.arg, item);
    if (item->kind == ITEM_SEND) {
        item->result = (item_result_t){.outcome = KASK__OUTCOME__REFUSED,
                                       .fault = FAULT_REFUSED_BY_STORE,
                                       .number_unused = true};
        self->callbacks.committed (self->callbacks.arg, item, self->batch);
    }
    item_destroy (&item);
}

static void
turn_refused (store_t *self, const char *problem)
{
    size_t n = self->turn.count;
    turn_undo (self);
    if (self->intake.doubts && n == 1)
        convict (self, problem);
    else {
        if (self->intake.doubts)
            self->most = n / 2;
        queue_put_before (&self->waiting, &self->turn);
    }
    self->intake.doubts = true;
    self->is_urgent = true;
    store_kick (self);
}

// True if the turn goes on.
static bool
turn_goes_on (store_t *self, run_outcome_t outcome, const char *problem)
{
    if (outcome == RUN_OK)
        return true;
    if (outcome == RUN_REFUSED)
        turn_refused (self, problem);
    else if (outcome == RUN_FENCED)
        store_fenced (self);
    else
        store_fail (self, STORE_AWAY);
    return false;
}

// ---------------------------------------------------------------- a turn

static void
note_commit (store_t *self)
{
    lanes_commit (self->lanes);
    inboxes_commit (self->inboxes);
    holders_commit (self->holders);
    refusals_commit (self->refusals);
    self->loaded.counters = *batch_counters (self->batch);
    recall_committed (self->recall, self->turn.first, batch_first_fresh (self->batch));
}

// The next comes in its time, or at once where more is due than fits into a turn.
static void
clock_was_decided (store_t *self)
{
    self->clock_waits = false;
    if (recall_due_is_full (self->recall))
        self->clock_at = 0;
}

static void
turn_end (store_t *self)
{
    note_commit (self);
    self->phase = TURN_NONE;
    self->intake.doubts = self->intake.is_unsure;
    self->intake.is_unsure = false;
    if (self->most < TURN_ITEMS)
        self->most *= 2;
    queue_t done = self->turn;
    self->turn = (queue_t){0};
    for (const item_t *item = done.first; item; item = item->next)
        if (item->kind == ITEM_CLOCK)
            clock_was_decided (self);
    self->callbacks.committed (self->callbacks.arg, done.first, self->batch);
    queue_clear (&done);
    store_kick (self);
}

static void
on_committed (void *arg, run_outcome_t outcome, PGresult *const *results, int n,
              const char *problem)
{
    (void) results;
    (void) n;
    store_t *self = arg;
    if (self->phase == TURN_COMMITTING && turn_goes_on (self, outcome, problem))
        turn_end (self);
}

static void
add_inbox (void *arg, int recipient, const uint8_t inbox[16], int64_t last_batch)
{
    store_t *self = arg;
    batch_inbox (self->batch, recipient, inbox, last_batch);
}

// What cannot be decided in this batch goes back, and all behind it.
static void
decide_all (store_t *self)
{
    queue_t all = self->turn;
    self->turn = (queue_t){0};
    item_t *item;
    while ((item = queue_take (&all))) {
        queue_put (&self->turn, item);
        if (intake_decide (&self->intake, item) == INTAKE_DECIDED)
            continue;
        queue_t back = {0}, decided = {0};
        while (self->turn.first != item)
            queue_put (&decided, queue_take (&self->turn));
        queue_put (&back, queue_take (&self->turn));
        self->turn = decided;
        queue_put_before (&all, &back);
        queue_put_before (&self->waiting, &all);
        self->is_urgent = true;
    }
}

static void
turn_decide (store_t *self)
{
    decide_all (self);
    intake_close (&self->intake);
    inboxes_each_set (self->inboxes, add_inbox, self);
    int64_t monotonic = clock_monotonic_ms (self->clock);
    bool may_say_alive = clock_is_trusted (self->clock) && !self->outage.alive_at;
    if (!batch_is_empty (self->batch) || monotonic - self->alive_at > ALIVE_EVERY_MS) {
        if (may_say_alive && monotonic - self->alive_at > ALIVE_EVERY_MS / 2) {
            batch_alive (self->batch);
            self->alive_at = monotonic;
        }
        self->phase = TURN_COMMITTING;
        run_t *run = run_new (on_committed, self);
        batch_calls (self->batch, run);
        database_put (self->writer, &run, self->loaded.epoch);
    } else
        turn_end (self);
}

static void
on_recalled (void *arg, run_outcome_t outcome, PGresult *const *results, int n, const char *problem)
{
    (void) n;
    store_t *self = arg;
    if (self->phase != TURN_RECALLING || !turn_goes_on (self, outcome, problem))
        return;
    recall_take (self->recall, results);
    turn_decide (self);
}

static bool
acknowledgements_are_due (const store_t *self)
{
    int64_t waited = clock_monotonic_ms (self->clock) - self->waiting_since;
    return waited >= self->options.acknowledgement_wait_ms ||
           self->waiting.bytes >= self->options.batch_bytes;
}

static void
turn_gather (store_t *self)
{
    const gather_t limits = {self->most, self->options.batch_bytes, SHARE_OF_TURN,
                             acknowledgements_are_due (self)};
    self->turn = gather (&self->waiting, &limits, &self->is_urgent);
    if (!self->waiting.first || !item_is_acknowledgement (self->waiting.first))
        self->waiting_since = clock_monotonic_ms (self->clock);
}

static void
turn_begin (store_t *self)
{
    self->phase = TURN_RECALLING;
    self->phase_at = clock_monotonic_ms (self->clock);
    turn_gather (self);
    recall_reset (self->recall);
    batch_begin (self->batch, clock_now_ms (self->clock), &self->loaded.counters);
    days_require (&self->days, batch_now (self->batch) / MS_PER_DAY, self->loaded.epoch);
    for (const item_t *item = self->turn.first; item; item = item->next)
        intake_want (&self->intake, item);
    run_t *run = run_new (on_recalled, self);
    if (recall_ask (self->recall, run)) {
        database_put (self->writer, &run, -1);
        return;
    }
    run_destroy (&run);
    turn_decide (self);
}

void
store_kick (store_t *self)
{
    if (self->condition != STORE_READY || self->phase != TURN_NONE || self->is_outdated ||
        !self->waiting.first)
        return;
    if (self->is_urgent || acknowledgements_are_due (self))
        turn_begin (self);
}

void
store_put (store_t *self, item_t **item_p)
{
    item_t *item = *item_p;
    *item_p = NULL;
    if (self->condition != STORE_READY &&
        (may_be_unavailable (item) || item->kind == ITEM_STORED)) {
        if (item->kind != ITEM_STORED)
            self->callbacks.unavailable (self->callbacks.arg, item);
        item_destroy (&item);
        return;
    }
    if (!self->waiting.first)
        self->waiting_since = clock_monotonic_ms (self->clock);
    if (!item_is_acknowledgement (item))
        self->is_urgent = true;
    queue_put (&self->waiting, item);
}

// ---------------------------------------------------------------- grace for an outage

// Before everything else that waits, so that no deadline comes without its grace.
static void
outage_item (store_t *self, int64_t ms)
{
    log_warning ("store: nobody could be answered outage_s=%" PRId64 "; all deadlines that run "
                 "are moved by as much",
                 ms / 1000);
    item_t *item = item_new (ITEM_OUTAGE);
    item->bytes = sizeof *item;
    item->outage_ms = ms;
    queue_t front = {0};
    queue_put (&front, item);
    queue_put_before (&self->waiting, &front);
    self->is_urgent = true;
}

static void
look_for_outage (store_t *self)
{
    int64_t now = clock_now_ms (self->clock);
    int64_t ms = outage_tick (&self->outage, clock_is_trusted (self->clock) ? now : 0,
                              clock_monotonic_ms (self->clock));
    if (ms)
        outage_item (self, ms);
}

// ---------------------------------------------------------------- up and down

static void
store_ready (store_t *self)
{
    self->condition = STORE_READY;
    self->was_loaded = true;
    self->loads++;
    self->is_urgent = true;
    self->days.made = 0;
    self->ready_at = clock_monotonic_ms (self->clock);
    log_info ("store: ready epoch=%" PRId64 " generation=%" PRId64 " partners=%zu audit=%" PRId64,
              self->loaded.epoch, self->loaded.generation, registry_size (self->registry),
              self->loaded.counters.audit);
    int64_t at = self->loaded.counters.at;
    outage_loaded (&self->outage, at > self->loaded.alive_at ? at : self->loaded.alive_at,
                   clock_monotonic_ms (self->clock));
    look_for_outage (self);
    self->callbacks.ready (self->callbacks.arg);
    store_kick (self);
}

static void
on_loaded (void *arg, run_outcome_t outcome, PGresult *const *results, int n, const char *problem)
{
    (void) n;
    store_t *self = arg;
    char why[LOADING_PROBLEM_BYTES];
    loading_t loading = {self->registry, self->lanes, self->inboxes, self->holders};
    int64_t audit = self->loaded.counters.audit;
    recall_forget (self->recall);
    if (outcome != RUN_OK)
        snprintf (why, sizeof why, "%s", problem);
    else if (loading_take (&loading, results, &self->loaded, why)) {
        clock_compare (self->clock, self->loaded.database_ms, self->loaded.counters.at);
        if (self->loaded.counters.audit < audit && !self->loaded.suspect_from)
            self->loaded.suspect_from = self->loaded.counters.at + 1;
        store_ready (self);
        return;
    }
    log_error ("store: cannot use the database problem=\"%s\"; nothing is taken; trying again",
               why);
    if (outcome != RUN_DOWN)
        database_drop (self->writer, why);
}

static void
on_writer_up (void *arg)
{
    store_t *self = arg;
    if (self->condition == STORE_STANDBY)
        return;
    run_t *run = run_new (on_loaded, self);
    loading_ask (run);
    database_put (self->writer, &run, -1);
}

static void
on_writer_down (void *arg, const char *problem)
{
    (void) problem;
    store_t *self = arg;
    if (self->condition != STORE_STANDBY)
        store_fail (self, STORE_AWAY);
}

static void
on_reader_up (void *arg)
{
    store_t *self = arg;
    if (self->condition == STORE_READY)
        self->callbacks.ready (self->callbacks.arg);
}

static void
on_reader_down (void *arg, const char *problem)
{
    (void) arg;
    (void) problem; // the connection has said it; those who read ask again when it is up
}

// ---------------------------------------------------------------- time

static void
on_clock (void *arg, run_outcome_t outcome, PGresult *const *results, int n, const char *problem)
{
    (void) n;
    (void) problem;
    store_t *self = arg;
    if (outcome == RUN_OK && results[0] && PQntuples (results[0]) == 1)
        clock_compare (self->clock, cell_int (results[0], 0, 0), self->loaded.counters.at);
}

static void
compare_clocks (store_t *self)
{
    run_t *run = run_new (on_clock, self);
    run_call (run, READ_CLOCK);
    database_put (self->reader, &run, -1);
}

static void
clock_item (store_t *self)
{
    item_t *item = item_new (ITEM_CLOCK);
    item->bytes = sizeof *item;
    self->clock_waits = true;
    store_put (self, &item);
}

void
store_tick (store_t *self)
{
    int64_t now = clock_monotonic_ms (self->clock);
    database_tick (self->writer, now);
    database_tick (self->reader, now);
    if (self->condition != STORE_READY)
        return;
    if (self->phase != TURN_NONE && now - self->phase_at > RUN_TIMEOUT_MS) {
        database_drop (self->writer, "no answer in time");
        return;
    }
    look_for_outage (self);
    if (now - self->compare_at >= COMPARE_EVERY_MS && database_is_up (self->reader)) {
        self->compare_at = now;
        compare_clocks (self);
    }
    if (now - self->clock_at >= CLOCK_EVERY_MS && now - self->ready_at >= RETURN_MS &&
        !self->clock_waits) {
        self->clock_at = now;
        (void) clock_now_ms (self->clock);
        if (clock_is_trusted (self->clock))
            clock_item (self);
    }
    store_kick (self);
}

// ---------------------------------------------------------------- beginning and end

void
store_close (store_t *self)
{
    if (self->condition != STORE_READY)
        return;
    item_t *item = item_new (ITEM_END);
    item->bytes = sizeof *item;
    store_put (self, &item);
    store_kick (self);
}

store_t *
store_new (zloop_t *loop, broker_clock_t *clock, const store_options_t *options,
           const store_callbacks_t *callbacks)
{
    store_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->clock = clock;
    self->options = *options;
    self->callbacks = *callbacks;
    self->most = TURN_ITEMS;
    self->registry = registry_new ();
    self->lanes = lanes_new ();
    self->inboxes = inboxes_new ();
    self->holders = holders_new ();
    self->refusals = refusals_new ();
    self->batch = batch_new ();
    self->recall = recall_new (batch_arena (self->batch));
    self->intake = (intake_t){.registry = self->registry,
                              .lanes = self->lanes,
                              .recall = self->recall,
                              .batch = self->batch,
                              .inboxes = self->inboxes,
                              .holders = self->holders,
                              .refusals = self->refusals};
    self->writer = database_new (loop, options->conninfo, "writer", statements, on_writer_up,
                                 on_writer_down, self);
    self->days = (days_t){.writer = self->writer, .keep_days = options->keep_days};
    self->reader = database_new (loop, options->conninfo, "reader", statements, on_reader_up,
                                 on_reader_down, self);
    return self;
}

void
store_destroy (store_t **self_p)
{
    store_t *self = *self_p;
    if (!self)
        return;
    database_destroy (&self->writer);
    database_destroy (&self->reader);
    queue_clear (&self->turn);
    queue_clear (&self->waiting);
    recall_destroy (&self->recall);
    batch_destroy (&self->batch);
    inboxes_destroy (&self->inboxes);
    holders_destroy (&self->holders);
    refusals_destroy (&self->refusals);
    lanes_destroy (&self->lanes);
    registry_destroy (&self->registry);
    free (self);
    *self_p = NULL;
}
