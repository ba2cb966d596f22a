/*
 * prefixes - short names for IRIs: "dct:title".
 *
 * The usual vocabularies are known; the option `prefixes` adds to them or
 * replaces them.
 */
#ifndef KASK_FORMAT_PREFIXES_H
#define KASK_FORMAT_PREFIXES_H

#include <jv.h>
#include <stdbool.h>

// An object of prefix: IRI, owned.
jv prefixes_new (jv options);

// "dct:title" for an IRI, owned; the IRI itself where no prefix fits or
// the rest is more than letters, digits, - and _.
jv prefixes_shorten (jv self, const char *iri);

// The IRI of "dct:title", or of an IRI itself, owned; invalid for an
// unknown prefix and for what is no IRI.
jv prefixes_expand (jv self, const char *name);

// Has it a scheme, and no character that an IRI must not have?
bool prefixes_is_iri (const char *text);

#endif
