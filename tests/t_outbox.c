/*
 * t_outbox - what waits to be sent, what the broker said to it, and what version is known.
 */
#include "outbox.h"

#include "codec.h"
#include "sdk_home.h"
#include "seal.h"
#include "tap.h"

static home_t *anna, *bo;
static uint8_t referral[16] = {9, 8, 7}, message_id[16] = {1}, origin[32] = {2};

static void
begin (void)
{
    anna = home_new ("anna");
    bo = home_new ("bo");
}

static void
end (void)
{
    home_destroy (&anna);
    home_destroy (&bo);
    scratch_end ();
    scratch_begin ();
}

// One act; its row's number.
static int64_t
put_act (void)
{
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    Kask__Header header = KASK__HEADER__INIT;
    event.event = KASK__EVENT__EVENT_SEND;
    event.referral_id = event.chain_id = (ProtobufCBinaryData){16, referral};
    event.legal_basis = (char *) "CONSENT";
    header.message_id = (ProtobufCBinaryData){16, message_id};
    header.origin_key = (ProtobufCBinaryData){32, origin};
    header.sender = (char *) "anna";
    header.recipient = (char *) "bo";
    header.subject_case = KASK__HEADER__SUBJECT_REFERRAL;
    header.referral = &event;
    home_begin (anna);
    bool good = outbox_put (
        anna->store, &anna->me,
        &(outgoing_t){
            .act = "act 1", .header = &header, .content = (const uint8_t *) "", .size = 0});
    ok (good, "an act is put");
    home_commit (anna);
    return home_count (anna, "SELECT max (no) FROM kask_outbox");
}

static bool
is_sealed (void)
{
    return home_count (anna, "SELECT sealed FROM kask_outbox") == 1;
}

static void
settle (int64_t no, const Kask__Answer *answer)
{
    home_begin (anna);
    outbox_settle (anna->store, no, answer);
    home_commit (anna);
}

// Can bo open the only row?
static bool
bo_opens (void)
{
    sqlite3_stmt *row = store_query (anna->store, "SELECT header, body FROM kask_outbox", "");
    sealed_header_t header = {.bytes = sqlite3_column_blob (row, 0),
                              .size = (size_t) sqlite3_column_bytes (row, 0)};
    Kask__Header *unpacked;
    Kask__Content *content = NULL;
    fault_t fault = header_unpack (header.bytes, header.size, &unpacked);
    assert (fault == FAULT_OK);
    header.header = unpacked;
    Kask__DeadReason reason =
        seal_open (&bo->me, &header, anna->me.identity_key, sqlite3_column_blob (row, 1),
                   (size_t) sqlite3_column_bytes (row, 1), &content);
    store_release (row);
    kask__header__free_unpacked (unpacked, NULL);
    if (content)
        kask__content__free_unpacked (content, NULL);
    return reason == KASK__DEAD_REASON__DEAD_REASON_NONE;
}

static void
content_waits_for_keys (void)
{
    peer_t peer;
    begin ();
    int64_t no = put_act ();
    ok (!is_sealed (), "without keys it waits in clear");
    (void) keyring_find (anna->store, "bo", &peer);
    ok (!outbox_seal (anna->store, &anna->me, no, &peer) && !is_sealed (), "it cannot be sealed");
    ok (home_pin (anna, "bo", bo), "bo is pinned");
    home_hear_of (anna, "bo", bo);
    ok (keyring_find (anna->store, "bo", &peer) && peer.sealable, "its keys come");
    home_begin (anna);
    ok (outbox_seal (anna->store, &anna->me, no, &peer), "it is sealed");
    home_commit (anna);
    ok (is_sealed () && bo_opens (), "and bo can open it");
    ok (!outbox_seal (anna->store, &anna->me, no + 1, &peer), "a row that is not there is not");
    end ();
}

static void
what_is_pinned_is_sealed_at_once (void)
{
    begin ();
    ok (home_pin (anna, "bo", bo), "bo is pinned");
    home_hear_of (anna, "bo", bo);
    put_act ();
    ok (is_sealed () && bo_opens (), "an act is sealed when it is put");
    end ();
}

static void
an_act_is_remembered_for_ever (void)
{
    uint8_t other[32] = {3}, found[16];
    begin ();
    int64_t no = put_act ();
    ok (outbox_find_act (anna->store, origin, found) && memcmp (found, message_id, 16) == 0,
        "an act is found by its origin");
    ok (!outbox_find_act (anna->store, other, found), "another is not");
    Kask__Answer answer = KASK__ANSWER__INIT;
    answer.outcome = KASK__OUTCOME__ACCEPTED;
    settle (no, &answer);
    ok (outbox_find_act (anna->store, origin, found), "also when it was answered");
    end ();
}

static void
an_answer_takes_its_place (void)
{
    begin ();
    int64_t no = put_act ();
    Kask__Answer answer = KASK__ANSWER__INIT;
    answer.outcome = KASK__OUTCOME__REFUSED;
    answer.fault = (char *) "NO_AGREEMENT";
    answer.text = (char *) "none";
    settle (no, &answer);
    is_int (home_count (anna, "SELECT count (*) FROM kask_outbox"), 0, "the message goes");
    is_int (home_count (anna, "SELECT count (*) FROM kask_answer WHERE act = 'act 1' AND"
                              " recipient = 'bo' AND fault = 'NO_AGREEMENT' AND NOT accepted"),
            1, "its answer stays");
    end ();
}

static void
stand (void (*how) (store_t *, const Kask__Standing *), uint32_t version, uint32_t known,
       const char *name)
{
    Kask__Standing standing = KASK__STANDING__INIT;
    standing.referral_id = (ProtobufCBinaryData){16, referral};
    standing.version = version;
    home_begin (anna);
    how (anna->store, &standing);
    home_commit (anna);
    is_int (version_of (anna->store, referral), known, name);
}

static void
a_version_is_known_when_the_system_knows_it (void)
{
    begin ();
    is_int (version_of (anna->store, referral), 0, "nothing is known of a referral");
    stand (version_follow, 1, 1, "our own SEND made the first");
    stand (version_follow, 2, 2, "our next event followed on it");
    stand (version_follow, 4, 2, "one that skips another's event tells nothing");
    stand (version_told, 3, 3, "the system was told of that");
    stand (version_told, 2, 3, "an older one changes nothing");
    stand (version_told, 5, 5, "it may be told of several at once");
    end ();
}

int
main (void)
{
    scratch_begin ();
    content_waits_for_keys ();
    what_is_pinned_is_sealed_at_once ();
    an_act_is_remembered_for_ever ();
    an_answer_takes_its_place ();
    a_version_is_known_when_the_system_knows_it ();
    return tap_end ();
}
