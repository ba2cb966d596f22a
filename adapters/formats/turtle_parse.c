/*
 * turtle_parse - one Turtle text into a graph, by raptor2.
 *
 * raptor may fetch nothing and open nothing.  Its grammar has no limit on
 * nesting, so the brackets are counted first, outside of strings, IRIs and
 * comments; so are escapes that it would spoil a text by.  It goes on after some errors; here any
 * error makes the text broken, and the graph keeps nothing of it.
 */
#include "formats/turtle_parse.h"

#include "formats/prefixes.h"
#include "formats/reader.h"

#include <raptor2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    graph_t *graph;
    raptor_parser *parser;
    size_t input;
    problem_t *problem;
    bool failed;
} parse_t;

static void
fail (parse_t *self, size_t line, const char *what)
{
    if (!self->failed)
        problem_set (self->problem, PROBLEM_FILE, "", "correct the text at this line", "%s", what);
    if (self->problem->line == 0) // raptor knows no line for an undeclared prefix, but the
        problem_at (self->problem, NULL, line, NULL); // error that follows from it has one
    self->failed = true;
}

static void
on_message (void *arg, raptor_log_message *message)
{
    parse_t *self = arg;
    if (message->level < RAPTOR_LOG_LEVEL_ERROR)
        return;
    int line = message->locator ? message->locator->line : 0;
    fail (self, line > 0 ? (size_t) line : 0, message->text);
}

// "_:" and a name that no other file has.
static void
blank_name (const parse_t *self, const raptor_term *term, char *out, size_t size)
{
    snprintf (out, size, "_:f%zu_%s", self->input, (const char *) term->value.blank.string);
}

static jv
literal (const raptor_term *term)
{
    const raptor_term_literal_value *value = &term->value.literal;
    jv object = jv_object ();
    object =
        jv_object_set (object, jv_string ("value"),
                       jv_string_sized ((const char *) value->string, (int) value->string_len));
    if (value->language)
        object =
            jv_object_set (object, jv_string ("lang"), jv_string ((const char *) value->language));
    if (value->datatype)
        object = jv_object_set (object, jv_string ("type"),
                                jv_string ((const char *) raptor_uri_as_string (value->datatype)));
    return object;
}

static jv
object_term (const parse_t *self, const raptor_term *term)
{
    char name[256];
    if (term->type == RAPTOR_TERM_TYPE_LITERAL)
        return literal (term);
    const char *id = name;
    if (term->type == RAPTOR_TERM_TYPE_URI)
        id = (const char *) raptor_uri_as_string (term->value.uri);
    else
        blank_name (self, term, name, sizeof name);
    return jv_object_set (jv_object (), jv_string ("id"), jv_string (id));
}

static void
on_statement (void *arg, raptor_statement *statement)
{
    parse_t *self = arg;
    char name[256];
    raptor_locator *locator = raptor_parser_get_locator (self->parser);
    size_t line = locator && locator->line > 0 ? (size_t) locator->line : 0;
    if (self->failed)
        return;
    if (self->graph->n_statements >= GRAPH_MAX_STATEMENTS) {
        fail (self, line, "too many statements together");
        return;
    }
    const char *subject = name;
    if (statement->subject->type == RAPTOR_TERM_TYPE_URI)
        subject = (const char *) raptor_uri_as_string (statement->subject->value.uri);
    else
        blank_name (self, statement->subject, name, sizeof name);
    graph_add (self->graph, subject,
               (const char *) raptor_uri_as_string (statement->predicate->value.uri),
               object_term (self, statement->object), self->input, line);
}

// ---- what is looked at before

// Behind the string, IRI or comment that begins at `at`; `at` itself if none does.
static const char *
skip_opaque (const char *at)
{
    char quote[4] = {*at, '\0', '\0', '\0'};
    if (*at == '#')
        return at + strcspn (at, "\r\n");
    if (*at == '<') {
        const char *end = at + strcspn (at, "> \t\r\n");
        return *end == '>' ? end + 1 : at;
    }
    if (*at != '"' && *at != '\'')
        return at;
    if (at[1] == *at && at[2] == *at)
        quote[1] = quote[2] = *at;
    size_t length = strlen (quote);
    for (at += length; *at && strncmp (at, quote, length) != 0; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at + length : at;
}

// The escape that stands for no character: zero, half a pair, none of Unicode's.  raptor would
// cut the text there, or spoil it.  NULL: there is none.
static const char *
find_bad_escape (const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at != '\\')
            continue;
        const char *escape = at++;
        size_t digits = *at == 'u' ? 4 : *at == 'U' ? 8 : 0;
        if (digits == 0 || strspn (at + 1, "0123456789abcdefABCDEF") < digits)
            continue;
        char hex[9] = "";
        memcpy (hex, at + 1, digits);
        unsigned long character = strtoul (hex, NULL, 16);
        if (character == 0 || (character >= 0xD800 && character <= 0xDFFF) || character > 0x10FFFF)
            return escape;
    }
    return NULL;
}

// What raptor must not see, and its line; NULL: nothing.
static const char *
find_trouble (const char *text, size_t *line_p)
{
    int depth = 0;
    const char *what = NULL;
    *line_p = 1;
    for (const char *at = text; *at && !what;) {
        const char *behind = skip_opaque (at);
        const char *escape = *at == '#' ? NULL : find_bad_escape (at, behind);
        if (behind == at) {
            depth += *at == '[' || *at == '(';
            depth -= (*at == ']' || *at == ')') && depth > 0;
            behind = at + 1;
        }
        if (escape) {
            what = "an escape that stands for no character";
            behind = escape;
        } else if (depth > FORMAT_MAX_DEPTH)
            what = "nested too deep";
        for (; at < behind; at++)
            *line_p += *at == '\n';
    }
    return what;
}

// ---- raptor

raptor_world *
turtle_world_new (void)
{
    raptor_world *world = raptor_new_world ();
    if (!world)
        abort ();
    // leave libxml2's global error handlers to the format xml
    raptor_world_set_flag (world, RAPTOR_WORLD_FLAG_LIBXML_GENERIC_ERROR_SAVE, 0);
    raptor_world_set_flag (world, RAPTOR_WORLD_FLAG_LIBXML_STRUCTURED_ERROR_SAVE, 0);
    if (raptor_world_open (world) != 0)
        abort ();
    return world;
}

// Relative IRIs are of the file: "file:///name".
static raptor_uri *
base_of (raptor_world *world, const char *name)
{
    char base[1024] = "file:///";
    size_t used = strlen (base);
    for (; *name && used + 4 < sizeof base; name++) {
        char one[2] = {*name, '\0'};
        bool plain = (unsigned char) *name > 0x20 && (unsigned char) *name < 0x7F &&
                     !strpbrk (one, "<>\"{}|^`\\%#?");
        used += (size_t) snprintf (base + used, sizeof base - used, plain ? "%c" : "%%%02X",
                                   (unsigned char) *name);
    }
    return raptor_new_uri (world, (const unsigned char *) base);
}

static void
run_parser (parse_t *self, raptor_world *world, const char *name, const char *text, size_t size)
{
    self->parser = raptor_new_parser (world, "turtle");
    if (!self->parser)
        abort ();
    raptor_uri *base = base_of (world, name);
    raptor_parser_set_option (self->parser, RAPTOR_OPTION_NO_NET, NULL, 1);
    raptor_parser_set_option (self->parser, RAPTOR_OPTION_NO_FILE, NULL, 1);
    raptor_parser_set_statement_handler (self->parser, self, on_statement);
    if (raptor_parser_parse_start (self->parser, base) != 0 ||
        raptor_parser_parse_chunk (self->parser, (const unsigned char *) text, size, 1) != 0)
        fail (self, 0, "not Turtle");
    raptor_free_parser (self->parser);
    raptor_free_uri (base);
}

bool
turtle_parse (raptor_world *world, graph_t *graph, size_t input, const char *name, const char *text,
              size_t size, problem_t *problem)
{
    parse_t self = {.graph = graph, .input = input, .problem = problem};
    size_t before = graph->n_statements;
    size_t line;
    problem_set_text (problem, PROBLEM_FILE, NULL, NULL, NULL);
    const char *trouble = find_trouble (text, &line);
    if (trouble) {
        fail (&self, line, trouble);
        return false;
    }
    if (text[strspn (text, " \t\r\n")] == '\0') {
        problem_set (problem, PROBLEM_FILE, "", "have it made anew", "empty");
        return false;
    }
    raptor_world_set_log_handler (world, &self, on_message);
    run_parser (&self, world, name, text, size);
    raptor_world_set_log_handler (world, NULL, NULL);
    if (self.failed)
        graph_cut (graph, before);
    return !self.failed;
}
