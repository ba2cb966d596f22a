/*
 * example - takes referrals into a file, each on disk before it is acknowledged.
 *
 *   kask-example FOLDER FILE
 *
 * FOLDER is a state folder that kask-adapter init and join have made.  A line of
 * FILE begins with the message's id; a line that is there already is not
 * written again, so a message that comes twice has its effect once.
 */
#include <kask.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
has_line (FILE *file, const char *id)
{
    char line[4096];
    size_t size = strlen (id);
    rewind (file);
    while (fgets (line, sizeof line, file))
        if (strncmp (line, id, size) == 0 && line[size] == ' ')
            return true;
    return false;
}

// True: the message is on disk.
static bool
take (FILE *file, const kask_message_t *message)
{
    const char *text = message->content ? message->content->text : "";
    const char *reference = message->standing ? message->standing->reference : "-";
    if (!has_line (file, message->id))
        fprintf (file, "%s %s event=%d %.1000s\n", message->id, reference,
                 (int) message->header->referral->event, text);
    return fflush (file) == 0 && fsync (fileno (file)) == 0;
}

int
main (int argc, char **argv)
{
    kask_error_t error = {"usage: kask-example FOLDER FILE"};
    const kask_options_t options = {.network = true, .software = "kask-example"};
    FILE *file = argc == 3 ? fopen (argv[2], "a+") : NULL;
    kask_t *kask = file ? kask_open (argv[1], &options, &error) : NULL;
    bool good = kask != NULL;
    while (good && kask_step (kask) != KASK_STOPPED) {
        kask_message_t *message = kask_next (kask);
        for (; message && good; message = good ? kask_next (kask) : message)
            good = take (file, message) ? kask_done (kask, &message, &error)
                                        : kask_later (kask, &message, 1000, &error);
        struct pollfd ready = {.fd = kask_fd (kask), .events = POLLIN};
        poll (&ready, 1, kask_timeout_ms (kask));
    }
    fprintf (stderr, "%s\n", kask && good ? kask_why (kask) : error.text);
    kask_close (&kask);
    return 1;
}
