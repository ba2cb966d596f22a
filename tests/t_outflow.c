/*
 * t_outflow - what is out to a recipient, and whose turn it is.
 */
#include "outflow.h"
#include "tap.h"

static outflow_t *
outflow_of (size_t messages, size_t bytes)
{
    outflow_t *outflow = outflow_new ();
    outflow->window_messages = messages;
    outflow->window_bytes = bytes;
    return outflow;
}

static void
the_window_is_never_exceeded (void)
{
    outflow_t *outflow = outflow_of (3, 100);
    stream_t *stream = outflow_require (outflow, 1, 5);
    ok (outflow_has_credit (outflow, 1000), "one message may always pass when nothing is out");
    outflow_given (outflow, stream, 5, 60);
    ok (!outflow_has_credit (outflow, 41) && outflow_has_credit (outflow, 40), "then bytes count");
    outflow_given (outflow, stream, 6, 20);
    outflow_given (outflow, stream, 7, 10);
    ok (!outflow_has_credit (outflow, 1), "and messages");
    outflow_taken (outflow, stream, 6);
    ok (outflow->out_messages == 1 && outflow->out_bytes == 10, "TAKEN gives both back");
    outflow_taken (outflow, stream, 6);
    is_int (outflow->out_messages, 1, "saying it again gives nothing");
    outflow_taken (outflow, stream, 900);
    ok (outflow->out_messages == 0 && outflow->out_bytes == 0, "never more than was out");
    outflow->window_messages = 0;
    ok (!outflow_has_credit (outflow, 1), "a window of 0 messages stops");
    outflow_destroy (&outflow);
}

static void
lanes_take_turns (void)
{
    outflow_t *outflow = outflow_of (10, 1000);
    for (int sender = 1; sender <= 3; sender++)
        outflow_require (outflow, sender, 1)->is_behind = true;
    int seen[4] = {0};
    for (int i = 0; i < 9; i++)
        seen[outflow_next_behind (outflow)->sender]++;
    ok (seen[1] == 3 && seen[2] == 3 && seen[3] == 3, "each lane has its turn");
    for (int sender = 1; sender <= 3; sender++)
        outflow_find (outflow, sender)->is_behind = false;
    ok (!outflow_next_behind (outflow) && !outflow_is_behind (outflow), "until none is behind");
    ok (!outflow_find (outflow, 4), "a lane that nobody asked for is not there");
    outflow_destroy (&outflow);
}

static void
out_of_turn (void)
{
    outflow_t *outflow = outflow_of (1, 1);
    apart_t apart = {1, 7, 0};
    ok (outflow_want_apart (outflow, &apart), "one is wanted out of turn");
    apart_t got;
    ok (outflow_take_wanted (outflow, &got) && got.sequence == 7, "and given");
    ok (!outflow_take_wanted (outflow, &got), "once");
    outflow_note_apart (outflow, &got);
    ok (outflow_was_apart (outflow, 1, 7) && !outflow_was_apart (outflow, 2, 7),
        "its lane passes over it later");
    outflow_destroy (&outflow);
}

static void
only_the_last_are_known_as_out_of_turn (void)
{
    outflow_t *outflow = outflow_of (1, 1);
    ok (!outflow_was_apart (outflow, 0, 0), "nothing was given out of turn at first");
    for (int i = 1; i <= OUTFLOW_APART; i++)
        outflow_note_apart (outflow, &(apart_t){1, i, 0});
    ok (outflow_was_apart (outflow, 1, 1), "as many as are held are known");
    outflow_note_apart (outflow, &(apart_t){1, OUTFLOW_APART + 1, 0});
    ok (!outflow_was_apart (outflow, 1, 1), "then the oldest goes");
    ok (outflow_was_apart (outflow, 1, 2) && outflow_was_apart (outflow, 1, OUTFLOW_APART + 1),
        "and the others stay");
    outflow_destroy (&outflow);
}

int
main (void)
{
    the_window_is_never_exceeded ();
    lanes_take_turns ();
    out_of_turn ();
    only_the_last_are_known_as_out_of_turn ();
    return tap_end ();
}
