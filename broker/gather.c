/*
 * gather - which of what waits is decided in the next turn.
 */
#include "gather.h"
#include "limit.h"

bool
item_is_acknowledgement (const item_t *item)
{
    return item->kind == ITEM_DONE || item->kind == ITEM_STORED;
}

bool
item_is_alone (const item_t *item)
{
    return item->kind == ITEM_ACT || item->kind == ITEM_STATEMENT || item->kind == ITEM_OUTAGE;
}

// A new referral or an offering follows from nothing that its sender has acknowledged.
static bool
may_overtake (const item_t *item)
{
    if (item->kind != ITEM_SEND || item->fault != FAULT_OK)
        return false;
    return item->header->subject_case == KASK__HEADER__SUBJECT_OFFERING ||
           item->header->referral->event == KASK__EVENT__EVENT_SEND;
}

static bool
acknowledgements_stay (const queue_t *waiting, const gather_t *limits)
{
    if (limits->acknowledgements_are_due)
        return false;
    for (const item_t *item = waiting->first; item; item = item->next)
        if (!item_is_acknowledgement (item) && !may_overtake (item))
            return false;
    return true;
}

static bool
has_room (const queue_t *turn, const gather_t *limits, const item_t *next)
{
    return !turn->first ||
           (turn->count < limits->items && turn->bytes + next->bytes <= limits->bytes &&
            !item_is_alone (next) && !item_is_alone (turn->first));
}

// Does more than one partner wait?  0 is nobody's: the broker's own items.
static bool
has_company (const queue_t *waiting)
{
    int one = 0;
    for (const item_t *item = waiting->first; item; item = item->next)
        if (!one)
            one = item->partner;
        else if (item->partner && item->partner != one)
            return true;
    return false;
}

typedef struct {
    const gather_t *limits;
    bool acknowledgements_stay;
    bool is_shared;
    size_t taken[LIMIT_PARTNERS + 1]; // by the partner's number
} choice_t;

// Once one of a partner's stays, all that follow it do.
static bool
is_over_share (choice_t *self, const item_t *item)
{
    return self->is_shared && item->partner && self->taken[item->partner]++ >= self->limits->share;
}

queue_t
gather (queue_t *waiting, const gather_t *limits, bool *more_p)
{
    queue_t turn = {0}, stay = {0};
    choice_t choice = {limits, acknowledgements_stay (waiting, limits), has_company (waiting), {0}};
    *more_p = false;
    while (waiting->first && has_room (&turn, limits, waiting->first)) {
        item_t *item = queue_take (waiting);
        bool waits = choice.acknowledgements_stay && item_is_acknowledgement (item);
        bool is_over = !waits && is_over_share (&choice, item);
        *more_p = *more_p || is_over;
        queue_put (waits || is_over ? &stay : &turn, item);
    }
    *more_p = *more_p || waiting->first;
    queue_put_before (waiting, &stay);
    return turn;
}
