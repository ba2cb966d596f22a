/*
 * fuzz_csv - a CSV file of any bytes, with and without types, and in encodings.
 */
#include "fuzz.h"
#include "reading.h"

#define TYPED                                                                                      \
    "{\"columns\":["                                                                               \
    "{\"column\":\"n\",\"type\":\"decimal\",\"style\":\"da\"},"                                    \
    "{\"column\":\"p\",\"type\":\"percent\",\"style\":\"sv\"},"                                    \
    "{\"column\":\"d\",\"type\":\"date\",\"format\":[\"dd-mm-yyyy\",\"d.m.yy HH:MM\"]},"           \
    "{\"column\":\"i\",\"type\":\"identifier\",\"required\":true}]}"

static const char *const options[] = {
    "{}",
    "{\"quotes\":\"lenient\",\"delimiter\":\",\"}",
    "{\"encoding\":\"UTF-16\"}",
    "{\"header\":false,\"columns\":[{\"column\":\"a\"},{\"column\":\"b\",\"name\":\"bee\"}]}",
    TYPED,
};

FUZZ (csv)
{
    fuzz_reading ("csv", options, sizeof options / sizeof *options, data, size);
    return 0;
}
