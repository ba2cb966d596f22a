/*
 * content_json - protobuf messages as the JSON that mappings see, and back.
 *
 * Names are those of the .proto.  A member that is not given (empty, 0,
 * false) is left out.  64-bit numbers are strings, bytes are hex, an enum is its
 * name without the enum's own ("ACCEPT" for EVENT_ACCEPT).  Attachments are
 * left out: their bytes never pass through jq.
 */
#ifndef KASK_CONTENT_JSON_H
#define KASK_CONTENT_JSON_H

#include "problem.h"

#include <jv.h>
#include <protobuf-c/protobuf-c.h>

// An object, owned by the caller.
jv content_json_from (const ProtobufCMessage *message);

// A message of that kind from `value` (borrowed); freed by
// protobuf_c_message_free_unpacked (…, NULL).  null counts as not given.  NULL:
// *problem (PROBLEM_RECORD) names the member by its path ("provider.scheme"): one
// that the message does not have, of another type, or too large.
ProtobufCMessage *content_json_to (const ProtobufCMessageDescriptor *descriptor, jv value,
                                   problem_t *problem) __attribute__ ((warn_unused_result));

// The value's number, -1 if the enum has no such name; `name` without the enum's own.
int content_json_enum (const ProtobufCEnumDescriptor *descriptor, const char *name);
// The name without the enum's own; "" for a number that it does not have.
const char *content_json_enum_name (const ProtobufCEnumDescriptor *descriptor, int value);

#endif
