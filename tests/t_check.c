/*
 * t_check - samples that are right, and samples that are not.
 */
#include "check.h"
#include "desk_setup.h"
#include "scratch.h"
#include "tap.h"

static void
make_folder (void)
{
    static const char *const folders[] = {"samples", "samples/list", "samples/talk"};
    for (size_t i = 0; i < 3; i++)
        scratch_folder (folders[i]);
    scratch_write ("adapter.conf",
                   "partner = p\nstate = var\nconnector = files\n[source s]\ngives = "
                   "offerings\nmapping = map.jq\nformat = csv\n[write]\nevent = out.jq\n");
    scratch_write (
        "map.jq",
        "{key: .k, kind: \"advice\", status: \"active\", title: [{language: \"da\", text: .t}], "
        "provider: {name: \"P\", identifier_unknown: true, country: \"DK\"}}\n");
    scratch_write (
        "out.jq",
        "if .step == 0 then {request: {get: .task.id}} else {case: .response.case} end\n");
    scratch_write ("samples/list/in.csv", "k;t\n1;Et\n;To\n");
    scratch_write ("samples/list/sample.json",
                   "{\"kind\": \"offerings\", \"source\": \"s\", \"input\": [\"in.csv\"]}");
    scratch_write ("samples/talk/sample.json", "{\"kind\": \"write-event\", \"task\": {\"id\": "
                                               "\"x/1\"}, \"responses\": [{\"case\": \"C1\"}]}");
    scratch_write ("samples/talk/expected.json",
                   "[{\"request\": {\"get\": \"x/1\"}}, {\"case\": \"C1\"}]");
}

static check_report_t
run (bool accept, char **said)
{
    static size_t size;
    char trouble[SETTINGS_PROBLEM_BYTES];
    problem_t problem;
    check_report_t report = {0};
    settings_t *settings = settings_read (scratch_path ("adapter.conf"), desk_settings (), trouble);
    scratch_check (settings != NULL, trouble);
    FILE *out = open_memstream (said, &size);
    const check_t check = {
        .settings = settings, .folder = scratch_root, .accept = accept, .out = out};
    ok (check_run (&check, &report, &problem), "there are samples");
    fclose (out);
    settings_destroy (&settings);
    return report;
}

static void
samples_are_compared (void)
{
    char *said = NULL;
    check_report_t report = run (false, &said);
    is_int (report.good, 1, "a dialogue as expected is good");
    is_int (report.bad, 1, "a sample without what is expected is not");
    free (said);
    report = run (true, &said);
    is_int (report.accepted, 2, "accepting writes what came out");
    free (said);
    report = run (false, &said);
    is_int (report.good, 2, "which is then expected");
    free (said);
    scratch_write ("samples/list/in.csv", "k;t\n1;Tre\n;To\n");
    report = run (false, &said);
    is_int (report.bad, 1, "another text is a difference");
    ok (strstr (said, ".records[0].title[0].text") && strstr (said, "\"Et\"") &&
            strstr (said, "\"Tre\""),
        "which is shown with its place");
    free (said);
    scratch_write ("samples/talk/sample.json",
                   "{\"kind\": \"write-event\", \"task\": {\"id\": \"x/1\"}, \"responses\": "
                   "[{\"case\": \"C1\"}, {}]}");
    report = run (false, &said);
    ok (report.bad == 2 && strstr (said, "asked for 1 of the 2 responses"),
        "a response that nobody asked for is one, too");
    free (said);
}

static void
differences_are_found_both_ways (void)
{
    static const struct {
        const char *wanted, *got;
        size_t n;
    } table[] = {{"{\"a\":1}", "{\"a\":1}", 0},
                 {"{\"a\":1}", "{}", 1},
                 {"{}", "{\"a\":1}", 1},
                 {"[1,2]", "[1]", 1},
                 {"[1]", "[1,2]", 1},
                 {"{\"a\":[{\"b\":1}]}", "{\"a\":[{\"b\":2}]}", 1},
                 {"[]", "{}", 1}};
    FILE *nowhere = fopen ("/dev/null", "w");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        jv wanted = jv_parse (table[i].wanted), got = jv_parse (table[i].got);
        is_int (check_differ (wanted, got, "", nowhere), table[i].n, table[i].wanted);
        jv_free (wanted);
        jv_free (got);
    }
    fclose (nowhere);
}

int
main (void)
{
    scratch_begin ();
    make_folder ();
    samples_are_compared ();
    differences_are_found_both_ways ();
    return tap_end ();
}
