/*
 * kask-test-partner - a partner with a system of its own, on libkask; made to be killed.
 *
 *   kask-test-partner [--habits] DIR SYSTEM.db GOAL RECIPIENT ...
 *
 * DIR is a state folder of libkask.  SYSTEM.db stands for the partner's system (system.h): what
 * has come in is written there before, and apart from, the acknowledgement.
 *
 * The file GOAL says up to which number referrals shall have been sent to each recipient.
 * After every start all acts are handed to libkask again from the first on, as a
 * connector does that has lost its place.  Each SEND that comes in is accepted and completed.
 *
 * With --habits the last digits of its number say what both sides do instead, and acts are handed
 * over once: SYSTEM.db.place says how far libkask has stored them.
 *
 * While somebody else holds SYSTEM.db nothing is taken and nothing handed over.  What libkask
 * cannot store is said, and done again.
 */
#include "goal.h"
#include "kask.h"
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ACTS_AT_ONCE = 50, MESSAGES_AT_ONCE = 200, ANSWERS_AT_ONCE = 200, REST_MS = 100 };
enum { HABITS = 16, EVENTS = 4 };

#define E(name) KASK__EVENT__EVENT_##name

// What both sides do with referral n, by n % HABITS.
typedef struct {
    Kask__Event referrer[EVENTS]; // right behind SEND
    Kask__Event receiver[EVENTS]; // when it has come
    bool is_refused;              // by the receiver's system, until it is replayed
} habit_t;

static const habit_t usual = {.receiver = {E (ACCEPT), E (COMPLETE)}};
static const habit_t habits[HABITS] = {
    [0] = {.receiver = {E (ACCEPT), E (COMPLETE)}},
    [1] = {.receiver = {E (ACCEPT), E (COMPLETE)}},
    [2] = {.receiver = {E (ACCEPT), E (START), E (COMPLETE)}},
    [3] = {.is_refused = true, .receiver = {E (ACCEPT)}},
    [4] = {.referrer = {E (NOTE)}, .receiver = {E (ACCEPT), E (NOTE)}},
    [5] = {.receiver = {E (DECLINE)}},
    [6] = {.referrer = {E (NOTE)}, .is_refused = true, .receiver = {E (DECLINE)}},
    [7] = {.referrer = {E (REVOKE)}, .receiver = {E (ACCEPT), E (START)}},
    [8] = {.receiver = {E (ACCEPT), E (COMPLETE)}},
    [9] = {.referrer = {E (WITHDRAW)}, .receiver = {E (ACCEPT)}},
    [10] = {.receiver = {E (ACCEPT), E (START), E (FAIL)}},
    [11] = {.referrer = {E (NOTE), E (REVOKE)}, .receiver = {E (ACCEPT), E (COMPLETE)}},
    [12] = {.receiver = {E (ASK), E (ACCEPT), E (COMPLETE)}},
    [13] = {.referrer = {E (NOTE), E (REVOKE)}, .is_refused = true, .receiver = {E (ACCEPT)}},
    [14] = {.receiver = {E (DECLINE)}},
    [15] = {.receiver = {E (ACCEPT), E (REVOKE)}},
};

typedef struct {
    kask_t *kask;
    system_t *system;
    const char *goal_path;
    char **recipients;
    int n_recipients;
    int64_t handed; // act up to which all were handed to libkask
    int place;      // file that remembers it; -1: nothing does, over a start
    bool has_habits;
    kask_message_t *message;                 // in hand: taken by the system, and not given back yet
    kask_answer_t *answers[ANSWERS_AT_ONCE]; // in hand, not noted yet
    int n_answers;
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

static const habit_t *
habit (const partner_t *self, const char *text)
{
    const char *n = strchr (text, '/');
    return self->has_habits && n ? &habits[strtol (n + 1, NULL, 10) % HABITS] : &usual;
}

// ---------------------------------------------------------------- the place

static void
find_place (partner_t *self, const char *system)
{
    char path[512];
    snprintf (path, sizeof path, "%s.place", system);
    self->place = open (path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (self->place < 0 || pread (self->place, &self->handed, sizeof self->handed, 0) < 0)
        give_up (path, strerror (errno));
}

// What a full disk does not let remember is handed over again.
static void
remember_place (partner_t *self, int64_t handed)
{
    self->handed = handed;
    if (self->place >= 0 && pwrite (self->place, &handed, sizeof handed, 0) < 0)
        fprintf (stderr, "not remembered: %s\n", strerror (errno));
}

// ---------------------------------------------------------------- acts out

static void
refer (partner_t *self, const char *recipient, long n)
{
    char text[96];
    snprintf (text, sizeof text, "%s>%s/%ld", kask_partner (self->kask), recipient, n);
    system_act (self->system, recipient, E (SEND), text, NULL);
    const habit_t *own = habit (self, text);
    for (int i = 0; i < EVENTS && own->referrer[i]; i++)
        system_act (self->system, recipient, (int) own->referrer[i], text, NULL);
}

static void
people_act (partner_t *self)
{
    long until = goal_read (self->goal_path);
    long n = system_sends (self->system, self->recipients[0]);
    for (int i = 0; i < ACTS_AT_ONCE && n < until; i++) {
        n++;
        for (int r = 0; r < self->n_recipients; r++)
            refer (self, self->recipients[r], n);
    }
}

// What libkask was given is undone.  Always false.
static bool
undo (partner_t *self, const char *what, const kask_error_t *error)
{
    fprintf (stderr, "not stored: %s: %s\n", what, error->text);
    kask_rollback (self->kask);
    return false;
}

static bool
hand_over (partner_t *self, const act_t *act)
{
    static Kask__Obstacle obstacle = KASK__OBSTACLE__INIT;
    Kask__Obstacle *obstacles[] = {&obstacle};
    obstacle.code = (char *) "CAPACITY";
    Kask__Content content = KASK__CONTENT__INIT;
    content.text = (char *) act->text;
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.event = (Kask__Event) act->event;
    event.referral_id = (ProtobufCBinaryData){sizeof act->referral, (uint8_t *) act->referral};
    if (event.event == E (SEND)) {
        event.legal_basis = (char *) "CONSENT";
        event.chain_id = event.referral_id;
    } else if (event.event == E (COMPLETE))
        event.outcome = (char *) "SOLVED";
    else if (event.event == E (DECLINE) || event.event == E (FAIL)) {
        event.n_obstacles = 1;
        event.obstacles = obstacles;
    }
    uint8_t id[16];
    kask_error_t error;
    return kask_send (self->kask, act->recipient, &event, &content, act->name, id, &error) !=
               KASK_FAILED ||
           undo (self, act->name, &error);
}

// True if there are more.
static bool
hand_over_acts (partner_t *self)
{
    act_t act;
    kask_error_t error;
    int64_t handed = self->handed;
    if (!system_act_after (self->system, handed, &act))
        return false;
    if (!kask_begin (self->kask, &error))
        return undo (self, "begin", &error);
    int n = 0;
    do {
        if (!hand_over (self, &act))
            return false;
        handed = act.no;
    } while (++n < ACTS_AT_ONCE && system_act_after (self->system, handed, &act));
    if (!kask_commit (self->kask, &error))
        return undo (self, "acts", &error);
    remember_place (self, handed);
    return n == ACTS_AT_ONCE;
}

static void
take_answers (partner_t *self)
{
    kask_answer_t *answer;
    while (self->n_answers < ANSWERS_AT_ONCE && (answer = kask_next_answer (self->kask))) {
        system_answer (self->system, answer->act, answer->accepted ? "ACCEPTED" : answer->fault);
        if (!answer->accepted)
            fprintf (stderr, "refused act=%s fault=%s\n", answer->act, answer->fault);
        self->answers[self->n_answers++] = answer;
    }
}

static void
note_answers (partner_t *self)
{
    kask_error_t error;
    if (self->n_answers == 0 && system_begin (self->system)) {
        take_answers (self);
        system_commit (self->system);
    }
    for (; self->n_answers > 0; self->n_answers--)
        if (!kask_answer_noted (self->kask, &self->answers[self->n_answers - 1], &error)) {
            fprintf (stderr, "not stored: answer: %s\n", error.text);
            return;
        }
}

// ---------------------------------------------------------------- messages in

static void
take (partner_t *self, const kask_message_t *message)
{
    const Kask__ReferralEvent *event = message->header->referral;
    const char *text = message->content ? message->content->text : "";
    system_take (self->system, &(effect_t){.key = message->id,
                                           .sender = message->sender,
                                           .sequence = (int64_t) message->sequence,
                                           .replay = message->replay,
                                           .referral = event->referral_id.data,
                                           .event = (int) event->event,
                                           .text = text,
                                           .by_broker = message->by_broker});
    if (event->event != E (SEND) || !message->content)
        return;
    const habit_t *own = habit (self, text);
    for (int i = 0; i < EVENTS && own->receiver[i]; i++)
        system_act (self->system, message->sender, (int) own->receiver[i], text,
                    event->referral_id.data);
}

static bool
is_refused (const partner_t *self, const kask_message_t *message)
{
    return message->header->referral->event == E (SEND) && message->content &&
           message->replay == 0 && habit (self, message->content->text)->is_refused;
}

static bool
settle (partner_t *self)
{
    kask_error_t error;
    if (!kask_begin (self->kask, &error))
        return undo (self, "begin", &error);
    bool good =
        is_refused (self, self->message)
            ? kask_refused (self->kask, &self->message, "this system does not take it", &error)
            : kask_done (self->kask, &self->message, &error);
    return (good && kask_commit (self->kask, &error)) || undo (self, "settle", &error);
}

// False if there is none, or it could not be given back.
static bool
take_message (partner_t *self)
{
    bool is_new = !self->message;
    if (is_new)
        self->message = kask_next (self->kask);
    if (is_new && self->message && !is_refused (self, self->message))
        take (self, self->message);
    system_commit (self->system);
    return self->message && settle (self);
}

// ---------------------------------------------------------------- the program

static void
step (partner_t *self)
{
    int n = 0;
    while (n < MESSAGES_AT_ONCE && system_begin (self->system) && take_message (self))
        n++;
    bool has_more = false;
    if (system_begin (self->system)) {
        people_act (self);
        system_commit (self->system);
        has_more = hand_over_acts (self);
    }
    note_answers (self);
    struct pollfd item = {.fd = kask_fd (self->kask), .events = POLLIN};
    int wait = kask_timeout_ms (self->kask);
    poll (&item, 1, has_more ? 0 : wait < REST_MS ? wait : REST_MS);
}

static bool
read_arguments (partner_t *self, int argc, char **argv)
{
    self->has_habits = argc > 1 && strcmp (argv[1], "--habits") == 0;
    int first = self->has_habits ? 2 : 1;
    if (argc < first + 4)
        return false;
    self->system = system_open (argv[first + 1]);
    if (self->has_habits)
        find_place (self, argv[first + 1]);
    self->goal_path = argv[first + 2];
    self->recipients = argv + first + 3;
    self->n_recipients = argc - first - 3;
    kask_error_t error;
    const kask_options_t options = {.network = true, .software = "kask-test-partner", .log = say};
    self->kask = kask_open (argv[first], &options, &error);
    if (!self->kask)
        give_up (argv[first], error.text);
    return true;
}

int
main (int argc, char **argv)
{
    signal (SIGTERM, on_term);
    partner_t self = {.place = -1};
    if (!read_arguments (&self, argc, argv)) {
        fprintf (stderr, "usage: kask-test-partner [--habits] DIR SYSTEM.db GOAL RECIPIENT ...\n");
        return 2;
    }
    while (!ended && kask_step (self.kask) != KASK_STOPPED)
        step (&self);
    if (!ended)
        fprintf (stderr, "stopped: %s\n", kask_why (self.kask));
    kask_close (&self.kask);
    system_close (&self.system);
    return ended ? 0 : 78;
}
