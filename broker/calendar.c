/*
 * calendar - working days and local time of Denmark, Norway and Sweden.
 *
 * Dates are counted in years that begin in March, so that the leap day is
 * a year's last (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
 * Easter by the rule of Meeus, Jones and Butcher.
 */
#include "calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DK = CALENDAR_DK, NO = CALENDAR_NO, SE = CALENDAR_SE };

enum { SUNDAY, MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, WEEK };

enum { MS_PER_HOUR = 3600000, MS_PER_DAY = 86400000, DAYS_IN_400_YEARS = 146097 };

typedef enum { RULE_FIXED, RULE_EASTER, RULE_WEEKDAY } rule_kind_t;

typedef struct {
    rule_kind_t kind;
    int countries;
    int month;
    int day;     // EASTER: days after Easter Sunday
    int weekday; // WEEKDAY
    int last_year;
} rule_t;

static const rule_t rules[] = {
#define FIXED(countries, month, day) {RULE_FIXED, countries, month, day, 0, 9999},
#define EASTER(countries, days, last_year) {RULE_EASTER, countries, 0, days, 0, last_year},
#define WEEKDAY(countries, weekday, month, day)                                                    \
    {RULE_WEEKDAY, countries, month, day, weekday, 9999},
#include "calendar.def"
};

enum { N_RULES = sizeof rules / sizeof rules[0] };

calendar_country_t
calendar_country_find (const char *code)
{
    if (strcmp (code, "DK") == 0)
        return CALENDAR_DK;
    if (strcmp (code, "NO") == 0)
        return CALENDAR_NO;
    return strcmp (code, "SE") == 0 ? CALENDAR_SE : CALENDAR_NONE;
}

// ---------------------------------------------------------------- dates

// Quotient rounded down, for days before 1970 too.
static int64_t
floor_div (int64_t a, int64_t b)
{
    int64_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}

int32_t
calendar_day_of (calendar_date_t date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = floor_div (year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int32_t) (era * DAYS_IN_400_YEARS + day_of_era - 719468);
}

calendar_date_t
calendar_date_of (int32_t day)
{
    int64_t shifted = (int64_t) day + 719468;
    int64_t era = floor_div (shifted, DAYS_IN_400_YEARS);
    int day_of_era = (int) (shifted - era * DAYS_IN_400_YEARS);
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted_month = (5 * day_of_year + 2) / 153;
    int month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    return (calendar_date_t){.year = year_of_era + (int) era * 400 + (month <= 2),
                             .month = month,
                             .day = day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

// `text` holds that many digits.
static int
number_of (const char *text, int digits)
{
    int number = 0;
    for (int i = 0; i < digits; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

bool
calendar_day_read (const char *text, int32_t *day_p)
{
    static const char form[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof form; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    calendar_date_t date = {number_of (text, 4), number_of (text + 5, 2), number_of (text + 8, 2)};
    if (date.month < 1 || date.month > 12 || date.day < 1)
        return false;
    int32_t day = calendar_day_of (date);
    if (calendar_date_of (day).day != date.day)
        return false;
    *day_p = day;
    return true;
}

void
calendar_day_write (int32_t day, char text[CALENDAR_DAY_BYTES])
{
    calendar_date_t date = calendar_date_of (day);
    snprintf (text, CALENDAR_DAY_BYTES, "%04d-%02d-%02d", date.year % 10000, date.month, date.day);
}

static int
weekday_of (int32_t day)
{
    return (int) (((int64_t) day % WEEK + WEEK + THURSDAY) % WEEK); // 1970-01-01 was a Thursday
}

int32_t
calendar_easter (int year)
{
    int golden = year % 19;
    int century = year / 100;
    int moon =
        (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    int sunday = (32 + 2 * (century % 4) + 2 * (year % 100 / 4) - moon - year % 4) % WEEK;
    int late = (golden + 11 * moon + 22 * sunday) / 451;
    int from_march = moon + sunday - 7 * late + 114;
    return calendar_day_of ((calendar_date_t){year, from_march / 31, from_march % 31 + 1});
}

static int32_t
weekday_from (int32_t day, int weekday)
{
    return day + (weekday - weekday_of (day) + WEEK) % WEEK;
}

// ---------------------------------------------------------------- local time

static int64_t
last_sunday_01_utc (int year, int month)
{
    int32_t last = calendar_day_of ((calendar_date_t){year, month, 31});
    return (int64_t) (last - weekday_of (last)) * MS_PER_DAY + MS_PER_HOUR;
}

static int64_t
offset_ms (int64_t at_ms)
{
    int year = calendar_date_of ((int32_t) floor_div (at_ms, MS_PER_DAY)).year;
    bool summer = at_ms >= last_sunday_01_utc (year, 3) && at_ms < last_sunday_01_utc (year, 10);
    return summer ? 2 * MS_PER_HOUR : MS_PER_HOUR;
}

int32_t
calendar_local_day (int64_t at_ms)
{
    return (int32_t) floor_div (at_ms + offset_ms (at_ms), MS_PER_DAY);
}

int64_t
calendar_day_start (int32_t day)
{
    // The hour changes at 01:00 UTC, so two hours before midnight UTC has midnight's offset.
    int64_t midnight = (int64_t) day * MS_PER_DAY;
    return midnight - offset_ms (midnight - 2 * MS_PER_HOUR);
}

// ---------------------------------------------------------------- working days

static bool
rule_names (const rule_t *rule, int year, int32_t day)
{
    if (year > rule->last_year)
        return false;
    if (rule->kind == RULE_EASTER)
        return day == calendar_easter (year) + rule->day;
    int32_t date = calendar_day_of ((calendar_date_t){year, rule->month, rule->day});
    return day == (rule->kind == RULE_FIXED ? date : weekday_from (date, rule->weekday));
}

static bool
is_closed (const calendar_t *calendar, int32_t day)
{
    for (size_t i = 0; i < calendar->n_closings; i++)
        if (calendar->closings[i].first_day <= day && day <= calendar->closings[i].last_day)
            return true;
    return false;
}

bool
calendar_is_working_day (const calendar_t *calendar, int32_t day)
{
    int weekday = weekday_of (day);
    if (weekday == SATURDAY || weekday == SUNDAY || is_closed (calendar, day))
        return false;
    int year = calendar_date_of (day).year;
    for (size_t i = 0; i < N_RULES; i++)
        if ((rules[i].countries & (int) calendar->country) && rule_names (&rules[i], year, day))
            return false;
    return true;
}

static int64_t
count_days (const calendar_t *calendar, int32_t day, int days)
{
    for (int counted = 0; counted < days;)
        counted += calendar_is_working_day (calendar, ++day);
    return calendar_day_start (day + 1);
}

// What begins on one day ends on one day, so a day's thousand referrals are counted once.
static int64_t
remember_days (const calendar_t *calendar, int32_t day, int days)
{
    static struct {
        calendar_country_t country;
        int32_t day;
        int days; // 0: nothing is remembered here
        int64_t due_at;
    } known[32];
    calendar_country_t country = calendar->country;
    size_t place = ((size_t) country * 7 + (size_t) days) % (sizeof known / sizeof known[0]);
    if (known[place].days != days || known[place].country != country || known[place].day != day) {
        known[place].country = country;
        known[place].day = day;
        known[place].days = days;
        known[place].due_at = count_days (calendar, day, days);
    }
    return known[place].due_at;
}

int64_t
calendar_due_at (const calendar_t *calendar, int64_t from_ms, int days)
{
    int32_t day = calendar_local_day (from_ms);
    if (calendar->n_closings || days <= 0)
        return count_days (calendar, day, days);
    return remember_days (calendar, day, days);
}
