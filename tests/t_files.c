/*
 * t_files - the files connector: files read on request, cases forgotten, settings.
 */
#include "files_bench.h"
#include "log.h"

static connector_result_t
fetch (bench_t *self, const char *request, size_t most, size_t *size_p)
{
    uint8_t *bytes = NULL;
    jv value = jv_parse (request);
    connector_result_t result =
        self->connector->fetch (self->connector, value, most, &bytes, size_p, &self->problem);
    jv_free (value);
    free (bytes);
    return result;
}

static void
a_file_is_read_on_request (void)
{
    bench_t bench = bench_begin ();
    size_t size = 0;
    scratch_write ("secret.csv", "x\n1\n");
    scratch_write ("root/in/a.csv", "x\n1\n");
    (void) !symlink (scratch_path ("secret.csv"), scratch_path ("root/in/link.csv"));
    (void) !symlink (scratch_root, scratch_path ("root/up"));
    is_int (perform (&bench, "{\"read\":\"in/a.csv\",\"format\":\"list\"}"), CONNECTOR_OK,
            "a file is read");
    is_text (response_text (&bench), "{\"problems\":[],\"records\":[{\"x\":\"1\"}]}",
             "  its records");
    is_int (perform (&bench, "{\"read\":\"in/b.csv\",\"format\":\"list\"}"), CONNECTOR_OK,
            "one that is not there");
    is_text (response_text (&bench), "{\"records\":null}", "  is said to be so");
    is_int (fetch (&bench, "{\"read\":\"in/a.csv\"}", 100, &size), CONNECTOR_OK,
            "its bytes are fetched");
    is_int (size, 4, "  all of them");
    is_int (fetch (&bench, "{\"read\":\"in/a.csv\"}", 3, &size), CONNECTOR_REFUSED,
            "too many bytes are refused");
    is_int (fetch (&bench, "{\"read\":\"in/none\"}", 3, &size), CONNECTOR_REFUSED,
            "one that is not there too");
    is_int (fetch (&bench, "{\"read\":\"in/link.csv\"}", 100, &size), CONNECTOR_REFUSED,
            "a link is not followed");
    ok (fetch (&bench, "{\"read\":\"up/secret.csv\"}", 100, &size) != CONNECTOR_OK,
        "nor one on the way");
    is_int (fetch (&bench, "{\"read\":\"no/a\"}", 100, &size), CONNECTOR_LATER,
            "a folder that is away is waited for");
    bench_end (&bench);
}

static void
a_case_without_consent_is_forgotten (void)
{
    static const char *const gone[] = {"done/a.csv", "refused/b.csv", "refused/b.csv.reason.txt",
                                       "bilag/L000123-plan.pdf", "bilag/L000124-m\u00e5l.pdf"};
    static const char *const stay[] = {"done/c.csv", "c.csv", "bilag/L000125-plan.pdf"};
    char path[100];
    bench_t bench = bench_begin ();
    for (const char *const *folder = (const char *const[]){"done", "refused", "bilag", NULL};
         *folder; folder++) {
        snprintf (path, sizeof path, "root/out/%s", *folder);
        scratch_folder (path);
    }
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        snprintf (path, sizeof path, "root/out/%s", gone[i]);
        scratch_write (path, i == 0 ? "k;VN-2026-017\nL000123-plan.pdf\nL000124-m\xe5l.pdf"
                                    : "\"VN-2026-017\"");
    }
    for (size_t i = 0; i < sizeof stay / sizeof stay[0]; i++) {
        snprintf (path, sizeof path, "root/out/%s", stay[i]);
        scratch_write (path, "VN-2026-0171;XVN-2026-017;L000125-plan.pdf");
    }
    for (int i = 0; i < 2; i++)
        ok (bench.connector->forget (bench.connector, "VN-2026-017", &bench.problem),
            "a case is forgotten, twice is harmless");
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        snprintf (path, sizeof path, "root/out/%s", gone[i]);
        ok (!scratch_has (path), "  it has gone");
    }
    for (size_t i = 0; i < sizeof stay / sizeof stay[0]; i++) {
        snprintf (path, sizeof path, "root/out/%s", stay[i]);
        ok (scratch_has (path), "  another case's stays");
    }
    bench_end (&bench);
}

static void
a_wrong_setting_is_named (void)
{
    static const struct {
        const char *text, *field;
    } wrong[] = {{"suffix = a/b", "suffix"}, {"done = ../x", "done"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        problem_t problem = {.scope = PROBLEM_NONE};
        scratch_begin ();
        settings_t *settings = settings_of (wrong[i].text);
        ok (connector_files_new (settings, &problem) == NULL, "a wrong setting is refused");
        is_text (problem.field, wrong[i].field, "  by name");
        settings_destroy (&settings);
        scratch_end ();
    }
}

int
main (void)
{
    log_set_level (LOG_LEVEL_ERROR);
    a_file_is_read_on_request ();
    a_case_without_consent_is_forgotten ();
    a_wrong_setting_is_named ();
    return tap_end ();
}
