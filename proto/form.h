/*
 * form - what the fields of a message may hold, checked on the wire bytes.
 *
 * protobuf-c has no limit on sizes, counts or nesting, and takes any bytes
 * for a string.  So before it may allocate anything, the bytes are walked
 * once by a table that says for each field what it may hold (forms.def).  The
 * walk allocates nothing and goes no deeper than LIMIT_DEPTH.
 *
 * Stricter than protobuf in one point: a field that is not repeated, and a
 * oneof, may be given once only.  No encoder writes them twice, and two
 * readers could disagree on which one counts.
 *
 * Unknown fields are passed over, LIMIT_LIST_ITEMS of them in one message.
 * Groups, which proto3 has not, are refused; deep ones as FAULT_TOO_DEEP.
 */
#ifndef KASK_FORM_H
#define KASK_FORM_H

#include "fault.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    FORM_NUMBER,  // varint from min to max
    FORM_SIZE,    // the same, but above max is FAULT_TOO_LARGE
    FORM_BYTES,   // min to max of them; none at all where not needed
    FORM_TEXT,    // UTF-8 without NUL, at most max bytes
    FORM_CODE,    // letters, digits, _ - and ., at most max bytes
    FORM_PARTNER, // a partner's name
    FORM_MESSAGE  // of the form `form`
} form_kind_t;

typedef struct form_s form_t;

typedef struct {
    const char *name; // as in the .proto
    form_kind_t kind;
    bool needed;   // must be given, and not empty
    uint32_t most; // times that it may be given; 0: it is not repeated
    uint64_t min;
    uint64_t max;
    const form_t *form;
} form_field_t;

enum { FORM_FIELDS = 32 }; // most fields of a message

struct form_s {
    const ProtobufCMessageDescriptor *descriptor;
    const form_field_t *fields; // one a field of the descriptor, in its order
    size_t n_fields;
};

// FAULT_OK, FAULT_TOO_LARGE, FAULT_TOO_DEEP, or `bad` for anything else.
fault_t form_check (const form_t *self, const uint8_t *data, size_t size, fault_t bad) KASK_CHECKED;

// a-z, 0-9 and -, beginning with a letter, 1 to LIMIT_PARTNER_NAME bytes.
bool form_is_partner (const uint8_t *data, size_t size);

// form_command, form_header and so on: one a message of the .proto files.
#define FORM(name, ...) extern const form_t form_##name;
#include "forms.def"
#undef FORM

#endif
