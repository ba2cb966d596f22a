/*
 * statements - all SQL of the broker, as one list of prepared statements.
 */
#include "statements.h"

#include <assert.h>

const statement_t statements[N_STATEMENTS + 1] = {
#define READ(name, sql) [READ_##name] = {"read_" #name, sql},
#include "reads.def"
#undef READ
#define SHEET(name, columns, sql) [WRITE_##name] = {"write_" #name, sql},
#include "sheets.def"
#undef SHEET
};

pg_type_t
column_type (char letter)
{
    switch (letter) {
    case 'b': return PG_BOOL;
    case 's': return PG_INT2;
    case 'i': return PG_INT4;
    case 'l': return PG_INT8;
    case 't': return PG_TEXT;
    case 'y': return PG_BYTEA;
    default: break;
    }
    assert (!"a letter of sheets.def");
    return PG_INT8;
}
