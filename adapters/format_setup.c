/*
 * format_setup - a format and its options, out of the adapter's settings.
 *
 * A value that begins with [ or { is JSON, yes and no are flags, digits a
 * count, anything else a text in which \t, \n and \r stand for themselves.  A
 * long table, as of columns, stands in a JSON file that the key `options` names; what
 * the section says beside it comes on top.
 */
#include "format_setup.h"

#include "formats/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS_BYTES = 1024 * 1024 };

const setting_t format_setup_settings[] = {
    {"format", "type", SETTING_TEXT, "",
     "csv, json, turtle or xml; else what the section's name says"},
    {"format", "options", SETTING_PATH, "", "a JSON file with options, as a table of columns"},
    {"format", "*", SETTING_TEXT, "", "an option of that format, see FORMATS.md"},
    {NULL, NULL, SETTING_TEXT, NULL, NULL},
};

static const char *const types[] = {"csv", "json", "turtle", "xml"};

static const char *
type_find (const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp (types[i], name) == 0)
            return types[i];
    return NULL;
}

// ---- values

static jv
unescaped (const char *text)
{
    static const char names[] = "tnr", signs[] = "\t\n\r";
    format_buffer_t out = {0};
    format_buffer_puts (&out, "");
    for (; *text; text++) {
        const char *name = *text == '\\' && text[1] ? strchr (names, text[1]) : NULL;
        format_buffer_put (&out, name ? &signs[name - names] : text, 1);
        text += name != NULL;
    }
    jv value = jv_string_sized (out.bytes, (int) out.size);
    format_buffer_clear (&out);
    return value;
}

static jv
option_value (const char *text, problem_t *problem)
{
    if (*text == '[' || *text == '{')
        return format_json_parse (text, strlen (text), problem);
    if (strcmp (text, "yes") == 0 || strcmp (text, "no") == 0)
        return jv_bool (*text == 'y');
    if (*text && strlen (text) < 10 && text[strspn (text, "0123456789")] == '\0')
        return jv_number ((double) strtoul (text, NULL, 10));
    return unescaped (text);
}

// ---- the file

static char *
file_load (const char *path, size_t *size_p)
{
    FILE *file = fopen (path, "rbe");
    char *text = file ? malloc (MAX_OPTIONS_BYTES + 1) : NULL;
    if (text)
        *size_p = fread (text, 1, MAX_OPTIONS_BYTES + 1, file);
    if (file)
        fclose (file);
    return text;
}

static jv
options_load (const char *path, problem_t *problem)
{
    size_t size = 0;
    char *text = file_load (path, &size);
    jv options = jv_invalid ();
    if (!text)
        problem_set (problem, PROBLEM_SETUP, "options", "correct the path", "%s cannot be read",
                     path);
    else if (size > MAX_OPTIONS_BYTES)
        problem_set (problem, PROBLEM_SETUP, "options", "shorten it", "%s is larger than 1 MiB",
                     path);
    else
        options = format_json_parse (text, size, problem);
    free (text);
    if (jv_is_valid (options) && jv_get_kind (options) != JV_KIND_OBJECT) {
        jv_free (options);
        options = jv_invalid ();
        problem_set (problem, PROBLEM_SETUP, "options", "correct the file", "not an object");
    }
    return options;
}

// ---- the section

static bool
add_keys (jv *options, const settings_t *settings, const char *section, problem_t *problem)
{
    const char *key;
    for (size_t i = 0; (key = settings_key (settings, section, i)); i++) {
        if (strcmp (key, "type") == 0 || strcmp (key, "options") == 0)
            continue;
        jv value = option_value (settings_text (settings, section, key), problem);
        if (!jv_is_valid (value)) {
            jv_free (value);
            return false;
        }
        *options = jv_object_set (*options, jv_string (key), value);
    }
    return true;
}

static bool
section_read (format_setup_t *self, const settings_t *settings, const char *section,
              problem_t *problem)
{
    const char *path = settings_text (settings, section, "options");
    const char *type = settings_text (settings, section, "type");
    if (*type)
        self->type = type;
    jv options = *path ? options_load (path, problem) : jv_object ();
    if (!jv_is_valid (options) || !add_keys (&options, settings, section, problem)) {
        jv_free (options);
        return false;
    }
    jv_free (self->options);
    self->options = options;
    return true;
}

static bool
has_section (const settings_t *settings, const char *section)
{
    const char *found;
    for (size_t i = 0; (found = settings_section (settings, "format", i)); i++)
        if (strcmp (found, section) == 0)
            return true;
    return false;
}

bool
format_setup (format_setup_t *self, const settings_t *settings, const char *name,
              problem_t *problem)
{
    char section[200];
    const char *type = type_find (name);
    snprintf (section, sizeof section, "format %s", name);
    bool has = has_section (settings, section);
    *self = (format_setup_t){.type = type ? type : has ? "csv" : name, .options = jv_object ()};
    bool good = (!has || section_read (self, settings, section, problem)) &&
                format_check (self->type, self->options, problem);
    if (good)
        return true;
    problem->scope = PROBLEM_SETUP;
    problem_at (problem, section, 0, NULL);
    format_setup_clear (self);
    return false;
}

void
format_setup_clear (format_setup_t *self)
{
    jv_free (self->options);
    self->options = jv_null ();
}
