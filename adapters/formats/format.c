/*
 * format - the table of formats, and what they share.
 */
#include "formats/format.h"

#include "formats/options.h"
#include "formats/reader.h"
#include "formats/text.h"

#include <stdio.h>
#include <string.h>

static const format_t *const formats[] = {&format_csv, &format_json, &format_turtle, &format_xml};

static const format_t *
format_require (const char *name, problem_t *problem)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp (formats[i]->name, name) == 0)
            return formats[i];
    problem_set (problem, PROBLEM_SETUP, "format", "use csv, json, turtle or xml",
                 "\"%s\" is not a format", name);
    return NULL;
}

static const format_t *
format_open (const char *name, jv options, problem_t *problem)
{
    const format_t *format = format_require (name, problem);
    return format && format->check (options, problem) ? format : NULL;
}

bool
format_check (const char *format, jv options, problem_t *problem)
{
    return format_open (format, options, problem) != NULL;
}

void
format_report_clear (format_report_t *report)
{
    jv_free (report->types);
    *report = (format_report_t){.types = jv_null ()};
}

bool
format_read (const char *format, jv options, const format_input_t *inputs, size_t n_inputs,
             format_sink_fn *sink, void *arg, format_report_t *report, problem_t *problem)
{
    format_report_t counts = {.types = jv_object ()};
    problem_t first = {.scope = PROBLEM_NONE};
    const format_t *found = format_open (format, options, &first);
    reader_t reader = {
        .options = options, .sink = sink, .arg = arg, .report = &counts, .first = &first};
    if (found)
        found->read (&reader, inputs, n_inputs);
    bool complete = found && !counts.broken && !reader.stopped;
    if (report)
        *report = counts;
    else
        format_report_clear (&counts);
    if (problem)
        *problem = first;
    return complete;
}

bool
format_write (const char *format, jv options, jv records, format_buffer_t *out, problem_t *problem)
{
    const format_t *found = format_open (format, options, problem);
    size_t before = out->size;
    if (!found)
        return false;
    if (jv_get_kind (records) != JV_KIND_ARRAY) {
        problem_set (problem, PROBLEM_RECORD, "", "give an array", "not a list of records");
        return false;
    }
    bool good = found->write (options, records, out, problem);
    if (!good)
        format_buffer_cut (out, before);
    return good;
}

bool
reader_record (reader_t *self, const format_input_t *input, size_t line, const char *path,
               jv record)
{
    format_place_t place = {input->name, line, path};
    self->report->records++;
    self->stopped = !self->sink (self->arg, record, &place, NULL);
    return !self->stopped;
}

bool
reader_set_aside (reader_t *self, const format_input_t *input, size_t line, const char *path,
                  jv record, problem_t *problem)
{
    format_place_t place = {input->name, line, path};
    problem_at (problem, input->name, problem->line ? 0 : line, path);
    self->report->set_aside++;
    self->stopped = !self->sink (self->arg, record, &place, problem);
    return !self->stopped;
}

void
reader_broken (reader_t *self, const format_input_t *input, problem_t *problem)
{
    problem_at (problem, input->name, 0, NULL);
    format_place_t place = {input->name, problem->line, problem->path};
    if (self->report->broken++ == 0)
        *self->first = *problem;
    self->stopped = !self->sink (self->arg, jv_null (), &place, problem);
}

bool
text_check (jv options, problem_t *problem)
{
    const char *encoding = options_text (options, "encoding", "UTF-8");
    if (!text_knows (encoding)) {
        problem_set (problem, PROBLEM_SETUP, "encoding", "correct it in the configuration",
                     "\"%s\" is not an encoding", encoding);
        return false;
    }
    if (options_count (options, "max_bytes", FORMAT_MAX_BYTES) > FORMAT_MAX_BYTES) {
        problem_set (problem, PROBLEM_SETUP, "max_bytes", "lower it in the configuration",
                     "must not be above %d", FORMAT_MAX_BYTES);
        return false;
    }
    return true;
}

bool
reader_is_too_large (reader_t *self, const format_input_t *input)
{
    size_t limit = options_count (self->options, "max_bytes", FORMAT_MAX_BYTES);
    if (input->size <= limit)
        return false;
    problem_t problem;
    problem_set (&problem, PROBLEM_FILE, "", "split it, or raise the option max_bytes",
                 "larger than %zu bytes", limit);
    reader_broken (self, input, &problem);
    return true;
}

bool
reader_text (reader_t *self, const format_input_t *input, const char *encoding_otherwise,
             format_buffer_t *text)
{
    problem_t problem;
    if (reader_is_too_large (self, input))
        return false;
    const char *encoding = options_text (self->options, "encoding", encoding_otherwise);
    format_buffer_puts (text, "");
    if (text_decode (encoding, input->bytes, input->size, text, &problem))
        return true;
    reader_broken (self, input, &problem);
    return false;
}

void
record_place (problem_t *problem, int index)
{
    char path[32];
    snprintf (path, sizeof path, "record %d", index + 1);
    problem_at (problem, NULL, 0, path);
}

jv
record_at (jv records, int index, problem_t *problem)
{
    jv record = jv_array_get (jv_copy (records), index);
    if (jv_get_kind (record) == JV_KIND_OBJECT)
        return record;
    jv_free (record);
    problem_set (problem, PROBLEM_RECORD, "", "correct the mapping", "not an object");
    record_place (problem, index);
    return jv_invalid ();
}
