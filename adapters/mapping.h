/*
 * mapping - a jq program that turns one JSON value into none, one or more,
 * run in a child process with limits.
 *
 * libjq cannot be interrupted, and a mapping is a partner's own text: it may
 * be endless or want all memory.  So it runs in the helper program
 * kask-mapping, which is killed when a limit is reached and started again
 * for the next record.  The helper has an empty environment, no open files
 * but the connection to here, and cannot open any.
 *
 * In the program, `.` (and $record) is the record and $args what the caller
 * gives beside it.  `include "kask";` finds the library kask.jq, other
 * includes the program's own folder.  A mapping refuses a record by
 * error({field, problem, do}), which kask.jq's problem() does.
 *
 * Records are bounded by input_bytes; what is larger, and attachments, the
 * caller carries around the mapping.  Calls wait for the child, at most
 * wall_ms.  Not to be used from two threads at once.
 */
#ifndef KASK_MAPPING_H
#define KASK_MAPPING_H

#include "problem.h"

#include <jv.h>
#include <stddef.h>

// A member that is 0 takes its default.
typedef struct {
    size_t memory_bytes; // of the child; 256 MiB
    unsigned cpu_s;      // for one record; 5
    unsigned wall_ms;    // for one record, and for starting the child; 15,000
    size_t input_bytes;  // record and args as JSON text; 4 MiB
    size_t output_bytes; // all outputs of one record as JSON text; 4 MiB
    unsigned outputs;    // of one record; 1,000
    unsigned depth;      // nesting of an input or output; 32, at most 60
} mapping_limits_t;

typedef struct {
    const char *helper;  // path of kask-mapping; NULL: $KASK_MAPPING_HELPER, else beside this
                         // program, else where it was installed
    const char *library; // folder of kask.jq; NULL: $KASK_JQ_LIBRARY, else jq/ beside this program,
                         // else where it was installed
    mapping_limits_t limits;
} mapping_setup_t;

typedef struct mapping mapping_t;

typedef enum {
    MAPPING_OK,
    MAPPING_REFUSED, // the mapping or a limit on input and output refuses the record, and would
                     // again
    MAPPING_CRASHED, // time, memory, or a crash of the child; the next record finds a new child
    MAPPING_UNUSABLE // no child can be started, or the program does not compile: not the record's
                     // fault
} mapping_result_t;

// Starts the child and compiles the program.  `setup` may be NULL; nothing of
// it is kept but copies.  NULL: *problem (PROBLEM_SETUP; may be NULL) names
// file and line.
mapping_t *mapping_new (const char *program, const mapping_setup_t *setup, problem_t *problem)
    __attribute__ ((warn_unused_result));

// Takes `input` and `args` (an object; null: none).  OK: *outputs_p is an
// array, owned by the caller, perhaps empty.  Else it is invalid, nothing of
// the record's outputs is handed over, and *problem (may be NULL) has field,
// what and what to do; its place is the caller's to fill.
//
// A number in an output that a double cannot hold exactly comes as a string.
mapping_result_t mapping_apply (mapping_t *self, jv input, jv args, jv *outputs_p,
                                problem_t *problem) __attribute__ ((warn_unused_result));

// Ends the child.
void mapping_destroy (mapping_t **self_p);

#endif
