/*
 * form - what the fields of a message may hold, checked on the wire bytes.
 *
 * A cursor moves over the bytes of one message; for each field it knows the
 * number and the wire type, looks its row up in the form, checks the value, and
 * counts.  A sub-message is walked by the same function, one level deeper.
 */
#include "form.h"
#include "content.pb-c.h"
#include "kask.pb-c.h"
#include "limit.h"
#include "utf8.h"

#include <assert.h>

// The macros of forms.def, for the rows of one message.
#define FIELD(what, ...) {what, __VA_ARGS__},
#define NEEDED .needed = true
#define LIST(count) .most = (count)
#define NUMBER(field, least, greatest)                                                             \
    .name = #field, .kind = FORM_NUMBER, .min = (least), .max = (greatest)
#define SIZE(field, least, greatest)                                                               \
    .name = #field, .kind = FORM_SIZE, .min = (least), .max = (greatest)
#define COUNT(field, least) NUMBER (field, least, INT32_MAX)
#define BIG(field, least) NUMBER (field, least, INT64_MAX)
#define TIME(field) NUMBER (field, 0, INT64_MAX)
#define FLAG(field) NUMBER (field, 0, 1)
#define ANY(field) NUMBER (field, 0, UINT64_MAX)
#define BYTES(field, least, greatest)                                                              \
    .name = #field, .kind = FORM_BYTES, .min = (least), .max = (greatest)
#define TEXT(field, greatest) .name = #field, .kind = FORM_TEXT, .max = (greatest)
#define WORD(field) TEXT (field, LIMIT_SHORT_TEXT_BYTES)
#define CODE(field) .name = #field, .kind = FORM_CODE, .max = LIMIT_CODE_BYTES
#define PARTNER(field) .name = #field, .kind = FORM_PARTNER, .max = LIMIT_PARTNER_NAME
#define SUB(field, sub) .name = #field, .kind = FORM_MESSAGE, .form = &form_##sub

// The last row keeps a message without fields from being an array of none.
#define FORM(message, ...)                                                                         \
    static const form_field_t fields_##message[] = {__VA_ARGS__{.name = NULL}};                    \
    const form_t form_##message = {                                                                \
        .descriptor = &kask__##message##__descriptor,                                              \
        .fields = fields_##message,                                                                \
        .n_fields = sizeof fields_##message / sizeof *fields_##message - 1,                        \
    };
#include "forms.def"
#undef FORM

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_GROUP = 3, WIRE_END = 4, WIRE_32 = 5 };

typedef struct {
    const uint8_t *data;
    size_t size; // what is left
} cursor_t;

// One field as it stands on the wire.
typedef struct {
    uint32_t id;
    unsigned wire;
    uint64_t number; // of WIRE_VARINT
    cursor_t bytes;  // of WIRE_BYTES
} seen_t;

// What is remembered of one message while it is walked.
typedef struct {
    const form_t *form;
    fault_t bad;
    unsigned depth;              // the outermost message: 1
    uint32_t times[FORM_FIELDS]; // that each field was given
    bool is_filled[FORM_FIELDS]; // was a value given that is not the default?
    uint32_t n_unknown;
    uint32_t n_oneof; // members of a oneof given
} walk_t;

static fault_t walk_message (const form_t *form, cursor_t cursor, unsigned depth, fault_t bad);

static bool
take_varint (cursor_t *cursor, size_t longest, uint64_t *number_p)
{
    uint64_t number = 0;
    for (size_t i = 0; i < longest && i < cursor->size; i++) {
        uint8_t byte = cursor->data[i];
        if (i == 9 && byte > 1)
            return false;
        number |= (uint64_t) (byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            cursor->data += i + 1;
            cursor->size -= i + 1;
            *number_p = number;
            return true;
        }
    }
    return false;
}

static bool
take_bytes (cursor_t *cursor, uint64_t size, cursor_t *bytes_p)
{
    if (size > cursor->size)
        return false;
    *bytes_p = (cursor_t){cursor->data, (size_t) size};
    cursor->data += size;
    cursor->size -= (size_t) size;
    return true;
}

static bool
take_tag (cursor_t *cursor, seen_t *seen)
{
    uint64_t tag;
    if (!take_varint (cursor, 5, &tag) || tag > UINT32_MAX || tag >> 3 == 0)
        return false;
    *seen = (seen_t){.id = (uint32_t) (tag >> 3), .wire = tag & 7};
    return true;
}

static bool
take_value (cursor_t *cursor, seen_t *seen)
{
    uint64_t size;
    switch (seen->wire) {
    case WIRE_VARINT: return take_varint (cursor, 10, &seen->number);
    case WIRE_64: return take_bytes (cursor, 8, &seen->bytes);
    case WIRE_32: return take_bytes (cursor, 4, &seen->bytes);
    case WIRE_BYTES:
        return take_varint (cursor, 5, &size) && take_bytes (cursor, size, &seen->bytes);
    default: return false;
    }
}

// From behind a first group's beginning to the end of the last one's: nothing
// in them is known, only how deep they go is told.
static fault_t
refuse_groups (cursor_t cursor, unsigned depth, fault_t bad)
{
    for (unsigned open = 1; open > 0;) {
        seen_t seen;
        if (depth + open > LIMIT_DEPTH)
            return FAULT_TOO_DEEP;
        if (!take_tag (&cursor, &seen))
            return bad;
        if (seen.wire == WIRE_GROUP)
            open++;
        else if (seen.wire == WIRE_END)
            open--;
        else if (!take_value (&cursor, &seen))
            return bad;
    }
    return bad;
}

bool
form_is_partner (const uint8_t *data, size_t size)
{
    if (size == 0 || size > LIMIT_PARTNER_NAME || data[0] < 'a' || data[0] > 'z')
        return false;
    for (size_t i = 1; i < size; i++) {
        bool letter = data[i] >= 'a' && data[i] <= 'z', digit = data[i] >= '0' && data[i] <= '9';
        if (!letter && !digit && data[i] != '-')
            return false;
    }
    return true;
}

static bool
is_code (const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = data[i], lower = byte | 0x20;
        bool letter = lower >= 'a' && lower <= 'z', digit = byte >= '0' && byte <= '9';
        if (!letter && !digit && byte != '_' && byte != '-' && byte != '.')
            return false;
    }
    return true;
}

static fault_t
check_number (const walk_t *self, const form_field_t *field, uint64_t number)
{
    if (number > field->max)
        return field->kind == FORM_SIZE ? FAULT_TOO_LARGE : self->bad;
    return number < field->min ? self->bad : FAULT_OK;
}

// An id or key has one length, and another is not too large but wrong.
static fault_t
check_bytes (const walk_t *self, const form_field_t *field, cursor_t bytes)
{
    if (bytes.size > field->max)
        return field->min == field->max ? self->bad : FAULT_TOO_LARGE;
    if (bytes.size == 0)
        return FAULT_OK;
    switch (field->kind) {
    case FORM_BYTES: return bytes.size < field->min ? self->bad : FAULT_OK;
    case FORM_TEXT: return utf8_is_text (bytes.data, bytes.size) ? FAULT_OK : self->bad;
    case FORM_CODE: return is_code (bytes.data, bytes.size) ? FAULT_OK : self->bad;
    default: return form_is_partner (bytes.data, bytes.size) ? FAULT_OK : self->bad;
    }
}

static fault_t
count_field (walk_t *self, const form_field_t *field, size_t i)
{
    bool in_oneof = self->form->descriptor->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
    if (in_oneof && ++self->n_oneof > 1)
        return self->bad;
    if (++self->times[i] <= (field->most ? field->most : 1))
        return FAULT_OK;
    return field->most ? FAULT_TOO_LARGE : self->bad;
}

static fault_t
walk_number (walk_t *self, const form_field_t *field, size_t i, uint64_t number)
{
    fault_t fault = count_field (self, field, i);
    if (fault != FAULT_OK)
        return fault;
    self->is_filled[i] = self->is_filled[i] || number != 0;
    return check_number (self, field, number);
}

// A list of numbers may stand packed in one run of bytes.
static fault_t
walk_packed (walk_t *self, const form_field_t *field, size_t i, cursor_t bytes)
{
    uint64_t number;
    while (bytes.size > 0) {
        if (!take_varint (&bytes, 10, &number))
            return self->bad;
        fault_t fault = walk_number (self, field, i, number);
        if (fault != FAULT_OK)
            return fault;
    }
    return FAULT_OK;
}

static fault_t
walk_bytes (walk_t *self, const form_field_t *field, size_t i, cursor_t bytes)
{
    fault_t fault = count_field (self, field, i);
    if (fault != FAULT_OK)
        return fault;
    if (field->kind == FORM_MESSAGE) {
        self->is_filled[i] = true;
        return walk_message (field->form, bytes, self->depth + 1, self->bad);
    }
    self->is_filled[i] = self->is_filled[i] || bytes.size > 0;
    return check_bytes (self, field, bytes);
}

static fault_t
walk_known (walk_t *self, size_t i, const seen_t *seen)
{
    const form_field_t *field = &self->form->fields[i];
    bool is_number = field->kind == FORM_NUMBER || field->kind == FORM_SIZE;
    if (is_number && seen->wire == WIRE_VARINT)
        return walk_number (self, field, i, seen->number);
    if (is_number && seen->wire == WIRE_BYTES && field->most)
        return walk_packed (self, field, i, seen->bytes);
    if (!is_number && seen->wire == WIRE_BYTES)
        return walk_bytes (self, field, i, seen->bytes);
    return self->bad;
}

static fault_t
walk_field (walk_t *self, const seen_t *seen)
{
    const ProtobufCMessageDescriptor *descriptor = self->form->descriptor;
    for (size_t i = 0; i < self->form->n_fields; i++)
        if (descriptor->fields[i].id == seen->id)
            return walk_known (self, i, seen);
    return ++self->n_unknown > LIMIT_LIST_ITEMS ? FAULT_TOO_LARGE : FAULT_OK;
}

static bool
has_what_it_needs (const walk_t *self)
{
    for (size_t i = 0; i < self->form->n_fields; i++) {
        const form_field_t *field = &self->form->fields[i];
        bool is_number = field->kind == FORM_NUMBER || field->kind == FORM_SIZE;
        bool needed = field->needed || (is_number && field->min > 0);
        if (needed && !self->is_filled[i])
            return false;
    }
    return true;
}

static fault_t
walk_message (const form_t *form, cursor_t cursor, unsigned depth, fault_t bad)
{
    assert (form->n_fields <= FORM_FIELDS);
    walk_t self = {.form = form, .bad = bad, .depth = depth};
    if (depth > LIMIT_DEPTH)
        return FAULT_TOO_DEEP;
    while (cursor.size > 0) {
        seen_t seen;
        if (!take_tag (&cursor, &seen))
            return bad;
        if (seen.wire == WIRE_GROUP)
            return refuse_groups (cursor, depth, bad);
        if (!take_value (&cursor, &seen))
            return bad;
        fault_t fault = walk_field (&self, &seen);
        if (fault != FAULT_OK)
            return fault;
    }
    return has_what_it_needs (&self) ? FAULT_OK : bad;
}

fault_t
form_check (const form_t *self, const uint8_t *data, size_t size, fault_t bad)
{
    return walk_message (self, (cursor_t){data, size}, 1, bad);
}
