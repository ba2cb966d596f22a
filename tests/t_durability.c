/*
 * t_durability - one partner's power is cut, at every point where its store is synced and between
 * any two things that its program does.
 *
 * kill -9 shows nothing of this, for the page cache survives it.  Here what was not synced is
 * gone, or half of it.  What the broker and the partner's system know survives; after each cut
 * the folder is opened again and the two are held against it.
 */
#include "disk.h"
#include "sdk_world.h"
#include "tap.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

enum { ACTS = 80, EFFECTS = 200, SMALL_CHECKPOINT = 12 };

typedef struct {
    char id[96];
    char text[40];
} effect_t;

// What the world outside of both folders knows.
typedef struct {
    side_t *sender;
    side_t *receiver;
    world_t *world;
    side_t *victim;
    const char *synchronous; // NULL: as the store sets it
    char acts[ACTS][40];     // that kask_send said are stored
    size_t n_acts;
    effect_t effects[EFFECTS];
    size_t n_effects;
    int violations;
} cut_t;

static bool is_loud;

static void
violation (cut_t *self, const char *format, ...)
{
    va_list arguments;
    self->violations++;
    if (!is_loud)
        return;
    va_start (arguments, format);
    printf ("# ");
    vprintf (format, arguments);
    printf ("\n");
    va_end (arguments);
}

// ---------------------------------------------------------------- handles

static void
run_sql (sqlite3 *db, const char *sql)
{
    int code = sqlite3_exec (db, sql, NULL, NULL, NULL);
    assert (code == SQLITE_OK);
}

// Checkpoints come often, so that cuts fall into them; a seeded mistake, if any.
static void
tune (const cut_t *self, side_t *side)
{
    char sql[100];
    sqlite3 *handles[] = {kask_store (side->kask), store_database (side->store)};
    for (int i = 0; i < 2; i++) {
        snprintf (sql, sizeof sql, "PRAGMA wal_autocheckpoint = %d", SMALL_CHECKPOINT);
        run_sql (handles[i], sql);
        snprintf (sql, sizeof sql, "PRAGMA synchronous = %s",
                  self->synchronous ? self->synchronous : "FULL");
        if (self->synchronous)
            run_sql (handles[i], sql);
    }
}

static cut_t *
cut_new (const char *synchronous, bool sender_is_cut)
{
    cut_t *self = calloc (1, sizeof *self);
    assert (self);
    self->synchronous = synchronous;
    self->sender = side_new ("anton");
    self->receiver = side_new ("berta");
    side_pin (self->sender, self->receiver);
    side_pin (self->receiver, self->sender);
    self->world = world_new (self->sender, self->receiver);
    self->victim = sender_is_cut ? self->sender : self->receiver;
    run_sql (kask_store (self->receiver->kask), "CREATE TABLE own (id TEXT PRIMARY KEY)");
    tune (self, self->victim);
    return self;
}

static void
cut_destroy (cut_t **self_p)
{
    cut_t *self = *self_p;
    *self_p = NULL;
    disk_watch (NULL, 0);
    world_destroy (&self->world);
    side_destroy (&self->sender);
    side_destroy (&self->receiver);
    free (self);
}

static bool
connect_both (cut_t *self)
{
    client_open (self->sender->client, self->sender->tick_ms);
    client_open (self->receiver->client, self->receiver->tick_ms);
    return world_turn (self->world);
}

// ---------------------------------------------------------------- what programs do

static bool
act (cut_t *self, side_t *from, side_t *to, const char *text)
{
    kask_stored_t stored = side_refer (from, to, text, text, NULL);
    if (stored == KASK_FAILED)
        return false;
    for (size_t i = 0; i < self->n_acts; i++)
        if (strcmp (self->acts[i], text) == 0)
            return true;
    assert (self->n_acts < ACTS);
    snprintf (self->acts[self->n_acts++], sizeof self->acts[0], "%s", text);
    return true;
}

static effect_t *
find_effect (cut_t *self, const char *id)
{
    for (size_t i = 0; i < self->n_effects; i++)
        if (strcmp (self->effects[i].id, id) == 0)
            return &self->effects[i];
    return NULL;
}

// The partner's system takes it, under the id that it looks up before.
static void
take_effect (cut_t *self, const kask_message_t *message)
{
    const char *text = message->content->text;
    const effect_t *known = find_effect (self, message->id);
    if (known && strcmp (known->text, text) != 0)
        violation (self, "%s is \"%s\", and was \"%s\"", message->id, text, known->text);
    if (known && !message->perhaps_repeated)
        violation (self, "%s comes again and is not marked", message->id);
    for (size_t i = 0; i < self->n_effects && !known; i++)
        if (strcmp (self->effects[i].text, text) == 0)
            violation (self, "\"%s\" comes again as %s", text, message->id);
    if (known)
        return;
    assert (self->n_effects < EFFECTS);
    effect_t *effect = &self->effects[self->n_effects++];
    snprintf (effect->id, sizeof effect->id, "%s", message->id);
    snprintf (effect->text, sizeof effect->text, "%s", text);
}

static bool
write_own (cut_t *self, side_t *side, const char *id)
{
    char sql[200];
    snprintf (sql, sizeof sql, "INSERT INTO own VALUES ('%s')", id);
    int code = sqlite3_exec (kask_store (side->kask), sql, NULL, NULL, NULL);
    if (code == SQLITE_CONSTRAINT_PRIMARYKEY)
        violation (self, "%s has its row already", id);
    return code == SQLITE_OK;
}

// Row, reply and DONE in one transaction.
static bool
settle (cut_t *self, side_t *side, kask_message_t **message_p)
{
    char id[96], reply[40];
    snprintf (id, sizeof id, "%s", (*message_p)->id);
    snprintf (reply, sizeof reply, "reply to %.30s", (*message_p)->content->text);
    if (!kask_begin (side->kask, &world_error))
        return false;
    bool good = write_own (self, side, id) &&
                side_refer (side, self->sender, reply, reply, NULL) != KASK_FAILED &&
                kask_done (side->kask, message_p, &world_error);
    if (!good)
        kask_rollback (side->kask);
    good = good && kask_commit (side->kask, &world_error);
    if (good)
        act (self, side, self->sender, reply);
    return good;
}

// Takes what has come, up to so many.
static bool
handle (cut_t *self, side_t *side, int most)
{
    kask_message_t *message = NULL;
    bool good = true;
    for (int i = 0; good && i < most && (message = kask_next (side->kask)); i++) {
        disk_point ();
        take_effect (self, message);
        disk_point ();
        if (side == self->receiver)
            good = settle (self, side, &message);
        else if (i % 3 == 2)
            good = kask_later (side->kask, &message, 0, &world_error);
        else
            good = kask_done (side->kask, &message, &world_error);
    }
    return good;
}

static bool
note_answers (side_t *side)
{
    kask_answer_t *answer;
    bool good = true;
    while (good && (answer = kask_next_answer (side->kask)))
        good = kask_answer_noted (side->kask, &answer, &world_error);
    return good;
}

static bool
work (cut_t *self)
{
    char text[40];
    for (int i = 0; i < 4; i++) {
        disk_point ();
        snprintf (text, sizeof text, "firm %d", i);
        if (!act (self, self->sender, self->receiver, text) || !world_turn (self->world) ||
            !handle (self, self->receiver, i) || !world_turn (self->world) ||
            !handle (self, self->sender, 3) || !note_answers (self->sender) ||
            !world_turn (self->world))
            return false;
    }
    return handle (self, self->receiver, ACTS) && world_turn (self->world);
}

// ---------------------------------------------------------------- after the cut

static void
open_again (cut_t *self, unsigned seed)
{
    side_close (self->victim);
    disk_restore (seed);
    side_open (self->victim);
}

static bool
is_waiting (const cut_t *self, const stored_t *message)
{
    return store_number (self->victim->store, 0,
                         "SELECT 1 FROM kask_inbox WHERE sender = ? AND sequence = ?", "ti",
                         message->sender, (int64_t) message->sequence) != 0;
}

// TAKEN: it is in the inbox, or the partner's system has it.  DONE: the system has it, and it
// does not wait any more.
static void
compare_inbox (cut_t *self)
{
    const member_t *member = world_member (self->world, self->victim->name);
    for (size_t i = 0; i < self->world->n_messages; i++) {
        const stored_t *message = &self->world->messages[i];
        char id[96];
        if (strcmp (message->recipient, self->victim->name) != 0)
            continue;
        snprintf (id, sizeof id, "%s/%llu", message->sender,
                  (unsigned long long) message->sequence);
        bool waits = is_waiting (self, message), has_effect = find_effect (self, id) != NULL;
        if (message->sequence <= member->position && !waits && !has_effect)
            violation (self, "%s was TAKEN and is gone", id);
        if (message->done && (waits || !has_effect))
            violation (self, "%s was DONE and %s", id, waits ? "waits" : "is nowhere");
    }
}

// Whatever kask_send took is known, or was.
static void
compare_outbox (cut_t *self)
{
    size_t n = self->n_acts;
    for (size_t i = 0; i < n; i++) {
        bool is_reply = strncmp (self->acts[i], "reply", 5) == 0;
        side_t *from = is_reply ? self->receiver : self->sender;
        side_t *to = is_reply ? self->sender : self->receiver;
        if (side_refer (from, to, self->acts[i], self->acts[i], NULL) != KASK_KNOWN)
            violation (self, "\"%s\" was stored and is not known", self->acts[i]);
    }
}

static size_t
count_effects (const cut_t *self, const char *text)
{
    size_t n = 0;
    for (size_t i = 0; i < self->n_effects; i++)
        n += strcmp (self->effects[i].text, text) == 0;
    return n;
}

// All goes on until there is nothing left to do: then each act was done once.
static void
go_on (cut_t *self)
{
    bool good = connect_both (self);
    for (int i = 0; good && i < 5; i++)
        good = handle (self, self->receiver, ACTS) && handle (self, self->sender, ACTS) &&
               note_answers (self->sender) && note_answers (self->receiver) &&
               world_turn (self->world);
    if (!good)
        violation (self, "it does not go on: %s", world_error.text);
    for (size_t i = 0; i < self->n_acts; i++)
        if (count_effects (self, self->acts[i]) != 1)
            violation (self, "\"%s\" had %zu effects", self->acts[i],
                       count_effects (self, self->acts[i]));
    if (self->world->n_messages != self->n_effects)
        violation (self, "the broker has %zu messages of %zu acts", self->world->n_messages,
                   self->n_effects);
    if (side_count (self->victim, "SELECT count (*) FROM kask_inbox") +
            side_count (self->victim, "SELECT count (*) FROM kask_outbox") !=
        0)
        violation (self, "something is left");
}

// ---------------------------------------------------------------- sweeps

// The cut at the nth point.  False: there are fewer.
static bool
cut_once (const char *synchronous, bool sender_is_cut, int nth, unsigned seed, int *violations)
{
    cut_t *self = cut_new (synchronous, sender_is_cut);
    disk_watch (self->victim->dir, nth);
    if (connect_both (self))
        work (self);
    bool was_cut = !disk_has_power ();
    if (was_cut) {
        open_again (self, seed);
        compare_inbox (self);
        compare_outbox (self);
        go_on (self);
    } else if (self->n_acts != 8 || self->n_effects < self->n_acts) {
        violation (self, "without a cut it did not come to its end");
    }
    if (self->violations && is_loud)
        printf ("# ... by a cut at point %d, seed %u\n", nth, seed);
    *violations += self->violations;
    cut_destroy (&self);
    return was_cut;
}

// Every point, or every so many; how many there were.
static int
sweep (const char *synchronous, bool sender_is_cut, int step, unsigned seed, int *violations)
{
    int n = 0;
    for (int nth = 1; cut_once (synchronous, sender_is_cut, nth, seed, violations); nth += step) {
        seed += seed ? 1 : 0;
        n++;
    }
    return n;
}

static void
nothing_is_lost_or_doubled (bool sender_is_cut, unsigned seed, const char *name)
{
    int violations = 0;
    is_loud = true;
    int points = sweep (NULL, sender_is_cut, 1, seed, &violations);
    printf ("# %d points\n", points);
    ok (points > 50, "there are many points");
    is_int (violations, 0, name);
}

static void
a_mistake_is_found (const char *synchronous, bool sender_is_cut, const char *name)
{
    int violations = 0;
    is_loud = false;
    sweep (synchronous, sender_is_cut, 5, 0, &violations);
    printf ("# %d violations\n", violations);
    ok (violations > 0, name);
}

int
main (void)
{
    disk_install ();
    nothing_is_lost_or_doubled (true, 0, "the sender's disk forgets all that was not synced");
    nothing_is_lost_or_doubled (true, 7, "the sender's disk forgets half of it");
    nothing_is_lost_or_doubled (false, 0, "the receiver's disk forgets all that was not synced");
    nothing_is_lost_or_doubled (false, 11, "the receiver's disk forgets half of it");
    a_mistake_is_found ("OFF", true, "synchronous=OFF is found at the sender");
    a_mistake_is_found ("OFF", false, "synchronous=OFF is found at the receiver");
    a_mistake_is_found ("NORMAL", true, "synchronous=NORMAL is found at the sender");
    a_mistake_is_found ("NORMAL", false, "synchronous=NORMAL is found at the receiver");
    return tap_end ();
}
