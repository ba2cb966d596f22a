/*
 * points - kills a program at a durable write or a send.
 */
#include "points.h"

#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BEFORE = 1, AFTER = 2, PLACES = 31, FRAMES = 12 };

// The file; the program only reads it.
typedef struct {
    volatile uint64_t side; // 0: none
    volatile uint64_t places[PLACES];
} aim_t;

extern const char __executable_start[];
static const aim_t *aim;
void (*point_ending) (void);

static __attribute__ ((constructor)) void
map_aim (void)
{
    const char *path = getenv ("KASK_POINT");
    int fd = path ? open (path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap (NULL, sizeof *aim, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED)
        aim = mapped;
    close (fd);
}

static void
end (void)
{
    if (point_ending)
        point_ending ();
    kill (getpid (), SIGKILL);
}

static void
stop_if_aimed_at (uint64_t side, const void *caller)
{
    if (!aim || aim->side != side)
        return;
    uint64_t place = (uint64_t) ((const char *) caller - __executable_start);
    for (int i = 0; i < PLACES; i++)
        if (aim->places[i] == place)
            end ();
}

void
point_before (const void *caller)
{
    stop_if_aimed_at (BEFORE, caller);
}

void
point_after (const void *caller)
{
    stop_if_aimed_at (AFTER, caller);
}

const void *
point_caller_of (const void *caller)
{
    void *frames[FRAMES];
    int n = aim && aim->side ? backtrace (frames, FRAMES) : 0;
    for (int i = 0; i + 1 < n; i++)
        if (frames[i] == caller)
            return frames[i + 1];
    return NULL;
}
