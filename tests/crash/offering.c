/*
 * kask-test-offering - a handle without network, for scenarios: own offerings and those of others.
 *
 *   publish DIR KEY TITLE | withdraw DIR KEY | list DIR
 *
 * A line of the list: publisher, key, revision, "verified" or "unverified", and the title or
 * "withdrawn".
 */
#include "kask.h"

#include <stdio.h>
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
    if (!good)
        fprintf (stderr, "kask-test-offering: %s\n", error.text);
    kask_close (&kask);
    return good ? 0 : 1;
}
