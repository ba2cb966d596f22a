/*
 * t_calendar - working days and local time of three countries.
 *
 * The vectors are those of the domain's own paper.
 */
#include "calendar.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int32_t
day (const char *text)
{
    int32_t found = -1;
    if (!calendar_day_read (text, &found))
        printf ("# no such day: %s\n", text);
    return found;
}

static const char *
written (int32_t of)
{
    static char text[CALENDAR_DAY_BYTES];
    calendar_day_write (of, text);
    return text;
}

static void
easter_is_right (void)
{
    static const char *const dates[] = {"1818-03-22", "1943-04-25", "2024-03-31",
                                        "2025-04-20", "2026-04-05", "2027-03-28",
                                        "2038-04-25", "2049-04-18", "2285-03-22"};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        int year = (int) strtol (dates[i], NULL, 10);
        is_text (written (calendar_easter (year)), dates[i], "Easter");
    }
}

// Sent on a day: the last days of 5, 8 and 10 working days in each country.
typedef struct {
    const char *sent;
    const char *dk[3], *no[3], *se[3];
} vector_t;

static const vector_t vectors[] = {
    {"2026-04-01",
     {"2026-04-13", "2026-04-16", "2026-04-20"},
     {"2026-04-13", "2026-04-16", "2026-04-20"},
     {"2026-04-10", "2026-04-15", "2026-04-17"}},
    {"2026-05-08",
     {"2026-05-18", "2026-05-21", "2026-05-26"},
     {"2026-05-18", "2026-05-21", "2026-05-26"},
     {"2026-05-18", "2026-05-21", "2026-05-25"}},
    {"2026-06-12",
     {"2026-06-19", "2026-06-24", "2026-06-26"},
     {"2026-06-19", "2026-06-24", "2026-06-26"},
     {"2026-06-22", "2026-06-25", "2026-06-29"}},
    {"2026-12-18",
     {"2026-12-29", "2027-01-05", "2027-01-07"},
     {"2026-12-28", "2026-12-31", "2027-01-05"},
     {"2026-12-29", "2027-01-05", "2027-01-08"}},
    {"2027-12-23",
     {"2028-01-03", "2028-01-06", "2028-01-10"},
     {"2027-12-30", "2028-01-04", "2028-01-06"},
     {"2028-01-03", "2028-01-07", "2028-01-11"}},
    {"2023-04-28",
     {"2023-05-08", "2023-05-11", "2023-05-15"},
     {"2023-05-08", "2023-05-11", "2023-05-15"},
     {"2023-05-08", "2023-05-11", "2023-05-15"}},
};

// Sent at the first and at the last instant of the local day, the deadline is the same.
static void
due_is (const char *code, const char *sent, int days, const char *last)
{
    const calendar_t calendar = {.country = calendar_country_find (code)};
    int64_t want = calendar_day_start (day (last) + 1);
    char name[80];
    snprintf (name, sizeof name, "%s, sent %s: %d working days", code, sent, days);
    int64_t first = calendar_due_at (&calendar, calendar_day_start (day (sent)), days);
    int64_t late = calendar_due_at (&calendar, calendar_day_start (day (sent) + 1) - 1, days);
    ok (first == want && late == want, name);
    if (first != want)
        printf ("#   got  %s\n#   want %s\n", written (calendar_local_day (first - 1)), last);
}

static void
deadlines_are_those_of_the_table (void)
{
    static const int days[] = {5, 8, 10};
    for (size_t v = 0; v < sizeof vectors / sizeof vectors[0]; v++)
        for (int i = 0; i < 3; i++) {
            due_is ("DK", vectors[v].sent, days[i], vectors[v].dk[i]);
            due_is ("NO", vectors[v].sent, days[i], vectors[v].no[i]);
            due_is ("SE", vectors[v].sent, days[i], vectors[v].se[i]);
        }
}

static void
single_days_are_right (void)
{
    static const struct {
        const char *date;
        const char *work; // countries in which it is a working day
    } cases[] = {{"2026-01-01", ""},         {"2026-01-06", "DK NO"}, {"2026-04-02", "SE"},
                 {"2026-05-01", "DK"},       {"2027-05-17", "SE"},    {"2024-05-17", "DK SE"},
                 {"2025-06-05", "NO SE"},    {"2025-06-06", "DK NO"}, {"2026-06-19", "DK NO"},
                 {"2026-12-24", "NO"},       {"2026-12-31", "NO"},    {"2023-05-05", "NO SE"},
                 {"2024-04-26", "DK NO SE"}, {"2026-05-25", "SE"},    {"2026-05-14", ""},
                 {"2026-11-28", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char got[16] = "";
        for (int c = 0; c < 3; c++) {
            static const char *const codes[] = {"DK", "NO", "SE"};
            const calendar_t calendar = {.country = calendar_country_find (codes[c])};
            if (calendar_is_working_day (&calendar, day (cases[i].date)))
                snprintf (got + strlen (got), sizeof got - strlen (got), "%s%s", *got ? " " : "",
                          codes[c]);
        }
        is_text (got, cases[i].work, cases[i].date);
    }
}

static void
closing_days_count_like_holidays (void)
{
    const calendar_t calendar = {.country = CALENDAR_DK,
                                 .n_closings = 2,
                                 .closings = {{day ("2026-07-03"), day ("2026-07-03"), true},
                                              {day ("2026-07-07"), day ("2026-07-09"), false}}};
    int64_t sent = calendar_day_start (day ("2026-07-01"));
    is_int (calendar_due_at (&calendar, sent, 1), calendar_day_start (day ("2026-07-03")),
            "the day before them is a working day");
    is_int (calendar_due_at (&calendar, sent, 2), calendar_day_start (day ("2026-07-07")),
            "a closing day and a weekend are passed over");
    is_int (calendar_due_at (&calendar, sent, 3), calendar_day_start (day ("2026-07-11")),
            "and so are several, the first and the last included");
}

// The C library's own time zone database, every half hour of forty years.
static void
local_time_is_that_of_the_zone (void)
{
    setenv ("TZ", "Europe/Copenhagen", 1);
    tzset ();
    int wrong = 0;
    for (int64_t at = INT64_C (1577836800); at < INT64_C (2840140800); at += 1800) {
        time_t seconds = (time_t) at;
        struct tm tm;
        localtime_r (&seconds, &tm);
        const calendar_date_t date = {tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
        wrong += calendar_local_day (at * 1000) != calendar_day_of (date);
        int64_t start = calendar_day_start (calendar_day_of (date));
        wrong += start > at * 1000 || calendar_local_day (start) != calendar_day_of (date) ||
                 calendar_local_day (start - 1) != calendar_day_of (date) - 1;
    }
    is_int (wrong, 0, "local days from 2020 to 2059 are those of Europe/Copenhagen");
}

static void
dates_come_back (void)
{
    int wrong = 0;
    for (int32_t d = -200000; d < 200000; d++)
        wrong += calendar_day_of (calendar_date_of (d)) != d;
    is_int (wrong, 0, "every day from 1422 to 2517 comes back");
    static const char *const bad[] = {"2026-02-29", "2026-13-01", "2026-00-10",
                                      "2026-1-1",   "26-01-01",   "2026-01-011",
                                      "2026-01-32", "",           "2026/01/01"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int32_t none;
        ok (!calendar_day_read (bad[i], &none), bad[i]);
    }
}

int
main (void)
{
    easter_is_right ();
    deadlines_are_those_of_the_table ();
    single_days_are_right ();
    closing_days_count_like_holidays ();
    local_time_is_that_of_the_zone ();
    dates_come_back ();
    return tap_end ();
}
