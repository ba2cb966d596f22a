/*
 * vectors - the test vectors of PROTOCOL.md, from fixed seeds.
 *
 * A world of two partners is made from seeds, then each thing that is signed
 * or sealed is made in it, and each step of its making is printed as a line:
 * a name and bytes in hex, or a text in quotes.
 */
#include "vectors.h"
#include "codec.h"
#include "statement.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_BYTES = 4096 };

typedef struct {
    const char *name;
    uint8_t identity_seed[32];
    uint8_t identity_key[32];
    uint8_t identity_secret[64];
    uint8_t curve_secret[32];
    uint8_t curve_key[32];
    uint8_t sealing_secret[32];
    uint8_t sealing_key[32];
} party_t;

typedef struct {
    FILE *out;
    party_t sender;
    party_t recipient;
} world_t;

// What is signed, part by part.
typedef struct {
    uint8_t bytes[INPUT_BYTES];
    size_t size;
} input_t;

static const uint8_t message_id[16] = "message-id-16-b.", referral_id[16] = "referral-id-16b.",
                     inbox_id[16] = "inbox-id-16-byt.",
                     offering_message_id[16] = "offering-message";

// ---------------------------------------------------------------- printing

static void
put_bytes (const world_t *self, const char *name, const void *data, size_t size)
{
    fprintf (self->out, "%s ", name);
    for (size_t i = 0; i < size; i++)
        fprintf (self->out, "%02x", ((const uint8_t *) data)[i]);
    fputc ('\n', self->out);
}

static void
put_text (const world_t *self, const char *name, const char *text)
{
    fprintf (self->out, "%s \"%s\"\n", name, text);
}

static void
put_heading (const world_t *self, const char *text)
{
    fprintf (self->out, "\n# %s\n", text);
}

// ---------------------------------------------------------------- signed inputs

static void
add_part (input_t *self, const void *data, size_t size)
{
    assert (self->size + 4 + size <= sizeof self->bytes);
    for (int i = 0; i < 4; i++)
        self->bytes[self->size++] = (uint8_t) (size >> (24 - 8 * i));
    if (size)
        memcpy (self->bytes + self->size, data, size);
    self->size += size;
}

static void
add_text (input_t *self, const char *text)
{
    add_part (self, text, strlen (text));
}

static void
put_signed (const world_t *self, const char *what, const input_t *input,
            const uint8_t signature[64])
{
    char name[64];
    int wrong = crypto_sign_verify_detached (signature, input->bytes, input->size,
                                             self->sender.identity_key);
    assert (wrong == 0);
    snprintf (name, sizeof name, "%s_input", what);
    put_bytes (self, name, input->bytes, input->size);
    snprintf (name, sizeof name, "%s_signature", what);
    put_bytes (self, name, signature, 64);
}

// ---------------------------------------------------------------- the parties

static void
fill_seed (uint8_t seed[32], uint8_t first)
{
    for (int i = 0; i < 32; i++)
        seed[i] = (uint8_t) (first + i);
}

static party_t
make_party (const char *name, uint8_t first)
{
    party_t self = {.name = name};
    fill_seed (self.identity_seed, first);
    fill_seed (self.curve_secret, (uint8_t) (first + 32));
    fill_seed (self.sealing_secret, (uint8_t) (first + 64));
    crypto_sign_seed_keypair (self.identity_key, self.identity_secret, self.identity_seed);
    crypto_scalarmult_base (self.curve_key, self.curve_secret);
    crypto_scalarmult_base (self.sealing_key, self.sealing_secret);
    return self;
}

static void
put_party (const world_t *self, const char *role, const party_t *party)
{
    char fingerprint[FINGERPRINT_TEXT_BYTES], name[64];
    identity_fingerprint (party->identity_key, fingerprint);
    put_text (self, role, party->name);
#define PUT(member)                                                                                \
    snprintf (name, sizeof name, "%s_" #member, role);                                             \
    put_bytes (self, name, party->member, 32)
    PUT (identity_seed);
    PUT (identity_key);
    PUT (curve_secret);
    PUT (curve_key);
    PUT (sealing_secret);
    PUT (sealing_key);
#undef PUT
    snprintf (name, sizeof name, "%s_fingerprint", role);
    put_text (self, name, fingerprint);
}

static ProtobufCBinaryData
view (const void *data, size_t size)
{
    return (ProtobufCBinaryData){size, (uint8_t *) data};
}

static void
put_statement (const world_t *self)
{
    const party_t *sender = &self->sender;
    Kask__KeyStatement statement = KASK__KEY_STATEMENT__INIT;
    statement.partner = (char *) sender->name;
    statement.number = 1;
    statement.made_at_ms = 1780000000000;
    statement.identity_key = view (sender->identity_key, 32);
    statement.curve_key = view (sender->curve_key, 32);
    statement.sealing_key = view (sender->sealing_key, 32);
    size_t size;
    uint8_t signature[64], *bytes = message_pack (&statement.base, &size);
    sign_statement (signature, sender->identity_secret, bytes, size);
    input_t input = {.size = 0};
    add_text (&input, "kask/statement/1");
    add_part (&input, bytes, size);
    put_heading (self, "KeyStatement of the sender: number 1, made at 1780000000000 ms");
    put_bytes (self, "statement", bytes, size);
    put_signed (self, "statement", &input, signature);
    free (bytes);
}

// ---------------------------------------------------------------- a referral

static uint8_t *
make_header (const world_t *self, size_t *size_p)
{
    static const uint8_t origin[32] = "origin-key-of-32-bytes..........";
    Kask__ReferralEvent event = KASK__REFERRAL_EVENT__INIT;
    event.referral_id = event.chain_id = view (referral_id, 16);
    event.event = KASK__EVENT__EVENT_SEND;
    event.legal_basis = "CONSENT";
    event.offering_publisher = (char *) self->recipient.name;
    event.offering_key = "v-17";
    event.offering_revision = 3;
    Kask__Header header = KASK__HEADER__INIT;
    header.message_id = view (message_id, 16);
    header.sender = (char *) self->sender.name;
    header.recipient = (char *) self->recipient.name;
    header.origin_key = view (origin, 32);
    header.claimed_at_ms = 1780000000000;
    header.subject_case = KASK__HEADER__SUBJECT_REFERRAL;
    header.referral = &event;
    return message_pack (&header.base, size_p);
}

static uint8_t *
make_content (size_t *size_p)
{
    Kask__Organisation client = KASK__ORGANISATION__INIT;
    client.scheme = "0184";
    client.number = "29826358";
    client.name = "Eksempel Værft ApS";
    Kask__Content content = KASK__CONTENT__INIT;
    content.client = &client;
    content.text = "Firmaet søger en testtank.";
    content.language = "da";
    return message_pack (&content.base, size_p);
}

// As crypto_box_seal, with the ephemeral key given and not drawn.
static void
put_sealed (const world_t *self, const uint8_t *data, size_t size)
{
    uint8_t secret[32], key[32], nonce[24];
    fill_seed (secret, 0xc0);
    crypto_scalarmult_base (key, secret);
    crypto_generichash_state hash;
    crypto_generichash_init (&hash, NULL, 0, sizeof nonce);
    crypto_generichash_update (&hash, key, sizeof key);
    crypto_generichash_update (&hash, self->recipient.sealing_key, 32);
    crypto_generichash_final (&hash, nonce, sizeof nonce);
    size_t sealed_bytes = size + crypto_box_SEALBYTES;
    uint8_t *sealed = malloc (sealed_bytes);
    assert (sealed);
    memcpy (sealed, key, sizeof key);
    int wrong = crypto_box_easy (sealed + sizeof key, data, size, nonce,
                                 self->recipient.sealing_key, secret);
    assert (wrong == 0);
    put_bytes (self, "sealed_ephemeral_secret", secret, sizeof secret);
    put_bytes (self, "sealed_nonce", nonce, sizeof nonce);
    put_bytes (self, "sealed", sealed, sealed_bytes);
    free (sealed);
}

static uint8_t *
make_signed (const uint8_t *content, size_t content_bytes, const uint8_t signature[64],
             size_t *size_p)
{
    Kask__Signed signed_message = KASK__SIGNED__INIT;
    signed_message.content = view (content, content_bytes);
    signed_message.signature = view (signature, 64);
    return message_pack (&signed_message.base, size_p);
}

static void
put_referral (const world_t *self)
{
    size_t header_bytes, content_bytes, signed_bytes;
    uint8_t hash[32], signature[64];
    uint8_t *header = make_header (self, &header_bytes), *content = make_content (&content_bytes);
    sha256 (hash, header, header_bytes);
    content_subject_t subject = {self->sender.name, self->recipient.name, message_id, referral_id,
                                 hash};
    sign_content (signature, self->sender.identity_secret, &subject, content, content_bytes);
    input_t input = {.size = 0};
    add_text (&input, "kask/content/1");
    add_text (&input, self->sender.name);
    add_text (&input, self->recipient.name);
    add_part (&input, message_id, 16);
    add_part (&input, referral_id, 16);
    add_part (&input, hash, 32);
    add_part (&input, content, content_bytes);
    put_heading (self, "a SEND: header, content, the body before it is sealed, the sealed body");
    put_bytes (self, "header", header, header_bytes);
    put_bytes (self, "header_sha256", hash, 32);
    put_bytes (self, "content", content, content_bytes);
    put_signed (self, "content", &input, signature);
    uint8_t *signed_message = make_signed (content, content_bytes, signature, &signed_bytes);
    put_bytes (self, "signed", signed_message, signed_bytes);
    put_sealed (self, signed_message, signed_bytes);
    free (signed_message);
    free (header);
    free (content);
}

// ---------------------------------------------------------------- an offering

static uint8_t *
make_offering_header (const world_t *self, size_t *size_p)
{
    static const uint8_t origin[32] = "origin-key-of-the-offering......";
    Kask__OfferingNotice notice = KASK__OFFERING_NOTICE__INIT;
    notice.key = "a-1";
    notice.revision = 1;
    Kask__Header header = KASK__HEADER__INIT;
    header.message_id = view (offering_message_id, 16);
    header.sender = (char *) self->sender.name;
    header.recipient = "catalogue";
    header.origin_key = view (origin, 32);
    header.subject_case = KASK__HEADER__SUBJECT_OFFERING;
    header.offering = &notice;
    return message_pack (&header.base, size_p);
}

static uint8_t *
make_offering (size_t *size_p)
{
    Kask__Text title = KASK__TEXT__INIT, *titles[] = {&title};
    title.language = "nn";
    title.text = "Rettleiing om eksport";
    Kask__Provider provider = KASK__PROVIDER__INIT;
    provider.name = "Eit døme";
    provider.scheme = "0192";
    provider.number = "974760673";
    Kask__Offering offering = KASK__OFFERING__INIT;
    offering.key = "a-1";
    offering.provider = &provider;
    offering.kind = "advice";
    offering.status = "active";
    offering.n_title = 1;
    offering.title = titles;
    return message_pack (&offering.base, size_p);
}

static void
put_offering (const world_t *self)
{
    size_t header_bytes, offering_bytes, signed_bytes;
    uint8_t hash[32], signature[64];
    uint8_t *header = make_offering_header (self, &header_bytes);
    uint8_t *offering = make_offering (&offering_bytes);
    sha256 (hash, header, header_bytes);
    offering_subject_t subject = {self->sender.name, offering_message_id, "a-1", hash};
    sign_offering (signature, self->sender.identity_secret, &subject, offering, offering_bytes);
    input_t input = {.size = 0};
    add_text (&input, "kask/offering/1");
    add_text (&input, self->sender.name);
    add_part (&input, offering_message_id, 16);
    add_text (&input, "a-1");
    add_part (&input, hash, 32);
    add_part (&input, offering, offering_bytes);
    put_heading (self, "an offering: header, offering, body");
    put_bytes (self, "offering_header", header, header_bytes);
    put_bytes (self, "offering_header_sha256", hash, 32);
    put_bytes (self, "offering", offering, offering_bytes);
    put_signed (self, "offering", &input, signature);
    uint8_t *signed_message = make_signed (offering, offering_bytes, signature, &signed_bytes);
    put_bytes (self, "offering_signed", signed_message, signed_bytes);
    free (signed_message);
    free (offering);
    free (header);
}

// ---------------------------------------------------------------- a report

static void
put_done (const world_t *self)
{
    Kask__DoneItem item = KASK__DONE_ITEM__INIT, *items[] = {&item};
    item.sender = (char *) self->recipient.name;
    item.sequence = 7;
    item.message_id = view (message_id, 16);
    Kask__DoneList list = KASK__DONE_LIST__INIT;
    list.partner = (char *) self->sender.name;
    list.inbox = view (inbox_id, 16);
    list.done_at_ms = 1780000000000;
    list.n_items = 1;
    list.items = items;
    size_t size;
    uint8_t signature[64], *bytes = message_pack (&list.base, &size);
    sign_done (signature, self->sender.identity_secret, self->sender.name, bytes, size);
    input_t input = {.size = 0};
    add_text (&input, "kask/done/1");
    add_text (&input, self->sender.name);
    add_part (&input, bytes, size);
    put_heading (self, "a DoneList of the sender, who did message 7 of the recipient's lane");
    put_bytes (self, "done", bytes, size);
    put_signed (self, "done", &input, signature);
    free (bytes);
}

// ---------------------------------------------------------------- what is refused

typedef struct {
    const char *why;
    const char *frame; // command or header
    const char *fault;
    const char *hex;
} refused_t;

static const refused_t refused[] = {
    {"Ping given twice", "command", "BAD_COMMAND", "4a0208014a020802"},
    {"Ping and Bye, two members of the oneof", "command", "BAD_COMMAND", "4a0208015200"},
    {"no member", "command", "BAD_COMMAND", ""},
    {"Ping cut short", "command", "BAD_COMMAND", "4a0208"},
    {"Send whose recipient is no partner's name", "command", "BAD_COMMAND", "12060a0241421001"},
    {"Send with number 2^63", "command", "BAD_COMMAND", "120e0a01611080808080808080808001"},
    {"Send whose recipient is not UTF-8", "command", "BAD_COMMAND", "12050a01ff1001"},
    {"a group", "command", "BAD_COMMAND", "7b7c"},
    {"nine groups inside each other", "command", "TOO_DEEP",
     "7b7b7b7b7b7b7b7b7b7c7c7c7c7c7c7c7c7c"},
    {"Window of 100001 messages", "command", "TOO_LARGE", "1a0408a18d06"},
    {"a header that holds a message_id only", "header", "BAD_HEADER",
     "0a106d6573736167652d69642d31362d622e"},
};

static void
put_refused (const world_t *self)
{
    put_heading (self,
                 "frames that are refused: what kind, the fault, the bytes; the reason stands "
                 "above each");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        fprintf (self->out, "# %s\n", refused[i].why);
        fprintf (self->out, "refused_%s %s %s\n", refused[i].frame, refused[i].fault,
                 *refused[i].hex ? refused[i].hex : "-");
    }
}

void
vectors_print (FILE *out)
{
    world_t self = {out, make_party ("partner-a", 0x00), make_party ("partner-b", 0x60)};
    fputs (
        "# Test vectors of the kask protocol, version 1 (PROTOCOL.md, Test vectors).\n"
        "# A line: a name, and bytes in hex, or a text in quotes.  These keys protect nothing.\n",
        out);
    put_heading (&self, "the partners");
    put_party (&self, "sender", &self.sender);
    put_party (&self, "recipient", &self.recipient);
    put_statement (&self);
    put_referral (&self);
    put_offering (&self);
    put_done (&self);
    put_refused (&self);
}
