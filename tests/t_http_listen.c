/*
 * t_http_listen - webhooks are hints, and no more of them than fit are kept.
 */
#include "http_bench.h"
#include "log.h"

#include <curl/curl.h>
#include <poll.h>
#include <sodium.h>

static const char hooks[] =
    "webhook_listen = 127.0.0.1:0\nwebhook_secret = shared\nwebhook_file = hook.url\n"
    "webhook_signature = X-CRM-Signature";

// Sends a webhook signed with `secret`; its status.
static long
send_hook (const char *url, const char *body, size_t size, const char *secret)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char hex[2 * sizeof mac + 1], line[200];
    long status = 0;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init (&state, (const unsigned char *) secret, strlen (secret));
    crypto_auth_hmacsha256_update (&state, (const unsigned char *) body, size);
    crypto_auth_hmacsha256_final (&state, mac);
    snprintf (line, sizeof line, "X-CRM-Signature: sha256=%s",
              sodium_bin2hex (hex, sizeof hex, mac, sizeof mac));
    CURL *curl = curl_easy_init ();
    struct curl_slist *fields = curl_slist_append (curl_slist_append (NULL, line), "Expect:");
    curl_easy_setopt (curl, CURLOPT_URL, url);
    curl_easy_setopt (curl, CURLOPT_PROXY, "");
    curl_easy_setopt (curl, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt (curl, CURLOPT_POSTFIELDSIZE, (long) size);
    curl_easy_setopt (curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt (curl, CURLOPT_WRITEDATA, stderr);
    curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS, 5000L);
    if (curl_easy_perform (curl) == CURLE_OK)
        curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all (fields);
    curl_easy_cleanup (curl);
    return status;
}

static bool
is_readable (bench_t *self, int limit_ms)
{
    struct pollfd fd = {.fd = self->connector->fd (self->connector), .events = POLLIN};
    return poll (&fd, 1, limit_ms) == 1;
}

static void
webhooks_are_hints (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "{}"}};
    static char large[70000];
    char url[200];
    memset (large, 'x', sizeof large);
    bench_t bench = bench_begin (steps, 1, 0, hooks);
    snprintf (url, sizeof url, "%s", scratch_read ("hook.url"));
    url[strcspn (url, "\n")] = '\0';
    ok (strncmp (url, "http://127.0.0.1:", 17) == 0 && !strstr (url, ":0/"),
        "the address is written to a file");
    ok (!is_readable (&bench, 0), "nothing has come");
    is_int (send_hook (url, "{\"case_id\":7}", 13, "shared"), 204, "a webhook is taken");
    is_int (send_hook (url, "{\"case_id\":7}", 13, "shared"), 204, "  twice as well");
    ok (is_readable (&bench, 5000), "the descriptor tells");
    is_int (send_hook (url, "{\"case_id\":8}", 13, "other"), 401, "a wrong signature is not taken");
    is_int (send_hook (url, large, sizeof large, "shared"), 413, "nor too large a body");
    is_int (send_hook (url, "no JSON", 7, "shared"), 204, "what is not JSON is taken and left out");
    jv hints = bench.connector->hints (bench.connector);
    jv dump = jv_dump_string (hints, 0);
    is_text (jv_string_value (dump), "[{\"case_id\":7},{\"case_id\":7}]", "the hints");
    jv_free (dump);
    ok (!is_readable (&bench, 0), "then nothing is left");
    bench_end (&bench);
}

static void
too_many_webhooks_are_dropped (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "{}"}};
    char url[200];
    long worst = 204;
    bench_t bench = bench_begin (steps, 1, 0, hooks);
    snprintf (url, sizeof url, "%s", scratch_read ("hook.url"));
    url[strcspn (url, "\n")] = '\0';
    for (int i = 0; i < 1010; i++) {
        long status = send_hook (url, "{}", 2, "shared");
        worst = status != 204 ? status : worst;
    }
    is_int (worst, 204, "1010 webhooks are taken");
    is_int (jv_array_length (bench.connector->hints (bench.connector)), 1000, "  and 1000 kept");
    bench_end (&bench);
}

static void
the_address_and_secret_can_be_registered (void)
{
    static const http_step_t steps[] = {{.status = 200, .body = "{}"}};
    bench_t bench = bench_begin (steps, 1, 0, "");
    is_int (perform (&bench, "{\"webhook\":true}"), CONNECTOR_OK, "without webhooks");
    is_text (member (&bench, "url"), "null", "  there is no address");
    bench_end (&bench);
    bench = bench_begin (steps, 1, 0, hooks);
    is_int (perform (&bench, "{\"webhook\":true}"), CONNECTOR_OK, "with webhooks");
    ok (strncmp (member (&bench, "url"), "\"http://127.0.0.1:", 18) == 0, "  there is one");
    is_text (member (&bench, "secret"), "\"$webhook_secret\"", "  and a word for the secret");
    is_int (
        perform (
            &bench,
            "{\"method\":\"PUT\",\"path\":\"/webhook\",\"json\":{\"secret\":\"$webhook_secret\"}}"),
        CONNECTOR_OK, "it is registered");
    ok (strstr (http_server_last (bench_server), "{\"secret\":\"shared\"}") != NULL,
        "  with the true secret");
    bench_end (&bench);
}

int
main (void)
{
    log_set_level (LOG_LEVEL_ERROR);
    webhooks_are_hints ();
    too_many_webhooks_are_dropped ();
    the_address_and_secret_can_be_registered ();
    return tap_end ();
}
