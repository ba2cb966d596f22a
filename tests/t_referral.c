/*
 * t_referral - the life of a referral, exhaustively.
 *
 * Every state, with every event by every role, with no question open, the asked one,
 * another one, or as many as there may be, with and without a withdrawal wish, in time,
 * late, and meant for the present, an earlier or a later version.  What is expected is told
 * by the rules below, which are written from DESIGN section 5 and PROTOCOL.md section 8
 * and not from the table that the code uses.
 */
#include "referral.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

enum {
    S_NONE,
    SENT,
    RECEIVED,
    ACCEPTED,
    IN_PROGRESS,
    ON_HOLD,
    COMPLETED,
    DECLINED,
    REDIRECTED,
    WITHDRAWN,
    EXPIRED,
    FAILED,
    REVOKED,
    IN_ERROR,
    N_STATES
};
enum {
    SEND = 1,
    RECEIPT,
    ASK,
    ANSWER,
    ACCEPT,
    DECLINE,
    REDIRECT,
    START,
    HOLD,
    RESUME,
    COMPLETE,
    REOPEN,
    FAIL,
    WITHDRAW,
    REVOKE,
    EXPIRE,
    MARK_ERROR,
    NOTE,
    REMIND,
    CONTACTED,
    DEAD_LETTER,
    REPLAYED,
    RETURNED,
    DROPPED,
    N_EVENTS
};
enum { R = ROLE_REFERRER, V = ROLE_RECEIVER, H = ROLE_CLOCK };

// A set of states is a set of bits.
#define IN(state) (1u << (state))
static const unsigned waiting = IN (SENT) | IN (RECEIVED);
static const unsigned working = IN (ACCEPTED) | IN (IN_PROGRESS) | IN (ON_HOLD);
static const unsigned existing = ~IN (S_NONE) & (IN (N_STATES) - 1);

// One rule: who may do what, in which states, and where it leads.
typedef struct {
    int event;
    int by;        // roles
    unsigned in;   // states
    int to;        // -1: the state stays
    bool timed;    // in 20 working days only
    bool commutes; // also when the other side was faster
    bool silent;   // the version stays
} rule_t;

static const rule_t *
rules (size_t *n_p)
{
    static rule_t all[40];
    const rule_t list[] = {
        {SEND, R, IN (S_NONE), SENT, .commutes = true},
        {RECEIPT, V, IN (SENT), RECEIVED, .commutes = true},
        {RECEIPT, V, existing & ~IN (SENT), -1, .commutes = true, .silent = true},
        {ASK, V, waiting | working, -1, .commutes = true},
        {ANSWER, R, waiting | working, -1, .commutes = true},
        {ACCEPT, V, waiting, ACCEPTED, .commutes = true},
        {ACCEPT, V, IN (EXPIRED), ACCEPTED, .commutes = true, .timed = true},
        {DECLINE, V, waiting, DECLINED, .commutes = true},
        {DECLINE, V, IN (EXPIRED), DECLINED, .commutes = true, .timed = true},
        {REDIRECT, V, waiting, REDIRECTED, .commutes = true},
        {START, V, IN (ACCEPTED), IN_PROGRESS, .commutes = true},
        {HOLD, V, IN (IN_PROGRESS), ON_HOLD, .commutes = true},
        {RESUME, V, IN (ON_HOLD), IN_PROGRESS, .commutes = true},
        {COMPLETE, V, working, COMPLETED, .commutes = true},
        {REOPEN, V, IN (COMPLETED) | IN (FAILED), IN_PROGRESS, .timed = true},
        {FAIL, V, working, FAILED, .commutes = true},
        {WITHDRAW, R, waiting | IN (EXPIRED), WITHDRAWN, .commutes = true},
        {WITHDRAW, R, working, -1, .commutes = true}, // the wish
        {WITHDRAW, V, working, WITHDRAWN, .commutes = true},
        {REVOKE, R | V, existing & ~IN (REVOKED), REVOKED, .commutes = true},
        {REVOKE, R | V, IN (REVOKED), -1, .commutes = true, .silent = true},
        {EXPIRE, H, waiting, EXPIRED, .commutes = false},
        // before acceptance it is the referrer's; what the receiver may have done since, an
        // error marked for an earlier version must not undo
        {MARK_ERROR, R, IN (SENT), IN_ERROR, .commutes = false},
        {MARK_ERROR, R, IN (RECEIVED) | IN (EXPIRED), IN_ERROR, .commutes = true},
        {MARK_ERROR, R, IN (DECLINED) | IN (REDIRECTED), IN_ERROR, .commutes = false},
        {MARK_ERROR, R | V, working | IN (COMPLETED) | IN (FAILED) | IN (WITHDRAWN), IN_ERROR,
         .commutes = false},
        {MARK_ERROR, R | V, IN (IN_ERROR), -1, .commutes = true, .silent = true},
        {NOTE, R | V, existing & ~IN (REVOKED), -1, .commutes = true, .silent = true},
        {REMIND, H, waiting | IN (ACCEPTED), -1, .silent = true},
        {RETURNED, H, IN (SENT), IN_ERROR, .commutes = false},
        {DROPPED, H, IN (SENT), IN_ERROR, .commutes = false},
        {CONTACTED, V, working, -1, .commutes = true, .silent = true},
    };
    memcpy (all, list, sizeof list);
    *n_p = sizeof list / sizeof list[0];
    return all;
}

static const rule_t *
rule_for (int state, int event, int role)
{
    size_t n;
    const rule_t *all = rules (&n);
    for (size_t i = 0; i < n; i++)
        if (all[i].event == event && (all[i].by & role) && (all[i].in & IN (state)))
            return &all[i];
    return NULL;
}

static bool
role_ever_may (int event, int role)
{
    for (int state = 0; state < N_STATES; state++)
        if (rule_for (state, event, role))
            return true;
    return false;
}

// ---------------------------------------------------------------- one case

typedef enum { NO_QUESTION, THE_ASKED_ONE, ANOTHER, FULL, N_OPEN } open_t;

typedef struct {
    int state, event, role;
    open_t open;
    bool wish, late;
    int version; // that the event is meant for, less the referral's: -1, 0, 1
} case_t;

enum { KNOWN_VERSION = 5, NOW = 1000, ASKED = 7 };

static referral_t
referral_of (const case_t *c)
{
    referral_t r = {.state = (Kask__State) c->state,
                    .version = c->state == S_NONE ? 0 : KNOWN_VERSION,
                    .next_question = 40,
                    .withdrawal_wished = c->wish,
                    .state_at = 1};
    if (c->open == THE_ASKED_ONE || c->open == ANOTHER)
        r.questions[r.n_questions++] = c->open == ANOTHER ? ASKED + 1 : ASKED;
    for (uint32_t q = 1; c->open == FULL && r.n_questions < LIMIT_OPEN_QUESTIONS; q++)
        r.questions[r.n_questions++] = q;
    return r;
}

static fault_t
expected_fault (const case_t *c, const rule_t *rule)
{
    if (!role_ever_may (c->event, c->role))
        return FAULT_WRONG_ROLE;
    bool stale = c->version != 0 && c->state != S_NONE && c->role != H;
    if (!rule)
        return stale ? FAULT_CONFLICT : FAULT_BAD_STATE;
    if (c->version > 0 || (stale && !rule->commutes))
        return FAULT_CONFLICT;
    if (rule->timed && c->late)
        return FAULT_TOO_LATE;
    if (c->event == ANSWER && c->open != THE_ASKED_ONE && c->open != FULL)
        return FAULT_NO_SUCH_QUESTION;
    if (c->event == ASK && c->open == FULL)
        return FAULT_TOO_MANY_QUESTIONS;
    return FAULT_OK;
}

static bool
ends (int state)
{
    return !((waiting | working) & IN (state));
}

// Does the referral after the step look as the rules say?
static bool
as_expected (const case_t *c, const rule_t *rule, const referral_t *before, const referral_t *r,
             uint32_t question)
{
    int to = rule->to < 0 ? c->state : rule->to;
    int questions = before->n_questions + (c->event == ASK) - (c->event == ANSWER);
    bool wish = c->wish || (c->event == WITHDRAW && rule->to < 0);
    uint32_t named = c->event == ASK ? before->next_question : c->event == ANSWER ? ASKED : 0;
    return (int) r->state == to && r->version == before->version + !rule->silent &&
           r->n_questions == (ends (to) ? 0 : questions) &&
           r->withdrawal_wished == (ends (to) ? false : wish) && question == named &&
           r->next_question == before->next_question + (c->event == ASK) &&
           r->state_at == (to == c->state ? before->state_at : NOW);
}

static bool
case_holds (const case_t *c)
{
    const rule_t *rule = rule_for (c->state, c->event, c->role);
    const referral_t before = referral_of (c);
    referral_t r = before;
    const referral_wish_t wish = {.event = (Kask__Event) c->event,
                                  .by = (role_t) c->role,
                                  .version = (uint32_t) ((int) before.version + c->version),
                                  .question = ASKED,
                                  .now = NOW,
                                  .timed_until = c->late ? NOW - 1 : NOW};
    const referral_step_t *step;
    fault_t fault = referral_may (&r, &wish, &step);
    bool good = fault == expected_fault (c, rule) && (step != NULL) == (fault == FAULT_OK);
    if (good && fault == FAULT_OK) {
        uint32_t question = referral_apply (&r, step, &wish);
        good = as_expected (c, rule, &before, &r, question);
    }
    if (!good)
        printf ("# %s on %s by %d open %d wish %d late %d version %+d: %s, wanted %s\n",
                referral_state_name (before.state), referral_event_name (wish.event), c->role,
                (int) c->open, c->wish, c->late, c->version, fault_name (fault),
                fault_name (expected_fault (c, rule)));
    return good;
}

// ---------------------------------------------------------------- all cases

static int cases, wrong;

static void
try_all_versions (case_t c)
{
    for (c.version = c.state == S_NONE ? 0 : -1; c.version <= (c.state == S_NONE ? 0 : 1);
         c.version++) {
        cases++;
        wrong += !case_holds (&c);
    }
}

static void
try_all_circumstances (case_t c)
{
    for (c.open = NO_QUESTION; c.open < N_OPEN; c.open++)
        for (int flags = 0; flags < 4; flags++) {
            c.wish = flags & 1;
            c.late = flags & 2;
            try_all_versions (c);
        }
}

static void
every_case_is_as_the_rules_say (void)
{
    static const int roles[] = {R, V, H};
    for (int state = 0; state < N_STATES; state++)
        for (int event = SEND; event < N_EVENTS; event++)
            for (int i = 0; i < 3; i++)
                try_all_circumstances ((case_t){.state = state, .event = event, .role = roles[i]});
    is_int (wrong, 0, "every case is as the rules say");
    is_int (cases, 24 * 3 * 4 * 4 * (13 * 3 + 1), "and there are as many as there should be");
}

// The clock's flags: what starts, stops and is met, where the rules say so.
static void
flags_fit_the_steps (void)
{
    size_t n;
    const referral_step_t *steps = referral_steps (&n);
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        const referral_step_t *s = &steps[i];
        bool starts = s->on == KASK__EVENT__EVENT_SEND;
        bool contact = s->on == KASK__EVENT__EVENT_ACCEPT;
        bool erases = s->on == KASK__EVENT__EVENT_REVOKE;
        bool over = ends ((int) s->to) && s->to != s->in;
        bad += starts != !!(s->flags & STEP_STARTS) || contact != !!(s->flags & STEP_CONTACT) ||
               erases != !!(s->flags & STEP_ERASES);
        bad += (over || contact) && !(s->flags & STEP_STOPS);
        bad += (s->on == KASK__EVENT__EVENT_CONTACTED || s->on == KASK__EVENT__EVENT_START) !=
               !!(s->flags & STEP_MET);
        bad += referral_has_ended (s->to) != ends ((int) s->to);
    }
    is_int (bad, 0, "clocks start, stop and are met where they should");
}

static void
names_are_those_of_the_contract (void)
{
    is_text (referral_state_name (KASK__STATE__STATE_IN_PROGRESS), "IN_PROGRESS", "a state's name");
    is_text (referral_event_name (KASK__EVENT__EVENT_MARK_ERROR), "MARK_ERROR", "an event's name");
    is_text (referral_event_name ((Kask__Event) 99), "?", "no legal value");
}

int
main (void)
{
    every_case_is_as_the_rules_say ();
    flags_fit_the_steps ();
    names_are_those_of_the_contract ();
    return tap_end ();
}
