/*
 * reader - what the formats share while they read: options, the way to the
 * sink, and the counts.  Only files in formats/ include this.
 */
#ifndef KASK_FORMAT_READER_H
#define KASK_FORMAT_READER_H

#include "formats/format.h"

enum {
    FORMAT_MAX_BYTES = 64 * 1024 * 1024, // of one input; the option max_bytes may lower it
    FORMAT_MAX_DEPTH = 64                // nesting of any input
};

typedef struct {
    jv options; // borrowed
    format_sink_fn *sink;
    void *arg;
    format_report_t *report;
    problem_t *first; // first problem of a file, for the caller
    bool stopped;     // the sink said so
} reader_t;

// False: the sink wants no more.  `record` is taken.
bool reader_record (reader_t *self, const format_input_t *input, size_t line, const char *path,
                    jv record);
// `problem` gets the place where it has none.  `record` is taken.
bool reader_set_aside (reader_t *self, const format_input_t *input, size_t line, const char *path,
                       jv record, problem_t *problem);
// The input cannot be read further.
void reader_broken (reader_t *self, const format_input_t *input, problem_t *problem);

// Checks the options encoding and max_bytes.
bool text_check (jv options, problem_t *problem);
// Appends the input to `text` as UTF-8, and never leaves text->bytes NULL.
// False: too large, or not in its encoding; the sink has the problem.
bool reader_text (reader_t *self, const format_input_t *input, const char *encoding_otherwise,
                  format_buffer_t *text);
// Is the input too large?  The sink has the problem then.
bool reader_is_too_large (reader_t *self, const format_input_t *input);

typedef struct {
    const char *name;
    bool (*check) (jv options, problem_t *problem);
    void (*read) (reader_t *reader, const format_input_t *inputs, size_t n_inputs);
    bool (*write) (jv options, jv records, format_buffer_t *out, problem_t *problem);
} format_t;

extern const format_t format_csv, format_json, format_turtle, format_xml;

bool format_csv_write (jv options, jv records, format_buffer_t *out, problem_t *problem);
bool format_turtle_write (jv options, jv records, format_buffer_t *out, problem_t *problem);
bool format_xml_write (jv options, jv records, format_buffer_t *out, problem_t *problem);

// Owned item of an array of records (borrowed) if it is an object; else
// invalid, with the problem.
jv record_at (jv records, int index, problem_t *problem);
// Names the record in a problem, counted from 1.
void record_place (problem_t *problem, int index);

#endif
