/*
 * t_content_json - protobuf messages as the JSON of mappings, and back.
 */
#include "content.pb-c.h"
#include "content_json.h"
#include "kask.pb-c.h"
#include "tap.h"

#include <stdlib.h>

static void
an_offering_goes_both_ways (void)
{
    static const char text[] =
        "{\"eligibility\":{\"areas\":[{\"code\":\"DK05\",\"written\":\"Nordjylland\"}],\"foreign_"
        "clients\":\"no\"},\"key\":\"k\","
        "\"price\":{\"amount\":\"9007199254740993.50\"},\"provider\":{\"identifier_unknown\":true,"
        "\"name\":\"Æ\"},"
        "\"themes\":[\"a\",\"b\"],\"title\":[{\"language\":\"da\",\"text\":\"T\"}]}";
    problem_t problem;
    jv value = jv_parse (text);
    ProtobufCMessage *message = content_json_to (&kask__offering__descriptor, value, &problem);
    jv_free (value);
    ok (message != NULL, "JSON becomes an Offering");
    if (!message)
        return;
    const Kask__Offering *offering = (const Kask__Offering *) message;
    is_text (offering->price->amount, "9007199254740993.50", "money stays a text");
    jv back = jv_dump_string (content_json_from (message), JV_PRINT_SORTED);
    is_text (jv_string_value (back), text, "and the same JSON again");
    jv_free (back);
    protobuf_c_message_free_unpacked (message, NULL);
}

static void
what_is_wrong_is_named (void)
{
    static const struct {
        const char *json, *field;
    } table[] = {
        {"{\"titel\":[]}", "titel"},
        {"{\"provider\":{\"nummer\":\"1\"}}", "provider.nummer"},
        {"{\"title\":[{\"language\":\"da\",\"text\":7}]}", "title[0].text"},
        {"{\"title\":{\"da\":\"x\"}}", "title"},
        {"{\"themes\":[\"a\",null]}", "themes[1]"},
        {"{\"referable_effort\":\"yes\"}", "referable_effort"},
        {"{\"provider\":[]}", "provider"},
        {"{\"key\":\"a\\u0000b\"}", "key"},
        {"[]", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        problem_t problem = {.field = "not set"};
        jv value = jv_parse (table[i].json);
        ProtobufCMessage *message = content_json_to (&kask__offering__descriptor, value, &problem);
        ok (!message, table[i].json);
        is_text (problem.field, table[i].field, "names the member");
        jv_free (value);
        if (message)
            protobuf_c_message_free_unpacked (message, NULL);
    }
}

static void
attachments_pass_by (void)
{
    problem_t problem;
    jv value = jv_parse ("{\"attachments\":[]}");
    ok (!content_json_to (&kask__content__descriptor, value, &problem),
        "a mapping cannot give attachments inside the content");
    jv_free (value);
    Kask__Attachment attachment = KASK__ATTACHMENT__INIT;
    Kask__Attachment *list[] = {&attachment};
    Kask__Content content = KASK__CONTENT__INIT;
    content.attachments = list;
    content.n_attachments = 1;
    content.text = (char[]){"t"};
    jv text = jv_dump_string (content_json_from (&content.base), 0);
    is_text (jv_string_value (text), "{\"text\":\"t\"}", "nor does it see them there");
    jv_free (text);
}

static void
a_header_is_shown_by_names (void)
{
    uint8_t id[] = {0xAB, 1};
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.referral_id = (ProtobufCBinaryData){2, id};
    event.event = KASK__EVENT__EVENT_MARK_ERROR;
    event.dead_reason = KASK__DEAD_REASON__KEY_GONE;
    event.version = 7;
    jv text = jv_dump_string (content_json_from (&event.base), JV_PRINT_SORTED);
    is_text (jv_string_value (text),
             "{\"dead_reason\":\"KEY_GONE\",\"event\":\"MARK_ERROR\",\"referral_id\":\"ab01\","
             "\"version\":7}",
             "bytes as hex, enums without their prefix");
    jv_free (text);
    is_int (content_json_enum (&kask__event__descriptor, "SEND"), KASK__EVENT__EVENT_SEND,
            "and a name finds its number");
    is_int (content_json_enum (&kask__event__descriptor, "NOPE"), -1, "if there is one");
}

int
main (void)
{
    an_offering_goes_both_ways ();
    what_is_wrong_is_named ();
    attachments_pass_by ();
    a_header_is_shown_by_names ();
    return tap_end ();
}
