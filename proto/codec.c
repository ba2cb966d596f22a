/*
 * codec - bytes to structs, with every limit of the contract.
 *
 * One function does it for all messages: size, form, unpack.  What a form
 * cannot say (a oneof that must be set, a sum) is looked at afterwards.
 */
#include "codec.h"
#include "form.h"
#include "limit.h"

#include <stdlib.h>
#include <string.h>

// *message_p is NULL unless FAULT_OK.
static fault_t
unpack (const form_t *form, const uint8_t *data, size_t size, size_t largest, fault_t bad,
        ProtobufCMessage **message_p)
{
    *message_p = NULL;
    if (size > largest)
        return FAULT_TOO_LARGE;
    fault_t fault = form_check (form, data, size, bad);
    if (fault != FAULT_OK)
        return fault;
    *message_p = protobuf_c_message_unpack (form->descriptor, NULL, size, data);
    return *message_p ? FAULT_OK : bad;
}

fault_t
command_unpack (const uint8_t *data, size_t size, Kask__Command **command_p)
{
    ProtobufCMessage *message;
    fault_t fault =
        unpack (&form_command, data, size, LIMIT_COMMAND_BYTES, FAULT_BAD_COMMAND, &message);
    Kask__Command *command = (Kask__Command *) message;
    if (command && command->command_case == KASK__COMMAND__COMMAND__NOT_SET) {
        kask__command__free_unpacked (command, NULL);
        command = NULL;
        fault = FAULT_BAD_COMMAND;
    }
    *command_p = command;
    return fault;
}

fault_t
reply_unpack (const uint8_t *data, size_t size, Kask__Reply **reply_p)
{
    ProtobufCMessage *message;
    fault_t fault = unpack (&form_reply, data, size, LIMIT_REPLY_BYTES, FAULT_BAD_FRAME, &message);
    Kask__Reply *reply = (Kask__Reply *) message;
    if (reply && reply->reply_case == KASK__REPLY__REPLY__NOT_SET) {
        kask__reply__free_unpacked (reply, NULL);
        reply = NULL;
        fault = FAULT_BAD_FRAME;
    }
    *reply_p = reply;
    return fault;
}

fault_t
header_unpack (const uint8_t *data, size_t size, Kask__Header **header_p)
{
    ProtobufCMessage *message;
    fault_t fault =
        unpack (&form_header, data, size, LIMIT_HEADER_BYTES, FAULT_BAD_HEADER, &message);
    Kask__Header *header = (Kask__Header *) message;
    if (header && header->subject_case == KASK__HEADER__SUBJECT__NOT_SET) {
        kask__header__free_unpacked (header, NULL);
        header = NULL;
        fault = FAULT_BAD_HEADER;
    }
    *header_p = header;
    return fault;
}

fault_t
statement_unpack (const uint8_t *data, size_t size, Kask__KeyStatement **statement_p)
{
    return unpack (&form_key_statement, data, size, LIMIT_STATEMENT_BYTES, FAULT_BAD_STATEMENT,
                   (ProtobufCMessage **) statement_p);
}

fault_t
done_list_unpack (const uint8_t *data, size_t size, Kask__DoneList **list_p)
{
    return unpack (&form_done_list, data, size, LIMIT_COMMAND_BYTES, FAULT_BAD_COMMAND,
                   (ProtobufCMessage **) list_p);
}

fault_t
signed_unpack (const uint8_t *data, size_t size, Kask__Signed **signed_p)
{
    return unpack (&form_signed, data, size, LIMIT_BODY_BYTES, FAULT_BAD_BODY,
                   (ProtobufCMessage **) signed_p);
}

static size_t
attachments_bytes (const Kask__Content *content)
{
    size_t sum = 0;
    for (size_t i = 0; i < content->n_attachments; i++)
        sum += content->attachments[i]->data.len;
    return sum;
}

fault_t
content_unpack (const uint8_t *data, size_t size, Kask__Content **content_p)
{
    ProtobufCMessage *message;
    fault_t fault = unpack (&form_content, data, size, LIMIT_BODY_BYTES, FAULT_BAD_BODY, &message);
    Kask__Content *content = (Kask__Content *) message;
    if (content && attachments_bytes (content) > LIMIT_ATTACHMENTS_BYTES) {
        kask__content__free_unpacked (content, NULL);
        content = NULL;
        fault = FAULT_TOO_LARGE;
    }
    *content_p = content;
    return fault;
}

fault_t
offering_unpack (const uint8_t *data, size_t size, Kask__Offering **offering_p)
{
    return unpack (&form_offering, data, size, LIMIT_OFFERING_BYTES, FAULT_BAD_BODY,
                   (ProtobufCMessage **) offering_p);
}

bool
partner_name_is_valid (const char *name)
{
    return form_is_partner ((const uint8_t *) name, strlen (name));
}

uint8_t *
message_pack (const ProtobufCMessage *message, size_t *size_p)
{
    *size_p = protobuf_c_message_get_packed_size (message);
    uint8_t *data = malloc (*size_p ? *size_p : 1);
    if (!data)
        abort ();
    protobuf_c_message_pack (message, data);
    return data;
}
