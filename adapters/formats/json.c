/*
 * json - the format "json": a list of objects, one object, or objects one
 * after the other.
 *
 * Without the option `records`, each top-level value is a record, or a list
 * of them; with it, the list stands at that dotted path ("data.items").
 * A record is an object; anything else in a list is set aside.
 */
#include "formats/json_parser.h"
#include "formats/options.h"
#include "formats/reader.h"

#include <stdio.h>
#include <string.h>

static const option_t options_table[] = {
    {"records", OPTION_TEXT}, {"encoding", OPTION_TEXT}, {"max_bytes", OPTION_COUNT},
    {"lines", OPTION_FLAG},   {"single", OPTION_FLAG},   {NULL, OPTION_TEXT},
};

static bool
json_check (jv options, problem_t *problem)
{
    return options_check (options, options_table, "options", problem) &&
           text_check (options, problem);
}

// One item of a list of records; `item` is taken.
static bool
hand_over (reader_t *reader, const format_input_t *input, size_t line, const char *path, jv item)
{
    if (jv_get_kind (item) == JV_KIND_OBJECT)
        return reader_record (reader, input, line, path, item);
    problem_t problem;
    problem_set (&problem, PROBLEM_RECORD, "", "correct the source, or the option records",
                 "a record must be an object, this is of type %s",
                 jv_kind_name (jv_get_kind (item)));
    return reader_set_aside (reader, input, line, path, item, &problem);
}

// `value`, taken, is a list of records whose lines the parser noted from
// `first` on, or one record.
static void
hand_over_all (reader_t *reader, const format_input_t *input, const json_parser_t *parser,
               size_t first, size_t line, const char *at, jv value)
{
    if (jv_get_kind (value) != JV_KIND_ARRAY) {
        hand_over (reader, input, line, at, value);
        return;
    }
    int n = jv_array_length (jv_copy (value));
    bool more = true;
    for (int i = 0; more && i < n; i++) {
        char path[128];
        size_t noted = first + (size_t) i;
        snprintf (path, sizeof path, "%.100s[%d]", at, i);
        more =
            hand_over (reader, input, noted < parser->n_item_lines ? parser->item_lines[noted] : 0,
                       path, jv_array_get (jv_copy (value), i));
    }
    jv_free (value);
}

// The list at the dotted path; takes `value`.  Invalid if there is none.
static jv
list_at (jv value, const char *path)
{
    while (*path && jv_get_kind (value) == JV_KIND_OBJECT) {
        int length = (int) strcspn (path, ".");
        value = jv_object_get (value, jv_string_sized (path, length));
        path += length + (path[length] == '.');
    }
    if (!*path && jv_get_kind (value) == JV_KIND_ARRAY)
        return value;
    jv_free (value);
    return jv_invalid ();
}

static void
read_text (reader_t *reader, const format_input_t *input, const char *bytes, size_t size)
{
    problem_t problem = {.scope = PROBLEM_NONE};
    const char *records = options_text (reader->options, "records", "");
    json_parser_t parser;
    json_parser_init (&parser, bytes, size, records, &problem);
    bool good = json_parser_has_more (&parser);
    if (!good)
        problem_set (&problem, PROBLEM_FILE, "", "have it made anew", "empty");
    while (good && !reader->stopped && json_parser_has_more (&parser)) {
        size_t first = parser.n_item_lines;
        size_t line = parser.line;
        jv value = json_parser_next (&parser);
        good = jv_is_valid (value);
        if (good && *records) {
            value = list_at (value, records);
            good = jv_is_valid (value);
            if (!good)
                problem_set (&problem, PROBLEM_FILE, records, "check the option records",
                             "no list of records at this place");
        }
        if (good)
            hand_over_all (reader, input, &parser, first, line, records, value);
    }
    if (!good)
        reader_broken (reader, input, &problem);
    json_parser_clear (&parser);
}

static void
json_read (reader_t *reader, const format_input_t *inputs, size_t n_inputs)
{
    for (size_t i = 0; i < n_inputs && !reader->stopped; i++) {
        format_buffer_t text = {0};
        if (reader_text (reader, &inputs[i], "UTF-8", &text))
            read_text (reader, &inputs[i], text.bytes, text.size);
        format_buffer_clear (&text);
    }
}

static void
put_value (format_buffer_t *out, jv value, int flags)
{
    jv text = jv_dump_string (value, flags);
    format_buffer_put (out, jv_string_value (text),
                       (size_t) jv_string_length_bytes (jv_copy (text)));
    format_buffer_puts (out, "\n");
    jv_free (text);
}

static bool
json_write (jv options, jv records, format_buffer_t *out, problem_t *problem)
{
    const int pretty = JV_PRINT_INDENT_FLAGS (1);
    int n = jv_array_length (jv_copy (records));
    if (options_flag (options, "single", false)) {
        if (n == 1) {
            put_value (out, jv_array_get (jv_copy (records), 0), pretty);
            return true;
        }
        problem_set (problem, PROBLEM_RECORD, "", "correct the mapping",
                     "%d records where the option single wants one", n);
        return false;
    }
    if (!options_flag (options, "lines", false))
        put_value (out, jv_copy (records), pretty);
    else
        for (int i = 0; i < n; i++)
            put_value (out, jv_array_get (jv_copy (records), i), 0);
    return true;
}

const format_t format_json = {"json", json_check, json_read, json_write};
