/*
 * files_bench - a connector over the folder root/ of the scratch folder.
 */
#ifndef KASK_TEST_FILES_BENCH_H
#define KASK_TEST_FILES_BENCH_H

#include "connector_bench.h"
#include "format_setup.h"
#include "scratch.h"
#include "tap.h"

enum { DEADLINE_MS = 5000 };

static setting_t table[64];

static inline size_t
append (const setting_t *rows, size_t n)
{
    for (; rows->name; rows++)
        table[n++] = *rows;
    table[n] = *rows;
    return n;
}

static inline settings_t *
settings_of (const char *more)
{
    static char conf[2000];
    snprintf (conf, sizeof conf,
              "[files]\nroot = root\nsettle = 60 ms\nhold = 400 ms\nreceipt_wait = 300 ms\npoll = "
              "100 ms\n%s\n"
              "[source lines]\nfolder = out\npattern = *.csv\nformat = list\nattachments = bilag\n"
              "[format list]\ntype = csv\ndelimiter = ;\n[format narrow]\ntype = csv\nencoding = "
              "ISO-8859-1\n"
              "columns = [{\"column\":\"a\"}]\n",
              more);
    scratch_write ("adapter.conf", conf);
    append (format_setup_settings, append (connector_files_settings, 0));
    return bench_settings (scratch_path ("adapter.conf"), table);
}

static inline bench_t
bench_begin (void)
{
    bench_t bench = {.response = jv_null ()};
    scratch_begin ();
    scratch_folder ("root");
    scratch_folder ("root/out");
    scratch_folder ("root/in");
    bench.settings = settings_of ("");
    bench.connector = connector_files_new (bench.settings, &bench.problem);
    return bench;
}

static inline void
bench_end (bench_t *self)
{
    bench_clear (self);
    scratch_end ();
}

// The response as text, good until the next call.
static inline const char *
response_text (const bench_t *self)
{
    static char text[2000];
    if (!jv_is_valid (self->response))
        return "(none)";
    jv dump = jv_dump_string (jv_copy (self->response), JV_PRINT_SORTED);
    snprintf (text, sizeof text, "%s", jv_string_value (dump));
    jv_free (dump);
    return text;
}

#endif
