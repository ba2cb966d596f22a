/*
 * dialogue - runs a jq program that talks with a partner's system, step by step.
 *
 * The program is asked, the connector performs what it requests, and it is
 * asked again with the response, until it is done (ADAPTERS.md, Dialogues).
 * Nothing here knows a partner, a referral or an offering.
 */
#ifndef KASK_DIALOGUE_H
#define KASK_DIALOGUE_H

#include "connector.h"
#include "mapping.h"

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum {
    DIALOGUE_DONE,
    DIALOGUE_LATER,   // the system, or the program's process, is not there now: all of it again
    DIALOGUE_REFUSED, // the system refuses it for good
    DIALOGUE_CRASHED, // the program failed, or asked for what is no request
    DIALOGUE_ENDLESS  // it did not come to an end
} dialogue_result_t;

enum {
    DIALOGUE_STEPS = 1000,     // at most
    DIALOGUE_RECORDS = 200000, // emitted, at most
    DIALOGUE_TEXT = 500
};

typedef struct {
    dialogue_result_t result;
    char text[DIALOGUE_TEXT]; // why it is not done; "" if it is
    jv last;                  // the program's last answer, an object; null if there is none
    jv said;         // what any answer gave as cursor, case and case_key, the latest of each
    jv emitted;      // records, an array
    bool incomplete; // the program did not see the whole list
} dialogue_outcome_t;

// What the program answers is also given to `watch`, if there is one, which borrows it.
typedef void (dialogue_watch_fn) (void *arg, jv answer);

// `task` and `args` are taken, the rest is borrowed.  Waits for the system and the program.
void dialogue_run (dialogue_outcome_t *self, mapping_t *program, connector_t *connector, jv task,
                   jv args, const attachment_t *attachments, size_t n_attachments,
                   dialogue_watch_fn *watch, void *watch_arg);
void dialogue_outcome_clear (dialogue_outcome_t *self);

// "case" or "case_key", borrowed; "" where none was given.
const char *dialogue_outcome_text (const dialogue_outcome_t *self, const char *member);

#endif
