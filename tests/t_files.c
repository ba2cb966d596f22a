/*
 * t_files - the files connector against folders of the test's own.
 */
#include "connector.h"
#include "connectors/place.h"
#include "format_setup.h"
#include "log.h"
#include "scratch.h"
#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

enum { DEADLINE_MS = 5000 };

// ---- a connector over root/

static setting_t table[64];
static char conf[2000];

static size_t
append (const setting_t *rows, size_t n)
{
    for (; rows->name; rows++)
        table[n++] = *rows;
    table[n] = *rows;
    return n;
}

static settings_t *
settings_of (const char *more)
{
    char wrong[SETTINGS_PROBLEM_BYTES] = "";
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
    settings_t *settings = settings_read (scratch_path ("adapter.conf"), table, wrong);
    if (!settings) {
        printf ("Bail out! %s\n", wrong);
        exit (1);
    }
    return settings;
}

typedef struct {
    settings_t *settings;
    connector_t *connector;
    delivery_t delivery;
    jv response;
    problem_t problem;
} bench_t;

static bench_t
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

static void
bench_end (bench_t *self)
{
    jv_free (self->response);
    self->connector->destroy (&self->connector);
    settings_destroy (&self->settings);
    scratch_end ();
}

static int64_t
now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Waits for the connector's descriptor, as the desk does.  False: nothing within the limit.
static bool
next_within (bench_t *self, int limit_ms)
{
    int64_t until_ms = now_ms () + limit_ms;
    while (now_ms () < until_ms) {
        if (self->connector->next (self->connector, "lines", &self->delivery, &self->problem))
            return true;
        struct pollfd fd = {.fd = self->connector->fd (self->connector), .events = POLLIN};
        poll (&fd, 1, (int) (until_ms - now_ms ()));
    }
    return false;
}

static bool
next (bench_t *self)
{
    return next_within (self, DEADLINE_MS);
}

static void
settle (bench_t *self, const char *reason)
{
    jv_free (self->delivery.records);
    self->connector->settle (self->connector, &self->delivery, reason);
}

static connector_result_t
perform_with (bench_t *self, const char *request, const attachment_t *attachments, size_t n)
{
    jv value = jv_parse (request);
    jv_free (self->response);
    connector_result_t result = self->connector->perform (self->connector, value, attachments, n,
                                                          &self->response, &self->problem);
    jv_free (value);
    return result;
}

static connector_result_t
perform (bench_t *self, const char *request)
{
    return perform_with (self, request, NULL, 0);
}

// The response as text, good until the next call.
static const char *
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

static const char *
records_text (const bench_t *self)
{
    static char text[2000];
    jv dump = jv_dump_string (jv_copy (self->delivery.records), JV_PRINT_SORTED);
    snprintf (text, sizeof text, "%s", jv_string_value (dump));
    jv_free (dump);
    return text;
}

// ---- reading

static void
a_file_is_read_and_moved (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("root/out/a.csv", "x;y\n1;2\n");
    ok (next (&bench), "a file is found");
    is_text (bench.delivery.name, "a.csv", "  with its name");
    is_text (records_text (&bench), "[{\"line\":2,\"record\":{\"x\":\"1\",\"y\":\"2\"}}]",
             "  with its records");
    ok (bench.delivery.complete, "  and it was read to its end");
    ok (scratch_has ("root/out/a.csv"), "it stays until its acts are stored");
    settle (&bench, NULL);
    ok (!scratch_has ("root/out/a.csv") && scratch_has ("root/out/done/a.csv"),
        "then it is moved to done");
    bench_end (&bench);
}

static void
one_that_is_not_settled_comes_again (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("root/out/a.csv", "x\n1\n");
    ok (next (&bench), "a file is found");
    jv_free (bench.delivery.records);
    bench.connector->destroy (&bench.connector);
    bench.connector = connector_files_new (bench.settings, &bench.problem);
    ok (next (&bench), "and found again by a connector that was begun anew");
    settle (&bench, NULL);
    ok (!next_within (&bench, 200), "but not after it was settled");
    bench_end (&bench);
}

static void
names_in_done_are_unique (void)
{
    bench_t bench = bench_begin ();
    for (int i = 0; i < 3; i++) {
        scratch_write ("root/out/list.csv", "x\n1\n");
        ok (next (&bench), "a list is found each time it is written");
        settle (&bench, NULL);
    }
    is_int (scratch_count ("root/out/done"), 3, "three lists of one name are kept in done");
    bench_end (&bench);
}

static void
a_refused_file_has_its_reason_beside_it (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("root/out/a.csv", "x\n1\n");
    ok (next (&bench), "a file is found");
    settle (&bench, "a.csv:2: x: not a date\n");
    ok (scratch_has ("root/out/refused/a.csv"), "it is in refused");
    is_text (scratch_read ("root/out/refused/a.csv.reason.txt"), "a.csv:2: x: not a date\n",
             "  with the reason beside it");
    bench_end (&bench);
}

static void
files_come_in_the_order_of_names (void)
{
    bench_t bench = bench_begin ();
    static const char *const names[] = {"3.csv", "1.csv", "2.csv"};
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf (path, sizeof path, "root/out/%s", names[i]);
        scratch_write (path, "x\n1\n");
    }
    for (int i = 1; i <= 3; i++) {
        char want[16];
        snprintf (want, sizeof want, "%d.csv", i);
        ok (next (&bench), "the next file");
        is_text (bench.delivery.name, want, "  is the next by name");
        settle (&bench, NULL);
    }
    bench_end (&bench);
}

static void
a_file_that_grows_is_waited_for (void)
{
    bench_t bench = bench_begin ();
    int fd = open (scratch_path ("root/out/a.csv"), O_CREAT | O_WRONLY, 0644);
    scratch_write ("root/out/b.csv", "x\n2\n");
    ok (write (fd, "x\n", 2) == 2, "half a file is written");
    ok (!next_within (&bench, 250),
        "while a writer has it open, neither it nor what follows it is taken");
    ok (write (fd, "1\n", 2) == 2 && close (fd) == 0, "the other half is written");
    ok (next (&bench), "then it is taken");
    is_text (records_text (&bench), "[{\"line\":2,\"record\":{\"x\":\"1\"}}]", "  whole");
    settle (&bench, NULL);
    bench_end (&bench);
}

static void
one_that_is_never_whole_does_not_block_for_ever (void)
{
    bench_t bench = bench_begin ();
    int fd = open (scratch_path ("root/out/a.csv"), O_CREAT | O_WRONLY, 0644);
    scratch_write ("root/out/b.csv", "x\n2\n");
    ok (next (&bench), "after a while the file behind it is taken");
    is_text (bench.delivery.name, "b.csv", "  the one behind it");
    settle (&bench, NULL);
    close (fd);
    bench_end (&bench);
}

static void
temporary_names_links_and_pipes_are_left_alone (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("secret.csv", "x\n1\n");
    scratch_write ("root/out/a.csv.tmp", "x\n1\n");
    scratch_write ("root/out/.a.csv", "x\n1\n");
    scratch_write ("root/out/~a.csv", "x\n1\n");
    scratch_write ("root/out/a.txt", "x\n1\n");
    ok (symlink (scratch_path ("secret.csv"), scratch_path ("root/out/link.csv")) == 0,
        "there is a link");
    ok (mkfifo (scratch_path ("root/out/pipe.csv"), 0644) == 0, "and a pipe");
    scratch_folder ("root/out/folder.csv");
    ok (!next_within (&bench, 300), "nothing of it is taken");
    bench_end (&bench);
}

static void
a_newer_list_of_the_same_name_is_not_lost (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("root/out/a.csv", "x\n1\n");
    ok (next (&bench), "a list is found");
    scratch_write ("root/out/new", "x\n1\n2\n");
    ok (rename (scratch_path ("root/out/new"), scratch_path ("root/out/a.csv")) == 0,
        "the system writes it anew");
    settle (&bench, NULL);
    ok (scratch_has ("root/out/a.csv"), "the new one stays where it is");
    ok (next (&bench), "and is read in its turn");
    is_int (jv_array_length (jv_copy (bench.delivery.records)), 2, "  with its two records");
    settle (&bench, NULL);
    bench_end (&bench);
}

static void
too_large_and_broken_files_come_as_problems (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("root/out/a.csv", "x;y\n1;\"2\n");
    ok (next (&bench), "a file with an open quote is handed over");
    ok (!bench.delivery.complete && strstr (records_text (&bench), "\"problem\""),
        "  as a problem, not complete");
    settle (&bench, "broken");
    ok (truncate (scratch_path ("root/out/refused/a.csv"), 17 * 1024 * 1024) == 0 &&
            rename (scratch_path ("root/out/refused/a.csv"), scratch_path ("root/out/b.csv")) == 0,
        "there is a file above the limit");
    ok (next (&bench), "it is handed over");
    ok (!bench.delivery.complete && strstr (records_text (&bench), "larger than"),
        "  as a problem, unread");
    settle (&bench, "too large");
    ok (scratch_has ("root/out/refused/b.csv"), "  and can be refused");
    bench_end (&bench);
}

static void
a_missing_folder_is_said_and_found_later (void)
{
    bench_t bench = bench_begin ();
    ok (rmdir (scratch_path ("root/out")) == 0, "the folder goes away");
    ok (!bench.connector->next (bench.connector, "lines", &bench.delivery, &bench.problem),
        "nothing is found");
    ok (bench.problem.scope == PROBLEM_FILE && strstr (bench.problem.what, "cannot be opened"),
        "  and it says why");
    scratch_folder ("root/out");
    scratch_write ("root/out/a.csv", "x\n1\n");
    ok (next (&bench), "when it is back it is read again");
    settle (&bench, NULL);
    bench_end (&bench);
}

// ---- writing

static const char write_line[] =
    "{\"write\":\"in/k1.csv\",\"format\":\"json\",\"records\":[{\"a\":\"1\"}]%s}";
static const char receipt_of[] =
    ",\"receipt\":{\"done\":\"in/k1.csv.kvit\",\"refused\":\"in/k1.csv.txt\",\"format\":\"list\"}";

static const char *
writing (const char *more)
{
    static char text[1000];
    snprintf (text, sizeof text, write_line, more);
    return text;
}

static void
a_file_is_written_whole (void)
{
    bench_t bench = bench_begin ();
    is_int (perform (&bench, writing ("")), CONNECTOR_OK, "a file is written");
    is_text (response_text (&bench), "{}", "  no receipt was asked for");
    ok (strstr (scratch_read ("root/in/k1.csv"), "1") != NULL, "  it holds the record");
    is_int (scratch_count ("root/in"), 1, "  and nothing else is left there");
    bench_end (&bench);
}

static void
a_receipt_is_waited_for_and_the_file_not_written_again (void)
{
    bench_t bench = bench_begin ();
    struct stat before, after;
    is_int (perform (&bench, writing (receipt_of)), CONNECTOR_LATER,
            "without a receipt it is put off");
    ok (strstr (bench.problem.what, "no receipt yet") != NULL, "  and says so");
    ok (stat (scratch_path ("root/in/k1.csv"), &before) == 0, "  the file lies there");
    is_int (perform (&bench, writing (receipt_of)), CONNECTOR_LATER, "again");
    ok (stat (scratch_path ("root/in/k1.csv"), &after) == 0 && before.st_ino == after.st_ino,
        "  it is not written again");
    scratch_write ("root/in/k1.csv.kvit", "key;result\nk1;read\n");
    ok (unlink (scratch_path ("root/in/k1.csv")) == 0, "the system takes it and leaves a receipt");
    is_int (perform (&bench, writing (receipt_of)), CONNECTOR_OK, "then it is done");
    is_text (response_text (&bench),
             "{\"receipt\":[{\"key\":\"k1\",\"result\":\"read\"}],\"refused\":false}",
             "  with the receipt");
    ok (!scratch_has ("root/in/k1.csv"), "  and not written again");
    bench_end (&bench);
}

static void
a_refusal_is_told (void)
{
    bench_t bench = bench_begin ();
    scratch_write ("root/in/k1.csv.txt", "line 2: no such case\n");
    is_int (perform (&bench, writing (receipt_of)), CONNECTOR_OK, "a refusal is an answer");
    is_text (response_text (&bench), "{\"refused\":true,\"text\":\"line 2: no such case\\n\"}",
             "  with its text");
    bench_end (&bench);
}

// The office: takes the file as soon as it is there.
static void *
take_it (void *arg)
{
    (void) arg;
    int64_t until_ms = now_ms () + DEADLINE_MS;
    while (!scratch_has ("root/in/k1.csv") && now_ms () < until_ms)
        poll (NULL, 0, 5);
    scratch_write ("root/in/k1.tmp", "key\nk1\n");
    (void) !rename (scratch_path ("root/in/k1.tmp"), scratch_path ("root/in/k1.csv.kvit"));
    (void) !unlink (scratch_path ("root/in/k1.csv"));
    return NULL;
}

static void
a_receipt_that_comes_while_we_wait_is_taken (void)
{
    bench_t bench = bench_begin ();
    pthread_t office;
    scratch_check (pthread_create (&office, NULL, take_it, NULL) == 0, "thread");
    is_int (perform (&bench, writing (receipt_of)), CONNECTOR_OK,
            "a receipt comes while it is waited for");
    pthread_join (office, NULL);
    bench_end (&bench);
}

static void
attachments_are_there_before_the_file (void)
{
    bench_t bench = bench_begin ();
    attachment_t plan = {"plan.pdf", "application/pdf", (const uint8_t *) "%PDF", 4};
    static const char with[] =
        ",\"attachments\":[{\"attachment\":0,\"file\":\"in/bilag/k1-plan.pdf\"}]";
    is_int (perform_with (&bench, writing (with), &plan, 1), CONNECTOR_OK,
            "a file with an attachment is written");
    is_text (scratch_read ("root/in/bilag/k1-plan.pdf"), "%PDF", "  the attachment too");
    is_int (perform_with (&bench, "{\"digest\":0}", &plan, 1), CONNECTOR_OK,
            "its digest can be asked for");
    ok (strstr (response_text (&bench), "\"bytes\":\"4\"") != NULL, "  with its size");
    is_int (perform_with (&bench, "{\"digest\":1}", &plan, 1), CONNECTOR_BAD,
            "there is no second one");
    bench_end (&bench);
}

static void
a_full_disk_leaves_nothing_behind (void)
{
    bench_t bench = bench_begin ();
    static uint8_t bytes[100000];
    attachment_t plan = {"plan.pdf", "application/pdf", bytes, 100};
    static const char with[] = ",\"attachments\":[{\"attachment\":0,\"file\":\"in/"
                               "plan.pdf\"},{\"attachment\":1,\"file\":\"in/big.pdf\"}]";
    attachment_t both[] = {plan, {"big.pdf", "application/pdf", bytes, sizeof bytes}};
    struct rlimit before, small = {4096, RLIM_INFINITY};
    signal (SIGXFSZ, SIG_IGN);
    getrlimit (RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit (RLIMIT_FSIZE, &small);
    connector_result_t result = perform_with (&bench, writing (with), both, 2);
    setrlimit (RLIMIT_FSIZE, &before);
    is_int (result, CONNECTOR_LATER, "without room it is put off");
    ok (strstr (bench.problem.what, "no room on the disk") != NULL, "  and says so");
    is_text (bench.problem.source, "in/big.pdf", "  naming the file");
    is_int (scratch_count ("root/in"), 0, "  and nothing half-written stays");
    is_int (perform_with (&bench, writing (with), both, 2), CONNECTOR_OK,
            "with room it is written");
    bench_end (&bench);
}

static void
a_missing_folder_is_not_made_for_the_file (void)
{
    bench_t bench = bench_begin ();
    ok (rmdir (scratch_path ("root/in")) == 0, "the drive is away");
    is_int (perform (&bench, writing ("")), CONNECTOR_LATER, "it is put off");
    ok (!scratch_has ("root/in"), "  and no folder is made where the drive should be");
    bench_end (&bench);
}

// ---- what is no request

static void
paths_stay_beneath_the_root (void)
{
    static const struct {
        const char *path;
        bool good;
    } paths[] = {
        {"in/a.csv", true},     {"a", true},        {"in/..a", true}, {"", false},
        {"/etc/passwd", false}, {"..", false},      {"../a", false},  {"in/../../a", false},
        {"in//a", false},       {"in/", false},     {".", false},     {"in/./a", false},
        {"in\\a", false},       {"in/a\nb", false}, {"\x7f", false},
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        ok (place_is_path (paths[i].path) == paths[i].good,
            paths[i].good ? "a path" : "not a path");
}

static void
bad_requests_are_refused_and_nothing_is_done (void)
{
    static const char *const requests[] = {
        "{\"write\":\"../k.csv\",\"format\":\"list\",\"records\":[]}",
        "{\"write\":\"/tmp/k.csv\",\"format\":\"list\",\"records\":[]}",
        "{\"write\":\"in/a\\u0000.csv\",\"format\":\"list\",\"records\":[]}",
        "{\"write\":7,\"format\":\"list\",\"records\":[]}",
        "{\"write\":\"in/k.csv\",\"records\":[]}",
        "{\"write\":\"in/k.csv\",\"format\":\"none\",\"records\":[]}",
        "{\"write\":\"in/k.csv\",\"format\":\"list\",\"records\":7}",
        "{\"write\":\"in/k.csv\",\"format\":\"list\",\"records\":[],\"receipt\":{}}",
        ("{\"write\":\"in/k.csv\",\"format\":\"list\",\"records\":[],\"receipt\":{\"done\":\"../"
         "x\",\"format\":\"list\"}}"),
        ("{\"write\":\"in/"
         "k.csv\",\"format\":\"list\",\"records\":[],\"attachments\":[{\"attachment\":0,\"file\":"
         "\"in/a\"}]}"),
        "{\"write\":\"in/k.csv\",\"format\":\"list\",\"records\":[],\"other\":1}",
        "{\"read\":\"../secret.csv\",\"format\":\"list\"}",
        "{\"read\":\"out/a.csv\"}",
        "{\"digest\":\"0\"}",
        "{}",
        "[]",
        "null",
    };
    bench_t bench = bench_begin ();
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        is_int (perform (&bench, requests[i]), CONNECTOR_BAD, requests[i]);
    is_int (scratch_count ("root/in"), 0, "nothing was written");
    bench_end (&bench);
}

static void
a_text_that_the_format_cannot_hold_is_refused (void)
{
    bench_t bench = bench_begin ();
    is_int (
        perform (&bench,
                 "{\"write\":\"in/k.csv\",\"format\":\"narrow\",\"records\":[{\"a\":\"\u0416\"}]}"),
        CONNECTOR_REFUSED, "a letter that the encoding lacks is refused for good");
    is_text (bench.problem.field, "a", "  naming the field");
    is_int (scratch_count ("root/in"), 0, "  and nothing is written");
    bench_end (&bench);
}

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
    a_file_is_read_and_moved ();
    one_that_is_not_settled_comes_again ();
    names_in_done_are_unique ();
    a_refused_file_has_its_reason_beside_it ();
    files_come_in_the_order_of_names ();
    a_file_that_grows_is_waited_for ();
    one_that_is_never_whole_does_not_block_for_ever ();
    temporary_names_links_and_pipes_are_left_alone ();
    a_newer_list_of_the_same_name_is_not_lost ();
    too_large_and_broken_files_come_as_problems ();
    a_missing_folder_is_said_and_found_later ();
    a_file_is_written_whole ();
    a_receipt_is_waited_for_and_the_file_not_written_again ();
    a_refusal_is_told ();
    a_receipt_that_comes_while_we_wait_is_taken ();
    attachments_are_there_before_the_file ();
    a_full_disk_leaves_nothing_behind ();
    a_missing_folder_is_not_made_for_the_file ();
    paths_stay_beneath_the_root ();
    bad_requests_are_refused_and_nothing_is_done ();
    a_text_that_the_format_cannot_hold_is_refused ();
    a_file_is_read_on_request ();
    a_case_without_consent_is_forgotten ();
    a_wrong_setting_is_named ();
    return tap_end ();
}
