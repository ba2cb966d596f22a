/*
 * kask-test-setup - libkask's setting up, for scenarios.
 *
 *   init DIR PARTNER COUNTRY | request DIR | join DIR FILE | rotate DIR [identity] | recover DIR |
 * fingerprint DIR pin DIR PARTNER FINGERPRINT
 */
#include "kask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
fail (const kask_error_t *error)
{
    fprintf (stderr, "kask-test-setup: %s\n", error->text);
    return 1;
}

static int
print_request (const char *dir, kask_error_t *error)
{
    char *text = kask_request (dir, error);
    if (!text)
        return fail (error);
    fputs (text, stdout);
    free (text);
    return 0;
}

static int
join (const char *dir, const char *path, kask_error_t *error)
{
    char text[4096];
    FILE *in = fopen (path, "r");
    if (!in)
        return 1;
    text[fread (text, 1, sizeof text - 1, in)] = '\0';
    fclose (in);
    return kask_join (dir, text, error) ? 0 : fail (error);
}

static int
with_handle (int argc, char **argv, kask_error_t *error)
{
    kask_t *kask = kask_open (argv[2], &(kask_options_t){0}, error);
    if (!kask)
        return fail (error);
    int code = 0;
    if (argc == 3) {
        char text[40];
        kask_fingerprint (kask, text);
        puts (text);
    } else if (!kask_pin (kask, argv[3], argv[4], error))
        code = fail (error);
    kask_close (&kask);
    return code;
}

int
main (int argc, char **argv)
{
    kask_error_t error = {""};
    const char *what = argc > 2 ? argv[1] : "";
    if (strcmp (what, "init") == 0 && argc == 5)
        return kask_init (argv[2], argv[3], argv[3], argv[4], &error) ? 0 : fail (&error);
    if (strcmp (what, "request") == 0)
        return print_request (argv[2], &error);
    if (strcmp (what, "join") == 0 && argc == 4)
        return join (argv[2], argv[3], &error);
    if (strcmp (what, "recover") == 0)
        return kask_recover (argv[2], &error) ? 0 : fail (&error);
    if (strcmp (what, "rotate") == 0)
        return kask_rotate (argv[2], argc > 3, &error) ? 0 : fail (&error);
    if ((strcmp (what, "fingerprint") == 0 && argc == 3) ||
        (strcmp (what, "pin") == 0 && argc == 5))
        return with_handle (argc, argv, &error);
    fprintf (stderr, "usage: see the source's head\n");
    return 2;
}
