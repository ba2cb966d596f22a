/*
 * t_keyring - pins are made by people; the broker brings keys for them and nothing else.
 */
#include "sdk_home.h"
#include "tap.h"

static home_t *anna, *bo, *thief;

static peer_t
see (const char *partner)
{
    peer_t peer;
    (void) keyring_find (anna->store, partner, &peer);
    return peer;
}

static bool
says (const char *text, const char *words)
{
    bool said = strstr (text, words) != NULL;
    if (!said)
        printf ("# \"%s\" is not in: %s\n", words, text);
    return said;
}

static void
begin (void)
{
    anna = home_new ("anna");
    bo = home_new ("bo");
    thief = home_new ("thief");
}

static void
end (void)
{
    home_destroy (&anna);
    home_destroy (&bo);
    home_destroy (&thief);
    scratch_end ();
    scratch_begin ();
}

static void
who_is_listed_is_not_trusted (void)
{
    peer_t peer;
    begin ();
    ok (!keyring_find (anna->store, "bo", &peer), "nobody is known");
    home_hear_of (anna, "bo", bo);
    peer = see ("bo");
    ok (peer.listed && peer.shown && peer.to_partner && !peer.from_partner, "bo is listed");
    ok (!peer.pinned && !peer.sealable && !peer.conflict, "and not trusted");
    ok (keyring_at (anna->store, 0, &peer) && !keyring_at (anna->store, 1, &peer), "nobody else");
    home_hear_of (anna, "bo", NULL);
    ok (!keyring_find (anna->store, "bo", &peer), "what is listed no more is not known");
    end ();
}

static void
a_pin_meets_its_keys (void)
{
    begin ();
    ok (home_pin (anna, "bo", bo), "bo is pinned before the broker shows it");
    ok (!see ("bo").pinned && !see ("bo").sealable, "its keys are not known yet");
    int64_t version = keyring_version (anna->store);
    home_hear_of (anna, "bo", bo);
    ok (see ("bo").pinned && see ("bo").sealable, "then they are");
    ok (memcmp (see ("bo").sealing, bo->me.sealing[0].key, 32) == 0, "the sealing key is bo's");
    ok (keyring_version (anna->store) > version, "the version has risen");
    ok (home_pin (anna, "bo", bo), "pinning it again changes nothing");
    ok (keyring_unpin (anna->store, "bo", &home_error), "it is unpinned");
    ok (!see ("bo").pinned && see ("bo").listed, "and is not trusted any more");
    ok (!keyring_unpin (anna->store, "bo", &home_error) && says (home_error.text, "not pinned"),
        "twice is said");
    end ();
}

static void
another_identity_is_a_conflict (void)
{
    begin ();
    ok (home_pin (anna, "bo", bo), "bo is pinned");
    home_hear_of (anna, "bo", bo);
    thief->me.statement_size = 0;
    home_hear_of (anna, "bo", thief);
    ok (says (anna->alarm, "not signed by the key it names"), "no statement at all is an alarm");
    ok (see ("bo").sealable, "what was known goes on");
    end ();
    begin ();
    ok (home_pin (anna, "thief", bo), "a partner is pinned with another's fingerprint");
    home_hear_of (anna, "thief", thief);
    ok (see ("thief").conflict && !see ("thief").sealable, "that is a conflict");
    ok (says (anna->alarm, "not the pinned one") && says (anna->alarm, "telephone"), "said aloud");
    ok (!home_pin (anna, "thief", thief) && says (home_error.text, "unpin it first"),
        "a pin is not moved");
    end ();
}

static void
what_does_not_fit_is_not_pinned (void)
{
    const alarm_t alarm = {home_say, NULL};
    begin ();
    home_hear_of (anna, "bo", bo);
    ok (!home_pin (anna, "bo", thief) && says (home_error.text, "nothing was pinned"),
        "another fingerprint than the one shown");
    ok (!keyring_pin (anna->store, "bo", "8f3a 02c1", &alarm, &home_error) &&
            says (home_error.text, "is no fingerprint"),
        "half a fingerprint");
    ok (!keyring_pin (anna->store, "Bo!", "", &alarm, &home_error), "no partner's id");
    ok (!see ("bo").pinned, "nothing was pinned");
    end ();
}

static void
a_forged_statement_is_not_taken (void)
{
    begin ();
    ok (home_pin (anna, "bo", bo), "bo is pinned");
    bo->me.signature[3] ^= 1;
    home_hear_of (anna, "bo", bo);
    ok (!see ("bo").shown && !see ("bo").sealable, "a statement that is not signed is not shown");
    ok (says (anna->alarm, "bo") && says (anna->alarm, "was not taken"), "and is an alarm");
    bo->me.signature[3] ^= 1;
    home_hear_of (anna, "thief", bo);
    ok (!see ("thief").shown, "nor is one that names another partner");
    end ();
}

static void
keys_only_go_forward (void)
{
    begin ();
    ok (home_pin (anna, "bo", bo), "bo is pinned");
    identity_t old = bo->me;
    bool good = identity_rotate (bo->store, false, INT64_C (1800000000000), &home_error) &&
                identity_load (bo->store, &bo->me, &home_error);
    ok (good && bo->me.number > old.number, "bo makes new keys");
    home_hear_of (anna, "bo", bo);
    ok (memcmp (see ("bo").sealing, bo->me.sealing[0].key, 32) == 0, "they are used");
    identity_t present = bo->me;
    bo->me = old;
    home_hear_of (anna, "bo", bo);
    ok (memcmp (see ("bo").sealing, present.sealing[0].key, 32) == 0,
        "a lower number changes nothing");
    end ();
}

static void
a_key_is_kept_until_a_later_one_is_in_use (void)
{
    begin ();
    identity_t first = bo->me;
    bool good = identity_rotate (bo->store, false, INT64_C (1800000000000), &home_error) &&
                identity_curve_is_used (bo->store, first.number, &home_error) &&
                identity_load (bo->store, &bo->me, &home_error);
    ok (good, "keys are made while the first ones come into use");
    is_int ((int64_t) bo->me.n_curve, 2, "the connection key that the broker knows is kept");
    good = identity_curve_is_used (bo->store, bo->me.number, &home_error) &&
           identity_load (bo->store, &bo->me, &home_error);
    ok (good, "the newest comes into use");
    is_int ((int64_t) bo->me.n_curve, 1, "the ones before are gone");
    end ();
}

int
main (void)
{
    scratch_begin ();
    who_is_listed_is_not_trusted ();
    a_pin_meets_its_keys ();
    another_identity_is_a_conflict ();
    what_does_not_fit_is_not_pinned ();
    a_forged_statement_is_not_taken ();
    keys_only_go_forward ();
    a_key_is_kept_until_a_later_one_is_in_use ();
    return tap_end ();
}
