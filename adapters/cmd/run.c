/*
 * run - joins the partner's system to the network.
 *
 * Wiring only: one thread speaks with the broker (line), this one with the
 * partner's system (desk), each by a handle of its own.  SIGTERM and SIGINT end
 * both; so does the broker where a person is needed.
 */
#include "cmd/cmd.h"

#include "desk.h"
#include "desk_setup.h"
#include "kask.h"
#include "line.h"
#include "log.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

enum { QUIET_MS = 1500, USUAL_DEADLINE_MS = 60 * 1000, DEAF_MS = 1000 };

typedef struct {
    settings_t *settings;
    desk_setup_t setup;
    desk_t *desk;
    line_t *line;
    int ended_fd; // the line's thread ended
    int signal_fd;
    int64_t deaf_ms; // until then the connector is not listened to
    bool once;
    int64_t quiet_ms; // --once: since when nothing was left to do; 0: something was
    int64_t deadline_ms;
} run_t;

// ---- wiring

static void
write_log (void *arg, kask_log_level_t level, const char *text)
{
    (void) arg;
    switch (level) {
    case KASK_LOG_ERROR: log_error ("%s", text); break;
    case KASK_LOG_WARNING: log_warning ("%s", text); break;
    case KASK_LOG_INFO: log_info ("%s", text); break;
    default: log_debug ("%s", text);
    }
}

static kask_t *
open_handle (const run_t *self, bool network)
{
    kask_error_t error;
    const kask_options_t options = {
        .network = network,
        .software = "kask-adapter " PACKAGE_VERSION,
        .attempts = (uint32_t) settings_number (self->settings, "", "attempts"),
        .log = write_log,
    };
    kask_t *kask = kask_open (settings_text (self->settings, "", "state"), &options, &error);
    if (!kask)
        cmd_fail (EX_NOINPUT, "%s", error.text);
    return kask;
}

static bool
level_set (const char *name)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    for (int i = 0; i < 4; i++)
        if (strcmp (names[i], name) == 0) {
            log_set_level ((log_level_t) i);
            return true;
        }
    return false;
}

static bool
is_own_state (const run_t *self)
{
    const char *wanted = settings_text (self->settings, "", "partner");
    const char *found = kask_partner (self->setup.kask);
    if (strcmp (wanted, found) == 0)
        return true;
    cmd_fail (EX_CONFIG,
              "the state folder belongs to %s and not to %s: nothing was started; correct partner "
              "or state",
              found, wanted);
    return false;
}

static bool
connector_open (run_t *self)
{
    problem_t problem;
    char line[1400];
    const char *kind = settings_text (self->settings, "", "connector");
    if (strcmp (kind, "files") == 0)
        self->setup.connector = connector_files_new (self->settings, &problem);
    else if (strcmp (kind, "http") == 0)
        self->setup.connector = connector_http_new (self->settings, &problem);
    else
        problem_set (&problem, PROBLEM_SETUP, "connector", "correct it", "must be files or http");
    if (!self->setup.connector)
        cmd_fail (EX_CONFIG, "%s: nothing was started", problem_line (&problem, line, sizeof line));
    return self->setup.connector != NULL;
}

static void
wake (void *arg)
{
    kask_wake (((run_t *) arg)->setup.kask);
}

static bool
desk_open (run_t *self)
{
    problem_t problem;
    char line[1400];
    self->setup.settings = self->settings;
    self->setup.db = kask_store (self->setup.kask);
    self->setup.wake = wake;
    self->setup.wake_arg = self;
    self->setup.retry_ms = (int) settings_number (self->settings, "", "retry");
    self->setup.mapping.limits.memory_bytes =
        (size_t) settings_number (self->settings, "mapping", "memory");
    self->setup.mapping.limits.wall_ms =
        (unsigned) settings_number (self->settings, "mapping", "time");
    self->desk = desk_new (&self->setup, &problem);
    if (!self->desk)
        cmd_fail (EX_CONFIG, "%s: nothing was started", problem_line (&problem, line, sizeof line));
    return self->desk != NULL;
}

static bool
signals_open (run_t *self)
{
    sigset_t signals;
    sigemptyset (&signals);
    sigaddset (&signals, SIGTERM);
    sigaddset (&signals, SIGINT);
    pthread_sigmask (SIG_BLOCK, &signals, NULL); // before any thread is made
    signal (SIGPIPE, SIG_IGN);
    self->signal_fd = signalfd (-1, &signals, SFD_CLOEXEC);
    self->ended_fd = eventfd (0, EFD_CLOEXEC);
    return self->signal_fd >= 0 && self->ended_fd >= 0;
}

// Both handles, connector, desk, and at last the thread.
static int
begin (run_t *self)
{
    kask_t *network = NULL;
    if (!level_set (settings_text (self->settings, "", "log")))
        return cmd_fail (EX_CONFIG,
                         "log must be error, warning, info or debug: nothing was started");
    if (!signals_open (self))
        return cmd_fail (EX_OSERR, "no signals can be waited for: nothing was started");
    self->setup.kask = open_handle (self, false);
    if (!self->setup.kask)
        return EX_NOINPUT;
    if (!is_own_state (self) || !connector_open (self) || !desk_open (self))
        return EX_CONFIG;
    network = open_handle (self, true);
    if (!network)
        return EX_NOINPUT;
    self->line = line_new (&network, self->ended_fd);
    return EX_OK;
}

static void
end (run_t *self)
{
    line_destroy (&self->line);
    desk_destroy (&self->desk);
    if (self->setup.connector)
        self->setup.connector->destroy (&self->setup.connector);
    if (self->setup.kask)
        kask_close (&self->setup.kask);
    if (self->signal_fd >= 0)
        close (self->signal_fd);
    if (self->ended_fd >= 0)
        close (self->ended_fd);
    settings_destroy (&self->settings);
}

// ---- the loop

static int
connector_fd (const run_t *self)
{
    assert (self->setup.connector);
    return self->setup.connector->fd (self->setup.connector);
}

static int
timeout_ms (const run_t *self, bool worked)
{
    int64_t left = desk_due_ms (self->desk) - desk_ticks_ms ();
    int kask = kask_timeout_ms (self->setup.kask);
    if (worked || left <= 0)
        return 0;
    int most = kask >= 0 && kask < 1000 ? kask : 1000;
    return left < most ? (int) left : most;
}

// False: it is to end.
static bool
listen (run_t *self, bool worked)
{
    bool is_deaf = desk_ticks_ms () < self->deaf_ms;
    struct pollfd items[] = {
        {.fd = self->signal_fd, .events = POLLIN},
        {.fd = self->ended_fd, .events = POLLIN},
        {.fd = kask_fd (self->setup.kask), .events = POLLIN},
        {.fd = is_deaf ? -1 : connector_fd (self), .events = POLLIN},
    };
    poll (items, 4, timeout_ms (self, worked));
    if (items[0].revents || items[1].revents)
        return false;
    if (items[2].revents)
        kask_step (self->setup.kask);
    if (items[3].revents) {
        desk_hear (self->desk);
        // a source that waits after a failure leaves it readable
        self->deaf_ms = worked ? 0 : desk_ticks_ms () + DEAF_MS / 10;
    }
    return true;
}

// --once: nothing was left to do for a while.
static bool
is_over (run_t *self, bool worked)
{
    int64_t now = desk_ticks_ms ();
    bool quiet = !worked && line_is_connected (self->line) && desk_is_settled (self->desk);
    if (!quiet)
        self->quiet_ms = 0;
    else if (self->quiet_ms == 0)
        self->quiet_ms = now;
    return quiet && now - self->quiet_ms >= QUIET_MS;
}

static int
loop_once (run_t *self)
{
    char text[200];
    bool worked = true;
    while (listen (self, worked)) {
        worked = desk_step (self->desk);
        if (is_over (self, worked))
            return EX_OK;
        if (desk_ticks_ms () < self->deadline_ms)
            continue;
        desk_waits_for (self->desk, text, sizeof text);
        return cmd_fail (
            EX_TEMPFAIL, "not everything was done in time (%s): %s; it goes on at the next run",
            line_is_connected (self->line) ? "connected" : "not connected to the broker", text);
    }
    return EX_OK;
}

static int
loop (run_t *self)
{
    bool worked = true;
    while (listen (self, worked))
        worked = desk_step (self->desk);
    return EX_OK;
}

// Where the line ended by itself a person is needed; 78 tells the unit not to start it again.
static int
verdict (run_t *self, int status)
{
    char fault[64], why[300];
    if (!line_has_stopped (self->line, fault, why))
        return status;
    bool superseded = strcmp (fault, "SUPERSEDED") == 0;
    log_error ("adapter: stopped fault=%s problem=%s%s", fault, why,
               superseded ? "; another adapter runs with this partner's keys: end the one that is "
                            "not wanted"
                          : "");
    return superseded ? EX_CONFIG : EX_UNAVAILABLE;
}

// What --deadline says; -1: no number of seconds.
static int64_t
read_deadline_ms (const char *text)
{
    if (!text)
        return USUAL_DEADLINE_MS;
    char *end;
    long seconds = strtol (text, &end, 10);
    bool is_whole = end != text && *end == '\0';
    return is_whole && seconds >= 0 && seconds <= INT32_MAX ? seconds * INT64_C (1000) : -1;
}

int
cmd_run (const cmd_words_t *words)
{
    run_t self = {.signal_fd = -1, .ended_fd = -1, .once = words->once};
    int64_t most = read_deadline_ms (words->deadline);
    if (most < 0) {
        fprintf (stderr,
                 "kask-adapter: --deadline %s is no number of seconds; nothing was started: give a "
                 "whole number, 60\n",
                 words->deadline);
        return EX_USAGE;
    }
    self.settings = cmd_settings (words);
    if (!self.settings)
        return EX_CONFIG;
    self.deadline_ms = desk_ticks_ms () + most;
    int status = begin (&self);
    if (status == EX_OK) {
        log_info ("adapter: running partner=%s version=" PACKAGE_VERSION,
                  kask_partner (self.setup.kask));
        status = self.once ? loop_once (&self) : loop (&self);
        status = verdict (&self, status);
        log_info ("adapter: ended");
    }
    end (&self);
    return status;
}
