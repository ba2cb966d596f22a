/*
 * system - what stands for a partner's own system in tests: one SQLite file.
 *
 * Table `act` holds what its people did, in that order, under the names that libkask is given;
 * what the broker answered is appended to it.  Table `effect` holds what has come from others,
 * in that order, under the key that libkask gave.  Nothing here knows libkask's own store, so a
 * checker can hold one partner's acts against another's effects.
 *
 * Nothing is written outside of a transaction.  system_begin is the only call that the outside may
 * delay: it says false where somebody else holds the file.  Any other trouble with the file ends
 * the program, which has then written nothing of that transaction.
 */
#ifndef KASK_TEST_SYSTEM_H
#define KASK_TEST_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct system_s system_t;

typedef struct {
    int64_t no;
    char recipient[64];
    char text[96]; // the referral's name: "alfa>bravo/17"
    char name[128];
    uint8_t referral[16];
    int event;
} act_t;

typedef struct {
    const char *key;
    const char *sender;
    int64_t sequence;
    uint32_t replay;
    const uint8_t *referral; // 16 bytes
    int event;
    const char *text;
    bool by_broker;
} effect_t;

system_t *system_open (const char *path);
void system_close (system_t **self_p);

bool system_begin (system_t *self);
void system_commit (system_t *self);

// How many SENDs there are to that recipient.
long system_sends (system_t *self, const char *recipient);
// Once; a second act of that event on that referral is none.  A SEND with `referral` NULL makes
// its referral; its other acts find it under the same text.
void system_act (system_t *self, const char *recipient, int event, const char *text,
                 const uint8_t *referral);
// The first act behind `no`; false if there is none.
bool system_act_after (system_t *self, int64_t no, act_t *act);
// `answer`: ACCEPTED, or a fault's wire name.
void system_answer (system_t *self, const char *name, const char *answer);
// Once under its key.
void system_take (system_t *self, const effect_t *effect);

#endif
