/*
 * desk_setup - what the parts of the desk share.
 */
#ifndef KASK_DESK_SETUP_H
#define KASK_DESK_SETUP_H

#include "connector.h"
#include "kask.h"
#include "mapping.h"
#include "settings.h"

#include <jv.h>
#include <sqlite3.h>
#include <stdint.h>

// All borrowed for the life of the desk.
typedef struct {
    const settings_t *settings;
    kask_t *kask; // the desk's own handle
    sqlite3 *db;  // its store
    connector_t *connector;
    mapping_setup_t mapping;
    void (*wake) (void *arg); // tells the other thread that the outbox has something
    void *wake_arg;
    int retry_ms; // until a system that was down is asked again
} desk_setup_t;

// A jq program of the settings, started when it is first needed.
typedef struct {
    const char *path; // borrowed; "" where the settings name none
    mapping_t *mapping;
} program_t;

// NULL: *problem says why it cannot be started.
mapping_t *program_require (program_t *self, const desk_setup_t *setup, problem_t *problem);
void program_end (program_t *self);

// {"partner", "source", "now"}; owned.
jv desk_args (const desk_setup_t *setup, const char *source);

int64_t desk_now_ms (void);   // the wall clock's
int64_t desk_ticks_ms (void); // monotonic
// RFC 3339, UTC.
enum { DESK_TIME_BYTES = 32 };
const char *desk_time (int64_t at_ms, char text[DESK_TIME_BYTES]);

// The keys of kask-adapter's settings, those of both connectors and of formats included.
const setting_t *desk_settings (void);

#endif
