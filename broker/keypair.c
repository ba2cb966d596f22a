/*
 * keypair - the broker's CURVE keys, in a file that only its user reads.
 */
#include "keypair.h"
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

static const setting_t table[] = {
    {"", "public", SETTING_TEXT, NULL, "The public key in Z85."},
    {"", "secret", SETTING_TEXT, NULL, "The secret key in Z85."},
    {NULL, NULL, SETTING_TEXT, NULL, NULL},
};

static bool
write_all (int fd, const char *text)
{
    size_t size = strlen (text);
    return write (fd, text, size) == (ssize_t) size && fsync (fd) == 0;
}

bool
keypair_make (const char *path, keypair_t *keypair, char *problem)
{
    char secret[KEYPAIR_TEXT_BYTES], text[200];
    do
        if (zmq_curve_keypair (keypair->public_text, secret) != 0) {
            snprintf (problem, KEYPAIR_PROBLEM_BYTES,
                      "libzmq was built without CURVE; no keys were made");
            return false;
        }
    while (strchr (keypair->public_text, '#')); // begins a comment in partners' files
    zmq_z85_decode (keypair->public_key, keypair->public_text);
    zmq_z85_decode (keypair->secret_key, secret);
    int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    snprintf (text, sizeof text, "public = \"%s\"\nsecret = \"%s\"\n", keypair->public_text,
              secret);
    bool good = fd >= 0 && write_all (fd, text);
    if (!good) {
        snprintf (problem, KEYPAIR_PROBLEM_BYTES, "%s: %s; no keys were made%s", path,
                  strerror (errno), errno == EEXIST ? "; use those, or move the file away" : "");
        if (fd >= 0)
            unlink (path);
    }
    if (fd >= 0)
        close (fd);
    sodium_memzero (text, sizeof text);
    sodium_memzero (secret, sizeof secret);
    return good;
}

static bool
is_private (const char *path, char *problem)
{
    struct stat status;
    if (stat (path, &status) != 0) {
        snprintf (problem, KEYPAIR_PROBLEM_BYTES,
                  "%s: %s; make the broker's keys with kaskd --make-keys %s", path,
                  strerror (errno), path);
        return false;
    }
    if (status.st_mode & (S_IRWXO | S_IWGRP)) {
        snprintf (problem, KEYPAIR_PROBLEM_BYTES,
                  "%s: others may read or write it; the keys are not used; chmod 600 it", path);
        return false;
    }
    return true;
}

static bool
key_decode (uint8_t key[32], const char *text)
{
    return strlen (text) == KEYPAIR_TEXT_BYTES - 1 && zmq_z85_decode (key, text) != NULL;
}

static bool
pair_decode (keypair_t *keypair, const settings_t *settings)
{
    uint8_t derived[32];
    const char *public_text = settings_text (settings, "", "public");
    if (!key_decode (keypair->public_key, public_text) ||
        !key_decode (keypair->secret_key, settings_text (settings, "", "secret")))
        return false;
    snprintf (keypair->public_text, sizeof keypair->public_text, "%s", public_text);
    return crypto_scalarmult_base (derived, keypair->secret_key) == 0 &&
           memcmp (derived, keypair->public_key, sizeof derived) == 0;
}

bool
keypair_read (const char *path, keypair_t *keypair, char *problem)
{
    char why[SETTINGS_PROBLEM_BYTES];
    if (!is_private (path, problem))
        return false;
    settings_t *settings = settings_read (path, table, why);
    if (!settings) {
        snprintf (problem, KEYPAIR_PROBLEM_BYTES, "%.*s", KEYPAIR_PROBLEM_BYTES - 1, why);
        return false;
    }
    bool good = pair_decode (keypair, settings);
    if (!good)
        snprintf (problem, KEYPAIR_PROBLEM_BYTES,
                  "%s: not a pair of CURVE keys in Z85; restore the file from its backup", path);
    settings_destroy (&settings);
    return good;
}
