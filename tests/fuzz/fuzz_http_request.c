/*
 * fuzz_http_request - what a jq program may ask of a system, as any JSON.
 *
 * A request that is let through has a target below the system's address and no
 * line end in a header field.
 */
#include "connectors/http_request.h"
#include "formats/format.h"
#include "fuzz.h"

#include <assert.h>
#include <string.h>

static void
look (const http_request_t *request)
{
    assert (request->target.size > 0 && request->target.bytes[0] == '/');
    assert (memchr (request->target.bytes, '\n', request->target.size) == NULL);
    assert (memchr (request->target.bytes, ' ', request->target.size) == NULL);
    for (size_t i = 0; i < request->n_fields; i++)
        assert (!strpbrk (request->fields[i], "\r\n"));
    (void) http_request_accepts (request, 409);
}

FUZZ (http_request)
{
    static const uint8_t bytes[] = "attached";
    const attachment_t attachment = {"plan.pdf", "application/pdf", bytes, sizeof bytes - 1};
    problem_t problem;
    jv json = format_json_parse ((const char *) data, size, &problem);
    http_request_t request;
    if (jv_is_valid (json) && http_request_read (&request, json, &attachment, 1, size % 2 == 0,
                                                 "secret", &problem) == CONNECTOR_OK) {
        look (&request);
        http_request_clear (&request);
    }
    jv_free (json);
    return 0;
}
