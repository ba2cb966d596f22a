/*
 * partner_act - an operator takes a partner in, with its keys, or revokes them.
 */
#ifndef KASK_PARTNER_ACT_H
#define KASK_PARTNER_ACT_H

#include "intake.h"
#include "operator.h"

// Into the intake's batch, or the act is refused.
void partner_act_take (intake_t *intake, act_t *self);
void partner_act_revoke (intake_t *intake, act_t *self);

#endif
