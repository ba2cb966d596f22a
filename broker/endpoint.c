/*
 * endpoint - what an endpoint says: tcp://ADDRESS:PORT.
 */
#include "endpoint.h"

#include <stdio.h>
#include <string.h>

static const char *
address_of (const char *endpoint)
{
    const char *slashes = strstr (endpoint, "://");
    return slashes ? slashes + 3 : endpoint;
}

bool
endpoint_wants_ipv6 (const char *endpoint)
{
    const char *address = address_of (endpoint);
    return *address == '[' || *address == '*';
}

// Length of the address if it is all of the machine's, else 0.
static size_t
everywhere (const char *address)
{
    static const char *const names[] = {"*:", "0.0.0.0:", "[::]:"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp (address, names[i], strlen (names[i])) == 0)
            return strlen (names[i]) - 1;
    return 0;
}

bool
endpoint_is_everywhere (const char *endpoint)
{
    return everywhere (address_of (endpoint)) > 0;
}

void
endpoint_from_outside (const char *endpoint, size_t length, const char *host, char *to, size_t size)
{
    const char *address = address_of (endpoint);
    size_t replaced = everywhere (address);
    size_t before = (size_t) (address - endpoint);
    if (replaced)
        snprintf (to, size, "%.*s%s%.*s", (int) before, endpoint, host,
                  (int) (length - before - replaced), address + replaced);
    else
        snprintf (to, size, "%.*s", (int) length, endpoint);
}
