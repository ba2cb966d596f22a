/*
 * content_json - protobuf messages as the JSON that mappings see, and back.
 *
 * Both ways go by protobuf-c's descriptors, so that a new field of the .proto
 * needs nothing here.  A message is built as protobuf-c would unpack it, so
 * that its own function frees it.
 */
#include "content_json.h"

#include "limit.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PATH = 128 };

static const void *
member (const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return (const char *) message + field->offset;
}

static bool
is_left_out (const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_MESSAGE && strcmp (field->name, "attachments") == 0;
}

// ---- enums

// Length of what all names of the enum begin with: "EVENT_" of EVENT_ACCEPT.
static size_t
prefix_length (const ProtobufCEnumDescriptor *descriptor)
{
    const char *first = descriptor->values[0].name;
    size_t length = strlen (first);
    for (unsigned i = 1; i < descriptor->n_values; i++)
        while (strncmp (first, descriptor->values[i].name, length) != 0)
            length--;
    while (length > 0 && first[length - 1] != '_')
        length--;
    return length;
}

int
content_json_enum (const ProtobufCEnumDescriptor *descriptor, const char *name)
{
    size_t prefix = prefix_length (descriptor);
    for (unsigned i = 0; i < descriptor->n_values; i++)
        if (strcmp (descriptor->values[i].name + prefix, name) == 0)
            return descriptor->values[i].value;
    return -1;
}

const char *
content_json_enum_name (const ProtobufCEnumDescriptor *descriptor, int value)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value (descriptor, value);
    return found ? found->name + prefix_length (descriptor) : "";
}

// ---- into JSON

static jv
hex (const ProtobufCBinaryData *data)
{
    char *text = malloc (2 * data->len + 1);
    if (!text)
        abort ();
    for (size_t i = 0; i < data->len; i++)
        sprintf (text + 2 * i, "%02x", data->data[i]);
    jv value = data->len ? jv_string_sized (text, (int) (2 * data->len)) : jv_invalid ();
    free (text);
    return value;
}

static jv
long_number (uint64_t value, bool negative)
{
    char text[24];
    snprintf (text, sizeof text, "%s%llu", negative ? "-" : "", (unsigned long long) value);
    return value ? jv_string (text) : jv_invalid ();
}

static jv
signed_number (int64_t value)
{
    return long_number (value < 0 ? 0 - (uint64_t) value : (uint64_t) value, value < 0);
}

// One value at `at`; invalid if it is as if not given.
static jv
value_from (const ProtobufCFieldDescriptor *field, const void *at)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(char *const *) at;
        return text && *text ? jv_string (text) : jv_invalid ();
    }
    case PROTOBUF_C_TYPE_BYTES: return hex (at);
    case PROTOBUF_C_TYPE_BOOL: return *(const protobuf_c_boolean *) at ? jv_true () : jv_invalid ();
    case PROTOBUF_C_TYPE_UINT32:
        return *(const uint32_t *) at ? jv_number (*(const uint32_t *) at) : jv_invalid ();
    case PROTOBUF_C_TYPE_UINT64: return long_number (*(const uint64_t *) at, false);
    case PROTOBUF_C_TYPE_INT64: return signed_number (*(const int64_t *) at);
    case PROTOBUF_C_TYPE_ENUM:
        return *(const int *) at
                   ? jv_string (content_json_enum_name (field->descriptor, *(const int *) at))
                   : jv_invalid ();
    case PROTOBUF_C_TYPE_MESSAGE: {
        const ProtobufCMessage *message = *(ProtobufCMessage *const *) at;
        return message ? content_json_from (message) : jv_invalid ();
    }
    default: assert (!"a type that the .proto files do not use"); return jv_invalid ();
    }
}

static size_t
item_size (const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_BYTES: return sizeof (ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_BOOL: return sizeof (protobuf_c_boolean);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_ENUM: return sizeof (uint32_t);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_INT64: return sizeof (uint64_t);
    default: return sizeof (void *);
    }
}

static jv
list_from (const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    size_t n = *(const size_t *) (const void *) ((const char *) message + field->quantifier_offset);
    const char *items = *(char *const *) member (message, field);
    jv list = jv_array ();
    for (size_t i = 0; i < n; i++) {
        jv item = value_from (field, items + i * item_size (field));
        list = jv_array_append (list, jv_is_valid (item) ? item : jv_null ());
    }
    if (n > 0)
        return list;
    jv_free (list);
    return jv_invalid ();
}

static bool
is_given (const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
        return true;
    return *(const uint32_t *) (const void *) ((const char *) message + field->quantifier_offset) ==
           field->id;
}

jv
content_json_from (const ProtobufCMessage *message)
{
    jv object = jv_object ();
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (is_left_out (field) || !is_given (message, field))
            continue;
        jv value = field->label == PROTOBUF_C_LABEL_REPEATED
                       ? list_from (message, field)
                       : value_from (field, member (message, field));
        if (jv_is_valid (value))
            object = jv_object_set (object, jv_string (field->name), value);
        else
            jv_free (value);
    }
    return object;
}

// ---- from JSON

static bool
refuse (problem_t *problem, const char *path, const char *what)
{
    problem_set (problem, PROBLEM_RECORD, path, "correct the mapping", "%s", what);
    return false;
}

static bool
text_to (jv value, void *at, const char *path, problem_t *problem)
{
    if (jv_get_kind (value) != JV_KIND_STRING)
        return refuse (problem, path, "must be a text (numbers, too, stand in quotation marks)");
    const char *text = jv_string_value (value);
    size_t size = (size_t) jv_string_length_bytes (jv_copy (value));
    if (strlen (text) != size)
        return refuse (problem, path, "holds a zero character");
    if (size > LIMIT_TEXT_BYTES)
        return refuse (problem, path, "is longer than 64 KiB");
    if (size == 0)
        return true; // as protobuf-c's own empty string, which is not freed
    char *copy = strdup (text);
    if (!copy)
        abort ();
    *(char **) at = copy;
    return true;
}

static bool
number_to (jv value, void *at, const char *path, problem_t *problem)
{
    double number = jv_get_kind (value) == JV_KIND_NUMBER ? jv_number_value (value) : -1;
    if (!(number >= 0 && number <= UINT32_MAX) || number != (double) (uint32_t) number)
        return refuse (problem, path, "must be a whole number");
    *(uint32_t *) at = (uint32_t) number;
    return true;
}

static bool
flag_to (jv value, void *at, const char *path, problem_t *problem)
{
    jv_kind kind = jv_get_kind (value);
    if (kind != JV_KIND_TRUE && kind != JV_KIND_FALSE)
        return refuse (problem, path, "must be true or false");
    *(protobuf_c_boolean *) at = kind == JV_KIND_TRUE;
    return true;
}

static ProtobufCMessage *message_to (const ProtobufCMessageDescriptor *descriptor, jv value,
                                     const char *path, problem_t *problem);

static bool
value_to (const ProtobufCFieldDescriptor *field, jv value, void *at, const char *path,
          problem_t *problem)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING: return text_to (value, at, path, problem);
    case PROTOBUF_C_TYPE_UINT32: return number_to (value, at, path, problem);
    case PROTOBUF_C_TYPE_BOOL: return flag_to (value, at, path, problem);
    case PROTOBUF_C_TYPE_MESSAGE:
        return (*(ProtobufCMessage **) at = message_to (field->descriptor, value, path, problem));
    default: return refuse (problem, path, "is not the mapping's to give");
    }
}

static void
empty_texts (char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        texts[i] = (char *) (size_t) &protobuf_c_empty_string;
}

static bool
list_to (ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, jv list,
         const char *path, problem_t *problem)
{
    if (jv_get_kind (list) != JV_KIND_ARRAY)
        return refuse (problem, path, "must be a list");
    int n = jv_array_length (jv_copy (list));
    if (n > LIMIT_LIST_ITEMS)
        return refuse (problem, path, "has more than 1,000 items");
    if (n == 0)
        return true;
    char *items = calloc ((size_t) n, item_size (field));
    if (!items)
        abort ();
    if (field->type == PROTOBUF_C_TYPE_STRING)
        empty_texts ((char **) (void *) items, (size_t) n);
    *(char **) (void *) ((char *) message + field->offset) = items;
    size_t *count = (size_t *) (void *) ((char *) message + field->quantifier_offset);
    bool good = true;
    for (int i = 0; good && i < n; i++) {
        char place[MAX_PATH];
        snprintf (place, sizeof place, "%.110s[%d]", path, i);
        jv item = jv_array_get (jv_copy (list), i);
        good = value_to (field, item, items + (size_t) i * item_size (field), place, problem);
        *count += good;
        jv_free (item);
    }
    return good;
}

static bool
member_to (ProtobufCMessage *message, const char *name, jv value, const char *path,
           problem_t *problem)
{
    char place[MAX_PATH];
    snprintf (place, sizeof place, "%.80s%s%.40s", path, *path ? "." : "", name);
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name (message->descriptor, name);
    if (!field)
        return refuse (problem, place, "there is no such member; names are those of content.proto");
    if (is_left_out (field))
        return refuse (problem, place, "attachments stand beside the content, not in it");
    if (jv_get_kind (value) == JV_KIND_NULL)
        return true;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return list_to (message, field, value, place, problem);
    return value_to (field, value, (char *) message + field->offset, place, problem);
}

static ProtobufCMessage *
message_to (const ProtobufCMessageDescriptor *descriptor, jv value, const char *path,
            problem_t *problem)
{
    if (jv_get_kind (value) != JV_KIND_OBJECT) {
        refuse (problem, path, "must be an object");
        return NULL;
    }
    ProtobufCMessage *message = calloc (1, descriptor->sizeof_message);
    if (!message)
        abort ();
    protobuf_c_message_init (descriptor, message);
    bool good = true;
    for (int i = jv_object_iter (value); good && jv_object_iter_valid (value, i);
         i = jv_object_iter_next (value, i)) {
        jv name = jv_object_iter_key (value, i);
        jv item = jv_object_iter_value (value, i);
        good = member_to (message, jv_string_value (name), item, path, problem);
        jv_free (item);
        jv_free (name);
    }
    if (good)
        return message;
    protobuf_c_message_free_unpacked (message, NULL);
    return NULL;
}

ProtobufCMessage *
content_json_to (const ProtobufCMessageDescriptor *descriptor, jv value, problem_t *problem)
{
    return message_to (descriptor, value, "", problem);
}
