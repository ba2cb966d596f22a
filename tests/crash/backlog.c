/*
 * kask-test-backlog - a partner on libkask with a great many messages in its outbox.
 *
 *   kask-test-backlog DIR GOAL RECIPIENT ...
 *
 * The file GOAL says how many referrals shall be sent to each recipient; once it is there, all of
 * them are stored, many in a transaction, before anything else is done.  What comes in is DONE at
 * once, and held against the sender's own count: each carries its number.  It prints "stored N",
 * and "received N receipts N disorder N" when each recipient has sent as many and all RECEIPTs are
 * there; then it goes on, for the others' sake, until SIGTERM.
 */
#include "kask.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OTHERS = 16, STORED_AT_ONCE = 1000, TAKEN_AT_ONCE = 500, REST_MS = 50 };

typedef struct {
    const char *name;
    long received; // up to this number
} other_t;

typedef struct {
    kask_t *kask;
    const char *goal_path;
    other_t others[MAX_OTHERS];
    int n_others;
    long goal; // for each recipient; 0: not known yet
    long received;
    long receipts;
    long disorder; // that did not carry the number next to the last one's
    bool is_said;
} backlog_t;

static volatile sig_atomic_t ended;

static void
on_term (int signal)
{
    (void) signal;
    ended = 1;
}

static _Noreturn void
give_up (const char *what, const kask_error_t *error)
{
    fprintf (stderr, "kask-test-backlog: %s: %s\n", what, error->text);
    exit (1);
}

static void
say (void *arg, kask_log_level_t level, const char *text)
{
    (void) arg;
    if (level <= KASK_LOG_INFO)
        fprintf (stderr, "%s\n", text);
}

// ---------------------------------------------------------------- out

static long
read_goal (const backlog_t *self)
{
    FILE *in = fopen (self->goal_path, "r");
    if (!in)
        return 0;
    char text[32];
    long n = fgets (text, sizeof text, in) ? strtol (text, NULL, 10) : 0;
    fclose (in);
    return n;
}

static void
store_one (backlog_t *self, const char *recipient, long n)
{
    char number[32], act[96];
    snprintf (number, sizeof number, "%ld", n);
    snprintf (act, sizeof act, "%s/%ld", recipient, n);
    Kask__Content content = KASK__CONTENT__INIT;
    content.text = number;
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.event = KASK__EVENT__EVENT_SEND;
    event.legal_basis = (char *) "CONSENT";
    uint8_t id[16];
    kask_error_t error;
    if (kask_send (self->kask, recipient, &event, &content, act, id, &error) != KASK_STORED)
        give_up (act, &error);
}

static void
store_all (backlog_t *self)
{
    kask_error_t error;
    for (long n = 1; n <= self->goal;) {
        if (!kask_begin (self->kask, &error))
            give_up ("begin", &error);
        for (int i = 0; i < STORED_AT_ONCE && n <= self->goal; i += self->n_others, n++)
            for (int r = 0; r < self->n_others; r++)
                store_one (self, self->others[r].name, n);
        if (!kask_commit (self->kask, &error))
            give_up ("commit", &error);
    }
    printf ("stored %ld\n", self->goal * self->n_others);
    fflush (stdout);
}

// ---------------------------------------------------------------- in

static void
count (backlog_t *self, const kask_message_t *message)
{
    if (message->by_broker) {
        self->receipts++;
        return;
    }
    self->received++;
    long n = strtol (message->content->text, NULL, 10);
    for (int i = 0; i < self->n_others; i++) {
        if (strcmp (self->others[i].name, message->sender) != 0)
            continue;
        self->disorder += n != self->others[i].received + 1;
        self->others[i].received = n;
    }
}

static void
take_messages (backlog_t *self)
{
    kask_error_t error;
    kask_message_t *message = kask_next (self->kask);
    if (!message)
        return;
    if (!kask_begin (self->kask, &error))
        give_up ("begin", &error);
    for (int i = 0; message; message = ++i < TAKEN_AT_ONCE ? kask_next (self->kask) : NULL) {
        count (self, message);
        if (!kask_done (self->kask, &message, &error))
            give_up ("done", &error);
    }
    if (!kask_commit (self->kask, &error))
        give_up ("commit", &error);
}

static void
note_answers (backlog_t *self)
{
    kask_error_t error;
    kask_answer_t *answer = kask_next_answer (self->kask);
    if (!answer)
        return;
    if (!kask_begin (self->kask, &error))
        give_up ("begin", &error);
    for (int i = 0; answer; answer = ++i < TAKEN_AT_ONCE ? kask_next_answer (self->kask) : NULL) {
        if (!answer->accepted)
            fprintf (stderr, "refused %s: %s\n", answer->act, answer->fault);
        if (!kask_answer_noted (self->kask, &answer, &error))
            give_up ("answer", &error);
    }
    if (!kask_commit (self->kask, &error))
        give_up ("commit", &error);
}

// ---------------------------------------------------------------- the program

static void
say_whether_all_came (backlog_t *self)
{
    long all = self->goal * self->n_others;
    if (self->is_said || !all || self->received < all || self->receipts < all)
        return;
    self->is_said = true;
    printf ("received %ld receipts %ld disorder %ld\n", self->received, self->receipts,
            self->disorder);
    fflush (stdout);
}

static void
run (backlog_t *self)
{
    while (!ended && kask_step (self->kask) != KASK_STOPPED) {
        if (!self->goal && (self->goal = read_goal (self)))
            store_all (self);
        take_messages (self);
        note_answers (self);
        say_whether_all_came (self);
        struct pollfd item = {.fd = kask_fd (self->kask), .events = POLLIN};
        int wait = kask_timeout_ms (self->kask);
        poll (&item, 1, wait >= 0 && wait < REST_MS ? wait : REST_MS);
    }
}

int
main (int argc, char **argv)
{
    if (argc < 4 || argc - 3 > MAX_OTHERS) {
        fprintf (stderr, "usage: kask-test-backlog DIR GOAL RECIPIENT ...\n");
        return 2;
    }
    signal (SIGTERM, on_term);
    backlog_t self = {.goal_path = argv[2], .n_others = argc - 3};
    for (int i = 0; i < self.n_others; i++)
        self.others[i].name = argv[3 + i];
    kask_error_t error;
    const kask_options_t options = {.network = true, .software = "kask-test-backlog", .log = say};
    self.kask = kask_open (argv[1], &options, &error);
    if (!self.kask)
        give_up (argv[1], &error);
    run (&self);
    kask_close (&self.kask);
    return 0;
}
