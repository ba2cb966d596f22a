/*
 * t_source - files and readings of a partner's system: taken whole, or again by themselves.
 */
#include "desk_bench.h"
#include "scratch.h"
#include "source.h"
#include "source_row.h"
#include "tap.h"

#include <poll.h>

static const char head[] = "partner = anton\nstate = var\nconnector = files\n";

static const char mapping[] =
    "{key: .k, kind: \"advice\", status: \"active\", title: [{language: \"da\", text: .k}], "
    "provider: {name: \"P\", identifier_unknown: true, country: \"DK\"}}\n";

// Emits one record for each hint, or for the cursor where there is none; the cursor counts on.
static const char dialogue[] =
    "if .step == 0 then {request: {}} else {emit: [{k: \"at \\(.task.cursor // 0)\"}, "
    "(.task.hint[] | {k: .})], cursor: ((.task.cursor // 0) + 1)} end\n";

// A system of both kinds: files that wait, and requests that are answered or not.
typedef struct {
    connector_t base; // first
    const char *file; // the records of the only one; NULL: there is none
    bool broken;      // the file cannot be read
    int settled;
    char reason[600];          // of the last that was settled
    connector_result_t answer; // to each request
    int requests;
} system_t;

typedef struct {
    desk_bench_t desk;
    system_t system;
    source_t *source;
} bench_t;

static bool
next (connector_t *base, const char *source, delivery_t *delivery, problem_t *problem)
{
    (void) source;
    system_t *self = (system_t *) base;
    if (self->broken)
        problem_set (problem, PROBLEM_FILE, "", "look at it", "the folder cannot be read");
    if (self->broken || !self->file)
        return false;
    *delivery = (delivery_t){.name = "list.csv", .records = jv_parse (self->file)};
    return true;
}

static void
settle (connector_t *base, delivery_t *delivery, const char *reason)
{
    (void) delivery;
    system_t *self = (system_t *) base;
    self->file = NULL;
    self->settled++;
    snprintf (self->reason, sizeof self->reason, "%s", reason ? reason : "");
}

static connector_result_t
perform (connector_t *base, jv request, const attachment_t *attachments, size_t n, jv *response,
         problem_t *problem)
{
    (void) request, (void) attachments, (void) n;
    system_t *self = (system_t *) base;
    self->requests++;
    if (self->answer == CONNECTOR_OK)
        *response = jv_object ();
    else
        problem_set (problem, PROBLEM_RECORD, "", "", "the system says no");
    return self->answer;
}

// `section`: what stands in [source list].
static void
bench_begin (bench_t *self, const char *section, const connector_t *connector)
{
    char text[600];
    problem_t problem = {.scope = PROBLEM_NONE};
    snprintf (text, sizeof text, "%s[source list]\n%s\n", head, section);
    scratch_write ("adapter.conf", text);
    scratch_write ("map.jq", mapping);
    scratch_write ("broken.jq", "{key:\n");
    scratch_write ("read.jq", dialogue);
    *self = (bench_t){.system = {.base = *connector}};
    desk_bench_begin (&self->desk, scratch_path ("adapter.conf"), &self->system.base);
    self->desk.setup.retry_ms = 60000;
    self->source = source_new (&self->desk.setup, "source list", &problem);
    if (!self->source)
        printf ("# %s: %s\n", problem.field, problem.what);
}

static void
bench_end (bench_t *self)
{
    source_destroy (&self->source);
    desk_bench_end (&self->desk);
}

static const connector_t files = {.next = next, .settle = settle};
static const connector_t http = {.perform = perform};

static int64_t
published (const bench_t *self)
{
    return desk_bench_number (&self->desk, "SELECT count (*) FROM kask_outbox");
}

static int64_t
wait_ms (const bench_t *self)
{
    return source_due_ms (self->source) - desk_ticks_ms ();
}

static void
wrong_settings_are_named (void)
{
    static const struct {
        const char *section, *name;
        const connector_t *connector;
        bool good;
    } table[] = {
        {"gives = events\nmapping = map.jq", "files without a dialogue are a source", &files, true},
        {"gives = news\nmapping = map.jq", "it gives offerings or events", &files, false},
        {"gives = events\nmapping = map.jq\nread = read.jq", "files are read by themselves", &files,
         false},
        {"gives = events\nmapping = map.jq", "http wants a dialogue", &http, false},
        {"gives = offerings\nmapping = map.jq\nread = read.jq", "with one it is a source", &http,
         true},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bench_t bench;
        bench_begin (&bench, table[i].section, table[i].connector);
        ok ((bench.source != NULL) == table[i].good, table[i].name);
        bench_end (&bench);
    }
}

static void
a_file_is_taken_and_settled (void)
{
    bench_t bench;
    bench_begin (&bench, "gives = offerings\nmapping = map.jq", &files);
    is_text (source_name (bench.source), "list", "a source has its name");
    bench.system.file = "[{\"record\": {\"k\": \"one\"}, \"line\": 2}]";
    ok (source_step (bench.source), "a file");
    is_int (published (&bench), 1, "its offering is in the outbox");
    is_int (bench.system.settled, 1, "then it is settled");
    is_text (bench.system.reason, "", "with nothing to say");
    ok (!source_is_read (bench.source), "there may be others");
    ok (wait_ms (&bench) <= 0, "which are looked for at once");
    ok (!source_step (bench.source), "there is none");
    ok (source_is_read (bench.source), "so all is read");
    ok (wait_ms (&bench) > 0, "and looked for in a while");
    source_look (bench.source);
    ok (wait_ms (&bench) <= 0, "or when something is heard of");
    bench_end (&bench);
}

static void
what_is_wrong_in_a_file_is_said_beside_it (void)
{
    bench_t bench;
    bench_begin (&bench, "gives = offerings\nmapping = map.jq", &files);
    bench.system.file = "[{\"record\": {\"k\": \"one\"}, \"line\": 2}, {\"line\": 3, \"problem\": "
                        "{\"field\": \"Budget\", \"what\": \"is no number\"}}]";
    ok (source_step (bench.source), "a file with a line that is none");
    is_int (published (&bench), 1, "the rest is taken");
    ok (strstr (bench.system.reason, "list.csv: 1 set aside of 2 records"), "it is counted");
    ok (strstr (bench.system.reason, "3: Budget: is no number"), "and named with its line");
    bench_end (&bench);
}

static void
a_file_that_could_not_be_mapped_stays (void)
{
    bench_t bench;
    bench_begin (&bench, "gives = offerings\nmapping = broken.jq", &files);
    bench.system.file = "[{\"record\": {\"k\": \"one\"}, \"line\": 2}]";
    ok (source_step (bench.source), "a file, and a mapping that is no program");
    is_int (published (&bench) + bench.system.settled, 0, "nothing is sent, nothing settled");
    ok (wait_ms (&bench) > 0, "it is tried again by itself");
    ok (!source_is_read (bench.source), "the source is not read");
    source_look (bench.source);
    ok (!source_step (bench.source), "hearing of a file does not shorten the pause");
    is_int (desk_bench_number (
                &bench.desk, "SELECT count (*) FROM desk_source WHERE failure LIKE '%broken.jq%'"),
            1, "status says why");
    bench_end (&bench);
}

static void
a_folder_that_cannot_be_read_is_no_empty_one (void)
{
    bench_t bench;
    bench_begin (&bench, "gives = offerings\nmapping = map.jq", &files);
    bench.system.broken = true;
    ok (!source_step (bench.source), "a folder that cannot be read");
    ok (!source_is_read (bench.source), "is not read");
    is_int (desk_bench_number (&bench.desk, "SELECT count (*) FROM desk_source WHERE failure LIKE "
                                            "'%the folder cannot be read%'"),
            1, "status says why");
    bench_end (&bench);
}

static void
a_system_is_read_by_its_dialogue (void)
{
    bench_t bench;
    bench_begin (&bench, "gives = offerings\nmapping = map.jq\nread = read.jq\nevery = 1 h", &http);
    source_tell (bench.source, JV_ARRAY (jv_string ("told")));
    ok (source_step (bench.source), "a reading");
    is_int (published (&bench), 2, "what it emits is in the outbox");
    is_int (desk_bench_number (&bench.desk,
                               "SELECT count (*) FROM desk_record WHERE key IN ('at 0', 'told')"),
            2, "what was told reached the dialogue");
    ok (wait_ms (&bench) > 1800 * 1000, "it is read again when its time has come");
    ok (!source_step (bench.source), "and not before");
    source_look (bench.source);
    ok (source_step (bench.source), "the next one");
    is_int (desk_bench_number (&bench.desk,
                               "SELECT count (*) FROM desk_record WHERE key IN ('at 1', 'told')"),
            2, "goes on at the cursor");
    is_int (published (&bench), 3, "and is told nothing twice");
    bench_end (&bench);
}

// Fails as often as that, each time when it is due.
static void
fail_often (bench_t *self, int times)
{
    self->system.answer = CONNECTOR_LATER;
    while (self->system.requests < times)
        if (!source_step (self->source))
            poll (NULL, 0, 1);
}

static void
a_system_that_is_down_is_asked_more_and_more_seldom (void)
{
    bench_t bench;
    bench_begin (&bench, "gives = offerings\nmapping = map.jq\nread = read.jq", &http);
    bench.desk.setup.retry_ms = 1;
    source_tell (bench.source, JV_ARRAY (jv_string ("told")));
    fail_often (&bench, 10);
    ok (!source_is_read (bench.source), "a system that is down is not read");
    ok (wait_ms (&bench) > 256, "each pause is twice the one before");
    is_int (desk_bench_number (&bench.desk, "SELECT count (*) FROM desk_source WHERE failure LIKE "
                                            "'%the system says no%'"),
            1, "status says why");
    bench.system.answer = CONNECTOR_OK;
    while (!source_step (bench.source))
        poll (NULL, 0, 1);
    is_int (desk_bench_number (&bench.desk, "SELECT count (*) FROM desk_record WHERE key = 'told'"),
            1, "once it is there, what was told meanwhile is not forgotten");
    ok (source_is_read (bench.source), "and the source is read");
    bench_end (&bench);
}

int
main (void)
{
    scratch_begin ();
    wrong_settings_are_named ();
    a_file_is_taken_and_settled ();
    what_is_wrong_in_a_file_is_said_beside_it ();
    a_file_that_could_not_be_mapped_stays ();
    a_folder_that_cannot_be_read_is_no_empty_one ();
    a_system_is_read_by_its_dialogue ();
    a_system_that_is_down_is_asked_more_and_more_seldom ();
    return tap_end ();
}
