/*
 * mapping_frame - what passes between mapping and its child: a length of
 * four bytes, the lowest first, a kind of one byte, and JSON text.
 */
#ifndef KASK_MAPPING_FRAME_H
#define KASK_MAPPING_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_HEAD = 5, // bytes before the text

    // from the child
    FRAME_READY = 'R',   // compiled
    FRAME_BROKEN = 'B',  // not compiled: {"file", "line", "problem"}
    FRAME_OUTPUTS = 'O', // an array
    FRAME_PROBLEM = 'P', // {"field", "problem", "do"}
    FRAME_LAST = 'L',    // the same, and the child ends
    // to the child
    FRAME_RECORD = 'r', // {"record", "args"}

    // exit status of the child
    CHILD_NO_MEMORY = 3,
    CHILD_BAD_CALL = 4
};

// Arguments of the child, all needed.
enum {
    CHILD_PROGRAM = 1, // path
    CHILD_LIBRARY,     // folder
    CHILD_MEMORY,      // bytes
    CHILD_CPU,         // seconds for a record
    CHILD_INPUT,       // bytes
    CHILD_OUTPUT,      // bytes
    CHILD_OUTPUTS,     // count
    CHILD_DEPTH,       // levels
    CHILD_ARGUMENTS
};

static inline void
frame_head (unsigned char head[FRAME_HEAD], size_t size, int kind)
{
    for (int i = 0; i < 4; i++)
        head[i] = (unsigned char) (size >> (8 * i));
    head[4] = (unsigned char) kind;
}

static inline size_t
frame_size (const unsigned char head[FRAME_HEAD])
{
    return (size_t) head[0] | (size_t) head[1] << 8 | (size_t) head[2] << 16 |
           (size_t) head[3] << 24;
}

#endif
