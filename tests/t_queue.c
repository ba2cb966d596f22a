/*
 * t_queue - items in the order in which they came.
 */
#include "queue.h"
#include "tap.h"

static item_t *
item_of (int partner, size_t bytes)
{
    item_t *item = item_new (ITEM_CLOCK);
    item->partner = partner;
    item->bytes = bytes;
    return item;
}

static bool
next_is (queue_t *queue, int partner)
{
    item_t *item = queue_take (queue);
    bool good = item && item->partner == partner;
    if (item)
        item_destroy (&item);
    return good;
}

static void
first_in_first_out (void)
{
    queue_t queue = {0};
    ok (!queue_take (&queue), "nothing comes from an empty queue");
    queue_put (&queue, item_of (1, 10));
    queue_put (&queue, item_of (2, 20));
    ok (queue.count == 2 && queue.bytes == 30, "it knows how many and how much");
    ok (next_is (&queue, 1) && next_is (&queue, 2) && !queue.last, "first in, first out");
    ok (queue.count == 0 && queue.bytes == 0, "and nothing is left");
}

static void
what_goes_back_goes_to_the_front (void)
{
    queue_t queue = {0}, front = {0};
    queue_put (&queue, item_of (3, 1));
    queue_put (&front, item_of (1, 1));
    queue_put (&front, item_of (2, 1));
    queue_put_before (&queue, &front);
    ok (queue.count == 3 && !front.first && front.count == 0, "all moves");
    queue_put (&queue, item_of (4, 1));
    ok (next_is (&queue, 1) && next_is (&queue, 2) && next_is (&queue, 3) && next_is (&queue, 4),
        "in its order, before what was there");
    queue_put (&front, item_of (5, 1));
    queue_put_before (&queue, &front);
    queue_put (&queue, item_of (6, 1));
    ok (next_is (&queue, 5) && next_is (&queue, 6), "into an empty queue, too");
    queue_put (&queue, item_of (7, 1));
    queue_clear (&queue);
    ok (!queue.first && !queue.bytes, "a cleared queue is empty");
}

static void
whose_commands_wait (void)
{
    queue_t queue = {0};
    item_t *item = item_of (2, 1);
    queue_put (&queue, item_of (1, 1));
    queue_put (&queue, item);
    ok (!queue_has_from (&queue, 1) && !queue_has_from (&queue, 2),
        "the clock is nobody's command");
    item->kind = ITEM_DEAD;
    ok (queue_has_from (&queue, 2), "one behind another is found");
    ok (!queue_has_from (&queue, 1), "and it is not another's");
    item->kind = ITEM_CLOCK;
    queue_clear (&queue);
}

int
main (void)
{
    first_in_first_out ();
    what_goes_back_goes_to_the_front ();
    whose_commands_wait ();
    return tap_end ();
}
