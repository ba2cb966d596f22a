/*
 * xml_write - the format "xml": writing.
 *
 * The same shape that reading gives, into a document: "@name" are
 * attributes, "#text" is text, lists are repeated elements, and children
 * come in the order in which the mapping made them, which is what schemas
 * like Noark's want.  With the option `root`, each record becomes an
 * `element` inside it; without, there is one record with one member, the
 * root element itself.
 */
#include "formats/options.h"
#include "formats/reader.h"
#include "nesting.h"

#include <libxml/tree.h>
#include <libxml/xmlsave.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    jv options; // borrowed
    xmlDocPtr document;
    xmlNodePtr root;    // holds the declarations of all namespaces
    problem_t *problem; // may be NULL
} writer_t;

static bool
refuse (writer_t *self, const char *field, const char *what)
{
    problem_set (self->problem, PROBLEM_RECORD, field, "correct the mapping", "%s", what);
    return false;
}

// The bytes of the character there if XML 1.0 cannot hold it in any form, else 0.
static int
unfit_bytes (const char *at, int left)
{
    unsigned char c = (unsigned char) *at;
    if (c < 0x20)
        return c != '\t' && c != '\n' && c != '\r';
    bool is_last = left >= 3 && (memcmp (at, "\xEF\xBF\xBE", 3) == 0 || // U+FFFE
                                 memcmp (at, "\xEF\xBF\xBF", 3) == 0);
    return is_last ? 3 : 0;
}

// Takes a text; owned.  What a person pasted stops no referral: U+FFFD stands for what is unfit.
static jv
fit_text (jv text)
{
    const char *bytes = jv_string_value (text);
    int n = jv_string_length_bytes (jv_copy (text)), from = 0;
    jv fit = jv_string_empty (n);
    for (int i = 0, unfit; i < n; i += unfit ? unfit : 1) {
        unfit = unfit_bytes (bytes + i, n - i);
        if (!unfit)
            continue;
        fit = jv_string_append_buf (fit, bytes + from, i - from);
        fit = jv_string_append_str (fit, "\xEF\xBF\xBD");
        from = i + unfit;
    }
    fit = jv_string_append_buf (fit, bytes + from, n - from);
    jv_free (text);
    return fit;
}

// The text of a simple value, owned; invalid if it is none.
static jv
simple_text (jv value)
{
    switch (jv_get_kind (value)) {
    case JV_KIND_STRING: return fit_text (jv_copy (value));
    case JV_KIND_NUMBER:
    case JV_KIND_TRUE:
    case JV_KIND_FALSE: return jv_dump_string (jv_copy (value), 0);
    default: return jv_invalid ();
    }
}

// The local part of a name, and the namespace of its prefix in *space_p
// (NULL: none).  NULL if the name cannot be written.
static const char *
resolve (writer_t *self, const char *name, bool is_attribute, xmlNsPtr *space_p)
{
    const char *colon = strchr (name, ':');
    char prefix[64] = "";
    *space_p = NULL;
    if (colon && (size_t) (colon - name) < sizeof prefix)
        memcpy (prefix, name, (size_t) (colon - name));
    else if (colon)
        return NULL;
    const char *local = colon ? colon + 1 : name;
    if (xmlValidateNCName (BAD_CAST local, 0) != 0)
        return NULL;
    if (!colon && is_attribute)
        return local;
    *space_p = xmlSearchNs (self->document, self->root, colon ? BAD_CAST prefix : NULL);
    return *space_p || !colon ? local : NULL;
}

static bool put_members (writer_t *self, xmlNodePtr node, jv object);

static bool
put_text (writer_t *self, xmlNodePtr node, const char *name, jv value)
{
    jv text = simple_text (value);
    bool good = jv_is_valid (text);
    if (good)
        xmlAddChild (node, xmlNewDocText (self->document, BAD_CAST jv_string_value (text)));
    else
        refuse (self, name, "neither a text, a number, true nor false");
    jv_free (text);
    return good;
}

static bool
put_attribute (writer_t *self, xmlNodePtr node, const char *name, jv value)
{
    xmlNsPtr space = NULL;
    const char *local = resolve (self, name + 1, true, &space);
    jv text = simple_text (value);
    bool good = local && jv_is_valid (text);
    if (good)
        xmlNewNsProp (node, space, BAD_CAST local, BAD_CAST jv_string_value (text));
    else
        refuse (self, name,
                local ? "neither a text, a number, true nor false"
                      : "not a name, or its prefix is not in the option namespaces");
    jv_free (text);
    return good;
}

// One element; null makes an empty one.
static bool
put_element (writer_t *self, xmlNodePtr parent, const char *name, jv value)
{
    xmlNsPtr space = NULL;
    const char *local = resolve (self, name, false, &space);
    if (!local)
        return refuse (self, name, "not a name, or its prefix is not in the option namespaces");
    xmlNodePtr node = xmlNewDocNode (self->document, space, BAD_CAST local, NULL);
    xmlAddChild (parent, node);
    if (jv_get_kind (value) == JV_KIND_OBJECT)
        return put_members (self, node, value);
    if (jv_get_kind (value) == JV_KIND_ARRAY)
        return refuse (self, name, "a list within a list");
    return jv_get_kind (value) == JV_KIND_NULL || put_text (self, node, name, value);
}

static bool
put_member (writer_t *self, xmlNodePtr node, const char *name, jv value)
{
    if (*name == '@')
        return jv_get_kind (value) == JV_KIND_NULL || put_attribute (self, node, name, value);
    if (strcmp (name, "#text") == 0)
        return put_text (self, node, name, value);
    if (jv_get_kind (value) != JV_KIND_ARRAY)
        return put_element (self, node, name, value);
    bool good = true;
    int n = jv_array_length (jv_copy (value));
    for (int i = 0; good && i < n; i++) {
        jv item = jv_array_get (jv_copy (value), i);
        good = put_element (self, node, name, item);
        jv_free (item);
    }
    return good;
}

static bool
put_members (writer_t *self, xmlNodePtr node, jv object)
{
    bool good = true;
    for (int i = jv_object_iter (object); good && jv_object_iter_valid (object, i);
         i = jv_object_iter_next (object, i)) {
        jv name = jv_object_iter_key (object, i);
        jv value = jv_object_iter_value (object, i);
        good = put_member (self, node, jv_string_value (name), value);
        jv_free (value);
        jv_free (name);
    }
    return good;
}

static void
declare_namespaces (writer_t *self)
{
    jv namespaces = options_get (self->options, "namespaces");
    if (jv_get_kind (namespaces) == JV_KIND_OBJECT)
        for (int i = jv_object_iter (namespaces); jv_object_iter_valid (namespaces, i);
             i = jv_object_iter_next (namespaces, i)) {
            jv prefix = jv_object_iter_key (namespaces, i);
            jv uri = jv_object_iter_value (namespaces, i);
            const char *text = jv_string_value (prefix);
            xmlNewNs (self->root, BAD_CAST jv_string_value (uri), *text ? BAD_CAST text : NULL);
            jv_free (uri);
            jv_free (prefix);
        }
    jv_free (namespaces);
}

// Makes the root element, whose name is resolved against its own declarations.
static bool
put_root (writer_t *self, const char *name)
{
    self->root = xmlNewDocNode (self->document, NULL, BAD_CAST "root", NULL);
    xmlDocSetRootElement (self->document, self->root);
    declare_namespaces (self);
    xmlNsPtr space = NULL;
    const char *local = resolve (self, name, false, &space);
    if (!local)
        return refuse (self, name, "not a name, or its prefix is not in the option namespaces");
    xmlNodeSetName (self->root, BAD_CAST local);
    xmlSetNs (self->root, space);
    return true;
}

static bool
put_wrapped (writer_t *self, const char *root, jv records)
{
    const char *element = options_text (self->options, "element", "record");
    bool good = put_root (self, root);
    int n = jv_array_length (jv_copy (records));
    for (int i = 0; good && i < n; i++) {
        jv record = record_at (records, i, self->problem);
        good = jv_is_valid (record);
        if (good && !put_element (self, self->root, element, record)) {
            record_place (self->problem, i);
            good = false;
        }
        jv_free (record);
    }
    return good;
}

static bool
put_document (writer_t *self, jv records)
{
    jv record = jv_invalid ();
    if (jv_array_length (jv_copy (records)) == 1)
        record = jv_array_get (jv_copy (records), 0);
    if (jv_get_kind (record) != JV_KIND_OBJECT || jv_object_length (jv_copy (record)) != 1) {
        jv_free (record);
        return refuse (self, "",
                       "without the option root there must be one record with one"
                       " member, the root element");
    }
    int first = jv_object_iter (record);
    jv name = jv_object_iter_key (record, first);
    jv value = jv_object_iter_value (record, first);
    bool good = put_root (self, jv_string_value (name));
    if (good && jv_get_kind (value) == JV_KIND_OBJECT)
        good = put_members (self, self->root, value);
    else if (good)
        good = put_text (self, self->root, jv_string_value (name), value);
    jv_free (value);
    jv_free (name);
    jv_free (record);
    return good;
}

bool
format_xml_write (jv options, jv records, format_buffer_t *out, problem_t *problem)
{
    writer_t self = {.options = options, .problem = problem};
    const char *root = options_text (options, "root", NULL);
    if (nesting_exceeds (records, FORMAT_MAX_DEPTH))
        return refuse (&self, "", "nested too deep");
    self.document = xmlNewDoc (BAD_CAST "1.0");
    bool good = root ? put_wrapped (&self, root, records) : put_document (&self, records);
    if (good) {
        xmlChar *bytes = NULL;
        int size = 0;
        xmlDocDumpFormatMemoryEnc (self.document, &bytes, &size,
                                   options_text (options, "encoding", "UTF-8"),
                                   options_flag (options, "indent", true));
        good = bytes != NULL;
        if (good)
            format_buffer_put (out, bytes, (size_t) size);
        else
            problem_set (problem, PROBLEM_SETUP, "encoding", "correct it in the configuration",
                         "XML cannot be written in it");
        xmlFree (bytes);
    }
    xmlFreeDoc (self.document);
    return good;
}
