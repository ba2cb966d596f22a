/*
 * outcome - what is said after a turn: answers and confirmations.
 *
 * Answers are gathered at their session and leave in replies of up to
 * ANSWERS_AT_ONCE.  Names are copied, for an item may be gone before the flush.
 */
#include "outcome.h"
#include "embed.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWERS_AT_ONCE = 500, STANDING_FIELD = 8 };

struct outcome_s {
    sessions_t *sessions;
    arena_t *arena;      // of the answers that are gathered
    session_t *answered; // sessions that have some
};

outcome_t *
outcome_new (sessions_t *sessions)
{
    outcome_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->sessions = sessions;
    self->arena = arena_new ();
    return self;
}

void
outcome_destroy (outcome_t **self_p)
{
    if (!*self_p)
        return;
    arena_destroy (&(*self_p)->arena);
    free (*self_p);
    *self_p = NULL;
}

// ---------------------------------------------------------------- gathering

static Kask__Answer *
answer_new (outcome_t *self, session_t *session, const Kask__Send *send)
{
    if (session->n_answers == session->answers_capacity) {
        session->answers_capacity = session->answers_capacity ? session->answers_capacity * 2 : 64;
        session->answers =
            realloc (session->answers, session->answers_capacity * sizeof *session->answers);
        if (!session->answers)
            abort ();
    }
    if (session->n_answers == 0) {
        session->next_answered = self->answered;
        self->answered = session;
    }
    Kask__Answer *answer = arena_alloc (self->arena, sizeof *answer);
    kask__answer__init (answer);
    answer->recipient = arena_copy (self->arena, send->recipient, strlen (send->recipient) + 1);
    answer->number = send->number;
    session->answers[session->n_answers++] = answer;
    return answer;
}

static void
answer_fault (Kask__Answer *answer, fault_t fault)
{
    answer->fault = (char *) fault_name (fault);
    answer->text = (char *) fault_text (fault);
}

static void
answer_item (outcome_t *self, session_t *session, const item_t *item, int64_t accepted_at_ms)
{
    const item_result_t *result = &item->result;
    Kask__Answer *answer = answer_new (self, session, item->command->send);
    answer->outcome = result->outcome;
    answer->repeated = result->repeated;
    if (result->outcome == KASK__OUTCOME__REFUSED)
        answer_fault (answer, result->fault);
    if (result->outcome == KASK__OUTCOME__ACCEPTED && !result->repeated)
        answer->accepted_at_ms = accepted_at_ms;
    answer->sequence = (uint64_t) result->sequence;
    answer->audit_number = (uint64_t) result->audit;
    answer->number_unused = result->number_unused;
    answer->expected = (uint64_t) result->expected;
    if (result->standing)
        embed (&answer->base, STANDING_FIELD, result->standing, result->standing_size, self->arena);
}

void
outcome_unavailable (outcome_t *self, session_t *session, const Kask__Send *send)
{
    Kask__Answer *answer = answer_new (self, session, send);
    answer->outcome = KASK__OUTCOME__UNAVAILABLE;
    answer->retry_after_ms = RETRY_AFTER_MS;
}

void
outcome_over_share (outcome_t *self, session_t *session, const Kask__Send *send,
                    uint32_t retry_after_ms)
{
    Kask__Answer *answer = answer_new (self, session, send);
    answer->outcome = KASK__OUTCOME__UNAVAILABLE;
    answer->retry_after_ms = retry_after_ms;
    answer_fault (answer, FAULT_LIMIT);
}

void
outcome_unknown_recipient (outcome_t *self, session_t *session, const Kask__Send *send)
{
    Kask__Answer *answer = answer_new (self, session, send);
    answer->outcome = KASK__OUTCOME__REFUSED;
    answer->number_unused = true;
    answer_fault (answer, FAULT_UNKNOWN_RECIPIENT);
}

// ---------------------------------------------------------------- saying

static void
say_answers (outcome_t *self, session_t *session)
{
    for (size_t said = 0; said < session->n_answers && !session->is_over;) {
        size_t n = session->n_answers - said;
        Kask__Answers answers = KASK__ANSWERS__INIT;
        answers.n_answers = n < ANSWERS_AT_ONCE ? n : ANSWERS_AT_ONCE;
        answers.answers = session->answers + said;
        Kask__Reply reply = KASK__REPLY__INIT;
        reply.reply_case = KASK__REPLY__REPLY_ANSWERS;
        reply.answers = &answers;
        session_reply (self->sessions, session, &reply, NULL, 0, false);
        said += answers.n_answers;
    }
    session->n_answers = 0;
}

void
outcome_flush (outcome_t *self)
{
    while (self->answered) {
        session_t *session = self->answered;
        self->answered = session->next_answered;
        say_answers (self, session);
    }
    arena_reset (self->arena);
}

static void
say_confirmed (outcome_t *self, session_t *session, const item_result_t *result)
{
    Kask__Confirmed confirmed = KASK__CONFIRMED__INIT;
    confirmed.batch = (uint64_t) result->confirmed;
    confirmed.n_unknown = result->n_unknown;
    confirmed.unknown = result->unknown;
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_CONFIRMED;
    reply.confirmed = &confirmed;
    session_reply (self->sessions, session, &reply, NULL, 0, false);
}

static void
log_decided (const item_t *item)
{
    log_debug ("outcome: decided partner=%d recipient=%d number=%llu outcome=%d sequence=%lld",
               item->partner, item->recipient, (unsigned long long) item->command->send->number,
               (int) item->result.outcome, (long long) item->result.sequence);
}

void
outcome_committed (outcome_t *self, const item_t *items, int64_t accepted_at_ms)
{
    for (const item_t *item = items; item; item = item->next) {
        if (item->kind == ITEM_SEND)
            log_decided (item);
        session_t *session = sessions_by_id (self->sessions, item->session);
        if (!session)
            continue;
        if (item->kind == ITEM_SEND) {
            session_answered (session, item->bytes);
            answer_item (self, session, item, accepted_at_ms);
        } else if (item->kind == ITEM_DONE || item->kind == ITEM_DEAD)
            say_confirmed (self, session, &item->result);
    }
    outcome_flush (self);
}
