/*
 * csv_columns - the table of columns in a CSV format's options.
 */
#include "formats/csv_columns.h"

#include "formats/options.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const option_t column_options[] = {
    {"column", OPTION_TEXT}, {"name", OPTION_TEXT},     {"type", OPTION_TEXT},
    {"style", OPTION_TEXT},  {"format", OPTION_TEXTS},  {"grouping", OPTION_FLAG},
    {"needed", OPTION_FLAG}, {"required", OPTION_FLAG}, {NULL, OPTION_TEXT},
};

static const char *const type_names[] = {
    [COLUMN_TEXT] = "text",       [COLUMN_IDENTIFIER] = "identifier", [COLUMN_DECIMAL] = "decimal",
    [COLUMN_INTEGER] = "integer", [COLUMN_PERCENT] = "percent",       [COLUMN_DATE] = "date",
};
enum { N_TYPES = sizeof type_names / sizeof type_names[0] };

static int
type_find (const char *name)
{
    for (int i = 0; i < N_TYPES; i++)
        if (strcmp (type_names[i], name) == 0)
            return i;
    return -1;
}

static bool
refuse (problem_t *problem, const char *where, const char *field, const char *what)
{
    problem_set (problem, PROBLEM_SETUP, field, "correct it in the configuration", "%s: %s", where,
                 what);
    return false;
}

static bool
patterns_check (jv spec)
{
    int n = options_length (spec, "format");
    bool good = n > 0;
    for (int i = 0; good && i < n; i++) {
        jv pattern = options_item (spec, "format", i);
        good = value_is_pattern (jv_string_value (pattern)) &&
               strlen (jv_string_value (pattern)) < VALUE_BYTES / 2;
        jv_free (pattern);
    }
    return good;
}

static bool
column_check (jv spec, const char *where, problem_t *problem)
{
    if (!options_check (spec, column_options, where, problem))
        return false;
    int type = type_find (options_text (spec, "type", "text"));
    if (!options_text (spec, "column", NULL))
        return refuse (problem, where, "column", "is missing");
    if (type < 0)
        return refuse (problem, where, "type",
                       "must be text, identifier, decimal, integer, percent or date");
    if (!value_has_style (options_text (spec, "style", "iso")))
        return refuse (problem, where, "style", "must be da, de, no, sv, en or iso");
    if (type == COLUMN_DATE && !patterns_check (spec))
        return refuse (problem, where, "format",
                       "a date needs a pattern with year, month and day, like dd.mm.yyyy");
    return true;
}

static bool
has_twice (const column_t *columns, int n, const char *where, problem_t *problem)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            if (strcmp (columns[i].header, columns[j].header) == 0 ||
                strcmp (columns[i].name, columns[j].name) == 0)
                return !refuse (problem, where, columns[i].header, "a column or name stands twice");
    return false;
}

bool
columns_check (jv options, problem_t *problem)
{
    int n = options_length (options, "columns");
    bool good = true;
    for (int i = 0; good && i < n; i++) {
        char where[32];
        snprintf (where, sizeof where, "columns[%d]", i);
        jv spec = options_item (options, "columns", i);
        good = column_check (spec, where, problem);
        jv_free (spec);
    }
    if (!good)
        return false;
    column_t *columns = columns_new (options, &n);
    good = !has_twice (columns, n, "columns", problem);
    columns_destroy (&columns, n);
    return good;
}

column_t *
columns_new (jv options, int *n_p)
{
    *n_p = options_length (options, "columns");
    column_t *self = calloc ((size_t) *n_p + 1, sizeof *self);
    if (!self)
        abort ();
    for (int i = 0; i < *n_p; i++) {
        jv spec = options_item (options, "columns", i);
        self[i].spec = spec;
        self[i].header = options_text (spec, "column", "");
        self[i].name = options_text (spec, "name", self[i].header);
        self[i].type = (column_type_t) type_find (options_text (spec, "type", "text"));
        self[i].style = options_text (spec, "style", "iso");
        self[i].grouping = options_flag (spec, "grouping", false);
        self[i].required = options_flag (spec, "required", false);
        self[i].needed = self[i].required || options_flag (spec, "needed", false);
    }
    return self;
}

void
columns_destroy (column_t **self_p, int n)
{
    for (int i = 0; i < n; i++)
        jv_free ((*self_p)[i].spec);
    free (*self_p);
    *self_p = NULL;
}

static const char *
expected (const column_t *self)
{
    switch (self->type) {
    case COLUMN_DATE: return "a date in the column's format";
    case COLUMN_PERCENT: return "a percentage with its sign %";
    case COLUMN_INTEGER: return "a whole number";
    case COLUMN_IDENTIFIER: return "an identifier: a spreadsheet has changed it";
    default: return "a number in the column's style";
    }
}

static jv
refuse_value (const column_t *self, const char *text, char what[COLUMN_WHAT])
{
    char quoted[PROBLEM_QUOTE];
    snprintf (what, COLUMN_WHAT, "%s is not %s", problem_quote (text, quoted), expected (self));
    return jv_invalid ();
}

static bool
date_read (const column_t *self, const char *text, char out[VALUE_BYTES])
{
    bool found = false;
    for (int i = 0; !found && i < options_length (self->spec, "format"); i++) {
        jv pattern = options_item (self->spec, "format", i);
        found = value_date (text, jv_string_value (pattern), out);
        jv_free (pattern);
    }
    return found;
}

static bool
is_blank (const char *text)
{
    return text[strspn (text, " \t\r\n")] == '\0';
}

jv
column_read (const column_t *self, const char *text, char what[COLUMN_WHAT])
{
    char out[VALUE_BYTES];
    bool good = false;
    if (self->required && is_blank (text)) {
        snprintf (what, COLUMN_WHAT, "is empty");
        return jv_invalid ();
    }
    if (self->type == COLUMN_TEXT)
        return jv_string (text);
    if (self->type == COLUMN_IDENTIFIER)
        return value_is_damaged (text) ? refuse_value (self, text, what) : jv_string (text);
    if (is_blank (text))
        return jv_null ();
    if (self->type == COLUMN_DATE)
        good = date_read (self, text, out);
    else if (self->type == COLUMN_PERCENT)
        good = value_percent (text, self->style, out);
    else if (self->type == COLUMN_INTEGER)
        good = value_integer (text, self->style, out);
    else
        good = value_decimal (text, self->style, out);
    return good ? jv_string (out) : refuse_value (self, text, what);
}

static jv
write_typed (const column_t *self, const char *plain, char what[COLUMN_WHAT])
{
    char out[VALUE_BYTES + 1] = "";
    bool good = false;
    if (self->type == COLUMN_DATE) {
        jv pattern = options_item (self->spec, "format", 0);
        good = value_write_date (plain, jv_string_value (pattern), out);
        jv_free (pattern);
    } else
        good = value_write_decimal (plain, self->style, self->grouping, out) &&
               (self->type != COLUMN_INTEGER || !strchr (plain, '.'));
    if (!good)
        return refuse_value (self, plain, what);
    if (self->type == COLUMN_PERCENT)
        strcat (out, "%");
    return jv_string (out);
}

// Texts and numbers as a text; invalid for what a field cannot hold.
static jv
plain_text (jv value)
{
    switch (jv_get_kind (value)) {
    case JV_KIND_STRING: return jv_copy (value);
    case JV_KIND_NUMBER:
    case JV_KIND_TRUE:
    case JV_KIND_FALSE: return jv_dump_string (jv_copy (value), 0);
    case JV_KIND_NULL:
    case JV_KIND_INVALID: return jv_string ("");
    default: return jv_invalid ();
    }
}

jv
column_write (const column_t *self, jv value, char what[COLUMN_WHAT])
{
    jv text = plain_text (value);
    if (!jv_is_valid (text)) {
        snprintf (what, COLUMN_WHAT, "a list or object does not fit into a field");
        return text;
    }
    const char *plain = jv_string_value (text);
    if (strlen (plain) != (size_t) jv_string_length_bytes (jv_copy (text))) {
        snprintf (what, COLUMN_WHAT, "holds a zero character");
        jv_free (text);
        return jv_invalid ();
    }
    if (is_blank (plain)) {
        if (!self->required)
            return text;
        snprintf (what, COLUMN_WHAT, "is empty");
        jv_free (text);
        return jv_invalid ();
    }
    if (self->type == COLUMN_TEXT || self->type == COLUMN_IDENTIFIER)
        return text;
    jv written = write_typed (self, plain, what);
    jv_free (text);
    return written;
}
