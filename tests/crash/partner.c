/*
 * kask-test-partner - a partner with a system of its own, on libkask; made to be killed.
 *
 *   kask-test-partner DIR SYSTEM.db GOAL RECIPIENT ...
 *
 * DIR is a state folder of libkask.  SYSTEM.db stands for the partner's system: table
 * `effect` holds what it has taken in, in that order, under the key that libkask gave;
 * it is written before, and apart from, the acknowledgement.
 *
 * The file GOAL says up to which number acts shall have been sent to each recipient.
 * After every start all acts are handed to libkask again from the first on, as a
 * connector does that has lost its place.  Each SEND that comes in is accepted and completed,
 * as acts that are named after it.  What cannot be stored is said, and done again.
 */
#include "kask.h"

#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACTS_AT_ONCE = 50, MESSAGES_AT_ONCE = 200 };

typedef struct {
    kask_t *kask;
    sqlite3 *system;
    const char *goal_path;
    char **recipients;
    int n_recipients;
    long handed;             // acts handed to libkask since the start, for each recipient
    kask_message_t *message; // in hand: taken by the system, and not given back yet
    kask_answer_t *answered; // in hand, not noted yet
} partner_t;

static volatile sig_atomic_t ended;

static void
on_term (int signal)
{
    (void) signal;
    ended = 1;
}

static _Noreturn void
give_up (const char *what, const char *why)
{
    fprintf (stderr, "kask-test-partner: %s: %s\n", what, why);
    exit (1);
}

static void
say (void *arg, kask_log_level_t level, const char *text)
{
    (void) arg;
    if (level <= KASK_LOG_INFO)
        fprintf (stderr, "%s\n", text);
}

static void
run_sql (sqlite3 *db, const char *sql)
{
    char *problem;
    if (sqlite3_exec (db, sql, NULL, NULL, &problem) != SQLITE_OK)
        give_up (sql, problem);
}

// ---------------------------------------------------------------- acts out

static long
goal (const partner_t *self)
{
    FILE *in = fopen (self->goal_path, "r");
    if (!in)
        return 0;
    char text[32];
    long n = fgets (text, sizeof text, in) ? strtol (text, NULL, 10) : 0;
    fclose (in);
    return n;
}

// What was written is undone.  Always false.
static bool
undo (partner_t *self, const char *what, const kask_error_t *error)
{
    fprintf (stderr, "not stored: %s: %s\n", what, error->text);
    kask_rollback (self->kask);
    return false;
}

static bool
send_act (partner_t *self, const char *recipient, long n)
{
    char act[96];
    snprintf (act, sizeof act, "%s>%s/%ld", kask_partner (self->kask), recipient, n);
    Kask__Content content = KASK__CONTENT__INIT;
    content.text = act;
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.event = KASK__EVENT__EVENT_SEND;
    event.legal_basis = (char *) "CONSENT";
    uint8_t id[16];
    kask_error_t error;
    return kask_send (self->kask, recipient, &event, &content, act, id, &error) != KASK_FAILED ||
           undo (self, act, &error);
}

static bool
send_to_all (partner_t *self, long n)
{
    for (int r = 0; r < self->n_recipients; r++)
        if (!send_act (self, self->recipients[r], n))
            return false;
    return true;
}

static void
hand_over_acts (partner_t *self)
{
    kask_error_t error;
    long until = goal (self), n = self->handed;
    if (n >= until)
        return;
    if (!kask_begin (self->kask, &error))
        return (void) undo (self, "begin", &error);
    for (int i = 0; i < ACTS_AT_ONCE && n < until; i++)
        if (!send_to_all (self, ++n))
            return;
    if (kask_commit (self->kask, &error))
        self->handed = n;
    else
        undo (self, "acts", &error);
}

// ---------------------------------------------------------------- messages in

static void
write_effect (partner_t *self, const kask_message_t *message)
{
    const Kask__ReferralEvent *event = message->header->referral;
    sqlite3_stmt *insert;
    sqlite3_prepare_v2 (
        self->system,
        "INSERT OR IGNORE INTO effect (key, sender, sequence, referral, event, text)"
        " VALUES (?, ?, ?, hex (?), ?, ?)",
        -1, &insert, NULL);
    sqlite3_bind_text (insert, 1, message->id, -1, SQLITE_STATIC);
    sqlite3_bind_text (insert, 2, message->sender, -1, SQLITE_STATIC);
    sqlite3_bind_int64 (insert, 3, (sqlite3_int64) message->sequence);
    sqlite3_bind_blob (insert, 4, event->referral_id.data, (int) event->referral_id.len,
                       SQLITE_STATIC);
    sqlite3_bind_int (insert, 5, (int) event->event);
    sqlite3_bind_text (insert, 6, message->content ? message->content->text : "", -1,
                       SQLITE_STATIC);
    if (sqlite3_step (insert) != SQLITE_DONE)
        give_up ("the system refuses", sqlite3_errmsg (self->system));
    sqlite3_finalize (insert);
}

static bool
answer (partner_t *self, const kask_message_t *message, Kask__Event what, const char *outcome)
{
    const Kask__ReferralEvent *about = message->header->referral;
    char act[160];
    snprintf (act, sizeof act, "%d of %s", (int) what, message->id);
    Kask__Content content = KASK__CONTENT__INIT;
    content.text = message->content->text;
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.event = what;
    event.referral_id = about->referral_id;
    event.outcome = (char *) outcome;
    uint8_t id[16];
    kask_error_t error;
    return kask_send (self->kask, message->sender, &event, &content, act, id, &error) !=
               KASK_FAILED ||
           undo (self, act, &error);
}

// Answers and DONE, as one.
static bool
give_back (partner_t *self, kask_message_t **message_p)
{
    const kask_message_t *message = *message_p;
    kask_error_t error;
    if (!kask_begin (self->kask, &error))
        return undo (self, "begin", &error);
    if (message->header->referral->event == KASK__EVENT__EVENT_SEND &&
        (!answer (self, message, KASK__EVENT__EVENT_ACCEPT, "") ||
         !answer (self, message, KASK__EVENT__EVENT_COMPLETE, "SOLVED")))
        return false;
    if (kask_done (self->kask, message_p, &error) && kask_commit (self->kask, &error))
        return true;
    return undo (self, "done", &error);
}

static void
take_messages (partner_t *self)
{
    for (int i = 0; i < MESSAGES_AT_ONCE; i++) {
        if (!self->message)
            self->message = kask_next (self->kask);
        if (!self->message)
            return;
        write_effect (self, self->message);
        if (!give_back (self, &self->message))
            return;
    }
}

static void
take_answers (partner_t *self)
{
    kask_error_t error;
    while (self->answered || (self->answered = kask_next_answer (self->kask))) {
        if (!self->answered->accepted)
            fprintf (stderr, "refused act=%s fault=%s\n", self->answered->act,
                     self->answered->fault);
        if (!kask_answer_noted (self->kask, &self->answered, &error)) {
            fprintf (stderr, "not stored: answer: %s\n", error.text);
            return;
        }
    }
}

// ---------------------------------------------------------------- the program

static void
open_system (partner_t *self, const char *path)
{
    if (sqlite3_open (path, &self->system) != SQLITE_OK)
        give_up (path, sqlite3_errmsg (self->system));
    sqlite3_busy_timeout (self->system, 5000);
    run_sql (self->system, "PRAGMA journal_mode = WAL");
    run_sql (
        self->system,
        "CREATE TABLE IF NOT EXISTS effect (no INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE,"
        " sender TEXT, sequence INTEGER, referral TEXT, event INTEGER, text TEXT)");
}

int
main (int argc, char **argv)
{
    if (argc < 5) {
        fprintf (stderr, "usage: kask-test-partner DIR SYSTEM.db GOAL RECIPIENT ...\n");
        return 2;
    }
    signal (SIGTERM, on_term);
    partner_t self = {.goal_path = argv[3], .recipients = argv + 4, .n_recipients = argc - 4};
    open_system (&self, argv[2]);
    kask_error_t error;
    const kask_options_t options = {.network = true, .software = "kask-test-partner", .log = say};
    self.kask = kask_open (argv[1], &options, &error);
    if (!self.kask)
        give_up (argv[1], error.text);
    while (!ended && kask_step (self.kask) != KASK_STOPPED) {
        hand_over_acts (&self);
        take_messages (&self);
        take_answers (&self);
        struct pollfd item = {.fd = kask_fd (self.kask), .events = POLLIN};
        int wait = kask_timeout_ms (self.kask);
        poll (&item, 1, wait < 100 ? wait : 100);
    }
    if (!ended)
        fprintf (stderr, "stopped: %s\n", kask_why (self.kask));
    kask_close (&self.kask);
    sqlite3_close (self.system);
    return ended ? 0 : 78;
}
