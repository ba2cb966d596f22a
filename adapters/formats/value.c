/*
 * value - numbers and dates as people write them, into one plain form.
 *
 * Strict on purpose: what is not certainly a number in the stated style is
 * refused, so that a person looks at it, and not guessed by a factor 1000.
 */
#include "formats/value.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name;
    const char *thousands; // besides spaces
    bool spaces;           // a space of any kind groups too
    char decimal;
} style_t;

static const style_t styles[] = {
    {"da", ".", true, ','}, {"de", ".", true, ','}, {"no", ".", true, ','},
    {"sv", "", true, ','},  {"en", ",", true, '.'}, {"iso", "", false, '.'},
};

static const style_t *
style_find (const char *name)
{
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++)
        if (strcmp (styles[i].name, name) == 0)
            return &styles[i];
    return NULL;
}

bool
value_has_style (const char *style)
{
    return style_find (style) != NULL;
}

static bool
is_digit (char c)
{
    return c >= '0' && c <= '9';
}

// Length of the space of any kind at `text`: plain, no-break, narrow, thin.
static size_t
space_at (const char *text)
{
    static const char *const spaces[] = {" ", "\t", "\u00A0", "\u202F", "\u2009"};
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
        if (strncmp (text, spaces[i], strlen (spaces[i])) == 0)
            return strlen (spaces[i]);
    return 0;
}

static const char *
skip_spaces (const char *text)
{
    for (size_t n; (n = space_at (text)) > 0;)
        text += n;
    return text;
}

// Length of the group separator at `text`, its kind (a character) in *kind_p.
static size_t
separator_at (const char *text, const style_t *style, char *kind_p)
{
    size_t length = style->spaces ? space_at (text) : 0;
    *kind_p = ' ';
    if (length == 0 && *text && strchr (style->thousands, *text)) {
        *kind_p = *text;
        length = 1;
    }
    return length;
}

typedef struct {
    char *at;  // next byte to write
    char *end; // where the zero byte must fit
} writer_t;

static writer_t
writer_to (char out[VALUE_BYTES])
{
    writer_t self;
    self.at = out;
    self.end = out + VALUE_BYTES - 1;
    return self;
}

static bool
put (writer_t *self, char c)
{
    if (self->at >= self->end)
        return false;
    *self->at++ = c;
    return true;
}

// The whole part: digits, or groups of three with one kind of separator.
static const char *
read_whole (const char *text, const style_t *style, writer_t *out)
{
    size_t run = 0;
    char grouped_by = '\0';
    while (*text) {
        char kind;
        size_t separator = separator_at (text, style, &kind);
        if (is_digit (*text)) {
            if (!put (out, *text++) || ++run > (grouped_by ? 3 : VALUE_BYTES))
                return NULL;
        } else if (separator && is_digit (text[separator])) {
            bool fits = grouped_by ? run == 3 && kind == grouped_by : run >= 1 && run <= 3;
            if (!fits)
                return NULL;
            grouped_by = kind;
            run = 0;
            text += separator;
        } else
            break;
    }
    return run == 0 || (grouped_by && run != 3) ? NULL : text;
}

static const char *
read_number (const char *text, const style_t *style, char out[VALUE_BYTES])
{
    writer_t writer = writer_to (out);
    text = skip_spaces (text);
    size_t minus = *text == '-' ? 1 : strncmp (text, "\u2212", 3) == 0 ? 3 : 0;
    if (minus)
        put (&writer, '-');
    text += *text == '+' ? 1 : minus;
    text = read_whole (text, style, &writer);
    if (text && *text == style->decimal) {
        if (!put (&writer, '.') || !is_digit (*++text))
            return NULL;
        while (is_digit (*text))
            if (!put (&writer, *text++))
                return NULL;
    }
    *writer.at = '\0';
    return text ? skip_spaces (text) : NULL;
}

bool
value_decimal (const char *text, const char *style, char out[VALUE_BYTES])
{
    const style_t *found = style_find (style);
    const char *rest = found ? read_number (text, found, out) : NULL;
    return rest && !*rest;
}

bool
value_percent (const char *text, const char *style, char out[VALUE_BYTES])
{
    const style_t *found = style_find (style);
    const char *rest = found ? read_number (text, found, out) : NULL;
    return rest && *rest == '%' && !*skip_spaces (rest + 1);
}

bool
value_integer (const char *text, const char *style, char out[VALUE_BYTES])
{
    return value_decimal (text, style, out) && !strchr (out, '.');
}

// ---- dates

typedef struct {
    int year, month, day, hour, minute, second; // -1: not in the pattern
} date_t;

typedef struct {
    const char *token;
    int min_digits, max_digits;
    size_t offset; // of the member of date_t
} date_token_t;

// Longest first: they are tried in this order.
static const date_token_t date_tokens[] = {
    {"yyyy", 4, 4, offsetof (date_t, year)}, {"yy", 2, 2, offsetof (date_t, year)},
    {"mm", 2, 2, offsetof (date_t, month)},  {"m", 1, 2, offsetof (date_t, month)},
    {"dd", 2, 2, offsetof (date_t, day)},    {"d", 1, 2, offsetof (date_t, day)},
    {"HH", 2, 2, offsetof (date_t, hour)},   {"MM", 2, 2, offsetof (date_t, minute)},
    {"SS", 2, 2, offsetof (date_t, second)},
};

static const date_token_t *
date_token_at (const char *pattern)
{
    for (size_t i = 0; i < sizeof date_tokens / sizeof date_tokens[0]; i++)
        if (strncmp (pattern, date_tokens[i].token, strlen (date_tokens[i].token)) == 0)
            return &date_tokens[i];
    return NULL;
}

static int *
date_member (date_t *date, const date_token_t *token)
{
    return (int *) (void *) ((char *) date + token->offset);
}

bool
value_is_pattern (const char *pattern)
{
    date_t seen = {0};
    for (const char *at = pattern; *at;) {
        const date_token_t *token = date_token_at (at);
        if (token)
            (*date_member (&seen, token))++;
        at += token ? strlen (token->token) : 1;
    }
    return seen.year == 1 && seen.month == 1 && seen.day == 1 && seen.hour == seen.minute &&
           seen.hour <= 1 && seen.second <= seen.minute;
}

static const char *
read_digits (const char *text, const date_token_t *token, date_t *date)
{
    int value = 0;
    int digits = 0;
    for (; digits < token->max_digits && is_digit (*text); digits++)
        value = value * 10 + (*text++ - '0');
    if (digits < token->min_digits)
        return NULL;
    if (strcmp (token->token, "yy") == 0)
        value += value < 70 ? 2000 : 1900;
    *date_member (date, token) = value;
    return text;
}

static const char *
date_scan (const char *text, const char *pattern, date_t *date)
{
    while (text && *pattern) {
        const date_token_t *token = date_token_at (pattern);
        if (token) {
            text = read_digits (text, token, date);
            pattern += strlen (token->token);
        } else
            text = *text == *pattern++ ? text + 1 : NULL;
    }
    return text;
}

static bool
date_exists (const date_t *date)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (date->year < 1000 || date->month < 1 || date->month > 12 || date->day < 1)
        return false;
    bool leap = (date->year % 4 == 0 && date->year % 100 != 0) || date->year % 400 == 0;
    int last = days[date->month - 1] + (leap && date->month == 2);
    return date->day <= last && date->hour < 24 && date->minute < 60 && date->second < 60;
}

bool
value_date (const char *text, const char *pattern, char out[VALUE_BYTES])
{
    date_t date = {-1, -1, -1, -1, -1, -1};
    const char *rest = date_scan (skip_spaces (text), pattern, &date);
    if (!rest || *skip_spaces (rest) || !date_exists (&date))
        return false;
    int used = snprintf (out, VALUE_BYTES, "%04d-%02d-%02d", date.year, date.month, date.day);
    if (date.hour >= 0)
        snprintf (out + used, VALUE_BYTES - (size_t) used, "T%02d:%02d:%02d", date.hour,
                  date.minute, date.second < 0 ? 0 : date.second);
    return true;
}

bool
value_is_damaged (const char *text)
{
    text = skip_spaces (text);
    if (*text == '#')
        return true;
    const char *at = text;
    while (is_digit (*at))
        at++;
    if (at == text)
        return false;
    if ((*at == ',' || *at == '.') && is_digit (at[1]))
        for (at++; is_digit (*at);)
            at++;
    // "123E4" may be an identifier; a spreadsheet writes the sign
    return (*at == 'E' || *at == 'e') && (at[1] == '+' || at[1] == '-') && is_digit (at[2]);
}

// ---- and back

bool
value_write_decimal (const char *plain, const char *style, bool grouping, char out[VALUE_BYTES])
{
    const style_t *found = style_find (style);
    char checked[VALUE_BYTES] = "";
    if (!found || !value_decimal (plain, "iso", checked))
        return false;
    writer_t writer = writer_to (out);
    const char *at = checked;
    if (*at == '-')
        put (&writer, *at++);
    size_t whole = strcspn (at, ".");
    char separator = found->thousands[0] ? found->thousands[0] : ' ';
    bool good = true;
    for (size_t i = 0; i < whole; i++) {
        if (grouping && i > 0 && (whole - i) % 3 == 0)
            good &= put (&writer, separator);
        good &= put (&writer, at[i]);
    }
    for (at += whole; *at; at++)
        good &= put (&writer, *at == '.' ? found->decimal : *at);
    *writer.at = '\0';
    return good;
}

static void
put_number (writer_t *out, const date_token_t *token, date_t *date)
{
    char digits[16];
    int value = *date_member (date, token);
    if (strcmp (token->token, "yy") == 0)
        value %= 100;
    snprintf (digits, sizeof digits, "%0*d", token->min_digits, value < 0 ? 0 : value);
    for (const char *digit = digits; *digit; digit++)
        put (out, *digit);
}

bool
value_write_date (const char *plain, const char *pattern, char out[VALUE_BYTES])
{
    date_t date = {-1, -1, -1, -1, -1, -1};
    const char *rest = date_scan (plain, "yyyy-mm-dd", &date);
    if (rest && *rest == 'T')
        rest = date_scan (rest, "THH:MM:SS", &date);
    if (!rest || *rest || !date_exists (&date) || strlen (pattern) >= VALUE_BYTES / 2)
        return false;
    writer_t writer = writer_to (out);
    while (*pattern) {
        const date_token_t *token = date_token_at (pattern);
        if (token)
            put_number (&writer, token, &date);
        else
            put (&writer, *pattern);
        pattern += token ? strlen (token->token) : 1;
    }
    *writer.at = '\0';
    return true;
}
