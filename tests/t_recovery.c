/*
 * t_recovery - a database that is older than what partners hold of it.
 */
#include "recovery.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

enum { A = 1, B = 2, C = 3 };

static registry_t *registry;
static lanes_t *lanes;
static partner_t partners[C + 1];

static void
world_make (void)
{
    registry = registry_new ();
    for (int no = A; no <= C; no++) {
        partners[no] = (partner_t){.no = no};
        snprintf (partners[no].id, sizeof partners[no].id, "partner-%c", (char) ('a' + no - A));
        registry_put (registry, &partners[no]);
    }
    lanes = lanes_new ();
    lanes_require (lanes, B, A)->committed.next_sequence = 12;
}

// What is said to a hello that holds the lane from `sender` up to there.
static fault_t
hear (recovery_t *self, int partner, const char *sender, uint64_t position)
{
    Kask__Position held = KASK__POSITION__INIT, *list[] = {&held};
    held.sender = (char *) sender;
    held.sequence = position;
    Kask__Hello hello = KASK__HELLO__INIT;
    hello.n_positions = 1;
    hello.positions = list;
    return recovery_hear (self, &partners[partner], &hello, registry, lanes);
}

static void
a_position_ahead_is_a_claim (void)
{
    recovery_t *self = recovery_new ();
    recovery_loaded (self, 1, 0);
    is_int (hear (self, B, "partner-a", 11), FAULT_OK, "what the database has reached is no claim");
    ok (recovery_may_send (self, B) && !recovery_claim_at (self, 0), "messages are taken");
    is_int (hear (self, B, "partner-a", 12), FAULT_DATABASE_BEHIND, "one more is a claim");
    const claim_t *claim = recovery_claim_at (self, 0);
    ok (claim && claim->recipient == B && claim->sender == A && claim->position == 12 &&
            claim->known == 11,
        "that says what is held and what is known");
    ok (!recovery_may_send (self, B), "nothing is taken for it");
    ok (recovery_may_send (self, A) && recovery_may_send (self, PARTNER_CATALOGUE),
        "for others it is");
    is_int (hear (self, C, "partner-a", 1), FAULT_DATABASE_BEHIND,
            "a lane that is not known at all");
    is_int (hear (self, C, "nobody", 1), FAULT_OK, "a sender that nobody knows says nothing");
    is_int (hear (self, B, "partner-a", 3), FAULT_OK, "who claims no more has no claim");
    ok (recovery_may_send (self, B) && !recovery_claim_at (self, 0),
        "and messages are taken again");
    recovery_destroy (&self);
}

static void
another_life_waits_for_all (void)
{
    recovery_t *self = recovery_new ();
    ok (!recovery_loaded (self, 1, 0), "a database that is known asks nobody");
    ok (recovery_loaded (self, 2, 1000), "another life: all must say hello again");
    ok (!recovery_loaded (self, 2, 1000), "once");
    ok (!recovery_may_send (self, A) && recovery_may_send (self, PARTNER_CATALOGUE),
        "nothing is taken for who was not heard, the catalogue excepted");
    is_int (hear (self, A, "partner-b", 0), FAULT_OK, "one is heard");
    ok (recovery_may_send (self, A) && !recovery_may_send (self, B), "for it messages are taken");
    is_int (hear (self, B, "partner-a", 2), FAULT_OK, "a second");
    ok (!recovery_is_over (self, registry), "it is not over before all were heard");
    is_int (hear (self, C, "partner-a", 0), FAULT_OK, "the last");
    ok (recovery_is_over (self, registry) && !recovery_is_over (self, registry),
        "then it is, once");
    recovery_destroy (&self);
}

int
main (void)
{
    world_make ();
    a_position_ahead_is_a_claim ();
    another_life_waits_for_all ();
    lanes_destroy (&lanes);
    registry_destroy (&registry);
    return tap_end ();
}
