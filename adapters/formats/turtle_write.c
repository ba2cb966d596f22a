/*
 * turtle_write - the format "turtle": writing, by raptor2's serializer.
 *
 * Takes the shape that reading gives: objects with "id", "type" and
 * properties by short names; a property's values may stand alone or in a
 * list; a value is {"id", ...} for a resource, with its own properties if
 * it has any, {"value", "lang", "type"} for a literal, or a plain text.  An
 * object without "id" and "value" is a blank node.
 */
#include "formats/options.h"
#include "formats/prefixes.h"
#include "formats/reader.h"
#include "formats/turtle_parse.h"

#include <raptor2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    raptor_world *world;
    raptor_serializer *serializer;
    jv prefixes;
    size_t n_blanks;
    problem_t *problem;
} writer_t;

static bool put_resource (writer_t *self, jv object, raptor_term *subject, int depth);

static bool
refuse (writer_t *self, const char *field, const char *what)
{
    problem_set (self->problem, PROBLEM_RECORD, field, "correct the mapping", "%s", what);
    return false;
}

static raptor_term *
iri_term (writer_t *self, const char *name)
{
    jv iri = prefixes_expand (self->prefixes, name);
    raptor_term *term = NULL;
    if (jv_is_valid (iri))
        term = raptor_new_term_from_uri_string (self->world,
                                                (const unsigned char *) jv_string_value (iri));
    jv_free (iri);
    return term;
}

static bool
is_blank_name (const char *id)
{
    return strncmp (id, "_:", 2) == 0 && id[2] &&
           id[2 + strspn (id + 2, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_")] == '\0';
}

// The term of a resource; NULL, with the problem, if its id is no IRI.
static raptor_term *
subject_term (writer_t *self, jv object, const char *field)
{
    const char *id = options_text (object, "id", NULL);
    char name[32];
    raptor_term *term = NULL;
    if (!id) {
        snprintf (name, sizeof name, "n%zu", ++self->n_blanks);
        return raptor_new_term_from_blank (self->world, (const unsigned char *) name);
    }
    if (is_blank_name (id))
        term = raptor_new_term_from_blank (self->world, (const unsigned char *) id + 2);
    else
        term = iri_term (self, id);
    if (!term)
        refuse (self, field, "the id is not an IRI, and its prefix is not known");
    return term;
}

static bool
is_language (const char *text)
{
    size_t length = strlen (text);
    return length > 0 && length < 36 && *text != '-' &&
           strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
               length;
}

static raptor_term *
literal_term (writer_t *self, const char *text, const char *lang, const char *type)
{
    raptor_uri *datatype = NULL;
    if (lang && (type || !is_language (lang)))
        return NULL;
    if (type) {
        jv iri = prefixes_expand (self->prefixes, type);
        if (!jv_is_valid (iri)) {
            jv_free (iri);
            return NULL;
        }
        datatype = raptor_new_uri (self->world, (const unsigned char *) jv_string_value (iri));
        jv_free (iri);
    }
    raptor_term *term = raptor_new_term_from_literal (self->world, (const unsigned char *) text,
                                                      datatype, (const unsigned char *) lang);
    if (datatype)
        raptor_free_uri (datatype);
    return term;
}

// The term of a property's value; `value` is borrowed.
static raptor_term *
value_term (writer_t *self, jv value, const char *field)
{
    jv_kind kind = jv_get_kind (value);
    raptor_term *term = NULL;
    if (kind == JV_KIND_OBJECT && !options_text (value, "value", NULL))
        return subject_term (self, value, field);
    if (kind == JV_KIND_OBJECT)
        term =
            literal_term (self, options_text (value, "value", ""),
                          options_text (value, "lang", NULL), options_text (value, "type", NULL));
    else if (kind == JV_KIND_STRING)
        term = literal_term (self, jv_string_value (value), NULL, NULL);
    if (!term)
        refuse (self, field,
                "neither a text nor {\"id\"} nor {\"value\"} with a known lang or type");
    return term;
}

static bool
put_statement (writer_t *self, raptor_term *subject, const char *predicate, raptor_term *object)
{
    raptor_term *name = iri_term (self, predicate);
    if (!name)
        return refuse (self, predicate, "not a property: its prefix is not known");
    raptor_statement *statement = raptor_new_statement_from_nodes (
        self->world, raptor_term_copy (subject), name, raptor_term_copy (object), NULL);
    bool good =
        statement && raptor_serializer_serialize_statement (self->serializer, statement) == 0;
    raptor_free_statement (statement);
    return good || refuse (self, predicate, "cannot be written");
}

static bool
put_value (writer_t *self, raptor_term *subject, const char *name, jv value, int depth)
{
    raptor_term *object = value_term (self, value, name);
    bool good = object && put_statement (self, subject, name, object);
    if (good && object->type != RAPTOR_TERM_TYPE_LITERAL)
        good = put_resource (self, value, object, depth + 1);
    raptor_free_term (object);
    return good;
}

static bool
put_type (writer_t *self, raptor_term *subject, jv value)
{
    raptor_term *type = NULL;
    if (jv_get_kind (value) == JV_KIND_STRING)
        type = iri_term (self, jv_string_value (value));
    bool good = type ? put_statement (self, subject, "rdf:type", type)
                     : refuse (self, "type", "not a known type");
    raptor_free_term (type);
    return good;
}

static bool
put_member (writer_t *self, raptor_term *subject, const char *name, jv value, int depth)
{
    bool is_type = strcmp (name, "type") == 0;
    if (jv_get_kind (value) == JV_KIND_NULL || strcmp (name, "id") == 0)
        return true;
    if (jv_get_kind (value) != JV_KIND_ARRAY)
        return is_type ? put_type (self, subject, value)
                       : put_value (self, subject, name, value, depth);
    bool good = true;
    int n = jv_array_length (jv_copy (value));
    for (int i = 0; good && i < n; i++) {
        jv item = jv_array_get (jv_copy (value), i);
        good =
            is_type ? put_type (self, subject, item) : put_value (self, subject, name, item, depth);
        jv_free (item);
    }
    return good;
}

static bool
put_resource (writer_t *self, jv object, raptor_term *subject, int depth)
{
    if (depth > FORMAT_MAX_DEPTH)
        return refuse (self, "", "nested too deep");
    bool good = true;
    for (int i = jv_object_iter (object); good && jv_object_iter_valid (object, i);
         i = jv_object_iter_next (object, i)) {
        jv name = jv_object_iter_key (object, i);
        jv value = jv_object_iter_value (object, i);
        good = put_member (self, subject, jv_string_value (name), value, depth);
        jv_free (value);
        jv_free (name);
    }
    return good;
}

static void
declare_prefixes (writer_t *self)
{
    for (int i = jv_object_iter (self->prefixes); jv_object_iter_valid (self->prefixes, i);
         i = jv_object_iter_next (self->prefixes, i)) {
        jv prefix = jv_object_iter_key (self->prefixes, i);
        jv iri = jv_object_iter_value (self->prefixes, i);
        raptor_uri *uri =
            raptor_new_uri (self->world, (const unsigned char *) jv_string_value (iri));
        raptor_serializer_set_namespace (self->serializer, uri,
                                         (const unsigned char *) jv_string_value (prefix));
        raptor_free_uri (uri);
        jv_free (iri);
        jv_free (prefix);
    }
}

static bool
put_records (writer_t *self, jv records)
{
    bool good = true;
    int n = jv_array_length (jv_copy (records));
    for (int i = 0; good && i < n; i++) {
        jv record = record_at (records, i, self->problem);
        good = jv_is_valid (record);
        if (good) {
            raptor_term *subject = subject_term (self, record, "id");
            good = subject && put_resource (self, record, subject, 0);
            raptor_free_term (subject);
            if (!good)
                record_place (self->problem, i);
        }
        jv_free (record);
    }
    return good;
}

static void
ignore_message (void *arg, raptor_log_message *message)
{
    (void) arg, (void) message; // the failing call says so
}

bool
format_turtle_write (jv options, jv records, format_buffer_t *out, problem_t *problem)
{
    writer_t self = {.world = turtle_world_new (), .problem = problem};
    void *text = NULL;
    size_t size = 0;
    self.prefixes = prefixes_new (options);
    raptor_world_set_log_handler (self.world, NULL, ignore_message);
    self.serializer = raptor_new_serializer (self.world, "turtle");
    if (!self.serializer)
        abort ();
    declare_prefixes (&self);
    raptor_serializer_start_to_string (self.serializer, NULL, &text, &size);
    bool good = put_records (&self, records);
    raptor_serializer_serialize_end (self.serializer);
    raptor_free_serializer (self.serializer);
    if (good)
        format_buffer_put (out, text, size);
    raptor_free_memory (text);
    raptor_free_world (self.world);
    jv_free (self.prefixes);
    return good;
}
