/*
 * peer - a bare protocol client for the benchmark.
 */
#include "peer.h"
#include "codec.h"
#include "content.pb-c.h"
#include "limit.h"
#include "statement.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

enum { REPORTS_UNDER_WAY = 4096 };

typedef struct {
    uint8_t *header;
    size_t header_size;
    uint8_t *body;
    size_t body_size;
} letter_t;

struct peer_s {
    char partner[64];
    uint8_t identity[32], secret[64];
    char curve_public[41], curve_secret[41];
    uint8_t sealing_public[32], sealing_secret[32];
    uint8_t outbox[16], inbox[16];
    uint8_t *statement;
    size_t statement_size;
    uint8_t signature[64];
    char endpoint[300], broker_key[41];
    void *socket;
    bool is_hostile; // goes on whatever is answered
    bool takes;      // what is delivered
    const peer_t *to;
    letter_t *letters;
    size_t n_letters, sent, accepted, done;
    bool welcome;
    uint64_t batch;
    size_t batch_items[REPORTS_UNDER_WAY]; // of report `batch` % REPORTS_UNDER_WAY
    // what one peer_read has gathered
    Kask__DoneItem items[LIMIT_DONE_ITEMS];
    uint8_t ids[LIMIT_DONE_ITEMS][16];
    size_t n_items;
    char sender[64];
    uint64_t sequence; // of the lane, as far as it has come
};

static void *context;

int64_t
peer_now_us (void)
{
    struct timespec t;
    clock_gettime (CLOCK_MONOTONIC, &t);
    return (int64_t) t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static _Noreturn void
give_up (const char *what)
{
    fprintf (stderr, "kask-bench: %s\n", what);
    exit (1);
}

// ---------------------------------------------------------------- keys

peer_t *
peer_new (const char *partner)
{
    peer_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    snprintf (self->partner, sizeof self->partner, "%s", partner);
    crypto_sign_keypair (self->identity, self->secret);
    crypto_box_keypair (self->sealing_public, self->sealing_secret);
    zmq_curve_keypair (self->curve_public, self->curve_secret);
    self->takes = true;
    randombytes_buf (self->outbox, sizeof self->outbox);
    randombytes_buf (self->inbox, sizeof self->inbox);
    uint8_t curve[32];
    zmq_z85_decode (curve, self->curve_public);
    Kask__KeyStatement statement = KASK__KEY_STATEMENT__INIT;
    statement.partner = self->partner;
    statement.number = 1;
    statement.made_at_ms = (int64_t) time (NULL) * 1000;
    statement.identity_key = (ProtobufCBinaryData){32, self->identity};
    statement.curve_key = (ProtobufCBinaryData){32, curve};
    statement.sealing_key = (ProtobufCBinaryData){32, self->sealing_public};
    self->statement = message_pack (&statement.base, &self->statement_size);
    sign_statement (self->signature, self->secret, self->statement, self->statement_size);
    return self;
}

void
peer_destroy (peer_t **self_p)
{
    peer_t *self = *self_p;
    if (self->socket)
        zmq_close (self->socket);
    for (size_t i = 0; i < self->n_letters; i++) {
        free (self->letters[i].header);
        free (self->letters[i].body);
    }
    free (self->letters);
    free (self->statement);
    free (self);
    *self_p = NULL;
}

static void
print_hex (FILE *out, const char *name, const uint8_t *data, size_t size)
{
    fprintf (out, "%s = ", name);
    for (size_t i = 0; i < size; i++)
        fprintf (out, "%02x", data[i]);
    fputc ('\n', out);
}

char *
peer_request (const peer_t *self, const char *country)
{
    char *text;
    size_t size;
    FILE *out = open_memstream (&text, &size);
    fprintf (out, "partner = %s\nname = %s\ncountry = %s\n", self->partner, self->partner, country);
    print_hex (out, "statement", self->statement, self->statement_size);
    print_hex (out, "signature", self->signature, sizeof self->signature);
    fclose (out);
    return text;
}

// ---------------------------------------------------------------- frames out

static void
send_command (peer_t *self, const Kask__Command *command, int flags)
{
    uint8_t buffer[LIMIT_COMMAND_BYTES];
    size_t size = kask__command__pack (command, buffer);
    if (zmq_send (self->socket, buffer, size, flags) < 0)
        give_up ("sending failed");
}

static void
say_hello (peer_t *self, uint32_t window)
{
    Kask__SignedStatement statement = KASK__SIGNED_STATEMENT__INIT;
    statement.statement = (ProtobufCBinaryData){self->statement_size, self->statement};
    statement.signature = (ProtobufCBinaryData){64, self->signature};
    Kask__Window w = KASK__WINDOW__INIT;
    w.messages = window;
    w.bytes = LIMIT_WINDOW_BYTES;
    Kask__Hello hello = KASK__HELLO__INIT;
    hello.version_min = hello.version_max = 1;
    hello.software = (char *) "kask-bench";
    hello.outbox = (ProtobufCBinaryData){16, self->outbox};
    hello.inbox = (ProtobufCBinaryData){16, self->inbox};
    hello.window = &w;
    hello.statement = &statement;
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_HELLO;
    command.hello = &hello;
    send_command (self, &command, 0);
}

static void
open_socket (peer_t *self, uint32_t window)
{
    self->socket = zmq_socket (context, ZMQ_DEALER);
    int no = 0, many = 200000;
    zmq_setsockopt (self->socket, ZMQ_LINGER, &no, sizeof no);
    zmq_setsockopt (self->socket, ZMQ_SNDHWM, &many, sizeof many);
    zmq_setsockopt (self->socket, ZMQ_RCVHWM, &many, sizeof many);
    zmq_setsockopt (self->socket, ZMQ_CURVE_SERVERKEY, self->broker_key, strlen (self->broker_key));
    zmq_setsockopt (self->socket, ZMQ_CURVE_PUBLICKEY, self->curve_public, 40);
    zmq_setsockopt (self->socket, ZMQ_CURVE_SECRETKEY, self->curve_secret, 40);
    if (zmq_connect (self->socket, self->endpoint) < 0)
        give_up ("cannot connect");
    say_hello (self, window);
}

void
peer_connect (peer_t *self, const char *endpoint, const char *broker_key, uint32_t window)
{
    if (!context)
        context = zmq_ctx_new ();
    snprintf (self->endpoint, sizeof self->endpoint, "%s", endpoint);
    snprintf (self->broker_key, sizeof self->broker_key, "%s", broker_key);
    open_socket (self, window);
    for (int64_t end = peer_now_us () + 10000000; !self->welcome;) {
        zmq_pollitem_t item = {.socket = self->socket, .events = ZMQ_POLLIN};
        zmq_poll (&item, 1, 1000);
        peer_read (self);
        if (peer_now_us () > end)
            give_up ("no Welcome within 10 s");
    }
}

void
peer_reconnect (peer_t *self)
{
    zmq_close (self->socket);
    open_socket (self, 1);
}

void *
peer_socket (peer_t *self)
{
    return self->socket;
}

// ---------------------------------------------------------------- letters

static void
make_letter (peer_t *self, letter_t *letter, const Kask__Content *content)
{
    uint8_t message_id[16], referral_id[16], origin[32];
    randombytes_buf (message_id, sizeof message_id);
    randombytes_buf (referral_id, sizeof referral_id);
    randombytes_buf (origin, sizeof origin);
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.referral_id = event.chain_id = (ProtobufCBinaryData){16, referral_id};
    event.event = KASK__EVENT__EVENT_SEND;
    event.legal_basis = (char *) "CONSENT";
    Kask__Header header = KASK__HEADER__INIT;
    header.message_id = (ProtobufCBinaryData){16, message_id};
    header.sender = self->partner;
    header.recipient = (char *) self->to->partner;
    header.origin_key = (ProtobufCBinaryData){32, origin};
    header.subject_case = KASK__HEADER__SUBJECT_REFERRAL;
    header.referral = &event;
    letter->header = message_pack (&header.base, &letter->header_size);

    uint8_t hash[32], signature[64];
    sha256 (hash, letter->header, letter->header_size);
    const content_subject_t subject = content_subject (&header, hash);
    size_t size, signed_size;
    uint8_t *bytes = message_pack (&content->base, &size);
    sign_content (signature, self->secret, &subject, bytes, size);
    Kask__Signed sealed = KASK__SIGNED__INIT;
    sealed.content = (ProtobufCBinaryData){size, bytes};
    sealed.signature = (ProtobufCBinaryData){64, signature};
    uint8_t *plain = message_pack (&sealed.base, &signed_size);
    letter->body_size = signed_size + crypto_box_SEALBYTES;
    letter->body = malloc (letter->body_size);
    crypto_box_seal (letter->body, plain, signed_size, self->to->sealing_public);
    free (plain);
    free (bytes);
}

void
peer_prepare (peer_t *self, const peer_t *to, size_t n, size_t size)
{
    self->to = to;
    self->letters = calloc (n, sizeof *self->letters);
    self->n_letters = n;
    char *text = malloc (size + 1);
    memset (text, 'x', size);
    text[size] = '\0';
    Kask__Content content = KASK__CONTENT__INIT;
    content.text = text;
    for (size_t i = 0; i < n; i++)
        make_letter (self, &self->letters[i], &content);
    free (text);
}

size_t
peer_send (peer_t *self, size_t n)
{
    size_t left = self->n_letters - self->sent;
    n = n < left ? n : left;
    for (size_t i = 0; i < n; i++) {
        const letter_t *letter = &self->letters[self->sent++];
        Kask__Send send = KASK__SEND__INIT;
        send.recipient = (char *) self->to->partner;
        send.number = self->sent;
        Kask__Command command = KASK__COMMAND__INIT;
        command.command_case = KASK__COMMAND__COMMAND_SEND;
        command.send = &send;
        send_command (self, &command, ZMQ_SNDMORE);
        zmq_send (self->socket, letter->header, letter->header_size, ZMQ_SNDMORE);
        zmq_send (self->socket, letter->body, letter->body_size, 0);
    }
    return n;
}

void
peer_rewind (peer_t *self)
{
    self->sent = self->accepted;
}

void
peer_ping (peer_t *self)
{
    Kask__Ping ping = KASK__PING__INIT;
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_PING;
    command.ping = &ping;
    send_command (self, &command, 0);
}

void
peer_be_hostile (peer_t *self, bool takes)
{
    self->is_hostile = true;
    self->takes = takes;
}

// ---------------------------------------------------------------- frames in

static void
report (peer_t *self)
{
    if (!self->n_items)
        return;
    Kask__DoneItem *items[LIMIT_DONE_ITEMS];
    for (size_t i = 0; i < self->n_items; i++)
        items[i] = &self->items[i];
    Kask__DoneList list = KASK__DONE_LIST__INIT;
    list.partner = self->partner;
    list.inbox = (ProtobufCBinaryData){16, self->inbox};
    list.n_items = self->n_items;
    list.items = items;
    size_t size;
    uint8_t *bytes = message_pack (&list.base, &size), signature[64];
    sign_done (signature, self->secret, self->partner, bytes, size);
    Kask__Done done = KASK__DONE__INIT;
    done.batch = ++self->batch;
    done.list = (ProtobufCBinaryData){size, bytes};
    done.signature = (ProtobufCBinaryData){64, signature};
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_DONE;
    command.done = &done;
    send_command (self, &command, 0);
    free (bytes);
    self->batch_items[self->batch % REPORTS_UNDER_WAY] = self->n_items;
    self->n_items = 0;
}

static void
take (peer_t *self)
{
    if (!self->n_items)
        return;
    Kask__Position position = KASK__POSITION__INIT;
    position.sender = self->sender;
    position.sequence = self->sequence;
    Kask__Position *positions[] = {&position};
    Kask__Taken taken = KASK__TAKEN__INIT;
    taken.n_up_to = 1;
    taken.up_to = positions;
    Kask__Command command = KASK__COMMAND__INIT;
    command.command_case = KASK__COMMAND__COMMAND_TAKEN;
    command.taken = &taken;
    send_command (self, &command, 0);
    report (self);
}

static void
on_deliver (peer_t *self, const Kask__Deliver *facts, zmq_msg_t *frame)
{
    Kask__Header *header;
    if (header_unpack (zmq_msg_data (frame), zmq_msg_size (frame), &header) != FAULT_OK)
        give_up ("a header that cannot be read was delivered");
    if (facts->sequence != self->sequence + 1)
        give_up ("a message is missing, doubled or out of order");
    self->sequence = facts->sequence;
    snprintf (self->sender, sizeof self->sender, "%s", facts->sender);
    size_t i = self->n_items++;
    memcpy (self->ids[i], header->message_id.data, 16);
    kask__done_item__init (&self->items[i]);
    self->items[i].sender = self->sender;
    self->items[i].sequence = facts->sequence;
    self->items[i].message_id = (ProtobufCBinaryData){16, self->ids[i]};
    kask__header__free_unpacked (header, NULL);
    if (self->n_items == LIMIT_DONE_ITEMS)
        take (self);
}

// In the order of their numbers; who is hostile is told of some twice.
static void
on_answer (peer_t *self, const Kask__Answer *answer)
{
    bool is_next = answer->number == self->accepted + 1;
    if (answer->outcome == KASK__OUTCOME__ACCEPTED && is_next)
        self->accepted++;
    else if (!self->is_hostile)
        give_up (*answer->fault ? answer->fault : "a message was not accepted");
}

static void
on_reply (peer_t *self, const Kask__Reply *reply, zmq_msg_t *header)
{
    switch (reply->reply_case) {
    case KASK__REPLY__REPLY_WELCOME: self->welcome = true; break;
    case KASK__REPLY__REPLY_ANSWERS:
        for (size_t i = 0; i < reply->answers->n_answers; i++)
            on_answer (self, reply->answers->answers[i]);
        break;
    case KASK__REPLY__REPLY_CONFIRMED:
        self->done += self->batch_items[reply->confirmed->batch % REPORTS_UNDER_WAY];
        break;
    case KASK__REPLY__REPLY_DELIVER:
        if (self->takes)
            on_deliver (self, reply->deliver, header);
        break;
    case KASK__REPLY__REPLY_FAULT:
        if (!self->is_hostile)
            give_up (reply->fault->name);
        break;
    default: break;
    }
}

// One message if there is one.
static bool
read_one (peer_t *self)
{
    zmq_msg_t frames[3];
    int n = 0;
    do {
        zmq_msg_init (&frames[n]);
        if (zmq_msg_recv (&frames[n], self->socket, ZMQ_DONTWAIT) < 0)
            return false;
        n++;
    } while (n < 3 && zmq_msg_more (&frames[n - 1]));
    Kask__Reply *reply;
    if (reply_unpack (zmq_msg_data (&frames[0]), zmq_msg_size (&frames[0]), &reply) != FAULT_OK)
        give_up ("a reply cannot be read");
    on_reply (self, reply, &frames[1]);
    kask__reply__free_unpacked (reply, NULL);
    while (n)
        zmq_msg_close (&frames[--n]);
    return true;
}

void
peer_read (peer_t *self)
{
    while (read_one (self))
        ;
    take (self);
}

// ---------------------------------------------------------------- figures

size_t
peer_sent (const peer_t *self)
{
    return self->sent;
}

size_t
peer_accepted (const peer_t *self)
{
    return self->accepted;
}

size_t
peer_done (const peer_t *self)
{
    return self->done;
}
