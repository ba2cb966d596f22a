/*
 * fuzz_turtle - Turtle of any bytes, counted and as records with what they refer to.
 */
#include "fuzz.h"
#include "reading.h"

static const char *const options[] = {
    "{\"types\":\"cpsv:PublicService\"}",
    "{}",
    "{\"types\":[\"ex:T\"],\"prefixes\":{\"ex\":\"http://example.org/\"},\"depth\":16}",
};

FUZZ (turtle)
{
    fuzz_reading ("turtle", options, sizeof options / sizeof *options, data, size);
    return 0;
}
