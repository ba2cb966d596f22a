/*
 * options - looking things up in a format's options.
 */
#include "formats/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool
is_object (jv value)
{
    return jv_get_kind (value) == JV_KIND_OBJECT;
}

// Is every item of the array or object `value` (borrowed) of this kind?
static bool
are_all (jv value, jv_kind kind)
{
    bool good = true;
    if (is_object (value)) {
        for (int i = jv_object_iter (value); good && jv_object_iter_valid (value, i);
             i = jv_object_iter_next (value, i)) {
            jv item = jv_object_iter_value (value, i);
            good = jv_get_kind (item) == kind;
            jv_free (item);
        }
        return good;
    }
    for (int i = 0; good && i < jv_array_length (jv_copy (value)); i++) {
        jv item = jv_array_get (jv_copy (value), i);
        good = jv_get_kind (item) == kind;
        jv_free (item);
    }
    return good;
}

static bool
is_of_kind (jv value, option_kind_t kind)
{
    jv_kind got = jv_get_kind (value);
    switch (kind) {
    case OPTION_TEXT: return got == JV_KIND_STRING;
    case OPTION_FLAG: return got == JV_KIND_TRUE || got == JV_KIND_FALSE;
    case OPTION_COUNT:
        return got == JV_KIND_NUMBER && jv_number_value (value) >= 0 &&
               jv_number_value (value) <= 1e12 &&
               floor (jv_number_value (value)) == jv_number_value (value);
    case OPTION_TEXTS:
        return got == JV_KIND_STRING || (got == JV_KIND_ARRAY && are_all (value, JV_KIND_STRING));
    case OPTION_OBJECT: return got == JV_KIND_OBJECT && are_all (value, JV_KIND_STRING);
    case OPTION_TABLE: return got == JV_KIND_ARRAY && are_all (value, JV_KIND_OBJECT);
    }
    return false;
}

static const char *
kind_name (option_kind_t kind)
{
    static const char *const names[] = {
        [OPTION_TEXT] = "a text",
        [OPTION_FLAG] = "true or false",
        [OPTION_COUNT] = "a whole number",
        [OPTION_TEXTS] = "a text or a list of texts",
        [OPTION_OBJECT] = "an object of texts",
        [OPTION_TABLE] = "a list of objects",
    };
    return names[kind];
}

static void
list_names (const option_t *table, char *buffer, size_t size)
{
    size_t used = 0;
    buffer[0] = '\0';
    for (; table->name && used + strlen (table->name) + 2 < size; table++)
        used +=
            (size_t) snprintf (buffer + used, size - used, "%s%s", used ? " " : "", table->name);
}

static bool
member_check (const char *name, jv value, const option_t *table, const char *where,
              problem_t *problem)
{
    char known[200];
    for (const option_t *option = table; option->name; option++) {
        if (strcmp (option->name, name) != 0)
            continue;
        if (is_of_kind (value, option->kind))
            return true;
        problem_set (problem, PROBLEM_SETUP, name, "correct it in the configuration",
                     "%s: must be %s", where, kind_name (option->kind));
        return false;
    }
    list_names (table, known, sizeof known);
    problem_set (problem, PROBLEM_SETUP, name, "remove it from the configuration",
                 "%s: not an option; known are: %s", where, known);
    return false;
}

bool
options_check (jv options, const option_t *table, const char *where, problem_t *problem)
{
    jv_kind kind = jv_get_kind (options);
    if (kind == JV_KIND_INVALID || kind == JV_KIND_NULL)
        return true;
    if (kind != JV_KIND_OBJECT) {
        problem_set (problem, PROBLEM_SETUP, "", "correct it in the configuration",
                     "%s: must be an object", where);
        return false;
    }
    bool good = true;
    for (int i = jv_object_iter (options); good && jv_object_iter_valid (options, i);
         i = jv_object_iter_next (options, i)) {
        jv name = jv_object_iter_key (options, i);
        jv value = jv_object_iter_value (options, i);
        good = member_check (jv_string_value (name), value, table, where, problem);
        jv_free (value);
        jv_free (name);
    }
    return good;
}

jv
options_get (jv options, const char *name)
{
    if (!is_object (options))
        return jv_invalid ();
    return jv_object_get (jv_copy (options), jv_string (name));
}

int
options_length (jv options, const char *name)
{
    jv value = options_get (options, name);
    jv_kind kind = jv_get_kind (value);
    if (kind == JV_KIND_ARRAY)
        return jv_array_length (value);
    if (kind == JV_KIND_OBJECT)
        return jv_object_length (value);
    jv_free (value);
    return kind == JV_KIND_STRING;
}

jv
options_item (jv options, const char *name, int index)
{
    jv value = options_get (options, name);
    if (jv_get_kind (value) == JV_KIND_ARRAY)
        return jv_array_get (value, index);
    return value;
}

bool
options_flag (jv options, const char *name, bool otherwise)
{
    jv value = options_get (options, name);
    jv_kind kind = jv_get_kind (value);
    jv_free (value);
    return kind == JV_KIND_TRUE || (kind != JV_KIND_FALSE && otherwise);
}

size_t
options_count (jv options, const char *name, size_t otherwise)
{
    jv value = options_get (options, name);
    if (jv_get_kind (value) == JV_KIND_NUMBER)
        otherwise = (size_t) jv_number_value (value);
    jv_free (value);
    return otherwise;
}

const char *
options_text (jv options, const char *name, const char *otherwise)
{
    jv value = options_get (options, name);
    const char *text = jv_get_kind (value) == JV_KIND_STRING ? jv_string_value (value) : otherwise;
    jv_free (value); // the object still holds it
    return text;
}
