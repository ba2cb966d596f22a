/*
 * csv_write - the format "csv": writing.
 *
 * Records become lines in the order of the option columns, which must be
 * there.  A text that a spreadsheet would run as a formula gets a ' before
 * it, which reading takes off again; numbers and telephone numbers with
 * their sign are left alone.
 */
#include "formats/csv_columns.h"
#include "formats/options.h"
#include "formats/reader.h"
#include "formats/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    column_t *columns;
    int n_columns;
    const char *encoding;
    char delimiter, quote;
    bool quote_all, neutralise, replace;
    format_buffer_t text; // UTF-8
} writer_t;

// Would a spreadsheet run it?  Looks behind apostrophes, so that each can be undone.
static bool
is_formula (const char *text)
{
    text += strspn (text, "'");
    if (!*text || !strchr ("=@+-\t\r", *text))
        return false;
    bool is_signed = *text == '+' || *text == '-';
    return !is_signed || text[1 + strspn (text + 1, "0123456789 .,()%-")] || !text[1];
}

static void
put_field (writer_t *self, const char *text)
{
    char signs[] = {self->delimiter, self->quote, '\r', '\n', '\0'};
    bool quoted = self->quote_all || strpbrk (text, signs) || *text == ' ' || *text == '\t' ||
                  (*text && strchr (" \t", text[strlen (text) - 1]));
    bool guarded = self->neutralise && is_formula (text);
    if (quoted)
        format_buffer_put (&self->text, &self->quote, 1);
    if (guarded)
        format_buffer_puts (&self->text, "'");
    for (; *text; text++) {
        if (quoted && *text == self->quote)
            format_buffer_put (&self->text, text, 1);
        format_buffer_put (&self->text, text, 1);
    }
    if (quoted)
        format_buffer_put (&self->text, &self->quote, 1);
}

// Can the file's encoding hold the text?
static bool
is_encodable (const writer_t *self, const char *text, char what[COLUMN_WHAT])
{
    format_buffer_t scratch = {0};
    size_t bad_at = 0;
    bool good = text_encode (self->encoding, text, strlen (text), self->replace, &scratch, &bad_at);
    if (!good)
        snprintf (what, COLUMN_WHAT, "the character \"%.*s\" does not exist in %s",
                  (int) text_character (text + bad_at, strlen (text + bad_at)), text + bad_at,
                  self->encoding);
    format_buffer_clear (&scratch);
    return good;
}

static bool
put_column (writer_t *self, const column_t *column, jv record, char what[COLUMN_WHAT])
{
    jv value = jv_object_get (jv_copy (record), jv_string (column->name));
    jv text = column_write (column, value, what);
    bool good = jv_is_valid (text) && is_encodable (self, jv_string_value (text), what);
    if (good)
        put_field (self, jv_string_value (text));
    jv_free (text);
    jv_free (value);
    return good;
}

// A member that no column takes would be lost.
static bool
all_have_columns (const writer_t *self, jv record, problem_t *problem)
{
    bool good = true;
    for (int i = jv_object_iter (record); good && jv_object_iter_valid (record, i);
         i = jv_object_iter_next (record, i)) {
        jv name = jv_object_iter_key (record, i);
        good = false;
        for (int j = 0; !good && j < self->n_columns; j++)
            good = strcmp (self->columns[j].name, jv_string_value (name)) == 0;
        if (!good)
            problem_set (problem, PROBLEM_RECORD, jv_string_value (name),
                         "add it to the option columns, or leave it out in the mapping",
                         "no column takes this member");
        jv_free (name);
    }
    return good;
}

static bool
put_record (writer_t *self, jv record, const char *newline, problem_t *problem)
{
    if (!all_have_columns (self, record, problem))
        return false;
    for (int i = 0; i < self->n_columns; i++) {
        char what[COLUMN_WHAT];
        if (i > 0)
            format_buffer_put (&self->text, &self->delimiter, 1);
        if (!put_column (self, &self->columns[i], record, what)) {
            problem_set (problem, PROBLEM_RECORD, self->columns[i].name,
                         "correct the mapping or the text", "%s", what);
            return false;
        }
    }
    format_buffer_puts (&self->text, newline);
    return true;
}

static void
put_header (writer_t *self, const char *newline)
{
    for (int i = 0; i < self->n_columns; i++) {
        if (i > 0)
            format_buffer_put (&self->text, &self->delimiter, 1);
        put_field (self, self->columns[i].header);
    }
    format_buffer_puts (&self->text, newline);
}

static bool
put_all (writer_t *self, jv options, jv records, problem_t *problem)
{
    const char *newline = options_text (options, "newline", "\r\n");
    if (options_flag (options, "bom", false))
        format_buffer_puts (&self->text, "\uFEFF");
    if (options_flag (options, "header", true))
        put_header (self, newline);
    bool good = true;
    int n = jv_array_length (jv_copy (records));
    for (int i = 0; good && i < n; i++) {
        jv record = record_at (records, i, problem);
        good = jv_is_valid (record);
        if (good && !put_record (self, record, newline, problem)) {
            record_place (problem, i);
            good = false;
        }
        jv_free (record);
    }
    return good;
}

bool
format_csv_write (jv options, jv records, format_buffer_t *out, problem_t *problem)
{
    writer_t self = {.encoding = options_text (options, "encoding", "UTF-8")};
    const char *delimiter = options_text (options, "delimiter", "auto");
    self.delimiter = strcmp (delimiter, "auto") == 0 ? ';' : *delimiter;
    self.quote = *options_text (options, "quote", "\"");
    self.quote_all = strcmp (options_text (options, "quoting", "minimal"), "all") == 0;
    self.neutralise = strcmp (options_text (options, "formulas", "neutralise"), "keep") != 0;
    self.replace = strcmp (options_text (options, "unencodable", "refuse"), "replace") == 0;
    self.columns = columns_new (options, &self.n_columns);
    bool good = self.n_columns > 0;
    if (!good)
        problem_set (problem, PROBLEM_SETUP, "columns", "add it to the configuration",
                     "writing CSV needs a list of columns");
    good = good && put_all (&self, options, records, problem);
    size_t bad_at;
    if (good && self.text.size > 0 &&
        !text_encode (self.encoding, self.text.bytes, self.text.size, self.replace, out, &bad_at)) {
        problem_set (problem, PROBLEM_SETUP, "encoding", "correct the names of the columns",
                     "%s cannot hold the header", self.encoding);
        good = false;
    }
    columns_destroy (&self.columns, self.n_columns);
    format_buffer_clear (&self.text);
    return good;
}
