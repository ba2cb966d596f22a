/*
 * check - runs the samples of a partner's folder.
 */
#include "check.h"

#include "connector.h"
#include "dialogue.h"
#include "format_setup.h"
#include "formats/format.h"
#include "formats/options.h"
#include "reading.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE = 16 * 1024 * 1024, MAX_PLACES = 20 };

// ---- differences

static size_t
tell (const char *place, jv wanted, jv got, FILE *out)
{
    jv want = jv_is_valid (wanted) ? jv_dump_string (jv_copy (wanted), JV_PRINT_SORTED)
                                   : jv_string ("(absent)");
    jv have = jv_is_valid (got) ? jv_dump_string (jv_copy (got), JV_PRINT_SORTED)
                                : jv_string ("(absent)");
    fprintf (out, "  %s\n    expected %.300s\n    got      %.300s\n", *place ? place : ".",
             jv_string_value (want), jv_string_value (have));
    jv_free (want);
    jv_free (have);
    return 1;
}

static size_t
differ_lists (jv wanted, jv got, const char *place, FILE *out)
{
    size_t found = 0;
    int n = jv_array_length (jv_copy (wanted)), m = jv_array_length (jv_copy (got));
    for (int i = 0; i < (n > m ? n : m) && found < MAX_PLACES; i++) {
        char inner[400];
        snprintf (inner, sizeof inner, "%.380s[%d]", place, i);
        jv a = i < n ? jv_array_get (jv_copy (wanted), i) : jv_invalid ();
        jv b = i < m ? jv_array_get (jv_copy (got), i) : jv_invalid ();
        found += check_differ (a, b, inner, out);
        jv_free (a);
        jv_free (b);
    }
    return found;
}

// The members of one; those that the other has too are passed over where `second`.
static size_t
differ_members (jv of, jv wanted, jv got, bool second, const char *place, FILE *out)
{
    size_t found = 0;
    for (int i = jv_object_iter (of); found < MAX_PLACES && jv_object_iter_valid (of, i);
         i = jv_object_iter_next (of, i)) {
        jv name = jv_object_iter_key (of, i);
        char inner[400];
        snprintf (inner, sizeof inner, "%.200s.%.190s", place, jv_string_value (name));
        jv a = jv_object_get (jv_copy (wanted), jv_copy (name));
        jv b = jv_object_get (jv_copy (got), name);
        if (!second || !jv_is_valid (a))
            found += check_differ (a, b, inner, out);
        jv_free (a);
        jv_free (b);
    }
    return found;
}

size_t
check_differ (jv wanted, jv got, const char *place, FILE *out)
{
    jv_kind kind = jv_get_kind (wanted);
    if (kind == jv_get_kind (got) && kind == JV_KIND_ARRAY)
        return differ_lists (wanted, got, place, out);
    if (kind == jv_get_kind (got) && kind == JV_KIND_OBJECT)
        return differ_members (wanted, wanted, got, false, place, out) +
               differ_members (got, wanted, got, true, place, out);
    bool both = jv_is_valid (wanted) && jv_is_valid (got);
    return both && jv_equal (jv_copy (wanted), jv_copy (got)) ? 0 : tell (place, wanted, got, out);
}

// ---- a sample

typedef struct {
    const check_t *check;
    char folder[PATH_MAX]; // of the sample
    jv json;               // sample.json; owned
} sample_t;

static char *
file_load (const char *path, size_t *size_p)
{
    FILE *file = fopen (path, "rbe");
    char *text = file ? malloc (MAX_FILE) : NULL;
    *size_p = text ? fread (text, 1, MAX_FILE, file) : 0;
    if (file)
        fclose (file);
    return text;
}

static void
path_in (const sample_t *self, const char *name, char path[PATH_MAX])
{
    if (snprintf (path, PATH_MAX, "%.3000s/%.900s", self->folder, name) >= PATH_MAX)
        path[0] = '\0';
}

// A JSON file of the sample; invalid, with the problem, if it is none.
static jv
json_load (const sample_t *self, const char *name, problem_t *problem)
{
    char path[PATH_MAX];
    size_t size;
    path_in (self, name, path);
    char *text = file_load (path, &size);
    jv value = jv_invalid ();
    if (text)
        value = format_json_parse (text, size, problem);
    else
        problem_set (problem, PROBLEM_SETUP, "", "add it, or correct sample.json",
                     "cannot be read: %s", strerror (errno));
    problem_at (problem, path, 0, NULL);
    free (text);
    return value;
}

static jv
args_of (const sample_t *self)
{
    jv args = jv_object_set (jv_object (), jv_string ("partner"),
                             jv_string (settings_text (self->check->settings, "", "partner")));
    args = jv_object_set (args, jv_string ("source"),
                          jv_string (options_text (self->json, "source", "")));
    return jv_object_set (args, jv_string ("now"),
                          jv_string (options_text (self->json, "now", "2026-11-24T12:00:00Z")));
}

static bool
section_of (const sample_t *self, char section[300], problem_t *problem)
{
    const char *found;
    snprintf (section, 300, "source %.200s", options_text (self->json, "source", ""));
    for (size_t i = 0; (found = settings_section (self->check->settings, "source", i)); i++)
        if (strcmp (found, section) == 0)
            return true;
    problem_set (problem, PROBLEM_SETUP, "source", "correct sample.json",
                 "adapter.conf has no [%s]", section);
    return false;
}

// ---- mappings

typedef struct {
    reading_t reading;
    mapping_t *mapping;
    jv args; // owned
    problem_t *problem;
    bool failed;
} sink_t;

static bool
take_record (void *arg, jv record, const format_place_t *place, const problem_t *problem)
{
    sink_t *self = arg;
    if (problem) {
        reading_set_aside (&self->reading, problem);
        jv_free (record);
        return true;
    }
    self->failed = !reading_map (&self->reading, self->mapping, record, self->args, place->line,
                                 self->problem);
    return !self->failed;
}

static void
read_input (const sample_t *self, const char *name, const format_setup_t *format, sink_t *sink)
{
    char path[PATH_MAX];
    problem_t ignored; // the sink has it
    format_input_t input = {.name = name};
    path_in (self, name, path);
    char *bytes = file_load (path, &input.size);
    input.bytes = bytes;
    if (bytes)
        (void) !format_read (format->type, format->options, &input, 1, take_record, sink, NULL,
                             &ignored);
    else {
        problem_set (sink->problem, PROBLEM_SETUP, "input", "add it, or correct sample.json",
                     "%s cannot be read", path);
        sink->failed = true;
    }
    free (bytes);
}

static jv
result_of (const reading_t *reading)
{
    jv result = jv_object_set (jv_object (), jv_string ("records"), jv_copy (reading->outputs));
    return jv_object_set (result, jv_string ("problems"), jv_copy (reading->problems));
}

// {"records", "problems"}; invalid, with the problem.
static jv
run_mapping (const sample_t *self, gives_t gives, problem_t *problem)
{
    char section[300];
    format_setup_t format;
    jv result = jv_invalid ();
    const settings_t *settings = self->check->settings;
    if (!section_of (self, section, problem))
        return result;
    const char *name = settings_text (settings, section, "format");
    if (!format_setup (&format, settings, *name ? name : "json", problem))
        return result;
    sink_t sink = {.problem = problem, .args = args_of (self)};
    sink.mapping =
        mapping_new (settings_text (settings, section, "mapping"), &self->check->mapping, problem);
    reading_init (&sink.reading, gives, "");
    for (int i = 0; sink.mapping && !sink.failed && i < options_length (self->json, "input"); i++) {
        jv input = options_item (self->json, "input", i);
        read_input (self, jv_string_value (input), &format, &sink);
        jv_free (input);
    }
    if (sink.mapping && !sink.failed)
        result = result_of (&sink.reading);
    reading_clear (&sink.reading);
    mapping_destroy (&sink.mapping);
    jv_free (sink.args);
    format_setup_clear (&format);
    return result;
}

// ---- dialogues

// A connector that gives the sample's responses in turn.
typedef struct {
    connector_t base; // first
    jv responses;     // borrowed
    int next;
} script_t;

static connector_result_t
perform (connector_t *base, jv request, const attachment_t *attachments, size_t n, jv *response,
         problem_t *problem)
{
    script_t *self = (script_t *) base;
    (void) request, (void) attachments, (void) n;
    if (self->next < jv_array_length (jv_copy (self->responses))) {
        *response = jv_array_get (jv_copy (self->responses), self->next++);
        return CONNECTOR_OK;
    }
    problem_set (problem, PROBLEM_SETUP, "responses", "add it to sample.json",
                 "the dialogue asks for more than the %d responses of the sample", self->next);
    return CONNECTOR_BAD;
}

static void
watch_answer (void *arg, jv answer)
{
    jv *answers = arg;
    *answers = jv_array_append (*answers, jv_copy (answer));
}

static bool
is_script_used_up (const script_t *script, problem_t *problem)
{
    int n = jv_array_length (jv_copy (script->responses));
    if (script->next == n)
        return true;
    problem_set (problem, PROBLEM_SETUP, "responses",
                 "take the rest out of sample.json, or correct the program",
                 "the dialogue asked for %d of the %d responses", script->next, n);
    return false;
}

static jv
converse (const sample_t *self, mapping_t *program, problem_t *problem)
{
    dialogue_outcome_t outcome;
    script_t script = {.base = {.perform = perform},
                       .responses = options_get (self->json, "responses")};
    jv answers = jv_array ();
    jv task = options_get (self->json, "task");
    if (jv_get_kind (script.responses) != JV_KIND_ARRAY) {
        jv_free (script.responses);
        script.responses = jv_array ();
    }
    dialogue_run (&outcome, program, &script.base, task, args_of (self), NULL, 0, watch_answer,
                  &answers);
    bool good = outcome.result != DIALOGUE_CRASHED && outcome.result != DIALOGUE_ENDLESS;
    if (!good)
        problem_set (problem, PROBLEM_SETUP, "", "correct the program, or the sample", "%s",
                     outcome.text);
    good = good && is_script_used_up (&script, problem);
    dialogue_outcome_clear (&outcome);
    jv_free (script.responses);
    if (good)
        return answers;
    jv_free (answers);
    return jv_invalid ();
}

// The list of all answers; invalid, with the problem.
static jv
run_dialogue (const sample_t *self, const char *kind, problem_t *problem)
{
    char section[300] = "write";
    bool is_reading = strcmp (kind, "read") == 0;
    if (is_reading && !section_of (self, section, problem))
        return jv_invalid ();
    const char *key = is_reading                          ? "read"
                      : strcmp (kind, "write-event") == 0 ? "event"
                                                          : "offerings";
    const char *path = settings_text (self->check->settings, section, key);
    mapping_t *program = *path ? mapping_new (path, &self->check->mapping, problem) : NULL;
    if (!*path)
        problem_set (problem, PROBLEM_SETUP, key, "name the program there",
                     "adapter.conf has none in [%s]", section);
    jv answers = program ? converse (self, program, problem) : jv_invalid ();
    mapping_destroy (&program);
    return answers;
}

// ---- all of them

static jv
sample_result (const sample_t *self, problem_t *problem)
{
    const char *kind = options_text (self->json, "kind", "");
    if (strcmp (kind, "offerings") == 0)
        return run_mapping (self, GIVES_OFFERINGS, problem);
    if (strcmp (kind, "events") == 0)
        return run_mapping (self, GIVES_EVENTS, problem);
    if (strcmp (kind, "write-event") == 0 || strcmp (kind, "write-offerings") == 0 ||
        strcmp (kind, "read") == 0)
        return run_dialogue (self, kind, problem);
    problem_set (problem, PROBLEM_SETUP, "kind", "correct sample.json",
                 "must be offerings, events, write-event, write-offerings or read");
    return jv_invalid ();
}

static bool
write_expected (const sample_t *self, jv got, problem_t *problem)
{
    char path[PATH_MAX];
    path_in (self, options_text (self->json, "expect", "expected.json"), path);
    FILE *file = fopen (path, "we");
    if (file) {
        jv_dumpf (jv_copy (got), file, JV_PRINT_INDENT_FLAGS (1) | JV_PRINT_SORTED);
        fputc ('\n', file);
    }
    if (file && fclose (file) == 0)
        return true;
    problem_set (problem, PROBLEM_SETUP, "expect", "look at the folder's owner",
                 "%s cannot be written: %s", path, strerror (errno));
    return false;
}

static bool
compare (const sample_t *self, jv got, problem_t *problem)
{
    jv wanted = json_load (self, options_text (self->json, "expect", "expected.json"), problem);
    bool good = jv_is_valid (wanted);
    if (good && check_differ (wanted, got, "", self->check->out) > 0) {
        good = false;
        problem_set (problem, PROBLEM_SETUP, "", "correct the program, or look at it and --accept",
                     "not as expected");
    }
    jv_free (wanted);
    return good;
}

static void
sample_run (const check_t *check, const char *name, check_report_t *report)
{
    problem_t problem = {.scope = PROBLEM_NONE};
    char line[1400];
    sample_t self = {.check = check};
    snprintf (self.folder, sizeof self.folder, "%.3000s/samples/%.900s", check->folder, name);
    self.json = json_load (&self, "sample.json", &problem);
    jv got = jv_is_valid (self.json) ? sample_result (&self, &problem) : jv_invalid ();
    bool good = jv_is_valid (got) && (check->accept ? write_expected (&self, got, &problem)
                                                    : compare (&self, got, &problem));
    if (good)
        fprintf (check->out, "%s: %s\n", name, check->accept ? "accepted" : "good");
    else
        fprintf (check->out, "%s: %s\n", name, problem_line (&problem, line, sizeof line));
    report->good += good && !check->accept;
    report->accepted += good && check->accept;
    report->bad += !good;
    jv_free (got);
    jv_free (self.json);
}

static int
is_shown (const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

bool
check_run (const check_t *self, check_report_t *report, problem_t *problem)
{
    char path[PATH_MAX];
    struct dirent **names = NULL;
    *report = (check_report_t){0};
    snprintf (path, sizeof path, "%.4000s/samples", self->folder);
    int n = scandir (path, &names, is_shown, alphasort);
    if (n <= 0)
        problem_set (problem, PROBLEM_SETUP, "", "add samples, as ADAPTERS.md says",
                     "%s holds no samples", path);
    for (int i = 0; i < n; i++) {
        sample_run (self, names[i]->d_name, report);
        free (names[i]);
    }
    free (names);
    return n > 0;
}
