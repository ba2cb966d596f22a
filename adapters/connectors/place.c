/*
 * place - a path of a request, held beneath the partner's root folder.
 */
#include "connectors/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_part (const char *part, size_t size)
{
    if (size == 0 || size >= FILE_NAME_BYTES)
        return false;
    return !(part[0] == '.' && (size == 1 || (size == 2 && part[1] == '.')));
}

bool
place_is_path (const char *path)
{
    unsigned depth = 0;
    if (strlen (path) >= PLACE_BYTES)
        return false;
    for (const char *c = path; *c; c++)
        if ((unsigned char) *c < 0x20 || *c == 0x7F || *c == '\\')
            return false;
    for (;;) {
        size_t size = strcspn (path, "/");
        if (!is_part (path, size) || ++depth > PLACE_DEPTH)
            return false;
        if (!path[size])
            return true;
        path += size + 1;
    }
}

// Steps from the open folder `from`, which it closes, into the one named.
static int
step_into (int from, const char *name, bool make)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat (from, name, flags);
    if (fd < 0 && errno == ENOENT && make && mkdirat (from, name, 0770) == 0) {
        fsync (from);
        fd = openat (from, name, flags);
    }
    int error = errno;
    close (from);
    errno = error;
    return fd;
}

int
place_open_folder (int root, const char *path, bool make)
{
    int fd = fcntl (root, F_DUPFD_CLOEXEC, 0);
    while (fd >= 0 && *path) {
        char name[FILE_NAME_BYTES];
        size_t size = strcspn (path, "/");
        snprintf (name, sizeof name, "%.*s", (int) size, path);
        path += size + (path[size] == '/');
        fd = step_into (fd, name, make && !*path);
    }
    return fd;
}

bool
place_open (int root, const char *path, bool make_folder, place_t *place)
{
    char folder[PLACE_BYTES] = "";
    const char *slash = strrchr (path, '/');
    if (slash)
        snprintf (folder, sizeof folder, "%.*s", (int) (slash - path), path);
    snprintf (place->name, sizeof place->name, "%s", slash ? slash + 1 : path);
    place->folder = place_open_folder (root, folder, make_folder);
    return place->folder >= 0;
}

void
place_close (place_t *place)
{
    if (place->folder >= 0)
        close (place->folder);
    place->folder = -1;
}
