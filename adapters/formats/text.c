/*
 * text - bytes of any encoding into UTF-8 and back, by iconv.
 */
#include "formats/text.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHUNK = 16384, MARK_BYTES = 3 };

static const char mark[] = "\xEF\xBB\xBF";

static bool
is_continuation (char c)
{
    return ((unsigned char) c & 0xC0) == 0x80;
}

size_t
text_character (const char *bytes, size_t size)
{
    if (size == 0)
        return 0;
    unsigned char first = (unsigned char) bytes[0];
    if (first < 0x80)
        return 1;
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || size < length)
        return 0;
    for (size_t i = 1; i < length; i++)
        if (!is_continuation (bytes[i]))
            return 0;
    unsigned char second = (unsigned char) bytes[1];
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
        return 0;
    return length;
}

// How many bytes from the start are valid UTF-8?
static size_t
valid_bytes (const char *bytes, size_t size)
{
    size_t at = 0;
    while (at < size) {
        size_t length = text_character (bytes + at, size - at);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

bool
text_has_mark (const char *bytes, size_t size)
{
    return size >= MARK_BYTES && memcmp (bytes, mark, MARK_BYTES) == 0;
}

bool
text_is_utf8 (const char *bytes, size_t size)
{
    return valid_bytes (bytes, size) == size;
}

bool
text_knows (const char *encoding)
{
    iconv_t descriptor = iconv_open ("UTF-8", encoding);
    if (descriptor == (iconv_t) -1)
        return strcmp (encoding, "auto") == 0;
    iconv_close (descriptor);
    return true;
}

static const char *
true_encoding (const char *encoding)
{
    static const char *const latin1[] = {"ISO-8859-1", "ISO8859-1", "ISO_8859-1",
                                         "LATIN1",     "LATIN-1",   "L1"};
    for (size_t i = 0; i < sizeof latin1 / sizeof latin1[0]; i++)
        if (strcasecmp (encoding, latin1[i]) == 0)
            return "WINDOWS-1252";
    return encoding;
}

// Does a letter stand in it that only UTF-8 writes so?  No text of our countries has the
// "Ã" that windows-1252 would read, which is how UTF-8 writes their letters.
static bool
has_utf8_letters (const char *bytes, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++)
        if ((unsigned char) bytes[i] == 0xC3 && is_continuation (bytes[i + 1]))
            return true;
    return false;
}

// A text of which a part is UTF-8 is taken for UTF-8 with something wrong in it: the other
// guess would spoil that part without a word.
static const char *
guess_encoding (const char *bytes, size_t size)
{
    if (size >= 2 && (memcmp (bytes, "\xFF\xFE", 2) == 0 || memcmp (bytes, "\xFE\xFF", 2) == 0))
        return "UTF-16";
    bool is_utf8 =
        text_has_mark (bytes, size) || text_is_utf8 (bytes, size) || has_utf8_letters (bytes, size);
    return is_utf8 ? "UTF-8" : "WINDOWS-1252";
}

static size_t
count_lines (const char *bytes, size_t size)
{
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    return lines;
}

static bool
decode_by_iconv (iconv_t descriptor, const char *bytes, size_t size, format_buffer_t *out)
{
    char *from = (char *) (size_t) bytes; // iconv's parameter is not const; it does not write
    while (size > 0) {
        char chunk[CHUNK];
        char *to = chunk;
        size_t room = sizeof chunk;
        size_t result = iconv (descriptor, &from, &size, &to, &room);
        int error = errno;
        format_buffer_put (out, chunk, sizeof chunk - room);
        if (result == (size_t) -1 && error != E2BIG)
            return false;
    }
    return true;
}

static bool
decode_good (const char *encoding, const char *bytes, size_t size, format_buffer_t *out)
{
    if (strcasecmp (encoding, "UTF-8") == 0 || strcasecmp (encoding, "UTF8") == 0) {
        size_t valid = valid_bytes (bytes, size);
        format_buffer_put (out, bytes, valid);
        return valid == size;
    }
    iconv_t descriptor = iconv_open ("UTF-8", encoding);
    if (descriptor == (iconv_t) -1)
        return false;
    bool good = decode_by_iconv (descriptor, bytes, size, out);
    iconv_close (descriptor);
    return good;
}

bool
text_decode (const char *encoding, const char *bytes, size_t size, format_buffer_t *out,
             problem_t *problem)
{
    size_t before = out->size;
    bool guessed = strcmp (encoding, "auto") == 0;
    encoding = guessed ? guess_encoding (bytes, size) : true_encoding (encoding);
    if (text_has_mark (bytes, size) && strncasecmp (encoding, "UTF", 3) == 0) {
        bytes += MARK_BYTES;
        size -= MARK_BYTES;
    }
    bool good = decode_good (encoding, bytes, size, out);
    const char *text = out->bytes ? out->bytes + before : "";
    size_t length = out->size - before;
    const char *zero = length ? memchr (text, '\0', length) : NULL;
    if (good && !zero) {
        if (text_has_mark (text, length)) { // UTF-16LE by name keeps its mark
            assert (out->bytes);
            memmove (out->bytes + before, text + MARK_BYTES, length - MARK_BYTES);
            format_buffer_cut (out, out->size - MARK_BYTES);
        }
        return true;
    }
    size_t line = 1 + count_lines (text, zero ? (size_t) (zero - text) : length);
    problem_set (problem, PROBLEM_FILE, "", "export it again, or set the option encoding",
                 zero ? "a zero byte: not a text in %s" : "a byte that is not %s", encoding);
    problem_at (problem, NULL, line, NULL);
    format_buffer_cut (out, before);
    return false;
}

// What stands in for a character that an old encoding lacks.
static const char *
plain_likeness (const char *character, size_t length)
{
    static const struct {
        const char *character, *plain;
    } table[] = {
        {"\u2010", "-"},   {"\u2011", "-"},  {"\u2013", "-"},  {"\u2014", "-"},
        {"\u2212", "-"},   {"\u2018", "'"},  {"\u2019", "'"},  {"\u201A", ","},
        {"\u201C", "\""},  {"\u201D", "\""}, {"\u201E", "\""}, {"\u2022", "-"},
        {"\u2026", "..."}, {"\u202F", " "},  {"\u2009", " "},  {"\u20AC", "EUR"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strlen (table[i].character) == length &&
            memcmp (table[i].character, character, length) == 0)
            return table[i].plain;
    return "?";
}

static bool
encode_piece (iconv_t descriptor, const char *utf8, size_t size, format_buffer_t *out,
              size_t *done_p)
{
    char *from = (char *) (size_t) utf8;
    size_t left = size;
    bool good = true;
    while (left > 0 && good) {
        char chunk[CHUNK];
        char *to = chunk;
        size_t room = sizeof chunk;
        size_t result = iconv (descriptor, &from, &left, &to, &room);
        good = result != (size_t) -1 || errno == E2BIG;
        format_buffer_put (out, chunk, sizeof chunk - room);
    }
    *done_p = size - left;
    return good;
}

bool
text_encode (const char *encoding, const char *utf8, size_t size, bool replace,
             format_buffer_t *out, size_t *bad_at_p)
{
    size_t before = out->size;
    *bad_at_p = 0;
    if (strcmp (encoding, "auto") == 0 || strcasecmp (encoding, "UTF-8") == 0) {
        format_buffer_put (out, utf8, size);
        return true;
    }
    iconv_t descriptor = iconv_open (encoding, "UTF-8");
    assert (descriptor != (iconv_t) -1); // text_knows was asked
    size_t at = 0;
    bool good = true;
    while (at < size && good) {
        size_t done = 0;
        if (encode_piece (descriptor, utf8 + at, size - at, out, &done))
            break;
        at += done;
        size_t length = text_character (utf8 + at, size - at);
        good = replace && length > 0;
        if (good) {
            const char *plain = plain_likeness (utf8 + at, length);
            good = encode_piece (descriptor, plain, strlen (plain), out, &done);
            at += length;
        }
    }
    iconv_close (descriptor);
    if (!good) {
        *bad_at_p = at;
        format_buffer_cut (out, before);
    }
    return good;
}
