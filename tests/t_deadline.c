/*
 * t_deadline - when the clocks of a referral start, stand, go on and come.
 *
 * Days are those of the domain's paper: sent on 2026-04-01, before Easter.
 */
#include "calendar.h"
#include "deadline.h"
#include "tap.h"

#include <stdio.h>

static int64_t
noon (const char *date)
{
    int32_t day = 0;
    if (!calendar_day_read (date, &day))
        printf ("# no such day: %s\n", date);
    return calendar_day_start (day) + 12 * INT64_C (3600000);
}

// The day whose end is the deadline.
static const char *
last_day (int64_t due_at)
{
    static char text[40];
    calendar_date_t date = calendar_date_of (calendar_local_day (due_at - 1));
    snprintf (text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
    return due_at ? text : "none";
}

static const calendar_t *
calendar_of (const char *country)
{
    static calendar_t calendar;
    calendar = (calendar_t){.country = calendar_country_find (country)};
    return &calendar;
}

static void
happens (referral_t *r, const char *country, Kask__Event event, role_t by, const char *date)
{
    const referral_wish_t wish = {.event = event,
                                  .by = by,
                                  .version = r->version,
                                  .question = r->n_questions ? r->questions[0] : 0,
                                  .now = noon (date),
                                  .timed_until = INT64_MAX};
    const referral_step_t *step;
    if (referral_may (r, &wish, &step) != FAULT_OK) {
        ok (false, referral_event_name (event));
        return;
    }
    referral_apply (r, step, &wish);
    deadline_step (r, step, calendar_of (country), wish.now);
}

static referral_t
sent (const char *country, const char *date)
{
    referral_t r = {.next_question = 1};
    happens (&r, country, KASK__EVENT__EVENT_SEND, ROLE_REFERRER, date);
    return r;
}

static void
three_deadlines_are_set_when_it_is_sent (void)
{
    static const struct {
        const char *country, *first, *second, *last;
    } cases[] = {{"DK", "2026-04-13", "2026-04-16", "2026-04-20"},
                 {"NO", "2026-04-13", "2026-04-16", "2026-04-20"},
                 {"SE", "2026-04-10", "2026-04-15", "2026-04-17"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        referral_t r = sent (cases[i].country, "2026-04-01");
        is_text (last_day (r.remind1_at), cases[i].first, "reminder after 5 working days");
        is_text (last_day (r.remind2_at), cases[i].second, "reminder after 8");
        is_text (last_day (r.expire_at), cases[i].last, "expiry after 10");
        is_int (deadline_next (&r), r.remind1_at, "the first comes next");
    }
}

static void
they_come_one_after_the_other (void)
{
    referral_t r = sent ("DK", "2026-04-01");
    uint32_t days;
    is_int (deadline_take (&r, calendar_of ("DK"), r.remind1_at - 1, &days),
            KASK__EVENT__EVENT_NONE, "a moment before 24:00 nothing comes");
    is_int (deadline_take (&r, calendar_of ("DK"), r.remind1_at, &days), KASK__EVENT__EVENT_REMIND,
            "at 24:00");
    is_int (days, 5, "the reminder of 5 days");
    is_int (deadline_take (&r, calendar_of ("DK"), r.expire_at, &days), KASK__EVENT__EVENT_REMIND,
            "long after, one at a time");
    is_int (days, 8, "the reminder of 8 days");
    is_int (deadline_take (&r, calendar_of ("DK"), r.expire_at, &days), KASK__EVENT__EVENT_EXPIRE,
            "then expiry");
    happens (&r, "DK", KASK__EVENT__EVENT_EXPIRE, ROLE_CLOCK, "2026-04-21");
    is_int (deadline_next (&r), 0, "and then no clock runs");
}

static void
an_open_question_stops_the_clock (void)
{
    referral_t r = sent ("DK", "2026-04-01");
    happens (&r, "DK", KASK__EVENT__EVENT_ASK, ROLE_RECEIVER, "2026-04-09");
    is_text (last_day (deadline_next (&r)), "2026-05-07", "it stands for 20 working days at most");
    happens (&r, "DK", KASK__EVENT__EVENT_ASK, ROLE_RECEIVER, "2026-04-10");
    happens (&r, "DK", KASK__EVENT__EVENT_ANSWER, ROLE_REFERRER, "2026-04-13");
    ok (r.paused_at != 0, "one of two questions answered: it still stands");
    happens (&r, "DK", KASK__EVENT__EVENT_ANSWER, ROLE_REFERRER, "2026-04-14");
    is_text (last_day (r.remind1_at), "2026-04-15", "two working days had ended: two more to 5");
    is_text (last_day (r.remind2_at), "2026-04-20", "to 8");
    is_text (last_day (r.expire_at), "2026-04-22", "and to 10");
    is_int (deadline_next (&r), r.remind1_at, "and the clock runs");
}

static void
a_pause_within_a_day_gives_nothing (void)
{
    referral_t r = sent ("NO", "2026-04-01");
    happens (&r, "NO", KASK__EVENT__EVENT_ASK, ROLE_RECEIVER, "2026-04-09");
    happens (&r, "NO", KASK__EVENT__EVENT_ANSWER, ROLE_REFERRER, "2026-04-09");
    is_text (last_day (r.expire_at), "2026-04-20", "no day had ended: nothing moves");
}

static void
a_pause_ends_by_itself (void)
{
    referral_t r = sent ("DK", "2026-04-01");
    happens (&r, "DK", KASK__EVENT__EVENT_ASK, ROLE_RECEIVER, "2026-04-09");
    uint32_t days;
    int64_t end = r.resume_at;
    is_int (deadline_take (&r, calendar_of ("DK"), end - 1, &days), KASK__EVENT__EVENT_NONE,
            "not before its end");
    ok (r.paused_at != 0, "it stands until then");
    is_int (deadline_take (&r, calendar_of ("DK"), end, &days), KASK__EVENT__EVENT_NONE,
            "its end is no event");
    is_int (r.paused_at, 0, "but the clock runs");
    is_int (r.expire_at, calendar_due_at (calendar_of ("DK"), noon ("2026-04-20"), 20),
            "with 20 working days added to what was left");
}

static void
a_question_after_acceptance_stops_nothing (void)
{
    referral_t r = sent ("SE", "2026-06-12");
    happens (&r, "SE", KASK__EVENT__EVENT_ACCEPT, ROLE_RECEIVER, "2026-06-15");
    is_text (last_day (deadline_next (&r)), "2026-06-23",
             "5 working days to the first contact, Midsummer Eve left out");
    is_int (r.expire_at, 0, "and no expiry any more");
    happens (&r, "SE", KASK__EVENT__EVENT_ASK, ROLE_RECEIVER, "2026-06-16");
    is_int (r.paused_at, 0, "a question stops nothing");
    uint32_t days;
    is_int (deadline_take (&r, calendar_of ("SE"), r.contact_at, &days), KASK__EVENT__EVENT_REMIND,
            "a reminder");
    is_int (days, 5, "of 5 days");
    is_int (deadline_next (&r), 0, "once");
}

static void
a_contact_meets_its_deadline (void)
{
    static const Kask__Event events[] = {KASK__EVENT__EVENT_CONTACTED, KASK__EVENT__EVENT_START};
    for (int i = 0; i < 2; i++) {
        referral_t r = sent ("DK", "2026-06-12");
        happens (&r, "DK", KASK__EVENT__EVENT_ACCEPT, ROLE_RECEIVER, "2026-06-15");
        happens (&r, "DK", events[i], ROLE_RECEIVER, "2026-06-16");
        is_int (deadline_next (&r), 0, referral_event_name (events[i]));
    }
}

static void
an_end_stops_everything (void)
{
    referral_t r = sent ("DK", "2026-04-01");
    happens (&r, "DK", KASK__EVENT__EVENT_ASK, ROLE_RECEIVER, "2026-04-09");
    happens (&r, "DK", KASK__EVENT__EVENT_WITHDRAW, ROLE_REFERRER, "2026-04-10");
    ok (deadline_next (&r) == 0 && r.paused_at == 0 && r.resume_at == 0, "no clock of it is left");
    is_text (last_day (deadline_timed_until (&r, calendar_of ("DK"))), "2026-05-08",
             "20 working days from the state's day on");
}

static void
an_outage_is_grace_for_timed_steps (void)
{
    referral_t r = sent ("DK", "2026-04-01");
    happens (&r, "DK", KASK__EVENT__EVENT_WITHDRAW, ROLE_REFERRER, "2026-04-10");
    int64_t until = deadline_timed_until (&r, calendar_of ("DK"));
    r.grace_ms = 5000;
    is_int (deadline_timed_until (&r, calendar_of ("DK")), until + 5000, "by its length");
}

int
main (void)
{
    three_deadlines_are_set_when_it_is_sent ();
    they_come_one_after_the_other ();
    an_open_question_stops_the_clock ();
    a_pause_within_a_day_gives_nothing ();
    a_pause_ends_by_itself ();
    a_question_after_acceptance_stops_nothing ();
    a_contact_meets_its_deadline ();
    an_end_stops_everything ();
    an_outage_is_grace_for_timed_steps ();
    return tap_end ();
}
