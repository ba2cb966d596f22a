/*
 * keyring - the other partners: what the broker shows of them, and the pins.
 */
#include "keyring.h"

#include "codec.h"
#include "error.h"
#include "fact.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PEER_COLUMNS                                                                               \
    "SELECT n.partner, p.name, p.country, p.listed, p.to_partner, p.from_partner,"                 \
    " p.shown_identity, i.fingerprint, i.identity, i.sealing, p.revoked, i.former"                 \
    " FROM (SELECT partner FROM kask_partner WHERE listed UNION SELECT partner FROM kask_pin) n"   \
    " LEFT JOIN kask_partner p USING (partner) LEFT JOIN kask_pin i USING (partner)"

static void
tell (const alarm_t *alarm, kask_log_level_t level, const char *format, ...)
{
    char text[600];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    alarm->say (alarm->arg, level, text);
}

// ---------------------------------------------------------------- finding

static void
copy_text (sqlite3_stmt *row, int column, char *text, size_t size)
{
    const char *value = (const char *) sqlite3_column_text (row, column);
    snprintf (text, size, "%s", value ? value : "");
}

static bool
copy_key (sqlite3_stmt *row, int column, uint8_t key[32])
{
    if (sqlite3_column_bytes (row, column) != 32)
        return false;
    memcpy (key, sqlite3_column_blob (row, column), 32);
    return true;
}

// Keys one behind the other.
static void
copy_former (sqlite3_stmt *row, int column, peer_t *peer)
{
    size_t size = (size_t) sqlite3_column_bytes (row, column);
    if (size > sizeof peer->former)
        return;
    if (size)
        memcpy (peer->former, sqlite3_column_blob (row, column), size);
    peer->n_former = size / sizeof peer->former[0];
}

const uint8_t *
peer_identity_at (const peer_t *self, size_t place)
{
    if (place == 0)
        return self->identity;
    return place <= self->n_former ? self->former[place - 1] : NULL;
}

static void
peer_read (peer_t *peer, sqlite3_stmt *row)
{
    *peer = (peer_t){0};
    copy_text (row, 0, peer->partner, sizeof peer->partner);
    copy_text (row, 1, peer->name, sizeof peer->name);
    copy_text (row, 2, peer->country, sizeof peer->country);
    peer->listed = sqlite3_column_int (row, 3);
    peer->to_partner = sqlite3_column_int (row, 4);
    peer->from_partner = sqlite3_column_int (row, 5);
    peer->shown = copy_key (row, 6, peer->shown_identity);
    bool has_pin = sqlite3_column_type (row, 7) != SQLITE_NULL;
    peer->pinned = copy_key (row, 8, peer->identity);
    // a pin whose identity is still unknown although one is shown does not fit it
    peer->conflict = has_pin && peer->shown &&
                     (!peer->pinned ||
                      memcmp (peer->identity, peer->shown_identity, sizeof peer->identity) != 0);
    peer->revoked = sqlite3_column_int (row, 10) != 0;
    copy_former (row, 11, peer);
    peer->sealable =
        peer->pinned && !peer->conflict && !peer->revoked && copy_key (row, 9, peer->sealing);
}

bool
keyring_find (store_t *store, const char *partner, peer_t *peer)
{
    sqlite3_stmt *row = store_query (
        store,
        "SELECT n.partner, p.name, p.country, p.listed, p.to_partner, p.from_partner,"
        " p.shown_identity, i.fingerprint, i.identity, i.sealing, p.revoked, i.former"
        " FROM (SELECT ?1 AS partner) n"
        " LEFT JOIN kask_partner p USING (partner) LEFT JOIN kask_pin i USING (partner)",
        "t", partner);
    *peer = (peer_t){0};
    if (!row)
        return false;
    peer_read (peer, row);
    bool has_pin = sqlite3_column_type (row, 7) != SQLITE_NULL;
    store_release (row);
    return peer->listed || has_pin;
}

bool
keyring_at (store_t *store, size_t place, peer_t *peer)
{
    sqlite3_stmt *row = store_query (store, PEER_COLUMNS " ORDER BY n.partner LIMIT 1 OFFSET ?",
                                     "i", (int64_t) place);
    if (row)
        peer_read (peer, row);
    store_release (row);
    return row != NULL;
}

int64_t
keyring_version (store_t *store)
{
    return fact_number (store, "keyring");
}

void
keyring_look_again (store_t *store)
{
    fact_put_number (store, "keyring", keyring_version (store) + 1);
}

// ---------------------------------------------------------------- pins meet keys

static void
copy_fingerprint (store_t *store, const char *partner, char text[FINGERPRINT_TEXT_BYTES])
{
    sqlite3_stmt *row =
        store_query (store, "SELECT fingerprint FROM kask_pin WHERE partner = ?", "t", partner);
    text[0] = '\0';
    if (row)
        copy_text (row, 0, text, FINGERPRINT_TEXT_BYTES);
    store_release (row);
}

// A pin that came before its partner gets its identity once one is shown that fits.
static bool
identity_fits (store_t *store, const char *partner, const uint8_t shown[32])
{
    char pinned[FINGERPRINT_TEXT_BYTES], offered[FINGERPRINT_TEXT_BYTES];
    copy_fingerprint (store, partner, pinned);
    identity_fingerprint (shown, offered);
    return strcmp (pinned, offered) == 0;
}

static bool
has_handed_over (store_t *store, const char *partner)
{
    sqlite3_stmt *row = store_query (
        store, "SELECT shown_former FROM kask_partner WHERE partner = ?", "t", partner);
    peer_t shown = {0};
    if (row)
        copy_former (row, 0, &shown);
    store_release (row);
    for (size_t i = 0; i < shown.n_former; i++)
        if (identity_fits (store, partner, shown.former[i]))
            return true;
    return false;
}

// The pinned identity signed that another one takes its place: the pin follows.
static void
follow (store_t *store, const peer_t *peer, const alarm_t *alarm)
{
    char fingerprint[FINGERPRINT_TEXT_BYTES];
    identity_fingerprint (peer->shown_identity, fingerprint);
    store_run (
        store,
        "UPDATE kask_pin SET identity = ?1, fingerprint = ?2 FROM kask_partner p"
        " WHERE p.partner = ?3 AND kask_pin.partner = ?3 AND p.shown_number > kask_pin.number",
        "btt", peer->shown_identity, sizeof peer->shown_identity, fingerprint, peer->partner);
    if (sqlite3_changes (store_database (store)))
        tell (
            alarm, KASK_LOG_WARNING,
            "directory: partner %s has a new identity key, to which the pinned one handed over by "
            "its signature; the pin follows; its fingerprint is now %s",
            peer->partner, fingerprint);
}

// The pinned identity's newest keys; an older statement than the last is passed over.
static void
settle_pin (store_t *store, const char *partner, const alarm_t *alarm)
{
    peer_t peer;
    if (!keyring_find (store, partner, &peer) || !peer.shown)
        return;
    if (!peer.pinned && identity_fits (store, partner, peer.shown_identity))
        store_run (store, "UPDATE kask_pin SET identity = ? WHERE partner = ?", "bt",
                   peer.shown_identity, sizeof peer.shown_identity, partner);
    if (peer.conflict && has_handed_over (store, partner))
        follow (store, &peer, alarm);
    store_run (store,
               "UPDATE kask_pin SET number = p.shown_number, sealing = p.shown_sealing,"
               " former = p.shown_former"
               " FROM kask_partner p WHERE p.partner = ?1 AND kask_pin.partner = ?1"
               " AND kask_pin.identity = p.shown_identity AND p.shown_number >= kask_pin.number"
               " AND (kask_pin.sealing IS NULL OR p.shown_number > kask_pin.number)",
               "t", partner);
}

// ---------------------------------------------------------------- the directory

static bool
statement_is_right (const Kask__PartnerInfo *info, const Kask__KeyStatement *statement)
{
    const Kask__SignedStatement *sealed = info->statement;
    return strcmp (statement->partner, info->partner) == 0 &&
           check_statement (sealed->signature.data, statement->identity_key.data,
                            sealed->statement.data, sealed->statement.len);
}

static void
show_statement (store_t *store, const char *partner, const Kask__KeyStatement *statement)
{
    uint8_t former[LIMIT_SUCCESSIONS][32];
    size_t n = statement_former (statement, former);
    store_run (store,
               "UPDATE kask_partner SET shown_identity = ?, shown_number = ?, shown_sealing = ?,"
               " shown_former = ? WHERE partner = ?",
               "bibbt", statement->identity_key.data, statement->identity_key.len,
               (int64_t) statement->number, statement->sealing_key.data, statement->sealing_key.len,
               former, n * sizeof former[0], partner);
}

static void
take_statement (store_t *store, const Kask__PartnerInfo *info, const alarm_t *alarm)
{
    Kask__KeyStatement *statement;
    if (!info->statement)
        return;
    fault_t fault = statement_unpack (info->statement->statement.data,
                                      info->statement->statement.len, &statement);
    if (fault != FAULT_OK || !statement_is_right (info, statement))
        tell (alarm, KASK_LOG_ERROR,
              "directory: the key statement shown for partner %s is not signed by the key it "
              "names; it was not taken; tell the operator of the broker",
              info->partner);
    else
        show_statement (store, info->partner, statement);
    if (fault == FAULT_OK)
        kask__key_statement__free_unpacked (statement, NULL);
}

static void
tell_distrust (store_t *store, const char *partner, const alarm_t *alarm)
{
    peer_t peer;
    if (!keyring_find (store, partner, &peer))
        return;
    if (peer.revoked)
        tell (alarm, KASK_LOG_ERROR,
              "directory: the broker's operator has revoked the keys of partner %s; nothing is "
              "sent to it and what comes from it waits; telephone the partner, and when it has "
              "new keys unpin and pin it",
              partner);
    if (!peer.conflict)
        return;
    char shown[FINGERPRINT_TEXT_BYTES];
    identity_fingerprint (peer.shown_identity, shown);
    tell (
        alarm, KASK_LOG_ERROR,
        "directory: the broker shows for partner %s the identity %s, which is not the pinned one; "
        "nothing is sent to it and what comes from it waits; telephone the partner: if its key "
        "is new, unpin and pin it, else somebody stands between you",
        partner, shown);
}

static void
take_partner (store_t *store, const Kask__PartnerInfo *info, const alarm_t *alarm)
{
    store_run (store,
               "INSERT INTO kask_partner (partner, name, country, listed, to_partner,"
               " from_partner, revoked) VALUES (?, ?, ?, 1, ?, ?, ?) ON CONFLICT (partner) DO"
               " UPDATE SET name = excluded.name, country = excluded.country, listed = 1,"
               " to_partner = excluded.to_partner, from_partner = excluded.from_partner,"
               " revoked = excluded.revoked",
               "tttiii", info->partner, info->name, info->country, (int64_t) info->to_partner,
               (int64_t) info->from_partner, (int64_t) info->revoked);
    take_statement (store, info, alarm);
    settle_pin (store, info->partner, alarm);
    tell_distrust (store, info->partner, alarm);
}

void
keyring_take (store_t *store, const Kask__Directory *directory, const alarm_t *alarm)
{
    store_run (store, "UPDATE kask_partner SET listed = 0", "");
    for (size_t i = 0; i < directory->n_partners; i++)
        take_partner (store, directory->partners[i], alarm);
    keyring_look_again (store);
}

// ---------------------------------------------------------------- pinning

// "8F3A 02c1…", with any spaces or colons, in the one form; false if it is none.
static bool
read_fingerprint (const char *text, char fingerprint[FINGERPRINT_TEXT_BYTES])
{
    size_t n = 0;
    for (; *text; text++) {
        if (*text == ' ' || *text == ':' || *text == '-')
            continue;
        if (!isxdigit ((unsigned char) *text) || n >= FINGERPRINT_TEXT_BYTES - 1)
            return false;
        fingerprint[n++] = (char) tolower ((unsigned char) *text);
        if (n % 5 == 4 && n < FINGERPRINT_TEXT_BYTES - 1)
            fingerprint[n++] = ' ';
    }
    fingerprint[n] = '\0';
    return n == FINGERPRINT_TEXT_BYTES - 1;
}

static bool
may_pin (store_t *store, const char *partner, const char *fingerprint, kask_error_t *error)
{
    char present[FINGERPRINT_TEXT_BYTES];
    copy_fingerprint (store, partner, present);
    if (*present && strcmp (present, fingerprint) != 0)
        return error_set (error,
                          "partner %s is pinned with another fingerprint, %s; nothing was changed; "
                          "if its identity really is new, unpin it first",
                          partner, present);
    peer_t peer;
    if (!keyring_find (store, partner, &peer) || !peer.shown)
        return true;
    identity_fingerprint (peer.shown_identity, present);
    if (strcmp (present, fingerprint) == 0)
        return true;
    return error_set (error,
                      "partner %s: the broker shows the fingerprint %s, you gave %s; nothing was "
                      "pinned; compare them again by telephone: if the partner reads out what you "
                      "gave, somebody stands between you: tell the operator of the broker",
                      partner, present, fingerprint);
}

bool
keyring_pin (store_t *store, const char *partner, const char *text, const alarm_t *alarm,
             kask_error_t *error)
{
    char fingerprint[FINGERPRINT_TEXT_BYTES];
    if (!partner_name_is_valid (partner))
        return error_set (
            error, "\"%.80s\" is no partner's id (a-z, 0-9 and -); nothing was pinned", partner);
    if (!read_fingerprint (text, fingerprint))
        return error_set (error,
                          "partner %s: \"%.60s\" is no fingerprint (eight groups of four of 0-9 "
                          "and a-f); nothing was pinned",
                          partner, text);
    if (!may_pin (store, partner, fingerprint, error) || !store_enter (store, error))
        return false;
    store_run (store, "INSERT OR IGNORE INTO kask_pin (partner, fingerprint) VALUES (?, ?)", "tt",
               partner, fingerprint);
    settle_pin (store, partner, alarm);
    keyring_look_again (store);
    return store_leave (store, true, error);
}

bool
keyring_unpin (store_t *store, const char *partner, kask_error_t *error)
{
    char present[FINGERPRINT_TEXT_BYTES];
    copy_fingerprint (store, partner, present);
    if (!*present)
        return error_set (error, "partner %s is not pinned; nothing was changed", partner);
    if (!store_enter (store, error))
        return false;
    store_run (store, "DELETE FROM kask_pin WHERE partner = ?", "t", partner);
    keyring_look_again (store);
    return store_leave (store, true, error);
}
