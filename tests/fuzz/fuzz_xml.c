/*
 * fuzz_xml - XML of any bytes: no entities, no network, no nesting without end.
 */
#include "fuzz.h"
#include "reading.h"

static const char *const options[] = {
    "{}",
    "{\"record\":\"/n:list/n:item\",\"namespaces\":{\"n\":\"urn:n\"},\"lists\":[\"n:tag\"]}",
    "{\"document\":\"list\",\"record\":\"//item\"}",
};

FUZZ (xml)
{
    fuzz_reading ("xml", options, sizeof options / sizeof *options, data, size);
    return 0;
}
