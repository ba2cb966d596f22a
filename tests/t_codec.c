/*
 * t_codec - messages are unpacked as they were packed, or refused with their own fault.
 */
#include "codec_wire.h"

#include <assert.h>

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
    frames_that_are_none ();
    small_messages_have_their_own_fault ();
    return tap_end ();
}
