/*
 * http_retry - whether to try again, and when.
 *
 * Pure.  What is known not to have been carried out is tried again; what may have been, only
 * where twice is the same as once.  For the rest the dialogue begins anew, and
 * looks it up first.
 */
#ifndef KASK_CONNECTOR_HTTP_RETRY_H
#define KASK_CONNECTOR_HTTP_RETRY_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    HTTP_ANSWERED,  // with a status
    HTTP_UNREACHED, // no connection, so nothing was sent
    HTTP_UNKNOWN    // sent, but no whole answer came
} http_end_t;

enum { HTTP_FIRST_WAIT_MS = 200, HTTP_LAST_WAIT_MS = 10000 };

// Is that end, with `status` where answered, one that may pass by itself?
bool http_retry_may_pass (http_end_t end, long status);

// How many ms to wait before the next try, or -1: no more of them.  `tries` were made, the last
// ended so; `retry_after_ms` is what the system asked for, -1 if nothing; `left_ms` is the time
// that is left for all of it.
int64_t http_retry_wait_ms (http_end_t end, long status, bool is_safe_twice, unsigned tries,
                            int64_t retry_after_ms, int64_t left_ms);

#endif
