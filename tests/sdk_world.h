/*
 * sdk_world - two partners and a broker of a few lines, for tests of the SDK.
 *
 * The broker keeps lanes and positions in memory and follows PROTOCOL.md as far as
 * these tests need it.
 */
#ifndef KASK_TEST_SDK_WORLD_H
#define KASK_TEST_SDK_WORLD_H

#include "sdk_side.h"

typedef struct {
    letter_t letter; // frame 0 is not used
    char sender[20];
    char recipient[20];
    uint64_t sequence;
    bool done;
    bool dead;
} stored_t;

typedef struct {
    char recipient[20];
    uint64_t next;
} number_t;

typedef struct {
    side_t *side;
    uint8_t outbox[16];
    number_t numbers[4];
    size_t n_numbers;
    uint64_t last_batch;
    uint64_t window;
    size_t n_dones;
    size_t n_deads;
    Kask__DeadReason dead_reason;
    size_t dead_tries;
    char dead_text[LIMIT_SHORT_TEXT_BYTES + 1];
    uint64_t position; // of the one other partner's lane, as taken
    size_t n_takens;
    size_t n_apart;  // told in them
    uint64_t stored; // by Stored
} member_t;

typedef struct {
    member_t members[2];
    stored_t messages[2000];
    size_t n_messages;
    uint8_t database[16];
    bool unavailable;   // answers to sends
    const char *refuse; // fault for the next send
    bool number_unused;
    bool deliver; // at once
} world_t;

// Borrows both sides.
world_t *world_new (side_t *a, side_t *b);
void world_destroy (world_t **self_p);
// NULL: none has that name.
member_t *world_member (world_t *self, const char *name);

// Both begin a session.
void world_connect (world_t *self);
// Everything that both have to say is said and heard, until there is silence.  False: a store
// could not be written.
bool world_turn (world_t *self);
// The broker takes a letter that the member said.
void world_hear (world_t *self, member_t *member, const letter_t *letter);
// A Fault of that name waits for the member.
void world_fault (member_t *member, const char *name);
// The message waits for the member, in whatever state it is.
void world_deliver (member_t *member, const stored_t *message, bool redelivered, uint32_t replay);

#endif
