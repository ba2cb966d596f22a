/*
 * t_outage - how long nobody could be answered.
 */
#include "outage.h"
#include "tap.h"

enum { HOUR = 3600000 };

static void
after_a_start (void)
{
    static const struct {
        const char *name;
        int64_t alive_at, now, want;
    } rows[] = {
        {"a new database has had no outage", 0, 50 * HOUR, 0},
        {"a restart is none", 50 * HOUR - 2000, 50 * HOUR, 0},
        {"an hour is one", 49 * HOUR, 50 * HOUR, HOUR},
        {"a time before the last one is none", 51 * HOUR, 50 * HOUR, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        outage_t outage;
        outage_loaded (&outage, rows[i].alive_at, 7);
        is_int (outage_tick (&outage, rows[i].now, 7), rows[i].want, rows[i].name);
        is_int (outage_tick (&outage, rows[i].now + 20, 27), 0, "and nothing follows");
    }
}

static void
waits_for_a_clock_that_is_trusted (void)
{
    outage_t outage;
    outage_loaded (&outage, 10 * HOUR, 0);
    is_int (outage_tick (&outage, 0, 20), 0, "without a trusted clock nothing is said");
    is_int (outage_tick (&outage, 13 * HOUR, 40), 3 * HOUR, "with it, it is");
}

static void
a_machine_that_slept (void)
{
    outage_t outage;
    outage_loaded (&outage, 0, 0);
    is_int (outage_tick (&outage, HOUR, 20), 0, "a tick follows a tick");
    is_int (outage_tick (&outage, 3 * HOUR, 20 + 2 * HOUR), 2 * HOUR, "a hole is an outage");
    is_int (outage_tick (&outage, 3 * HOUR + 20, 40 + 2 * HOUR), 0, "once");
}

int
main (void)
{
    after_a_start ();
    waits_for_a_clock_that_is_trusted ();
    a_machine_that_slept ();
    return tap_end ();
}
