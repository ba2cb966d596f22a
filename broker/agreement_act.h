/*
 * agreement_act - an operator lets one partner refer to another, or ends that.
 */
#ifndef KASK_AGREEMENT_ACT_H
#define KASK_AGREEMENT_ACT_H

#include "intake.h"
#include "operator.h"

// Into the intake's batch, or the act is refused.
void agreement_act_allow (intake_t *intake, act_t *self);
void agreement_act_revoke (intake_t *intake, act_t *self);

#endif
