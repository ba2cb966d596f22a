/*
 * sdk_world - two partners and a broker of a few lines, for tests of the SDK.
 */
#include "sdk_world.h"
#include "moment.h"
#include "statement.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

world_t *
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

void
world_destroy (world_t **world_p)
{
    world_t *world = *world_p;
    *world_p = NULL;
    for (size_t i = 0; i < world->n_messages; i++)
        for (size_t k = 0; k < world->messages[i].letter.n; k++)
            free (world->messages[i].letter.data[k]);
    free (world);
}

member_t *
world_member (world_t *world, const char *name)
{
    for (size_t i = 0; i < 2; i++)
        if (strcmp (world->members[i].side->name, name) == 0)
            return &world->members[i];
    return NULL;
}

static number_t *
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

void
world_fault (member_t *member, const char *name)
{
    Kask__Fault fault = KASK__FAULT__INIT;
    fault.name = (char *) name;
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_FAULT;
    reply.fault = &fault;
    side_hear (member->side, &reply, NULL);
}

void
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
    side_hear (member->side, &reply, &message->letter);
    kask__header__free_unpacked (header, NULL);
}

static void
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
    side_hear (member->side, &reply, NULL);
    uint64_t position = hello->n_positions ? hello->positions[0]->sequence : 0;
    for (size_t i = 0; i < world->n_messages; i++) {
        const stored_t *message = &world->messages[i];
        if (strcmp (message->recipient, member->side->name) == 0 && message->sequence > position &&
            !message->done && !message->dead)
            world_deliver (member, message, true, 0);
    }
}

static void
world_answer (member_t *member, Kask__Answer *answer)
{
    Kask__Answer *list[] = {answer};
    Kask__Answers answers = KASK__ANSWERS__INIT;
    answers.n_answers = 1;
    answers.answers = list;
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_ANSWERS;
    reply.answers = &answers;
    side_hear (member->side, &reply, NULL);
}

static void
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

static void
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

static void
world_confirm (member_t *member, uint64_t batch)
{
    Kask__Confirmed confirmed = KASK__CONFIRMED__INIT;
    confirmed.batch = batch;
    Kask__Reply reply = KASK__REPLY__INIT;
    reply.reply_case = KASK__REPLY__REPLY_CONFIRMED;
    reply.confirmed = &confirmed;
    side_hear (member->side, &reply, NULL);
}

static void
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

static void
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

static void
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

void
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
        member->n_takens++;
        member->n_apart += command->taken->n_apart;
        if (command->taken->n_up_to)
            member->position = command->taken->up_to[0]->sequence;
        if (command->taken->window)
            member->window = command->taken->window->messages;
        break;
    default: break;
    }
    kask__command__free_unpacked (command, NULL);
}

bool
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

void
world_connect (world_t *world)
{
    for (size_t i = 0; i < 2; i++)
        client_open (world->members[i].side->client, world->members[i].side->tick_ms);
    bool good = world_turn (world);
    assert (good);
}
