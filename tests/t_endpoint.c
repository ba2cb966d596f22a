/*
 * t_endpoint - what an endpoint says.
 */
#include "endpoint.h"
#include "tap.h"

static const struct {
    const char *endpoint;
    bool ipv6;
    const char *outside;
} rows[] = {
    {"tcp://127.0.0.1:7720", false, "tcp://127.0.0.1:7720"},
    {"tcp://[::1]:7720", true, "tcp://[::1]:7720"},
    {"tcp://*:7720", true, "tcp://host:7720"},
    {"tcp://[::]:40123", true, "tcp://host:40123"},
    {"tcp://0.0.0.0:1", false, "tcp://host:1"},
    {"tcp://broker.example:7720", false, "tcp://broker.example:7720"},
};

int
main (void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[100];
        endpoint_from_outside (rows[i].endpoint, strlen (rows[i].endpoint), "host", text,
                               sizeof text);
        is_text (text, rows[i].outside, rows[i].endpoint);
        is_int (endpoint_wants_ipv6 (rows[i].endpoint), rows[i].ipv6, "its protocol");
        is_int (endpoint_is_everywhere (rows[i].endpoint),
                strcmp (rows[i].endpoint, rows[i].outside) != 0, "whether it is all addresses");
    }
    char text[40];
    endpoint_from_outside ("tcp://*:77\ntcp://*:88\n", 10, "host", text, sizeof text);
    is_text (text, "tcp://host:77", "of a list only the first");
    return tap_end ();
}
