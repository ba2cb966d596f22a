/*
 * request - reading the members of a request, which a jq program made.
 *
 * Everything that is not as ADAPTERS.md says is a problem of scope
 * PROBLEM_SETUP that names the member: the program that made it is wrong.
 * Requests are borrowed throughout; texts handed out are borrowed from them.
 */
#ifndef KASK_CONNECTOR_REQUEST_H
#define KASK_CONNECTOR_REQUEST_H

#include "connector.h"

// Sets the problem of a request.  Returns CONNECTOR_BAD.
connector_result_t request_bad (problem_t *problem, const char *member, const char *what, ...)
    __attribute__ ((format (printf, 3, 4)));

// An object that has no members but these?  `names` ends with NULL.
bool request_has_only (jv request, const char *const *names, problem_t *problem)
    __attribute__ ((warn_unused_result));

// Absent or null: *text_p is NULL, and true.  A text that holds a zero
// character is refused.
bool request_text (jv request, const char *name, const char **text_p, problem_t *problem)
    __attribute__ ((warn_unused_result));

// The number of one of the task's `n` attachments.  Absent or null: -1.
bool request_attachment (jv request, const char *name, size_t n, int *index_p, problem_t *problem)
    __attribute__ ((warn_unused_result));

// Owned member, null if absent.
jv request_member (jv request, const char *name);

// Does it ask for an attachment's digest?
bool request_is_digest (jv request);
connector_result_t request_digest (jv request, const attachment_t *attachments, size_t n,
                                   jv *response, problem_t *problem)
    __attribute__ ((warn_unused_result));

#endif
