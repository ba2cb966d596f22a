/*
 * check - runs the samples of a partner's folder.
 *
 * A sample's inputs go through the same code as the system's own: format,
 * mapping, dialogue.  What came out is compared with what is expected.
 */
#ifndef KASK_CHECK_H
#define KASK_CHECK_H

#include "mapping.h"
#include "problem.h"
#include "settings.h"

#include <jv.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct {
    const settings_t *settings;
    const char *folder; // of the partner
    mapping_setup_t mapping;
    bool accept; // write what came out as what is expected
    FILE *out;   // where differences are told
} check_t;

typedef struct {
    size_t good, bad, accepted;
} check_report_t;

// Runs them all, in the order of their names.  False: there are none, *problem.
bool check_run (const check_t *self, check_report_t *report, problem_t *problem)
    __attribute__ ((warn_unused_result));

// Tells where two values differ, by place, at most 20 places; how many there were.
size_t check_differ (jv wanted, jv got, const char *place, FILE *out);

#endif
