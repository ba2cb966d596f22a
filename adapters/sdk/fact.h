/*
 * fact - small facts by name, one row each: numbers, keys, who one is.
 */
#ifndef KASK_SDK_FACT_H
#define KASK_SDK_FACT_H

#include "store.h"

// True if it is there and has that size.
bool fact_bytes (store_t *self, const char *name, void *data, size_t size);
// 0 if it is not there.
int64_t fact_number (store_t *self, const char *name);
// Within a transaction, as all writes; what fails is the store's to tell.
void fact_put_bytes (store_t *self, const char *name, const void *data, size_t size);
void fact_put_number (store_t *self, const char *name, int64_t number);

#endif
