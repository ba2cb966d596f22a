/*
 * schema - the tables of a store, as SQL.
 */
#ifndef KASK_SDK_SCHEMA_H
#define KASK_SDK_SCHEMA_H

enum { SCHEMA_VERSION = 3 }; // PRAGMA user_version

extern const char schema_sql[];

#endif
