/*
 * loading - what the broker holds in memory, read from the database.
 */
#include "loading.h"
#include "codec.h"
#include "statement.h"
#include "statements.h"

#include <stdio.h>
#include <string.h>

static const int calls[] = {READ_BUMP,       READ_DURABILITY, READ_COUNTERS, READ_PARTNERS,
                            READ_AGREEMENTS, READ_CLOSINGS,   READ_LANES,    READ_DONE_AHEAD_ALL,
                            READ_INBOXES,    READ_HOLDERS};

enum { N_CALLS = sizeof calls / sizeof calls[0] };

void
loading_ask (run_t *run)
{
    for (int i = 0; i < N_CALLS; i++)
        run_call (run, calls[i]);
}

static void
text_of (const PGresult *result, int row, int column, char *to, size_t size)
{
    size_t have;
    const uint8_t *from = cell_bytes (result, row, column, &have);
    snprintf (to, size, "%.*s", (int) have, (const char *) from);
}

static void
key_of_row (const PGresult *result, int row, int column, uint8_t *to, size_t size)
{
    if (!cell_is_null (result, row, column))
        (void) cell_copy (result, row, column, to, size); // another size: no key, nobody has it
}

// The rows' keys count; the statement tells of those before.
static void
take_former (partner_t *partner)
{
    Kask__KeyStatement *statement;
    if (statement_unpack (partner->statement, partner->statement_size, &statement) != FAULT_OK)
        return;
    partner->n_former = statement_former (statement, partner->former);
    kask__key_statement__free_unpacked (statement, NULL);
}

static void
take_partners (registry_t *registry, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++) {
        partner_t partner = {.no = (int) cell_int (result, row, 0)};
        text_of (result, row, 1, partner.id, sizeof partner.id);
        text_of (result, row, 2, partner.name, sizeof partner.name);
        text_of (result, row, 3, partner.country, sizeof partner.country);
        key_of_row (result, row, 4, partner.identity_key, sizeof partner.identity_key);
        key_of_row (result, row, 5, partner.curve_key, sizeof partner.curve_key);
        size_t size = 0;
        const uint8_t *statement = cell_bytes (result, row, 6, &size);
        if (size <= sizeof partner.statement) {
            memcpy (partner.statement, statement, size);
            partner.statement_size = size;
        }
        take_former (&partner);
        key_of_row (result, row, 7, partner.signature, sizeof partner.signature);
        partner.statement_number = (uint64_t) cell_int (result, row, 8);
        key_of_row (result, row, 9, partner.curve_before, sizeof partner.curve_before);
        partner.revoked_at = cell_int (result, row, 10);
        partner.paused_at = cell_int (result, row, 11);
        registry_put (registry, &partner);
    }
}

static void
take_agreements (registry_t *registry, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++)
        registry_agree (registry, &(agreement_t){.referrer = (int) cell_int (result, row, 0),
                                                 .receiver = (int) cell_int (result, row, 1),
                                                 .from_at = cell_int (result, row, 2),
                                                 .to_at = cell_int (result, row, 3)});
}

static void
take_closings (registry_t *registry, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++) {
        int partner = (int) cell_int (result, row, 0);
        if (!registry_by_no (registry, partner))
            continue; // a foreign row
        calendar_t calendar = *registry_calendar (registry, partner);
        if (calendar.n_closings == CALENDAR_CLOSINGS)
            continue;
        calendar.closings[calendar.n_closings++] =
            (calendar_closing_t){.first_day = (int32_t) cell_int (result, row, 1),
                                 .last_day = (int32_t) cell_int (result, row, 2),
                                 .by_operator = cell_int (result, row, 3) != 0};
        registry_close (registry, partner, &calendar);
    }
}

static void
take_lanes (lanes_t *lanes, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++) {
        lane_t *lane =
            lanes_require (lanes, (int) cell_int (result, row, 0), (int) cell_int (result, row, 1));
        lane->now.next_sequence = cell_int (result, row, 2);
        lane->now.done = cell_int (result, row, 3);
        key_of_row (result, row, 4, lane->now.incarnation, sizeof lane->now.incarnation);
        lane->now.next_number = cell_int (result, row, 5);
        lane->committed = lane->now;
    }
}

static void
take_done_ahead (lanes_t *lanes, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++)
        lane_load_ahead (
            lanes_require (lanes, (int) cell_int (result, row, 0), (int) cell_int (result, row, 1)),
            cell_int (result, row, 2));
}

static void
take_inboxes (inboxes_t *inboxes, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++) {
        uint8_t inbox[16];
        if (cell_copy (result, row, 1, inbox, sizeof inbox))
            inboxes_load (inboxes, (int) cell_int (result, row, 0), inbox,
                          cell_int (result, row, 2));
    }
}

static void
take_holders (holders_t *holders, const PGresult *result)
{
    for (int row = 0; row < PQntuples (result); row++) {
        holder_t holder = {.recipient = (int) cell_int (result, row, 0),
                           .sender = (int) cell_int (result, row, 1),
                           .sequence = cell_int (result, row, 2)};
        if (cell_copy (result, row, 3, holder.referral, sizeof holder.referral))
            holders_load (holders, &holder);
    }
}

static bool
take_bump (loaded_t *loaded, const PGresult *result, char *problem)
{
    if (PQntuples (result) != 1 ||
        !cell_copy (result, 0, 1, loaded->database, sizeof loaded->database)) {
        snprintf (problem, LOADING_PROBLEM_BYTES,
                  "the table broker has not its one row with an id; nothing was changed; was the "
                  "database made by deploy/sql?");
        return false;
    }
    loaded->epoch = cell_int (result, 0, 0);
    loaded->generation = cell_int (result, 0, 2);
    loaded->alive_at = cell_int (result, 0, 3);
    loaded->suspect_from = cell_int (result, 0, 4);
    loaded->restored_from = cell_int (result, 0, 5);
    return true;
}

static bool
take_counters (loaded_t *loaded, const PGresult *result, char *problem)
{
    loaded->counters = (counters_t){.audit = cell_int (result, 0, 0),
                                    .at = cell_int (result, 0, 1),
                                    .referral = cell_int (result, 0, 2),
                                    .change = cell_int (result, 0, 3)};
    loaded->database_ms = cell_int (result, 0, 4);
    int version = (int) cell_int (result, 0, 5);
    if (version >= LOADING_SCHEMA_MIN)
        return true;
    snprintf (problem, LOADING_PROBLEM_BYTES,
              "the database has schema version %d, this kaskd needs %d; nothing was changed; run "
              "deploy/migrate",
              version, LOADING_SCHEMA_MIN);
    return false;
}

bool
loading_is_durable (const PGresult *result, char *problem)
{
    for (int row = 0; row < PQntuples (result); row++) {
        char name[64], value[64];
        text_of (result, row, 0, name, sizeof name);
        text_of (result, row, 1, value, sizeof value);
        if (strcmp (value, "off") != 0)
            continue;
        snprintf (
            problem, LOADING_PROBLEM_BYTES,
            "PostgreSQL runs with %s = off, so what it says is committed may be lost; nothing "
            "is taken; set %s = on",
            name, name);
        return false;
    }
    return true;
}

bool
loading_take (loading_t *self, PGresult *const *results, loaded_t *loaded, char *problem)
{
    registry_clear (self->registry);
    lanes_clear (self->lanes);
    inboxes_clear (self->inboxes);
    holders_clear (self->holders);
    *loaded = (loaded_t){0};
    if (!take_bump (loaded, results[0], problem) || !loading_is_durable (results[1], problem) ||
        !take_counters (loaded, results[2], problem))
        return false;
    take_partners (self->registry, results[3]);
    take_agreements (self->registry, results[4]);
    take_closings (self->registry, results[5]);
    take_lanes (self->lanes, results[6]);
    take_done_ahead (self->lanes, results[7]);
    take_inboxes (self->inboxes, results[8]);
    take_holders (self->holders, results[9]);
    return true;
}
