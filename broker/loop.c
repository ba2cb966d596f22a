/*
 * loop - the broker at work: one event loop that owns all rooms.
 *
 * Everything happens in this thread.  Reading stops while too many bytes
 * wait for their transaction, so that what a partner sends stays in its own outbox.
 */
#include "loop.h"
#include "admission.h"
#include "catalogue.h"
#include "clock.h"
#include "control.h"
#include "delivery.h"
#include "endpoint.h"
#include "greeting.h"
#include "intake.h"
#include "keys.h"
#include "log.h"
#include "outcome.h"
#include "quota.h"
#include "reception.h"
#include "session.h"
#include "store.h"
#include "wire.h"
#include "zap.h"

#include <czmq.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    RATE_MOST = 1000000000,
    TICK_MS = 20,
    SECOND_TICKS = 50,
    PARCELS_AT_ONCE = 100, // what one partner sends must not keep the others' from the database
    IDLE_AT_ONCE = 4,      // parcels that lead to nothing; then the wire rests
    REST_NS = 250000,
    DRAIN_MS = 5000,
    QUEUED_OUT = 20000 // above what a window and LIMIT_UNANSWERED answers can come to
};

struct loop_s {
    const settings_t *settings;
    const keypair_t *keys;
    void *context; // zmq
    zloop_t *loop;
    int signals; // signalfd
    int rest;    // timerfd
    broker_clock_t *clock;
    store_t *store;
    zap_t *zap;
    wire_t *wire;
    sessions_t *sessions;
    delivery_t *delivery;
    catalogue_t *catalogue;
    outcome_t *outcome;
    quota_t *quota;
    reception_t *reception;
    recovery_t *recovery;
    control_t *control;
    char *endpoints;     // lines, as they are listened on
    size_t waiting_most; // bytes
    bool is_deaf;        // the wire is not read now
    bool is_resting;     // nor is it for a moment
    int64_t drain_until; // monotonic ms; 0: not draining
    int64_t looked_at;   // for agreements that begin or end; 0: not yet
    unsigned ticks;
};

// ---------------------------------------------------------------- what the store tells

static void
after_act (loop_t *self, item_t *item)
{
    act_committed (item->act, store_registry (self->store));
    admission_review (store_registry (self->store), self->sessions);
    const dead_letter_t *replay = act_replay (item->act);
    if (replay)
        delivery_replay (self->delivery, replay->recipient, replay->sender, replay->sequence,
                         replay->replay);
    if (act_is_recovery (item->act))
        store_outdated (self->store);
    if (act_resumed (item->act))
        delivery_mailbox (self->delivery, act_resumed (item->act));
}

// True if the partner's keys are others now.
static bool
after_statement (loop_t *self, item_t *item)
{
    bool changed = statement_committed (item, store_registry (self->store));
    admission_review (store_registry (self->store), self->sessions);
    reception_keys_stored (self->reception, item);
    return changed;
}

static void
on_committed (void *arg, item_t *items, const batch_t *batch)
{
    loop_t *self = arg;
    bool directory = false;
    for (item_t *item = items; item; item = item->next) {
        if (item->kind == ITEM_ACT) {
            after_act (self, item);
            directory = directory || act_changes_directory (item->act);
        } else if (item->kind == ITEM_STATEMENT)
            directory = after_statement (self, item) || directory;
    }
    outcome_committed (self->outcome, items, batch_now (batch));
    delivery_fresh (self->delivery, batch_first_fresh (batch));
    catalogue_changed (self->catalogue);
    if (directory)
        greeting_push_directory (&(greeting_t){self->store, self->sessions, self->clock});
}

static void
on_unavailable (void *arg, item_t *item)
{
    loop_t *self = arg;
    session_t *session = sessions_by_id (self->sessions, item->session);
    if (item->kind == ITEM_ACT)
        act_failed (item->act);
    else if (session) {
        session_answered (session, item->bytes);
        outcome_unavailable (self->outcome, session, item->command->send);
    }
}

static void
on_ready (void *arg)
{
    loop_t *self = arg;
    admission_review (store_registry (self->store), self->sessions);
    if (recovery_loaded (self->recovery, store_loads (self->store),
                         store_suspect_from (self->store)))
        sessions_end_all (self->sessions, FAULT_NO_SESSION);
    delivery_resume (self->delivery);
    catalogue_changed (self->catalogue);
    greeting_push_directory (&(greeting_t){self->store, self->sessions, self->clock});
}

static void
on_standby (void *arg)
{
    loop_t *self = arg;
    sessions_end_all (self->sessions, FAULT_STANDBY);
}

static void
on_session_end (void *arg, session_t *session)
{
    loop_t *self = arg;
    delivery_end (self->delivery, session);
}

// ---------------------------------------------------------------- the wire

static int on_wire (zloop_t *loop, zmq_pollitem_t *item, void *arg);

static void
poll_wire (loop_t *self)
{
    zmq_pollitem_t item = {.socket = wire_socket (self->wire), .events = ZMQ_POLLIN};
    if (!self->is_deaf && !self->is_resting)
        zloop_poller (self->loop, &item, on_wire, self);
    else
        zloop_poller_end (self->loop, &item);
}

static void
listen_again (loop_t *self)
{
    self->is_deaf = false;
    poll_wire (self);
    sessions_forgive (self->sessions, clock_monotonic_ms (self->clock));
}

static void
stop_listening (loop_t *self)
{
    if (self->is_deaf)
        return;
    self->is_deaf = true;
    poll_wire (self);
}

// A flood of what is refused comes no faster than it is read: libzmq's thread stops reading a
// connection whose queue is full, and has time for the others.
static void
rest (loop_t *self)
{
    static const struct itimerspec time = {.it_value.tv_nsec = REST_NS};
    timerfd_settime (self->rest, 0, &time, NULL);
    self->is_resting = true;
    poll_wire (self);
}

static int
on_rested (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void) loop;
    (void) item;
    loop_t *self = arg;
    uint64_t times;
    if (read (self->rest, &times, sizeof times) != sizeof times)
        return 0;
    self->is_resting = false;
    poll_wire (self);
    return 0;
}

static int
on_wire (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void) loop;
    (void) item;
    loop_t *self = arg;
    parcel_t parcel;
    int idle = 0;
    for (int i = 0; i < PARCELS_AT_ONCE && wire_receive (self->wire, &parcel); i++) {
        idle += !reception_take (self->reception, &parcel);
        parcel_close (&parcel);
        if (idle == IDLE_AT_ONCE) {
            rest (self);
            break;
        }
        if (store_waiting_bytes (self->store) > self->waiting_most) {
            stop_listening (self);
            break;
        }
    }
    outcome_flush (self->outcome);
    store_kick (self->store);
    return 0;
}

static int
on_zap (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void) loop;
    (void) item;
    loop_t *self = arg;
    zap_answer (self->zap, store_is_loaded (self->store));
    return 0;
}

// ---------------------------------------------------------------- time and signals

// An agreement that begins or ends by itself changes what partners are told.
static void
look_for_agreements (loop_t *self, int64_t now)
{
    if (self->looked_at &&
        registry_agreements_turn (store_registry (self->store), self->looked_at, now))
        greeting_push_directory (&(greeting_t){self->store, self->sessions, self->clock});
    self->looked_at = now;
}

// Everybody says hello anew, to the new generation.
static void
reload_if_due (loop_t *self)
{
    if (!store_is_outdated (self->store))
        return;
    sessions_end_all (self->sessions, FAULT_NO_SESSION);
    store_reload (self->store);
}

static void
tick_rooms (loop_t *self, int64_t now)
{
    if (self->ticks++ % SECOND_TICKS == 0)
        clock_tick (self->clock);
    reload_if_due (self);
    store_tick (self->store);
    look_for_agreements (self, clock_now_ms (self->clock));
    outcome_flush (self->outcome);
    sessions_tick (self->sessions, now, clock_now_ms (self->clock), self->is_deaf);
    delivery_tick (self->delivery);
    if (self->control)
        control_tick (self->control, now);
    if (self->is_deaf && !self->drain_until &&
        store_waiting_bytes (self->store) <= self->waiting_most / 2)
        listen_again (self);
}

static int
on_tick (zloop_t *loop, int timer, void *arg)
{
    (void) loop;
    (void) timer;
    loop_t *self = arg;
    int64_t now = clock_monotonic_ms (self->clock);
    tick_rooms (self, now);
    if (!self->drain_until || (!store_is_idle (self->store) && now < self->drain_until))
        return 0;
    sessions_end_all (self->sessions, FAULT_NO_SESSION);
    return -1;
}

static int
on_signal (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void) loop;
    (void) item;
    loop_t *self = arg;
    struct signalfd_siginfo signal;
    if (read (self->signals, &signal, sizeof signal) != sizeof signal || self->drain_until)
        return 0;
    log_info ("loop: ending signal=%u; nothing more is taken", signal.ssi_signo);
    self->drain_until = clock_monotonic_ms (self->clock) + DRAIN_MS;
    stop_listening (self);
    store_close (self->store);
    return 0;
}

static int
signals_open (void)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGINT);
    sigprocmask (SIG_BLOCK, &set, NULL);
    signal (SIGPIPE, SIG_IGN);
    return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

// ---------------------------------------------------------------- making it

static void
note_endpoint (loop_t *self, const char *actual)
{
    size_t used = self->endpoints ? strlen (self->endpoints) : 0;
    size_t size = used + strlen (actual) + 2;
    self->endpoints = realloc (self->endpoints, size);
    if (!self->endpoints)
        abort ();
    snprintf (self->endpoints + used, size - used, "%s\n", actual);
    log_info ("wire: listening endpoint=%s", actual);
}

static bool
listen_everywhere (loop_t *self, char *problem)
{
    const char *endpoint;
    for (size_t i = 0; (endpoint = settings_list (self->settings, "", "endpoint", i)); i++) {
        char actual[WIRE_ENDPOINT_BYTES];
        if (!wire_listen (self->wire, endpoint, actual, problem))
            return false;
        note_endpoint (self, actual);
    }
    return true;
}

// Written aside and renamed, so that a reader never sees half of it.
static bool
write_endpoints (const loop_t *self, char *problem)
{
    const char *path = settings_text (self->settings, "", "endpoint_file");
    if (!*path)
        return true;
    size_t size = strlen (path) + 5;
    char *aside = malloc (size);
    if (!aside)
        abort ();
    snprintf (aside, size, "%s.new", path);
    FILE *file = fopen (aside, "w");
    bool good = file && fputs (self->endpoints, file) >= 0;
    if (file)
        good = fclose (file) == 0 && good;
    good = good && rename (aside, path) == 0;
    if (!good)
        snprintf (problem, LOOP_PROBLEM_BYTES, "%s: %s; kaskd did not start", path,
                  strerror (errno));
    free (aside);
    return good;
}

static int64_t
within (int64_t number, int64_t least, int64_t most)
{
    return number < least ? least : number > most ? most : number;
}

static quota_t *
quota_of (const settings_t *s)
{
    return quota_new (&(quota_options_t){
        .messages_a_second = within (settings_number (s, "", "partner_messages"), 1, RATE_MOST),
        .sessions_a_minute = within (settings_number (s, "", "partner_sessions"), 1, RATE_MOST),
        .unanswered =
            (size_t) within (settings_number (s, "", "partner_unanswered"), 1, LIMIT_UNANSWERED),
        .waiting_bytes = (size_t) settings_number (s, "", "partner_waiting_bytes"),
        .body_bytes = (size_t) settings_number (s, "", "partner_body")});
}

static void
make_rooms (loop_t *self)
{
    const settings_t *s = self->settings;
    self->clock = clock_new (NULL, settings_text (s, "", "time_shift_file"));
    const store_callbacks_t callbacks = {.committed = on_committed,
                                         .unavailable = on_unavailable,
                                         .ready = on_ready,
                                         .standby = on_standby,
                                         .arg = self};
    const store_options_t options = {
        .conninfo = settings_text (s, "", "database"),
        .batch_bytes = (size_t) settings_number (s, "", "batch_bytes"),
        .acknowledgement_wait_ms = settings_number (s, "", "acknowledgement_wait"),
        .keep_days = settings_number (s, "", "keep_bodies") / MS_PER_DAY};
    self->store = store_new (self->loop, self->clock, &options, &callbacks);
    self->zap = zap_new (self->context, store_registry (self->store));
    self->wire = wire_new (
        self->context, &(wire_options_t){.public_key = self->keys->public_key,
                                         .secret_key = self->keys->secret_key,
                                         .queued_in = (int) settings_number (s, "", "queued_in"),
                                         .queued_out = QUEUED_OUT});
    self->sessions =
        sessions_new (self->wire, settings_number (s, "", "heartbeat"), on_session_end, self);
    const delivery_options_t windows = {
        .most_messages = (size_t) settings_number (s, "", "window_messages"),
        .most_bytes = (size_t) settings_number (s, "", "window_bytes")};
    self->delivery = delivery_new (self->store, self->sessions, &windows);
    self->catalogue = catalogue_new (self->store, self->sessions);
    self->outcome = outcome_new (self->sessions);
    self->recovery = recovery_new ();
    self->quota = quota_of (s);
    self->reception = reception_new (&(reception_rooms_t){.store = self->store,
                                                          .recovery = self->recovery,
                                                          .sessions = self->sessions,
                                                          .delivery = self->delivery,
                                                          .catalogue = self->catalogue,
                                                          .outcome = self->outcome,
                                                          .quota = self->quota,
                                                          .clock = self->clock});
    self->waiting_most = (size_t) settings_number (s, "", "waiting_bytes");
}

// ---------------------------------------------------------------- the operator's socket

static void
on_submit (void *arg, act_t **act_p)
{
    loop_t *self = arg;
    item_t *item = item_new (ITEM_ACT);
    item->act = *act_p;
    item->bytes = sizeof *item;
    *act_p = NULL;
    store_put (self->store, &item);
    store_kick (self->store);
}

static const char *
condition_text (const loop_t *self)
{
    switch (store_condition (self->store)) {
    case STORE_READY: return "active";
    case STORE_STANDBY: return "stand-by";
    case STORE_AWAY: break;
    }
    return "waiting for the database";
}

static size_t
live_sessions (const loop_t *self)
{
    size_t n = 0;
    for (const session_t *s = sessions_first (self->sessions); s; s = s->next)
        n += !s->is_over;
    return n;
}

static void
list_over_share (const loop_t *self, control_facts_t *facts)
{
    const registry_t *registry = store_registry (self->store);
    int64_t now = clock_monotonic_ms (self->clock);
    control_list (facts, "partners_over_share",
                  (control_column_t[]){{"over_share", false}, {"setting", false}}, 2);
    for (size_t i = 0; i < registry_size (registry); i++) {
        const partner_t *partner = registry_at (registry, i);
        const char *met = quota_met (self->quota, partner->no, now);
        if (met)
            control_row (facts, (const char *[]){partner->id, met});
    }
}

static bool
on_facts (void *arg, control_facts_t *facts)
{
    loop_t *self = arg;
    control_fact (facts, "state", condition_text (self));
    control_fact_number (facts, "epoch", store_epoch (self->store));
    control_fact_number (facts, "sessions", (int64_t) live_sessions (self));
    control_fact_number (facts, "waiting bytes", (int64_t) store_waiting_bytes (self->store));
    control_fact_number (facts, "last audit number", store_counters (self->store)->audit);
    control_fact (facts, "clock", clock_is_trusted (self->clock) ? "trusted" : "not trusted");
    list_over_share (self, facts);
    return store_condition (self->store) == STORE_READY;
}

static const char *
name_of (const loop_t *self, int partner)
{
    return registry_by_no (store_registry (self->store), partner)->id;
}

static void
list_unheard (const loop_t *self, control_facts_t *facts)
{
    const registry_t *registry = store_registry (self->store);
    bool is_suspect = recovery_is_suspect (self->recovery);
    control_list (facts, "partners_not_heard", (control_column_t[]){{"not_heard_yet", false}}, 1);
    for (size_t i = 0; is_suspect && i < registry_size (registry); i++) {
        const partner_t *partner = registry_at (registry, i);
        if (!partner->revoked_at && !recovery_has_heard (self->recovery, partner->no))
            control_row (facts, (const char *[]){partner->id});
    }
}

static void
list_claims (const loop_t *self, control_facts_t *facts)
{
    control_list (
        facts, "held_by_partners",
        (control_column_t[]){{"holder", false}, {"sender", false}, {"from", true}, {"to", true}},
        4);
    const claim_t *claim;
    for (size_t i = 0; (claim = recovery_claim_at (self->recovery, i)); i++) {
        char from[24], to[24];
        snprintf (from, sizeof from, "%" PRId64, claim->known + 1);
        snprintf (to, sizeof to, "%" PRId64, claim->position);
        control_row (facts, (const char *[]){name_of (self, claim->recipient),
                                             name_of (self, claim->sender), from, to});
    }
}

static void
on_recovery (void *arg, control_facts_t *facts)
{
    loop_t *self = arg;
    bool is_suspect = recovery_is_suspect (self->recovery);
    bool is_behind = recovery_claim_at (self->recovery, 0) != NULL;
    control_fact (facts, "database",
                  is_behind    ? "is older than what partners hold; kask recover --go, when all "
                                 "were heard that can be"
                  : is_suspect ? "was restored, promoted or moved; nothing is taken for a partner "
                                 "that was not heard yet; it goes on by itself when all were heard"
                               : "lacks nothing that a partner holds");
    list_unheard (self, facts);
    list_claims (self, facts);
}

static act_t *
on_recover (void *arg, unsigned uid)
{
    loop_t *self = arg;
    int64_t from = store_suspect_from (self->store);
    return act_new_recover (uid, self->recovery, from ? from : store_counters (self->store)->at);
}

// Where partners connect when nothing says how they reach this machine.
static void
write_own_endpoints (const loop_t *self, FILE *out)
{
    char host[256] = "localhost";
    (void) gethostname (host, sizeof host - 1);
    const char *line = self->endpoints;
    for (const char *end; (end = strchr (line, '\n')); line = end + 1) {
        char text[WIRE_ENDPOINT_BYTES + sizeof host];
        endpoint_from_outside (line, (size_t) (end - line), host, text, sizeof text);
        if (endpoint_is_everywhere (line))
            fprintf (out,
                     "# %s is this machine's own name; if partners reach it by another, set "
                     "public_endpoint in kaskd's configuration\n",
                     host);
        fprintf (out, "endpoint = %s\n", text);
    }
}

// What kask partner add prints: where the adapter connects, and to whose key.
static char *
broker_text (const loop_t *self)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream (&text, &size);
    if (!out)
        abort ();
    const char *endpoint;
    for (size_t i = 0; (endpoint = settings_list (self->settings, "", "public_endpoint", i)); i++)
        fprintf (out, "endpoint = %s\n", endpoint);
    if (!settings_list (self->settings, "", "public_endpoint", 0))
        write_own_endpoints (self, out);
    fprintf (out, "broker_key = %s\n", self->keys->public_text);
    fclose (out);
    return text;
}

static bool
make_control (loop_t *self, char *problem)
{
    const char *path = settings_text (self->settings, "", "control");
    if (!*path)
        return true;
    char *text = broker_text (self);
    const control_options_t options = {.path = path,
                                       .conninfo = settings_text (self->settings, "", "database"),
                                       .broker_text = text,
                                       .submit = on_submit,
                                       .facts = on_facts,
                                       .recovery = on_recovery,
                                       .recover = on_recover,
                                       .arg = self};
    self->control = control_new (self->loop, &options, problem);
    free (text);
    return self->control != NULL;
}

static void
make_waits (loop_t *self)
{
    zmq_pollitem_t zap = {.socket = zap_socket (self->zap), .events = ZMQ_POLLIN};
    zloop_poller (self->loop, &zap, on_zap, self);
    zmq_pollitem_t signals = {.fd = self->signals, .events = ZMQ_POLLIN};
    zloop_poller (self->loop, &signals, on_signal, self);
    zmq_pollitem_t rest = {.fd = self->rest, .events = ZMQ_POLLIN};
    zloop_poller (self->loop, &rest, on_rested, self);
    listen_again (self);
    zloop_timer (self->loop, TICK_MS, 0, on_tick, self);
}

loop_t *
loop_new (const settings_t *settings, const keypair_t *keys, char *problem)
{
    loop_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->settings = settings;
    self->keys = keys;
    self->signals = signals_open ();
    self->rest = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    zsys_handler_set (NULL);
    self->context = zmq_ctx_new ();
    self->loop = zloop_new ();
    if (!self->context || !self->loop || self->signals < 0 || self->rest < 0)
        abort ();
    make_rooms (self);
    if (listen_everywhere (self, problem) && make_control (self, problem) &&
        write_endpoints (self, problem)) {
        make_waits (self);
        return self;
    }
    loop_destroy (&self);
    return NULL;
}

void
loop_run (loop_t *self)
{
    zloop_start (self->loop);
    log_info ("loop: ended");
}

// Control last but one: its acts are answered when the store lets go of them.
void
loop_destroy (loop_t **self_p)
{
    loop_t *self = *self_p;
    if (!self)
        return;
    sessions_destroy (&self->sessions);
    reception_destroy (&self->reception);
    outcome_destroy (&self->outcome);
    quota_destroy (&self->quota);
    catalogue_destroy (&self->catalogue);
    delivery_destroy (&self->delivery);
    store_destroy (&self->store);
    control_destroy (&self->control);
    wire_destroy (&self->wire);
    recovery_destroy (&self->recovery);
    zap_destroy (&self->zap);
    zloop_destroy (&self->loop);
    zmq_ctx_term (self->context);
    clock_destroy (&self->clock);
    close (self->signals);
    close (self->rest);
    free (self->endpoints);
    free (self);
    *self_p = NULL;
}
