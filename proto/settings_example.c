/*
 * settings_example - a table of settings, printed as a file to begin with.
 *
 * What has a default stands there commented out, so that the file says what
 * holds without changing it; what must be given is left to be filled in.
 */
#include "settings.h"

#include <string.h>

static const char *
type_words (setting_type_t type)
{
    static const char *const words[] = {
        [SETTING_TEXT] = "text",
        [SETTING_PATH] = "path, relative to this file's folder",
        [SETTING_FLAG] = "yes or no",
        [SETTING_COUNT] = "whole number",
        [SETTING_BYTES] = "size: 4096, 64 KiB, 5 MiB, 1 GiB",
        [SETTING_DURATION] = "time: 250 ms, 10 s, 5 min, 2 h, 7 d",
        [SETTING_LIST] = "text, may be given on several lines",
    };
    return words[type];
}

// Would the value be read back otherwise than it is?
static bool
needs_quotes (const char *text)
{
    size_t n = strlen (text);
    return n > 0 && (*text == '"' || *text == ' ' || text[n - 1] == ' ' || *text == '#' ||
                     strchr (text, '\t') || strstr (text, " #"));
}

static void
print_value (const char *text, FILE *out)
{
    if (!needs_quotes (text)) {
        fputs (text, out);
        return;
    }
    putc ('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc ('\\', out);
        putc (*text, out);
    }
    putc ('"', out);
}

static void
print_row (const setting_t *row, FILE *out)
{
    const char *name = strcmp (row->name, "*") == 0 ? "NAME" : row->name;
    fprintf (out, "\n# %s\n# (%s%s)\n", row->help, type_words (row->type),
             row->value ? "" : "; must be given");
    fprintf (out, "%s%s =%s", row->value ? "#" : "", name, row->value && *row->value ? " " : "");
    if (row->value)
        print_value (row->value, out);
    putc ('\n', out);
}

static bool
is_first_of_section (const setting_t *table, const setting_t *row)
{
    for (const setting_t *earlier = table; earlier < row; earlier++)
        if (strcmp (earlier->section, row->section) == 0)
            return false;
    return true;
}

void
settings_print_example (const setting_t *table, FILE *out)
{
    for (const setting_t *first = table; first->name; first++) {
        if (!is_first_of_section (table, first))
            continue;
        if (*first->section)
            fprintf (out, "\n[%s]\n", first->section);
        for (const setting_t *row = first; row->name; row++)
            if (strcmp (row->section, first->section) == 0)
                print_row (row, out);
    }
}
