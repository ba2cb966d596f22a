/*
 * t_statement - signatures hold over their own thing, and over nothing else.
 */
#include "statement.h"
#include "tap.h"

#include <sodium.h>

static uint8_t key[32], secret[64];
static const uint8_t id[16] = "0123456789abcdef", other_id[16] = "0123456789abcdeX";
static const uint8_t hash[32] = "header", other_hash[32] = "headeR";
static const uint8_t content[] = "content";

static content_subject_t
plain_subject (void)
{
    return (content_subject_t){"erhvervshus-nord", "aust-agder", id, id, hash};
}

static void
a_content_is_bound_to_all_of_its_subject (void)
{
    uint8_t signature[64];
    content_subject_t right = plain_subject (), wrong[5];
    sign_content (signature, secret, &right, content, sizeof content);
    ok (check_content (signature, key, &right, content, sizeof content), "the signature holds");
    for (size_t i = 0; i < 5; i++)
        wrong[i] = right;
    wrong[0].sender = "erhvervshus-syd";
    wrong[1].recipient = "vest-agder";
    wrong[2].message_id = other_id;
    wrong[3].referral_id = other_id;
    wrong[4].header_sha256 = other_hash;
    for (size_t i = 0; i < 5; i++)
        ok (!check_content (signature, key, &wrong[i], content, sizeof content),
            "another subject does not");
    ok (!check_content (signature, key, &right, content, sizeof content - 1),
        "a shorter content does not");
    uint8_t other_key[32], other_secret[64];
    crypto_sign_keypair (other_key, other_secret);
    ok (!check_content (signature, other_key, &right, content, sizeof content),
        "another key does not");
}

// "ab" + "c" and "a" + "bc" must not be the same bytes.
static void
names_do_not_run_into_each_other (void)
{
    uint8_t signature[64];
    content_subject_t right = plain_subject (), shifted = plain_subject ();
    right.sender = "ab", right.recipient = "c";
    shifted.sender = "a", shifted.recipient = "bc";
    sign_content (signature, secret, &right, content, sizeof content);
    ok (!check_content (signature, key, &shifted, content, sizeof content),
        "each part has its length before it");
}

static void
an_offering_is_bound_to_its_key (void)
{
    uint8_t signature[64];
    offering_subject_t right = {"aust-agder", id, "a-1", hash}, wrong = right;
    sign_offering (signature, secret, &right, NULL, 0);
    ok (check_offering (signature, key, &right, NULL, 0), "an empty offering is signed, too");
    wrong.key = "a-2";
    ok (!check_offering (signature, key, &wrong, NULL, 0), "another offering key does not hold");
}

typedef struct {
    uint8_t keys[3][32]; // of identity, oldest first
    uint8_t secrets[3][64];
    uint8_t signatures[2][64];
    Kask__Succession successions[2], *list[2];
    Kask__KeyStatement statement;
} line_t;

// Three identities, each handing over to the next; the statement is the last one's.
static void
line_make (line_t *line)
{
    for (int i = 0; i < 3; i++)
        crypto_sign_keypair (line->keys[i], line->secrets[i]);
    kask__key_statement__init (&line->statement);
    line->statement.partner = (char *) "aust-agder";
    line->statement.identity_key = (ProtobufCBinaryData){32, line->keys[2]};
    for (int i = 0; i < 2; i++) {
        sign_succession (line->signatures[i], line->secrets[i], "aust-agder", line->keys[i + 1]);
        kask__succession__init (&line->successions[i]);
        line->successions[i].identity_key = (ProtobufCBinaryData){32, line->keys[i]};
        line->successions[i].signature = (ProtobufCBinaryData){64, line->signatures[i]};
        line->list[i] = &line->successions[i];
    }
    line->statement.n_successions = 2;
    line->statement.successions = line->list;
}

static void
identities_hand_over (void)
{
    static line_t line;
    uint8_t former[LIMIT_SUCCESSIONS][32];
    line_make (&line);
    is_int ((int) statement_former (&line.statement, former), 2, "two identities handed over");
    ok (memcmp (former[0], line.keys[1], 32) == 0 && memcmp (former[1], line.keys[0], 32) == 0,
        "the newest first");
    line.statement.partner = (char *) "vest-agder";
    is_int ((int) statement_former (&line.statement, former), 0, "not to another partner's");
    line.statement.partner = (char *) "aust-agder";
    line.signatures[0][5] ^= 1;
    is_int ((int) statement_former (&line.statement, former), 1,
            "one that did not sign is none, those after it are");
    line.signatures[0][5] ^= 1;
    line.signatures[1][5] ^= 1;
    is_int ((int) statement_former (&line.statement, former), 0,
            "and without the last link there is no line");
}

static void
one_thing_does_not_pass_for_another (void)
{
    uint8_t signature[64];
    sign_statement (signature, secret, content, sizeof content);
    ok (check_statement (signature, key, content, sizeof content), "a statement holds");
    ok (!check_done (signature, key, "aust-agder", content, sizeof content), "but is no Done");
    sign_done (signature, secret, "aust-agder", content, sizeof content);
    ok (check_done (signature, key, "aust-agder", content, sizeof content), "a Done holds");
    ok (!check_done (signature, key, "vest-agder", content, sizeof content),
        "but for its partner only");
    ok (!check_statement (signature, key, content, sizeof content), "and is no statement");
}

static void
hashes_and_fingerprints_are_the_known_ones (void)
{
    // SHA-256 of 32 zero bytes begins 66687aad f862bd77 6c8fc18b 8e9f8e20
    const uint8_t zeros[32] = {0};
    char text[FINGERPRINT_TEXT_BYTES];
    identity_fingerprint (zeros, text);
    is_text (text, "6668 7aad f862 bd77 6c8f c18b 8e9f 8e20", "eight groups of four");
}

static void
a_header_gives_its_subject (void)
{
    Kask__Header header = KASK__HEADER__INIT;
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    header.sender = "a", header.recipient = "b";
    header.message_id = (ProtobufCBinaryData){16, (uint8_t *) id};
    event.referral_id = (ProtobufCBinaryData){16, (uint8_t *) other_id};
    header.subject_case = KASK__HEADER__SUBJECT_REFERRAL;
    header.referral = &event;
    content_subject_t subject = content_subject (&header, hash);
    ok (subject.message_id == id && subject.referral_id == other_id, "ids are the header's");
    ok (subject.header_sha256 == hash, "and the hash is the given one");
}

int
main (void)
{
    if (sodium_init () < 0)
        return 1;
    crypto_sign_keypair (key, secret);
    a_content_is_bound_to_all_of_its_subject ();
    names_do_not_run_into_each_other ();
    an_offering_is_bound_to_its_key ();
    identities_hand_over ();
    one_thing_does_not_pass_for_another ();
    hashes_and_fingerprints_are_the_known_ones ();
    a_header_gives_its_subject ();
    return tap_end ();
}
