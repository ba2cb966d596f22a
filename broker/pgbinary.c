/*
 * pgbinary - PostgreSQL's binary form of values and one-dimensional arrays.
 */
#include "pgbinary.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    EMPTY_ARRAY_BYTES = 12, // up to its dimensions, of which each has 8 bytes
    ARRAY_HEADER_BYTES = 20,
    ELEMENT_HEADER_BYTES = 4,
    INT4_ELEMENT_BYTES = 8,
    INT4_ARRAY = 1007 // its type
};

void
put_be16 (uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t) (value >> 8);
    to[1] = (uint8_t) value;
}

void
put_be32 (uint8_t *to, uint32_t value)
{
    put_be16 (to, (uint16_t) (value >> 16));
    put_be16 (to + 2, (uint16_t) value);
}

void
put_be64 (uint8_t *to, uint64_t value)
{
    put_be32 (to, (uint32_t) (value >> 32));
    put_be32 (to + 4, (uint32_t) value);
}

static uint64_t
get_be (const uint8_t *from, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | from[i];
    return value;
}

static size_t
type_bytes (pg_type_t type)
{
    switch (type) {
    case PG_BOOL: return 1;
    case PG_INT2: return 2;
    case PG_INT4: return 4;
    case PG_INT8: return 8;
    case PG_BYTEA:
    case PG_TEXT: break;
    }
    assert (!"a type of fixed size");
    return 0;
}

void
column_init (column_t *self, pg_type_t type)
{
    *self = (column_t){.type = type, .size = ARRAY_HEADER_BYTES};
}

void
column_reset (column_t *self)
{
    self->size = ARRAY_HEADER_BYTES;
    self->count = 0;
}

void
column_free (column_t *self)
{
    free (self->data);
    column_init (self, self->type);
}

static uint8_t *
column_grow (column_t *self, size_t size)
{
    size_t need = self->size + size;
    if (need > self->capacity) {
        self->capacity = need * 2 < 256 ? 256 : need * 2;
        self->data = realloc (self->data, self->capacity);
        if (!self->data)
            abort ();
    }
    assert (self->data);
    uint8_t *to = self->data + self->size;
    self->size = need;
    return to;
}

void
column_bytes (column_t *self, const void *data, size_t size)
{
    assert (self->type == PG_BYTEA || self->type == PG_TEXT);
    uint8_t *to = column_grow (self, ELEMENT_HEADER_BYTES + size);
    put_be32 (to, (uint32_t) size);
    if (size)
        memcpy (to + ELEMENT_HEADER_BYTES, data, size);
    self->count++;
}

void
column_text (column_t *self, const char *text)
{
    column_bytes (self, text, strlen (text));
}

void
column_int (column_t *self, int64_t value)
{
    size_t size = type_bytes (self->type);
    uint8_t *to = column_grow (self, ELEMENT_HEADER_BYTES + size);
    put_be32 (to, (uint32_t) size);
    for (size_t i = 0; i < size; i++)
        to[ELEMENT_HEADER_BYTES + i] = (uint8_t) ((uint64_t) value >> (8 * (size - 1 - i)));
    self->count++;
}

void
column_null (column_t *self)
{
    put_be32 (column_grow (self, ELEMENT_HEADER_BYTES), UINT32_MAX);
    self->count++;
}

// Header: dimensions, has-null flag, element type, then size and lower bound.
const uint8_t *
column_value (column_t *self, int *size_p)
{
    if (!self->data) {
        column_grow (self, 0);
    }
    put_be32 (self->data, 1);
    put_be32 (self->data + 4, 1);
    put_be32 (self->data + 8, (uint32_t) self->type);
    put_be32 (self->data + 12, (uint32_t) self->count);
    put_be32 (self->data + 16, 1);
    *size_p = (int) self->size;
    return self->data;
}

bool
cell_is_null (const PGresult *result, int row, int column)
{
    return PQgetisnull (result, row, column) != 0;
}

int64_t
cell_int (const PGresult *result, int row, int column)
{
    assert (!cell_is_null (result, row, column));
    size_t size = (size_t) PQgetlength (result, row, column);
    assert (size <= 8);
    uint64_t value = get_be ((const uint8_t *) PQgetvalue (result, row, column), size);
    switch (size) {
    case 2: return (int16_t) value;
    case 4: return (int32_t) value;
    default: return (int64_t) value;
    }
}

const uint8_t *
cell_bytes (const PGresult *result, int row, int column, size_t *size_p)
{
    *size_p = (size_t) PQgetlength (result, row, column);
    return (const uint8_t *) PQgetvalue (result, row, column);
}

bool
cell_copy (const PGresult *result, int row, int column, void *to, size_t size)
{
    size_t have;
    const uint8_t *from = cell_bytes (result, row, column, &have);
    if (have != size)
        return false;
    memcpy (to, from, size);
    return true;
}

int
cell_int_array (const PGresult *result, int row, int column, int32_t *to, int max)
{
    size_t size;
    const uint8_t *from = cell_bytes (result, row, column, &size);
    if (size < ARRAY_HEADER_BYTES) // an array without elements has no dimensions
        return 0;
    size_t count = (size - ARRAY_HEADER_BYTES) / INT4_ELEMENT_BYTES;
    if (count > (size_t) max)
        count = (size_t) max;
    for (size_t i = 0; i < count; i++)
        to[i] = (int32_t) get_be (
            from + ARRAY_HEADER_BYTES + i * INT4_ELEMENT_BYTES + ELEMENT_HEADER_BYTES, 4);
    return (int) count;
}

// ---------------------------------------------------------------- do rows fit?

// One dimension, or none where there is no element; each element as it must be.
static bool
int_array_fits (const uint8_t *from, size_t size)
{
    if (size < EMPTY_ARRAY_BYTES)
        return false;
    uint64_t dimensions = get_be (from, 4);
    if (dimensions == 0)
        return size == EMPTY_ARRAY_BYTES;
    if (dimensions != 1 || size < ARRAY_HEADER_BYTES ||
        size - ARRAY_HEADER_BYTES != get_be (from + EMPTY_ARRAY_BYTES, 4) * INT4_ELEMENT_BYTES)
        return false;
    for (size_t at = ARRAY_HEADER_BYTES; at < size; at += INT4_ELEMENT_BYTES)
        if (get_be (from + at, ELEMENT_HEADER_BYTES) != 4)
            return false;
    return true;
}

static bool
cell_fits (const PGresult *result, int row, int column)
{
    size_t size;
    const uint8_t *from = cell_bytes (result, row, column, &size);
    Oid type = PQftype (result, column);
    switch (type) {
    case PG_BOOL:
    case PG_INT2:
    case PG_INT4:
    case PG_INT8:
        return !cell_is_null (result, row, column) && size == type_bytes ((pg_type_t) type);
    case INT4_ARRAY: return int_array_fits (from, size); // a null one has no bytes
    default: return true;
    }
}

bool
rows_fit (const PGresult *result)
{
    for (int column = 0; column < PQnfields (result); column++)
        for (int row = 0; PQfformat (result, column) == 1 && row < PQntuples (result); row++)
            if (!cell_fits (result, row, column))
                return false;
    return true;
}
