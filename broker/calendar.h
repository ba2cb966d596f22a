/*
 * calendar - working days and local time of Denmark, Norway and Sweden.
 *
 * Pure; reads no clock and no time zone database.  A day is the number of days since
 * 1970-01-01; times are milliseconds since 1970-01-01 UTC.  All three countries have
 * Central European Time, with summer time by the rule of the EU since 1996
 * (directive 2000/84/EC): from 01:00 UTC on the last Sunday of March to
 * 01:00 UTC on the last Sunday of October.
 */
#ifndef KASK_CALENDAR_H
#define KASK_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    CALENDAR_NONE = 0, // no country that we know: weekends count, nothing else
    CALENDAR_DK = 1,
    CALENDAR_NO = 2,
    CALENDAR_SE = 4
} calendar_country_t;

typedef struct {
    int year;
    int month; // from 1
    int day;   // from 1
} calendar_date_t;

// Days on which a partner is closed, both included.
typedef struct {
    int32_t first_day;
    int32_t last_day;
    bool by_operator; // not by the partner itself
} calendar_closing_t;

enum { CALENDAR_CLOSINGS = 40 };

// The working days of a partner: those of its country but its own closing days.
typedef struct {
    calendar_country_t country;
    size_t n_closings;
    calendar_closing_t closings[CALENDAR_CLOSINGS]; // in any order
} calendar_t;

// Of "DK", "NO", "SE".
calendar_country_t calendar_country_find (const char *code);

int32_t calendar_day_of (calendar_date_t date);
calendar_date_t calendar_date_of (int32_t day);
// Of "2026-04-13" and no other form; false, and *day_p is untouched, if there is no such day.
bool calendar_day_read (const char *text, int32_t *day_p);
// In that form.
enum { CALENDAR_DAY_BYTES = 16 };
void calendar_day_write (int32_t day, char text[CALENDAR_DAY_BYTES]);
// Easter Sunday of a year of the Gregorian calendar.
int32_t calendar_easter (int year);

// The local day that it is at `at_ms`, and the first instant of a local day.
int32_t calendar_local_day (int64_t at_ms);
int64_t calendar_day_start (int32_t day);

bool calendar_is_working_day (const calendar_t *calendar, int32_t day);

// When a deadline of `days` working days has passed that began at `from_ms`: the
// first instant after 24:00 local time of the last of them.  Day one is the
// working day after the day of `from_ms`.
int64_t calendar_due_at (const calendar_t *calendar, int64_t from_ms, int days);

#endif
