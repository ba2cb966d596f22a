/*
 * http_request - a request of a dialogue, checked.
 */
#include "connectors/http_request.h"

#include "connectors/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool is_safe_twice;
} methods[] = {
    {"GET", true},    {"HEAD", true},  {"PUT", true},
    {"DELETE", true}, {"POST", false}, {"PATCH", false},
};

// What the client sets itself, and what belongs to the connection.
static const char *const reserved[] = {
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
};

static bool
is_alnum (char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_plain (char c)
{
    return is_alnum (c) || (c && strchr ("-._~", c));
}

static bool
is_token (const char *text)
{
    if (!*text || strlen (text) > 60)
        return false;
    for (; *text; text++)
        if (!is_alnum (*text) && !strchr ("-_.", *text))
            return false;
    return true;
}

void
http_put_encoded (format_buffer_t *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char code[4];
        snprintf (code, sizeof code, "%%%02X", (unsigned char) text[i]);
        format_buffer_put (out, is_plain (text[i]) ? &text[i] : code, is_plain (text[i]) ? 1 : 3);
    }
}

// ---- path and query

// The character at `text`, decoded; *size_p of it.  -1: not one that may stand in a path.
static int
path_character (const char *text, size_t *size_p)
{
    static const char hex[] = "0123456789abcdef0123456789ABCDEF";
    *size_p = 1;
    if (*text != '%')
        return is_plain (*text) || strchr ("!$&'()*+,;=:@", *text) ? *text : -1;
    const char *high = text[1] ? strchr (hex, text[1]) : NULL;
    const char *low = high && text[2] ? strchr (hex, text[2]) : NULL;
    if (!low)
        return -1;
    *size_p = 3;
    int code = (int) ((high - hex) % 16 * 16 + (low - hex) % 16);
    return code < 0x20 || code == 0x7F ? -1 : code;
}

// Moves behind one part; false if it is empty, "." or "..", or holds what may not be there.
static bool
path_part (const char **text_p)
{
    size_t n = 0, dots = 0, size;
    for (; **text_p && **text_p != '/'; *text_p += size, n++) {
        int c = path_character (*text_p, &size);
        if (c < 0)
            return false;
        dots += c == '.';
    }
    return n > 0 && !(n == dots && n <= 2);
}

bool
http_path_is_good (const char *path)
{
    if (*path != '/' || strlen (path) > HTTP_TARGET_BYTES / 2)
        return false;
    while (*path == '/') {
        path++;
        if (!*path)
            return true; // "/" itself, or one at the end
        if (!path_part (&path))
            return false;
    }
    return !*path;
}

// A text, number or flag as text, owned; invalid for anything else.
static jv
plain_text (jv value)
{
    jv_kind kind = jv_get_kind (value);
    if (kind == JV_KIND_STRING)
        return value;
    if (kind == JV_KIND_NUMBER || kind == JV_KIND_TRUE || kind == JV_KIND_FALSE)
        return jv_dump_string (value, 0);
    jv_free (value);
    return jv_invalid ();
}

static bool
put_pair (format_buffer_t *out, char before, jv key, jv value)
{
    jv text = plain_text (value);
    bool good = jv_is_valid (text);
    if (good) {
        if (before)
            format_buffer_put (out, &before, 1);
        http_put_encoded (out, jv_string_value (key),
                          (size_t) jv_string_length_bytes (jv_copy (key)));
        format_buffer_puts (out, "=");
        http_put_encoded (out, jv_string_value (text),
                          (size_t) jv_string_length_bytes (jv_copy (text)));
    }
    jv_free (text);
    jv_free (key);
    return good;
}

// Pairs of an object (taken) as name=value&…, those that are null left out.
static bool
put_pairs (format_buffer_t *out, char first, jv object, const char *member, problem_t *problem)
{
    bool good = jv_get_kind (object) == JV_KIND_OBJECT;
    for (int i = good ? jv_object_iter (object) : 0; good && jv_object_iter_valid (object, i);
         i = jv_object_iter_next (object, i)) {
        jv value = jv_object_iter_value (object, i);
        if (jv_get_kind (value) == JV_KIND_NULL) {
            jv_free (value);
            continue;
        }
        good = put_pair (out, first, jv_object_iter_key (object, i), value);
        first = '&';
    }
    jv_free (object);
    if (!good || out->size > HTTP_TARGET_BYTES) {
        (void) request_bad (problem, member,
                            "must be an object of texts, numbers and flags, not too long");
        return false;
    }
    return true;
}

static bool
read_target (http_request_t *self, jv request, problem_t *problem)
{
    const char *path;
    if (!request_text (request, "path", &path, problem))
        return false;
    if (!path || !http_path_is_good (path)) {
        char quoted[PROBLEM_QUOTE];
        (void) request_bad (
            problem, "path",
            "%s: must begin with one /, be percent-encoded (@uri), and hold no address, "
            "query, empty part or ..",
            problem_quote (path ? path : "", quoted));
        return false;
    }
    format_buffer_puts (&self->target, path);
    jv query = request_member (request, "query");
    if (jv_get_kind (query) == JV_KIND_NULL)
        return true;
    return put_pairs (&self->target, '?', query, "query", problem);
}

static bool
read_method (http_request_t *self, jv request, problem_t *problem)
{
    const char *method;
    if (!request_text (request, "method", &method, problem))
        return false;
    for (size_t i = 0; method && i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp (methods[i].name, method) == 0) {
            self->method = methods[i].name;
            self->is_safe_twice = methods[i].is_safe_twice;
            return true;
        }
    (void) request_bad (problem, "method", "must be GET, HEAD, PUT, DELETE, POST or PATCH");
    return false;
}

// ---- header fields

static bool
is_reserved (const char *name)
{
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (strcasecmp (reserved[i], name) == 0)
            return true;
    return false;
}

bool
http_value_is_good (const char *value)
{
    if (strlen (value) > HTTP_FIELD_BYTES)
        return false;
    for (; *value; value++)
        if ((unsigned char) *value < 0x20 || *value == 0x7F)
            return false;
    return true;
}

static bool
add_field (http_request_t *self, jv key, jv value, problem_t *problem)
{
    jv text = plain_text (value);
    const char *name = jv_string_value (key);
    bool good = jv_is_valid (text) && is_token (name) && !is_reserved (name) &&
                self->n_fields < HTTP_FIELDS && http_value_is_good (jv_string_value (text)) &&
                strlen (jv_string_value (text)) == (size_t) jv_string_length_bytes (jv_copy (text));
    if (good) {
        // curl leaves out a field without a value unless it ends in ";"
        const char *format = *jv_string_value (text) ? "%s: %s" : "%s;";
        size_t room = strlen (name) + strlen (jv_string_value (text)) + 3;
        char *field = malloc (room);
        if (!field)
            abort ();
        snprintf (field, room, format, name, jv_string_value (text));
        self->fields[self->n_fields++] = field;
    } else {
        char quoted[PROBLEM_QUOTE];
        (void) request_bad (problem, "headers", "%s: not a header field that a dialogue may set",
                            problem_quote (name, quoted));
    }
    jv_free (text);
    jv_free (key);
    return good;
}

static bool
read_fields (http_request_t *self, jv request, problem_t *problem)
{
    jv fields = request_member (request, "headers");
    jv_kind kind = jv_get_kind (fields);
    bool good = kind == JV_KIND_OBJECT || kind == JV_KIND_NULL;
    if (!good)
        (void) request_bad (problem, "headers", "must be an object");
    for (int i = kind == JV_KIND_OBJECT ? jv_object_iter (fields) : 0;
         good && kind == JV_KIND_OBJECT && jv_object_iter_valid (fields, i);
         i = jv_object_iter_next (fields, i))
        good = add_field (self, jv_object_iter_key (fields, i), jv_object_iter_value (fields, i),
                          problem);
    jv_free (fields);
    return good;
}

// ---- body

const char *
http_media_type (const char *text)
{
    const char *slash = strchr (text, '/');
    if (!slash || slash == text || !slash[1] || strlen (text) > 100)
        return "application/octet-stream";
    for (const char *c = text; *c; c++)
        if (c != slash && !is_alnum (*c) && !strchr ("!#$&^_.+-", *c))
            return "application/octet-stream";
    return text;
}

// Takes `json`.
static jv
with_secret (jv json, const char *secret)
{
    if (jv_get_kind (json) != JV_KIND_OBJECT || !secret)
        return json;
    jv result = jv_copy (json);
    for (int i = jv_object_iter (json); jv_object_iter_valid (json, i);
         i = jv_object_iter_next (json, i)) {
        jv value = jv_object_iter_value (json, i);
        if (jv_get_kind (value) == JV_KIND_STRING &&
            strcmp (jv_string_value (value), "$webhook_secret") == 0)
            result = jv_object_set (result, jv_object_iter_key (json, i), jv_string (secret));
        jv_free (value);
    }
    jv_free (json);
    return result;
}

static void
body_json (http_request_t *self, jv json, const char *secret)
{
    jv text = jv_dump_string (with_secret (json, secret), 0);
    format_buffer_put (&self->own, jv_string_value (text),
                       (size_t) jv_string_length_bytes (jv_copy (text)));
    jv_free (text);
    self->content_type = "application/json";
}

static bool
add_part (http_request_t *self, jv key, jv value, problem_t *problem)
{
    const char *name = jv_string_value (key);
    bool good =
        self->n_parts < HTTP_PARTS && is_token (name) && jv_get_kind (value) == JV_KIND_STRING;
    if (good) {
        http_part_t *part = &self->parts[self->n_parts++];
        snprintf (part->name, sizeof part->name, "%s", name);
        part->value = jv_string_value (value); // the request still holds it
    } else
        (void) request_bad (problem, "form", "beside an attachment it must be an object of texts");
    jv_free (value);
    jv_free (key);
    return good;
}

static bool
body_multipart (http_request_t *self, jv request, problem_t *problem)
{
    jv form = request_member (request, "form");
    bool is_object = jv_get_kind (form) == JV_KIND_OBJECT, good = true;
    for (int i = is_object ? jv_object_iter (form) : 0;
         is_object && good && jv_object_iter_valid (form, i); i = jv_object_iter_next (form, i))
        good =
            add_part (self, jv_object_iter_key (form, i), jv_object_iter_value (form, i), problem);
    jv_free (form);
    self->body = HTTP_MULTIPART;
    return good;
}

static bool
body_attachment (http_request_t *self, jv request, const attachment_t *attachment, bool multipart,
                 problem_t *problem)
{
    self->attachment = attachment;
    self->content_type = http_media_type (attachment->media_type ? attachment->media_type : "");
    self->bytes = attachment->bytes;
    self->size = attachment->size;
    return !multipart || body_multipart (self, request, problem);
}

static bool
read_own (http_request_t *self, jv request, const char *text, const char *secret,
          problem_t *problem)
{
    jv json = request_member (request, "json");
    jv form = request_member (request, "form");
    bool good = true;
    format_buffer_puts (&self->own, "");
    if (text) {
        format_buffer_puts (&self->own, text);
        self->content_type = "text/plain; charset=utf-8";
    } else if (jv_get_kind (form) != JV_KIND_NULL) {
        good = put_pairs (&self->own, 0, jv_copy (form), "form", problem);
        self->content_type = "application/x-www-form-urlencoded";
    } else
        body_json (self, jv_copy (json), secret);
    jv_free (json);
    jv_free (form);
    self->bytes = self->own.bytes;
    self->size = self->own.size;
    return good;
}

static bool
has (jv request, const char *name)
{
    return jv_object_has (jv_copy (request), jv_string (name));
}

static bool
read_body (http_request_t *self, jv request, const attachment_t *attachments, size_t n,
           bool multipart, const char *secret, problem_t *problem)
{
    const char *text;
    int index;
    if (!request_text (request, "text", &text, problem) ||
        !request_attachment (request, "attachment", n, &index, problem))
        return false;
    // json may be null on purpose
    int kinds = has (request, "json") + (text != NULL) + (index >= 0) +
                (has (request, "form") && (index < 0 || !multipart));
    if (kinds > 1) {
        (void) request_bad (problem, "request",
                            "has more than one of json, text, form and attachment");
        return false;
    }
    self->body = kinds ? HTTP_BYTES : HTTP_NO_BODY;
    if (kinds && (strcmp (self->method, "GET") == 0 || strcmp (self->method, "HEAD") == 0)) {
        (void) request_bad (problem, "method", "GET and HEAD carry no body");
        return false;
    }
    if (index >= 0)
        return body_attachment (self, request, &attachments[index], multipart, problem);
    return !kinds || read_own (self, request, text, secret, problem);
}

// A header field of the dialogue's own says better what the body is.
static void
yield_content_type (http_request_t *self)
{
    for (size_t i = 0; i < self->n_fields; i++)
        if (strncasecmp (self->fields[i], "content-type:", 13) == 0)
            self->content_type = NULL;
}

// ---- accepted statuses

static bool
read_accepts (http_request_t *self, jv request, problem_t *problem)
{
    jv list = request_member (request, "accept");
    jv_kind kind = jv_get_kind (list);
    int n = kind == JV_KIND_ARRAY ? jv_array_length (jv_copy (list)) : 0;
    bool good = (kind == JV_KIND_ARRAY || kind == JV_KIND_NULL) && n <= HTTP_ACCEPTS;
    for (int i = 0; good && i < n; i++) {
        jv status = jv_array_get (jv_copy (list), i);
        double code = jv_get_kind (status) == JV_KIND_NUMBER ? jv_number_value (status) : 0;
        good = code >= 300 && code <= 599;
        if (good)
            self->accepts[self->n_accepts++] = (long) code;
        jv_free (status);
    }
    jv_free (list);
    if (!good)
        (void) request_bad (problem, "accept", "must be a list of statuses from 300 to 599");
    return good;
}

bool
http_request_accepts (const http_request_t *self, long status)
{
    for (size_t i = 0; i < self->n_accepts; i++)
        if (self->accepts[i] == status)
            return true;
    return status >= 200 && status <= 299;
}

connector_result_t
http_request_read (http_request_t *self, jv request, const attachment_t *attachments,
                   size_t n_attachments, bool multipart, const char *secret, problem_t *problem)
{
    static const char *const members[] = {"method", "path", "query",      "headers", "json",
                                          "text",   "form", "attachment", "accept",  NULL};
    *self = (http_request_t){.method = NULL};
    if (request_has_only (request, members, problem) && read_method (self, request, problem) &&
        read_target (self, request, problem) && read_fields (self, request, problem) &&
        read_body (self, request, attachments, n_attachments, multipart, secret, problem) &&
        read_accepts (self, request, problem)) {
        yield_content_type (self);
        return CONNECTOR_OK;
    }
    http_request_clear (self);
    return CONNECTOR_BAD;
}

void
http_request_clear (http_request_t *self)
{
    for (size_t i = 0; i < self->n_fields; i++)
        free (self->fields[i]);
    format_buffer_clear (&self->target);
    format_buffer_clear (&self->own);
    *self = (http_request_t){.method = NULL};
}
