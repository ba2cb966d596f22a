/*
 * checkup - is everything there that kaskd needs?
 */
#include "checkup.h"
#include "loading.h"
#include "statements.h"

#include <stdio.h>
#include <string.h>

static checkup_t
look_at_durability (PGconn *conn, char *problem)
{
    PGresult *result =
        PQexecParams (conn, statements[READ_DURABILITY].sql, 0, NULL, NULL, NULL, NULL, 1);
    bool good = PQresultStatus (result) == PGRES_TUPLES_OK;
    if (!good)
        snprintf (problem, CHECKUP_PROBLEM_BYTES, "cannot read the server's settings: %s",
                  PQerrorMessage (conn));
    else
        good = loading_is_durable (result, problem);
    PQclear (result);
    return good ? CHECKUP_GOOD : CHECKUP_WRONG;
}

static checkup_t
look_at_schema (PGconn *conn, char *problem)
{
    PGresult *result = PQexecParams (conn, "SELECT coalesce (max (version), 0) FROM schema_version",
                                     0, NULL, NULL, NULL, NULL, 1);
    bool exists = PQresultStatus (result) == PGRES_TUPLES_OK;
    int64_t version = exists ? cell_int (result, 0, 0) : 0;
    PQclear (result);
    if (version >= LOADING_SCHEMA_MIN)
        return CHECKUP_GOOD;
    snprintf (problem, CHECKUP_PROBLEM_BYTES,
              "the database %s has schema version %lld, kaskd needs %d; nothing was changed; run "
              "deploy/migrate",
              PQdb (conn), (long long) version, LOADING_SCHEMA_MIN);
    return CHECKUP_WRONG;
}

checkup_t
checkup_database (const char *conninfo, char *problem)
{
    PGconn *conn = PQconnectdb (conninfo);
    checkup_t found = CHECKUP_ABSENT;
    if (PQstatus (conn) != CONNECTION_OK)
        snprintf (problem, CHECKUP_PROBLEM_BYTES,
                  "the database does not answer: %s; is PostgreSQL running, and is the setting "
                  "database right?",
                  PQerrorMessage (conn));
    else {
        found = look_at_schema (conn, problem);
        if (found == CHECKUP_GOOD)
            found = look_at_durability (conn, problem);
    }
    for (char *c = problem; *c; c++)
        if (*c == '\n')
            *c = ' ';
    PQfinish (conn);
    return found;
}
