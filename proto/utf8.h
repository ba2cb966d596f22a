/*
 * utf8 - are these bytes text?
 */
#ifndef KASK_UTF8_H
#define KASK_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// UTF-8 as RFC 3629 has it: no surrogates, nothing above U+10FFFF, no longer
// form than needed; and no NUL, which would end a C string early.
bool utf8_is_text (const uint8_t *data, size_t size);

#endif
