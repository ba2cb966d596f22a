/*
 * csv - the format "csv": reading.
 *
 * The text is decoded whole and given to libcsv one physical line at a time,
 * because libcsv does not count lines.  libcsv reads strictly: a stray
 * quotation mark would otherwise swallow records without a trace; where a
 * partner's system never doubles its quotation marks, the option quotes =
 * "lenient" takes them as they come.
 *
 * Rows without any text are passed over; every other row becomes a record
 * or a problem.
 */
#include "formats/csv_columns.h"
#include "formats/options.h"
#include "formats/reader.h"
#include "formats/text.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_FIELDS = 1000, BLOCK = 4096 };

static const option_t options_table[] = {
    {"encoding", OPTION_TEXT},   {"delimiter", OPTION_TEXT}, {"quote", OPTION_TEXT},
    {"quotes", OPTION_TEXT},     {"header", OPTION_FLAG},    {"columns", OPTION_TABLE},
    {"max_bytes", OPTION_COUNT}, {"newline", OPTION_TEXT},   {"bom", OPTION_FLAG},
    {"quoting", OPTION_TEXT},    {"formulas", OPTION_TEXT},  {"unencodable", OPTION_TEXT},
    {NULL, OPTION_TEXT},
};

// One column of the file.
typedef struct {
    char *name;             // of the record's member; owned
    const column_t *column; // NULL: passes as it is
} field_t;

typedef struct {
    reader_t *reader;
    const format_input_t *input;
    column_t *columns;
    int n_columns;
    field_t *fields; // of the file, by position
    size_t n_fields;
    bool has_header;  // fields are known
    bool keep_quotes; // do not undo what csv_write did to formulas
    jv row;           // texts of the row being read
    size_t line;      // physical line being parsed
    size_t row_line;  // where the row began
    bool row_ended;   // since the line was begun
    bool broken;
} csv_t;

static bool
is_one_of (jv options, const char *name, const char *first, const char *second, problem_t *problem)
{
    const char *value = options_text (options, name, first);
    if (strcmp (value, first) == 0 || strcmp (value, second) == 0)
        return true;
    problem_set (problem, PROBLEM_SETUP, name, "correct it in the configuration",
                 "must be \"%s\" or \"%s\"", first, second);
    return false;
}

static bool
is_plain_character (const char *text)
{
    return strlen (text) == 1 && (unsigned char) *text < 0x80 && *text != '\r' && *text != '\n';
}

static bool
signs_check (jv options, problem_t *problem)
{
    const char *delimiter = options_text (options, "delimiter", "auto");
    const char *quote = options_text (options, "quote", "\"");
    bool good = (strcmp (delimiter, "auto") == 0 || is_plain_character (delimiter)) &&
                is_plain_character (quote) && strcmp (delimiter, quote) != 0;
    if (!good)
        problem_set (problem, PROBLEM_SETUP, "delimiter", "correct it in the configuration",
                     "delimiter and quote must be two different ASCII characters");
    return good;
}

static bool
csv_check (jv options, problem_t *problem)
{
    return options_check (options, options_table, "options", problem) &&
           text_check (options, problem) && signs_check (options, problem) &&
           is_one_of (options, "quotes", "strict", "lenient", problem) &&
           is_one_of (options, "quoting", "minimal", "all", problem) &&
           is_one_of (options, "formulas", "neutralise", "keep", problem) &&
           is_one_of (options, "unencodable", "refuse", "replace", problem) &&
           is_one_of (options, "newline", "\r\n", "\n", problem) &&
           columns_check (options, problem);
}

// ---- the header

// Trims, and makes one space of each run of white space.
static char *
squeeze (const char *text)
{
    char *copy = malloc (strlen (text) + 1);
    if (!copy)
        abort ();
    char *to = copy;
    for (const char *at = text; *at; at++) {
        bool blank = strchr (" \t\r\n", *at) != NULL;
        if (!blank)
            *to++ = *at;
        else if (to > copy && to[-1] != ' ')
            *to++ = ' ';
    }
    if (to > copy && to[-1] == ' ')
        to--;
    *to = '\0';
    return copy;
}

static const column_t *
column_find (const csv_t *self, const char *header)
{
    const column_t *found = NULL;
    for (int i = 0; !found && i < self->n_columns; i++) {
        char *wanted = squeeze (self->columns[i].header);
        if (strcmp (wanted, header) == 0)
            found = &self->columns[i];
        free (wanted);
    }
    return found;
}

static void
break_off (csv_t *self, problem_t *problem, size_t line)
{
    if (self->broken)
        return;
    problem_at (problem, NULL, line, NULL);
    self->broken = true;
    reader_broken (self->reader, self->input, problem);
}

static void
add_field (csv_t *self, const char *text)
{
    char *header = squeeze (text);
    field_t *field = &self->fields[self->n_fields++];
    field->column = column_find (self, header);
    if (!*header || field->column) {
        char numbered[32];
        snprintf (numbered, sizeof numbered, "column %zu", self->n_fields);
        free (header);
        header = strdup (field->column ? field->column->name : numbered);
        if (!header)
            abort ();
    }
    field->name = header;
}

static bool
names_differ (csv_t *self)
{
    problem_t problem;
    for (size_t i = 0; i < self->n_fields; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp (self->fields[i].name, self->fields[j].name) == 0) {
                problem_set (&problem, PROBLEM_FILE, self->fields[i].name,
                             "give each column a name of its own",
                             "columns %zu and %zu have this one name", j + 1, i + 1);
                break_off (self, &problem, self->row_line);
                return false;
            }
    return true;
}

static bool
needed_are_there (csv_t *self)
{
    for (int i = 0; i < self->n_columns; i++) {
        bool found = !self->columns[i].needed;
        for (size_t j = 0; !found && j < self->n_fields; j++)
            found = self->fields[j].column == &self->columns[i];
        if (found)
            continue;
        problem_t problem;
        problem_set (&problem, PROBLEM_FILE, self->columns[i].header,
                     "export with this column, or correct the options columns and delimiter",
                     "the column is missing; the first of %zu columns is \"%.60s\"", self->n_fields,
                     self->n_fields ? self->fields[0].name : "");
        break_off (self, &problem, self->row_line);
        return false;
    }
    return true;
}

static void
header_row (csv_t *self)
{
    int n = jv_array_length (jv_copy (self->row));
    for (int i = 0; i < n; i++) {
        jv text = jv_array_get (jv_copy (self->row), i);
        add_field (self, jv_string_value (text));
        jv_free (text);
    }
    self->has_header = names_differ (self) && needed_are_there (self);
}

// ---- records

// Undoes what csv_write does to a formula.
static const char *
without_guard (const csv_t *self, const char *text)
{
    size_t guards = strspn (text, "'");
    bool guarded =
        !self->keep_quotes && guards > 0 && text[guards] && strchr ("=@+-\t\r", text[guards]);
    return guarded ? text + 1 : text;
}

static jv
raw_record (const csv_t *self)
{
    jv record = jv_object ();
    int n = jv_array_length (jv_copy (self->row));
    for (int i = 0; i < n; i++) {
        char numbered[32];
        snprintf (numbered, sizeof numbered, "column %d", i + 1);
        const char *name = (size_t) i < self->n_fields ? self->fields[i].name : numbered;
        record = jv_object_set (record, jv_string (name), jv_array_get (jv_copy (self->row), i));
    }
    return record;
}

static void
set_row_aside (csv_t *self, problem_t *problem)
{
    reader_set_aside (self->reader, self->input, self->row_line, "", raw_record (self), problem);
}

// Are all texts of the row from `first` on empty?
static bool
is_empty_from (const csv_t *self, size_t first)
{
    bool empty = true;
    int n = jv_array_length (jv_copy (self->row));
    for (int i = (int) first; empty && i < n; i++) {
        jv text = jv_array_get (jv_copy (self->row), i);
        const char *bytes = jv_string_value (text);
        empty = bytes[strspn (bytes, " \t\r\n")] == '\0';
        jv_free (text);
    }
    return empty;
}

static jv
field_value (const csv_t *self, size_t i, char what[COLUMN_WHAT])
{
    jv text = jv_array_get (jv_copy (self->row), (int) i);
    const column_t *column = self->fields[i].column;
    const char *bytes = without_guard (self, jv_string_value (text));
    jv value = column ? column_read (column, bytes, what) : jv_string (bytes);
    jv_free (text);
    return value;
}

static void
good_row (csv_t *self)
{
    problem_t problem;
    size_t bad = 0;
    char first[COLUMN_WHAT] = "";
    const char *field = "";
    jv record = jv_object ();
    for (size_t i = 0; i < self->n_fields; i++) {
        char what[COLUMN_WHAT];
        jv value = field_value (self, i, what);
        if (jv_is_valid (value)) {
            record = jv_object_set (record, jv_string (self->fields[i].name), value);
            continue;
        }
        if (bad++ == 0) {
            field = self->fields[i].name;
            snprintf (first, sizeof first, "%s", what);
        }
    }
    if (bad == 0) {
        reader_record (self->reader, self->input, self->row_line, "", record);
        return;
    }
    jv_free (record);
    if (bad == 1)
        problem_set (&problem, PROBLEM_RECORD, field, "correct it in the source", "%s", first);
    else
        problem_set (&problem, PROBLEM_RECORD, field, "correct them in the source",
                     "%s; %zu more fields are wrong", first, bad - 1);
    set_row_aside (self, &problem);
}

static void
data_row (csv_t *self)
{
    size_t n = (size_t) jv_array_length (jv_copy (self->row));
    if (is_empty_from (self, 0))
        return;
    if (n == self->n_fields || (n > self->n_fields && is_empty_from (self, self->n_fields))) {
        good_row (self);
        return;
    }
    problem_t problem;
    problem_set (&problem, PROBLEM_RECORD, "", "correct the row in the source",
                 "the row has %zu fields where the header has %zu", n, self->n_fields);
    set_row_aside (self, &problem);
}

// ---- libcsv

static void
on_field (void *bytes, size_t size, void *arg)
{
    csv_t *self = arg;
    if (jv_array_length (jv_copy (self->row)) >= MAX_FIELDS) {
        problem_t problem;
        problem_set (&problem, PROBLEM_FILE, "", "check the option delimiter",
                     "a row has more than %d fields", MAX_FIELDS);
        break_off (self, &problem, self->row_line);
        return;
    }
    self->row = jv_array_append (self->row, jv_string_sized (bytes ? bytes : "", (int) size));
}

static void
on_row (int terminator, void *arg)
{
    csv_t *self = arg;
    (void) terminator;
    self->row_ended = true;
    if (!self->broken && !self->reader->stopped) {
        if (self->has_header)
            data_row (self);
        else if (!is_empty_from (self, 0))
            header_row (self);
    }
    jv_free (self->row);
    self->row = jv_array ();
    self->row_line = self->line + 1;
}

// End of the physical line that begins at `at`, behind its terminator.
static size_t
line_end (const format_buffer_t *text, size_t at)
{
    while (at < text->size && text->bytes[at] != '\n' && text->bytes[at] != '\r')
        at++;
    if (at + 1 < text->size && text->bytes[at] == '\r' && text->bytes[at + 1] == '\n')
        at++;
    return at < text->size ? at + 1 : at;
}

static void
report_quotes (csv_t *self, size_t line)
{
    problem_t problem;
    problem_set (&problem, PROBLEM_FILE, "",
                 "double the quotation mark, or set the option quotes to \"lenient\"",
                 "a quotation mark that neither opens nor ends its field");
    break_off (self, &problem, line);
}

// From `at` on.
static void
parse (csv_t *self, struct csv_parser *parser, const format_buffer_t *text, size_t at)
{
    bool inside = false; // a row that began on an earlier line
    for (self->line = at ? 2 : 1; at < text->size && !self->broken && !self->reader->stopped;
         self->line++) {
        size_t end = line_end (text, at);
        if (!inside)
            self->row_line = self->line;
        self->row_ended = false;
        if (csv_parse (parser, text->bytes + at, end - at, on_field, on_row, self) != end - at)
            report_quotes (self, self->line);
        size_t blank = strspn (text->bytes + at, " \t\r\n");
        inside = !self->row_ended && (inside || blank < end - at);
        at = end;
    }
    if (!self->broken && !self->reader->stopped && csv_fini (parser, on_field, on_row, self) != 0)
        report_quotes (self, self->row_line);
}

// Bytes of a first line "sep=;", by which a spreadsheet names its delimiter; 0: there is none.
static size_t
separator_line (const format_buffer_t *text)
{
    static const char says[] = "sep=";
    const size_t length = sizeof says - 1;
    size_t end = line_end (text, 0);
    bool is_one = end > length + 1 && strncasecmp (text->bytes, says, length) == 0 &&
                  strchr ("\r\n", text->bytes[length + 1]);
    return is_one ? end : 0;
}

// The commonest of the usual delimiters on the first line, outside quotation marks.
static char
guess_delimiter (const char *text, char quote)
{
    static const char usual[] = ";,\t|";
    size_t counts[sizeof usual] = {0};
    bool quoted = false;
    for (; *text && (quoted || (*text != '\n' && *text != '\r')); text++) {
        const char *found = strchr (usual, *text);
        if (*text == quote)
            quoted = !quoted;
        else if (!quoted && found)
            counts[found - usual]++;
    }
    size_t best = 0;
    for (size_t i = 1; i < sizeof usual - 1; i++)
        if (counts[i] > counts[best])
            best = i;
    return usual[best];
}

// `text` begins with the header.
static void
parser_open (struct csv_parser *parser, jv options, const char *text)
{
    unsigned char flags = CSV_APPEND_NULL;
    if (strcmp (options_text (options, "quotes", "strict"), "strict") == 0)
        flags |= CSV_STRICT;
    if (csv_init (parser, flags | CSV_STRICT_FINI) != 0)
        abort ();
    char quote = *options_text (options, "quote", "\"");
    const char *delimiter = options_text (options, "delimiter", "auto");
    bool guess = strcmp (delimiter, "auto") == 0;
    csv_set_quote (parser, (unsigned char) quote);
    csv_set_delim (parser, (unsigned char) (guess ? guess_delimiter (text, quote) : *delimiter));
    csv_set_blk_size (parser, BLOCK);
}

static void
read_text (csv_t *self, const format_buffer_t *text)
{
    struct csv_parser parser;
    jv options = self->reader->options;
    size_t begin = separator_line (text);
    parser_open (&parser, options, text->bytes + begin);
    self->row = jv_array ();
    if (!options_flag (options, "header", true)) {
        for (int i = 0; i < self->n_columns; i++)
            add_field (self, self->columns[i].header);
        self->has_header = true;
    }
    parse (self, &parser, text, begin);
    if (!self->broken && !self->reader->stopped && !self->has_header) {
        problem_t problem;
        problem_set (&problem, PROBLEM_FILE, "", "export it again", "empty: there is no header");
        break_off (self, &problem, 1);
    }
    csv_free (&parser);
    jv_free (self->row);
}

static void
read_input (reader_t *reader, const format_input_t *input)
{
    csv_t self = {.reader = reader, .input = input};
    const char *formulas = options_text (reader->options, "formulas", "neutralise");
    format_buffer_t text = {0};
    self.keep_quotes = strcmp (formulas, "keep") == 0;
    self.columns = columns_new (reader->options, &self.n_columns);
    self.fields = calloc (MAX_FIELDS, sizeof *self.fields);
    if (!self.fields)
        abort ();
    if (reader_text (reader, input, "auto", &text))
        read_text (&self, &text);
    for (size_t i = 0; i < self.n_fields; i++)
        free (self.fields[i].name);
    free (self.fields);
    columns_destroy (&self.columns, self.n_columns);
    format_buffer_clear (&text);
}

static void
csv_read (reader_t *reader, const format_input_t *inputs, size_t n_inputs)
{
    for (size_t i = 0; i < n_inputs && !reader->stopped; i++)
        read_input (reader, &inputs[i]);
}

const format_t format_csv = {"csv", csv_check, csv_read, format_csv_write};
