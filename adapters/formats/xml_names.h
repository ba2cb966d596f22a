/*
 * xml_names - names of elements and attributes between XML and JSON.
 *
 * The option `namespaces` gives prefixes of our own ("n": "http://..."),
 * whatever prefixes a document happens to use.
 */
#ifndef KASK_XML_NAMES_H
#define KASK_XML_NAMES_H

#include <jv.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <stdbool.h>

enum { XML_NAME_BYTES = 512 }; // longer names are cut

// "n:name", "name", or "{http://...}name" where no prefix is known.  An
// attribute never has the empty prefix.
void xml_name_of (jv options, const xmlNs *space, const char *local, bool is_attribute,
                  char out[XML_NAME_BYTES]);

// Makes the prefixes known to an XPath.
void xml_names_register (jv options, xmlXPathContextPtr context);

#endif
