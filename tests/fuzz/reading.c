/*
 * reading - any bytes as a file of one format.
 */
#include "reading.h"
#include "formats/format.h"

#include <assert.h>

typedef struct {
    size_t records;
    size_t set_aside;
    size_t broken;
} count_t;

static bool
take (void *arg, jv record, const format_place_t *place, const problem_t *problem)
{
    count_t *count = arg;
    assert (place->source);
    if (!problem)
        count->records++;
    else if (problem->scope == PROBLEM_RECORD)
        count->set_aside++;
    else
        count->broken++;
    assert (problem ? problem->what[0] != '\0' : jv_is_valid (record));
    jv_free (record);
    return true;
}

void
fuzz_reading (const char *format, const char *const *options, size_t n_options, const uint8_t *data,
              size_t size)
{
    if (size == 0)
        return;
    jv parsed = jv_parse (options[data[0] % n_options]);
    assert (jv_is_valid (parsed));
    format_input_t input = {"input", data + 1, size - 1};
    format_report_t report;
    problem_t problem;
    count_t count = {0, 0, 0};
    bool whole = format_read (format, parsed, &input, 1, take, &count, &report, &problem);
    assert (whole == (count.broken == 0));
    assert (count.records == report.records && count.set_aside == report.set_aside);
    format_report_clear (&report);
    jv_free (parsed);
}
