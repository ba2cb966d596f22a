/*
 * log - one line a fact, on standard error.
 *
 * A line is put together in a buffer of its own and leaves in one write, so
 * that lines of several threads, or of a child process, do not mix.  What does
 * not fit is cut, and the cut is marked.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 2048 };

static _Atomic log_level_t least = LOG_LEVEL_INFO;

// sd-daemon(3): systemd sets JOURNAL_STREAM where a stream goes to its journal.
static bool
is_journal (void)
{
    return getenv ("JOURNAL_STREAM") != NULL;
}

static size_t
put_priority (char *line, log_level_t level)
{
    static const char *const priorities[] = {"<3>", "<4>", "<6>", "<7>"};
    memcpy (line, priorities[level], 3);
    return 3;
}

static size_t
put_time_and_level (char *line, log_level_t level)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    struct timespec now;
    struct tm parts;
    clock_gettime (CLOCK_REALTIME, &now);
    gmtime_r (&now.tv_sec, &parts);
    size_t n = strftime (line, LINE_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
    return n + (size_t) snprintf (line + n, LINE_BYTES - n, ".%03dZ %s ",
                                  (int) (now.tv_nsec / 1000000), names[level]);
}

static void
hide_controls (char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char) text[i] < 0x20 || text[i] == 0x7f)
            text[i] = '?';
}

// Back over a character of UTF-8 that was cut in two.
static size_t
whole_characters (const char *text, size_t size)
{
    size_t lead = size;
    while (lead > 0 && ((unsigned char) text[lead - 1] & 0xc0) == 0x80)
        lead--;
    return lead > 0 && (unsigned char) text[lead - 1] >= 0xc0 ? lead - 1 : size;
}

static void
write_all (const char *line, size_t size)
{
    while (size > 0) {
        ssize_t written = write (STDERR_FILENO, line, size);
        if (written < 0 && errno != EINTR)
            return;
        if (written > 0) {
            line += written;
            size -= (size_t) written;
        }
    }
}

static void
log_line (log_level_t level, const char *format, va_list arguments)
{
    static const char cut[] = "...";
    if (level > least)
        return;
    int before = errno;
    char line[LINE_BYTES];
    size_t head = is_journal () ? put_priority (line, level) : put_time_and_level (line, level);
    size_t room = LINE_BYTES - head - 1;
    int wanted = vsnprintf (line + head, room, format, arguments);
    size_t size = wanted < 0 ? 0 : (size_t) wanted;
    if (size >= room) {
        size = whole_characters (line + head, room - sizeof cut);
        memcpy (line + head + size, cut, sizeof cut);
        size += sizeof cut - 1;
    }
    hide_controls (line + head, size);
    line[head + size] = '\n';
    write_all (line, head + size + 1);
    errno = before;
}

void
log_set_level (log_level_t level)
{
    least = level;
}

#define LOG_FUNCTION(name, level)                                                                  \
    void log_##name (const char *format, ...)                                                      \
    {                                                                                              \
        va_list arguments;                                                                         \
        va_start (arguments, format);                                                              \
        log_line (level, format, arguments);                                                       \
        va_end (arguments);                                                                        \
    }

LOG_FUNCTION (error, LOG_LEVEL_ERROR)
LOG_FUNCTION (warning, LOG_LEVEL_WARNING)
LOG_FUNCTION (info, LOG_LEVEL_INFO)
LOG_FUNCTION (debug, LOG_LEVEL_DEBUG)
