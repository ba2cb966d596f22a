/*
 * sdk_side - one partner, for tests of the SDK: its folder and the two that work on it.
 *
 * These are the program's handle (kask_t without a network) and the session's machine, on a handle
 * of its own, whose port is a list.  What cannot be done ends the test.
 */
#ifndef KASK_TEST_SDK_SIDE_H
#define KASK_TEST_SDK_SIDE_H

#include "client.h"
#include "codec.h"
#include "kask.h"

enum { WORLD_FRAMES = 8, WORLD_LETTERS = 4000 };

typedef struct {
    size_t n;
    uint8_t *data[WORLD_FRAMES];
    size_t size[WORLD_FRAMES];
} letter_t;

typedef struct {
    letter_t letters[WORLD_LETTERS];
    size_t n;
} letters_t;

typedef struct {
    char name[20];
    char dir[200];
    kask_t *kask;
    store_t *store;
    identity_t identity;
    port_t port;
    inbox_t *inbox;
    client_t *client;
    letters_t said;  // by the client
    letters_t heard; // to be given to it
    bool full;       // the port takes nothing
    int64_t tick_ms;
    char alarm[800]; // the last warning or error
} side_t;

extern kask_error_t world_error; // the last one

// The frames are copied.
void letters_add (letters_t *self, const frame_t *frames, size_t n);
void letters_clear (letters_t *self);

side_t *side_new (const char *name);
void side_destroy (side_t **self_p);
void side_open (side_t *self);
// As a process that ends, well or not.
void side_close (side_t *self);
// The other is trusted, as after a telephone call.
void side_pin (side_t *self, side_t *other);

// A reply of the broker's waits for the side; with the frames behind the first of `with`, or NULL.
void side_hear (side_t *self, const Kask__Reply *reply, const letter_t *with);
// One step of the machine, as network.c makes it.  False: its store cannot be written; nothing
// was said.
bool side_step (side_t *self);

// Acts of the partner's people.  `referral` (may be NULL) is the new one's.
kask_stored_t side_refer (side_t *self, side_t *to, const char *act, const char *words,
                          uint8_t referral[16]);
kask_stored_t side_tell (side_t *self, side_t *to, Kask__Event kind, const char *act,
                         const uint8_t referral[16]);
// Takes the next message as done; its text, "" without one, or "nothing".  Static.
const char *side_handle (side_t *self);
// The number that the query gives.
size_t side_count (side_t *self, const char *sql);

#endif
