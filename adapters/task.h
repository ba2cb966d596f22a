/*
 * task - what a dialogue that writes into the partner's system is told.
 *
 * ADAPTERS.md, Tasks, fixes the members.
 */
#ifndef KASK_TASK_H
#define KASK_TASK_H

#include "cases.h"
#include "kask.h"

#include <jv.h>

// A message of the other party's, or of the broker's.  All borrowed; the task is the caller's.
jv task_event (kask_t *kask, const kask_message_t *message, const case_t *subject);
// What became of our own event.
jv task_answer (kask_t *kask, const kask_answer_t *answer, const case_t *subject);
// One item of a task with offerings.
jv task_offering (kask_t *kask, const kask_offering_t *offering);

// The Event of a header; NULL if its subject is none.
const Kask__ReferralEvent *task_referral (const Kask__Header *header);

#endif
