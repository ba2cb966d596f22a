/*
 * prefixes - short names for IRIs.
 */
#include "formats/prefixes.h"

#include "formats/options.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *prefix, *iri;
} usual[] = {
    {"adms", "http://www.w3.org/ns/adms#"},
    {"cccev", "http://data.europa.eu/m8g/cccev/"},
    {"cpsv", "http://purl.org/vocab/cpsv#"},
    {"cpsvno", "https://data.norge.no/vocabulary/cpsvno#"},
    {"cv", "http://data.europa.eu/m8g/"},
    {"dcat", "http://www.w3.org/ns/dcat#"},
    {"dcatno", "https://data.norge.no/vocabulary/dcatno#"},
    {"dct", "http://purl.org/dc/terms/"},
    {"eli", "http://data.europa.eu/eli/ontology#"},
    {"foaf", "http://xmlns.com/foaf/0.1/"},
    {"locn", "http://www.w3.org/ns/locn#"},
    {"odrl", "http://www.w3.org/ns/odrl/2/"},
    {"org", "http://www.w3.org/ns/org#"},
    {"owl", "http://www.w3.org/2002/07/owl#"},
    {"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
    {"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
    {"schema", "http://schema.org/"},
    {"schemas", "https://schema.org/"},
    {"skos", "http://www.w3.org/2004/02/skos/core#"},
    {"time", "http://www.w3.org/2006/time#"},
    {"vcard", "http://www.w3.org/2006/vcard/ns#"},
    {"xkos", "http://rdf-vocabulary.ddialliance.org/xkos#"},
    {"xsd", "http://www.w3.org/2001/XMLSchema#"},
};

jv
prefixes_new (jv options)
{
    jv self = jv_object ();
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        self = jv_object_set (self, jv_string (usual[i].prefix), jv_string (usual[i].iri));
    jv own = options_get (options, "prefixes");
    if (jv_get_kind (own) == JV_KIND_OBJECT)
        return jv_object_merge (self, own);
    jv_free (own);
    return self;
}

static bool
is_plain_name (const char *text)
{
    bool plain = isalpha ((unsigned char) *text) || *text == '_';
    for (; plain && *text; text++)
        plain = isalnum ((unsigned char) *text) || *text == '_' || *text == '-';
    return plain;
}

jv
prefixes_shorten (jv self, const char *iri)
{
    jv found = jv_invalid ();
    for (int i = jv_object_iter (self); !jv_is_valid (found) && jv_object_iter_valid (self, i);
         i = jv_object_iter_next (self, i)) {
        jv space = jv_object_iter_value (self, i);
        size_t length = strlen (jv_string_value (space));
        if (length > 0 && strncmp (iri, jv_string_value (space), length) == 0 &&
            is_plain_name (iri + length)) {
            jv prefix = jv_object_iter_key (self, i);
            found = jv_string_fmt ("%s:%s", jv_string_value (prefix), iri + length);
            jv_free (prefix);
        }
        jv_free (space);
    }
    return jv_is_valid (found) ? found : jv_string (iri);
}

bool
prefixes_is_iri (const char *text)
{
    const char *colon = strchr (text, ':');
    if (!colon || !isalpha ((unsigned char) *text))
        return false;
    for (const char *at = text; at < colon; at++)
        if (!isalnum ((unsigned char) *at) && !strchr ("+-.", *at))
            return false;
    for (const char *at = text; *at; at++)
        if ((unsigned char) *at <= 0x20 || *at == 0x7F || strchr ("<>\"{}|^`\\", *at))
            return false;
    return colon[1] != '\0';
}

jv
prefixes_expand (jv self, const char *name)
{
    const char *colon = strchr (name, ':');
    if (!colon)
        return jv_invalid ();
    jv space = jv_object_get (jv_copy (self), jv_string_sized (name, (int) (colon - name)));
    if (jv_get_kind (space) == JV_KIND_STRING) {
        jv iri = jv_string_fmt ("%s%s", jv_string_value (space), colon + 1);
        jv_free (space);
        if (prefixes_is_iri (jv_string_value (iri)))
            return iri;
        jv_free (iri);
        return jv_invalid ();
    }
    jv_free (space);
    // without //, urn: or mailto:, this is a prefix that nobody declared
    bool is_iri = strncmp (colon, "://", 3) == 0 || strncmp (name, "urn:", 4) == 0 ||
                  strncmp (name, "mailto:", 7) == 0 || strncmp (name, "tel:", 4) == 0;
    return is_iri && prefixes_is_iri (name) ? jv_string (name) : jv_invalid ();
}
