/*
 * example - takes referrals into a file, each on disk before it is acknowledged.
 *
 *   kask-example FOLDER FILE
 *
 * FOLDER is a state folder that kask-adapter init and join have made.  A line of
 * FILE begins with the message's id; a whole line that is there already is not
 * written again, so a message that comes twice has its effect once.  What cannot
 * be written, on a full disk say, is tried again each second.
 */
#include <kask.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Is there a whole line of that id?  *torn: the last line was not written to its end.
static bool
has_line (FILE *file, const char *id, bool *torn)
{
    char line[4096];
    size_t size = strlen (id);
    *torn = false;
    rewind (file);
    while (fgets (line, sizeof line, file)) {
        *torn = !strchr (line, '\n');
        if (!*torn && strncmp (line, id, size) == 0 && line[size] == ' ')
            return true;
    }
    return false;
}

// True: the message is on disk.
static bool
take (FILE *file, const kask_message_t *message, kask_error_t *error)
{
    bool torn;
    const char *text = message->content ? message->content->text : "";
    const char *reference = message->standing ? message->standing->reference : "-";
    size_t size = strcspn (text, "\r\n");
    if (!has_line (file, message->id, &torn))
        fprintf (file, "%s%s %s event=%d %.*s\n", torn ? "\n" : "", message->id, reference,
                 (int) message->header->referral->event, (int) (size < 1000 ? size : 1000), text);
    if (fflush (file) == 0 && fsync (fileno (file)) == 0)
        return true;
    snprintf (error->text, sizeof error->text, "message %s waits: %m; make room", message->id);
    return false;
}

int
main (int argc, char **argv)
{
    kask_error_t error = {"usage: kask-example FOLDER FILE"};
    const kask_options_t options = {.network = true, .software = "kask-example"};
    FILE *file = argc == 3 ? fopen (argv[2], "a+") : NULL;
    kask_t *kask = file ? kask_open (argv[1], &options, &error) : NULL;
    kask_message_t *message = NULL;
    while (kask && kask_step (kask) != KASK_STOPPED) {
        while (message || (message = kask_next (kask)))
            if (!take (file, message, &error) || !kask_done (kask, &message, &error)) {
                fprintf (stderr, "%s\n", error.text);
                break;
            }
        struct pollfd ready = {.fd = kask_fd (kask), .events = POLLIN};
        poll (&ready, 1, kask_timeout_ms (kask));
    }
    fprintf (stderr, "%s\n", kask ? kask_why (kask) : error.text);
    kask_close (&kask);
    return 1;
}
