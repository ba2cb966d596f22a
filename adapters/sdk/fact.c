/*
 * fact - small facts by name, one row each: numbers, keys, who one is.
 */
#include "fact.h"

#include <string.h>

static sqlite3_stmt *
find_fact (store_t *self, const char *name)
{
    return store_query (self, "SELECT value FROM kask_fact WHERE name = ?", "t", name);
}

bool
fact_bytes (store_t *self, const char *name, void *data, size_t size)
{
    sqlite3_stmt *row = find_fact (self, name);
    bool good = row && (size_t) sqlite3_column_bytes (row, 0) == size;
    if (good)
        memcpy (data, sqlite3_column_blob (row, 0), size);
    store_release (row);
    return good;
}

int64_t
fact_number (store_t *self, const char *name)
{
    sqlite3_stmt *row = find_fact (self, name);
    int64_t number = row ? sqlite3_column_int64 (row, 0) : 0;
    store_release (row);
    return number;
}

void
fact_put_bytes (store_t *self, const char *name, const void *data, size_t size)
{
    store_run (self, "INSERT OR REPLACE INTO kask_fact VALUES (?, ?)", "tb", name, data, size);
}

void
fact_put_number (store_t *self, const char *name, int64_t number)
{
    store_run (self, "INSERT OR REPLACE INTO kask_fact VALUES (?, ?)", "ti", name, number);
}
