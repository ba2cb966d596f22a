/*
 * t_vectors - vectors.txt is what this code makes, and is what it says.
 *
 * With --print the file goes to standard output; `make vectors` writes it anew.
 */
#include "codec.h"
#include "fault.h"
#include "tap.h"
#include "vectors.h"

#include <sodium.h>
#include <stdlib.h>

#define FILE_NAME KASK_SRCDIR "/proto/vectors.txt"

enum { LINE_BYTES = 8192 };

static char *
made (void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream (&text, &size);
    if (!out)
        abort ();
    vectors_print (out);
    fclose (out);
    return text;
}

static void
the_file_is_what_is_made (void)
{
    char *text = made (), *left = text, line[LINE_BYTES];
    FILE *file = fopen (FILE_NAME, "re");
    if (!ok (file != NULL, FILE_NAME " can be read")) {
        free (text);
        return;
    }
    bool same = true;
    while (same && fgets (line, sizeof line, file)) {
        same = strncmp (left, line, strlen (line)) == 0;
        if (same)
            left += strlen (line);
        else
            printf ("# the file has: %s", line);
    }
    fclose (file);
    ok (same && !*left, "vectors.txt is as made anew, line by line (else make vectors)");
    free (text);
}

// The vector's bytes and their number; false if the text does not hold it.
static bool
find_bytes (const char *text, const char *name, uint8_t *bytes, size_t most, size_t *size_p)
{
    char start[80];
    snprintf (start, sizeof start, "\n%s ", name);
    const char *at = strstr (text, start);
    if (!at)
        return false;
    at += strlen (start);
    return sodium_hex2bin (bytes, most, at, strcspn (at, "\n"), NULL, size_p, NULL) == 0;
}

static void
the_sealed_body_opens (void)
{
    uint8_t sealed[LINE_BYTES], want[LINE_BYTES], got[LINE_BYTES], secret[32], key[32];
    size_t sealed_bytes, want_bytes, size;
    char *text = made ();
    bool found = find_bytes (text, "sealed", sealed, sizeof sealed, &sealed_bytes) &&
                 find_bytes (text, "signed", want, sizeof want, &want_bytes) &&
                 find_bytes (text, "recipient_sealing_secret", secret, sizeof secret, &size) &&
                 find_bytes (text, "recipient_sealing_key", key, sizeof key, &size);
    free (text);
    if (!ok (found, "the vectors are there"))
        return;
    ok (crypto_box_seal_open (got, sealed, sealed_bytes, key, secret) == 0,
        "libsodium's own crypto_box_seal_open opens the sealed body");
    ok (sealed_bytes == want_bytes + crypto_box_SEALBYTES && memcmp (got, want, want_bytes) == 0,
        "and it holds the Signed");
}

static fault_t
unpack (const char *frame, const uint8_t *data, size_t size)
{
    Kask__Command *command = NULL;
    Kask__Header *header = NULL;
    fault_t fault = strcmp (frame, "command") == 0 ? command_unpack (data, size, &command)
                                                   : header_unpack (data, size, &header);
    if (command)
        kask__command__free_unpacked (command, NULL);
    if (header)
        kask__header__free_unpacked (header, NULL);
    return fault;
}

static void
what_is_refused_gets_its_fault (void)
{
    char *text = made (), frame[16], fault[32], hex[LINE_BYTES];
    uint8_t data[LINE_BYTES];
    size_t size, count = 0;
    for (char *at = text; (at = strstr (at, "\nrefused_")); at++) {
        if (sscanf (at, "\nrefused_%15s %31s %8191s", frame, fault, hex) != 3)
            continue;
        size = 0;
        if (*hex != '-' && sodium_hex2bin (data, sizeof data, hex, strlen (hex), NULL, &size, NULL))
            continue;
        is_text (fault_name (unpack (frame, data, size)), fault, hex);
        count++;
    }
    free (text);
    is_int (count, 11, "all that are refused were tried");
}

static void
what_is_sent_can_be_unpacked (void)
{
    uint8_t data[LINE_BYTES];
    size_t size;
    char *text = made ();
    ok (find_bytes (text, "header", data, sizeof data, &size) &&
            unpack ("header", data, size) == FAULT_OK,
        "the referral's header is a good one");
    ok (find_bytes (text, "offering_header", data, sizeof data, &size) &&
            unpack ("header", data, size) == FAULT_OK,
        "the offering's header is a good one");
    free (text);
}

int
main (int argc, char **argv)
{
    if (sodium_init () < 0)
        return 1;
    if (argc == 2 && strcmp (argv[1], "--print") == 0) {
        vectors_print (stdout);
        return 0;
    }
    the_file_is_what_is_made ();
    the_sealed_body_opens ();
    what_is_refused_gets_its_fault ();
    what_is_sent_can_be_unpacked ();
    return tap_end ();
}
