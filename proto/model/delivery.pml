/*
 * delivery - from the senders' outboxes through the broker into the recipient's system.
 *
 * Two adapters send three acts each to one recipient.  A step is one atomic guarded command; its
 * comment names the C functions that do it.  Faults come at any moment and as often as they
 * like; whenever nothing but a fault can happen, it is asked what must be so in the end.
 *
 * Checked everywhere: P1 (what was answered ACCEPTED is committed), P2 (a number
 * is one act's for ever), P3 (an act is stored once), P4 (a lane keeps its order).  Checked in the end: P2
 * and P3 (each act was answered and had its effect once, and its DONE is confirmed).
 *
 * Mistakes that can be sown, each to be found:
 *   ANSWER_EARLY   ACCEPTED leaves before the commit
 *   DONE_EARLY     DONE leaves before the inbox is synced
 *   WELCOME_EARLY  Welcome is said while the broker's queue holds Sends of an older session
 *
 * ANSWERS_WAIT  answers are read in a step of their own.  Without it a client reads each at once, or
 *               is cut before: what it does meanwhile, it might have done before the commit.
 * NO_RESTORE    no outbox is put back from a copy.
 * TRACE         steps that a program logs happen only when the trace says so.
 */
#define SENDERS 2
#define MESSAGES 3
#ifndef ACTING
#define ACTING 2     /* adapters that send; the others have nothing to send */
#endif
#ifndef FLIGHT
#define FLIGHT 2     /* Sends of one adapter under way */
#endif
#ifndef INBOX
#define INBOX 1      /* messages on the wire to the recipient, or in its inbox */
#endif
#ifndef UNREPORTED
#define UNREPORTED 1 /* messages that are done and in no report */
#endif

/* An act: not in the outbox yet, there without a number, its number (1 .. MESSAGES), answered, or
   lost with what a restored copy did not hold. */
#define ABSENT 7
#define WAITS 0
#define SETTLED 6
#define LOST 5

#define ACCEPTED 1
#define GAP 2
#define UNAVAILABLE 3

/* A Send on its way: incarnation, number, act; ORPHAN: its session is over. */
#define PARCEL(incarnation, number, act) ((incarnation) * 16 + (number) * 4 + (act))
#define INCARNATION_OF(parcel) (((parcel) / 16) % 2)
#define NUMBER_OF(parcel) (((parcel) / 4) % 4)
#define ACT_OF(parcel) ((parcel) % 4)
#define ORPHAN 32
#define ANSWER(outcome, number) ((outcome) * 4 + (number))

/* What a line of a trace tells: a step, a sender, a number or a sequence. */
#define SENT 1
#define TOLD 2       /* the partner's system hears ACCEPTED */
#define DECIDED 3    /* the broker's turn with a Send has ended */
#define EFFECT 4
#define SENDER_KILLED 5
#define RECEIVER_KILLED 6
#define BROKER_KILLED 7
#define OVER 15
#ifdef TRACE
#define ANSWERS_WAIT
#define NO_RESTORE
#define LINES 250
byte told[LINES];
byte line;
c_decl {
    \#include <stdio.h>
    \#include <stdlib.h>
    static void read_trace (unsigned char *told)
    {
        int number, n = 0;
        FILE *in = fopen (getenv ("KASK_TRACE"), "r");
        while (in && n < 250 && fscanf (in, "%d", &number) == 1)
            told[n++] = (unsigned char) number;
    }
};
#define SEEN(what, s, number) (told[line] == (what) * 16 + (s) * 8 + (number))
#define NEXT_LINE line++
#define may_kill(has_a_session) true
/* The first Send in the queue is the one that the line names. */
#define IS_FIRST(s, act) up[s] ? [eval (PARCEL (0, told[line] % 8, act))]
#define SEEN_DECIDED(s) \
    (told[line] / 8 == DECIDED * 2 + s && (IS_FIRST (s, 0) || IS_FIRST (s, 1) || IS_FIRST (s, 2)))
#else
#define SEEN(what, s, number) true
#define NEXT_LINE skip
#define may_kill(has_a_session) (has_a_session) /* else it changes nothing */
#define SEEN_DECIDED(s) true
#endif

/* ---------------------------------------------------------------- on disk */

typedef outbox_t {
    byte act[MESSAGES];
    byte next;       /* number to give */
    bit incarnation;
}
outbox_t outbox[SENDERS];
bit restored;        /* sender 0's was put back from a copy */

typedef lane_t {     /* in the broker's database */
    bit incarnation;
    byte next;       /* number that it takes next */
    byte stored;     /* acts, as bits: an act's sequence is its place among them */
    byte count;      /* sequences given */
    byte done;       /* settled up to here */
}
lane_t lane[SENDERS];
bit recorded;        /* the report under way is in the database */

typedef place_t {    /* at the recipient, by sender: up to which sequence */
    byte position;   /* it is in the inbox */
    byte effects;    /* it is in the partner's system */
    byte handled;    /* the inbox knows that */
    byte reported;   /* it is in a report */
}
place_t place[SENDERS];
bit report;          /* one waits for its confirmation */

/* ---------------------------------------------------------------- in memory and on the wire */

typedef client_t {
    bit up;          /* it has read Welcome */
    bit session;     /* and the broker has the session, too */
    byte sent;       /* highest number since the last rewind */
    byte in_flight;
    bit rewinds;
}
client_t client[SENDERS];
chan up[SENDERS] = [FLIGHT + 1] of { byte };   /* Sends, up to the end of the broker's queue */
#ifdef ANSWERS_WAIT
chan down[SENDERS] = [FLIGHT + 1] of { byte };
#endif

typedef stream_t {
    byte next;       /* sequence that the session is given next */
    bit transit;     /* the one before is on the wire */
}
stream_t stream[SENDERS];
bit taker;           /* the recipient has a session: a report under way is on the wire, too */
bit taker_session;   /* and the broker has it, too */

/* For steps that loop; 0 between steps. */
byte i, n, item, outcome;

/* ---------------------------------------------------------------- words */

#define BIT(a) (1 << (a))
#define is_numbered(a) ((a) > WAITS && (a) <= MESSAGES)
#define first_that_is(s, what) \
    (outbox[s].act[0] == what -> 0 : (outbox[s].act[1] == what -> 1 : (outbox[s].act[2] == what -> 2 : 3)))
#define is_there(place) ((place) < MESSAGES)
#define is_next(s, a) (is_numbered (outbox[s].act[a]) && outbox[s].act[a] > client[s].sent)
#define number_if_next(s, a) (is_next (s, a) -> outbox[s].act[a] : MESSAGES + 1)
#define lower(a, b) ((a) < (b) -> (a) : (b))
#define next_sent(s) \
    lower (number_if_next (s, 0), lower (number_if_next (s, 1), number_if_next (s, 2)))
#define may_send(s) \
    (client[s].up && !client[s].rewinds && client[s].in_flight < FLIGHT && len (up[s]) <= FLIGHT && \
     (is_next (s, 0) || is_next (s, 1) || is_next (s, 2)))
#define may_act(s) \
    (!is_there (first_that_is (s, WAITS)) && is_there (first_that_is (s, ABSENT)))
#define may_begin(s) (!client[s].up)
#define may_number(s) (client[s].up && is_there (first_that_is (s, WAITS)))
#define broker_may_decide(s) (len (up[s]) > 0)
#define may_give(s) \
    (taker_session && !stream[s].transit && stream[s].next <= lane[s].count && \
     held (0) + held (1) < INBOX)
#define may_take(s) (taker && stream[s].transit)
#define may_have_effect(s) (place[s].effects < place[s].position)
#define may_note(s) (place[s].handled < place[s].effects && unreported (0) + unreported (1) < UNREPORTED)
#define may_report (taker && !report && unreported (0) + unreported (1) > 0)
#define unreported(s) (place[s].handled - place[s].reported)
#define held(s) (stream[s].transit + place[s].position - place[s].handled)

inline drain (channel)
{
    do
    :: nempty (channel) -> channel ? item
    :: empty (channel) -> break
    od;
    item = 0
}

/* lane_oldest: the lowest number without an answer, else the next one; in `n`. */
inline find_oldest (s)
{
    n = outbox[s].next;
    for (i : 0 .. MESSAGES - 1) {
        if
        :: is_numbered (outbox[s].act[i]) && outbox[s].act[i] < n -> n = outbox[s].act[i]
        :: else
        fi
    }
    i = 0
}

/* The act with the lowest number above `sent`: its number in `n`, or 0; the Send in `item`. */
inline find_next (s)
{
    n = 0;
    for (i : 0 .. MESSAGES - 1) {
        if
        :: is_numbered (outbox[s].act[i]) && outbox[s].act[i] > client[s].sent &&
            (n == 0 || outbox[s].act[i] < n) ->
            n = outbox[s].act[i];
            item = PARCEL (outbox[s].incarnation, n, i)
        :: else
        fi
    }
    i = 0
}

/* What ends with a process or its connection. */
inline forget_session (s)
{
    client[s].up = 0;
    client[s].session = 0;
    client[s].sent = 0;
    client[s].in_flight = 0;
    client[s].rewinds = 0;
#ifdef ANSWERS_WAIT
    drain (down[s])
#endif
}

inline forget_taker ()
{
    taker = 0;
    taker_session = 0;
    for (i : 0 .. SENDERS - 1) {
        stream[i].next = 0;
        stream[i].transit = 0
    }
    i = 0
}

/* ---------------------------------------------------------------- the broker decides */

/* number_is_next, answer_again, decide_new_referral with recall_send_origin: the Send in `item`. */
inline decide (s)
{
    n = (lane[s].incarnation == INCARNATION_OF (item) -> lane[s].next : 1);
    if
    :: NUMBER_OF (item) > n -> outcome = GAP
    :: NUMBER_OF (item) < n ->
        outcome = ACCEPTED;
        assert (lane[s].stored & BIT (ACT_OF (item))) /* P2: else it is another act's number */
    :: else ->
        outcome = ACCEPTED;
        lane[s].incarnation = INCARNATION_OF (item);
        lane[s].next = n + 1;
        if
        :: lane[s].stored & BIT (ACT_OF (item)) /* its origin key is known */
        :: else ->
            assert ((lane[s].stored >> ACT_OF (item)) == 0); /* P3, P4 */
            lane[s].stored = lane[s].stored | BIT (ACT_OF (item));
            lane[s].count++
        fi
    fi;
    n = 0
}

/* sending_answer, settle_number, again_later, rewind_lane */
inline take_answer (s, number)
{
    client[s].in_flight--;
    for (i : 0 .. MESSAGES - 1) {
        if
        :: outbox[s].act[i] == number && outcome == ACCEPTED ->
            assert (lane[s].stored & BIT (i)); /* P1 */
            outbox[s].act[i] = SETTLED
        :: outbox[s].act[i] == number && outcome != ACCEPTED -> client[s].rewinds = 1
        :: else
        fi
    }
    if
    :: client[s].rewinds && client[s].in_flight == 0 ->
        find_oldest (s);
        client[s].sent = n - 1;
        client[s].rewinds = 0;
        n = 0
    :: else
    fi;
    i = 0
}

/* outcome_committed, outcome_unavailable: to the session that sent it, if it is still there. */
inline answer (s)
{
    if
    :: client[s].session && !(item & ORPHAN) ->
#ifdef ANSWERS_WAIT
        down[s] ! ANSWER (outcome, NUMBER_OF (item))
#else
        take_answer (s, NUMBER_OF (item))
#endif
    :: else
    fi;
    outcome = 0;
    item = 0
}

proctype broker_lane (byte s)
{
end:
    do
    /* turn_begin, turn_decide, on_committed: a turn of several is as many in which nothing fails */
    :: d_step {
        broker_may_decide (s) && SEEN_DECIDED (s) ->
        up[s] ? item;
        decide (s);
        answer (s);
        NEXT_LINE
    }
    /* delivery_begin, give_rows, give_fresh, outflow_has_credit */
    :: d_step {
        may_give (s) ->
        stream[s].transit = 1;
        stream[s].next++
    }
    od
}

/* ---------------------------------------------------------------- a sending adapter */

/* sending_renew: all that has no answer is numbered anew. */
inline renew (s)
{
    assert (restored && outbox[s].incarnation == 0); /* nothing but a restored copy brings it */
    for (i : 0 .. MESSAGES - 1) {
        if
        :: is_numbered (outbox[s].act[i]) -> outbox[s].act[i] = WAITS
        :: else
        fi
    }
    i = 0;
    outbox[s].incarnation = 1;
    outbox[s].next = 1
}

/* on_hello, greeting_may, session_begin, greeting_welcome; take_welcome, sending_begin. */
inline begin_session (s)
{
#ifdef WELCOME_EARLY
    for (i : 1 .. len (up[s])) {
        up[s] ? item;
        up[s] ! (item | ORPHAN)
    }
    i = 0;
#else
    drain (up[s]);
#endif
    find_oldest (s);
    item = (lane[s].incarnation == outbox[s].incarnation -> lane[s].next : 1);
    if
    :: item <= outbox[s].next && item >= n ->
        client[s].up = 1;
        client[s].session = 1
    :: else -> renew (s)
    fi;
    n = 0;
    item = 0
}

proctype sender (byte s)
{
end:
    do
    /* kask_send, outbox_put: a person acts */
    :: d_step {
        may_act (s) ->
        outbox[s].act[first_that_is (s, ABSENT)] = WAITS
    }
    /* client_open, say_hello */
    :: d_step { may_begin (s) -> begin_session (s) }
    /* sending_number, give_number */
    :: d_step {
        may_number (s) ->
        outbox[s].act[first_that_is (s, WAITS)] = outbox[s].next;
        outbox[s].next++
    }
    /* sending_flush, may_send, send_row */
    :: d_step {
        may_send (s) && SEEN (SENT, s, next_sent (s)) ->
        find_next (s);
        client[s].sent = n;
        client[s].in_flight++;
        if
        :: client[s].session -> up[s] ! item
        :: else
        fi;
        n = 0;
        item = 0;
        NEXT_LINE
    }
#ifdef ANSWERS_WAIT
    /* client_take, take_reply */
    :: d_step {
        nempty (down[s]) ->
        down[s] ? item;
        outcome = item / 4;
        take_answer (s, item % 4);
        outcome = 0;
        item = 0
    }
#endif
#ifdef TRACE
    /* answers_next */
    :: d_step { SEEN (TOLD, s, 0) && outbox[s].act[0] == SETTLED -> NEXT_LINE }
    /* the same, of the next act */
    :: d_step { SEEN (TOLD, s, 1) && outbox[s].act[1] == SETTLED -> NEXT_LINE }
    /* the same, of the last one */
    :: d_step { SEEN (TOLD, s, 2) && outbox[s].act[2] == SETTLED -> NEXT_LINE }
#endif
    /* watch_connection, watch_silence, leave: the broker has not got this session any more */
    :: d_step { client[s].up && !client[s].session -> forget_session (s) }
    od
}

/* ---------------------------------------------------------------- the receiving adapter */

/* on_hello, delivery_begin, stream_begin; inbox_begin, reports_begin with what Welcome says. */
inline begin_taking ()
{
    taker = 1;
    taker_session = 1;
    report = report & !recorded;
    recorded = 0;
    for (i : 0 .. SENDERS - 1) {
        n = place[i].position;
        if
        :: n < lane[i].done -> n = lane[i].done
        :: else
        fi;
        stream[i].next = n + 1;
        stream[i].transit = 0
    }
    i = 0;
    n = 0
}

/* report_is_new, decide_done, lane_settle */
inline decide_done ()
{
    for (i : 0 .. SENDERS - 1) {
        if
        :: !recorded -> lane[i].done = place[i].reported
        :: else
        fi
    }
    i = 0;
    recorded = 1
}

proctype receiver ()
{
end:
    do
    /* client_open, say_hello */
    :: d_step { !taker -> begin_taking () }
    /* reports_batch, put_batch, reports_flush */
    :: d_step {
        may_report ->
        place[0].reported = place[0].handled;
        place[1].reported = place[1].handled;
        report = 1
    }
    /* on_done, the broker's turn, say_confirmed; reports_confirmed */
    :: d_step {
        taker_session && report ->
        decide_done ();
        report = 0;
        recorded = 0
    }
    /* watch_connection, leave */
    :: d_step { taker && !taker_session -> forget_taker () }
    od
}

proctype receiver_lane (byte s)
{
end:
    do
    /* client_take, inbox_put, put_in_turn, and the commit of the step: store_commit */
    :: d_step {
        may_take (s) ->
        assert (stream[s].next - 1 == place[s].position + 1); /* P2, P4 */
        place[s].position++;
        stream[s].transit = 0
    }
#ifdef DONE_EARLY
    /* the mistake: it is DONE before store_commit */
    :: d_step { taker_session && stream[s].transit -> lane[s].done = stream[s].next - 1 }
#endif
    /* handling_next: the system takes it in, under its key */
    :: d_step {
        may_have_effect (s) && SEEN (EFFECT, s, place[s].effects + 1) ->
        place[s].effects++;
        NEXT_LINE
    }
    /* kask_done, handling_done, put_done, report_put: in one transaction */
    :: d_step {
        may_note (s) -> place[s].handled++
    }
    od
}

/* ---------------------------------------------------------------- faults */

/* What the broker's process held. */
inline kill_broker ()
{
    for (i : 0 .. SENDERS - 1) {
        drain (up[i]);
        client[i].session = 0
    }
    i = 0;
    taker_session = 0
}

proctype faults ()
{
end:
    do
    /* the broker is killed, and started again */
    :: d_step {
        may_kill (client[0].session || client[1].session || taker_session) &&
        SEEN (BROKER_KILLED, 0, 0) ->
        kill_broker ();
#ifndef ANSWERS_WAIT
        forget_session (0);
        forget_session (1);
        forget_taker ();
#endif
        NEXT_LINE
    }
    /* the recipient's adapter is killed */
    :: d_step { may_kill (taker) && SEEN (RECEIVER_KILLED, 0, 0) -> forget_taker (); NEXT_LINE }
    /* its connection is cut, or it is told NO_SESSION */
    :: d_step { taker -> forget_taker () }
    /* the database goes after it committed a report: give_up_or_keep, it is decided again */
    :: d_step { taker_session && report -> decide_done () }
    od
}

proctype sender_faults (byte s)
{
end:
    do
    /* the adapter is killed */
    :: d_step { may_kill (client[s].up) && SEEN (SENDER_KILLED, s, 0) -> forget_session (s); NEXT_LINE }
    /* its connection is cut, and what was on it is lost, or not all of it */
    :: d_step { client[s].up -> forget_session (s) }
    /* a Send arrives twice */
    :: d_step { nempty (up[s]) -> up[s] ? <item>; decide (s); outcome = 0; item = 0 }
    /* the database goes: on_writer_down, store_fail.  A Send was not committed ... */
    :: d_step { nempty (up[s]) -> up[s] ? item; outcome = UNAVAILABLE; answer (s) }
    /* ... or it was, and the broker cannot know */
    :: d_step {
        nempty (up[s]) ->
        up[s] ? item;
        decide (s);
        outcome = UNAVAILABLE;
        answer (s)
    }
#ifdef ANSWER_EARLY
    /* the mistake: answered, and the database goes */
    :: d_step { nempty (up[s]) -> up[s] ? item; outcome = ACCEPTED; answer (s) }
#endif
    od
}

/* The copy held so many numbers, of which the first were answered.  The acts behind are given again
   by their system, unless it gives each but once. */
inline restore (numbered, answered, gives_once)
{
    for (i : 0 .. MESSAGES - 1) {
        if
        :: i < answered && outbox[0].act[i] == SETTLED
        :: i < numbered && !(i < answered && outbox[0].act[i] == SETTLED) ->
            outbox[0].act[i] = i + 1
        :: i >= numbered && gives_once && outbox[0].act[i] != ABSENT -> outbox[0].act[i] = LOST
        :: i >= numbered && !(gives_once && outbox[0].act[i] != ABSENT) -> outbox[0].act[i] = ABSENT
        fi
    }
    i = 0;
    outbox[0].next = numbered + 1;
    restored = 1
}

/* The folder of sender 0 was copied some time, and is put back: BACKUP.md.  Until then an act's
   number is its place, so what a copy can hold is known without making one. */
proctype backup ()
{
    byte numbered, answered;
    bit gives_once;
    atomic {
        !client[0].up && !restored ->
        select (numbered : 0 .. outbox[0].next - 1);
        select (answered : 0 .. numbered);
        if
        :: gives_once = 0
        :: gives_once = 1
        fi;
        restore (numbered, answered, gives_once);
        numbered = 0;
        answered = 0;
        gives_once = 0
    }
}

/* ---------------------------------------------------------------- in the end */

#ifdef ANSWERS_WAIT
#define may_read(s) (len (down[s]) > 0)
#else
#define may_read(s) false
#endif
#define sender_rests(s) \
    (!may_read (s) && !may_act (s) && !may_begin (s) && !may_number (s) && !may_send (s) && \
     client[s].session && !broker_may_decide (s))
#define receiver_rests(s) \
    (!may_give (s) && !may_take (s) && !may_have_effect (s) && place[s].handled == place[s].effects)
#define all_rest \
    (sender_rests (0) && sender_rests (1) && receiver_rests (0) && receiver_rests (1) && \
     taker_session && !may_report && !report)
#define is_over(s, a) (outbox[s].act[a] == LOST || \
    (outbox[s].act[a] == SETTLED && (lane[s].stored & BIT (a))))
#define is_well(s) (is_over (s, 0) && is_over (s, 1) && is_over (s, 2) && \
    place[s].effects == lane[s].count && lane[s].done == lane[s].count)

proctype judge ()
{
end:
#ifdef TRACE
    /* the trace is a path of the model: what the verifier reports then is that path */
    told[line] == OVER * 16 -> assert (false)
#else
    all_rest && !(is_well (0) && is_well (1)) -> assert (false) /* P2, P3 */
#endif
}

init {
    byte s;
#ifdef TRACE
    c_code { read_trace (now.told); };
#endif
    d_step {
        for (s : 0 .. SENDERS - 1) {
            for (i : 0 .. MESSAGES - 1) {
                outbox[s].act[i] = (s < ACTING -> ABSENT : LOST)
            }
            outbox[s].next = 1;
            lane[s].next = 1
        }
        i = 0;
        s = 0
    }
    atomic {
        for (s : 0 .. SENDERS - 1) {
            run sender (s);
            run sender_faults (s);
            run broker_lane (s);
            run receiver_lane (s)
        }
        s = 0;
        run receiver ();
        run faults ();
#ifndef NO_RESTORE
        run backup ();
#endif
        run judge ()
    }
}
