/*
 * statements - all SQL of the broker, as one list of prepared statements.
 *
 * reads.def and sheets.def are the list; the numbers here name its rows.
 */
#ifndef KASK_STATEMENTS_H
#define KASK_STATEMENTS_H

#include "database.h"

enum {
#define READ(name, sql) READ_##name,
#include "reads.def"
#undef READ
#define SHEET(name, columns, sql) WRITE_##name,
#include "sheets.def"
#undef SHEET
    N_STATEMENTS
};

// One row more than N_STATEMENTS, without SQL.
extern const statement_t statements[];

// b s i l t y, as sheets.def writes them.
pg_type_t column_type (char letter);

#endif
