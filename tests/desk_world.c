/*
 * desk_world - libkask's handle of anton, who has met berta: for tests of what stands on libkask.
 */
#include "desk_world.h"
#include "sdk_world.h"

#include <assert.h>
#include <stdlib.h>

struct desk_world_s {
    side_t *anton;
    side_t *berta;
    world_t *world;
};

desk_world_t *
desk_world_new (void)
{
    desk_world_t *self = calloc (1, sizeof *self);
    assert (self);
    self->anton = side_new ("anton");
    self->berta = side_new ("berta");
    side_pin (self->anton, self->berta);
    side_pin (self->berta, self->anton);
    self->world = world_new (self->anton, self->berta);
    world_connect (self->world);
    return self;
}

void
desk_world_destroy (desk_world_t **self_p)
{
    desk_world_t *self = *self_p;
    *self_p = NULL;
    world_destroy (&self->world);
    side_destroy (&self->anton);
    side_destroy (&self->berta);
    free (self);
}

kask_t *
desk_world_kask (const desk_world_t *self)
{
    return self->anton->kask;
}

static void
turn (desk_world_t *self)
{
    bool good = world_turn (self->world);
    assert (good);
}

void
desk_world_receive (desk_world_t *self, const char *act, uint8_t referral[16])
{
    kask_stored_t stored = side_refer (self->berta, self->anton, act, act, referral);
    assert (stored == KASK_STORED);
    turn (self);
}

void
desk_world_hear (desk_world_t *self, Kask__Event event, const char *act, const uint8_t referral[16])
{
    kask_stored_t stored = side_tell (self->berta, self->anton, event, act, referral);
    assert (stored == KASK_STORED);
    turn (self);
}

void
desk_world_send (desk_world_t *self, const char *act, const char *fault)
{
    kask_stored_t stored = side_refer (self->anton, self->berta, act, act, NULL);
    assert (stored == KASK_STORED);
    self->world->refuse = fault;
    turn (self);
}

// ---- the catalogue

static void
publish (side_t *side, const char *key)
{
    Kask__Text title = KASK__TEXT__INIT, *titles[] = {&title};
    Kask__Provider provider = KASK__PROVIDER__INIT;
    Kask__Offering offering = KASK__OFFERING__INIT;
    title.language = (char *) "da";
    title.text = (char *) key;
    provider.name = (char *) "A provider";
    provider.identifier_unknown = true;
    provider.country = (char *) "DK";
    offering.key = (char *) key;
    offering.kind = (char *) "advice";
    offering.status = (char *) "active";
    offering.n_title = 1;
    offering.title = titles;
    offering.provider = &provider;
    kask_stored_t stored = kask_publish (side->kask, &offering, &world_error);
    assert (stored == KASK_STORED);
}

void
desk_world_offer (desk_world_t *self, const char *key)
{
    publish (self->berta, key);
    sqlite3_stmt *row = store_query (
        self->berta->store, "SELECT header, body FROM kask_outbox ORDER BY no DESC LIMIT 1", "");
    assert (row);
    letter_t letter = {.n = 3};
    for (int i = 0; i < 2; i++) {
        letter.data[i + 1] = (uint8_t *) sqlite3_column_blob (row, i);
        letter.size[i + 1] = (size_t) sqlite3_column_bytes (row, i);
    }
    Kask__CatalogueRecord record = KASK__CATALOGUE_RECORD__INIT, *records[] = {&record};
    Kask__Catalogue catalogue = KASK__CATALOGUE__INIT;
    Kask__Reply reply = KASK__REPLY__INIT;
    record.publisher = self->berta->name;
    catalogue.n_records = 1;
    catalogue.records = records;
    reply.reply_case = KASK__REPLY__REPLY_CATALOGUE;
    reply.catalogue = &catalogue;
    side_hear (self->anton, &reply, &letter);
    store_release (row);
    turn (self);
}

// ---- reports

static const member_t *
reported (desk_world_t *self)
{
    turn (self);
    return world_member (self->world, "anton");
}

size_t
desk_world_dones (desk_world_t *self)
{
    return reported (self)->n_dones;
}

size_t
desk_world_deads (desk_world_t *self)
{
    return reported (self)->n_deads;
}

const char *
desk_world_dead_text (const desk_world_t *self)
{
    return world_member (self->world, "anton")->dead_text;
}
