/*
 * referral - the life of one referral, as a pure machine.
 *
 * The table is searched by (state, event, role).  It is short enough that
 * a row is found by an index of events into the sorted table made once.
 */
#include "referral.h"

#include <assert.h>
#include <string.h>

#define STALE_OK STEP_STALE_OK
#define TIMED STEP_TIMED
#define ASKS STEP_ASKS
#define ANSWERS STEP_ANSWERS
#define WISH STEP_WISH
#define STARTS STEP_STARTS
#define STOPS STEP_STOPS
#define CONTACT STEP_CONTACT
#define MET STEP_MET
#define ERASES STEP_ERASES
#define SILENT STEP_SILENT
#define STEP(in, on, by, to, flags)                                                                \
    {KASK__STATE__STATE_##in, KASK__EVENT__EVENT_##on, ROLE_##by, KASK__STATE__STATE_##to, flags},

static const referral_step_t steps[] = {
#include "referral.def"
};

enum { N_STEPS = sizeof steps / sizeof steps[0] };

const referral_step_t *
referral_steps (size_t *n_p)
{
    *n_p = N_STEPS;
    return steps;
}

bool
referral_has_ended (Kask__State state)
{
    return state >= KASK__STATE__STATE_COMPLETED;
}

static const referral_step_t *
step_find (Kask__State in, Kask__Event on, role_t by)
{
    for (size_t i = 0; i < N_STEPS; i++)
        if (steps[i].on == on && steps[i].in == in && (steps[i].by & by))
            return &steps[i];
    return NULL;
}

// Is the event some role's in any state, but never this role's?
static bool
event_is_foreign (Kask__Event on, role_t by)
{
    for (size_t i = 0; i < N_STEPS; i++)
        if (steps[i].on == on && (steps[i].by & by))
            return false;
    return true;
}

static bool
question_is_open (const referral_t *self, uint32_t question)
{
    for (int i = 0; i < self->n_questions; i++)
        if (self->questions[i] == question)
            return true;
    return false;
}

static fault_t
questions_may (const referral_t *self, unsigned flags, uint32_t question)
{
    if ((flags & STEP_ANSWERS) && !question_is_open (self, question))
        return FAULT_NO_SUCH_QUESTION;
    if ((flags & STEP_ASKS) && self->n_questions == LIMIT_OPEN_QUESTIONS)
        return FAULT_TOO_MANY_QUESTIONS;
    return FAULT_OK;
}

fault_t
referral_may (const referral_t *self, const referral_wish_t *wish, const referral_step_t **step_p)
{
    *step_p = NULL;
    if (event_is_foreign (wish->event, wish->by))
        return FAULT_WRONG_ROLE;
    bool stale = wish->version != self->version && self->state != KASK__STATE__STATE_NONE &&
                 wish->by != ROLE_CLOCK;
    const referral_step_t *step = step_find (self->state, wish->event, wish->by);
    if (!step)
        return stale ? FAULT_CONFLICT : FAULT_BAD_STATE;
    // A version that is yet to come was never told to anybody.
    if (wish->version > self->version || (stale && !(step->flags & STEP_STALE_OK)))
        return FAULT_CONFLICT;
    if ((step->flags & STEP_TIMED) && wish->now > wish->timed_until)
        return FAULT_TOO_LATE;
    fault_t fault = questions_may (self, step->flags, wish->question);
    if (fault == FAULT_OK)
        *step_p = step;
    return fault;
}

static uint32_t
question_open (referral_t *self)
{
    assert (self->n_questions < LIMIT_OPEN_QUESTIONS);
    self->questions[self->n_questions++] = self->next_question;
    return self->next_question++;
}

static uint32_t
question_close (referral_t *self, uint32_t question)
{
    for (int i = 0; i < self->n_questions; i++)
        if (self->questions[i] == question) {
            memmove (&self->questions[i], &self->questions[i + 1],
                     (size_t) (self->n_questions - i - 1) * sizeof self->questions[0]);
            self->n_questions--;
            return question;
        }
    assert (!"question_may let an unknown question pass");
    return 0;
}

uint32_t
referral_apply (referral_t *self, const referral_step_t *step, const referral_wish_t *wish)
{
    assert (step->in == self->state);
    uint32_t question = 0;
    if (step->flags & STEP_ASKS)
        question = question_open (self);
    if (step->flags & STEP_ANSWERS)
        question = question_close (self, wish->question);
    if (step->flags & STEP_WISH)
        self->withdrawal_wished = true;
    if (step->to != self->state) {
        self->state = step->to;
        self->state_at = wish->now;
    }
    if (referral_has_ended (self->state)) {
        self->n_questions = 0;
        self->withdrawal_wished = false;
    }
    if (!(step->flags & STEP_SILENT))
        self->version++;
    return question;
}

// Names without the prefix that protobuf's scoping needs.
static const char *
short_name (const ProtobufCEnumDescriptor *descriptor, int value, size_t prefix)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value (descriptor, value);
    return found ? found->name + prefix : "?";
}

const char *
referral_state_name (Kask__State state)
{
    return short_name (&kask__state__descriptor, (int) state, sizeof "STATE_" - 1);
}

const char *
referral_event_name (Kask__Event event)
{
    return short_name (&kask__event__descriptor, (int) event, sizeof "EVENT_" - 1);
}
