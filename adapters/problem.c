/*
 * problem - what was wrong with an input, in words.
 *
 * Texts have fixed room, so that a problem can be copied and kept without
 * owning anything; too long ones are cut.  Masking is deliberately blunt:
 * any run of ten or more digits goes, because a log must never hold a
 * person's number and seldom needs the whole of another one.
 */
#include "problem.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MASKED_DIGITS = 10 };

static bool
is_digit (char c)
{
    return c >= '0' && c <= '9';
}

// Length of the run of digits at `text`, single - + and spaces between
// them included, and how many digits it holds.
static size_t
digit_run (const char *text, size_t *digits)
{
    size_t end = 0;
    *digits = 0;
    for (size_t i = 0; text[i]; i++) {
        if (is_digit (text[i])) {
            (*digits)++;
            end = i + 1;
        } else if (!strchr ("-+ ", text[i]) || end < i)
            break;
    }
    return end;
}

static void
mask_numbers (char *text)
{
    for (size_t i = 0; text[i];) {
        size_t digits = 0;
        size_t run = is_digit (text[i]) ? digit_run (text + i, &digits) : 1;
        for (size_t j = i; digits >= MASKED_DIGITS && j < i + run; j++)
            if (is_digit (text[j]))
                text[j] = 'x';
        i += run;
    }
}

// Copies at most size - 1 bytes, never half a character, control
// characters as spaces.
static void
copy_clean (char *to, size_t size, const char *from)
{
    size_t n = strlen (from);
    if (n > size - 1) {
        n = size - 1;
        while (n > 0 && ((unsigned char) from[n] & 0xC0) == 0x80)
            n--;
    }
    for (size_t i = 0; i < n; i++)
        to[i] = iscntrl ((unsigned char) from[i]) ? ' ' : from[i];
    to[n] = '\0';
}

void
problem_set_text (problem_t *self, problem_scope_t scope, const char *field, const char *what,
                  const char *todo)
{
    if (!self)
        return;
    memset (self, 0, sizeof *self);
    self->scope = scope;
    copy_clean (self->field, sizeof self->field, field ? field : "");
    copy_clean (self->what, sizeof self->what, what ? what : "");
    copy_clean (self->todo, sizeof self->todo, todo ? todo : "");
    mask_numbers (self->field);
    mask_numbers (self->what);
    mask_numbers (self->todo);
}

void
problem_set (problem_t *self, problem_scope_t scope, const char *field, const char *todo,
             const char *what, ...)
{
    char text[1024];
    va_list arguments;
    va_start (arguments, what);
    vsnprintf (text, sizeof text, what, arguments);
    va_end (arguments);
    problem_set_text (self, scope, field, text, todo);
}

void
problem_at (problem_t *self, const char *source, size_t line, const char *path)
{
    if (!self)
        return;
    if (source)
        copy_clean (self->source, sizeof self->source, source);
    if (line)
        self->line = line;
    if (path)
        copy_clean (self->path, sizeof self->path, path);
}

const char *
problem_line (const problem_t *self, char *buffer, size_t size)
{
    char line[32] = "";
    if (self->line)
        snprintf (line, sizeof line, "%s%zu", self->source[0] ? ":" : "line ", self->line);
    const char *place = self->source[0] || line[0] ? ": " : "";
    snprintf (buffer, size, "%s%s%s%s%s%s%s%s%s%s", self->source, line, place, self->path,
              self->path[0] ? ": " : "", self->field, self->field[0] ? ": " : "", self->what,
              self->todo[0] ? ": " : "", self->todo);
    return buffer;
}

const char *
problem_quote (const char *value, char buffer[PROBLEM_QUOTE])
{
    enum { KEPT = 60 };
    char kept[KEPT] = "";
    copy_clean (kept, sizeof kept, value);
    bool cut = strlen (kept) < strlen (value);
    mask_numbers (kept);
    snprintf (buffer, PROBLEM_QUOTE, "\"%s%s\"", kept, cut ? "..." : "");
    return buffer;
}
