/*
 * deadline - the deadlines of a referral: when they start, stand and come.
 *
 * While a question is open before acceptance the answer's clock stands.
 * When it goes on, each deadline moves by the working days that the pause
 * lasted, at most DEADLINE_PAUSE_DAYS of them.
 */
#include "deadline.h"

#include <stddef.h>

static int64_t
after_days (const calendar_t *calendar, int64_t from, int days)
{
    return calendar_due_at (calendar, from, days);
}

static void
clock_start (referral_t *r, const calendar_t *calendar, int64_t now)
{
    r->remind1_at = after_days (calendar, now, DEADLINE_REMIND1_DAYS);
    r->remind2_at = after_days (calendar, now, DEADLINE_REMIND2_DAYS);
    r->expire_at = after_days (calendar, now, DEADLINE_ANSWER_DAYS);
}

static void
clock_stop (referral_t *r)
{
    r->remind1_at = r->remind2_at = r->expire_at = r->contact_at = 0;
    r->paused_at = r->resume_at = 0;
}

static bool
before_acceptance (const referral_t *r)
{
    return r->state == KASK__STATE__STATE_SENT || r->state == KASK__STATE__STATE_RECEIVED;
}

static void
clock_pause (referral_t *r, const calendar_t *calendar, int64_t now)
{
    if (r->paused_at)
        return;
    r->paused_at = now;
    r->resume_at = after_days (calendar, now, DEADLINE_PAUSE_DAYS);
}

// Working days whose end lies in (from, until].
static int
days_between (const calendar_t *calendar, int64_t from, int64_t until)
{
    int days = 0;
    while (days < DEADLINE_PAUSE_DAYS && after_days (calendar, from, days + 1) <= until)
        days++;
    return days;
}

static void
clock_resume (referral_t *r, const calendar_t *calendar, int64_t now)
{
    if (!r->paused_at)
        return;
    int days = days_between (calendar, r->paused_at, now);
    int64_t *const clocks[] = {&r->remind1_at, &r->remind2_at, &r->expire_at};
    for (size_t i = 0; days > 0 && i < sizeof clocks / sizeof clocks[0]; i++)
        if (*clocks[i]) // a deadline is the first instant of the next day; count from the day
                        // before
            *clocks[i] = after_days (calendar, *clocks[i] - 1, days);
    r->paused_at = r->resume_at = 0;
}

void
deadline_step (referral_t *r, const referral_step_t *step, const calendar_t *calendar, int64_t now)
{
    if (step->flags & STEP_STOPS)
        clock_stop (r);
    if (step->flags & STEP_STARTS)
        clock_start (r, calendar, now);
    if (step->flags & STEP_CONTACT)
        r->contact_at = after_days (calendar, now, DEADLINE_CONTACT_DAYS);
    if (step->flags & STEP_MET)
        r->contact_at = 0;
    if ((step->flags & STEP_ASKS) && before_acceptance (r))
        clock_pause (r, calendar, now);
    if ((step->flags & STEP_ANSWERS) && r->n_questions == 0)
        clock_resume (r, calendar, now);
}

int64_t
deadline_next (const referral_t *r)
{
    if (r->paused_at)
        return r->resume_at;
    const int64_t clocks[] = {r->remind1_at, r->remind2_at, r->expire_at, r->contact_at};
    int64_t next = 0;
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++)
        if (clocks[i] && (!next || clocks[i] < next))
            next = clocks[i];
    return next;
}

int64_t
deadline_timed_until (const referral_t *r, const calendar_t *calendar)
{
    return after_days (calendar, r->state_at, DEADLINE_TIMED_DAYS) + r->grace_ms;
}

Kask__Event
deadline_take (referral_t *r, const calendar_t *calendar, int64_t now, uint32_t *days_p)
{
    *days_p = 0;
    int64_t next = deadline_next (r);
    if (!next || next > now)
        return KASK__EVENT__EVENT_NONE;
    if (r->paused_at) {
        clock_resume (r, calendar, r->resume_at);
        return KASK__EVENT__EVENT_NONE;
    }
    if (next == r->expire_at)
        return KASK__EVENT__EVENT_EXPIRE;
    if (next == r->remind1_at) {
        r->remind1_at = 0;
        *days_p = DEADLINE_REMIND1_DAYS;
    } else if (next == r->remind2_at) {
        r->remind2_at = 0;
        *days_p = DEADLINE_REMIND2_DAYS;
    } else {
        r->contact_at = 0;
        *days_p = DEADLINE_CONTACT_DAYS;
    }
    return KASK__EVENT__EVENT_REMIND;
}
