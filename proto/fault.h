/*
 * fault - every fault that a peer can be told.
 *
 * faults.def is the table; the enum, the wire names and the words of the
 * log come from it.  A fault_t is what functions of kask return where the
 * world, and not kask, can be wrong.
 */
#ifndef KASK_FAULT_H
#define KASK_FAULT_H

#include <stdbool.h>

typedef enum {
#define FAULT(name, retry, policy, text) FAULT_##name,
#include "faults.def"
#undef FAULT
    FAULT_UNKNOWN // a name that this version does not know; never sent
} fault_t;

// May the same message be sent again?
typedef enum {
    RETRY_NEVER, // it will be refused again
    RETRY_LATER, // yes, after a while
    RETRY_FIXED  // yes, after people have mended the cause
} fault_retry_t;

// For a function's declaration: the caller must look at the fault.
#define KASK_CHECKED __attribute__ ((warn_unused_result))

// The wire name, "BAD_FRAME".  Static, never NULL.
const char *fault_name (fault_t self);

// What happened, what has not happened, what to do.  Static, never NULL.
const char *fault_text (fault_t self);

// FAULT_UNKNOWN is RETRY_FIXED: somebody must read it.
fault_retry_t fault_retry (fault_t self);

// Is a refusal for it an entry of the audit log?
bool fault_is_policy (fault_t self);

// The fault of that wire name, or FAULT_UNKNOWN.
fault_t fault_find (const char *name);

#endif
