/*
 * t_files_write - a file for the system is written whole or not at all; its receipt is waited for.
 */
#include "connectors/place.h"
#include "files_bench.h"
#include "log.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

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

int
main (void)
{
    log_set_level (LOG_LEVEL_ERROR);
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
    return tap_end ();
}
