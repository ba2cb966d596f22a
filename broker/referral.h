/*
 * referral - the life of one referral, as a pure machine.
 *
 * referral.def is the table; here it is asked and applied.  No I/O, no
 * clock: times come in as milliseconds since 1970 UTC.
 */
#ifndef KASK_REFERRAL_H
#define KASK_REFERRAL_H

#include "fault.h"
#include "kask.pb-c.h"
#include "limit.h"

#include <stdbool.h>
#include <stdint.h>

enum { REFERRAL_ID_BYTES = 16, REFERRAL_ORIGIN_BYTES = 32, REFERRAL_PARTIES = LIMIT_LEGS + 1 };

typedef enum {
    ROLE_NONE = 0,
    ROLE_REFERRER = 1,
    ROLE_RECEIVER = 2,
    ROLE_CLOCK = 4,
    ROLE_EITHER = ROLE_REFERRER | ROLE_RECEIVER
} role_t;

// Flags of a step; referral.def says what each means.
enum {
    STEP_STALE_OK = 1 << 0,
    STEP_TIMED = 1 << 1,
    STEP_ASKS = 1 << 2,
    STEP_ANSWERS = 1 << 3,
    STEP_WISH = 1 << 4,
    STEP_STARTS = 1 << 5,
    STEP_STOPS = 1 << 6,
    STEP_CONTACT = 1 << 7,
    STEP_MET = 1 << 8,
    STEP_ERASES = 1 << 9,
    STEP_SILENT = 1 << 10
};

typedef struct {
    Kask__State in;
    Kask__Event on;
    role_t by;
    Kask__State to;
    unsigned flags;
} referral_step_t;

// One referral as the database holds it.
typedef struct {
    int64_t no;                       // the broker's own number; 0: not yet
    uint8_t id[REFERRAL_ID_BYTES];    // the referrer's random id
    uint8_t chain[REFERRAL_ID_BYTES]; // shared by the legs
    int parties[REFERRAL_PARTIES];    // partner numbers of the legs up to this one
    int n_parties;
    int referrer;
    int receiver;
    uint8_t origin[REFERRAL_ORIGIN_BYTES];
    Kask__State state;
    uint32_t version;
    uint32_t questions[LIMIT_OPEN_QUESTIONS]; // numbers of the open ones
    int n_questions;
    uint32_t next_question;
    bool withdrawal_wished;
    int64_t sent_at;
    int64_t state_at;   // when the present state was entered
    int64_t remind1_at; // 0: none, or done
    int64_t remind2_at;
    int64_t expire_at;
    int64_t contact_at;
    int64_t paused_at; // the answer's clock stands since; 0: it runs
    int64_t resume_at; // the pause ends then at the latest
    int64_t grace_ms;  // outages since state_at, where a TIMED step may come
} referral_t;

// An event that wants to happen.
typedef struct {
    Kask__Event event;
    role_t by;
    uint32_t version;  // that it was meant for
    uint32_t question; // ANSWER
    int64_t now;
    int64_t timed_until; // end of the 20 working days after state_at
} referral_wish_t;

// Whether the event may happen now.  FAULT_OK and *step_p set, or
// WRONG_ROLE, BAD_STATE, CONFLICT, TOO_LATE, NO_SUCH_QUESTION or
// TOO_MANY_QUESTIONS.  Changes nothing.
fault_t referral_may (const referral_t *self, const referral_wish_t *wish,
                      const referral_step_t **step_p);

// Makes the step that referral_may gave: state, version, questions, wish.
// Returns the number of the question opened or closed, else 0.
// Deadlines are deadline.h's.
uint32_t referral_apply (referral_t *self, const referral_step_t *step,
                         const referral_wish_t *wish);

// True for a state in which nothing is expected of anybody any more.
bool referral_has_ended (Kask__State state);

// The table, for the manual and the tests; *n_p is its length.
const referral_step_t *referral_steps (size_t *n_p);

// "SENT", "ACCEPT"; "?" for no legal value.
const char *referral_state_name (Kask__State state);
const char *referral_event_name (Kask__Event event);

#endif
