/*
 * client - the machine of one session after the other.
 *
 * Order of what is said: reports first, for they free the broker's memory; then
 * what was taken, then what is sent.
 */
#include "client.h"

#include "catalogue.h"
#include "codec.h"
#include "fact.h"
#include "fault.h"
#include "handling.h"
#include "outbox.h"
#include "report.h"
#include "sending.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROTOCOL_VERSION = 1,
    WELCOME_WITHIN_MS = 5000, // on one endpoint
    SILENT_HEARTBEATS = 3,
    PULL_RECORDS = 200,
    PULL_BYTES = 512 * 1024,
    CLOCK_DIFFERS_MS = 60000
};

struct client_s {
    store_t *store;
    const identity_t *identity;
    const port_t *port;
    inbox_t *inbox;
    sending_t *sending;
    reports_t reports;
    char software[LIMIT_SHORT_TEXT_BYTES + 1];
    uint8_t process[16]; // this program, for the broker
    uint32_t attempt;    // hellos that it has said
    bool said_hello;
    bool welcome;
    bool pull_waits; // a Pull was sent and not answered
    int64_t heartbeat_ms;
    int64_t opened_at; // tick
    int64_t heard_at;  // tick
    int64_t spoke_at;  // tick
    uint64_t echo;
    int64_t keyring; // its version when the catalogue was verified
    client_verdict_t verdict;
    uint32_t retry_ms;
    char fault[LIMIT_CODE_BYTES + 1];
    char why[500];
};

client_t *
client_new (store_t *store, const identity_t *identity, const port_t *port, inbox_t *inbox,
            const char *software)
{
    client_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->store = store;
    self->identity = identity;
    self->port = port;
    self->inbox = inbox;
    self->sending = sending_new (store, identity, port);
    self->reports = (reports_t){.store = store, .identity = identity, .port = port};
    snprintf (self->software, sizeof self->software, "%s", software);
    randombytes_buf (self->process, sizeof self->process);
    return self;
}

void
client_destroy (client_t **self_p)
{
    client_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    sending_destroy (&self->sending);
    free (self);
}

void
client_open (client_t *self, int64_t tick_ms)
{
    self->said_hello = self->welcome = self->pull_waits = false;
    self->opened_at = self->heard_at = self->spoke_at = tick_ms;
    self->verdict = CLIENT_STAYS;
    self->retry_ms = 0;
    self->keyring = -1; // what the step before could not commit is verified again
    self->fault[0] = self->why[0] = '\0';
    inbox_begin (self->inbox, NULL);
}

bool
client_is_welcome (const client_t *self)
{
    return self->welcome;
}

client_verdict_t
client_verdict (const client_t *self)
{
    return self->verdict;
}

const char *
client_why (const client_t *self)
{
    return self->why;
}

const char *
client_fault (const client_t *self)
{
    return self->fault;
}

uint32_t
client_retry_ms (const client_t *self)
{
    return self->retry_ms;
}

// The first verdict of a session counts.
static void
decide (client_t *self, client_verdict_t verdict, const char *format, ...)
{
    if (self->verdict != CLIENT_STAYS)
        return;
    self->verdict = verdict;
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (self->why, sizeof self->why, format, arguments);
    va_end (arguments);
}

static void
say (const client_t *self, kask_log_level_t level, const char *format, ...)
{
    char text[600];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    self->port->alarm.say (self->port->alarm.arg, level, text);
}

// ---------------------------------------------------------------- speaking

static bool
speak (client_t *self, const Kask__Command *command, int64_t tick_ms)
{
    size_t size;
    uint8_t *bytes = message_pack (&command->base, &size);
    const frame_t frame = {bytes, size};
    bool sent = self->port->send (self->port->arg, &frame, 1);
    free (bytes);
    if (sent)
        self->spoke_at = tick_ms;
    return sent;
}

static void
say_hello (client_t *self, int64_t tick_ms)
{
    uint8_t outbox[16], inbox[16], database[16];
    const identity_t *me = self->identity;
    if (!fact_bytes (self->store, "outbox", outbox, sizeof outbox) ||
        !fact_bytes (self->store, "inbox", inbox, sizeof inbox)) {
        decide (self, CLIENT_LEAVES, "the store cannot be read");
        return;
    }
    Kask__Hello hello = KASK__HELLO__INIT;
    hello.version_min = hello.version_max = PROTOCOL_VERSION;
    hello.software = self->software;
    hello.outbox = (ProtobufCBinaryData){sizeof outbox, outbox};
    hello.inbox = (ProtobufCBinaryData){sizeof inbox, inbox};
    if (fact_bytes (self->store, "database", database, sizeof database))
        hello.database = (ProtobufCBinaryData){sizeof database, database};
    hello.generation = (uint64_t) fact_number (self->store, "generation");
    Kask__Window window = inbox_window (self->inbox);
    hello.window = &window;
    Kask__SignedStatement statement = KASK__SIGNED_STATEMENT__INIT;
    statement.statement = (ProtobufCBinaryData){me->statement_size, (uint8_t *) me->statement};
    statement.signature = (ProtobufCBinaryData){sizeof me->signature, (uint8_t *) me->signature};
    hello.statement = &statement;
    hello.process = (ProtobufCBinaryData){sizeof self->process, self->process};
    hello.attempt = ++self->attempt;
    Kask__Position *positions[LIMIT_LIST_ITEMS];
    for (size_t i = 0; i < inbox_n_positions (self->inbox) && i < LIMIT_LIST_ITEMS; i++)
        positions[hello.n_positions++] = (Kask__Position *) inbox_position_at (self->inbox, i);
    hello.positions = positions;
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_HELLO;
    command.hello = &hello;
    self->said_hello = speak (self, &command, tick_ms);
}

static void
pull (client_t *self, int64_t tick_ms)
{
    Kask__Pull question = KASK__PULL__INIT;
    question.cursor = (uint64_t) catalogue_cursor (self->store);
    question.max_records = PULL_RECORDS;
    question.max_bytes = PULL_BYTES;
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_PULL;
    command.pull = &question;
    self->pull_waits = speak (self, &command, tick_ms);
}

static void
ping (client_t *self, int64_t tick_ms)
{
    Kask__Ping message = KASK__PING__INIT;
    message.echo = ++self->echo;
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_PING;
    command.ping = &message;
    speak (self, &command, tick_ms);
}

// ---------------------------------------------------------------- welcome

static bool
welcome_fits (client_t *self, const Kask__Welcome *welcome)
{
    if (welcome->version != PROTOCOL_VERSION)
        decide (self, CLIENT_STOPS,
                "the broker speaks protocol version %u, this program 1; no "
                "session was made; update the older side",
                welcome->version);
    else if (strcmp (welcome->partner, self->identity->partner) != 0)
        decide (self, CLIENT_STOPS,
                "the broker takes this folder's keys for those of partner %s, "
                "they are %s's; no session was made; the operator of the "
                "broker must look into it",
                welcome->partner, self->identity->partner);
    return self->verdict == CLIENT_STAYS;
}

static void
compare_clocks (client_t *self, const Kask__Welcome *welcome, int64_t now_ms)
{
    int64_t difference = now_ms - welcome->now_ms;
    if (difference > CLOCK_DIFFERS_MS || difference < -CLOCK_DIFFERS_MS)
        say (self, KASK_LOG_WARNING,
             "clock: this machine's differs from the broker's by %" PRId64
             " s; the broker's counts; set this machine's",
             difference / 1000);
}

static void
take_directory (client_t *self, const Kask__Directory *directory)
{
    keyring_take (self->store, directory, &self->port->alarm);
}

static void
take_welcome (client_t *self, const Kask__Welcome *welcome, int64_t now_ms)
{
    if (!welcome_fits (self, welcome))
        return;
    if (welcome->restored_from_ms)
        outbox_tell_lost (self->store, welcome->restored_from_ms - CLOCK_DIFFERS_MS,
                          &self->port->alarm);
    fact_put_bytes (self->store, "database", welcome->database.data, welcome->database.len);
    if (welcome->directory)
        take_directory (self, welcome->directory);
    if (!sending_begin (self->sending, welcome)) {
        decide (self, CLIENT_RENEWS, "a new incarnation of the outbox has to be announced");
        return;
    }
    // from a later one the broker asks again for what it forgot: not before this session is the one
    fact_put_number (self->store, "generation", (int64_t) welcome->generation);
    if (!reports_begin (&self->reports, (int64_t) welcome->last_batch)) {
        inbox_forget (self->inbox);
        decide (self, CLIENT_RENEWS, "an inbox that is an older copy is delivered anew");
        return;
    }
    inbox_begin (self->inbox, welcome);
    handling_may_give (self->store, true);
    identity_forget_old (self->store, now_ms);
    compare_clocks (self, welcome, now_ms);
    self->heartbeat_ms = welcome->heartbeat_ms;
    self->welcome = true;
    say (self, KASK_LOG_INFO, "session: welcome partner=%s heartbeat_ms=%u", welcome->partner,
         welcome->heartbeat_ms);
}

// ---------------------------------------------------------------- listening

// There is a second copy of this folder: what has no answer, or is not confirmed, must not be
// taken for what the other one sent under the same number.
static void
part_from_copy (client_t *self)
{
    sending_renew (self->sending);
    reports_renew (&self->reports);
}

static bool
stops_for_good (fault_t fault)
{
    return fault == FAULT_SUPERSEDED || fault == FAULT_DATABASE_CHANGED || fault == FAULT_VERSION ||
           fault == FAULT_BAD_STATEMENT || fault == FAULT_KEY_REVOKED;
}

static void
take_fault (client_t *self, const Kask__Fault *fault)
{
    fault_t known = fault_find (fault->name);
    if (self->verdict == CLIENT_STAYS)
        snprintf (self->fault, sizeof self->fault, "%s", fault->name);
    self->retry_ms = fault->retry_after_ms;
    if (known == FAULT_BAD_STATEMENT)
        identity_note_lost (self->store);
    if (known == FAULT_SUPERSEDED)
        part_from_copy (self);
    decide (self, stops_for_good (known) ? CLIENT_STOPS : CLIENT_LEAVES, "%s: %s", fault->name,
            *fault->text ? fault->text : fault_text (known));
}

static void
take_answers (client_t *self, const Kask__Answers *answers, int64_t tick_ms)
{
    bool fits = true;
    for (size_t i = 0; i < answers->n_answers && fits; i++)
        fits = sending_answer (self->sending, answers->answers[i], tick_ms);
    if (fits)
        return;
    part_from_copy (self);
    decide (self, CLIENT_RENEWS, "a new incarnation of the outbox has to be announced");
}

static void
take_delivery (client_t *self, const Kask__Deliver *deliver, const frame_t *frames, size_t n)
{
    if (n != 3) {
        decide (self, CLIENT_LEAVES, "a delivery came with %zu frames and not 3", n);
        return;
    }
    inbox_put (self->inbox,
               &(delivery_t){
                   .deliver = deliver, .facts = frames[0], .header = frames[1], .body = frames[2]});
}

static void
take_catalogue (client_t *self, const Kask__Catalogue *catalogue, const frame_t *frames, size_t n)
{
    self->pull_waits = false;
    if (!catalogue_take (self->store, self->identity, catalogue, frames + 1, n - 1))
        decide (self, CLIENT_LEAVES, "catalogue records came with %zu frames", n - 1);
}

static void
take_reply (client_t *self, const Kask__Reply *reply, const frame_t *frames, size_t n,
            int64_t tick_ms)
{
    switch (reply->reply_case) {
    case KASK__REPLY__REPLY_ANSWERS: take_answers (self, reply->answers, tick_ms); break;
    case KASK__REPLY__REPLY_DELIVER: take_delivery (self, reply->deliver, frames, n); break;
    case KASK__REPLY__REPLY_CONFIRMED: reports_confirmed (&self->reports, reply->confirmed); break;
    case KASK__REPLY__REPLY_CATALOGUE: take_catalogue (self, reply->catalogue, frames, n); break;
    case KASK__REPLY__REPLY_DIRECTORY: take_directory (self, reply->directory); break;
    default: break;
    }
}

void
client_take (client_t *self, const frame_t *frames, size_t n, int64_t tick_ms, int64_t now_ms)
{
    Kask__Reply *reply;
    if (self->verdict != CLIENT_STAYS)
        return;
    fault_t fault = reply_unpack (frames[0].data, frames[0].size, &reply);
    if (fault != FAULT_OK) {
        decide (self, CLIENT_LEAVES, "the broker sent what is no Reply (%s); it was passed over",
                fault_name (fault));
        return;
    }
    self->heard_at = tick_ms;
    if (reply->reply_case == KASK__REPLY__REPLY_FAULT)
        take_fault (self, reply->fault);
    else if (reply->reply_case == KASK__REPLY__REPLY_WELCOME && !self->welcome)
        take_welcome (self, reply->welcome, now_ms);
    else if (self->welcome)
        take_reply (self, reply, frames, n, tick_ms);
    kask__reply__free_unpacked (reply, NULL);
}

// ---------------------------------------------------------------- the step

bool
client_has_work (const client_t *self)
{
    return self->welcome && self->verdict == CLIENT_STAYS &&
           (sending_has_news (self->sending) || reports_has_news (&self->reports));
}

void
client_prepare (client_t *self, int64_t now_ms)
{
    if (!self->welcome)
        return;
    inbox_save (self->inbox);
    if (self->verdict != CLIENT_STAYS)
        return;
    int64_t keyring = keyring_version (self->store);
    if (keyring != self->keyring)
        catalogue_verify (self->store);
    self->keyring = keyring;
    sending_number (self->sending);
    reports_batch (&self->reports, now_ms);
}

static void
watch_silence (client_t *self, int64_t tick_ms)
{
    if (!self->welcome && tick_ms - self->opened_at >= WELCOME_WITHIN_MS)
        decide (self, CLIENT_LEAVES,
                "no answer: is a broker there, and is this partner's key "
                "registered with it?");
    if (self->welcome && tick_ms - self->heard_at >= self->heartbeat_ms * SILENT_HEARTBEATS)
        decide (self, CLIENT_LEAVES, "nothing was heard for three heartbeats");
}

void
client_flush (client_t *self, int64_t tick_ms)
{
    watch_silence (self, tick_ms);
    if (self->verdict != CLIENT_STAYS)
        return;
    if (!self->said_hello)
        say_hello (self, tick_ms);
    if (!self->welcome)
        return;
    if (!self->pull_waits)
        pull (self, tick_ms);
    if (reports_flush (&self->reports) && inbox_flush (self->inbox))
        sending_flush (self->sending, tick_ms);
    if (tick_ms - self->spoke_at >= self->heartbeat_ms)
        ping (self, tick_ms);
}

static int64_t
sooner (int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t
client_due_at (const client_t *self)
{
    if (!self->welcome)
        return self->opened_at + WELCOME_WITHIN_MS;
    int64_t due = sooner (self->spoke_at + self->heartbeat_ms,
                          self->heard_at + self->heartbeat_ms * SILENT_HEARTBEATS);
    return sooner (due, sending_due_at (self->sending));
}
