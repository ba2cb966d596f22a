/*
 * t_log - what a line of the log looks like.
 */
#include "log.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

static FILE *caught;
static int real_stderr;

static void
catch_lines (void)
{
    caught = tmpfile ();
    fflush (stderr);
    real_stderr = dup (STDERR_FILENO);
    dup2 (fileno (caught), STDERR_FILENO);
}

// What was written since, in a buffer of this test.
static const char *
caught_lines (void)
{
    static char text[8192];
    dup2 (real_stderr, STDERR_FILENO);
    close (real_stderr);
    rewind (caught);
    text[fread (text, 1, sizeof text - 1, caught)] = '\0';
    fclose (caught);
    return text;
}

static void
a_line_has_time_level_and_text (void)
{
    unsetenv ("JOURNAL_STREAM");
    catch_lines ();
    log_warning ("outbox: not sent partner=%s", "aust-agder");
    const char *line = caught_lines ();
    ok (strlen (line) > 25 && line[4] == '-' && line[10] == 'T' && line[23] == 'Z', "time in UTC");
    is_text (line + 24, " warning outbox: not sent partner=aust-agder\n", "level and text");
}

static void
the_journal_gets_priorities (void)
{
    setenv ("JOURNAL_STREAM", "8:1", 1);
    catch_lines ();
    log_error ("one");
    log_info ("two");
    is_text (caught_lines (), "<3>one\n<6>two\n", "priorities as sd-daemon(3) has them");
}

static void
what_is_less_important_is_dropped (void)
{
    catch_lines ();
    log_debug ("hidden");
    log_set_level (LOG_LEVEL_DEBUG);
    log_debug ("shown");
    log_set_level (LOG_LEVEL_ERROR);
    log_warning ("hidden");
    log_set_level (LOG_LEVEL_INFO);
    is_text (caught_lines (), "<7>shown\n", "by the level set");
}

static void
a_line_stays_one_line (void)
{
    catch_lines ();
    log_info ("a\nb\x1b[31m\xc3\xa5%s", "\x7f");
    is_text (caught_lines (), "<6>a?b?[31m\xc3\xa5?\n", "control characters are hidden");
}

static void
a_long_line_is_cut_between_characters (void)
{
    char text[3001];
    for (size_t i = 0; i < 3000; i += 2)
        memcpy (text + i, "\xc3\xa5", 2);
    text[3000] = '\0';
    bool good = true;
    for (int shift = 0; shift < 2; shift++) {
        catch_lines ();
        log_info ("%s", text + 2 - 2 * shift);
        const char *line = caught_lines ();
        size_t n = strlen (line);
        good = good && n > 2000 && n <= 2048 && strcmp (line + n - 4, "...\n") == 0 &&
               (unsigned char) line[n - 5] == 0xa5;
    }
    catch_lines ();
    log_info ("x%s", text);
    const char *line = caught_lines ();
    ok (good && (unsigned char) line[strlen (line) - 5] == 0xa5, "and the cut is marked");
}

int
main (void)
{
    a_line_has_time_level_and_text ();
    the_journal_gets_priorities ();
    what_is_less_important_is_dropped ();
    a_line_stays_one_line ();
    a_long_line_is_cut_between_characters ();
    return tap_end ();
}
