/*
 * desk_setup - what the parts of the desk share.
 */
#include "desk_setup.h"

#include "format_setup.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

static const setting_t own_settings[] = {
    {"", "partner", SETTING_TEXT, NULL, "this partner's id in the network"},
    {"", "state", SETTING_PATH, NULL,
     "the folder with keys, pins and messages that kask-adapter init made"},
    {"", "connector", SETTING_TEXT, NULL, "files or http"},
    {"", "retry", SETTING_DURATION, "30 s",
     "how long a message is put off when the system is down"},
    {"", "attempts", SETTING_COUNT, "5",
     "crashes of a mapping on one message until it is a dead letter"},
    {"", "unknown_case", SETTING_DURATION, "1 d",
     "how long an act waits for its case to become known before it is set aside"},
    {"", "log", SETTING_TEXT, "info", "error, warning, info or debug"},
    {"source", "gives", SETTING_TEXT, NULL, "offerings or events"},
    {"source", "read", SETTING_PATH, "", "http: the dialogue that emits records"},
    {"source", "mapping", SETTING_PATH, NULL,
     "the jq program that makes an offering or events of a record"},
    {"source", "every", SETTING_DURATION, "5 min",
     "how often it is read where nothing tells of news"},
    {"source", "complete", SETTING_FLAG, "no",
     "a reading shows the whole list: what is gone from it is withdrawn"},
    {"write", "event", SETTING_PATH, "",
     "the dialogue that brings events and answers into the system"},
    {"write", "offerings", SETTING_PATH, "",
     "the dialogue that brings others' offerings into the system"},
    {"write", "batch", SETTING_COUNT, "50", "offerings in one task, at most"},
    {"mapping", "memory", SETTING_BYTES, "256 MiB", "of a jq program's process"},
    {"mapping", "time", SETTING_DURATION, "15 s", "for one record or step"},
    {NULL, NULL, SETTING_TEXT, NULL, NULL},
};

enum { MAX_SETTINGS = 120 };

static size_t
append (setting_t *table, size_t n, const setting_t *rows)
{
    for (; rows->name; rows++) {
        assert (n + 1 < MAX_SETTINGS);
        table[n++] = *rows;
    }
    table[n] = *rows;
    return n;
}

const setting_t *
desk_settings (void)
{
    static setting_t table[MAX_SETTINGS];
    size_t n = append (table, 0, own_settings);
    n = append (table, n, connector_files_settings);
    n = append (table, n, connector_http_settings);
    append (table, n, format_setup_settings);
    return table;
}

// ---- programs

mapping_t *
program_require (program_t *self, const desk_setup_t *setup, problem_t *problem)
{
    if (!self->mapping)
        self->mapping = mapping_new (self->path, &setup->mapping, problem);
    return self->mapping;
}

void
program_end (program_t *self)
{
    mapping_destroy (&self->mapping);
}

// ---- time

static int64_t
clock_ms (clockid_t clock)
{
    struct timespec now;
    clock_gettime (clock, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
desk_now_ms (void)
{
    return clock_ms (CLOCK_REALTIME);
}

int64_t
desk_ticks_ms (void)
{
    return clock_ms (CLOCK_MONOTONIC);
}

const char *
desk_time (int64_t at_ms, char text[DESK_TIME_BYTES])
{
    time_t seconds = (time_t) (at_ms / 1000);
    struct tm tm;
    if (!gmtime_r (&seconds, &tm) ||
        strftime (text, DESK_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        text[0] = '\0';
    return text;
}

jv
desk_args (const desk_setup_t *setup, const char *source)
{
    char now[DESK_TIME_BYTES];
    jv args = jv_object_set (jv_object (), jv_string ("partner"),
                             jv_string (settings_text (setup->settings, "", "partner")));
    args = jv_object_set (args, jv_string ("source"), jv_string (source));
    return jv_object_set (args, jv_string ("now"), jv_string (desk_time (desk_now_ms (), now)));
}
