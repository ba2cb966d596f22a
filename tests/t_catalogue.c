/*
 * t_catalogue - own offerings as they go out, others' as they come in.
 */
#include "catalogue.h"

#include "offer.h"
#include "sdk_home.h"
#include "tap.h"

static home_t *anna, *bo;
static uint64_t cursor; // of the broker

static void
begin (void)
{
    anna = home_new ("anna");
    bo = home_new ("bo");
    cursor = 0;
}

static void
end (void)
{
    home_destroy (&anna);
    home_destroy (&bo);
    scratch_end ();
    scratch_begin ();
}

static kask_stored_t
publish (const char *key, const char *title)
{
    Kask__Text text = KASK__TEXT__INIT, *texts[] = {&text};
    Kask__Provider provider = KASK__PROVIDER__INIT;
    Kask__Offering offering = KASK__OFFERING__INIT;
    text.language = (char *) "nb";
    text.text = (char *) title;
    provider.name = (char *) "A provider";
    provider.identifier_unknown = true;
    provider.country = (char *) "NO";
    offering.key = (char *) key;
    offering.kind = (char *) "advice";
    offering.status = (char *) "active";
    offering.n_title = *title ? 1 : 0;
    offering.title = texts;
    offering.provider = &provider;
    home_begin (anna);
    kask_stored_t stored = offer_publish (anna->store, &anna->me, &offering, 1, &home_error);
    home_commit (anna);
    return stored;
}

static kask_stored_t
withdraw (const char *key)
{
    home_begin (anna);
    kask_stored_t stored = offer_withdraw (anna->store, &anna->me, key, 1, &home_error);
    home_commit (anna);
    return stored;
}

static int64_t
revision (const char *key)
{
    return store_number (anna->store, 0, "SELECT revision FROM kask_offer WHERE key = ?", "t", key);
}

// ---------------------------------------------------------------- the broker

enum { PAGE = 10 };

static bool
take (home_t *home, const Kask__Catalogue *answer, const frame_t *frames, size_t n)
{
    home_begin (home);
    bool fits = catalogue_take (home->store, &home->me, answer, frames, n);
    home_commit (home);
    return fits;
}

// What anna's outbox holds becomes a page that `reader` gets; the rows stay.
static bool
carry (home_t *reader, size_t frames_short)
{
    Kask__CatalogueRecord records[PAGE], *list[PAGE];
    Kask__Catalogue answer = KASK__CATALOGUE__INIT;
    uint8_t *copies[2 * PAGE];
    frame_t frames[2 * PAGE];
    size_t n = 0;
    sqlite3_stmt *row =
        store_query (anna->store, "SELECT header, body FROM kask_outbox ORDER BY no", "");
    for (; row && n < 2 * PAGE; row = store_next (anna->store, row))
        for (int column = 0; column < 2; column++, n++) {
            frames[n].size = (size_t) sqlite3_column_bytes (row, column);
            frames[n].data = copies[n] = malloc (frames[n].size + 1);
            memcpy (copies[n], sqlite3_column_blob (row, column), frames[n].size);
        }
    store_release (row);
    for (size_t i = 0; i < n / 2; i++) {
        kask__catalogue_record__init (&records[i]);
        records[i].publisher = (char *) "anna";
        list[i] = &records[i];
    }
    answer.n_records = n / 2;
    answer.records = list;
    answer.cursor = ++cursor;
    bool fits = take (reader, &answer, frames, n - frames_short);
    for (size_t i = 0; i < n; i++)
        free (copies[i]);
    return fits;
}

static void
resync (home_t *reader)
{
    Kask__Catalogue answer = KASK__CATALOGUE__INIT;
    answer.resync = true;
    ok (take (reader, &answer, NULL, 0), "the cursor is too old");
    is_int (catalogue_cursor (reader->store), 0, "it begins again at 0");
}

static void
forget_outbox (void)
{
    home_begin (anna);
    store_run (anna->store, "DELETE FROM kask_outbox", "");
    home_commit (anna);
}

// The records that bo reads, one behind the other.
static const char *
list (void)
{
    static char text[600];
    size_t at = 0;
    text[0] = '\0';
    kask_offering_t *record = catalogue_after (bo->store, 0);
    while (record) {
        at += (size_t) snprintf (text + at, sizeof text - at, "%s/%u%s%s ", record->key,
                                 record->revision, record->verified ? "" : "?",
                                 record->withdrawn ? "-" : "");
        int64_t change = record->change;
        catalogue_offering_free (&record);
        record = catalogue_after (bo->store, change);
    }
    return text;
}

// ---------------------------------------------------------------- own offerings

static void
what_is_unchanged_is_known (void)
{
    begin ();
    is_int (publish ("a", "Råd"), KASK_STORED, "an offering is published");
    is_int (publish ("a", "Råd"), KASK_KNOWN, "the same is known");
    is_int (publish ("a", "Andre råd"), KASK_STORED, "another content is a revision");
    is_int (revision ("a"), 2, "the second");
    is_int (withdraw ("a"), KASK_STORED, "it is withdrawn");
    is_int (withdraw ("a"), KASK_KNOWN, "once");
    is_int (publish ("a", "Andre råd"), KASK_STORED, "it comes back with the same content");
    is_int (revision ("a"), 4, "as the fourth revision");
    is_int (home_count (anna, "SELECT count (*) FROM kask_outbox"), 4, "all four go out");
    end ();
}

static void
what_is_wrong_is_not_stored (void)
{
    begin ();
    is_int (withdraw ("never"), KASK_FAILED, "what was never published cannot be withdrawn");
    ok (strstr (home_error.text, "never published"), "it says so");
    is_int (publish ("a", ""), KASK_FAILED, "an offering without a title");
    ok (strstr (home_error.text, "not stored"), "is not stored");
    is_int (publish ("", "Råd"), KASK_FAILED, "nor is one without a key");
    is_int (home_count (anna, "SELECT count (*) FROM kask_outbox"), 0, "nothing goes out");
    end ();
}

static void
an_old_copy_goes_above (void)
{
    begin ();
    publish ("a", "Råd");
    home_begin (anna);
    offer_seen (anna->store, "a", 5, false);
    home_commit (anna);
    is_int (publish ("a", "Råd"), KASK_STORED,
            "the catalogue has a later revision than this store");
    is_int (revision ("a"), 6, "the next goes above it");
    end ();
}

// ---------------------------------------------------------------- others' offerings

static void
they_come_in_and_change (void)
{
    begin ();
    ok (home_pin (bo, "anna", anna), "anna is pinned");
    home_hear_of (bo, "anna", anna);
    publish ("a", "Råd");
    publish ("b", "Lån");
    ok (carry (bo, 0), "two records come");
    is_text (list (), "a/1 b/1 ", "both are there, and signed by a pinned identity");
    ok (carry (bo, 0), "they come again");
    is_text (list (), "a/1 b/1 ", "nothing changes");
    publish ("a", "Andre råd");
    withdraw ("b");
    forget_outbox ();
    publish ("a", "Helt andre råd");
    ok (carry (bo, 0), "a later revision comes");
    is_text (list (), "b/1 a/3 ", "it has a new place, behind what was read");
    ok (!carry (bo, 1), "frames that do not fit are refused");
    end ();
}

static void
own_records_only_correct_the_store (void)
{
    begin ();
    publish ("a", "Råd");
    ok (carry (anna, 0), "a publisher reads its own record");
    is_int (home_count (anna, "SELECT count (*) FROM kask_catalogue"), 0, "and does not keep it");
    end ();
}

static void
a_pin_changes_the_verdict (void)
{
    begin ();
    publish ("a", "Råd");
    carry (bo, 0);
    is_text (list (), "a/1? ", "nobody vouches for it");
    ok (home_pin (bo, "anna", anna), "anna is pinned");
    home_hear_of (bo, "anna", anna);
    home_begin (bo);
    catalogue_verify (bo->store);
    home_commit (bo);
    is_text (list (), "a/1 ", "now it is verified");
    ok (keyring_unpin (bo->store, "anna", &home_error), "anna is unpinned");
    home_begin (bo);
    catalogue_verify (bo->store);
    home_commit (bo);
    is_text (list (), "a/1? ", "now it is not");
    end ();
}

static void
what_does_not_come_again_is_gone (void)
{
    begin ();
    publish ("a", "Råd");
    publish ("b", "Lån");
    carry (bo, 0);
    forget_outbox ();
    resync (bo);
    is_text (list (), "a/1? b/1? ", "until all has come, nothing goes");
    publish ("a", "Andre råd");
    publish ("c", "Kurs");
    ok (carry (bo, 0), "it is read again");
    is_text (list (), "a/2? c/1? b/1?- ", "what did not come is withdrawn");
    forget_outbox ();
    ok (carry (bo, 0), "later pages");
    is_text (list (), "a/2? c/1? b/1?- ", "take nothing away");
    end ();
}

int
main (void)
{
    scratch_begin ();
    what_is_unchanged_is_known ();
    what_is_wrong_is_not_stored ();
    an_old_copy_goes_above ();
    they_come_in_and_change ();
    own_records_only_correct_the_store ();
    a_pin_changes_the_verdict ();
    what_does_not_come_again_is_gone ();
    return tap_end ();
}
