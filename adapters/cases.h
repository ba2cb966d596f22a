/*
 * cases - which case of the partner's system a referral is, and how it stands.
 *
 * Rows are written in the transaction of the message that changed them; the
 * caller opens it.
 */
#ifndef KASK_CASES_H
#define KASK_CASES_H

#include "kask.pb-c.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    CASE_REFERRER, // we sent it
    CASE_RECEIVER, // it was sent to us
    CASE_ANY
} case_role_t;

enum { CASE_ID_BYTES = 256, CASE_QUESTIONS = 16 };

typedef struct {
    uint8_t referral[16];
    uint8_t chain[16];
    char partner[64];        // the other one
    case_role_t role;        // ours
    char id[CASE_ID_BYTES];  // the system's; "" if there is none yet
    char key[CASE_ID_BYTES]; // what the system was given to find it by; may be ""
    Kask__State state;       // STATE_NONE until the broker has answered
    uint32_t version;
    char reference[32];                 // for the telephone; "" until the broker has answered
    uint32_t questions[CASE_QUESTIONS]; // open ones, the oldest first
    size_t n_questions;
    int64_t due_at_ms; // 0: no deadline runs
} case_t;

typedef enum { CASE_FOUND, CASE_UNKNOWN, CASE_MANY } case_found_t;

// False: there is none (or the store is down: ledger_is_down).
bool cases_find (sqlite3 *db, const uint8_t referral[16], case_t *found);

// The one that an act in this case is about: of that role, with that partner ("": any),
// one that has not ended, else the last that has.  MANY: several that have not ended.
case_found_t cases_resolve (sqlite3 *db, const char *id, case_role_t role, const char *partner,
                            case_t *found);

// Writes the row whole, new or not.  False: nothing was written.
bool cases_put (sqlite3 *db, const case_t *self) __attribute__ ((warn_unused_result));
bool cases_remove (sqlite3 *db, const uint8_t referral[16]) __attribute__ ((warn_unused_result));

// Takes over what the broker says, unless it is older than what is known.
void case_stand (case_t *self, const Kask__Standing *standing);
bool case_has_ended (const case_t *self);
const char *case_role_name (case_role_t role); // "referrer", "receiver"

#endif
