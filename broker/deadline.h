/*
 * deadline - the deadlines of a referral: when they start, stand and come.
 *
 * Pure.  Times are milliseconds since 1970 UTC; days are working days of
 * the receiver (calendar.h).  Deadlines are stored on the referral when their clock
 * starts, and only moved by a pause or an outage.
 */
#ifndef KASK_DEADLINE_H
#define KASK_DEADLINE_H

#include "calendar.h"
#include "referral.h"

enum {
    DEADLINE_REMIND1_DAYS = 5,
    DEADLINE_REMIND2_DAYS = 8,
    DEADLINE_ANSWER_DAYS = 10,
    DEADLINE_CONTACT_DAYS = 5,
    DEADLINE_PAUSE_DAYS = 20,
    DEADLINE_TIMED_DAYS = 20
};

// Starts, stops, pauses and resumes the clocks as the step says; the step
// has been applied already.
void deadline_step (referral_t *referral, const referral_step_t *step, const calendar_t *calendar,
                    int64_t now);

// The next deadline; 0: none runs.
int64_t deadline_next (const referral_t *referral);

// End of the 20 working days in which a TIMED step is possible.
int64_t deadline_timed_until (const referral_t *referral, const calendar_t *calendar);

// Takes the deadline that has come at `now`, at most one.  Returns the
// clock's event, REMIND with *days_p set or EXPIRE; NONE if only a pause
// ended or nothing has come.
Kask__Event deadline_take (referral_t *referral, const calendar_t *calendar, int64_t now,
                           uint32_t *days_p);

#endif
