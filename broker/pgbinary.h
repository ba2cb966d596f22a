/*
 * pgbinary - PostgreSQL's binary form of values and one-dimensional arrays.
 *
 * A column_t grows by one element a call and is sent as one parameter that
 * `unnest` turns into rows.  Form: PostgreSQL 15, array_send() and the send
 * functions of each type (src/backend/utils/adt).
 */
#ifndef KASK_PGBINARY_H
#define KASK_PGBINARY_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25
} pg_type_t;

// An array parameter under construction.  Owns its bytes; reset keeps them.
typedef struct {
    pg_type_t type;
    uint8_t *data;
    size_t size;
    size_t capacity;
    int32_t count;
} column_t;

void column_init (column_t *self, pg_type_t type);
void column_reset (column_t *self);
void column_free (column_t *self);

void column_int (column_t *self, int64_t value);                   // BOOL, INT2, INT4, INT8
void column_bytes (column_t *self, const void *data, size_t size); // BYTEA, TEXT
void column_text (column_t *self, const char *text);
void column_null (column_t *self);

// The finished parameter; valid until the column changes.
const uint8_t *column_value (column_t *self, int *size_p);

// Writes big-endian integers, as scalar parameters need them.
void put_be16 (uint8_t *to, uint16_t value);
void put_be32 (uint8_t *to, uint32_t value);
void put_be64 (uint8_t *to, uint64_t value);

// True if the functions below can read every row: no integer is null, each has its type's
// width, and an int4[] is a list without nulls.  bytea and text may be anything.
bool rows_fit (const PGresult *result);

// Values of a binary result whose rows fit.  An integer's cell is none of another type.
int64_t cell_int (const PGresult *result, int row, int column);
bool cell_is_null (const PGresult *result, int row, int column);
const uint8_t *cell_bytes (const PGresult *result, int row, int column, size_t *size_p);
// A bytea of exactly `size` bytes; false if it has another size.
bool cell_copy (const PGresult *result, int row, int column, void *to, size_t size);
// An int4[]; of more than `max` elements the first are copied; returns how many were.
int cell_int_array (const PGresult *result, int row, int column, int32_t *to, int max);

#endif
