/*
 * points - kills a program at a durable write or a send.
 *
 * The program is linked with ld's --wrap for each function that POINT names: its callers come to
 * the wrapper.  KASK_POINT names a file that a scenario writes (tests/lib/points.py): a side, and
 * the places of calls in the program; the next call from one of them is its last, before or after
 * the function does what it does.  Without KASK_POINT nothing happens.
 */
#ifndef KASK_TEST_POINTS_H
#define KASK_TEST_POINTS_H

// What is done before the end; NULL: nothing.
extern void (*point_ending) (void);
// `caller`: the address to which the wrapper returns.
void point_before (const void *caller);
void point_after (const void *caller);
// Of a wrapper's caller, in turn the caller; NULL: not known.
const void *point_caller_of (const void *caller);

#define POINT(type, function, parameters, arguments)                                               \
    type __real_##function parameters;                                                             \
    type __wrap_##function parameters;                                                             \
    type __wrap_##function parameters                                                              \
    {                                                                                              \
        const void *caller = __builtin_return_address (0);                                         \
        point_before (caller);                                                                     \
        type result = __real_##function arguments;                                                 \
        point_after (caller);                                                                      \
        return result;                                                                             \
    }

#define POINT_VOID(function, parameters, arguments)                                                \
    void __real_##function parameters;                                                             \
    void __wrap_##function parameters;                                                             \
    void __wrap_##function parameters                                                              \
    {                                                                                              \
        const void *caller = __builtin_return_address (0);                                         \
        point_before (caller);                                                                     \
        __real_##function arguments;                                                               \
        point_after (caller);                                                                      \
    }

#endif
