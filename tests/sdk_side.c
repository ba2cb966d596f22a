/*
 * sdk_side - one partner, for tests of the SDK: its folder and the two that work on it.
 */
#include "sdk_side.h"
#include "moment.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

kask_error_t world_error;

// ---------------------------------------------------------------- letters

void
letters_add (letters_t *self, const frame_t *frames, size_t n)
{
    assert (self->n < WORLD_LETTERS && n <= WORLD_FRAMES);
    letter_t *letter = &self->letters[self->n++];
    letter->n = n;
    for (size_t i = 0; i < n; i++) {
        letter->data[i] = malloc (frames[i].size + 1);
        assert (letter->data[i]);
        memcpy (letter->data[i], frames[i].size ? frames[i].data : "", frames[i].size);
        letter->size[i] = frames[i].size;
    }
}

void
letters_clear (letters_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        for (size_t k = 0; k < self->letters[i].n; k++)
            free (self->letters[i].data[k]);
    self->n = 0;
}

void
side_hear (side_t *side, const Kask__Reply *reply, const letter_t *with)
{
    frame_t frames[WORLD_FRAMES];
    size_t n = 0, size;
    uint8_t *bytes = message_pack (&reply->base, &size);
    frames[n++] = (frame_t){bytes, size};
    for (size_t i = 1; with && i < with->n; i++)
        frames[n++] = (frame_t){with->data[i], with->size[i]};
    letters_add (&side->heard, frames, n);
    free (bytes);
}

// ---------------------------------------------------------------- sides

static void
side_alarm (void *arg, kask_log_level_t level, const char *text)
{
    side_t *side = arg;
    if (level <= KASK_LOG_WARNING)
        snprintf (side->alarm, sizeof side->alarm, "%s", text);
}

static bool
side_send (void *arg, const frame_t *frames, size_t n)
{
    side_t *side = arg;
    if (!side->full)
        letters_add (&side->said, frames, n);
    return !side->full;
}

void
side_open (side_t *side)
{
    const kask_options_t options = {.log = side_alarm, .log_arg = side};
    side->kask = kask_open (side->dir, &options, &world_error);
    if (!side->kask)
        printf ("Bail out! %s\n", world_error.text);
    assert (side->kask);
    side->store = store_open (side->dir, &world_error);
    assert (side->store);
    bool loaded = identity_load (side->store, &side->identity, &world_error);
    assert (loaded);
    side->port = (port_t){.send = side_send, .arg = side, .alarm = {side_alarm, side}};
    side->inbox = inbox_new (side->store, &side->port, 10000, 64 * 1024 * 1024);
    side->client = client_new (side->store, &side->identity, &side->port, side->inbox, "test");
}

void
side_close (side_t *side)
{
    kask_close (&side->kask);
    client_destroy (&side->client);
    inbox_destroy (&side->inbox);
    store_destroy (&side->store);
    letters_clear (&side->said);
    letters_clear (&side->heard);
}

side_t *
side_new (const char *name)
{
    side_t *side = calloc (1, sizeof *side);
    assert (side);
    snprintf (side->name, sizeof side->name, "%s", name);
    snprintf (side->dir, sizeof side->dir, "%s/kask-test-XXXXXX",
              getenv ("TMPDIR") ? getenv ("TMPDIR") : "/tmp");
    if (!mkdtemp (side->dir))
        abort ();
    bool made = kask_init (side->dir, name, name, "DK", &world_error);
    if (!made)
        printf ("Bail out! %s\n", world_error.text);
    assert (made);
    side->tick_ms = 1000;
    side_open (side);
    return side;
}

static void
side_remove_file (const side_t *side, const char *name)
{
    char path[300];
    snprintf (path, sizeof path, "%s/%s", side->dir, name);
    unlink (path);
}

void
side_destroy (side_t **side_p)
{
    side_t *side = *side_p;
    *side_p = NULL;
    side_close (side);
    static const char *const files[] = {"kask.db",   "kask.db-wal", "kask.db-shm", "kask.reserve",
                                        "kask.wake", "kask.news",   "kask.lock"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        side_remove_file (side, files[i]);
    rmdir (side->dir);
    free (side);
}

void
side_pin (side_t *side, side_t *other)
{
    char fingerprint[40];
    kask_fingerprint (other->kask, fingerprint);
    bool pinned = kask_pin (side->kask, other->name, fingerprint, &world_error);
    assert (pinned);
}

bool
side_step (side_t *side)
{
    if (!store_begin (side->store, &world_error))
        return false;
    for (size_t i = 0; i < side->heard.n; i++) {
        const letter_t *letter = &side->heard.letters[i];
        frame_t frames[WORLD_FRAMES];
        for (size_t k = 0; k < letter->n; k++)
            frames[k] = (frame_t){letter->data[k], letter->size[k]};
        client_take (side->client, frames, letter->n, side->tick_ms, moment_now_ms ());
    }
    letters_clear (&side->heard);
    client_prepare (side->client, moment_now_ms ());
    if (!store_commit (side->store, &world_error))
        return false;
    client_flush (side->client, side->tick_ms);
    return true;
}

// ---------------------------------------------------------------- acts

kask_stored_t
side_refer (side_t *side, side_t *to, const char *act, const char *words, uint8_t referral[16])
{
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.event = KASK__EVENT__EVENT_SEND;
    event.legal_basis = (char *) "CONSENT";
    Kask__Content content = KASK__CONTENT__INIT;
    content.text = (char *) words;
    uint8_t id[16];
    kask_stored_t stored =
        kask_send (side->kask, to->name, &event, &content, act, id, &world_error);
    if (stored == KASK_STORED && referral)
        memcpy (referral, event.referral_id.data, 16);
    return stored;
}

kask_stored_t
side_tell (side_t *side, side_t *to, Kask__Event kind, const char *act, const uint8_t referral[16])
{
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.event = kind;
    event.referral_id = (ProtobufCBinaryData){16, (uint8_t *) referral};
    Kask__Content content = KASK__CONTENT__INIT;
    content.text = (char *) act;
    uint8_t id[16];
    return kask_send (side->kask, to->name, &event, &content, act, id, &world_error);
}

const char *
side_handle (side_t *side)
{
    static char text[200];
    kask_message_t *message = kask_next (side->kask);
    if (!message)
        return "nothing";
    snprintf (text, sizeof text, "%s", message->content ? message->content->text : "");
    if (!kask_done (side->kask, &message, &world_error))
        return world_error.text;
    return text;
}

size_t
side_count (side_t *side, const char *sql)
{
    return (size_t) store_number (side->store, -1, sql, "");
}
