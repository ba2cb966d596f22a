/*
 * t_form - what the fields of a message may hold.
 */
#include "codec_wire.h"
#include "form.h"
#include "limit.h"

static void
forms_fit_the_messages (void)
{
    static const form_t *const forms[] = {
#define FORM(name, ...) &form_##name,
#include "forms.def"
#undef FORM
    };
    bool good = true;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const ProtobufCMessageDescriptor *descriptor = forms[i]->descriptor;
        good = good && forms[i]->n_fields == descriptor->n_fields &&
               descriptor->n_fields <= FORM_FIELDS;
        for (unsigned k = 0; good && k < descriptor->n_fields; k++) {
            const form_field_t *field = &forms[i]->fields[k];
            const ProtobufCFieldDescriptor *wanted = &descriptor->fields[k];
            bool list = wanted->label == PROTOBUF_C_LABEL_REPEATED;
            bool same = strcmp (field->name, wanted->name) == 0 && list == (field->most > 0) &&
                        (field->kind == FORM_MESSAGE) == (wanted->type == PROTOBUF_C_TYPE_MESSAGE);
            if (same && field->form)
                same = field->form->descriptor == wanted->descriptor;
            if (!same)
                printf ("# %s.%s\n", descriptor->name, wanted->name);
            good = same;
        }
    }
    ok (good, "each form has the fields of its message, in their order");
}

static void
a_oneof_is_set_once (void)
{
    wire_t wire = {NULL, 0, 0}, sub = {NULL, 0, 0};
    put_bytes (&wire, 10, "", 0);
    command_gets (&wire, FAULT_OK, "Bye");
    put_bytes (&wire, 10, "", 0);
    put_bytes (&wire, 10, "", 0);
    command_gets (&wire, FAULT_BAD_COMMAND, "Bye twice");
    put_number (&sub, 1, 7);
    put_message (&wire, 9, &sub);
    put_bytes (&wire, 10, "", 0);
    command_gets (&wire, FAULT_BAD_COMMAND, "Ping and Bye");
    wire = header_front ();
    header_gets (&wire, FAULT_BAD_HEADER, "a header without a subject");
}

static void
fields_are_given_once (void)
{
    wire_t wire = {NULL, 0, 0}, sub = {NULL, 0, 0};
    put_text (&sub, 1, "aust-agder");
    put_number (&sub, 2, 1);
    put_number (&sub, 2, 2);
    put_message (&wire, 2, &sub);
    command_gets (&wire, FAULT_BAD_COMMAND, "a number twice");
    wire = header_front ();
    put_text (&wire, 2, "vest-agder");
    header_gets (&wire, FAULT_BAD_HEADER, "a sender twice");
}

static void
what_is_needed_is_there (void)
{
    wire_t wire = {NULL, 0, 0}, sub = {NULL, 0, 0};
    put_number (&sub, 2, 1);
    put_message (&wire, 2, &sub);
    command_gets (&wire, FAULT_BAD_COMMAND, "a Send without recipient");
    put_text (&sub, 1, "aust-agder");
    put_message (&wire, 2, &sub);
    command_gets (&wire, FAULT_BAD_COMMAND, "a Send without number");
    put_text (&sub, 1, "aust-agder");
    put_number (&sub, 2, 0);
    put_message (&wire, 2, &sub);
    command_gets (&wire, FAULT_BAD_COMMAND, "a Send with number 0");
    sub = event (1);
    header_with_event_gets (&sub, FAULT_OK, "a header of an event");
    sub = event (99);
    header_with_event_gets (&sub, FAULT_OK, "an event of a later version can be read");
    sub = event (0);
    header_with_event_gets (&sub, FAULT_BAD_HEADER, "no event");
    put_number (&sub, 2, 1);
    header_with_event_gets (&sub, FAULT_BAD_HEADER, "an event without a referral");
}

static void
ids_have_their_length (void)
{
    wire_t sub = event (1);
    put_bytes (&sub, 4, id, 15);
    header_with_event_gets (&sub, FAULT_BAD_HEADER, "a chain of 15 bytes");
    sub = event (1);
    put_bytes (&sub, 4, id, 17);
    header_with_event_gets (&sub, FAULT_BAD_HEADER, "a chain of 17 bytes");
    sub = event (1);
    put_bytes (&sub, 4, id, 0);
    header_with_event_gets (&sub, FAULT_OK, "an empty one is not given");
}

static const struct {
    const char *name;
    bool valid;
} names[] = {
    {"a", true},    {"aust-agder", true}, {"a1-", true},   {"", false},
    {"1a", false},  {"-a", false},        {"Aust", false}, {"a_b", false},
    {"a b", false}, {"\xc3\xa5s", false}, {"a.b", false},
};

static void
partner_names_have_their_form (void)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ok (partner_name_is_valid (names[i].name) == names[i].valid, names[i].name);
    char name[LIMIT_PARTNER_NAME + 2];
    memset (name, 'a', sizeof name);
    name[LIMIT_PARTNER_NAME] = '\0';
    ok (partner_name_is_valid (name), "as long as the limit");
    name[LIMIT_PARTNER_NAME] = 'a';
    name[LIMIT_PARTNER_NAME + 1] = '\0';
    ok (!partner_name_is_valid (name), "and not longer");
}

static void
event_with_reason_gets (const char *reason, size_t size, fault_t want, const char *name)
{
    wire_t sub = event (9);
    put_bytes (&sub, 13, reason, size);
    header_with_event_gets (&sub, want, name);
}

static void
codes_and_texts_have_their_form (void)
{
    event_with_reason_gets ("WAITING", 7, FAULT_OK, "a code");
    event_with_reason_gets ("two words", 9, FAULT_BAD_HEADER, "a code with a space");
    event_with_reason_gets ("A\0B", 3, FAULT_BAD_HEADER, "a code with a NUL");
    event_with_reason_gets ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 33, FAULT_TOO_LARGE,
                            "a code over its limit");
    static const struct {
        const char *bytes;
        fault_t want;
    } texts[] = {
        {"\xc3\xa5\xe2\x82\xac\xf0\x9f\x9a\xa2", FAULT_OK}, // two, three and four bytes
        {"\xe5", FAULT_BAD_BODY},                           // ISO-8859-1
        {"\xc3", FAULT_BAD_BODY},                           // cut off
        {"\xc0\x80", FAULT_BAD_BODY},                       // NUL, too long
        {"\xe0\x80\xaf", FAULT_BAD_BODY},                   // a slash, too long
        {"\xed\xa0\x80", FAULT_BAD_BODY},                   // a surrogate
        {"\xf4\x90\x80\x80", FAULT_BAD_BODY},               // above U+10FFFF
        {"\xf8\x88\x80\x80\x80", FAULT_BAD_BODY},           // five bytes
        {"\x80", FAULT_BAD_BODY},                           // no beginning
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wire_t wire = {NULL, 0, 0};
        put_text (&wire, 6, texts[i].bytes);
        content_gets (&wire, texts[i].want, "UTF-8 or not");
    }
    wire_t wire = {NULL, 0, 0};
    put_bytes (&wire, 6, "a\0b", 3);
    content_gets (&wire, FAULT_BAD_BODY, "a NUL in a text");
}

int
main (void)
{
    forms_fit_the_messages ();
    a_oneof_is_set_once ();
    fields_are_given_once ();
    what_is_needed_is_there ();
    ids_have_their_length ();
    partner_names_have_their_form ();
    codes_and_texts_have_their_form ();
    return tap_end ();
}
