/*
 * catalogue - everybody's offerings, as pulled from the broker.
 */
#include "catalogue.h"

#include "codec.h"
#include "fact.h"
#include "keyring.h"
#include "offer.h"
#include "seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What the caller of kask_offering_after gets, and what belongs to it.
typedef struct {
    kask_offering_t record; // first, so that it can be found from it
    char *publisher;
    char *key;
    Kask__Offering *offering;
} held_t;

int64_t
catalogue_cursor (store_t *store)
{
    return fact_number (store, "cursor");
}

// ---------------------------------------------------------------- taking

static bool
is_signed_by (store_t *store, const char *publisher, const sealed_header_t *header,
              const frame_t *body)
{
    peer_t peer;
    keyring_find (store, publisher, &peer);
    if (!peer.pinned)
        return false;
    bool good = false;
    const uint8_t *key;
    for (size_t i = 0; !good && (key = peer_identity_at (&peer, i)); i++) {
        Kask__Offering *offering;
        good = seal_check_offering (header, key, body->data, body->size, &offering);
        if (offering)
            kask__offering__free_unpacked (offering, NULL);
    }
    return good;
}

static bool
is_known_revision (store_t *store, const char *publisher, const Kask__OfferingNotice *notice)
{
    return store_number (store, 0,
                         "SELECT revision FROM kask_catalogue WHERE publisher = ? AND key = ?",
                         "tt", publisher, notice->key) == (int64_t) notice->revision;
}

static void
put_record (store_t *store, const char *publisher, const sealed_header_t *header,
            const frame_t *body)
{
    const Kask__OfferingNotice *notice = header->header->offering;
    if (is_known_revision (store, publisher, notice)) {
        store_run (store, "UPDATE kask_catalogue SET stale = 0 WHERE publisher = ? AND key = ?",
                   "tt", publisher, notice->key);
        return;
    }
    store_run (store,
               "INSERT OR REPLACE INTO kask_catalogue (publisher, key, revision, withdrawn,"
               " verified, header, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
               "ttiiibb", publisher, notice->key, (int64_t) notice->revision,
               (int64_t) notice->withdrawn, (int64_t) is_signed_by (store, publisher, header, body),
               header->bytes, header->size, body->data, body->size);
}

static void
take_record (store_t *store, const identity_t *identity, const Kask__CatalogueRecord *record,
             const frame_t *frames)
{
    sealed_header_t header = {.bytes = frames[0].data, .size = frames[0].size};
    Kask__Header *unpacked;
    if (header_unpack (header.bytes, header.size, &unpacked) != FAULT_OK)
        return;
    header.header = unpacked;
    bool fits = unpacked->subject_case == KASK__HEADER__SUBJECT_OFFERING &&
                strcmp (unpacked->sender, record->publisher) == 0;
    if (fits && strcmp (record->publisher, identity->partner) == 0)
        offer_seen (store, unpacked->offering->key, unpacked->offering->revision,
                    unpacked->offering->withdrawn);
    else if (fits)
        put_record (store, record->publisher, &header, &frames[1]);
    kask__header__free_unpacked (unpacked, NULL);
}

// What did not come again after a RESYNC is gone.
static void
end_resync (store_t *store)
{
    store_run (store,
               "INSERT OR REPLACE INTO kask_catalogue (publisher, key, revision, withdrawn,"
               " verified, header, body) SELECT publisher, key, revision, 1, verified, header, x''"
               " FROM kask_catalogue WHERE stale",
               "");
    fact_put_number (store, "resync", 0);
}

bool
catalogue_take (store_t *store, const identity_t *identity, const Kask__Catalogue *answer,
                const frame_t *frames, size_t n)
{
    if (answer->resync) {
        store_run (store, "UPDATE kask_catalogue SET stale = 1 WHERE NOT withdrawn", "");
        fact_put_number (store, "cursor", 0);
        fact_put_number (store, "resync", 1);
        return true;
    }
    if (n != answer->n_records * 2)
        return false;
    for (size_t i = 0; i < answer->n_records; i++)
        take_record (store, identity, answer->records[i], &frames[i * 2]);
    fact_put_number (store, "cursor", (int64_t) answer->cursor);
    if (!answer->more && fact_number (store, "resync"))
        end_resync (store);
    return true;
}

// ---------------------------------------------------------------- pins change

typedef struct {
    int64_t change;
    bool verified;
} verdict_t;

static bool
row_is_verified (store_t *store, sqlite3_stmt *row)
{
    sealed_header_t header = {.bytes = sqlite3_column_blob (row, 3),
                              .size = (size_t) sqlite3_column_bytes (row, 3)};
    const frame_t body = {sqlite3_column_blob (row, 4), (size_t) sqlite3_column_bytes (row, 4)};
    Kask__Header *unpacked;
    if (header_unpack (header.bytes, header.size, &unpacked) != FAULT_OK)
        return false;
    header.header = unpacked;
    bool verified =
        is_signed_by (store, (const char *) sqlite3_column_text (row, 1), &header, &body);
    kask__header__free_unpacked (unpacked, NULL);
    return verified;
}

// The rows whose verdict is another one now; those whose pin has not changed are passed over.
static size_t
find_changed (store_t *store, verdict_t *verdicts, size_t size)
{
    size_t n = 0;
    sqlite3_stmt *row =
        store_query (store,
                     "SELECT c.change, c.publisher, c.verified, c.header, c.body"
                     " FROM kask_catalogue c LEFT JOIN kask_pin p"
                     " ON p.partner = c.publisher AND p.identity IS NOT NULL"
                     " WHERE c.verified <> (p.partner IS NOT NULL) AND c.body <> x''",
                     "");
    for (; row && n < size; row = store_next (store, row)) {
        bool verified = row_is_verified (store, row);
        if (verified != (bool) sqlite3_column_int (row, 2))
            verdicts[n++] = (verdict_t){sqlite3_column_int64 (row, 0), verified};
    }
    store_release (row);
    return n;
}

void
catalogue_verify (store_t *store)
{
    enum { AT_ONCE = 1000 };
    verdict_t *verdicts = malloc (AT_ONCE * sizeof *verdicts);
    if (!verdicts)
        abort ();
    for (size_t n = AT_ONCE; n == AT_ONCE && !store_has_failed (store);) {
        n = find_changed (store, verdicts, AT_ONCE);
        // a new number, so that readers see the row again
        for (size_t i = 0; i < n; i++)
            store_run (store,
                       "INSERT OR REPLACE INTO kask_catalogue (publisher, key, revision, withdrawn,"
                       " verified, stale, header, body) SELECT publisher, key, revision, withdrawn,"
                       " ?, stale, header, body FROM kask_catalogue WHERE change = ?",
                       "ii", (int64_t) verdicts[i].verified, verdicts[i].change);
    }
    free (verdicts);
}

// ---------------------------------------------------------------- reading

static Kask__Offering *
unpack_offering (sqlite3_stmt *row)
{
    Kask__Signed *body;
    Kask__Offering *offering = NULL;
    if (signed_unpack (sqlite3_column_blob (row, 6), (size_t) sqlite3_column_bytes (row, 6),
                       &body) != FAULT_OK)
        return NULL;
    if (offering_unpack (body->content.data, body->content.len, &offering) != FAULT_OK)
        offering = NULL;
    kask__signed__free_unpacked (body, NULL);
    return offering;
}

static char *
copy_column (sqlite3_stmt *row, int column)
{
    char *text = strdup ((const char *) sqlite3_column_text (row, column));
    if (!text)
        abort ();
    return text;
}

static held_t *
read_row (sqlite3_stmt *row)
{
    held_t *held = calloc (1, sizeof *held);
    if (!held)
        abort ();
    kask_offering_t *record = &held->record;
    record->change = sqlite3_column_int64 (row, 0);
    record->publisher = held->publisher = copy_column (row, 1);
    record->key = held->key = copy_column (row, 2);
    record->revision = (uint32_t) sqlite3_column_int64 (row, 3);
    record->withdrawn = sqlite3_column_int (row, 4);
    record->verified = sqlite3_column_int (row, 5);
    if (!record->withdrawn)
        record->offering = held->offering = unpack_offering (row);
    return held;
}

kask_offering_t *
catalogue_after (store_t *store, int64_t change)
{
    for (;;) {
        sqlite3_stmt *row = store_query (store,
                                         "SELECT change, publisher, key, revision, withdrawn,"
                                         " verified, body FROM kask_catalogue WHERE change > ?"
                                         " ORDER BY change LIMIT 1",
                                         "i", change);
        if (!row)
            return NULL;
        held_t *held = read_row (row);
        store_release (row);
        kask_offering_t *record = &held->record;
        if (record->withdrawn || record->offering)
            return record;
        // unreadable: the broker checks, so only a broken broker brings one
        change = record->change;
        catalogue_offering_free (&record);
    }
}

void
catalogue_offering_free (kask_offering_t **offering_p)
{
    held_t *held = (held_t *) *offering_p;
    *offering_p = NULL;
    if (!held)
        return;
    free (held->publisher);
    free (held->key);
    if (held->offering)
        kask__offering__free_unpacked (held->offering, NULL);
    free (held);
}
