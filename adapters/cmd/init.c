/*
 * init, request, join, fingerprint, rotate, recover, pin, partners - keys, and whom to trust.
 */
#include "cmd/cmd.h"

#include "kask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { MAX_FILE = 64 * 1024 };

int
cmd_init (const cmd_words_t *words)
{
    kask_error_t error;
    if (!kask_init (words->state, words->partner, words->name, words->country, &error))
        return cmd_fail (EX_CANTCREAT, "%s", error.text);
    printf ("Keys of %s were made in %s.\nFingerprint, to be read out on the telephone: ",
            words->partner, words->state);
    return cmd_fingerprint (words);
}

int
cmd_request (const cmd_words_t *words)
{
    kask_error_t error;
    char *text = kask_request (words->state, &error);
    if (!text)
        return cmd_fail (EX_NOINPUT, "%s", error.text);
    fputs (text, stdout);
    free (text);
    return EX_OK;
}

static char *
file_text (const char *path)
{
    FILE *file = strcmp (path, "-") == 0 ? stdin : fopen (path, "re");
    char *text = file ? calloc (1, MAX_FILE + 1) : NULL;
    if (text)
        text[fread (text, 1, MAX_FILE, file)] = '\0';
    if (file && file != stdin)
        fclose (file);
    return text;
}

int
cmd_join (const cmd_words_t *words)
{
    kask_error_t error;
    char *text = file_text (words->words[0]);
    if (!text)
        return cmd_fail (EX_NOINPUT, "%s cannot be read: %s: nothing was changed", words->words[0],
                         strerror (errno));
    bool good = kask_join (words->state, text, &error);
    free (text);
    if (!good)
        return cmd_fail (EX_DATAERR, "%s", error.text);
    puts ("The broker's endpoints and key are stored.");
    return EX_OK;
}

int
cmd_fingerprint (const cmd_words_t *words)
{
    kask_error_t error;
    char text[40];
    kask_t *kask = kask_open (words->state, NULL, &error);
    if (!kask)
        return cmd_fail (EX_NOINPUT, "%s", error.text);
    kask_fingerprint (kask, text);
    puts (text);
    kask_close (&kask);
    return EX_OK;
}

int
cmd_rotate (const cmd_words_t *words)
{
    kask_error_t error;
    if (!kask_rotate (words->state, words->identity, &error))
        return cmd_fail (EX_CANTCREAT, "%s", error.text);
    puts (
        "New keys were made.  The adapter says them to the broker within a second, or when it is\n"
        "started.  Where the broker lets it in no more: kask-adapter request, kask partner add.");
    return EX_OK;
}

int
cmd_recover (const cmd_words_t *words)
{
    kask_error_t error;
    if (!kask_recover (words->state, &error))
        return cmd_fail (EX_NOINPUT, "%s", error.text);
    puts ("At its next start the adapter takes once more what the broker gives out again.");
    return EX_OK;
}

int
cmd_pin (const cmd_words_t *words)
{
    kask_error_t error;
    kask_t *kask = kask_open (words->state, NULL, &error);
    if (!kask)
        return cmd_fail (EX_NOINPUT, "%s", error.text);
    bool good = kask_pin (kask, words->words[0], words->words[1], &error);
    kask_close (&kask);
    if (!good)
        return cmd_fail (EX_DATAERR, "%s", error.text);
    printf ("%s is pinned.\n", words->words[0]);
    return EX_OK;
}

int
cmd_unpin (const cmd_words_t *words)
{
    kask_error_t error;
    kask_t *kask = kask_open (words->state, NULL, &error);
    if (!kask)
        return cmd_fail (EX_NOINPUT, "%s", error.text);
    bool good = kask_unpin (kask, words->words[0], &error);
    kask_close (&kask);
    if (!good)
        return cmd_fail (EX_DATAERR, "%s", error.text);
    printf ("%s is pinned no more: nothing is sent to it, and what comes from it waits.\n",
            words->words[0]);
    return EX_OK;
}

int
cmd_partners (const cmd_words_t *words)
{
    kask_error_t error;
    kask_partner_t partner;
    kask_t *kask = kask_open (words->state, NULL, &error);
    if (!kask)
        return cmd_fail (EX_NOINPUT, "%s", error.text);
    printf ("%-24s %-3s %-8s %-39s %s\n", "partner", "", "may send", "fingerprint", "pin");
    for (size_t i = 0; kask_partner_at (kask, i, &partner); i++)
        printf ("%-24s %-3s %-8s %-39s %s\n", partner.partner, partner.country,
                partner.to_partner     ? partner.from_partner ? "to, from" : "to"
                : partner.from_partner ? "from"
                                       : "-",
                partner.fingerprint,
                partner.conflict ? "CONFLICT: not the key that was pinned"
                : partner.pinned ? "pinned"
                                 : "not pinned");
    kask_close (&kask);
    return EX_OK;
}
