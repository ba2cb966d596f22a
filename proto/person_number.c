/*
 * person_number - does a text hold a national identity number of a person?
 *
 * A number is a run of digits, perhaps with one mark (hyphen, dash, plus or
 * space) before its last four or five.  At each run that may begin one, the
 * written forms are tried by a table; the longest comes first, so that the end
 * of a longer number is never taken for a shorter one.
 */
#include "person_number.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 12 }; // digits

// What was written at one place of the text.
typedef struct {
    char digits[LONGEST + 1];
    size_t front; // digits before the mark
    size_t back;  // digits behind it, 0 without a mark
    char mark;    // '-', '+', ' '; 0 for none
    bool after_letter;
    bool after_se;     // as in SE556016068001
    bool is_telephone; // behind a plus, or a word such as tlf
} written_t;

static bool
is_letter (char byte)
{
    char lower = (char) (byte | 0x20);
    return lower >= 'a' && lower <= 'z';
}

// Bytes of a mark, and which it is.
static size_t
mark_at (const char *text, char *mark_p)
{
    static const struct {
        const char *bytes;
        char mark;
    } marks[] = {
        {"-", '-'},
        {"+", '+'},
        {" ", ' '},
        {"\xc2\xa0", ' '},
        {"\xe2\x80\x90", '-'},
        {"\xe2\x80\x91", '-'},
        {"\xe2\x80\x93", '-'},
        {"\xe2\x88\x92", '-'},
        {"\xe2\x80\xaf", ' '},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strncmp (text, marks[i].bytes, strlen (marks[i].bytes)) == 0) {
            *mark_p = marks[i].mark;
            return strlen (marks[i].bytes);
        }
    return 0;
}

static size_t
run_of_digits (const char *text)
{
    return strspn (text, "0123456789");
}

static int
number (const char *digits, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

// A year of two digits: every fourth is a leap year in one century at least.
static bool
is_date (int day, int month, int year)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    return !(month == 2 && day == 29) || year % 4 == 0;
}

static int
weighted_sum (const char *digits, const char *weights)
{
    int sum = 0;
    for (size_t i = 0; weights[i]; i++)
        sum += (digits[i] - '0') * (weights[i] - '0');
    return sum;
}

static bool
is_danish (const written_t *self)
{
    const char *digits = self->digits;
    bool run = self->front == 10 && self->back == 0;
    if (!run && !(self->front == 6 && self->back == 4 && self->mark != '+'))
        return false;
    if (!is_date (number (digits, 2), number (digits + 2, 2), number (digits + 4, 2)))
        return false;
    return self->mark == '-' || weighted_sum (digits, "4327654321") % 11 == 0;
}

static bool
is_norwegian (const written_t *self)
{
    const char *digits = self->digits;
    bool run = self->front == 11 && self->back == 0;
    if (!run && !(self->front == 6 && self->back == 5 && self->mark != '+'))
        return false;
    int day = number (digits, 2), month = number (digits + 2, 2);
    day -= day > 40 ? 40 : 0;
    month -= month > 40 ? 40 : 0;
    return is_date (day, month, number (digits + 4, 2)) &&
           weighted_sum (digits, "3761894521") % 11 == 0 &&
           weighted_sum (digits, "54327654321") % 11 == 0;
}

static bool
luhn_holds (const char *digits)
{
    int sum = 0;
    for (size_t i = 0; i < 10; i++) {
        int doubled = (digits[i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += doubled / 10 + doubled % 10;
    }
    return sum % 10 == 0;
}

static bool
is_swedish (const written_t *self)
{
    size_t front = self->back ? self->front : self->front - 4;
    if ((self->back && self->back != 4) || (front != 6 && front != 8))
        return false;
    const char *digits = self->digits + (front - 6);
    if (front == 8) {
        int century = number (self->digits, 2);
        if (century < 18 || century > 20)
            return false;
    }
    int day = number (digits + 4, 2);
    day -= day > 60 ? 60 : 0;
    return is_date (day, number (digits + 2, 2), number (digits, 2)) && luhn_holds (digits);
}

// A sole trader's VAT number is SE, the person's number, and 01.
static bool
is_swedish_vat (const written_t *self)
{
    if (!self->after_se || self->front != 12 || strcmp (self->digits + 10, "01") != 0)
        return false;
    written_t person = {.front = 10};
    memcpy (person.digits, self->digits, 10);
    return is_swedish (&person);
}

// A Swedish mobile number looks like somebody born in 2007 and is met far more.
static bool
is_swedish_mobile (const written_t *self)
{
    return self->front == 10 && !self->back && strncmp (self->digits, "070", 3) == 0;
}

static person_number_t
judge_marked (const written_t *self)
{
    if (is_norwegian (self))
        return PERSON_NUMBER_NORWEGIAN;
    if (is_swedish (self))
        return PERSON_NUMBER_SWEDISH;
    return is_danish (self) ? PERSON_NUMBER_DANISH : PERSON_NUMBER_NONE;
}

static person_number_t
judge_run (const written_t *self)
{
    if (is_swedish_vat (self))
        return PERSON_NUMBER_SWEDISH;
    if (self->front < 10 || self->after_letter || self->is_telephone)
        return PERSON_NUMBER_NONE;
    if (is_swedish (self) && is_swedish_mobile (self))
        return is_danish (self) ? PERSON_NUMBER_DANISH : PERSON_NUMBER_NONE;
    return judge_marked (self);
}

// Two runs of digits with one mark between, and nothing that goes on.
static bool
read_marked (written_t *self, const char *behind)
{
    size_t skip = mark_at (behind, &self->mark);
    if (skip == 0 || (self->front != 6 && self->front != 8))
        return false;
    self->back = run_of_digits (behind + skip);
    if (self->back < 4 || self->back > 5 || self->front + self->back > LONGEST ||
        is_letter (behind[skip + self->back]))
        return false;
    memcpy (self->digits + self->front, behind + skip, self->back);
    return true;
}

// Is the word before `at` one that announces a telephone number?
static bool
follows_telephone_word (const char *text, const char *at)
{
    static const char *const words[] = {"tel",   "tlf",    "telefon", "telephone", "phone",
                                        "mobil", "mobile", "mob",     "fax",       "ring"};
    while (at > text && strchr (" .:", at[-1]))
        at--;
    const char *end = at;
    while (at > text && is_letter (at[-1]))
        at--;
    size_t n = (size_t) (end - at);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen (words[i]) == n && strncasecmp (words[i], at, n) == 0)
            return true;
    return false;
}

static written_t
written_at (const char *text, const char *at)
{
    written_t written = {
        .front = run_of_digits (at),
        .after_letter = at > text && is_letter (at[-1]),
        .after_se = at - text >= 2 && strncasecmp (at - 2, "SE", 2) == 0,
        .is_telephone = (at > text && at[-1] == '+') || follows_telephone_word (text, at),
    };
    if (written.front <= LONGEST)
        memcpy (written.digits, at, written.front);
    return written;
}

static person_number_t
judge_at (const char *text, const char *at, bool marked_only)
{
    written_t written = written_at (text, at), marked = written;
    if (written.front > LONGEST)
        return PERSON_NUMBER_NONE;
    if (read_marked (&marked, at + written.front)) {
        person_number_t found = judge_marked (&marked);
        if (found != PERSON_NUMBER_NONE)
            return found;
    }
    if (marked_only || is_letter (at[written.front]))
        return PERSON_NUMBER_NONE;
    return judge_run (&written);
}

static person_number_t
find (const char *text, bool marked_only)
{
    for (const char *at = text; *at;) {
        size_t digits = run_of_digits (at);
        person_number_t found = digits ? judge_at (text, at, marked_only) : PERSON_NUMBER_NONE;
        if (found != PERSON_NUMBER_NONE)
            return found;
        at += digits ? digits : 1;
    }
    return PERSON_NUMBER_NONE;
}

person_number_t
person_number_find (const char *text)
{
    return find (text, false);
}

person_number_t
person_number_find_in_telephone (const char *telephone)
{
    return find (telephone, true);
}
