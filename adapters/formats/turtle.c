/*
 * turtle - the format "turtle": reading.
 *
 * All inputs of one read form one graph, because partners spread a
 * catalogue over many files.  A record is a subject of one of the option
 * `types`: {"id", "type": [...], "dct:title": [{"value", "lang"}], ...},
 * every property a list.  What a property refers to stands in its place,
 * with its own properties, down to the option `depth`; a resource that is
 * its own ancestor, or that no file describes, stays {"id"}.  All resources
 * are counted by type in the report, so that what made no record is seen.
 */
#include "formats/graph.h"
#include "formats/options.h"
#include "formats/prefixes.h"
#include "formats/reader.h"
#include "formats/turtle_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RDF_TYPE "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

enum {
    USUAL_DEPTH = 4,
    MAX_DEPTH = 16,
    MAX_TERMS = 20000 // of one record, when resolved
};

static const option_t options_table[] = {
    {"types", OPTION_TEXTS},   {"prefixes", OPTION_OBJECT}, {"depth", OPTION_COUNT},
    {"encoding", OPTION_TEXT}, {"max_bytes", OPTION_COUNT}, {NULL, OPTION_TEXT},
};

typedef struct {
    reader_t *reader;
    const format_input_t *inputs;
    graph_t graph;
    jv prefixes;
    jv types; // IRIs of the records' types, as keys
    size_t depth;
    const char *ancestors[MAX_DEPTH + 1]; // of the term being resolved
    size_t terms;                         // resolved for the present record
} turtle_t;

static bool
types_check (jv options, problem_t *problem)
{
    bool good = true;
    jv prefixes = prefixes_new (options);
    for (int i = 0; good && i < options_length (options, "types"); i++) {
        jv name = options_item (options, "types", i);
        jv iri = prefixes_expand (prefixes, jv_string_value (name));
        good = jv_is_valid (iri);
        if (!good)
            problem_set (problem, PROBLEM_SETUP, "types", "correct it in the configuration",
                         "\"%s\" is not an IRI, and its prefix is not known",
                         jv_string_value (name));
        jv_free (iri);
        jv_free (name);
    }
    jv_free (prefixes);
    return good;
}

static bool
turtle_check (jv options, problem_t *problem)
{
    if (!options_check (options, options_table, "options", problem) ||
        !text_check (options, problem) || !types_check (options, problem))
        return false;
    if (options_count (options, "depth", USUAL_DEPTH) <= MAX_DEPTH)
        return true;
    problem_set (problem, PROBLEM_SETUP, "depth", "lower it in the configuration",
                 "must not be above %d", MAX_DEPTH);
    return false;
}

// ---- terms into JSON

static jv resource (turtle_t *self, const char *id, size_t level);

static jv
literal (const turtle_t *self, jv object)
{
    jv type = options_get (object, "type");
    if (jv_get_kind (type) == JV_KIND_STRING)
        object = jv_object_set (object, jv_string ("type"),
                                prefixes_shorten (self->prefixes, jv_string_value (type)));
    jv_free (type);
    return object;
}

// `object` is borrowed from the graph.
static jv
term (turtle_t *self, jv object, size_t level)
{
    const char *id = options_text (object, "id", NULL);
    self->terms++;
    return id ? resource (self, id, level) : literal (self, jv_copy (object));
}

static jv
append_to (jv object, const char *name, jv value)
{
    jv list = jv_object_get (jv_copy (object), jv_string (name));
    if (!jv_is_valid (list)) {
        jv_free (list);
        return jv_object_set (object, jv_string (name), JV_ARRAY (value));
    }
    object = jv_object_set (object, jv_string (name), jv_null ()); // so that the list is ours alone
    return jv_object_set (object, jv_string (name), jv_array_append (list, value));
}

static jv
add_statement (turtle_t *self, jv object, const statement_t *statement, size_t level)
{
    const char *type = options_text (statement->object, "id", NULL);
    if (type && strcmp (statement->predicate, RDF_TYPE) == 0)
        return append_to (object, "type", prefixes_shorten (self->prefixes, type));
    jv name = prefixes_shorten (self->prefixes, statement->predicate);
    object = append_to (object, jv_string_value (name), term (self, statement->object, level));
    jv_free (name);
    return object;
}

static bool
is_ancestor (const turtle_t *self, const char *id, size_t level)
{
    for (size_t i = 0; i < level; i++)
        if (strcmp (self->ancestors[i], id) == 0)
            return true;
    return false;
}

static jv
resource (turtle_t *self, const char *id, size_t level)
{
    size_t n = 0;
    jv object = jv_object_set (jv_object (), jv_string ("id"), jv_string (id));
    const statement_t *about = graph_about (&self->graph, id, &n);
    if (!about || level > self->depth || is_ancestor (self, id, level))
        return object;
    self->ancestors[level] = id;
    for (size_t i = 0; i < n && self->terms <= MAX_TERMS; i++)
        object = add_statement (self, object, &about[i], level + 1);
    return object;
}

// ---- records

static bool
is_record (const turtle_t *self, const statement_t *about, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *type = options_text (about[i].object, "id", NULL);
        if (type && strcmp (about[i].predicate, RDF_TYPE) == 0 &&
            jv_object_has (jv_copy (self->types), jv_string (type)))
            return true;
    }
    return false;
}

static void
hand_over (turtle_t *self, const statement_t *about, size_t n)
{
    const statement_t *first = about;
    for (size_t i = 1; i < n; i++)
        if (about[i].order < first->order)
            first = &about[i];
    const format_input_t *input = &self->inputs[first->input];
    self->terms = 0;
    jv record = resource (self, about->subject, 0);
    if (self->terms <= MAX_TERMS) {
        reader_record (self->reader, input, first->line, about->subject, record);
        return;
    }
    problem_t problem;
    problem_set (&problem, PROBLEM_RECORD, "", "lower the option depth",
                 "refers to more than %d values", MAX_TERMS);
    jv_free (record);
    reader_set_aside (self->reader, input, first->line, about->subject,
                      jv_object_set (jv_object (), jv_string ("id"), jv_string (about->subject)),
                      &problem);
}

static void
count_type (turtle_t *self, const char *name)
{
    jv counts = self->reader->report->types;
    jv count = jv_object_get (jv_copy (counts), jv_string (name));
    double n = jv_is_valid (count) ? jv_number_value (count) : 0;
    jv_free (count);
    self->reader->report->types = jv_object_set (counts, jv_string (name), jv_number (n + 1));
}

static void
count_types (turtle_t *self, const statement_t *about, size_t n)
{
    bool typed = false;
    for (size_t i = 0; i < n; i++) {
        const char *type = options_text (about[i].object, "id", NULL);
        if (!type || strcmp (about[i].predicate, RDF_TYPE) != 0)
            continue;
        jv name = prefixes_shorten (self->prefixes, type);
        count_type (self, jv_string_value (name));
        jv_free (name);
        typed = true;
    }
    if (!typed)
        count_type (self, "(no type)");
}

// Records in the order in which the files name them, which people expect,
// and not in the alphabet of their IRIs.
static int
by_order (const void *a, const void *b)
{
    const statement_t *left = *(const statement_t *const *) a;
    const statement_t *right = *(const statement_t *const *) b;
    return left->order < right->order ? -1 : left->order > right->order;
}

static void
read_graph (turtle_t *self)
{
    size_t n_records = 0;
    const statement_t **records = calloc (self->graph.n_statements + 1, sizeof *records);
    if (!records)
        abort ();
    for (size_t i = 0, n = 0; i < self->graph.n_statements; i += n) {
        const statement_t *about =
            graph_about (&self->graph, self->graph.statements[i].subject, &n);
        count_types (self, about, n);
        if (is_record (self, about, n))
            records[n_records++] = about;
    }
    qsort (records, n_records, sizeof *records, by_order);
    for (size_t i = 0; i < n_records && !self->reader->stopped; i++) {
        size_t n = 0;
        const statement_t *about = graph_about (&self->graph, records[i]->subject, &n);
        hand_over (self, about, n);
    }
    free (records);
}

static void
parse_input (turtle_t *self, raptor_world *world, size_t i)
{
    const format_input_t *input = &self->inputs[i];
    format_buffer_t text = {0};
    problem_t problem;
    if (reader_text (self->reader, input, "UTF-8", &text) &&
        !turtle_parse (world, &self->graph, i, input->name, text.bytes, text.size, &problem))
        reader_broken (self->reader, input, &problem);
    format_buffer_clear (&text);
}

static jv
record_types (jv options, jv prefixes)
{
    jv types = jv_object ();
    for (int i = 0; i < options_length (options, "types"); i++) {
        jv name = options_item (options, "types", i);
        jv iri = prefixes_expand (prefixes, jv_string_value (name));
        types = jv_object_set (types, iri, jv_true ());
        jv_free (name);
    }
    return types;
}

static void
turtle_read (reader_t *reader, const format_input_t *inputs, size_t n_inputs)
{
    turtle_t self = {.reader = reader, .inputs = inputs};
    self.prefixes = prefixes_new (reader->options);
    self.types = record_types (reader->options, self.prefixes);
    self.depth = options_count (reader->options, "depth", USUAL_DEPTH);
    raptor_world *world = turtle_world_new ();
    for (size_t i = 0; i < n_inputs && !reader->stopped; i++)
        parse_input (&self, world, i);
    raptor_free_world (world);
    graph_sort (&self.graph);
    if (!reader->stopped)
        read_graph (&self);
    graph_clear (&self.graph);
    jv_free (self.types);
    jv_free (self.prefixes);
}

const format_t format_turtle = {"turtle", turtle_check, turtle_read, format_turtle_write};
