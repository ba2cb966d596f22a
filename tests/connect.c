/*
 * connect - a connector driven line by line, for scenarios.
 *
 * connect files|http CONFIG.  Each line of standard input is a JSON object, each
 * gets one line on standard output:
 *   {"request": {…}, "attachments": [{"name", "media_type", "text"}]}
 *   {"fetch": {…}}   {"next": "source"}   {"settle": null or "reason"}   {"hints": true}
 *   {"wait": ms}     until the descriptor tells
 */
#include "connector.h"
#include "format_setup.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 8 * 1024 * 1024, ATTACHMENTS = 8 };

static setting_t table[64];
static delivery_t delivery;

static size_t
append (const setting_t *rows, size_t n)
{
    for (; rows->name; rows++)
        table[n++] = *rows;
    table[n] = *rows;
    return n;
}

static jv
get (jv object, const char *name)
{
    return jv_object_get (jv_copy (object), jv_string (name));
}

static jv
answer_of (connector_result_t result, jv response, const problem_t *problem)
{
    static const char *const names[] = {"OK", "LATER", "REFUSED", "BAD"};
    char line[1500] = "";
    jv answer = jv_object_set (jv_object (), jv_string ("result"), jv_string (names[result]));
    if (result != CONNECTOR_OK)
        problem_line (problem, line, sizeof line);
    answer = jv_object_set (answer, jv_string ("problem"), jv_string (line));
    return jv_object_set (answer, jv_string ("response"),
                          jv_is_valid (response) ? response : jv_null ());
}

// Texts are the line's.
static size_t
attachments_of (jv line, attachment_t *list)
{
    jv all = get (line, "attachments");
    size_t n = 0;
    if (jv_get_kind (all) == JV_KIND_ARRAY)
        for (; n < (size_t) jv_array_length (jv_copy (all)) && n < ATTACHMENTS; n++) {
            jv one = jv_array_get (jv_copy (all), (int) n);
            jv name = get (one, "name"), type = get (one, "media_type"), text = get (one, "text");
            list[n] = (attachment_t){jv_string_value (name), jv_string_value (type),
                                     (const uint8_t *) jv_string_value (text),
                                     (size_t) jv_string_length_bytes (jv_copy (text))};
            jv_free (name), jv_free (type), jv_free (text), jv_free (one);
        }
    jv_free (all);
    return n;
}

static jv
do_request (connector_t *connector, jv line)
{
    attachment_t attachments[ATTACHMENTS];
    problem_t problem = {.scope = PROBLEM_NONE};
    jv request = get (line, "request"), response = jv_null ();
    size_t n = attachments_of (line, attachments);
    connector_result_t result =
        connector->perform (connector, request, attachments, n, &response, &problem);
    jv_free (request);
    return answer_of (result, response, &problem);
}

static jv
do_fetch (connector_t *connector, jv line)
{
    problem_t problem = {.scope = PROBLEM_NONE};
    jv request = get (line, "fetch"), response = jv_null ();
    uint8_t *bytes = NULL;
    size_t size = 0;
    connector_result_t result =
        connector->fetch (connector, request, LINE_BYTES, &bytes, &size, &problem);
    if (result == CONNECTOR_OK)
        response = jv_string_sized ((const char *) bytes, (int) size);
    free (bytes);
    jv_free (request);
    return answer_of (result, response, &problem);
}

static jv
do_next (connector_t *connector, jv line)
{
    problem_t problem = {.scope = PROBLEM_NONE};
    jv source = get (line, "next");
    bool found = connector->next (connector, jv_string_value (source), &delivery, &problem);
    jv_free (source);
    if (!found)
        return answer_of (problem.scope == PROBLEM_NONE ? CONNECTOR_OK : CONNECTOR_LATER,
                          jv_null (), &problem);
    jv response = jv_object_set (jv_object (), jv_string ("name"), jv_string (delivery.name));
    response = jv_object_set (response, jv_string ("complete"), jv_bool (delivery.complete));
    response = jv_object_set (response, jv_string ("items"), delivery.records);
    return answer_of (CONNECTOR_OK, response, &problem);
}

static jv
do_settle (connector_t *connector, jv line)
{
    jv reason = get (line, "settle");
    connector->settle (connector, &delivery,
                       jv_get_kind (reason) == JV_KIND_STRING ? jv_string_value (reason) : NULL);
    jv_free (reason);
    return answer_of (CONNECTOR_OK, jv_null (), NULL);
}

static jv
do_wait (connector_t *connector, jv line)
{
    struct pollfd fd = {.fd = connector->fd (connector), .events = POLLIN};
    int told = poll (&fd, 1, (int) jv_number_value (get (line, "wait")));
    return answer_of (CONNECTOR_OK, jv_bool (told == 1), NULL);
}

static bool
has (jv line, const char *name)
{
    return jv_object_has (jv_copy (line), jv_string (name));
}

static jv
carry_out (connector_t *connector, jv line)
{
    if (has (line, "request"))
        return do_request (connector, line);
    if (has (line, "fetch"))
        return do_fetch (connector, line);
    if (has (line, "next"))
        return do_next (connector, line);
    if (has (line, "settle"))
        return do_settle (connector, line);
    if (has (line, "wait"))
        return do_wait (connector, line);
    return answer_of (CONNECTOR_OK, connector->hints (connector), NULL);
}

static int
serve (connector_t *connector)
{
    char *text = NULL;
    size_t room = 0;
    while (getline (&text, &room, stdin) > 0) {
        jv line = jv_parse (text);
        if (jv_get_kind (line) != JV_KIND_OBJECT) {
            jv_free (line);
            break;
        }
        jv answer = jv_dump_string (carry_out (connector, line), 0);
        puts (jv_string_value (answer));
        fflush (stdout);
        jv_free (answer);
        jv_free (line);
    }
    free (text);
    return 0;
}

int
main (int argc, char **argv)
{
    char wrong[SETTINGS_PROBLEM_BYTES], text[1500];
    problem_t problem = {.scope = PROBLEM_NONE};
    if (argc != 3) {
        fprintf (stderr, "usage: connect files|http CONFIG\n");
        return 2;
    }
    append (connector_http_settings,
            append (connector_files_settings, append (format_setup_settings, 0)));
    settings_t *settings = settings_read (argv[2], table, wrong);
    if (!settings) {
        fprintf (stderr, "connect: %s\n", wrong);
        return 1;
    }
    connector_t *connector = strcmp (argv[1], "http") == 0
                                 ? connector_http_new (settings, &problem)
                                 : connector_files_new (settings, &problem);
    int code = connector ? serve (connector) : 1;
    if (connector)
        connector->destroy (&connector);
    else
        fprintf (stderr, "connect: %s\n", problem_line (&problem, text, sizeof text));
    settings_destroy (&settings);
    return code;
}
