/*
 * t_seal - a body is opened by whom it was sealed to, and only as it was signed.
 */
#include "codec.h"
#include "seal.h"
#include "tap.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

// A header of `sender`'s, with its bytes.
typedef struct {
    Kask__Header header;
    Kask__ReferralEvent referral;
    Kask__OfferingNotice offering;
    uint8_t ids[2][16];
    uint8_t origin[32];
    uint8_t *bytes;
    sealed_header_t sealed;
} post_t;

static identity_t anton, berta, carla;

static void
identity_fill (identity_t *self)
{
    memset (self, 0, sizeof *self);
    crypto_sign_keypair (self->identity_key, self->identity_secret);
    crypto_box_keypair (self->sealing[0].key, self->sealing[0].secret);
    self->n_sealing = 1;
}

static void
post_pack (post_t *self)
{
    free (self->bytes);
    self->sealed.header = &self->header;
    self->bytes = message_pack (&self->header.base, &self->sealed.size);
    self->sealed.bytes = self->bytes;
}

static void
post_init (post_t *self)
{
    memset (self, 0, sizeof *self);
    randombytes_buf (self->ids, sizeof self->ids);
    kask__header__init (&self->header);
    self->header.message_id = (ProtobufCBinaryData){16, self->ids[0]};
    self->header.origin_key = (ProtobufCBinaryData){32, self->origin};
    self->header.sender = (char *) "anton";
    self->header.recipient = (char *) "berta";
}

static void
post_init_referral (post_t *self)
{
    post_init (self);
    kask__referral_event__init (&self->referral);
    self->referral.referral_id = (ProtobufCBinaryData){16, self->ids[1]};
    self->referral.event = KASK__EVENT__EVENT_SEND;
    self->header.subject_case = KASK__HEADER__SUBJECT_REFERRAL;
    self->header.referral = &self->referral;
    post_pack (self);
}

static void
post_init_offering (post_t *self)
{
    post_init (self);
    kask__offering_notice__init (&self->offering);
    self->offering.key = (char *) "loan-1";
    self->offering.revision = 1;
    self->header.subject_case = KASK__HEADER__SUBJECT_OFFERING;
    self->header.offering = &self->offering;
    post_pack (self);
}

// "hello", signed by anton, sealed to `key`.
static uint8_t *
seal_hello (const post_t *post, const uint8_t key[32], size_t *size_p)
{
    Kask__Content content = KASK__CONTENT__INIT;
    content.text = (char *) "hello";
    size_t size;
    uint8_t *bytes = message_pack (&content.base, &size);
    uint8_t *body = seal_content (&anton, &post->sealed, bytes, size, key, size_p);
    free (bytes);
    return body;
}

// What `by` finds; its text must be there exactly where the reason is NONE.
static Kask__DeadReason
reason (const identity_t *by, const post_t *post, const identity_t *from, const uint8_t *body,
        size_t size)
{
    Kask__Content *content;
    Kask__DeadReason found =
        seal_open (by, &post->sealed, from->identity_key, body, size, &content);
    bool good = found == KASK__DEAD_REASON__DEAD_REASON_NONE;
    if (good != (content != NULL) || (content && strcmp (content->text, "hello") != 0))
        ok (false, "the content is there exactly when it was opened");
    if (content)
        kask__content__free_unpacked (content, NULL);
    return found;
}

static void
the_recipient_opens_it_and_nobody_else (void)
{
    post_t post;
    post_init_referral (&post);
    size_t size;
    uint8_t *body = seal_hello (&post, berta.sealing[0].key, &size);
    is_int (reason (&berta, &post, &anton, body, size), KASK__DEAD_REASON__DEAD_REASON_NONE,
            "the recipient opens it");
    is_int (reason (&carla, &post, &anton, body, size), KASK__DEAD_REASON__CANNOT_OPEN,
            "another does not");
    is_int (reason (&anton, &post, &anton, body, size), KASK__DEAD_REASON__CANNOT_OPEN,
            "not even the sender");
    is_int (reason (&berta, &post, &carla, body, size), KASK__DEAD_REASON__BAD_SIGNATURE,
            "it is not taken for another sender's");
    free (body);
    free (post.bytes);
}

static void
what_was_changed_is_not_opened (void)
{
    post_t post;
    post_init_referral (&post);
    size_t size, opened = 0;
    uint8_t *body = seal_hello (&post, berta.sealing[0].key, &size);
    for (size_t i = 0; i < size; i++) {
        body[i] ^= 1;
        opened += reason (&berta, &post, &anton, body, size) != KASK__DEAD_REASON__CANNOT_OPEN;
        body[i] ^= 1;
    }
    is_int (opened, 0, "with the lowest bit of any byte changed");
    for (size_t shorter = 0; shorter < size; shorter++)
        opened += reason (&berta, &post, &anton, body, shorter) != KASK__DEAD_REASON__CANNOT_OPEN;
    is_int (opened, 0, "cut off anywhere, down to nothing");
    free (body);
    free (post.bytes);
}

static void
a_body_belongs_to_its_header (void)
{
    post_t post, other;
    post_init_referral (&post);
    post_init_referral (&other);
    size_t size;
    uint8_t *body = seal_hello (&post, berta.sealing[0].key, &size);
    is_int (reason (&berta, &other, &anton, body, size), KASK__DEAD_REASON__BAD_SIGNATURE,
            "under another message's header it is not taken");
    post.referral.event = KASK__EVENT__EVENT_NOTE;
    post_pack (&post);
    is_int (reason (&berta, &post, &anton, body, size), KASK__DEAD_REASON__BAD_SIGNATURE,
            "nor under its own with another event");
    free (body);
    free (post.bytes);
    free (other.bytes);
}

static void
retired_keys_open_until_they_are_erased (void)
{
    post_t post;
    post_init_referral (&post);
    size_t size;
    uint8_t *body = seal_hello (&post, berta.sealing[0].key, &size);
    identity_t changed = berta;
    changed.sealing[1] = berta.sealing[0];
    crypto_box_keypair (changed.sealing[0].key, changed.sealing[0].secret);
    changed.n_sealing = 2;
    is_int (reason (&changed, &post, &anton, body, size), KASK__DEAD_REASON__DEAD_REASON_NONE,
            "the retired key still opens it");
    changed.n_sealing = 1;
    changed.has_forgotten = true;
    is_int (reason (&changed, &post, &anton, body, size), KASK__DEAD_REASON__KEY_GONE,
            "after it was erased the key is gone");
    free (body);
    free (post.bytes);
}

static void
nothing_is_sealed_to_a_point_of_small_order (void)
{
    post_t post;
    post_init_referral (&post);
    static const uint8_t zero[32];
    size_t size;
    ok (!seal_hello (&post, zero, &size), "a key of zeros is refused");
    free (post.bytes);
}

static bool
offering_is_good (const post_t *post, const identity_t *from, const uint8_t *body, size_t size)
{
    Kask__Offering *offering;
    bool good = seal_check_offering (&post->sealed, from->identity_key, body, size, &offering);
    if (offering)
        kask__offering__free_unpacked (offering, NULL);
    return good;
}

static void
an_offering_is_its_publishers (void)
{
    post_t post;
    post_init_offering (&post);
    Kask__Offering offering = KASK__OFFERING__INIT;
    size_t content_size, size;
    uint8_t *content = message_pack (&offering.base, &content_size);
    uint8_t *body = seal_offering (&anton, &post.sealed, content, content_size, &size);
    ok (offering_is_good (&post, &anton, body, size), "with the publisher's key it holds");
    ok (!offering_is_good (&post, &berta, body, size), "with another's it does not");
    ok (!offering_is_good (&post, &anton, body, size - 1), "cut off it does not");
    post.offering.revision = 2;
    post_pack (&post);
    ok (!offering_is_good (&post, &anton, body, size), "nor as another revision");
    free (content);
    free (body);
    free (post.bytes);
}

int
main (void)
{
    int failed = sodium_init ();
    assert (failed != -1);
    identity_fill (&anton);
    identity_fill (&berta);
    identity_fill (&carla);
    the_recipient_opens_it_and_nobody_else ();
    what_was_changed_is_not_opened ();
    a_body_belongs_to_its_header ();
    retired_keys_open_until_they_are_erased ();
    nothing_is_sealed_to_a_point_of_small_order ();
    an_offering_is_its_publishers ();
    return tap_end ();
}
