/*
 * referral - one referral, its two parties, and the broker's clock.
 *
 * The rule is broker/referral.def itself, read by the preprocessor.  Each party does anything that
 * its role ever may, at any moment, meant for the version that it knows; the broker takes what
 * comes in any order between the two, each party's own in the order sent.  Answers and
 * deliveries reach a party by ways of their own, so either may be first.
 *
 * Checked everywhere: P4 (a lane's versions never fall, REVOKE apart), a deadline that comes finds
 * a legal step.  Checked whenever everything that was said has been heard: both adapters know
 * the state, the version, the wish and the question that the broker holds.
 *
 * A mistake that can be sown, to be found:
 *   STANDING_FALLS  an adapter takes an older standing for the newer one
 */
#ifndef ACTS_R
#define ACTS_R 2
#endif
#ifndef ACTS_V
#define ACTS_V 2
#endif

#define NONE 0
#define S_NONE 0
#define S_SENT 1
#define S_RECEIVED 2
#define S_ACCEPTED 3
#define S_IN_PROGRESS 4
#define S_ON_HOLD 5
#define S_COMPLETED 6
#define S_DECLINED 7
#define S_REDIRECTED 8
#define S_WITHDRAWN 9
#define S_EXPIRED 10
#define S_FAILED 11
#define S_REVOKED 12
#define S_IN_ERROR 13

#define E_SEND 1
#define E_RECEIPT 2
#define E_ASK 3
#define E_ANSWER 4
#define E_ACCEPT 5
#define E_DECLINE 6
#define E_REDIRECT 7
#define E_START 8
#define E_HOLD 9
#define E_RESUME 10
#define E_COMPLETE 11
#define E_REOPEN 12
#define E_FAIL 13
#define E_WITHDRAW 14
#define E_REVOKE 15
#define E_EXPIRE 16
#define E_MARK_ERROR 17
#define E_NOTE 18
#define E_REMIND 19
#define E_CONTACTED 20
#define E_RETURNED 21
#define E_DROPPED 22

#define BY_REFERRER 1
#define BY_RECEIVER 2
#define BY_EITHER 3
#define BY_CLOCK 4

#define STALE_OK 1
#define TIMED 2
#define ASKS 4
#define ANSWERS 8
#define WISH 16
#define STARTS 32
#define STOPS 64
#define CONTACT 128
#define MET 256
#define ERASES 512
#define SILENT 1024

#define R 0
#define V 1
#define OTHER(party) (1 - (party))
#define ROLE(party) (1 + (party))

/* ---------------------------------------------------------------- the broker's row */

typedef standing_t {
    byte state;
    byte version;
    bit question;    /* one is open; more than one adds nothing */
    bit wish;
}
standing_t row;
bit late;            /* the 20 working days after the state was entered are over */
bit runs;            /* the answer's clock */
bit pauses;          /* it stands, for a question is open */
bit contact;         /* the clock of the first contact */

/* ---------------------------------------------------------------- the parties */

standing_t view[2];
byte acts[2];        /* that each may still do */
byte turn_version[2];/* of the last delivery that came in turn */
bit received;        /* V's system has the SEND */
bit reported;        /* and the broker knows that */

#define WAYS (ACTS_R + ACTS_V + 2)
chan sent[2] = [2] of { byte, byte };                 /* event, version it is meant for */
chan answers[2] = [2] of { byte, byte, bit, bit };
chan lane[2] = [WAYS] of { byte, byte, bit, bit };    /* deliveries to R, to V */
chan apart[2] = [WAYS] of { byte, byte, bit, bit };   /* REVOKEs, that overtake */

/* For steps; 0 between them. */
byte event, version, to;
short flags;
bit good;
standing_t told;

/* ---------------------------------------------------------------- the rule */

#define STEP(in, on, by, goes_to, what) \
    :: row.state == S_##in && event == E_##on && ((BY_##by) & (role)) -> to = S_##goes_to; flags = what;

/* step_find; the row `to` and `flags`, or to = NONE */
inline find_step (role)
{
    if
#include "../../broker/referral.def"
    :: else -> to = NONE
    fi
}

/* referral_may, questions_may */
inline may_it (role)
{
    find_step (role);
    good = to != NONE && version <= row.version &&
        (version == row.version || row.state == S_NONE || (flags & STALE_OK)) &&
        !((flags & TIMED) && late) && !((flags & ANSWERS) && !row.question)
}

/* deadline_step, clock_start, clock_stop, clock_pause, clock_resume */
inline set_clocks ()
{
    if
    :: flags & STOPS -> runs = 0; pauses = 0; contact = 0
    :: else
    fi;
    runs = runs | ((flags & STARTS) != 0);
    contact = (contact | ((flags & CONTACT) != 0)) & !(flags & MET);
    pauses = (pauses | ((flags & ASKS) && runs)) & !(flags & ANSWERS)
}

/* referral_apply, question_open, question_close */
inline apply ()
{
    late = late & (to == row.state);
    row.state = to;
    row.question = (row.question | ((flags & ASKS) != 0)) & !(flags & ANSWERS);
    row.wish = row.wish | ((flags & WISH) != 0);
    if
    :: to >= S_COMPLETED -> row.question = 0; row.wish = 0
    :: else
    fi;
    row.version = row.version + !(flags & SILENT);
    set_clocks ()
}

inline forget ()
{
    event = 0;
    version = 0;
    to = 0;
    flags = 0;
    good = 0
}

/* accept_event, intake_notice: to the party's lane, if it changes what the party knows */
inline notice (party)
{
    if
    :: flags & SILENT
    :: else -> lane[party] ! row.state, row.version, row.question, row.wish
    fi
}

/* case_stand, version_told */
inline stand (party)
{
    if
#ifdef STANDING_FALLS
    :: true ->
#else
    :: told.version >= view[party].version ->
#endif
        view[party].state = told.state;
        view[party].version = told.version;
        view[party].question = told.question;
        view[party].wish = told.wish
    :: else
    fi;
    told.state = 0;
    told.version = 0;
    told.question = 0;
    told.wish = 0
}

/* ---------------------------------------------------------------- the broker */

inline take (party)
{
    sent[party] ? event, version;
    may_it (ROLE (party));
    if
    :: good ->
        apply ();
        if
        :: event == E_REVOKE -> apart[OTHER (party)] ! row.state, row.version, row.question, row.wish
        :: else -> notice (OTHER (party))
        fi
    :: else
    fi;
    answers[party] ! row.state, row.version, row.question, row.wish;
    forget ()
}

proctype broker ()
{
end:
    do
    /* decide_event, decide_new_referral, accept_event; give_apart for a REVOKE: of R */
    :: d_step { nempty (sent[R]) && len (answers[R]) < 2 -> take (R) }
    /* the same, of V */
    :: d_step { nempty (sent[V]) && len (answers[V]) < 2 -> take (V) }
    /* decide_done, receipt: V's system has it, R is told */
    :: d_step {
        received && !reported ->
        event = E_RECEIPT;
        version = row.version;
        may_it (BY_RECEIVER);
        if
        :: good -> apply ()
        :: else
        fi;
        notice (R);
        reported = 1;
        forget ()
    }
    od
}

/* ---------------------------------------------------------------- the clock */

inline clock_does (what)
{
    event = what;
    version = row.version;
    may_it (BY_CLOCK);
    assert (good); /* a deadline that comes finds a legal step */
    apply ();
    notice (R);
    notice (V);
    forget ()
}

#define timed_state (row.state == S_EXPIRED || row.state == S_COMPLETED || row.state == S_FAILED)

proctype clock ()
{
end:
    do
    /* decide_clock, deadline_take: after 5 and 8 working days, nothing changes */
    :: d_step { runs && !pauses -> clock_does (E_REMIND) }
    /* decide_clock, deadline_take: after 10 */
    :: d_step { runs && !pauses -> clock_does (E_EXPIRE) }
    /* decide_clock, deadline_take: 5 to the first contact */
    :: d_step { contact -> clock_does (E_REMIND); contact = 0 }
    /* clock_resume: a pause lasts 20 working days at most */
    :: d_step { pauses -> pauses = 0 }
    /* deadline_timed_until */
    :: d_step { !late && timed_state -> late = 1 }
    od
}

/* ---------------------------------------------------------------- a party */

#define ACT(party, what) \
    d_step { acts[party] > 0 && view[party].state != S_NONE && len (sent[party]) < 2 -> \
        acts[party]--; sent[party] ! what, view[party].version }

/* What both may do, and what each hears. */
proctype party (byte p)
{
end:
    do
    /* kask_send, version_of */
    :: ACT (p, E_WITHDRAW)
    :: ACT (p, E_REVOKE)
    :: ACT (p, E_MARK_ERROR)
    :: ACT (p, E_NOTE)
    /* answers_next, answers_noted */
    :: d_step {
        nempty (answers[p]) ->
        answers[p] ? told.state, told.version, told.question, told.wish;
        stand (p)
    }
    /* handling_next, handling_done */
    :: d_step {
        nempty (lane[p]) && (p == R || received || len (sent[p]) == 0) ->
        lane[p] ? told.state, told.version, told.question, told.wish;
        assert (told.version >= turn_version[p]); /* P4 */
        turn_version[p] = told.version;
        received = received | (p == V);
        stand (p)
    }
    /* put_apart, inbox_erase */
    :: d_step {
        nempty (apart[p]) ->
        apart[p] ? told.state, told.version, told.question, told.wish;
        stand (p)
    }
    od
}

proctype referrer ()
{
    d_step { sent[R] ! E_SEND, 0 };
end:
    do
    :: ACT (R, E_ANSWER)
    od
}

proctype receiver ()
{
end:
    do
    :: ACT (V, E_ASK)
    :: ACT (V, E_ACCEPT)
    :: ACT (V, E_DECLINE)
    :: ACT (V, E_REDIRECT)
    :: ACT (V, E_START)
    :: ACT (V, E_HOLD)
    :: ACT (V, E_RESUME)
    :: ACT (V, E_COMPLETE)
    :: ACT (V, E_REOPEN)
    :: ACT (V, E_FAIL)
    :: ACT (V, E_CONTACTED)
    od
}

/* ---------------------------------------------------------------- when all is heard */

#define all_is_heard \
    (row.version > 0 && empty_way (sent) && empty_way (answers) && empty_way (lane) && \
     empty_way (apart) && reported)
#define empty_way(way) (len (way[R]) == 0 && len (way[V]) == 0)
#define knows(p) \
    (view[p].state == row.state && view[p].version == row.version && \
     view[p].question == row.question && view[p].wish == row.wish)
/* V, who did the RECEIPT, is not told of it: SENT is RECEIVED for it, the version one higher. */
#define did_receipt \
    (view[V].state == S_SENT && row.state == S_RECEIVED && view[V].version + 1 == row.version)

proctype judge ()
{
end:
    all_is_heard && !(knows (R) && (knows (V) || did_receipt)) -> assert (false)
}

init {
    atomic {
        acts[R] = ACTS_R;
        acts[V] = ACTS_V;
        run broker ();
        run clock ();
        run party (R);
        run party (V);
        run referrer ();
        run receiver ();
        run judge ()
    }
}
