/*
 * bell - a FIFO in the folder by which one handle wakes another, in any process.
 */
#ifndef KASK_SDK_BELL_H
#define KASK_SDK_BELL_H

#include <stdbool.h>

typedef struct {
    int fd; // readable when it was rung; -1: there is none
} bell_t;

// Makes the FIFO where it is not there: a backup may have left it out.
bool bell_open (bell_t *self, const char *folder, const char *name);
void bell_close (bell_t *self);
void bell_ring (const bell_t *self); // safe from any thread
void bell_hush (const bell_t *self);

#endif
