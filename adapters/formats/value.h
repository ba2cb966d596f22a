/*
 * value - numbers, percentages, dates and identifiers as people write them
 * in Denmark, Norway, Sweden and elsewhere, into one plain form and back.
 *
 * Pure.  The plain forms are: decimal "-15414794.50", percent "45.5",
 * date "2014-04-24" or "2014-04-24T13:05:00".
 */
#ifndef KASK_FORMAT_VALUE_H
#define KASK_FORMAT_VALUE_H

#include <stdbool.h>
#include <stddef.h>

enum { VALUE_BYTES = 64 }; // longest plain form, with its zero byte

// Styles: "da", "de", "no" (1.234,5 or 1 234,5), "sv" (1 234,5),
// "en" (1,234.5), "iso" (1234.5).  Digits are grouped by three, or not at
// all: "1.5" is not a Danish number.
bool value_has_style (const char *style);
bool value_decimal (const char *text, const char *style, char out[VALUE_BYTES]);
// As decimal; the sign % is required, since 0.5 for 50% is what a spreadsheet
// makes of it.
bool value_percent (const char *text, const char *style, char out[VALUE_BYTES]);
// As decimal, without a fraction.
bool value_integer (const char *text, const char *style, char out[VALUE_BYTES]);

// A pattern is made of d dd m mm yy yyyy HH MM SS and other characters for
// themselves.  d and m take one digit or two.  yy below 70 is 20yy.
bool value_is_pattern (const char *pattern);
bool value_date (const char *text, const char *pattern, char out[VALUE_BYTES]);

// Not an identifier any more: "1,23E+09", "#####", "#REF!".
bool value_is_damaged (const char *text);

// Plain forms back into a style or pattern; false if `plain` is not plain.
bool value_write_decimal (const char *plain, const char *style, bool grouping,
                          char out[VALUE_BYTES]);
bool value_write_date (const char *plain, const char *pattern, char out[VALUE_BYTES]);

#endif
