/*
 * t_form_limits - how large, how many, how deep the fields of a message may be.
 */
#include "codec_wire.h"
#include "limit.h"

static wire_t
content_with_text (size_t size)
{
    wire_t wire = {NULL, 0, 0};
    char *text = malloc (size);
    if (!text)
        abort ();
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
    if (!data)
        abort ();
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

// A Pong and a field that nobody knows, in so many bytes.
static wire_t
reply_of (size_t size)
{
    wire_t wire = {NULL, 0, 0}, pong = {NULL, 0, 0};
    put_message (&wire, 8, &pong);
    size_t filler = size - wire.size - 5; // a tag of 2 bytes, a length of 3
    uint8_t *bytes = calloc (1, filler);
    if (!bytes)
        abort ();
    put_bytes (&wire, 99, bytes, filler);
    free (bytes);
    return wire;
}

static void
a_reply_has_a_limit (void)
{
    wire_t wire = reply_of (LIMIT_REPLY_BYTES);
    ok (wire.size == LIMIT_REPLY_BYTES, "as many bytes as wanted");
    reply_gets (&wire, FAULT_OK, "a reply as large as the limit");
    wire = reply_of (LIMIT_REPLY_BYTES + 1);
    reply_gets (&wire, FAULT_TOO_LARGE, "a reply one byte larger");
}

int
main (void)
{
    a_reply_has_a_limit ();
    sizes_have_limits ();
    counts_have_limits ();
    numbers_stay_below_the_database_s ();
    nesting_has_a_limit ();
    packed_numbers_count ();
    return tap_end ();
}
