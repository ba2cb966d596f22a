/*
 * sdk_world - partners' folders and a broker of a few lines, for tests of the SDK.
 *
 * A side is one partner: its folder, the program's handle (kask_t without a network)
 * and the session's machine on a handle of its own, whose port is a list.
 * The broker keeps lanes and positions in memory and follows PROTOCOL.md as far as
 * these tests need it.
 */
#ifndef KASK_SDK_WORLD_H
#define KASK_SDK_WORLD_H

#include "client.h"
#include "codec.h"
#include "kask.h"
#include "moment.h"
#include "statement.h"
#include "tap.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORLD_FRAMES = 8, WORLD_MESSAGES = 4000 };

typedef struct {
    size_t n;
    uint8_t *data[WORLD_FRAMES];
    size_t size[WORLD_FRAMES];
} letter_t;

typedef struct {
    letter_t letters[WORLD_MESSAGES];
    size_t n;
} letters_t;

typedef struct {
    char name[20];
    char dir[200];
    kask_t *kask;
    store_t *store;
    identity_t identity;
    port_t port;
    inbox_t *inbox;
    client_t *client;
    letters_t said;  // by the client
    letters_t heard; // to be given to it
    bool full;       // the port takes nothing
    int64_t tick_ms;
    char alarm[800]; // the last warning or error
} side_t;

static kask_error_t world_error;

// ---------------------------------------------------------------- letters

static inline void
letters_add (letters_t *self, const frame_t *frames, size_t n)
{
    assert (self->n < WORLD_MESSAGES && n <= WORLD_FRAMES);
    letter_t *letter = &self->letters[self->n++];
    letter->n = n;
    for (size_t i = 0; i < n; i++) {
        letter->data[i] = malloc (frames[i].size + 1);
        assert (letter->data[i]);
        memcpy (letter->data[i], frames[i].size ? frames[i].data : "", frames[i].size);
        letter->size[i] = frames[i].size;
    }
}

static inline void
letters_clear (letters_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        for (size_t k = 0; k < self->letters[i].n; k++)
            free (self->letters[i].data[k]);
    self->n = 0;
}

static inline void
tell (side_t *side, const Kask__Reply *reply, const letter_t *with)
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

static inline void
side_alarm (void *arg, kask_log_level_t level, const char *text)
{
    side_t *side = arg;
    if (level <= KASK_LOG_WARNING)
        snprintf (side->alarm, sizeof side->alarm, "%s", text);
}

static inline bool
side_send (void *arg, const frame_t *frames, size_t n)
{
    side_t *side = arg;
    if (!side->full)
        letters_add (&side->said, frames, n);
    return !side->full;
}

static inline void
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

// As a process that ends, well or not.
static inline void
side_close (side_t *side)
{
    kask_close (&side->kask);
    client_destroy (&side->client);
    inbox_destroy (&side->inbox);
    store_destroy (&side->store);
    letters_clear (&side->said);
    letters_clear (&side->heard);
}

static inline side_t *
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

static inline void
side_remove_file (const side_t *side, const char *name)
{
    char path[300];
    snprintf (path, sizeof path, "%s/%s", side->dir, name);
    unlink (path);
}

static inline void
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

// Both trust each other, as after a telephone call.
static inline void
side_pin (side_t *side, side_t *other)
{
    char fingerprint[40];
    kask_fingerprint (other->kask, fingerprint);
    bool pinned = kask_pin (side->kask, other->name, fingerprint, &world_error);
    assert (pinned);
}

// One step of the machine, as network.c makes it.  False: its store cannot be written; nothing
// was said.
static inline bool
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

// ---------------------------------------------------------------- the broker

typedef struct {
    letter_t letter; // frame 0 is not used
    char sender[20];
    char recipient[20];
    uint64_t sequence;
    bool done;
    bool dead;
} stored_t;

typedef struct {
    char recipient[20];
    uint64_t next;
} number_t;

typedef struct {
    side_t *side;
    uint8_t outbox[16];
    number_t numbers[4];
    size_t n_numbers;
    uint64_t last_batch;
    uint64_t window;
    size_t n_dones;
    size_t n_deads;
    Kask__DeadReason dead_reason;
    size_t dead_tries;
    char dead_text[LIMIT_SHORT_TEXT_BYTES + 1];
    uint64_t position; // of the one other partner's lane, as taken
    uint64_t stored;   // by Stored
} member_t;

typedef struct {
    member_t members[2];
    stored_t messages[2000];
    size_t n_messages;
    uint8_t database[16];
    bool unavailable;   // answers to sends
    const char *refuse; // fault for the next send
    bool number_unused;
    bool deliver; // at once
} world_t;

static inline world_t *
world_new (side_t *a, side_t *b)
{
    world_t *world = calloc (1, sizeof *world);
    assert (world);
    world->members[0].side = a;
    world->members[1].side = b;
    memset (world->database, 7, sizeof world->database);
    world->deliver = true;
    return world;
}

static inline void
world_destroy (world_t **world_p)
{
    world_t *world = *world_p;
    *world_p = NULL;
    for (size_t i = 0; i < world->n_messages; i++)
        for (size_t k = 0; k < world->messages[i].letter.n; k++)
            free (world->messages[i].letter.data[k]);
    free (world);
}

static inline member_t *
world_member (world_t *world, const char *name)
{
    for (size_t i = 0; i < 2; i++)
        if (strcmp (world->members[i].side->name, name) == 0)
            return &world->members[i];
    return NULL;
}

static inline number_t *
member_number (member_t *member, const char *recipient)
{
    for (size_t i = 0; i < member->n_numbers; i++)
        if (strcmp (member->numbers[i].recipient, recipient) == 0)
            return &member->numbers[i];
    number_t *number = &member->numbers[member->n_numbers++];
    snprintf (number->recipient, sizeof number->recipient, "%s", recipient);
    number->next = 1;
    return number;
}

static inline void
world_fault (member_t *member, const char *name)
{
    Kask__Fault fault = KASK__FAULT__INIT;
    fault.name = (char *) name;
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_FAULT;
    reply.fault = &fault;
    tell (member->side, &reply, NULL);
}

static inline void
world_deliver (member_t *member, const stored_t *message, bool redelivered, uint32_t replay)
{
    uint8_t referral[16] = {0};
    Kask__Header *header;
    fault_t fault = header_unpack (message->letter.data[1], message->letter.size[1], &header);
    assert (fault == FAULT_OK);
    memcpy (referral, header->referral->referral_id.data, 16);
    Kask__Standing standing = KASK__STANDING__INIT;
    standing.referral_id = (ProtobufCBinaryData){16, referral};
    standing.reference = (char *) "KA-1";
    standing.version = (uint32_t) message->sequence;
    standing.state = KASK__STATE__STATE_SENT;
    Kask__Deliver deliver = KASK__DELIVER__INIT;
    deliver.sender = (char *) message->sender;
    deliver.sequence = message->sequence;
    deliver.replay = replay;
    deliver.redelivered = redelivered;
    deliver.standing = &standing;
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_DELIVER;
    reply.deliver = &deliver;
    tell (member->side, &reply, &message->letter);
    kask__header__free_unpacked (header, NULL);
}

static inline void
world_hello (world_t *world, member_t *member, const Kask__Hello *hello)
{
    if (memcmp (member->outbox, hello->outbox.data, 16) != 0)
        member->n_numbers = 0;
    memcpy (member->outbox, hello->outbox.data, 16);
    member->window = hello->window->messages;
    Kask__NextNumber numbers[4], *next[4];
    Kask__PartnerInfo infos[2], *partners[2];
    Kask__SignedStatement statements[2];
    Kask__Directory directory = KASK__DIRECTORY__INIT;
    Kask__Welcome welcome = KASK__WELCOME__INIT;
    for (size_t i = 0; i < member->n_numbers; i++) {
        kask__next_number__init (&numbers[i]);
        numbers[i].recipient = member->numbers[i].recipient;
        numbers[i].number = member->numbers[i].next;
        next[i] = &numbers[i];
    }
    for (size_t i = 0; i < 2; i++) {
        side_t *side = world->members[i].side;
        kask__signed_statement__init (&statements[i]);
        statements[i].statement =
            (ProtobufCBinaryData){side->identity.statement_size, side->identity.statement};
        statements[i].signature = (ProtobufCBinaryData){64, side->identity.signature};
        kask__partner_info__init (&infos[i]);
        infos[i].partner = infos[i].name = side->name;
        infos[i].country = (char *) "DK";
        infos[i].statement = &statements[i];
        infos[i].to_partner = infos[i].from_partner = true;
        partners[i] = &infos[i];
    }
    directory.n_partners = 2;
    directory.partners = partners;
    welcome.version = 1;
    welcome.partner = member->side->name;
    welcome.database = (ProtobufCBinaryData){16, world->database};
    welcome.generation = 1;
    welcome.now_ms = moment_now_ms ();
    welcome.heartbeat_ms = 10000;
    welcome.n_next = member->n_numbers;
    welcome.next = next;
    welcome.directory = &directory;
    welcome.last_batch = member->last_batch;
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_WELCOME;
    reply.welcome = &welcome;
    tell (member->side, &reply, NULL);
    uint64_t position = hello->n_positions ? hello->positions[0]->sequence : 0;
    for (size_t i = 0; i < world->n_messages; i++) {
        const stored_t *message = &world->messages[i];
        if (strcmp (message->recipient, member->side->name) == 0 && message->sequence > position &&
            !message->done && !message->dead)
            world_deliver (member, message, true, 0);
    }
}

static inline void
world_answer (member_t *member, Kask__Answer *answer)
{
    Kask__Answer *list[] = {answer};
    Kask__Answers answers = KASK__ANSWERS__INIT;
    answers.n_answers = 1;
    answers.answers = list;
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_ANSWERS;
    reply.answers = &answers;
    tell (member->side, &reply, NULL);
}

static inline void
world_store (world_t *world, member_t *from, const Kask__Send *send, const letter_t *letter)
{
    stored_t *message = &world->messages[world->n_messages++];
    frame_t frames[3];
    letters_t copy = {.n = 0};
    for (size_t i = 0; i < 3; i++)
        frames[i] = (frame_t){letter->data[i], letter->size[i]};
    letters_add (&copy, frames, 3);
    message->letter = copy.letters[0];
    snprintf (message->sender, sizeof message->sender, "%s", from->side->name);
    snprintf (message->recipient, sizeof message->recipient, "%s", send->recipient);
    message->sequence = 1;
    for (size_t i = 0; i + 1 < world->n_messages; i++)
        if (strcmp (world->messages[i].recipient, message->recipient) == 0)
            message->sequence++;
    member_t *to = world_member (world, send->recipient);
    if (to && world->deliver)
        world_deliver (to, message, false, 0);
}

static inline void
world_send (world_t *world, member_t *member, const Kask__Send *send, const letter_t *letter)
{
    number_t *number = member_number (member, send->recipient);
    Kask__Answer answer = KASK__ANSWER__INIT;
    answer.recipient = send->recipient;
    answer.number = send->number;
    answer.outcome = KASK__OUTCOME__ACCEPTED;
    if (world->unavailable) {
        answer.outcome = KASK__OUTCOME__UNAVAILABLE;
        answer.retry_after_ms = 100;
    } else if (send->number > number->next) {
        answer.outcome = KASK__OUTCOME__GAP;
        answer.expected = number->next;
    } else if (send->number < number->next) {
        answer.repeated = true;
    } else if (world->refuse) {
        answer.outcome = KASK__OUTCOME__REFUSED;
        answer.fault = (char *) world->refuse;
        answer.number_unused = world->number_unused;
        world->refuse = NULL;
        if (!answer.number_unused)
            number->next++;
    } else {
        number->next++;
        world_store (world, member, send, letter);
    }
    world_answer (member, &answer);
}

static inline void
world_confirm (member_t *member, uint64_t batch)
{
    Kask__Confirmed confirmed = KASK__CONFIRMED__INIT;
    confirmed.batch = batch;
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_CONFIRMED;
    reply.confirmed = &confirmed;
    tell (member->side, &reply, NULL);
}

static inline void
world_settle (world_t *world, member_t *member, const char *sender, uint64_t sequence, bool dead)
{
    for (size_t i = 0; i < world->n_messages; i++) {
        stored_t *message = &world->messages[i];
        if (strcmp (message->sender, sender) == 0 && message->sequence == sequence &&
            strcmp (message->recipient, member->side->name) == 0) {
            message->done = !dead;
            message->dead = dead;
        }
    }
}

static inline void
world_done (world_t *world, member_t *member, const Kask__Done *done)
{
    Kask__DoneList *list;
    fault_t fault = done_list_unpack (done->list.data, done->list.len, &list);
    assert (fault == FAULT_OK);
    assert (check_done (done->signature.data, member->side->identity.identity_key,
                        member->side->name, done->list.data, done->list.len));
    if (done->batch == member->last_batch + 1) {
        member->last_batch++;
        member->n_dones += list->n_items;
        for (size_t i = 0; i < list->n_items; i++)
            world_settle (world, member, list->items[i]->sender, list->items[i]->sequence, false);
    }
    kask__done_list__free_unpacked (list, NULL);
    world_confirm (member, done->batch);
}

static inline void
world_dead (world_t *world, member_t *member, const Kask__Dead *dead)
{
    if (dead->batch == member->last_batch + 1) {
        member->last_batch++;
        member->n_deads += dead->n_items;
        member->dead_reason = dead->items[0]->reason;
        member->dead_tries = dead->items[0]->n_tries;
        snprintf (member->dead_text, sizeof member->dead_text, "%s", dead->items[0]->text);
        for (size_t i = 0; i < dead->n_items; i++)
            world_settle (world, member, dead->items[i]->sender, dead->items[i]->sequence, true);
    }
    world_confirm (member, dead->batch);
}

static inline void
world_hear (world_t *world, member_t *member, const letter_t *letter)
{
    Kask__Command *command;
    fault_t fault = command_unpack (letter->data[0], letter->size[0], &command);
    assert (fault == FAULT_OK);
    switch (command->command_case) {
    case KASK__COMMAND__COMMAND_HELLO: world_hello (world, member, command->hello); break;
    case KASK__COMMAND__COMMAND_SEND: world_send (world, member, command->send, letter); break;
    case KASK__COMMAND__COMMAND_DONE: world_done (world, member, command->done); break;
    case KASK__COMMAND__COMMAND_DEAD: world_dead (world, member, command->dead); break;
    case KASK__COMMAND__COMMAND_STORED: member->stored = command->stored->number; break;
    case KASK__COMMAND__COMMAND_TAKEN:
        if (command->taken->n_up_to)
            member->position = command->taken->up_to[0]->sequence;
        if (command->taken->window)
            member->window = command->taken->window->messages;
        break;
    default: break;
    }
    kask__command__free_unpacked (command, NULL);
}

// Everything that both have to say is said and heard, until there is silence.  False: a store
// could not be written.
static inline bool
world_turn (world_t *world)
{
    for (int round = 0; round < 50; round++) {
        bool silent = true;
        for (size_t i = 0; i < 2; i++) {
            side_t *side = world->members[i].side;
            if (!side_step (side))
                return false;
            for (size_t k = 0; k < side->said.n; k++) {
                world_hear (world, &world->members[i], &side->said.letters[k]);
                silent = false;
            }
            letters_clear (&side->said);
        }
        silent = silent && !world->members[0].side->heard.n && !world->members[1].side->heard.n;
        if (silent)
            return true;
    }
    return true;
}

static inline void
world_connect (world_t *world)
{
    for (size_t i = 0; i < 2; i++)
        client_open (world->members[i].side->client, world->members[i].side->tick_ms);
    bool good = world_turn (world);
    assert (good);
}

// ---------------------------------------------------------------- acts

static inline kask_stored_t
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

static inline kask_stored_t
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

// Takes the next message as done; its text, "" without one, or "nothing".  Static.
static inline const char *
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

static inline size_t
side_count (side_t *side, const char *sql)
{
    return (size_t) store_number (side->store, -1, sql, "");
}

#endif
