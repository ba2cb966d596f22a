/*
 * t_gather - what goes into a turn, and what is left for the next.
 */
#include "gather.h"
#include "tap.h"

#include <string.h>

enum { ITEM_BYTES = 100 };

static item_t *
item_of (item_kind_t kind, int partner)
{
    item_t *item = item_new (kind);
    item->partner = partner;
    item->bytes = ITEM_BYTES;
    return item;
}

static item_t *
send_of (Kask__Event kind, int partner)
{
    item_t *item = item_of (ITEM_SEND, partner);
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.event = kind;
    Kask__Header header = KASK__HEADER__INIT;
    header.subject_case = KASK__HEADER__SUBJECT_REFERRAL;
    header.referral = &event;
    uint8_t bytes[200];
    size_t size = kask__header__pack (&header, bytes);
    item->header = kask__header__unpack (NULL, size, bytes);
    return item;
}

// The partners of the items, a digit each.
static const char *
digits (const queue_t *queue)
{
    static char text[20];
    size_t n = 0;
    for (const item_t *item = queue->first; item; item = item->next)
        text[n++] = (char) ('0' + item->partner);
    text[n] = '\0';
    return text;
}

static void
check (queue_t *waiting, gather_t limits, const char *taken, const char *left, bool more,
       const char *name)
{
    bool is_more;
    queue_t turn = gather (waiting, &limits, &is_more);
    is_text (digits (&turn), taken, name);
    is_text (digits (waiting), left, "and the rest stays in its order");
    is_int (is_more, more, "and it is known whether more than acknowledgements waits");
    queue_clear (&turn);
    queue_clear (waiting);
}

static queue_t
mixed (Kask__Event last)
{
    queue_t waiting = {0};
    queue_put (&waiting, item_of (ITEM_DONE, 1));
    queue_put (&waiting, send_of (KASK__EVENT__EVENT_SEND, 2));
    queue_put (&waiting, item_of (ITEM_STORED, 3));
    queue_put (&waiting, send_of (last, 4));
    return waiting;
}

static queue_t
from (const char *partners)
{
    queue_t waiting = {0};
    for (const char *at = partners; *at; at++)
        queue_put (&waiting, item_of (*at == '0' ? ITEM_CLOCK : ITEM_DEAD, *at - '0'));
    return waiting;
}

static void
each_partner_has_its_share (void)
{
    static const struct {
        const char *name, *waiting, *taken, *left;
        bool more;
    } rows[] = {
        {"who is alone takes the whole turn", "11111", "11111", "", false},
        {"the broker's own items are no company", "10111", "10111", "", false},
        {"who floods leaves room for who comes behind", "111121", "112", "111", true},
        {"each has its share, in its order", "1122211", "1122", "211", true},
        {"at the share all pass", "1212", "1212", "", false},
        {"the broker's own have no share", "1000021", "1000021", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        queue_t waiting = from (rows[i].waiting);
        check (&waiting, (gather_t){100, 10000, 2, true}, rows[i].taken, rows[i].left, rows[i].more,
               rows[i].name);
    }
}

int
main (void)
{
    const gather_t many = {100, 10000, 100, false};
    queue_t waiting = mixed (KASK__EVENT__EVENT_SEND);
    check (&waiting, many, "24", "13", false, "new referrals go before acknowledgements");
    waiting = mixed (KASK__EVENT__EVENT_ACCEPT);
    check (&waiting, many, "1234", "", false, "another event overtakes nothing");
    waiting = mixed (KASK__EVENT__EVENT_SEND);
    check (&waiting, (gather_t){100, 10000, 100, true}, "1234", "", false,
           "acknowledgements that are due go along");
    waiting = mixed (KASK__EVENT__EVENT_SEND);
    check (&waiting, (gather_t){1, 10000, 100, false}, "2", "134", true,
           "no more items than allowed");
    waiting = mixed (KASK__EVENT__EVENT_SEND);
    check (&waiting, (gather_t){100, 2 * ITEM_BYTES, 100, true}, "12", "34", true, "no more bytes");
    waiting = mixed (KASK__EVENT__EVENT_SEND);
    check (&waiting, (gather_t){100, 1, 100, true}, "1", "234", true, "but the first always");
    waiting = mixed (KASK__EVENT__EVENT_SEND);
    queue_put (&waiting, item_of (ITEM_ACT, 5));
    check (&waiting, many, "1234", "5", true, "an act goes alone");
    waiting = (queue_t){0};
    queue_put (&waiting, item_of (ITEM_ACT, 1));
    queue_put (&waiting, item_of (ITEM_DONE, 2));
    check (&waiting, many, "1", "2", true, "and nothing goes with it");
    each_partner_has_its_share ();
    return tap_end ();
}
