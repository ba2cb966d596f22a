/*
 * settings - a configuration file, read by a table of keys.
 *
 * The file is read whole and taken apart line by line.  Every value is looked
 * up in the table and tried against its type at once, so that afterwards
 * asking cannot fail.  What was written is kept as a list of entries in the
 * file's order; a default stays in the table until somebody asks.
 */
#include "settings.h"
#include "quantity.h"
#include "utf8.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 1 << 20 }; // most of a configuration file

// A value that was written.
typedef struct {
    size_t section; // index of the section that it stands in
    const setting_t *row;
    char *name;
    char *text;
    size_t line;
} entry_t;

typedef struct {
    char *name; // "" or "kind name"
    size_t line;
} section_t;

// A default path, made whole when it was first asked for.
struct settings_s {
    const setting_t *table;
    char *path;
    size_t folder_bytes; // of path, up to and with its last slash
    entry_t *entries;
    size_t n_entries;
    section_t *sections; // the first is the top
    size_t n_sections;
    char **defaults; // of paths, one a row of the table, else NULL
};

typedef struct {
    settings_t *settings;
    char *problem;
    size_t line;
} reader_t;

static void *
must (void *memory)
{
    if (!memory)
        abort ();
    return memory;
}

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

// ---------------------------------------------------------------- the table

static bool
is_kind (const char *section, const char *kind)
{
    size_t n = strlen (kind);
    return strncmp (section, kind, n) == 0 && (!section[n] || (n > 0 && section[n] == ' '));
}

static const setting_t *
find_row (const setting_t *table, const char *section, const char *name)
{
    const setting_t *any = NULL;
    for (const setting_t *row = table; row->name; row++) {
        if (!is_kind (section, row->section))
            continue;
        if (strcmp (row->name, name) == 0)
            return row;
        if (strcmp (row->name, "*") == 0)
            any = row;
    }
    return any;
}

static bool
has_kind (const setting_t *table, const char *section)
{
    for (const setting_t *row = table; row->name; row++)
        if (is_kind (section, row->section))
            return true;
    return false;
}

static bool
is_number_type (setting_type_t type)
{
    return type == SETTING_COUNT || type == SETTING_BYTES || type == SETTING_DURATION;
}

static bool
number_of (setting_type_t type, const char *text, int64_t *number_p)
{
    switch (type) {
    case SETTING_COUNT: return quantity_count (text, number_p);
    case SETTING_BYTES: return quantity_bytes (text, number_p);
    default: return quantity_duration (text, number_p);
    }
}

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

// ---------------------------------------------------------------- reading

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

static char *
whole_path (const settings_t *self, const char *text)
{
    size_t folder = *text && *text != '/' ? self->folder_bytes : 0;
    char *path = must (malloc (folder + strlen (text) + 1));
    memcpy (path, self->path, folder);
    strcpy (path + folder, text);
    return path;
}

static entry_t *
find_entry (const settings_t *self, size_t section, const char *name)
{
    for (size_t i = 0; i < self->n_entries; i++)
        if (self->entries[i].section == section && strcmp (self->entries[i].name, name) == 0)
            return &self->entries[i];
    return NULL;
}

static void
add_entry (reader_t *self, const setting_t *row, const char *name, const char *text)
{
    settings_t *settings = self->settings;
    settings->entries =
        must (realloc (settings->entries, (settings->n_entries + 1) * sizeof *settings->entries));
    settings->entries[settings->n_entries++] = (entry_t){
        .section = settings->n_sections - 1,
        .row = row,
        .name = must (strdup (name)),
        .text = row->type == SETTING_PATH ? whole_path (settings, text) : must (strdup (text)),
        .line = self->line,
    };
}

static void
add_section (reader_t *self, const char *name)
{
    settings_t *settings = self->settings;
    settings->sections = must (
        realloc (settings->sections, (settings->n_sections + 1) * sizeof *settings->sections));
    settings->sections[settings->n_sections++] =
        (section_t){.name = must (strdup (name)), .line = self->line};
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
    const setting_t *row = find_row (self->settings->table, section, name);
    if (!row || strcmp (name, "*") == 0)
        return fail (self,
                     "no key \"%s\" is known %s%s%s; nothing was read; "
                     "--help-config lists the keys",
                     name, *section ? "in [" : "at the top", section, *section ? "]" : "");
    const entry_t *earlier = find_entry (self->settings, self->settings->n_sections - 1, name);
    if (earlier && row->type != SETTING_LIST)
        return fail (self,
                     "%s is given twice, first in line %zu; nothing was read; "
                     "take one of them out",
                     name, earlier->line);
    const char *must_be = what_it_must_be (row->type, text);
    if (must_be)
        return fail (self, "%s must be %s; nothing was read; change \"%.60s\"", name, must_be,
                     text);
    add_entry (self, row, name, text);
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
    if (!*name || !has_kind (self->settings->table, name))
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
    add_section (self, name);
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

static bool
has_what_it_needs (reader_t *self)
{
    settings_t *settings = self->settings;
    for (size_t i = 0; i < settings->n_sections; i++)
        for (const setting_t *row = settings->table; row->name; row++) {
            const section_t *section = &settings->sections[i];
            if (row->value || strcmp (row->name, "*") == 0 ||
                !is_kind (section->name, row->section))
                continue;
            const entry_t *entry = find_entry (settings, i, row->name);
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
    char *text = must (malloc (FILE_BYTES + 2));
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

static settings_t *
settings_new (const char *path, const setting_t *table)
{
    settings_t *self = must (calloc (1, sizeof *self));
    size_t n_rows = 0;
    while (table[n_rows].name)
        n_rows++;
    self->table = table;
    self->path = must (strdup (path));
    const char *slash = strrchr (path, '/');
    self->folder_bytes = slash ? (size_t) (slash - path) + 1 : 0;
    self->defaults = must (calloc (n_rows + 1, sizeof *self->defaults));
    for (size_t i = 0; i < n_rows; i++)
        if (table[i].type == SETTING_PATH && table[i].value)
            self->defaults[i] = whole_path (self, table[i].value);
    return self;
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
    add_section (&reader, "");
    self->sections[0].line = 1;
    bool good = size <= FILE_BYTES
                    ? read_lines (&reader, text, size)
                    : fail (&reader, "the file is larger than 1 MiB; nothing was read; "
                                     "is it a configuration?");
    free (text);
    if (!good)
        settings_destroy (&self);
    return self;
}

void
settings_destroy (settings_t **self_p)
{
    settings_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->n_entries; i++) {
        free (self->entries[i].name);
        free (self->entries[i].text);
    }
    for (size_t i = 0; i < self->n_sections; i++)
        free (self->sections[i].name);
    for (size_t i = 0; self->table[i].name; i++)
        free (self->defaults[i]);
    free (self->entries);
    free (self->sections);
    free (self->defaults);
    free (self->path);
    free (self);
    *self_p = NULL;
}

// ---------------------------------------------------------------- asking

static const entry_t *
find_written (const settings_t *self, const char *section, const char *name)
{
    for (size_t i = 0; i < self->n_sections; i++)
        if (strcmp (self->sections[i].name, section) == 0)
            return find_entry (self, i, name);
    return NULL;
}

static const setting_t *
require_row (const settings_t *self, const char *section, const char *name)
{
    const setting_t *row = find_row (self->table, section, name);
    assert (row);
    return row;
}

// As written or by default; "" for what must be given in a section that is
// not there.
static const char *
value_of (const settings_t *self, const char *section, const char *name, const setting_t *row)
{
    const entry_t *entry = find_written (self, section, name);
    if (entry)
        return entry->text;
    const char *path = self->defaults[row - self->table];
    return path ? path : row->value ? row->value : "";
}

const char *
settings_text (const settings_t *self, const char *section, const char *name)
{
    const setting_t *row = require_row (self, section, name);
    assert (row->type == SETTING_TEXT || row->type == SETTING_PATH);
    return value_of (self, section, name, row);
}

bool
settings_flag (const settings_t *self, const char *section, const char *name)
{
    const setting_t *row = require_row (self, section, name);
    assert (row->type == SETTING_FLAG);
    return strcmp (value_of (self, section, name, row), "yes") == 0;
}

int64_t
settings_number (const settings_t *self, const char *section, const char *name)
{
    const setting_t *row = require_row (self, section, name);
    assert (is_number_type (row->type));
    const char *text = value_of (self, section, name, row);
    int64_t number = 0;
    bool good = !*text || number_of (row->type, text, &number);
    assert (good);
    return number;
}

const char *
settings_list (const settings_t *self, const char *section, const char *name, size_t i)
{
    const setting_t *row = require_row (self, section, name);
    assert (row->type == SETTING_LIST);
    if (!find_written (self, section, name))
        return i == 0 && row->value && *row->value ? row->value : NULL;
    for (size_t k = 0; k < self->n_entries; k++) {
        const entry_t *entry = &self->entries[k];
        if (strcmp (self->sections[entry->section].name, section) == 0 &&
            strcmp (entry->name, name) == 0 && i-- == 0)
            return entry->text;
    }
    return NULL;
}

const char *
settings_section (const settings_t *self, const char *kind, size_t i)
{
    for (size_t k = 1; k < self->n_sections; k++)
        if (is_kind (self->sections[k].name, kind) && i-- == 0)
            return self->sections[k].name;
    return NULL;
}

const char *
settings_key (const settings_t *self, const char *section, size_t i)
{
    for (size_t k = 0; k < self->n_entries; k++) {
        const entry_t *entry = &self->entries[k];
        if (strcmp (entry->row->name, "*") == 0 &&
            strcmp (self->sections[entry->section].name, section) == 0 && i-- == 0)
            return entry->name;
    }
    return NULL;
}
