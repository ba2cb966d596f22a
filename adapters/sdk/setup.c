/*
 * setup - a new state folder, the request to the broker's operator and his answer.
 */
#include "setup.h"

#include "codec.h"
#include "error.h"
#include "fact.h"
#include "identity.h"
#include "moment.h"

#include <ctype.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

// ---------------------------------------------------------------- kask_init

static bool
may_init (const char *partner, const char *name, const char *country, kask_error_t *error)
{
    if (!partner_name_is_valid (partner) || strcmp (partner, "catalogue") == 0 ||
        strcmp (partner, "broker") == 0)
        return error_set (error,
                          "\"%.80s\" cannot be a partner's id: a-z, 0-9 and -, beginning with a "
                          "letter, at most %d; nothing was made",
                          partner, LIMIT_PARTNER_NAME);
    if (!*name || strlen (name) > LIMIT_SHORT_TEXT_BYTES || strpbrk (name, "\r\n"))
        return error_set (
            error, "partner %s: its name must be one line of 1 to %d bytes; nothing was made",
            partner, LIMIT_SHORT_TEXT_BYTES);
    if (strcmp (country, "DK") != 0 && strcmp (country, "NO") != 0 && strcmp (country, "SE") != 0)
        return error_set (error,
                          "partner %s: country \"%.20s\" is none of DK, NO, SE; nothing was made",
                          partner, country);
    return true;
}

static bool
make_folder (const char *dir, kask_error_t *error)
{
    char path[4096];
    if (mkdir (dir, 0700) != 0 && errno != EEXIST)
        return error_set (error, "%s: cannot be made: %s; nothing was done", dir, strerror (errno));
    snprintf (path, sizeof path, "%s/kask.db", dir);
    if (access (path, F_OK) == 0)
        return error_set (error,
                          "%s: holds keys already; nothing was done; take another folder, or move "
                          "this one away if its keys are not wanted any more",
                          dir);
    return true;
}

bool
kask_init (const char *dir, const char *partner, const char *name, const char *country,
           kask_error_t *error)
{
    if (sodium_init () < 0)
        return error_set (error, "libsodium cannot start on this machine; nothing was made");
    if (!may_init (partner, name, country, error) || !make_folder (dir, error))
        return false;
    store_t *store = store_create (dir, error);
    if (!store)
        return false;
    bool good = identity_make (store, partner, name, country, moment_now_ms (), error);
    store_renew_reserve (store);
    store_destroy (&store);
    return good;
}

// ---------------------------------------------------------------- kask_request

static void
put_hex (FILE *out, const char *name, const uint8_t *bytes, size_t size)
{
    fprintf (out, "%s = ", name);
    for (size_t i = 0; i < size; i++)
        fprintf (out, "%02x", bytes[i]);
    fputc ('\n', out);
}

static char *
write_request (const identity_t *me)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream (&text, &size);
    if (!out)
        abort ();
    fprintf (out,
             "# For the operator of the broker: kask partner add FILE\n"
             "partner = %s\nname = %s\ncountry = %s\n",
             me->partner, me->name, me->country);
    put_hex (out, "statement", me->statement, me->statement_size);
    put_hex (out, "signature", me->signature, sizeof me->signature);
    if (fclose (out) != 0)
        abort ();
    return text;
}

char *
kask_request (const char *dir, kask_error_t *error)
{
    store_t *store = store_open (dir, error);
    if (!store)
        return NULL;
    identity_t me;
    char *text = identity_load (store, &me, error) ? write_request (&me) : NULL;
    identity_wipe (&me);
    store_destroy (&store);
    return text;
}

// ---------------------------------------------------------------- kask_rotate

bool
kask_rotate (const char *dir, bool identity, kask_error_t *error)
{
    if (sodium_init () < 0)
        return error_set (error, "libsodium cannot start on this machine; no keys were made");
    store_t *store = store_open (dir, error);
    if (!store)
        return false;
    bool good = identity_rotate (store, identity, moment_now_ms (), error);
    store_destroy (&store);
    return good;
}

// ---------------------------------------------------------------- kask_recover

bool
kask_recover (const char *dir, kask_error_t *error)
{
    store_t *store = store_open (dir, error);
    if (!store)
        return false;
    bool good = store_begin (store, error);
    if (good) {
        store_run (store, "DELETE FROM kask_position", "");
        store_run (store, "DELETE FROM kask_taken", "");
        // what is reported and not confirmed had its effect in a system that lacks it now
        store_run (store, "DELETE FROM kask_report", "");
        store_run (store, "DELETE FROM kask_report_item", "");
        good = store_commit (store, error);
    }
    store_destroy (&store);
    return good;
}

// ---------------------------------------------------------------- kask_join

typedef struct {
    char endpoints[SETUP_ENDPOINTS][256];
    size_t n_endpoints;
    bool has_key;
    bool keys_before; // the partner had other keys, and something may be sealed to them
    uint8_t key[32];
} joined_t;

static char *
trim (char *text)
{
    while (isspace ((unsigned char) *text) || *text == '"')
        text++;
    size_t size = strlen (text);
    while (size && (isspace ((unsigned char) text[size - 1]) || text[size - 1] == '"'))
        text[--size] = '\0';
    return text;
}

static bool
take_endpoint (joined_t *self, const char *value, kask_error_t *error)
{
    size_t size = strlen (value);
    if (strncmp (value, "tcp://", 6) != 0 && strncmp (value, "ipc://", 6) != 0)
        return error_set (error, "endpoint \"%.200s\" is no tcp://HOST:PORT; nothing was changed",
                          value);
    if (self->n_endpoints == SETUP_ENDPOINTS || size >= sizeof self->endpoints[0])
        return error_set (error,
                          "endpoint \"%.200s\" is too long, or one of more than %d; "
                          "nothing was changed",
                          value, SETUP_ENDPOINTS);
    memcpy (self->endpoints[self->n_endpoints++], value, size + 1);
    return true;
}

// An unknown name is passed over: a newer broker may say more.
static bool
take_line (joined_t *self, char *line, kask_error_t *error)
{
    char *value = strchr (line, '=');
    line = trim (line);
    if (!*line || *line == '#')
        return true;
    if (!value)
        return error_set (error,
                          "\"%.200s\" is no line \"name = value\"; nothing was changed; "
                          "give the file that kask partner add printed",
                          line);
    *value++ = '\0';
    const char *name = trim (line);
    value = trim (value);
    if (strcmp (name, "endpoint") == 0)
        return take_endpoint (self, value, error);
    if (strcmp (name, "keys_before") == 0)
        self->keys_before = true;
    if (strcmp (name, "broker_key") != 0)
        return true;
    self->has_key = strlen (value) == 40 && zmq_z85_decode (self->key, value) != NULL;
    return self->has_key || error_set (error,
                                       "broker_key \"%.60s\" is no key of 40 characters; "
                                       "nothing was changed",
                                       value);
}

static bool
read_joined (joined_t *self, const char *text, kask_error_t *error)
{
    char *copy = strdup (text), *rest = copy;
    if (!copy)
        abort ();
    bool good = true;
    for (char *line = strsep (&rest, "\n"); line && good; line = strsep (&rest, "\n"))
        good = take_line (self, line, error);
    free (copy);
    if (good && (!self->n_endpoints || !self->has_key))
        return error_set (error,
                          "the text names no %s; nothing was changed; give the file that "
                          "kask partner add printed",
                          self->has_key ? "endpoint" : "broker_key");
    return good;
}

static bool
store_joined (store_t *store, const joined_t *joined, kask_error_t *error)
{
    if (!store_begin (store, error))
        return false;
    fact_put_bytes (store, "broker_key", joined->key, sizeof joined->key);
    if (joined->keys_before)
        identity_note_lost (store);
    store_run (store, "DELETE FROM kask_endpoint", "");
    for (size_t i = 0; i < joined->n_endpoints; i++)
        store_run (store, "INSERT INTO kask_endpoint (endpoint) VALUES (?)", "t",
                   joined->endpoints[i]);
    return store_commit (store, error);
}

bool
kask_join (const char *dir, const char *broker_text, kask_error_t *error)
{
    joined_t joined = {0};
    if (!read_joined (&joined, broker_text, error))
        return false;
    store_t *store = store_open (dir, error);
    if (!store)
        return false;
    bool good = store_joined (store, &joined, error);
    store_destroy (&store);
    return good;
}

char *
setup_endpoint (store_t *store, size_t place)
{
    sqlite3_stmt *row =
        store_query (store, "SELECT endpoint FROM kask_endpoint ORDER BY no LIMIT 1 OFFSET ?", "i",
                     (int64_t) place);
    char *endpoint = row ? strdup ((const char *) sqlite3_column_text (row, 0)) : NULL;
    store_release (row);
    return endpoint;
}

bool
setup_broker_key (store_t *store, uint8_t key[32])
{
    return fact_bytes (store, "broker_key", key, 32);
}
