/*
 * json_parser - JSON text into jv, strictly (RFC 8259).
 *
 * Recursive descent; the depth is checked before each step down, and the
 * size of the input bounds everything else.
 */
#include "formats/json_parser.h"

#include "formats/reader.h"
#include "formats/text.h"

#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static jv parse_value (json_parser_t *self, const char *watched, int depth);

static jv
fail (json_parser_t *self, const char *what)
{
    problem_set (self->problem, PROBLEM_FILE, "", "correct the text, or have it made anew", "%s",
                 what);
    problem_at (self->problem, NULL, self->line, NULL);
    return jv_invalid ();
}

void
json_parser_init (json_parser_t *self, const char *bytes, size_t size, const char *watched,
                  problem_t *problem)
{
    assert (size <= INT_MAX);
    *self = (json_parser_t){
        .at = bytes, .end = bytes + size, .line = 1, .watched = watched, .problem = problem};
    if (size >= 3 && memcmp (bytes, "\xEF\xBB\xBF", 3) == 0)
        self->at += 3;
}

void
json_parser_clear (json_parser_t *self)
{
    free (self->item_lines);
    format_buffer_clear (&self->text);
}

// The next byte, or 0 at the end; a zero byte is not JSON anywhere.
static char
peek (const json_parser_t *self)
{
    return self->at < self->end ? *self->at : '\0';
}

static void
skip_space (json_parser_t *self)
{
    for (; self->at < self->end && strchr (" \t\r\n", *self->at) && *self->at; self->at++)
        self->line += *self->at == '\n';
}

static bool
take (json_parser_t *self, char c)
{
    if (peek (self) != c)
        return false;
    self->at++;
    return true;
}

bool
json_parser_has_more (json_parser_t *self)
{
    skip_space (self);
    return self->at < self->end;
}

// ---- strings

static bool
parse_hex (json_parser_t *self, uint32_t *code_p)
{
    *code_p = 0;
    for (int i = 0; i < 4; i++, self->at++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        char c = peek (self);
        const char *digit = c ? strchr (digits, c) : NULL;
        if (!digit)
            return false;
        *code_p = *code_p * 16 + (uint32_t) ((digit - digits) % 16);
    }
    return true;
}

static void
put_code (format_buffer_t *out, uint32_t code)
{
    char bytes[4];
    size_t n = 0;
    if (code < 0x80)
        bytes[n++] = (char) code;
    else if (code < 0x800)
        bytes[n++] = (char) (0xC0 | code >> 6);
    else if (code < 0x10000)
        bytes[n++] = (char) (0xE0 | code >> 12);
    else {
        bytes[n++] = (char) (0xF0 | code >> 18);
        bytes[n++] = (char) (0x80 | (code >> 12 & 0x3F));
    }
    if (code >= 0x800)
        bytes[n++] = (char) (0x80 | (code >> 6 & 0x3F));
    if (code >= 0x80)
        bytes[n++] = (char) (0x80 | (code & 0x3F));
    format_buffer_put (out, bytes, n);
}

static bool
parse_code (json_parser_t *self)
{
    uint32_t code, low;
    if (!parse_hex (self, &code) || code == 0 || (code >= 0xDC00 && code <= 0xDFFF))
        return false;
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (!take (self, '\\') || !take (self, 'u') || !parse_hex (self, &low) || low < 0xDC00 ||
            low > 0xDFFF)
            return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    put_code (&self->text, code);
    return true;
}

static bool
parse_escape (json_parser_t *self)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    char c = peek (self);
    const char *name = c ? strchr (names, c) : NULL;
    if (name) {
        format_buffer_put (&self->text, values + (name - names), 1);
        self->at++;
        return true;
    }
    return take (self, 'u') && parse_code (self);
}

// After the opening quotation mark; leaves the text in self->text.
static bool
parse_text (json_parser_t *self)
{
    format_buffer_cut (&self->text, 0);
    while (!take (self, '"')) {
        size_t left = (size_t) (self->end - self->at);
        size_t length = text_character (self->at, left);
        if (left == 0)
            return fail (self, "ends inside a string"), false;
        if (take (self, '\\')) {
            if (!parse_escape (self))
                return fail (self, "a \\ with no such character after it"), false;
        } else if (length == 0)
            return fail (self, "a byte that is not UTF-8"), false;
        else if ((unsigned char) *self->at < 0x20)
            return fail (self, "a control character or an open quotation mark"), false;
        else {
            format_buffer_put (&self->text, self->at, length);
            self->at += length;
        }
    }
    return true;
}

static jv
parse_string (json_parser_t *self)
{
    if (!parse_text (self))
        return jv_invalid ();
    return jv_string_sized (self->text.bytes ? self->text.bytes : "", (int) self->text.size);
}

// ---- numbers

static size_t
skip_digits (json_parser_t *self)
{
    const char *start = self->at;
    while (peek (self) >= '0' && peek (self) <= '9')
        self->at++;
    return (size_t) (self->at - start);
}

static bool
scan_number (json_parser_t *self)
{
    take (self, '-');
    if (!take (self, '0') && skip_digits (self) == 0)
        return false;
    if (take (self, '.') && skip_digits (self) == 0)
        return false;
    if (take (self, 'e') || take (self, 'E')) {
        if (!take (self, '+'))
            take (self, '-');
        return skip_digits (self) > 0;
    }
    return true;
}

// Would a double, printed again, be the same number?  Fifteen significant
// digits always are; whole numbers below 2^53 are, too.
static bool
is_exact (const char *text, double value)
{
    const double two_53 = 9007199254740992.0;
    size_t digits = 0;
    size_t mantissa = strcspn (text, "eE");
    bool whole = !memchr (text, '.', mantissa) && !text[mantissa];
    for (size_t i = 0; i < mantissa; i++)
        digits += (text[i] > '0' || digits > 0) && text[i] >= '0' && text[i] <= '9';
    double size = value < 0 ? -value : value;
    if (whole && digits <= 16)
        return size < two_53;
    return digits <= 15 && (digits == 0 || (size > 1e-300 && size < 1e300));
}

static jv
parse_number (json_parser_t *self)
{
    const char *start = self->at;
    if (!scan_number (self))
        return fail (self, "not a number as JSON writes them");
    format_buffer_cut (&self->text, 0);
    format_buffer_put (&self->text, start, (size_t) (self->at - start));
    double value = strtod (self->text.bytes, NULL);
    if (is_exact (self->text.bytes, value))
        return jv_number (value);
    return jv_string_sized (self->text.bytes, (int) self->text.size);
}

// ---- arrays, objects, words

static void
note_line (json_parser_t *self)
{
    if (self->n_item_lines == self->room) {
        self->room = self->room ? 2 * self->room : 64;
        self->item_lines = realloc (self->item_lines, self->room * sizeof *self->item_lines);
        if (!self->item_lines)
            abort ();
    }
    self->item_lines[self->n_item_lines++] = self->line;
}

static jv
parse_array (json_parser_t *self, const char *watched, int depth)
{
    bool noted = watched && !*watched;
    jv array = jv_array ();
    skip_space (self);
    if (take (self, ']'))
        return array;
    do {
        skip_space (self);
        if (noted)
            note_line (self);
        jv item = parse_value (self, NULL, depth);
        if (!jv_is_valid (item)) {
            jv_free (array);
            return item;
        }
        array = jv_array_append (array, item);
        skip_space (self);
    } while (take (self, ','));
    if (take (self, ']'))
        return array;
    jv_free (array);
    return fail (self, "a , or ] is missing in a list");
}

// What is left of the watched path behind this name; NULL if it is another.
static const char *
watched_below (const char *watched, const char *name)
{
    size_t length = strlen (name);
    if (!watched || !*watched || strncmp (watched, name, length) != 0)
        return NULL;
    watched += length;
    return *watched == '.' ? watched + 1 : *watched ? NULL : watched;
}

static jv
parse_member (json_parser_t *self, jv object, const char *watched, int depth)
{
    skip_space (self);
    jv name = take (self, '"') ? parse_string (self) : fail (self, "a name in \" is missing");
    if (!jv_is_valid (name)) {
        jv_free (object);
        return name;
    }
    skip_space (self);
    jv value;
    if (jv_object_has (jv_copy (object), jv_copy (name)))
        value = fail (self, "two members of an object have one name");
    else if (!take (self, ':'))
        value = fail (self, "a : is missing after a name");
    else
        value = parse_value (self, watched_below (watched, jv_string_value (name)), depth);
    if (jv_is_valid (value))
        return jv_object_set (object, name, value);
    jv_free (name);
    jv_free (object);
    return value;
}

static jv
parse_object (json_parser_t *self, const char *watched, int depth)
{
    jv object = jv_object ();
    skip_space (self);
    if (take (self, '}'))
        return object;
    do {
        object = parse_member (self, object, watched, depth);
        if (!jv_is_valid (object))
            return object;
        skip_space (self);
    } while (take (self, ','));
    if (take (self, '}'))
        return object;
    jv_free (object);
    return fail (self, "a , or } is missing in an object");
}

static bool
take_word (json_parser_t *self, const char *word)
{
    size_t length = strlen (word);
    if ((size_t) (self->end - self->at) < length || memcmp (self->at, word, length) != 0)
        return false;
    self->at += length;
    return true;
}

static jv
parse_value (json_parser_t *self, const char *watched, int depth)
{
    skip_space (self);
    char c = peek (self);
    if ((c == '[' || c == '{') && depth >= FORMAT_MAX_DEPTH)
        return fail (self, "nested too deep");
    if (take (self, '{'))
        return parse_object (self, watched, depth + 1);
    if (take (self, '['))
        return parse_array (self, watched, depth + 1);
    if (take (self, '"'))
        return parse_string (self);
    if (take_word (self, "true"))
        return jv_true ();
    if (take_word (self, "false"))
        return jv_false ();
    if (take_word (self, "null"))
        return jv_null ();
    if (c == '-' || (c >= '0' && c <= '9'))
        return parse_number (self);
    return fail (self, self->at == self->end ? "ends too early" : "not JSON");
}

jv
json_parser_next (json_parser_t *self)
{
    return parse_value (self, self->watched, 0);
}

jv
format_json_parse (const char *bytes, size_t size, problem_t *problem)
{
    if (size > FORMAT_MAX_BYTES) {
        problem_set (problem, PROBLEM_FILE, "", "ask for less at a time", "larger than %d bytes",
                     FORMAT_MAX_BYTES);
        return jv_invalid ();
    }
    json_parser_t parser;
    json_parser_init (&parser, bytes, size, NULL, problem);
    jv value = json_parser_next (&parser);
    if (jv_is_valid (value) && json_parser_has_more (&parser)) {
        jv_free (value);
        value = fail (&parser, "more text after the end of the value");
    }
    json_parser_clear (&parser);
    return value;
}
