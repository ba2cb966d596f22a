/*
 * utf8 - the table of well-formed sequences (Unicode, table 3-7).
 */
#include "utf8.h"

// Which second bytes are legal depends on the first; the others are 80..bf.
static const struct {
    uint8_t first, last; // of the lead byte
    uint8_t from, to;    // of the second byte
    size_t length;       // of the sequence
} sequences[] = {
    {0x01, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

// Bytes of the character at `data`, 0 where there is none.
static size_t
character (const uint8_t *data, size_t size)
{
    size_t i = 0;
    while (i < sizeof sequences / sizeof *sequences &&
           (data[0] < sequences[i].first || data[0] > sequences[i].last))
        i++;
    if (i == sizeof sequences / sizeof *sequences || sequences[i].length > size)
        return 0;
    size_t length = sequences[i].length;
    if (length > 1 && (data[1] < sequences[i].from || data[1] > sequences[i].to))
        return 0;
    for (size_t k = 2; k < length; k++)
        if ((data[k] & 0xc0) != 0x80)
            return 0;
    return length;
}

bool
utf8_is_text (const uint8_t *data, size_t size)
{
    for (size_t i = 0, length; i < size; i += length) {
        length = character (data + i, size - i);
        if (length == 0)
            return false;
    }
    return true;
}
