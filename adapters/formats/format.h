/*
 * format - a partner's files into JSON records, and JSON records into files.
 *
 * Formats are "csv", "json", "turtle" and "xml"; FORMATS.md says which
 * options each takes.  JSON is libjq's `jv` throughout.  Identifiers and
 * numbers from CSV, XML and Turtle stay strings; a JSON number that a double
 * would change becomes a string of the digits as they stood, because jq 1.6
 * computes in doubles.
 *
 * Promise: nothing is dropped silently.  Each record of an input comes to
 * the sink exactly once, as a record or as a problem; an input that cannot
 * be read to its end comes as one problem of scope PROBLEM_FILE.
 */
#ifndef KASK_FORMAT_H
#define KASK_FORMAT_H

#include "formats/buffer.h"
#include "problem.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

// One file, or one answer of a system.  Borrowed during format_read.
typedef struct {
    const char *name; // for messages; for Turtle also the base of relative IRIs
    const void *bytes;
    size_t size;
} format_input_t;

typedef struct {
    const char *source; // the input's name; borrowed during the call
    size_t line;        // first line of the record, from 1; 0: not known.
                        // Turtle: where its first statement ends
    const char *path;   // XPath, place in JSON, or subject; may be empty
} format_place_t;

// Called for each record and each problem.  `record` is given to the sink,
// which frees it: the record where `problem` is NULL; else as much of it as
// could be read, or null.  `problem` already holds the place.
// Returns false to stop the reading.
typedef bool (format_sink_fn) (void *arg, jv record, const format_place_t *place,
                               const problem_t *problem);

typedef struct {
    size_t records;   // handed over good
    size_t set_aside; // handed over as problems of scope PROBLEM_RECORD
    size_t broken;    // inputs not read to their end
    jv types;         // Turtle: {"cpsv:PublicService": 2, ...} of all resources,
                      // "(no type)" for the rest; else an empty object. Owned
} format_report_t;

void format_report_clear (format_report_t *report);

// Are the options right?  Reads nothing.
bool format_check (const char *format, jv options, problem_t *problem)
    __attribute__ ((warn_unused_result));

// Reads all inputs; for Turtle they form one graph.  `options` and `inputs`
// are borrowed.  `report` (may be NULL) is filled in any case, and owned by
// the caller.
//
// True: every input was read to its end, so the read is complete.  False:
// *problem (may be NULL) is the first of scope PROBLEM_SETUP (nothing was
// read, the sink was not called) or PROBLEM_FILE (the sink had it too, and
// the other inputs were read), or of scope PROBLEM_NONE if the sink stopped.
bool format_read (const char *format, jv options, const format_input_t *inputs, size_t n_inputs,
                  format_sink_fn *sink, void *arg, format_report_t *report, problem_t *problem)
    __attribute__ ((warn_unused_result));

// Appends `records` (an array, borrowed) to `out` as one document, or as
// lines of one.  False: `out` is as before, and *problem (may be NULL) says
// which record ("record 2") and field.  A member of a record that the options
// give no place in the format is a problem too.
bool format_write (const char *format, jv options, jv records, format_buffer_t *out,
                   problem_t *problem) __attribute__ ((warn_unused_result));

// One JSON text into one value, by the same rules as the format "json":
// strict, no duplicate names, depth and numbers as above.  Owned by the
// caller; invalid, and *problem (may be NULL) set with its line, if not JSON.
jv format_json_parse (const char *bytes, size_t size, problem_t *problem);

#endif
