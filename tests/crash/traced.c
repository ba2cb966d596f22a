/*
 * kask-test-traced - a partner on libkask that says each step, for traces; made to be killed.
 *
 *   kask-test-traced DIR GOAL [RECIPIENT]
 *
 * Each line on standard error is one write, begins with the partner's name, and is what libkask
 * logs, or "effect SENDER SEQUENCE" when the partner's system has taken a message in, or "told ACT"
 * when it has heard that one was accepted.  Both are said before libkask is told,
 * so after a kill they may come again.
 *
 * The file GOAL says up to which number acts shall have been sent to RECIPIENT.
 */
#include "goal.h"
#include "kask.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { REST_MS = 10 };

static volatile sig_atomic_t ended;

static void
on_term (int signal)
{
    (void) signal;
    ended = 1;
}

static const char *name = "";

static void
say (void *arg, kask_log_level_t level, const char *text)
{
    (void) arg;
    (void) level;
    dprintf (STDERR_FILENO, "%s %s\n", name, text);
}

static _Noreturn void
give_up (const kask_error_t *error)
{
    dprintf (STDERR_FILENO, "%s gave up: %s\n", name, error->text);
    exit (1);
}

static void
send_act (kask_t *kask, const char *recipient, long n)
{
    char act[96];
    snprintf (act, sizeof act, "%ld", n);
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.event = KASK__EVENT__EVENT_SEND;
    event.legal_basis = (char *) "CONSENT";
    uint8_t id[16];
    kask_error_t error;
    if (kask_send (kask, recipient, &event, NULL, act, id, &error) == KASK_FAILED)
        give_up (&error);
}

static void
take_messages (kask_t *kask)
{
    kask_error_t error;
    kask_message_t *message;
    while ((message = kask_next (kask))) {
        dprintf (STDERR_FILENO, "%s effect %s %llu\n", name, message->sender,
                 (unsigned long long) message->sequence);
        if (!kask_done (kask, &message, &error))
            give_up (&error);
    }
}

static void
take_answers (kask_t *kask)
{
    kask_error_t error;
    kask_answer_t *answer;
    while ((answer = kask_next_answer (kask))) {
        dprintf (STDERR_FILENO, "%s %s %s\n", name, answer->accepted ? "told" : answer->fault,
                 answer->act);
        if (!kask_answer_noted (kask, &answer, &error))
            give_up (&error);
    }
}

static void
run (kask_t *kask, const char *goal_path, const char *recipient)
{
    long handed = 0;
    while (!ended && kask_step (kask) != KASK_STOPPED) {
        for (long until = recipient ? goal_read (goal_path) : 0; handed < until;)
            send_act (kask, recipient, ++handed);
        take_messages (kask);
        take_answers (kask);
        struct pollfd item = {.fd = kask_fd (kask), .events = POLLIN};
        poll (&item, 1, REST_MS);
    }
}

int
main (int argc, char **argv)
{
    if (argc < 3) {
        fprintf (stderr, "usage: kask-test-traced DIR GOAL [RECIPIENT]\n");
        return 2;
    }
    signal (SIGTERM, on_term);
    kask_error_t error;
    const kask_options_t options = {.network = true, .software = "kask-test-traced", .log = say};
    kask_t *kask = kask_open (argv[1], &options, &error);
    if (!kask)
        give_up (&error);
    name = kask_partner (kask);
    run (kask, argv[2], argc > 3 ? argv[3] : NULL);
    kask_close (&kask);
    return ended ? 0 : 78;
}
