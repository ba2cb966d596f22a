/*
 * text - bytes of any encoding into UTF-8 and back.
 */
#ifndef KASK_FORMAT_TEXT_H
#define KASK_FORMAT_TEXT_H

#include "formats/buffer.h"
#include "problem.h"

#include <stdbool.h>
#include <stddef.h>

// Length of the valid UTF-8 character at `bytes`, 0 if there is none.
// Overlong forms, surrogates and what lies above U+10FFFF are not valid.
size_t text_character (const char *bytes, size_t size);

bool text_is_utf8 (const char *bytes, size_t size);

// Does it begin with UTF-8's byte order mark?
bool text_has_mark (const char *bytes, size_t size);

// Appends `bytes` to `out` as UTF-8 without a byte order mark.  `encoding` is
// a name that iconv knows, or "auto": a byte order mark, else valid UTF-8,
// else windows-1252, where no letter of it is written as in UTF-8.  ISO-8859-1 is read as
// windows-1252, as browsers do, because what calls itself so is full of its dashes and quotation
// marks. A byte that the encoding does not have and a zero character are a problem of the file,
// with its line; `out` is then as before.
bool text_decode (const char *encoding, const char *bytes, size_t size, format_buffer_t *out,
                  problem_t *problem) __attribute__ ((warn_unused_result));

// Appends valid UTF-8 to `out` in another encoding; "auto" is UTF-8.
// Where `replace`, a character that the encoding lacks becomes its plain
// likeness (a hyphen for a dash) or ?; else false, the character's place in
// *bad_at_p, and `out` as before.
bool text_encode (const char *encoding, const char *utf8, size_t size, bool replace,
                  format_buffer_t *out, size_t *bad_at_p) __attribute__ ((warn_unused_result));

// Does iconv know it?
bool text_knows (const char *encoding);

#endif
