/*
 * request - reading the members of a request.
 */
#include "connectors/request.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char mend[] = "correct the dialogue; nothing was done";

connector_result_t
request_bad (problem_t *problem, const char *member, const char *what, ...)
{
    char text[512];
    va_list arguments;
    va_start (arguments, what);
    vsnprintf (text, sizeof text, what, arguments);
    va_end (arguments);
    problem_set_text (problem, PROBLEM_SETUP, member, text, mend);
    return CONNECTOR_BAD;
}

jv
request_member (jv request, const char *name)
{
    if (jv_get_kind (request) != JV_KIND_OBJECT)
        return jv_null ();
    jv value = jv_object_get (jv_copy (request), jv_string (name));
    if (jv_is_valid (value))
        return value;
    jv_free (value);
    return jv_null ();
}

static bool
is_one_of (const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp (name, *names) == 0)
            return true;
    return false;
}

bool
request_has_only (jv request, const char *const *names, problem_t *problem)
{
    if (jv_get_kind (request) != JV_KIND_OBJECT) {
        (void) request_bad (problem, "request", "must be an object");
        return false;
    }
    bool good = true;
    for (int i = jv_object_iter (request); good && jv_object_iter_valid (request, i);
         i = jv_object_iter_next (request, i)) {
        char quoted[PROBLEM_QUOTE];
        jv key = jv_object_iter_key (request, i);
        good = is_one_of (jv_string_value (key), names);
        if (!good)
            (void) request_bad (problem, "request", "%s is not a member of this kind of request",
                                problem_quote (jv_string_value (key), quoted));
        jv_free (key);
    }
    return good;
}

bool
request_text (jv request, const char *name, const char **text_p, problem_t *problem)
{
    jv value = request_member (request, name);
    jv_kind kind = jv_get_kind (value);
    *text_p = NULL;
    bool good = kind == JV_KIND_NULL;
    if (kind == JV_KIND_STRING) {
        *text_p = jv_string_value (value); // the request still holds it
        good = strlen (*text_p) == (size_t) jv_string_length_bytes (jv_copy (value));
    }
    jv_free (value);
    if (!good)
        (void) request_bad (problem, name, "must be a text without zero characters");
    return good;
}

bool
request_attachment (jv request, const char *name, size_t n, int *index_p, problem_t *problem)
{
    jv value = request_member (request, name);
    jv_kind kind = jv_get_kind (value);
    double number = kind == JV_KIND_NUMBER ? jv_number_value (value) : -1;
    jv_free (value);
    *index_p = -1;
    if (kind == JV_KIND_NULL)
        return true;
    if (number >= 0 && number < (double) n && number == (double) (int) number) {
        *index_p = (int) number;
        return true;
    }
    (void) request_bad (
        problem, name, "must be the number of an attachment, counted from 0; this task has %zu", n);
    return false;
}

bool
request_is_digest (jv request)
{
    return jv_get_kind (request) == JV_KIND_OBJECT &&
           jv_object_has (jv_copy (request), jv_string ("digest"));
}

static jv
digest_of (const attachment_t *attachment)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    crypto_hash_sha256 (hash, attachment->bytes, attachment->size);
    sodium_bin2hex (hex, sizeof hex, hash, sizeof hash);
    jv response = jv_object_set (jv_object (), jv_string ("sha256"), jv_string (hex));
    return jv_object_set (response, jv_string ("bytes"), jv_string_fmt ("%zu", attachment->size));
}

connector_result_t
request_digest (jv request, const attachment_t *attachments, size_t n, jv *response,
                problem_t *problem)
{
    static const char *const members[] = {"digest", NULL};
    int index;
    if (!request_has_only (request, members, problem) ||
        !request_attachment (request, "digest", n, &index, problem))
        return CONNECTOR_BAD;
    if (index < 0)
        return request_bad (problem, "digest", "must be the number of an attachment");
    *response = digest_of (&attachments[index]);
    return CONNECTOR_OK;
}
