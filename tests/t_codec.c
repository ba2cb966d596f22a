/*
 * t_codec - what comes in, held against every limit before it is unpacked.
 *
 * Good messages are packed by protobuf-c; bad ones are written byte by byte
 * with the small writer below, since no encoder makes them.
 */
#include "codec.h"
#include "form.h"
#include "limit.h"
#include "tap.h"

#include <assert.h>
#include <stdlib.h>

// ---------------------------------------------------------------- a writer

typedef struct {
    uint8_t *data;
    size_t size;
    size_t room;
} wire_t;

static void
put (wire_t *self, const void *data, size_t size)
{
    if (self->size + size >= self->room) {
        self->room = 2 * (self->size + size) + 16;
        self->data = realloc (self->data, self->room);
    }
    if (size > 0)
        memcpy (self->data + self->size, data, size);
    self->size += size;
}

static void
put_varint (wire_t *self, uint64_t number)
{
    do {
        uint8_t byte = (uint8_t) ((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
        put (self, &byte, 1);
        number >>= 7;
    } while (number > 0);
}

static void
put_number (wire_t *self, unsigned id, uint64_t number)
{
    put_varint (self, id << 3);
    put_varint (self, number);
}

static void
put_bytes (wire_t *self, unsigned id, const void *data, size_t size)
{
    put_varint (self, id << 3 | 2);
    put_varint (self, size);
    put (self, data, size);
}

static void
put_text (wire_t *self, unsigned id, const char *text)
{
    put_bytes (self, id, text, strlen (text));
}

static void
put_message (wire_t *self, unsigned id, wire_t *message)
{
    put_bytes (self, id, message->data, message->size);
    free (message->data);
    *message = (wire_t){NULL, 0, 0};
}

static void
wipe (wire_t *self)
{
    free (self->data);
    *self = (wire_t){NULL, 0, 0};
}

// ---------------------------------------------------------------- what comes out

// The bytes are copied to a block of their very size, so that a read behind
// them is caught.
#define EXPECT(function, type, free_type, wire, want, name)                                        \
    do {                                                                                           \
        uint8_t *exact = malloc ((wire)->size ? (wire)->size : 1);                                 \
        if ((wire)->size)                                                                          \
            memcpy (exact, (wire)->data, (wire)->size);                                            \
        Kask__##type *message_ = (Kask__##type *) 1;                                               \
        fault_t fault_ = function (exact, (wire)->size, &message_);                                \
        if (!ok (fault_ == (want) && (message_ != NULL) == ((want) == FAULT_OK), (name)))          \
            printf ("# %s\n", fault_name (fault_));                                                \
        if (message_)                                                                              \
            free_type (message_, NULL);                                                            \
        free (exact);                                                                              \
        wipe (wire);                                                                               \
    } while (0)

static void
command_gets (wire_t *wire, fault_t want, const char *name)
{
    EXPECT (command_unpack, Command, kask__command__free_unpacked, wire, want, name);
}

static void
header_gets (wire_t *wire, fault_t want, const char *name)
{
    EXPECT (header_unpack, Header, kask__header__free_unpacked, wire, want, name);
}

static void
content_gets (wire_t *wire, fault_t want, const char *name)
{
    EXPECT (content_unpack, Content, kask__content__free_unpacked, wire, want, name);
}

static void
offering_gets (wire_t *wire, fault_t want, const char *name)
{
    EXPECT (offering_unpack, Offering, kask__offering__free_unpacked, wire, want, name);
}

static void
reply_gets (wire_t *wire, fault_t want, const char *name)
{
    EXPECT (reply_unpack, Reply, kask__reply__free_unpacked, wire, want, name);
}

// ---------------------------------------------------------------- good ones

static const uint8_t id[64] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";

// A header up to its subject.
static wire_t
header_front (void)
{
    wire_t wire = {NULL, 0, 0};
    put_bytes (&wire, 1, id, 16);
    put_text (&wire, 2, "erhvervshus-nord");
    put_text (&wire, 3, "aust-agder");
    put_bytes (&wire, 4, id, 32);
    put_number (&wire, 5, 1764000000000);
    return wire;
}

static wire_t
event (unsigned kind)
{
    wire_t wire = {NULL, 0, 0};
    put_bytes (&wire, 1, id, 16);
    put_number (&wire, 2, kind);
    return wire;
}

static void
header_with_event_gets (wire_t *event_wire, fault_t want, const char *name)
{
    wire_t wire = header_front ();
    put_message (&wire, 6, event_wire);
    header_gets (&wire, want, name);
}

static void
what_is_packed_is_unpacked (void)
{
    Kask__Send send = KASK__SEND__INIT;
    Kask__Command command = KASK__COMMAND__INIT, *again;
    send.recipient = "aust-agder";
    send.number = 9007199254740993;
    command.command_case = KASK__COMMAND__COMMAND_SEND;
    command.send = &send;
    size_t size;
    uint8_t *data = message_pack (&command.base, &size);
    is_int (command_unpack (data, size, &again), FAULT_OK, "a command");
    is_text (again->send->recipient, "aust-agder", "with its text");
    is_int (again->send->number, 9007199254740993, "and its large number");
    kask__command__free_unpacked (again, NULL);
    bool good = true;
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *exact = malloc (cut ? cut : 1);
        assert (exact);
        memcpy (exact, data, cut);
        good = good && command_unpack (exact, cut, &again) == FAULT_BAD_COMMAND && !again;
        free (exact);
    }
    ok (good, "cut off anywhere it is none");
    free (data);
    Kask__Command nothing = KASK__COMMAND__INIT;
    data = message_pack (&nothing.base, &size);
    ok (data && size == 0, "an empty message is packed, too");
    free (data);
}

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

// ---------------------------------------------------------------- bad ones

static void
frames_that_are_none (void)
{
    wire_t wire = {NULL, 0, 0};
    command_gets (&wire, FAULT_BAD_COMMAND, "no bytes");
    put (&wire, "\xff\xff\xff\xff\xff\xff", 6);
    command_gets (&wire, FAULT_BAD_COMMAND, "a tag without end");
    put (&wire, "\x00\x01", 2);
    command_gets (&wire, FAULT_BAD_COMMAND, "field number 0");
    put (&wire, "\x4a\x0c\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 13);
    command_gets (&wire, FAULT_BAD_COMMAND, "a number of more than 64 bits");
    put (&wire, "\x12\xff\xff\xff\xff\x0f", 6);
    command_gets (&wire, FAULT_BAD_COMMAND, "a length of 4 GiB");
    put (&wire,
         "\x12\x05"
         "ab",
         4);
    command_gets (&wire, FAULT_BAD_COMMAND, "a length behind the end");
    put_number (&wire, 2, 1);
    command_gets (&wire, FAULT_BAD_COMMAND, "a number where a message should be");
    put (&wire, "\x0f", 1);
    command_gets (&wire, FAULT_BAD_COMMAND, "a wire type that does not exist");
    put_text (&wire, 99, "unknown");
    command_gets (&wire, FAULT_BAD_COMMAND, "nothing but an unknown field");
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

// ---------------------------------------------------------------- limits

static wire_t
content_with_text (size_t size)
{
    wire_t wire = {NULL, 0, 0};
    char *text = malloc (size);
    memset (text, 'x', size);
    put_bytes (&wire, 6, text, size);
    free (text);
    return wire;
}

static wire_t
content_with_attachments (size_t count, size_t size)
{
    wire_t wire = {NULL, 0, 0};
    uint8_t *data = calloc (1, size + 1);
    for (size_t i = 0; i < count; i++) {
        wire_t sub = {NULL, 0, 0};
        put_bytes (&sub, 3, data, size);
        put_message (&wire, 10, &sub);
    }
    free (data);
    return wire;
}

static void
sizes_have_limits (void)
{
    wire_t wire = content_with_text (LIMIT_TEXT_BYTES);
    content_gets (&wire, FAULT_OK, "a text as long as the limit");
    wire = content_with_text (LIMIT_TEXT_BYTES + 1);
    content_gets (&wire, FAULT_TOO_LARGE, "a text one byte longer");
    wire = content_with_attachments (1, LIMIT_ATTACHMENTS_BYTES);
    content_gets (&wire, FAULT_OK, "5 MiB in one attachment");
    wire = content_with_attachments (20, LIMIT_ATTACHMENTS_BYTES / 20);
    content_gets (&wire, FAULT_OK, "5 MiB in twenty");
    wire = content_with_attachments (20, LIMIT_ATTACHMENTS_BYTES / 20 + 1);
    content_gets (&wire, FAULT_TOO_LARGE, "twenty bytes more");
    wire = content_with_attachments (LIMIT_ATTACHMENTS + 1, 1);
    content_gets (&wire, FAULT_TOO_LARGE, "twenty-one attachments");
    wire = header_front ();
    uint8_t filler[LIMIT_HEADER_BYTES] = {0};
    put_bytes (&wire, 99, filler, sizeof filler);
    header_gets (&wire, FAULT_TOO_LARGE, "a header frame over its limit");
}

static wire_t
offering_with_themes (size_t count)
{
    wire_t wire = {NULL, 0, 0};
    for (size_t i = 0; i < count; i++)
        put_bytes (&wire, 8, "", 0);
    return wire;
}

static void
counts_have_limits (void)
{
    wire_t wire = offering_with_themes (LIMIT_LIST_ITEMS), sub = {NULL, 0, 0};
    offering_gets (&wire, FAULT_OK, "a list as long as the limit");
    wire = offering_with_themes (LIMIT_LIST_ITEMS + 1);
    offering_gets (&wire, FAULT_TOO_LARGE, "one more item");
    wire = offering_with_themes (100000);
    offering_gets (&wire, FAULT_TOO_LARGE, "a hundred thousand");
    for (size_t i = 0; i <= LIMIT_LIST_ITEMS; i++)
        put_bytes (&wire, 100, "", 0);
    offering_gets (&wire, FAULT_TOO_LARGE, "too many unknown fields");
    put_number (&sub, 1, LIMIT_WINDOW_MESSAGES);
    put_number (&sub, 2, LIMIT_WINDOW_BYTES);
    put_message (&wire, 3, &sub);
    command_gets (&wire, FAULT_OK, "a window as large as the limit");
    put_number (&sub, 1, LIMIT_WINDOW_MESSAGES + 1);
    put_message (&wire, 3, &sub);
    command_gets (&wire, FAULT_TOO_LARGE, "a larger one");
    sub = event (6);
    for (size_t i = 0; i <= LIMIT_OBSTACLES; i++)
        put_bytes (&sub, 11, "\x0a\x04SEAT", 6);
    header_with_event_gets (&sub, FAULT_TOO_LARGE, "nine obstacles");
}

static void
numbers_stay_below_the_database_s (void)
{
    wire_t wire = header_front (), sub = event (1);
    put_number (&sub, 3, INT32_MAX);
    header_with_event_gets (&sub, FAULT_OK, "2^31 - 1");
    sub = event (1);
    put_number (&sub, 3, (uint64_t) INT32_MAX + 1);
    header_with_event_gets (&sub, FAULT_BAD_HEADER, "2^31");
    sub = event (1);
    put_number (&sub, 3, ((uint64_t) 1 << 32) + 1);
    header_with_event_gets (&sub, FAULT_BAD_HEADER, "a number that 32 bits would cut");
    wipe (&wire);
    put_text (&sub, 1, "aust-agder");
    put_number (&sub, 2, (uint64_t) INT64_MAX + 1);
    put_message (&wire, 2, &sub);
    command_gets (&wire, FAULT_BAD_COMMAND, "2^63");
}

static wire_t
groups (size_t deep)
{
    wire_t wire = {NULL, 0, 0};
    for (size_t i = 0; i < deep; i++)
        put_varint (&wire, 99 << 3 | 3);
    for (size_t i = 0; i < deep; i++)
        put_varint (&wire, 99 << 3 | 4);
    return wire;
}

static void
nesting_has_a_limit (void)
{
    wire_t wire = groups (1);
    command_gets (&wire, FAULT_BAD_COMMAND, "a group is refused");
    wire = groups (20000);
    command_gets (&wire, FAULT_TOO_DEEP, "twenty thousand levels are not followed");
    wire_t deep = {NULL, 0, 0};
    for (size_t i = 0; i < 20000 && deep.size < LIMIT_HEADER_BYTES / 2; i++) {
        wire_t outer = {NULL, 0, 0};
        put_message (&outer, 99, &deep);
        deep = outer;
    }
    wire = header_front ();
    wire_t sub = event (1);
    put_message (&wire, 6, &sub);
    put_message (&wire, 98, &deep);
    header_gets (&wire, FAULT_OK, "nor are unknown fields, however deep");
}

static void
packed_numbers_count (void)
{
    wire_t wire = {NULL, 0, 0}, deliver = {NULL, 0, 0}, standing = {NULL, 0, 0};
    for (size_t most = LIMIT_OPEN_QUESTIONS; most <= LIMIT_OPEN_QUESTIONS + 1; most++) {
        uint8_t numbers[LIMIT_OPEN_QUESTIONS + 1] = {1, 2, 3};
        put_bytes (&standing, 1, id, 16);
        put_bytes (&standing, 5, numbers, most);
        put_text (&deliver, 1, "aust-agder");
        put_number (&deliver, 2, 1);
        put_message (&deliver, 9, &standing);
        put_message (&wire, 4, &deliver);
        reply_gets (&wire, most > LIMIT_OPEN_QUESTIONS ? FAULT_TOO_LARGE : FAULT_OK,
                    "a packed list counts item by item");
    }
    put_bytes (&standing, 1, id, 16);
    put_number (&standing, 5, 1);
    put_number (&standing, 5, 2);
    put_text (&deliver, 1, "aust-agder");
    put_number (&deliver, 2, 1);
    put_message (&deliver, 9, &standing);
    put_message (&wire, 4, &deliver);
    reply_gets (&wire, FAULT_OK, "an unpacked list is read, too");
    put_bytes (&standing, 1, id, 16);
    put_bytes (&standing, 5, "\x01\xff", 2);
    put_text (&deliver, 1, "aust-agder");
    put_number (&deliver, 2, 1);
    put_message (&deliver, 9, &standing);
    put_message (&wire, 4, &deliver);
    reply_gets (&wire, FAULT_BAD_FRAME, "a packed list that is cut off");
}

static void
small_messages_have_their_own_fault (void)
{
    Kask__KeyStatement *statement;
    Kask__DoneList *list;
    Kask__Signed *sealed;
    is_int (statement_unpack (NULL, 0, &statement), FAULT_BAD_STATEMENT, "an empty statement");
    is_int (done_list_unpack (NULL, 0, &list), FAULT_BAD_COMMAND, "an empty list");
    is_int (signed_unpack (NULL, 0, &sealed), FAULT_BAD_BODY, "an empty Signed");
    ok (!statement && !list && !sealed, "and nothing came out");
    wire_t wire = {NULL, 0, 0};
    put_bytes (&wire, 2, id, 64);
    is_int (signed_unpack (wire.data, wire.size, &sealed), FAULT_OK, "an empty content is signed");
    kask__signed__free_unpacked (sealed, NULL);
    wipe (&wire);
}

int
main (void)
{
    what_is_packed_is_unpacked ();
    forms_fit_the_messages ();
    frames_that_are_none ();
    a_oneof_is_set_once ();
    fields_are_given_once ();
    what_is_needed_is_there ();
    ids_have_their_length ();
    partner_names_have_their_form ();
    codes_and_texts_have_their_form ();
    sizes_have_limits ();
    counts_have_limits ();
    numbers_stay_below_the_database_s ();
    nesting_has_a_limit ();
    packed_numbers_count ();
    small_messages_have_their_own_fault ();
    return tap_end ();
}
