/*
 * setup - a new state folder, the request to the broker's operator and his answer.
 */
#ifndef KASK_SDK_SETUP_H
#define KASK_SDK_SETUP_H

#include "store.h"

enum { SETUP_ENDPOINTS = 16 };

// What kask_join stored.  The endpoint of that place, malloc'd; NULL behind the last.
char *setup_endpoint (store_t *store, size_t place);
bool setup_broker_key (store_t *store, uint8_t key[32]);

#endif
