/*
 * log - one line a fact, on standard error.
 *
 * "database: not connected connection=main problem=..." : area, what
 * happened, then name=value pairs with the ids concerned (partner, message, referral), and
 * what to do behind a semicolon where somebody should do something.  Never
 * content, never a client's name.  Under systemd a line has its priority in front
 * (sd-daemon(3)), elsewhere time and level.
 */
#ifndef KASK_LOG_H
#define KASK_LOG_H

typedef enum { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG } log_level_t;

// What is less important than this is dropped; at first LOG_LEVEL_INFO.
void log_set_level (log_level_t level);

// Control characters in the text become '?'.  Safe from any thread.
void log_error (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
void log_warning (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
void log_info (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
void log_debug (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

#endif
