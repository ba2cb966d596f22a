/*
 * http_request - a request of a dialogue as what goes over the wire, checked.
 *
 * Pure.  Method, path, query and header fields come from jq programs, which had
 * parts of them from elsewhere: nothing in them can leave the system's address,
 * begin another header line, or take the place of what the client itself sets.
 */
#ifndef KASK_CONNECTOR_HTTP_REQUEST_H
#define KASK_CONNECTOR_HTTP_REQUEST_H

#include "connector.h"
#include "formats/buffer.h"

enum {
    HTTP_TARGET_BYTES = 8000,
    HTTP_FIELDS = 32, // header fields of a request
    HTTP_FIELD_BYTES = 4000,
    HTTP_PARTS = 32, // fields of a form
    HTTP_ACCEPTS = 32
};

typedef enum { HTTP_NO_BODY, HTTP_BYTES, HTTP_MULTIPART } http_body_t;

typedef struct {
    char name[64];
    const char *value; // borrowed from the request
} http_part_t;

typedef struct {
    const char *method;        // static
    bool is_safe_twice;        // carrying it out twice is the same as once
    format_buffer_t target;    // path and query; owned
    char *fields[HTTP_FIELDS]; // "Name: value", owned
    size_t n_fields;
    http_body_t body;
    const char *content_type; // of HTTP_BYTES; borrowed, NULL: a header field says it
    format_buffer_t own;      // where the bytes are ours
    const void *bytes;        // of own, or of the attachment
    size_t size;
    const attachment_t *attachment; // of HTTP_MULTIPART; borrowed
    http_part_t parts[HTTP_PARTS];  // of HTTP_MULTIPART
    size_t n_parts;
    long accepts[HTTP_ACCEPTS];
    size_t n_accepts;
} http_request_t;

// `request` and `attachments` are borrowed for the life of *self.  `secret` (may be NULL) takes the
// place of a member of `json` that is "$webhook_secret".  BAD: the problem; nothing is to be
// cleared.
connector_result_t http_request_read (http_request_t *self, jv request,
                                      const attachment_t *attachments, size_t n_attachments,
                                      bool multipart, const char *secret, problem_t *problem)
    __attribute__ ((warn_unused_result));
void http_request_clear (http_request_t *self);

bool http_request_accepts (const http_request_t *self, long status);

// May it be a path of a request: from / on, percent-encoded, no empty, "." or ".." part?
bool http_path_is_good (const char *path);
// A media type without parameters that may go into a header; else application/octet-stream.
const char *http_media_type (const char *text);
// May it be a header field's value?
bool http_value_is_good (const char *value);
// Appends `text`, percent-encoded.
void http_put_encoded (format_buffer_t *out, const char *text, size_t size);

#endif
