/*
 * secret - a setting's value that stands in the environment or in a file.
 */
#include "connectors/secret.h"

#include "log.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *
fails (problem_t *problem, const char *name, const char *todo, const char *what)
{
    problem_set (problem, PROBLEM_SETUP, name, todo, "%s", what);
    problem_at (problem, "[http]", 0, NULL);
    return NULL;
}

static char *
copy_of (const char *text)
{
    char *copy = strdup (text);
    if (!copy)
        abort ();
    return copy;
}

static void
warn_if_open (FILE *file, const char *path)
{
    struct stat status;
    if (fstat (fileno (file), &status) == 0 && (status.st_mode & S_IRWXO) != 0)
        log_warning ("http: everybody on this machine may read a secret file=%s; chmod o-rwx",
                     path);
}

static char *
from_file (const char *folder, const char *path, const char *name, problem_t *problem)
{
    char whole[4096], line[SECRET_BYTES] = "";
    snprintf (whole, sizeof whole, "%s%s%s", *path == '/' ? "" : folder, *path == '/' ? "" : "/",
              path);
    FILE *file = fopen (whole, "re");
    if (!file)
        return fails (problem, name, "correct the path, or the file's permissions",
                      strerror (errno));
    warn_if_open (file, whole);
    bool good = fgets (line, sizeof line, file) != NULL;
    fclose (file);
    line[strcspn (line, "\r\n")] = '\0';
    char *secret = good && *line ? copy_of (line) : NULL;
    sodium_memzero (line, sizeof line);
    return secret
               ? secret
               : fails (problem, name, "put the secret into its first line", "the file is empty");
}

char *
secret_read (const settings_t *settings, const char *name, problem_t *problem)
{
    const char *text = settings_text (settings, "http", name);
    if (strncmp (text, "file:", 5) == 0)
        return from_file (settings_text (settings, "http", "secrets"), text + 5, name, problem);
    if (strncmp (text, "env:", 4) != 0)
        return copy_of (text);
    const char *value = getenv (text + 4);
    if (value && *value)
        return copy_of (value);
    return fails (problem, name, "set it for the service, or use file:PATH",
                  "the environment has no such variable");
}

void
secret_free (char **secret_p)
{
    if (*secret_p) {
        sodium_memzero (*secret_p, strlen (*secret_p));
        free (*secret_p);
    }
    *secret_p = NULL;
}
