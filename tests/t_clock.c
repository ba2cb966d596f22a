/*
 * t_clock - what time it is, and whether to believe it.
 */
#include "clock.h"
#include "tap.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE };

typedef struct {
    int64_t wall, monotonic;
} machine_t;

static int64_t
wall_ms (void *arg)
{
    return ((machine_t *) arg)->wall;
}

static int64_t
monotonic_ms (void *arg)
{
    return ((machine_t *) arg)->monotonic;
}

static broker_clock_t *
clock_of (machine_t *machine)
{
    return clock_new (&(clock_source_t){wall_ms, monotonic_ms, machine}, NULL);
}

static void
pass (machine_t *machine, int64_t ms)
{
    machine->wall += ms;
    machine->monotonic += ms;
}

static void
small_corrections_are_followed (void)
{
    machine_t machine = {100 * HOUR, 5};
    broker_clock_t *clock = clock_of (&machine);
    for (int i = 0; i < 10; i++) {
        pass (&machine, HOUR);
        machine.wall += MINUTE / 2;
        (void) clock_now_ms (clock);
    }
    ok (clock_now_ms (clock) == machine.wall && clock_is_trusted (clock),
        "a clock that is kept right is followed");
    clock_destroy (&clock);
}

static void
a_jump_is_not_followed (void)
{
    machine_t machine = {100 * HOUR, 5};
    broker_clock_t *clock = clock_of (&machine);
    pass (&machine, MINUTE);
    machine.wall += HOUR;
    is_int (clock_now_ms (clock), 100 * HOUR + MINUTE, "time goes on by the monotonic clock");
    ok (!clock_is_trusted (clock), "and is not trusted, so no deadline comes");
    pass (&machine, MINUTE);
    is_int (clock_now_ms (clock), 100 * HOUR + 2 * MINUTE, "for as long as it lasts");
    machine.wall -= HOUR;
    is_int (clock_now_ms (clock), 100 * HOUR + 2 * MINUTE, "when the clock is back");
    ok (clock_is_trusted (clock), "it is trusted again");
    clock_destroy (&clock);
}

static void
the_databases_clock_is_asked (void)
{
    machine_t machine = {100 * HOUR, 5};
    broker_clock_t *clock = clock_of (&machine);
    clock_compare (clock, 100 * HOUR - MINUTE, 0);
    ok (clock_is_trusted (clock), "a minute apart is close enough");
    clock_compare (clock, 99 * HOUR, 98 * HOUR);
    ok (!clock_is_trusted (clock), "an hour is not");
    pass (&machine, MINUTE);
    is_int (clock_now_ms (clock), 98 * HOUR + MINUTE, "time goes on from the last committed");
    clock_compare (clock, 100 * HOUR + MINUTE, 98 * HOUR);
    ok (clock_is_trusted (clock) && clock_now_ms (clock) == machine.wall,
        "when they agree again the clock is followed");
    clock_destroy (&clock);
}

int
main (void)
{
    small_corrections_are_followed ();
    a_jump_is_not_followed ();
    the_databases_clock_is_asked ();
    return tap_end ();
}
