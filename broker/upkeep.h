/*
 * upkeep - what an operator sets for a partner: its mailbox and its closing days.
 *
 * A paused mailbox takes messages and gives none out, REVOKEs excepted, until it is resumed.
 * Meanwhile the deadlines of referrals to the partner stand.  Closing days count like
 * holidays for deadlines that are set from then on.
 */
#ifndef KASK_UPKEEP_H
#define KASK_UPKEEP_H

#include "intake.h"

typedef enum { UPKEEP_PAUSE, UPKEEP_RESUME, UPKEEP_CLOSE, UPKEEP_OPEN } upkeep_kind_t;

enum { UPKEEP_TEXT_BYTES = 600, UPKEEP_CLOSED_DAYS = 200 }; // a partner's closing days together

typedef struct {
    upkeep_kind_t kind;
    char partner[LIMIT_PARTNER_NAME + 1];
    int32_t first_day; // CLOSE, OPEN
    int32_t last_day;  // CLOSE
    // as decided
    int no;
    int64_t paused_at;
    calendar_t calendar;
} upkeep_t;

// False: nothing was changed, and `text` (UPKEEP_TEXT_BYTES) says why; else what was.
// `uid` is the operator, for the audit log.
bool upkeep_decide (const intake_t *intake, upkeep_t *self, unsigned uid, char *text);
// The batch is committed: brings the registry up to date.
void upkeep_committed (const upkeep_t *self, registry_t *registry);

#endif
