/*
 * tap - a test's lines for prove.  One plan at the end, by tap_end().
 */
#ifndef KASK_TAP_H
#define KASK_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

static inline bool
tap_result (bool good, const char *name, const char *file, int line)
{
    tap_count++;
    if (!good)
        tap_failed++;
    printf ("%sok %d - %s\n", good ? "" : "not ", tap_count, name);
    if (!good)
        printf ("#   at %s:%d\n", file, line);
    fflush (stdout);
    return good;
}

#define ok(good, name) tap_result ((good), (name), __FILE__, __LINE__)

#define is_text(got, want, name)                                                                   \
    do {                                                                                           \
        const char *got_ = (got), *want_ = (want);                                                 \
        if (!tap_result (got_ && want_ && strcmp (got_, want_) == 0, (name), __FILE__, __LINE__))  \
            printf ("#   got  \"%s\"\n#   want \"%s\"\n", got_ ? got_ : "(null)",                  \
                    want_ ? want_ : "(null)");                                                     \
    } while (0)

#define is_int(got, want, name)                                                                    \
    do {                                                                                           \
        long long got_ = (long long) (got), want_ = (long long) (want);                            \
        if (!tap_result (got_ == want_, (name), __FILE__, __LINE__))                               \
            printf ("#   got  %lld\n#   want %lld\n", got_, want_);                                \
    } while (0)

static inline int
tap_end (void)
{
    printf ("1..%d\n", tap_count);
    return tap_failed ? 1 : 0;
}

#endif
