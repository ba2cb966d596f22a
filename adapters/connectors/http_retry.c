/*
 * http_retry - whether to try again, and when.
 */
#include "connectors/http_retry.h"

bool
http_retry_may_pass (http_end_t end, long status)
{
    return end != HTTP_ANSWERED || status == 408 || status == 429 || status >= 500;
}

// 408, 429 and 503 say that the request was not carried out.
static bool
was_not_done (http_end_t end, long status)
{
    if (end == HTTP_ANSWERED)
        return status == 408 || status == 429 || status == 503;
    return end == HTTP_UNREACHED;
}

int64_t
http_retry_wait_ms (http_end_t end, long status, bool is_safe_twice, unsigned tries,
                    int64_t retry_after_ms, int64_t left_ms)
{
    if (!http_retry_may_pass (end, status) || !(is_safe_twice || was_not_done (end, status)))
        return -1;
    int64_t wait_ms = HTTP_FIRST_WAIT_MS;
    for (unsigned i = 1; i < tries && wait_ms < HTTP_LAST_WAIT_MS; i++)
        wait_ms *= 2;
    if (wait_ms > HTTP_LAST_WAIT_MS)
        wait_ms = HTTP_LAST_WAIT_MS;
    if (retry_after_ms > wait_ms)
        wait_ms = retry_after_ms;
    return wait_ms < left_ms ? wait_ms : -1;
}
