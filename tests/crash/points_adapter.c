/*
 * points_adapter - where kask-adapter makes something durable, or tells the partner's system.
 */
#include "connectors/file.h"
#include "disk.h"
#include "kask.h"
#include "points.h"

#include <curl/curl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// With KASK_POINT_DISK, the state folder: what its store has not synced is lost at the end.
static __attribute__ ((constructor)) void
have_disk (void)
{
    const char *folder = getenv ("KASK_POINT_DISK");
    if (!folder)
        return;
    disk_install ();
    disk_watch (folder, 0);
    point_ending = disk_lose;
}

POINT (bool, kask_commit, (kask_t * self, kask_error_t *error), (self, error))
POINT (kask_stored_t, kask_send,
       (kask_t * self, const char *recipient, Kask__ReferralEvent *event,
        const Kask__Content *content, const char *act, uint8_t message_id[16], kask_error_t *error),
       (self, recipient, event, content, act, message_id, error))
POINT (kask_stored_t, kask_publish,
       (kask_t * self, const Kask__Offering *offering, kask_error_t *error),
       (self, offering, error))
POINT (kask_stored_t, kask_withdraw, (kask_t * self, const char *key, kask_error_t *error),
       (self, key, error))
POINT (bool, kask_done, (kask_t * self, kask_message_t **message_p, kask_error_t *error),
       (self, message_p, error))
POINT (bool, kask_later,
       (kask_t * self, kask_message_t **message_p, int after_ms, kask_error_t *error),
       (self, message_p, after_ms, error))
POINT (bool, kask_crashed,
       (kask_t * self, kask_message_t **message_p, Kask__DeadReason reason, const char *text,
        kask_error_t *error),
       (self, message_p, reason, text, error))
POINT (bool, kask_refused,
       (kask_t * self, kask_message_t **message_p, const char *text, kask_error_t *error),
       (self, message_p, text, error))
POINT (bool, kask_answer_noted, (kask_t * self, kask_answer_t **answer_p, kask_error_t *error),
       (self, answer_p, error))
POINT (int, file_write,
       (int folder, const char *name, const char *suffix, const void *bytes, size_t size),
       (folder, name, suffix, bytes, size))
POINT (int, file_move, (int folder, const char *name, int to_folder, char to_name[FILE_NAME_BYTES]),
       (folder, name, to_folder, to_name))
POINT (int, fsync, (int fd), (fd))
POINT (int, renameat, (int from_folder, const char *from, int to_folder, const char *to),
       (from_folder, from, to_folder, to))
POINT (int, renameat2,
       (int from_folder, const char *from, int to_folder, const char *to, unsigned flags),
       (from_folder, from, to_folder, to, flags))
POINT (int, unlinkat, (int folder, const char *name, int flags), (folder, name, flags))
POINT (CURLcode, curl_easy_perform, (CURL * curl), (curl))
POINT (enum MHD_Result, MHD_queue_response,
       (struct MHD_Connection * connection, unsigned status, struct MHD_Response *response),
       (connection, status, response))
