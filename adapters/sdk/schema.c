/*
 * schema - the tables of a store, as SQL.
 *
 * Rows that are written once and deleted, small numbers beside large bytes:
 * the number that a message gets stands in kask_sent and not in kask_outbox, so
 * that giving it does not write the body again.  Bodies are the last column,
 * so that a row's other columns are read without them.
 */
#include "schema.h"

const char schema_sql[] =
    // Small facts: ids, positions, counters.
    "CREATE TABLE kask_fact (name TEXT PRIMARY KEY, value) WITHOUT ROWID;"

    // Own keys, a row a statement.  The sealing secret of a retired row is
    // erased 90 days later.
    "CREATE TABLE kask_key (number INTEGER PRIMARY KEY, made_at_ms INTEGER NOT NULL,"
    " retired_at_ms INTEGER NOT NULL DEFAULT 0, statement BLOB NOT NULL,"
    " signature BLOB NOT NULL, identity_secret BLOB NOT NULL, curve_secret BLOB NOT NULL,"
    " sealing_secret BLOB);"
    "CREATE TABLE kask_endpoint (no INTEGER PRIMARY KEY, endpoint TEXT NOT NULL);"

    // What the broker's directory shows, and what was accepted of it.
    "CREATE TABLE kask_partner (partner TEXT PRIMARY KEY, name TEXT NOT NULL,"
    " country TEXT NOT NULL, listed INTEGER NOT NULL, to_partner INTEGER NOT NULL,"
    " from_partner INTEGER NOT NULL, shown_identity BLOB, shown_number INTEGER, shown_sealing BLOB,"
    " shown_former BLOB, revoked INTEGER NOT NULL DEFAULT 0)"
    " WITHOUT ROWID;"
    "CREATE TABLE kask_pin (partner TEXT PRIMARY KEY, fingerprint TEXT NOT NULL,"
    " identity BLOB, former BLOB, number INTEGER NOT NULL DEFAULT 0, sealing BLOB) WITHOUT ROWID;"

    // Outbox: content waits in clear until it can be sealed.
    "CREATE TABLE kask_outbox (no INTEGER PRIMARY KEY AUTOINCREMENT, recipient TEXT NOT NULL,"
    " act TEXT NOT NULL, sealed INTEGER NOT NULL, header BLOB NOT NULL, body BLOB NOT NULL);"
    // Numbers given in this incarnation and not answered.
    "CREATE TABLE kask_sent (recipient TEXT NOT NULL, number INTEGER NOT NULL,"
    " no INTEGER NOT NULL, PRIMARY KEY (recipient, number)) WITHOUT ROWID;"
    "CREATE TABLE kask_lane (recipient TEXT PRIMARY KEY, next_number INTEGER NOT NULL,"
    " last_no INTEGER NOT NULL) WITHOUT ROWID;"
    // Acts that were sent, for ever.
    "CREATE TABLE kask_act (origin BLOB PRIMARY KEY, message_id BLOB NOT NULL,"
    " referral BLOB NOT NULL, recipient TEXT NOT NULL, act TEXT NOT NULL, at_ms INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE kask_answer (no INTEGER PRIMARY KEY AUTOINCREMENT, recipient TEXT NOT NULL,"
    " act TEXT NOT NULL, accepted INTEGER NOT NULL, fault TEXT NOT NULL, text TEXT NOT NULL,"
    " header BLOB NOT NULL, standing BLOB);"
    // The version of each referral that the partner's system knows.
    "CREATE TABLE kask_referral (referral BLOB PRIMARY KEY, version INTEGER NOT NULL)"
    " WITHOUT ROWID;"

    // Inbox: frames as they came.  state: 0 waits, 1 dead letter, kept to hold back.
    "CREATE TABLE kask_inbox (no INTEGER PRIMARY KEY AUTOINCREMENT, sender TEXT NOT NULL,"
    " sequence INTEGER NOT NULL, replay INTEGER NOT NULL, referral BLOB, event INTEGER NOT NULL,"
    " state INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,"
    " tried INTEGER NOT NULL DEFAULT 0, again_at_ms INTEGER NOT NULL DEFAULT 0,"
    " bytes INTEGER NOT NULL, facts BLOB NOT NULL, header BLOB NOT NULL, body BLOB NOT NULL,"
    " UNIQUE (sender, sequence, replay));"
    // Under which sequence a message came in turn; for some time.
    "CREATE TABLE kask_taken (sender TEXT NOT NULL, message_id BLOB NOT NULL,"
    " sequence INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (sender, message_id))"
    " WITHOUT ROWID;"
    "CREATE TABLE kask_position (sender TEXT PRIMARY KEY, sequence INTEGER NOT NULL)"
    " WITHOUT ROWID;"

    // Attempts to hand a message over that failed.
    "CREATE TABLE kask_attempt (no INTEGER PRIMARY KEY, sender TEXT NOT NULL,"
    " sequence INTEGER NOT NULL, replay INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " reason INTEGER NOT NULL, text TEXT NOT NULL);"
    "CREATE INDEX kask_attempt_of ON kask_attempt (sender, sequence, replay);"
    "CREATE TRIGGER kask_attempt_done AFTER DELETE ON kask_inbox"
    " WHEN old.attempts > 0 AND old.state = 0 BEGIN DELETE FROM kask_attempt"
    " WHERE sender = old.sender AND sequence = old.sequence AND replay = old.replay; END;"

    // Reports: items, and the batches made of them, until confirmed.
    "CREATE TABLE kask_report_item (no INTEGER PRIMARY KEY AUTOINCREMENT, sender TEXT NOT NULL,"
    " sequence INTEGER NOT NULL, replay INTEGER NOT NULL, message_id BLOB NOT NULL,"
    " repeated INTEGER NOT NULL, reason INTEGER NOT NULL, text TEXT NOT NULL,"
    " attempts INTEGER NOT NULL);"
    "CREATE TRIGGER kask_attempt_told AFTER DELETE ON kask_report_item"
    " WHEN old.reason > 0 BEGIN DELETE FROM kask_attempt"
    " WHERE sender = old.sender AND sequence = old.sequence AND replay = old.replay; END;"
    "CREATE TABLE kask_report (batch INTEGER PRIMARY KEY, last_no INTEGER NOT NULL,"
    " command BLOB NOT NULL);"

    // Own offerings as published last, and everybody else's as pulled.
    "CREATE TABLE kask_offer (key TEXT PRIMARY KEY, revision INTEGER NOT NULL,"
    " withdrawn INTEGER NOT NULL, hash BLOB) WITHOUT ROWID;"
    "CREATE TABLE kask_catalogue (change INTEGER PRIMARY KEY AUTOINCREMENT,"
    " publisher TEXT NOT NULL, key TEXT NOT NULL, revision INTEGER NOT NULL,"
    " withdrawn INTEGER NOT NULL, verified INTEGER NOT NULL, stale INTEGER NOT NULL DEFAULT 0,"
    " header BLOB NOT NULL, body BLOB NOT NULL, UNIQUE (publisher, key));";
