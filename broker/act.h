/*
 * act - what an operator's act holds, for those that decide one.
 */
#ifndef KASK_ACT_H
#define KASK_ACT_H

#include "batch.h"
#include "operator.h"

typedef enum {
    KIND_PARTNER,
    KIND_PARTNER_REVOKE,
    KIND_ALLOW,
    KIND_REVOKE,
    KIND_DEAD_LETTER,
    KIND_UPKEEP,
    KIND_RECOVER,
    KIND_AGAIN
} act_kind_t;

enum { MAX_ENDED = 64 }; // agreements between two partners that one act ends

struct act_s {
    act_kind_t kind;
    unsigned uid;
    act_answer_fn *answer; // NULL: nobody waits, or it was told
    void *answer_arg;
    // as asked for
    partner_t partner;
    bool replace;
    char referrer[LIMIT_PARTNER_NAME + 1];
    char receiver[LIMIT_PARTNER_NAME + 1];
    int64_t from_ms;
    int64_t to_ms;
    dead_letter_t letter;
    upkeep_t upkeep;
    claim_t *claims; // RECOVER
    size_t n_claims;
    // as decided
    bool refused;
    char text[ACT_TEXT_BYTES];
    agreement_t agreements[MAX_ENDED];
    size_t n_agreements;
};

// The act is not done; the text says why, what was not changed, and what to do.
void act_refuse (act_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
// What was done.
void act_say (act_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
// An entry of the operator's; `subject` (borrowed) says what was changed.
audit_row_t act_audit_row (Kask__AuditKind kind, const partner_t *counterpart, const char *subject);

#endif
