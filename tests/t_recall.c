/*
 * t_recall - what is asked of the database before a batch, and what is still known of the last.
 */
#include "recall.h"
#include "tap.h"

#include <string.h>

static const uint8_t id[REFERRAL_ID_BYTES] = {7};

typedef struct {
    arena_t *arena;
    recall_t *recall;
} world_t;

static world_t
world_new (void)
{
    arena_t *arena = arena_new ();
    return (world_t){arena, recall_new (arena)};
}

static void
world_destroy (world_t *w)
{
    recall_destroy (&w->recall);
    arena_destroy (&w->arena);
}

// A turn that changes the referral is committed; `item` is destroyed.
static void
commit (world_t *w, item_t *item)
{
    referral_t referral = {.no = 5};
    memcpy (referral.id, id, sizeof id);
    recall_changed (w->recall, recall_put_referral (w->recall, &referral));
    recall_committed (w->recall, item, NULL);
    recall_reset (w->recall);
    item_destroy (&item);
}

// Is the database asked for the referral before the next turn?
static bool
is_asked_for (world_t *w)
{
    run_t *run = run_new (NULL, NULL);
    recall_want_referral (w->recall, id);
    bool asked = recall_ask (w->recall, run);
    run_destroy (&run);
    ok (asked == !recall_referral (w->recall, id), "it is asked for, or it is here");
    recall_reset (w->recall);
    return asked;
}

static void
what_messages_changed_is_known (void)
{
    static const item_kind_t kinds[] = {ITEM_SEND, ITEM_DONE, ITEM_DEAD, ITEM_CLOCK};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        world_t w = world_new ();
        ok (is_asked_for (&w), "what no turn has changed is asked for");
        commit (&w, item_new (kinds[i]));
        ok (!is_asked_for (&w), "what a message or a deadline changed is not");
        world_destroy (&w);
    }
}

// Their statements change rows that the turn never saw.
static void
acts_make_all_forgotten (void)
{
    static const item_kind_t kinds[] = {ITEM_ACT, ITEM_STATEMENT, ITEM_OUTAGE};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        world_t w = world_new ();
        commit (&w, item_new (ITEM_SEND));
        commit (&w, item_new (kinds[i]));
        ok (is_asked_for (&w), "after an act, new keys or an outage it is asked for again");
        commit (&w, item_new (kinds[i]));
        commit (&w, item_new (kinds[i]));
        ok (is_asked_for (&w), "after two of them, the second of which changed it elsewhere, too");
        world_destroy (&w);
    }
}

static void
a_turn_without_items_is_remembered (void)
{
    world_t w = world_new ();
    commit (&w, NULL);
    ok (!is_asked_for (&w), "what the broker itself changed is known");
    world_destroy (&w);
}

int
main (void)
{
    what_messages_changed_is_known ();
    acts_make_all_forgotten ();
    a_turn_without_items_is_remembered ();
    return tap_end ();
}
