/*
 * t_vocabulary - kask-vocabulary.ttl can be read, is explained in five languages, and
 * names fields that content.proto has.
 */
#include "content.pb-c.h"
#include "formats/format.h"
#include "tap.h"

#include <stdlib.h>

enum { FILE_BYTES = 1 << 18 };

static const ProtobufCMessageDescriptor *const messages[] = {
    &kask__offering__descriptor,    &kask__competence__descriptor, &kask__provider__descriptor,
    &kask__eligibility__descriptor, &kask__area__descriptor,       &kask__price__descriptor,
    &kask__funding__descriptor,     &kask__text__descriptor,
};

static bool
take (void *arg, jv record, const format_place_t *place, const problem_t *problem)
{
    jv *records = arg;
    (void) place;
    if (!problem)
        *records = jv_array_append (*records, record);
    else
        jv_free (record);
    return true;
}

static jv
read_properties (bool *whole_p)
{
    static char bytes[FILE_BYTES];
    FILE *file = fopen (KASK_SRCDIR "/proto/kask-vocabulary.ttl", "re");
    size_t size = file ? fread (bytes, 1, sizeof bytes, file) : 0;
    if (file)
        fclose (file);
    jv records = jv_array (), options = jv_parse ("{\"types\":\"rdf:Property\",\"depth\":0}");
    format_input_t input = {"kask-vocabulary.ttl", bytes, size};
    *whole_p = format_read ("turtle", options, &input, 1, take, &records, NULL, NULL);
    jv_free (options);
    return records;
}

// "Offering.capacity"
static bool
is_field (const char *text)
{
    const char *dot = strchr (text, '.');
    for (size_t i = 0; dot && i < sizeof messages / sizeof *messages; i++)
        if (strlen (messages[i]->short_name) == (size_t) (dot - text) &&
            strncmp (messages[i]->short_name, text, (size_t) (dot - text)) == 0)
            return protobuf_c_message_descriptor_get_field_by_name (messages[i], dot + 1) != NULL;
    return false;
}

static int
count_of (jv record, const char *name)
{
    jv list = jv_object_get (jv_copy (record), jv_string (name));
    int n = jv_get_kind (list) == JV_KIND_ARRAY ? jv_array_length (jv_copy (list)) : 0;
    jv_free (list);
    return n;
}

static bool
names_a_field (jv record)
{
    jv value =
        jv_getpath (jv_copy (record), jv_parse ("[\"urn:kask:vocabulary:field\",0,\"value\"]"));
    bool good = jv_get_kind (value) == JV_KIND_STRING && is_field (jv_string_value (value));
    jv_free (value);
    return good;
}

static void
a_property_is_explained (jv record)
{
    jv id = jv_object_get (jv_copy (record), jv_string ("id"));
    const char *name = jv_get_kind (id) == JV_KIND_STRING ? jv_string_value (id) : "(no id)";
    is_int (count_of (record, "rdfs:label"), 5, name);
    ok (count_of (record, "rdfs:comment") == 1, "and has a comment");
    if (strcmp (name, "urn:kask:vocabulary:field") != 0)
        ok (names_a_field (record), "and its field is one of content.proto");
    jv_free (id);
    jv_free (record);
}

int
main (void)
{
    bool whole;
    jv records = read_properties (&whole);
    int n = jv_array_length (jv_copy (records));
    ok (whole, "the vocabulary is Turtle to its end");
    ok (n > 10, "it has properties");
    for (int i = 0; i < n; i++)
        a_property_is_explained (jv_array_get (jv_copy (records), i));
    jv_free (records);
    return tap_end ();
}
