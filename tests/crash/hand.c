/*
 * kask-test-hand - a handle without network that does one thing, for scenarios.
 *
 *   publish DIR KEY TITLE | withdraw DIR KEY | list DIR | accept DIR RECIPIENT REFERRAL | answers
 * DIR
 *
 * A line of the list: publisher, key, revision, "verified" or "unverified", and the title or
 * "withdrawn".  The referral is given in hex.  Answers are noted; a line of them: act, fault or
 * "-", and the state's number.
 */
#include "kask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
publish (kask_t *kask, char *key, char *title, kask_error_t *error)
{
    Kask__Text text = KASK__TEXT__INIT, *texts[] = {&text};
    Kask__Provider provider = KASK__PROVIDER__INIT;
    Kask__Offering offering = KASK__OFFERING__INIT;
    text.language = (char *) "nb";
    text.text = title;
    provider.name = (char *) "A provider";
    provider.identifier_unknown = true;
    provider.country = (char *) "NO";
    offering.key = key;
    offering.kind = (char *) "advice";
    offering.status = (char *) "active";
    offering.n_title = 1;
    offering.title = texts;
    offering.provider = &provider;
    return kask_publish (kask, &offering, error) != KASK_FAILED;
}

static bool
list (kask_t *kask)
{
    kask_offering_t *record = kask_offering_after (kask, 0);
    while (record) {
        printf ("%s %s %u %s %s\n", record->publisher, record->key, record->revision,
                record->verified ? "verified" : "unverified",
                record->withdrawn ? "withdrawn" : record->offering->title[0]->text);
        int64_t change = record->change;
        kask_offering_free (&record);
        record = kask_offering_after (kask, change);
    }
    return true;
}

static bool
accept_referral (kask_t *kask, const char *recipient, const char *hex, kask_error_t *error)
{
    uint8_t referral[16], message_id[16];
    if (strlen (hex) != 2 * sizeof referral)
        return false;
    for (size_t i = 0; i < sizeof referral; i++) {
        const char byte[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        referral[i] = (uint8_t) strtoul (byte, NULL, 16);
    }
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.event = KASK__EVENT__EVENT_ACCEPT;
    event.referral_id = (ProtobufCBinaryData){sizeof referral, referral};
    return kask_send (kask, recipient, &event, NULL, hex, message_id, error) == KASK_STORED;
}

static bool
note_answers (kask_t *kask, kask_error_t *error)
{
    kask_answer_t *answer;
    bool good = true;
    while (good && (answer = kask_next_answer (kask))) {
        printf ("%s %s %d\n", answer->act, *answer->fault ? answer->fault : "-",
                answer->standing ? (int) answer->standing->state : 0);
        good = kask_answer_noted (kask, &answer, error);
    }
    return good;
}

int
main (int argc, char **argv)
{
    kask_error_t error = {"usage: see the source's head"};
    kask_t *kask = argc > 2 ? kask_open (argv[2], NULL, &error) : NULL;
    bool good = false;
    if (kask && strcmp (argv[1], "publish") == 0 && argc == 5)
        good = publish (kask, argv[3], argv[4], &error);
    else if (kask && strcmp (argv[1], "withdraw") == 0 && argc == 4)
        good = kask_withdraw (kask, argv[3], &error) != KASK_FAILED;
    else if (kask && strcmp (argv[1], "list") == 0)
        good = list (kask);
    else if (kask && strcmp (argv[1], "accept") == 0 && argc == 5)
        good = accept_referral (kask, argv[3], argv[4], &error);
    else if (kask && strcmp (argv[1], "answers") == 0)
        good = note_answers (kask, &error);
    if (!good)
        fprintf (stderr, "kask-test-hand: %s\n", error.text);
    kask_close (&kask);
    return good ? 0 : 1;
}
