/*
 * t_partner - who is registered, and who may send to whom.
 */
#include "partner.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

static void
put (registry_t *registry, int no, const char *id)
{
    partner_t partner = {.no = no};
    snprintf (partner.id, sizeof partner.id, "%s", id);
    memset (partner.curve_key, no, sizeof partner.curve_key);
    registry_put (registry, &partner);
}

static void
partners_are_found (void)
{
    registry_t *registry = registry_new ();
    is_int (registry_next_no (registry), 1, "the first partner is number 1");
    put (registry, 1, "partner-a");
    put (registry, 3, "partner-c");
    is_int (registry_next_no (registry), 4, "the next is one more than the highest");
    const partner_t *c = registry_by_no (registry, 3);
    ok (c && registry_find (registry, "partner-c") == c, "found by number and by name");
    uint8_t key[PARTNER_KEY_BYTES];
    memset (key, 3, sizeof key);
    ok (registry_by_curve_key (registry, key) == c, "and by key");
    key[31] = 0;
    ok (!registry_by_curve_key (registry, key), "a key that differs in its last byte is nobody's");
    ok (!registry_by_no (registry, 2) && !registry_find (registry, "partner-b") &&
            !registry_find (registry, ""),
        "who is not there is not found");
    registry_destroy (&registry);
}

static void
new_keys_take_the_place_of_old_ones (void)
{
    registry_t *registry = registry_new ();
    put (registry, 1, "partner-a");
    partner_t partner = *registry_by_no (registry, 1);
    uint8_t old[PARTNER_KEY_BYTES];
    memcpy (old, partner.curve_key, sizeof old);
    memset (partner.curve_key, 9, sizeof partner.curve_key);
    registry_put (registry, &partner);
    ok (!registry_by_curve_key (registry, old), "the old key is nobody's any more");
    ok (registry_by_curve_key (registry, partner.curve_key) != NULL,
        "the new one is the partner's");
    is_int (registry_size (registry), 1, "and the partner is one");
    registry_clear (registry);
    is_int (registry_size (registry), 0, "a cleared registry knows nobody");
    registry_destroy (&registry);
}

static void
the_key_before_counts_too (void)
{
    registry_t *registry = registry_new ();
    put (registry, 1, "partner-a");
    put (registry, 2, "partner-b");
    const uint8_t none[PARTNER_KEY_BYTES] = {0};
    ok (!registry_by_curve_key (registry, none),
        "no key is nobody's, though nobody has one before");
    partner_t partner = *registry_by_no (registry, 2);
    memset (partner.curve_before, 7, sizeof partner.curve_before);
    registry_put (registry, &partner);
    is_int (registry_by_curve_key (registry, partner.curve_before)->no, 2, "the one before counts");
    is_int (registry_by_curve_key (registry, partner.curve_key)->no, 2, "and the present one");
    registry_destroy (&registry);
}

static void
agreements_hold_from_and_to (void)
{
    static const struct {
        const char *name;
        int referrer, receiver;
        int64_t at;
        bool want;
    } rows[] = {
        {"the moment before it begins", 1, 2, 99, false}, {"when it begins", 1, 2, 100, true},
        {"the moment before it ends", 1, 2, 199, true},   {"when it ends", 1, 2, 200, false},
        {"the other way round", 2, 1, 150, false},        {"in its second time", 1, 2, 400, true},
        {"between its two times", 1, 2, 250, false},
    };
    registry_t *registry = registry_new ();
    put (registry, 1, "partner-a");
    put (registry, 2, "partner-b");
    registry_agree (registry, &(agreement_t){1, 2, 100, INT64_MAX});
    ok (registry_may_refer (registry, 1, 2, 5000), "without an end it holds until further notice");
    registry_agree (registry, &(agreement_t){1, 2, 100, 200});
    registry_agree (registry, &(agreement_t){1, 2, 300, INT64_MAX});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_int (registry_may_refer (registry, rows[i].referrer, rows[i].receiver, rows[i].at),
                rows[i].want, rows[i].name);
    registry_destroy (&registry);
}

static void
agreements_turn_when_they_begin_and_end (void)
{
    registry_t *registry = registry_new ();
    registry_agree (registry, &(agreement_t){1, 2, 100, 200});
    static const struct {
        const char *name;
        int64_t since, until;
        bool want;
    } rows[] = {{"before it begins nothing turns", 10, 99, false},
                {"when it begins", 99, 100, true},
                {"once", 100, 199, false},
                {"when it ends", 199, 200, true},
                {"once", 200, 5000, false},
                {"both at once", 0, 5000, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_int (registry_agreements_turn (registry, rows[i].since, rows[i].until), rows[i].want,
                rows[i].name);
    registry_destroy (&registry);
}

static void
former_identities_come_behind_the_present_one (void)
{
    partner_t partner = {.no = 1, .n_former = 1};
    memset (partner.identity_key, 5, sizeof partner.identity_key);
    memset (partner.former[0], 4, sizeof partner.former[0]);
    ok (partner_identity_at (&partner, 0) == partner.identity_key, "first the present one");
    ok (partner_identity_at (&partner, 1) == partner.former[0], "then the one before");
    ok (!partner_identity_at (&partner, 2), "then none");
    uint8_t key[PARTNER_KEY_BYTES];
    memset (key, 4, sizeof key);
    ok (partner_succeeds (&partner, key), "who knew the one before knows the partner");
    memset (key, 3, sizeof key);
    ok (!partner_succeeds (&partner, key), "who knew another does not");
}

int
main (void)
{
    partners_are_found ();
    new_keys_take_the_place_of_old_ones ();
    the_key_before_counts_too ();
    agreements_hold_from_and_to ();
    agreements_turn_when_they_begin_and_end ();
    former_identities_come_behind_the_present_one ();
    return tap_end ();
}
