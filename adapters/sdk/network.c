/*
 * network - the client on a socket: endpoints in turn, new sockets, one descriptor.
 *
 * One step reads what has come, up to a limit, writes all of it in one
 * transaction, and then speaks: so the cost of a commit is shared by whatever came
 * while the one before was under way.
 *
 * ZeroMQ's descriptors tell of changes and not of states.  The epoll descriptor that the
 * caller polls becomes level-triggered by an eventfd: it is raised while a
 * step has left something unread.
 */
#include "network.h"

#include "client.h"
#include "dealer.h"
#include "error.h"
#include "handling.h"
#include "inbox.h"
#include "moment.h"
#include "setup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <unistd.h>
#include <zmq.h>

enum {
    STEP_MESSAGES = 2000,
    STEP_BYTES = 8 * 1024 * 1024,
    PAUSE_MS = 100, // before a new try, doubled each time
    PAUSE_MAX_MS = 10000,
    STUCK_MS = 5000,    // how long nothing is taken after the disk was full
    STORE_BUSY_MS = 50, // before a new try when another process holds the store
    IDLE_MS = 1000      // the store is looked at so often, whatever was rung
};

struct network_s {
    store_t *store;
    const identity_t *identity;
    const alarm_t *alarm;
    const bell_t *wake;
    port_t port;
    inbox_t *inbox;
    client_t *client;
    dealer_t *dealer; // NULL: between sessions
    void *context;    // ZeroMQ's
    int lock;         // file that says that this folder has a network handle
    int epoll;
    int pending; // eventfd
    uint8_t broker_key[32];
    char *endpoints[SETUP_ENDPOINTS];
    size_t n_endpoints;
    size_t endpoint;    // the one in use
    size_t curve;       // own key in use; 0: the newest
    size_t rejected;    // own keys that were turned away in a row
    int64_t number;     // of the statement that was said last
    int64_t moved_to;   // the statement whose key was tried after a Welcome over an older one
    int64_t connect_at; // tick
    int64_t pause_ms;
    int64_t retry_at; // tick: the store is tried again
    int64_t stuck_until;
    bool greeted; // Welcome came on this socket
    bool left_unread;
    bool news;
    kask_state_t state;
    char why[600];
    char stop_fault[LIMIT_CODE_BYTES + 1];
};

static void
say (const network_t *self, kask_log_level_t level, const char *format, ...)
{
    char text[800];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    self->alarm->say (self->alarm->arg, level, text);
}

static bool
send_frames (void *arg, const frame_t *frames, size_t n)
{
    network_t *self = arg;
    return self->dealer && dealer_send (self->dealer, frames, n);
}

// ---------------------------------------------------------------- making

static bool
load_endpoints (network_t *self, kask_error_t *error)
{
    if (!setup_broker_key (self->store, self->broker_key))
        return error_set (error,
                          "%s: has not joined a network; nothing was connected; run kask-adapter "
                          "join with the file that kask partner add printed",
                          store_folder (self->store));
    while (self->n_endpoints < SETUP_ENDPOINTS) {
        char *endpoint = setup_endpoint (self->store, self->n_endpoints);
        if (!endpoint)
            break;
        self->endpoints[self->n_endpoints++] = endpoint;
    }
    return true;
}

static bool
take_lock (network_t *self, kask_error_t *error)
{
    char *path;
    if (asprintf (&path, "%s/kask.lock", store_folder (self->store)) < 0)
        abort ();
    self->lock = open (path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    bool locked = self->lock >= 0 && flock (self->lock, LOCK_EX | LOCK_NB) == 0;
    if (!locked)
        error_set (error, "%s: %s; nothing was connected; %s", path,
                   errno == EWOULDBLOCK ? "another process talks to the broker from this folder"
                                        : strerror (errno),
                   errno == EWOULDBLOCK ? "end it first" : "see the folder's owner and mode");
    free (path);
    return locked;
}

static void
poll_fd (network_t *self, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void
make_descriptors (network_t *self)
{
    self->epoll = epoll_create1 (EPOLL_CLOEXEC);
    self->pending = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->context = zmq_ctx_new ();
    if (self->epoll < 0 || self->pending < 0 || !self->context)
        abort ();
    poll_fd (self, self->pending);
    poll_fd (self, self->wake->fd);
}

static void
hold_messages (network_t *self)
{
    kask_error_t error;
    bool good = store_begin (self->store, &error);
    if (good) {
        handling_may_give (self->store, false);
        good = store_commit (self->store, &error);
    }
    if (!good)
        say (self, KASK_LOG_WARNING,
             "network: %s; messages are given out before the broker was heard: if this folder is "
             "an older copy, some may be given out again",
             error.text);
}

network_t *
network_new (store_t *store, const identity_t *identity, const alarm_t *alarm, const bell_t *wake,
             const network_options_t *options, kask_error_t *error)
{
    network_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->store = store;
    self->identity = identity;
    self->alarm = alarm;
    self->wake = wake;
    self->lock = self->epoll = self->pending = -1;
    self->port = (port_t){.send = send_frames, .arg = self, .alarm = *alarm};
    if (!load_endpoints (self, error) || !take_lock (self, error)) {
        network_destroy (&self);
        return NULL;
    }
    make_descriptors (self);
    hold_messages (self);
    self->inbox = inbox_new (store, &self->port, options->inbox_messages, options->inbox_bytes);
    self->number = identity->number;
    self->client = client_new (store, identity, &self->port, self->inbox, options->software);
    store_renew_reserve (store);
    snprintf (self->why, sizeof self->why, "not connected yet");
    return self;
}

static void
close_fd (int fd)
{
    if (fd >= 0)
        close (fd);
}

static void
say_bye (network_t *self)
{
    Kask__Bye bye = KASK__BYE__INIT;
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_BYE;
    command.bye = &bye;
    uint8_t bytes[16];
    const frame_t frame = {bytes, kask__command__pack (&command, bytes)};
    dealer_send (self->dealer, &frame, 1);
}

static void
disconnect (network_t *self)
{
    if (!self->dealer)
        return;
    epoll_ctl (self->epoll, EPOLL_CTL_DEL, dealer_fd (self->dealer), NULL);
    epoll_ctl (self->epoll, EPOLL_CTL_DEL, dealer_monitor_fd (self->dealer), NULL);
    dealer_destroy (&self->dealer);
}

void
network_destroy (network_t **self_p)
{
    network_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    if (self->dealer && client_is_welcome (self->client))
        say_bye (self);
    disconnect (self);
    client_destroy (&self->client);
    inbox_destroy (&self->inbox);
    if (self->context)
        zmq_ctx_term (self->context);
    for (size_t i = 0; i < self->n_endpoints; i++)
        free (self->endpoints[i]);
    close_fd (self->epoll);
    close_fd (self->pending);
    close_fd (self->lock);
    free (self);
}

// ---------------------------------------------------------------- sessions

static void
connect_now (network_t *self, int64_t tick_ms)
{
    const char *endpoint = self->endpoints[self->endpoint];
    self->greeted = false;
    if (self->curve >= self->identity->n_curve)
        self->curve = 0;
    self->dealer =
        dealer_new (self->context, endpoint, self->broker_key, &self->identity->curve[self->curve]);
    if (!self->dealer) {
        say (self, KASK_LOG_ERROR,
             "network: %s is no endpoint (%s); the next one is tried; run kask-adapter join again",
             endpoint, zmq_strerror (zmq_errno ()));
        self->endpoint = (self->endpoint + 1) % self->n_endpoints;
        self->connect_at = tick_ms + PAUSE_MAX_MS;
        return;
    }
    poll_fd (self, dealer_fd (self->dealer));
    poll_fd (self, dealer_monitor_fd (self->dealer));
    client_open (self->client, tick_ms);
}

// Ends the session and says when there is a new try; a random half keeps partners apart.
static void
leave (network_t *self, int64_t tick_ms, const char *why)
{
    snprintf (self->why, sizeof self->why, "%s: %s", self->endpoints[self->endpoint], why);
    say (self, KASK_LOG_WARNING, "network: %s; nothing is lost; it is tried again", self->why);
    bool was_welcome = client_is_welcome (self->client);
    self->rejected = 0;
    disconnect (self);
    self->state = KASK_CONNECTING;
    if (was_welcome)
        self->pause_ms = PAUSE_MS;
    else {
        self->endpoint = (self->endpoint + 1) % self->n_endpoints;
        // a rejection may have been lost with its connection: another key may be the known one;
        // but a broker that answered knows this one
        bool answered = *client_fault (self->client) != '\0';
        if (self->endpoint == 0 && !answered)
            self->curve = (self->curve + 1) % self->identity->n_curve;
    }
    int64_t asked = client_retry_ms (self->client);
    int64_t pause = self->pause_ms / 2 + randombytes_uniform ((uint32_t) self->pause_ms / 2 + 1);
    self->connect_at = tick_ms + (asked > pause ? asked : pause);
    self->pause_ms = self->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : self->pause_ms * 2;
}

static void
stop (network_t *self)
{
    snprintf (self->why, sizeof self->why, "%s: %s", self->endpoints[self->endpoint],
              client_why (self->client));
    snprintf (self->stop_fault, sizeof self->stop_fault, "%s", client_fault (self->client));
    say (self, KASK_LOG_ERROR, "network: stopped: %s", self->why);
    disconnect (self);
    self->state = KASK_STOPPED;
}

// The broker has the newest statement, for hello named it: from here on its key is used.
static void
use_newest_key (network_t *self, int64_t tick_ms)
{
    kask_error_t error;
    self->greeted = true;
    if (self->curve == 0 && !identity_curve_is_used (self->store, self->number, &error))
        say (self, KASK_LOG_WARNING, "network: old keys were not erased: %s", error.text);
    if (self->curve == 0 || self->moved_to == self->number)
        return;
    say (self, KASK_LOG_INFO, "network: the broker has key statement %lld; its key is used now",
         (long long) self->number);
    self->moved_to = self->number;
    self->curve = 0;
    disconnect (self);
    connect_now (self, tick_ms);
}

static void
note_connected (network_t *self, int64_t tick_ms)
{
    if (self->state != KASK_CONNECTED)
        say (self, KASK_LOG_INFO, "network: connected endpoint=%s",
             self->endpoints[self->endpoint]);
    self->state = KASK_CONNECTED;
    self->why[0] = '\0';
    self->pause_ms = PAUSE_MS;
    self->rejected = 0;
    if (!self->greeted && self->identity->n_curve > 1)
        use_newest_key (self, tick_ms);
}

static void
obey (network_t *self, int64_t tick_ms)
{
    switch (client_verdict (self->client)) {
    case CLIENT_STAYS: break;
    case CLIENT_RENEWS:
        disconnect (self);
        connect_now (self, tick_ms);
        break;
    case CLIENT_LEAVES: leave (self, tick_ms, client_why (self->client)); break;
    case CLIENT_STOPS: stop (self); break;
    }
    if (self->dealer && client_is_welcome (self->client))
        note_connected (self, tick_ms);
}

// ---------------------------------------------------------------- the step

static void
take_messages (network_t *self, int64_t tick_ms)
{
    size_t bytes = 0, n = 0;
    int64_t now_ms = moment_now_ms ();
    for (int i = 0; i < STEP_MESSAGES && bytes < STEP_BYTES; i++) {
        const frame_t *frames = dealer_receive (self->dealer, &n);
        if (!frames)
            return;
        for (size_t k = 0; k < n; k++)
            bytes += frames[k].size;
        client_take (self->client, frames, n, tick_ms, now_ms);
    }
}

// Nothing of this step is on disk: the session ends, and the broker says it all again.
static void
give_up_step (network_t *self, const kask_error_t *error, int64_t tick_ms)
{
    if (store_is_full (self->store)) {
        bool had_reserve = store_use_reserve (self->store);
        inbox_set_stuck (self->inbox, true);
        self->stuck_until = tick_ms + STUCK_MS;
        say (self, KASK_LOG_ERROR,
             "network: the disk is full: no messages are taken%s; nothing is lost; make room",
             had_reserve ? ", the room set aside is used to note what is done" : "");
    }
    leave (self, tick_ms, error->text);
}

static void
write_step (network_t *self, int64_t tick_ms)
{
    kask_error_t error;
    if (!store_begin (self->store, &error)) {
        // what came stays in the socket while another handle is writing
        self->retry_at = tick_ms + STORE_BUSY_MS;
        if (!store_is_busy (self->store))
            give_up_step (self, &error, tick_ms);
        return;
    }
    take_messages (self, tick_ms);
    client_prepare (self->client, moment_now_ms ());
    if (!store_commit (self->store, &error))
        give_up_step (self, &error, tick_ms);
    else if (inbox_take_news (self->inbox) || client_is_welcome (self->client))
        self->news = true;
}

static void
look_after_disk (network_t *self, int64_t tick_ms)
{
    if (!inbox_is_stuck (self->inbox) || tick_ms < self->stuck_until)
        return;
    if (store_renew_reserve (self->store))
        inbox_set_stuck (self->inbox, false);
    self->stuck_until = tick_ms + STUCK_MS;
}

static void
on_rejected (network_t *self, int64_t tick_ms)
{
    if (++self->rejected < self->identity->n_curve) {
        self->curve = (self->curve + 1) % self->identity->n_curve;
        disconnect (self);
        connect_now (self, tick_ms);
    } else
        snprintf (self->why, sizeof self->why,
                  "%s: the broker does not take this folder's key, or has another key than we "
                  "know; is this partner added there (kask partner add)?",
                  self->endpoints[self->endpoint]);
}

static void
watch_connection (network_t *self, int64_t tick_ms)
{
    dealer_event_t event = dealer_event (self->dealer);
    if (event == DEALER_REJECTED)
        on_rejected (self, tick_ms);
    // before Welcome ZeroMQ tries again by itself, and this session's time runs out
    if (event == DEALER_LOST && client_is_welcome (self->client))
        leave (self, tick_ms, "the connection was lost");
}

static void
step_session (network_t *self, int64_t tick_ms)
{
    bool has_input = dealer_is_ready (self->dealer);
    if (tick_ms >= self->retry_at && (has_input || client_has_work (self->client)))
        write_step (self, tick_ms);
    if (self->dealer)
        watch_connection (self, tick_ms);
    if (self->dealer)
        client_flush (self->client, tick_ms);
    if (self->dealer)
        obey (self, tick_ms);
}

// The descriptor stays readable while there is something to read.
static void
raise_pending (network_t *self)
{
    uint64_t count = 1;
    bool more =
        self->dealer && dealer_is_ready (self->dealer) && moment_tick_ms () >= self->retry_at;
    ssize_t n = 0;
    if (more && !self->left_unread)
        n = write (self->pending, &count, sizeof count);
    else if (!more && self->left_unread)
        n = read (self->pending, &count, sizeof count);
    (void) n;
    self->left_unread = more;
}

// Keys were made since hello: it is said anew, over the connection key that the broker knows.
static void
follow_keys (network_t *self, int64_t tick_ms)
{
    if (self->number == self->identity->number)
        return;
    self->number = self->identity->number;
    if (!self->dealer)
        return;
    self->curve++;
    disconnect (self);
    connect_now (self, tick_ms);
}

kask_state_t
network_step (network_t *self)
{
    if (self->state == KASK_STOPPED)
        return self->state;
    int64_t tick_ms = moment_tick_ms ();
    bell_hush (self->wake);
    look_after_disk (self, tick_ms);
    follow_keys (self, tick_ms);
    if (!self->dealer && tick_ms >= self->connect_at && self->n_endpoints)
        connect_now (self, tick_ms);
    if (self->dealer)
        step_session (self, tick_ms);
    raise_pending (self);
    return self->state;
}

// ---------------------------------------------------------------- telling

int
network_fd (const network_t *self)
{
    return self->epoll;
}

int
network_timeout_ms (const network_t *self)
{
    if (self->state == KASK_STOPPED)
        return -1;
    int64_t tick_ms = moment_tick_ms ();
    int64_t due = self->dealer ? client_due_at (self->client) : self->connect_at;
    if (self->retry_at > tick_ms && self->retry_at < due)
        due = self->retry_at;
    int64_t left = due - tick_ms;
    return left < 0 ? 0 : left > IDLE_MS ? IDLE_MS : (int) left;
}

const char *
network_why (const network_t *self)
{
    return self->why;
}

const char *
network_stop_fault (const network_t *self)
{
    return self->stop_fault;
}

bool
network_take_news (network_t *self)
{
    bool news = self->news;
    self->news = false;
    return news;
}
