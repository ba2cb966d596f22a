/*
 * xml_names - names of elements and attributes between XML and JSON.
 */
#include "formats/xml_names.h"

#include "formats/options.h"

#include <libxml/xpathInternals.h>
#include <stdio.h>
#include <string.h>

// Our prefix of a namespace, owned; the empty one first where it may be
// used.  Invalid if there is none.
static jv
prefix_of (jv namespaces, const char *uri, bool is_attribute)
{
    jv found = jv_invalid ();
    for (int i = jv_object_iter (namespaces); jv_object_iter_valid (namespaces, i);
         i = jv_object_iter_next (namespaces, i)) {
        jv value = jv_object_iter_value (namespaces, i);
        jv prefix = jv_object_iter_key (namespaces, i);
        bool is_empty = *jv_string_value (prefix) == '\0';
        if (strcmp (jv_string_value (value), uri) == 0 && !(is_empty && is_attribute) &&
            (is_empty || !jv_is_valid (found))) {
            jv_free (found);
            found = jv_copy (prefix);
        }
        jv_free (prefix);
        jv_free (value);
    }
    return found;
}

void
xml_name_of (jv options, const xmlNs *space, const char *local, bool is_attribute,
             char out[XML_NAME_BYTES])
{
    if (!space || !space->href) {
        snprintf (out, XML_NAME_BYTES, "%s", local);
        return;
    }
    const char *uri = (const char *) space->href;
    jv namespaces = options_get (options, "namespaces");
    jv prefix = jv_get_kind (namespaces) == JV_KIND_OBJECT
                    ? prefix_of (namespaces, uri, is_attribute)
                    : jv_invalid ();
    if (strcmp (uri, "http://www.w3.org/XML/1998/namespace") == 0)
        snprintf (out, XML_NAME_BYTES, "xml:%s", local);
    else if (!jv_is_valid (prefix))
        snprintf (out, XML_NAME_BYTES, "{%s}%s", uri, local);
    else
        snprintf (out, XML_NAME_BYTES, "%s%s%s", jv_string_value (prefix),
                  *jv_string_value (prefix) ? ":" : "", local);
    jv_free (prefix);
    jv_free (namespaces);
}

void
xml_names_register (jv options, xmlXPathContextPtr context)
{
    jv namespaces = options_get (options, "namespaces");
    if (jv_get_kind (namespaces) == JV_KIND_OBJECT)
        for (int i = jv_object_iter (namespaces); jv_object_iter_valid (namespaces, i);
             i = jv_object_iter_next (namespaces, i)) {
            jv prefix = jv_object_iter_key (namespaces, i);
            jv uri = jv_object_iter_value (namespaces, i);
            if (*jv_string_value (prefix))
                xmlXPathRegisterNs (context, BAD_CAST jv_string_value (prefix),
                                    BAD_CAST jv_string_value (uri));
            jv_free (uri);
            jv_free (prefix);
        }
    jv_free (namespaces);
}
