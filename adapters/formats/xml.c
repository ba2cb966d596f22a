/*
 * xml - the format "xml": reading.
 *
 * libxml2 parses the whole input without network, without entities and
 * without its huge mode; a document type declaration ends the parsing
 * before any entity in it exists.  Records are the elements that the
 * option `record` (an XPath) finds.
 *
 * An element with text only becomes that text; any other an object with
 * "@name" for attributes, "#text" for its text, and its children by name,
 * repeated ones as lists.  Names in the option `lists` are lists even when
 * alone.  A name carries the prefix that the option `namespaces` gives its
 * namespace (the prefix "" gives none), else the namespace itself in {}.
 */
#include "formats/options.h"
#include "formats/reader.h"
#include "formats/text.h"
#include "formats/xml_names.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdio.h>
#include <string.h>

enum { MAX_XPATH_OPERATIONS = 50000000 };

static const option_t options_table[] = {
    {"record", OPTION_TEXT},   {"namespaces", OPTION_OBJECT}, {"lists", OPTION_TEXTS},
    {"encoding", OPTION_TEXT}, {"max_bytes", OPTION_COUNT},   {"document", OPTION_TEXT},
    {"root", OPTION_TEXT},     {"element", OPTION_TEXT},      {"indent", OPTION_FLAG},
    {NULL, OPTION_TEXT},
};

typedef struct {
    problem_t problem; // the first one
    bool has_problem;
    int depth;
} parse_t;

// XPath would write on stderr; each place that can fail says so itself.
static void
ignore_error (void *arg, xmlErrorPtr error)
{
    (void) arg, (void) error;
}

static bool
xml_check (jv options, problem_t *problem)
{
    if (!options_check (options, options_table, "options", problem) ||
        !text_check (options, problem))
        return false;
    xmlXPathContextPtr context = xmlXPathNewContext (NULL);
    context->error = ignore_error;
    xmlXPathCompExprPtr compiled =
        xmlXPathCtxtCompile (context, BAD_CAST options_text (options, "record", "/*"));
    if (!compiled)
        problem_set (problem, PROBLEM_SETUP, "record", "correct it in the configuration",
                     "not an XPath");
    xmlXPathFreeCompExpr (compiled);
    xmlXPathFreeContext (context);
    return compiled != NULL;
}

// ---- parsing

static void
keep_first (parse_t *parse, size_t line, const char *what)
{
    if (parse->has_problem)
        return;
    parse->has_problem = true;
    int length = (int) strlen (what);
    while (length > 0 && strchr (" \r\n", what[length - 1])) // as libxml2 ends its own
        length--;
    problem_set (&parse->problem, PROBLEM_FILE, "", "correct the text, or have it made anew",
                 "%.*s", length, what);
    problem_at (&parse->problem, NULL, line, NULL);
}

static void
on_error (void *arg, xmlErrorPtr error)
{
    xmlParserCtxtPtr context = arg;
    if (error->level >= XML_ERR_ERROR)
        keep_first (context->_private, error->line > 0 ? (size_t) error->line : 0,
                    error->message ? error->message : "not XML");
}

static void
on_doctype (void *arg, const xmlChar *name, const xmlChar *id, const xmlChar *uri)
{
    xmlParserCtxtPtr context = arg;
    (void) name, (void) id, (void) uri;
    keep_first (context->_private, (size_t) xmlSAX2GetLineNumber (context),
                "a document type declaration, which is not read");
    xmlStopParser (context);
}

static void
on_start (void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
          int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
          const xmlChar **attributes)
{
    xmlParserCtxtPtr context = arg;
    parse_t *parse = context->_private;
    if (++parse->depth > FORMAT_MAX_DEPTH) {
        keep_first (parse, (size_t) xmlSAX2GetLineNumber (context), "nested too deep");
        xmlStopParser (context);
        return;
    }
    xmlSAX2StartElementNs (arg, name, prefix, uri, n_namespaces, namespaces, n_attributes,
                           n_defaulted, attributes);
}

static void
on_end (void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    xmlParserCtxtPtr context = arg;
    ((parse_t *) context->_private)->depth--;
    xmlSAX2EndElementNs (arg, name, prefix, uri);
}

// The document, owned; NULL, and parse->problem, if it is not XML.
static xmlDocPtr
document_parse (parse_t *parse, const format_input_t *input, const char *encoding)
{
    const int flags = XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES;
    xmlParserCtxtPtr context = xmlNewParserCtxt ();
    if (!context)
        abort ();
    context->_private = parse;
    context->sax->serror = on_error;
    context->sax->internalSubset = on_doctype;
    context->sax->startElementNs = on_start;
    context->sax->endElementNs = on_end;
    xmlDocPtr document =
        xmlCtxtReadMemory (context, input->bytes, (int) input->size, NULL, encoding, flags);
    if (!document || !context->wellFormed || parse->has_problem) {
        keep_first (parse, 0, "not XML");
        xmlFreeDoc (document);
        document = NULL;
    }
    xmlFreeParserCtxt (context);
    return document;
}

// ---- elements into JSON

static bool
is_listed (jv options, const char *name)
{
    bool found = false;
    int n = options_length (options, "lists");
    for (int i = 0; !found && i < n; i++) {
        jv item = options_item (options, "lists", i);
        found = strcmp (jv_string_value (item), name) == 0;
        jv_free (item);
    }
    return found;
}

// The member `name` gets `value` too: alone, or in a list.
static jv
add_member (jv object, const char *name, jv value, bool listed)
{
    jv present = jv_object_get (jv_copy (object), jv_string (name));
    if (!jv_is_valid (present)) {
        jv_free (present);
        return jv_object_set (object, jv_string (name), listed ? JV_ARRAY (value) : value);
    }
    // let go of the object's own reference, so that the list grows in place
    object = jv_object_set (object, jv_string (name), jv_null ());
    if (jv_get_kind (present) != JV_KIND_ARRAY)
        present = JV_ARRAY (present);
    return jv_object_set (object, jv_string (name), jv_array_append (present, value));
}

static jv
add_attributes (jv object, jv options, const xmlNode *node)
{
    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
        char name[XML_NAME_BYTES + 1] = "@";
        xml_name_of (options, attribute->ns, (const char *) attribute->name, true, name + 1);
        xmlChar *value = xmlNodeListGetString (node->doc, attribute->children, 1);
        object = jv_object_set (object, jv_string (name), jv_string (value ? (char *) value : ""));
        xmlFree (value);
    }
    return object;
}

static jv add_children (jv object, jv options, const xmlNode *node, format_buffer_t *text);

static bool
is_blank (const char *text)
{
    return text[strspn (text, " \t\r\n")] == '\0';
}

static jv
element_value (jv options, const xmlNode *node)
{
    format_buffer_t text = {0};
    format_buffer_puts (&text, "");
    jv object = add_attributes (jv_object (), options, node);
    bool has_children = xmlFirstElementChild ((xmlNodePtr) (size_t) node) != NULL;
    object = add_children (object, options, node, &text);
    if (!node->properties && !has_children) {
        jv_free (object);
        object = jv_string_sized (text.bytes, (int) text.size);
    } else if (has_children ? !is_blank (text.bytes) : text.size > 0)
        object = jv_object_set (object, jv_string ("#text"),
                                jv_string_sized (text.bytes, (int) text.size));
    format_buffer_clear (&text);
    return object;
}

static jv
add_children (jv object, jv options, const xmlNode *node, format_buffer_t *text)
{
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
            format_buffer_puts (text, (const char *) child->content);
        if (child->type != XML_ELEMENT_NODE)
            continue;
        char name[XML_NAME_BYTES];
        xml_name_of (options, child->ns, (const char *) child->name, false, name);
        object =
            add_member (object, name, element_value (options, child), is_listed (options, name));
    }
    return object;
}

// ---- records

static void
hand_over (reader_t *reader, const format_input_t *input, xmlNodePtr node)
{
    xmlChar *path = xmlGetNodePath (node);
    long line = xmlGetLineNo (node);
    reader_record (reader, input, line > 0 ? (size_t) line : 0, path ? (char *) path : "",
                   element_value (reader->options, node));
    xmlFree (path);
}

static void
break_off (reader_t *reader, const format_input_t *input, const char *field, const char *todo,
           const char *what)
{
    problem_t problem;
    problem_set (&problem, PROBLEM_FILE, field, todo, "%s", what);
    reader_broken (reader, input, &problem);
}

static void
read_records (reader_t *reader, const format_input_t *input, xmlDocPtr document)
{
    xmlXPathContextPtr context = xmlXPathNewContext (document);
    context->error = ignore_error;
    context->opLimit = MAX_XPATH_OPERATIONS;
    xml_names_register (reader->options, context);
    xmlXPathObjectPtr found =
        xmlXPathEvalExpression (BAD_CAST options_text (reader->options, "record", "/*"), context);
    if (!found || found->type != XPATH_NODESET)
        break_off (reader, input, "record", "check the options record and namespaces",
                   "this XPath finds no elements");
    else {
        int n = found->nodesetval ? found->nodesetval->nodeNr : 0;
        for (int i = 0; i < n && !reader->stopped; i++)
            if (found->nodesetval->nodeTab[i]->type == XML_ELEMENT_NODE)
                hand_over (reader, input, found->nodesetval->nodeTab[i]);
    }
    xmlXPathFreeObject (found);
    xmlXPathFreeContext (context);
}

// With the option `document`, a list without records is told from another
// kind of document, as an error page.
static bool
is_expected (reader_t *reader, const format_input_t *input, xmlDocPtr document)
{
    const char *wanted = options_text (reader->options, "document", NULL);
    const xmlNode *root = xmlDocGetRootElement (document);
    char name[XML_NAME_BYTES];
    char what[2 * XML_NAME_BYTES];
    if (!wanted)
        return true;
    xml_name_of (reader->options, root->ns, (const char *) root->name, false, name);
    if (strcmp (name, wanted) == 0)
        return true;
    snprintf (what, sizeof what, "the document is a \"%.100s\", not a \"%.100s\"", name, wanted);
    break_off (reader, input, "", "see what the system sent", what);
    return false;
}

// The configured encoding; else a byte order mark is believed before what the document says
// of itself, which may have been left behind when it was stored anew.  NULL: what it says.
static const char *
encoding_of (jv options, const format_input_t *input)
{
    return options_text (options, "encoding",
                         text_has_mark (input->bytes, input->size) ? "UTF-8" : NULL);
}

static void
read_input (reader_t *reader, const format_input_t *input)
{
    parse_t parse = {.has_problem = false};
    if (reader_is_too_large (reader, input))
        return;
    xmlDocPtr document = document_parse (&parse, input, encoding_of (reader->options, input));
    if (!document)
        reader_broken (reader, input, &parse.problem);
    else if (is_expected (reader, input, document))
        read_records (reader, input, document);
    xmlFreeDoc (document);
}

static void
xml_read (reader_t *reader, const format_input_t *inputs, size_t n_inputs)
{
    for (size_t i = 0; i < n_inputs && !reader->stopped; i++)
        read_input (reader, &inputs[i]);
}

const format_t format_xml = {"xml", xml_check, xml_read, format_xml_write};
