/*
 * kask-bench-sdk - loads a broker with programs on libkask: sealing, outbox and inbox on disk.
 *
 *   kask-bench-sdk MESSAGES SIZE SENDER:RECIPIENT:DIR-OF-SENDER:DIR-OF-RECIPIENT ...
 *
 * The folders are set up, joined and pinned before.  Each sender sends so many contents of so
 * many bytes, each its own referral; all senders run in one thread, all recipients in
 * another.  It ends when each sender has the RECEIPT of each; prints one JSON object.
 */
#include "kask.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_PAIRS = 16, AT_ONCE = 200, UNDER_WAY = 3000, LONGEST_S = 600 };

typedef struct {
    kask_t *kask;
    char *recipient; // NULL: it only receives
    size_t sent;
    size_t received;
} program_t;

typedef struct {
    program_t programs[MAX_PAIRS];
    int n;
} side_t;

static size_t messages;
static char *text;
static atomic_bool ended;

static int64_t
now_us (void)
{
    struct timespec t;
    clock_gettime (CLOCK_MONOTONIC, &t);
    return (int64_t) t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static _Noreturn void
give_up (const char *what, const char *why)
{
    fprintf (stderr, "kask-bench-sdk: %s: %s\n", what, why);
    exit (1);
}

// ---------------------------------------------------------------- one program

static void
send_some (program_t *self)
{
    kask_error_t error;
    if (self->sent == messages || self->sent - self->received > UNDER_WAY)
        return;
    if (!kask_begin (self->kask, &error))
        give_up ("begin", error.text);
    for (int i = 0; i < AT_ONCE && self->sent < messages; i++) {
        char act[32];
        snprintf (act, sizeof act, "%zu", ++self->sent);
        Kask__Content content = KASK__CONTENT__INIT;
        content.text = text;
        Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
        event.event = KASK__EVENT__EVENT_SEND;
        event.legal_basis = (char *) "CONSENT";
        uint8_t id[16];
        if (kask_send (self->kask, self->recipient, &event, &content, act, id, &error) !=
            KASK_STORED)
            give_up ("send", error.text);
    }
    if (!kask_commit (self->kask, &error))
        give_up ("commit", error.text);
}

static void
take_some (program_t *self)
{
    kask_error_t error;
    kask_message_t *message = kask_next (self->kask);
    if (!message)
        return;
    if (!kask_begin (self->kask, &error))
        give_up ("begin", error.text);
    for (int i = 0; message; message = ++i < AT_ONCE ? kask_next (self->kask) : NULL) {
        self->received++;
        if (!kask_done (self->kask, &message, &error))
            give_up ("done", error.text);
    }
    if (!kask_commit (self->kask, &error))
        give_up ("commit", error.text);
}

static void
note_answers (program_t *self)
{
    kask_error_t error;
    kask_answer_t *answer = kask_next_answer (self->kask);
    if (!answer)
        return;
    if (!kask_begin (self->kask, &error))
        give_up ("begin", error.text);
    for (int i = 0; answer; answer = ++i < AT_ONCE ? kask_next_answer (self->kask) : NULL) {
        if (!answer->accepted)
            give_up ("refused", answer->fault);
        if (!kask_answer_noted (self->kask, &answer, &error))
            give_up ("answer", error.text);
    }
    if (!kask_commit (self->kask, &error))
        give_up ("commit", error.text);
}

// ---------------------------------------------------------------- the two threads

static void
turn (side_t *self)
{
    struct pollfd items[MAX_PAIRS];
    int wait = 50;
    for (int i = 0; i < self->n; i++) {
        program_t *program = &self->programs[i];
        if (kask_step (program->kask) == KASK_STOPPED)
            give_up ("stopped", kask_why (program->kask));
        if (program->recipient) {
            send_some (program);
            note_answers (program);
        }
        take_some (program);
        items[i] = (struct pollfd){.fd = kask_fd (program->kask), .events = POLLIN};
        int timeout = kask_timeout_ms (program->kask);
        if (timeout >= 0 && timeout < wait)
            wait = timeout;
    }
    poll (items, (nfds_t) self->n, wait);
}

static bool
all_received (const side_t *self)
{
    for (int i = 0; i < self->n; i++)
        if (self->programs[i].received < messages)
            return false;
    return true;
}

static void *
receive (void *arg)
{
    while (!ended)
        turn (arg);
    return NULL;
}

static void
open_program (side_t *self, const char *dir, char *recipient)
{
    kask_error_t error;
    const kask_options_t options = {.network = true, .software = "kask-bench-sdk"};
    kask_t *kask = kask_open (dir, &options, &error);
    if (!kask)
        give_up (dir, error.text);
    self->programs[self->n++] = (program_t){.kask = kask, .recipient = recipient};
}

static void
open_pair (side_t *senders, side_t *recipients, char *pair)
{
    char *save;
    char *sender = strtok_r (pair, ":", &save), *recipient = strtok_r (NULL, ":", &save);
    char *from = strtok_r (NULL, ":", &save), *to = strtok_r (NULL, ":", &save);
    if (!sender || !recipient || !from || !to)
        give_up ("usage", "SENDER:RECIPIENT:DIR:DIR");
    open_program (senders, from, recipient);
    open_program (recipients, to, NULL);
}

// Both sides talk before the clock starts.
static void
connect_all (side_t *self)
{
    for (int i = 0; i < self->n; i++) {
        int64_t end = now_us () + 20000000;
        while (kask_step (self->programs[i].kask) != KASK_CONNECTED) {
            struct pollfd item = {.fd = kask_fd (self->programs[i].kask), .events = POLLIN};
            poll (&item, 1, 20);
            if (now_us () > end)
                give_up ("not connected", kask_why (self->programs[i].kask));
        }
    }
}

int
main (int argc, char **argv)
{
    if (argc < 4 || argc - 3 > MAX_PAIRS) {
        fprintf (stderr, "usage: kask-bench-sdk MESSAGES SIZE SENDER:RECIPIENT:DIR:DIR ...\n");
        return 2;
    }
    messages = strtoul (argv[1], NULL, 10);
    size_t size = strtoul (argv[2], NULL, 10);
    text = malloc (size + 1);
    memset (text, 'x', size);
    text[size] = '\0';
    side_t senders = {.n = 0}, recipients = {.n = 0};
    for (int i = 3; i < argc; i++)
        open_pair (&senders, &recipients, argv[i]);
    connect_all (&senders);
    connect_all (&recipients);
    pthread_t thread;
    pthread_create (&thread, NULL, receive, &recipients);
    int64_t begun = now_us ();
    while (!all_received (&senders)) {
        turn (&senders);
        if (now_us () - begun > (int64_t) LONGEST_S * 1000000)
            give_up ("time", "not all have their RECEIPT");
    }
    double seconds = (double) (now_us () - begun) / 1e6;
    ended = true;
    pthread_join (thread, NULL);
    size_t total = messages * (size_t) senders.n;
    printf ("{\"messages\": %zu, \"seconds\": %.3f, \"per_second\": %.0f}\n", total, seconds,
            (double) total / seconds);
    for (int i = 0; i < senders.n; i++) {
        kask_close (&senders.programs[i].kask);
        kask_close (&recipients.programs[i].kask);
    }
    free (text);
    return 0;
}
