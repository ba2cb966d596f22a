/*
 * fuzz_json - JSON of any bytes, as a file and as one value.
 */
#include "formats/format.h"
#include "fuzz.h"
#include "reading.h"

#include <assert.h>

static const char *const options[] = {"{}", "{\"records\":\"data.items\"}",
                                      "{\"encoding\":\"UTF-16LE\"}"};

FUZZ (json)
{
    problem_t problem;
    jv value = format_json_parse ((const char *) data, size, &problem);
    assert (jv_is_valid (value) || problem.what[0]);
    jv_free (value);
    fuzz_reading ("json", options, sizeof options / sizeof *options, data, size);
    return 0;
}
