/*
 * settings_read - a configuration file, taken apart line by line.
 *
 * The file is read whole.  Every value is looked up in the table and tried
 * against its type at once, so that afterwards asking cannot fail.
 */
#include "quantity.h"
#include "settings_store.h"
#include "utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 1 << 20 }; // most of a configuration file

typedef struct {
    settings_t *settings;
    char *problem;
    size_t line;
} reader_t;

__attribute__ ((format (printf, 2, 3))) static bool
fail (reader_t *self, const char *format, ...)
{
    int n = snprintf (self->problem, SETTINGS_PROBLEM_BYTES, "%s:%zu: ", self->settings->path,
                      self->line);
    va_list arguments;
    va_start (arguments, format);
    if (n < SETTINGS_PROBLEM_BYTES)
        vsnprintf (self->problem + n, (size_t) (SETTINGS_PROBLEM_BYTES - n), format, arguments);
    va_end (arguments);
    return false;
}

// ---------------------------------------------------------------- values

// What a value of that type must be; NULL where the text is one.
static const char *
what_it_must_be (setting_type_t type, const char *text)
{
    int64_t number;
    switch (type) {
    case SETTING_FLAG:
        return strcmp (text, "yes") == 0 || strcmp (text, "no") == 0 ? NULL : "yes or no";
    case SETTING_COUNT: return quantity_count (text, &number) ? NULL : "a whole number";
    case SETTING_BYTES:
        return quantity_bytes (text, &number) ? NULL : "a size such as 4096, 64 KiB, 5 MiB, 1 GiB";
    case SETTING_DURATION:
        return quantity_duration (text, &number) ? NULL
                                                 : "a time such as 250 ms, 10 s, 5 min, 2 h, 7 d";
    case SETTING_LIST: return *text ? NULL : "not empty";
    default: return NULL;
    }
}

static char *
trim (char *text)
{
    text += strspn (text, " \t");
    size_t n = strlen (text);
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    text[n] = '\0';
    return text;
}

// A comment begins at the line's start or behind a space.
static void
cut_comment (char *text)
{
    for (char *at = text; (at = strchr (at, '#')); at++)
        if (at == text || at[-1] == ' ' || at[-1] == '\t') {
            *at = '\0';
            return;
        }
}

// In place: `text` begins behind the opening quote.
static bool
unquote (reader_t *self, char *text)
{
    char *to = text;
    while (*text != '"') {
        if (!*text)
            return fail (self, "the value's closing quote is missing; nothing was read; add it");
        if (*text == '\\' && text[1] != '"' && text[1] != '\\')
            return fail (self, "inside quotes only \\\" and \\\\ are known; nothing was read; "
                               "write \\\\ for a backslash");
        if (*text == '\\')
            text++;
        *to++ = *text++;
    }
    char *rest = text + 1;
    cut_comment (rest);
    if (*trim (rest))
        return fail (self, "something stands behind the value's closing quote; nothing was read; "
                           "quote the whole value");
    *to = '\0';
    return true;
}

static const char *
present_section (const settings_t *self)
{
    return self->sections[self->n_sections - 1].name;
}

static bool
read_value (reader_t *self, const char *name, const char *text)
{
    const char *section = present_section (self->settings);
    const setting_t *row = settings_find_row (self->settings->table, section, name);
    if (!row || strcmp (name, "*") == 0)
        return fail (self,
                     "no key \"%s\" is known %s%s%s; nothing was read; "
                     "--help-config lists the keys",
                     name, *section ? "in [" : "at the top", section, *section ? "]" : "");
    const settings_entry_t *earlier =
        settings_find_entry (self->settings, self->settings->n_sections - 1, name);
    if (earlier && row->type != SETTING_LIST)
        return fail (self,
                     "%s is given twice, first in line %zu; nothing was read; "
                     "take one of them out",
                     name, earlier->line);
    const char *must_be = what_it_must_be (row->type, text);
    if (must_be)
        return fail (self, "%s must be %s; nothing was read; change \"%.60s\"", name, must_be,
                     text);
    settings_add_entry (self->settings, row, name, text, self->line);
    return true;
}

static bool
read_key (reader_t *self, char *line)
{
    char *equals = strchr (line, '=');
    if (!equals)
        return fail (self, "neither \"key = value\" nor \"[section]\"; nothing was read; "
                           "put # before a comment");
    *equals = '\0';
    char *name = trim (line), *value = trim (equals + 1);
    if (!*name)
        return fail (self, "no key before the =; nothing was read; write \"key = value\"");
    if (*value == '"') {
        if (!unquote (self, ++value))
            return false;
    } else {
        cut_comment (value);
        value = trim (value);
    }
    return read_value (self, name, value);
}

// ---------------------------------------------------------------- sections and lines

// "kind   name" with one space between.
static void
squeeze (char *text)
{
    char *gap = text + strcspn (text, " \t");
    if (!*gap)
        return;
    char *rest = gap + strspn (gap, " \t");
    *gap = ' ';
    memmove (gap + 1, rest, strlen (rest) + 1);
}

static bool
read_section (reader_t *self, char *line)
{
    char *end = strchr (line, ']');
    if (!end)
        return fail (self, "the section's ] is missing; nothing was read; add it");
    cut_comment (end + 1);
    if (*trim (end + 1))
        return fail (self, "something stands behind the section's ]; nothing was read; "
                           "put it on a line of its own");
    *end = '\0';
    char *name = trim (line + 1);
    squeeze (name);
    if (!*name || !settings_has_kind (self->settings->table, name))
        return fail (self,
                     "no section [%.60s] is known; nothing was read; "
                     "--help-config lists the sections",
                     name);
    for (size_t i = 1; i < self->settings->n_sections; i++)
        if (strcmp (self->settings->sections[i].name, name) == 0)
            return fail (self,
                         "section [%.60s] is given twice, first in line %zu; nothing was "
                         "read; join them",
                         name, self->settings->sections[i].line);
    settings_add_section (self->settings, name, self->line);
    return true;
}

static bool
read_line (reader_t *self, char *line)
{
    size_t n = strlen (line);
    if (n > 0 && line[n - 1] == '\r')
        line[n - 1] = '\0';
    if (!utf8_is_text ((const uint8_t *) line, strlen (line)))
        return fail (self, "not UTF-8; nothing was read; save the file as UTF-8");
    for (const char *at = line; *at; at++)
        if ((unsigned char) *at < 0x20 && *at != '\t')
            return fail (self, "a control character stands in the line; nothing was read; "
                               "take it out");
    line = trim (line);
    if (!*line || *line == '#')
        return true;
    return *line == '[' ? read_section (self, line) : read_key (self, line);
}

// ---------------------------------------------------------------- the file

static bool
has_what_it_needs (reader_t *self)
{
    settings_t *settings = self->settings;
    for (size_t i = 0; i < settings->n_sections; i++)
        for (const setting_t *row = settings->table; row->name; row++) {
            const settings_section_t *section = &settings->sections[i];
            if (row->value || strcmp (row->name, "*") == 0 ||
                !settings_is_kind (section->name, row->section))
                continue;
            const settings_entry_t *entry = settings_find_entry (settings, i, row->name);
            if (entry && *entry->text)
                continue;
            self->line = entry ? entry->line : section->line;
            return fail (self, "%s must be given %s%s%s; nothing was read; add it (%s)", row->name,
                         i ? "in [" : "at the top", section->name, i ? "]" : "", row->help);
        }
    return true;
}

static bool
read_lines (reader_t *self, char *text, size_t size)
{
    if (strlen (text) != size)
        return fail (self, "the file holds a NUL byte; nothing was read; is it a text file?");
    if (strncmp (text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (text) {
        char *end = strchr (text, '\n');
        if (end)
            *end++ = '\0';
        self->line++;
        if (!read_line (self, text))
            return false;
        text = end;
    }
    return has_what_it_needs (self);
}

// Up to FILE_BYTES and one more, with a NUL behind; NULL and errno.
static char *
read_file (const char *path, size_t *size_p)
{
    FILE *file = fopen (path, "re");
    if (!file)
        return NULL;
    char *text = malloc (FILE_BYTES + 2);
    if (!text)
        abort ();
    *size_p = fread (text, 1, FILE_BYTES + 1, file);
    text[*size_p] = '\0';
    if (ferror (file)) {
        int why = errno;
        free (text);
        text = NULL;
        errno = why;
    }
    fclose (file);
    return text;
}

settings_t *
settings_read (const char *path, const setting_t *table, char *problem)
{
    size_t size;
    char *text = read_file (path, &size);
    if (!text) {
        snprintf (problem, SETTINGS_PROBLEM_BYTES,
                  "%s: cannot be read (%s); nothing was read; check the path and who may read it",
                  path, strerror (errno));
        return NULL;
    }
    settings_t *self = settings_new (path, table);
    reader_t reader = {.settings = self, .problem = problem};
    bool good = size <= FILE_BYTES
                    ? read_lines (&reader, text, size)
                    : fail (&reader, "the file is larger than 1 MiB; nothing was read; "
                                     "is it a configuration?");
    free (text);
    if (!good)
        settings_destroy (&self);
    return self;
}
