/*
 * files_write - a file for the partner's system.
 *
 * Everything that can be refused is looked at before anything is written; the
 * attachments are there before the file that names them.
 */
#include "connectors/files_write.h"

#include "connectors/files_receipt.h"
#include "connectors/place.h"
#include "connectors/request.h"
#include "format_setup.h"
#include "formats/format.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_ATTACHMENTS = 20 };

// The request, checked.  Texts are borrowed from it.
typedef struct {
    const char *path;
    format_buffer_t bytes;               // owned
    const char *papers[MAX_ATTACHMENTS]; // paths of the attachments
    int numbers[MAX_ATTACHMENTS];        // of the task's attachments
    size_t n_papers;
    bool has_receipt;
    files_receipt_t receipt;
} plan_t;

// ---- checking

static bool
path_member (jv object, const char *name, bool needed, const char **path_p, problem_t *problem)
{
    if (!request_text (object, name, path_p, problem))
        return false;
    if (*path_p ? place_is_path (*path_p) : !needed)
        return true;
    (void) request_bad (problem, name,
                        "must be a path beneath the partner's folder, without .., \\ and "
                        "control characters");
    return false;
}

static bool
plan_paper (plan_t *self, jv paper, size_t n_attachments, problem_t *problem)
{
    static const char *const members[] = {"attachment", "file", NULL};
    size_t i = self->n_papers;
    if (!request_has_only (paper, members, problem) ||
        !request_attachment (paper, "attachment", n_attachments, &self->numbers[i], problem) ||
        !path_member (paper, "file", true, &self->papers[i], problem))
        return false;
    if (self->numbers[i] < 0) {
        (void) request_bad (problem, "attachment", "must be the number of an attachment");
        return false;
    }
    self->n_papers++;
    return true;
}

static bool
plan_papers (plan_t *self, jv request, size_t n_attachments, problem_t *problem)
{
    jv list = request_member (request, "attachments");
    jv_kind kind = jv_get_kind (list);
    int n = kind == JV_KIND_ARRAY ? jv_array_length (jv_copy (list)) : 0;
    bool good = (kind == JV_KIND_ARRAY || kind == JV_KIND_NULL) && n <= MAX_ATTACHMENTS;
    if (!good)
        (void) request_bad (problem, "attachments", "must be a list of at most %d",
                            MAX_ATTACHMENTS);
    for (int i = 0; good && i < n; i++) {
        jv paper = jv_array_get (jv_copy (list), i);
        good = plan_paper (self, paper, n_attachments, problem);
        jv_free (paper); // the request still holds it
    }
    jv_free (list);
    return good;
}

static bool
plan_receipt (plan_t *self, jv request, problem_t *problem)
{
    static const char *const members[] = {"done", "refused", "format", NULL};
    jv receipt = request_member (request, "receipt");
    self->has_receipt = jv_get_kind (receipt) != JV_KIND_NULL;
    self->receipt.file = self->path;
    bool good = !self->has_receipt ||
                (request_has_only (receipt, members, problem) &&
                 path_member (receipt, "done", false, &self->receipt.done, problem) &&
                 path_member (receipt, "refused", false, &self->receipt.refused, problem) &&
                 request_text (receipt, "format", &self->receipt.format, problem));
    jv_free (receipt); // the request still holds it
    if (!good || !self->has_receipt)
        return good;
    if (!self->receipt.done && !self->receipt.refused)
        good = request_bad (problem, "receipt", "must say where: done, refused, or both") ==
               CONNECTOR_OK;
    else if (self->receipt.done && !self->receipt.format)
        good = request_bad (problem, "receipt", "must say the format of done") == CONNECTOR_OK;
    return good;
}

// A record that the format cannot hold is the data's fault, not the program's.
static connector_result_t
plan_records (plan_t *self, const files_setup_t *setup, jv request, const char *format,
              problem_t *problem)
{
    format_setup_t found;
    problem_t wrong;
    if (!format_setup (&found, setup->settings, format, &wrong))
        return request_bad (problem, "format", "%s", wrong.what);
    jv records = request_member (request, "records");
    bool good = format_write (found.type, found.options, records, &self->bytes, &wrong);
    bool is_list = jv_get_kind (records) == JV_KIND_ARRAY;
    jv_free (records);
    format_setup_clear (&found);
    if (good)
        return CONNECTOR_OK;
    if (problem)
        *problem = wrong;
    return is_list && wrong.scope == PROBLEM_RECORD ? CONNECTOR_REFUSED : CONNECTOR_BAD;
}

static connector_result_t
plan (plan_t *self, const files_setup_t *setup, jv request, size_t n_attachments,
      problem_t *problem)
{
    static const char *const members[] = {"write",       "format",  "records",
                                          "attachments", "receipt", NULL};
    const char *format;
    if (!request_has_only (request, members, problem) ||
        !path_member (request, "write", true, &self->path, problem) ||
        !request_text (request, "format", &format, problem) ||
        !plan_papers (self, request, n_attachments, problem) ||
        !plan_receipt (self, request, problem))
        return CONNECTOR_BAD;
    if (!format)
        return request_bad (problem, "format", "is missing");
    return plan_records (self, setup, request, format, problem);
}

// ---- writing

static bool
is_full (int error)
{
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

static connector_result_t
could_not (const char *path, int error, problem_t *problem)
{
    if (is_full (error))
        problem_set (problem, PROBLEM_FILE, "", "make room; it is tried again by itself",
                     "no room on the disk (%s): nothing was given to the partner's system",
                     strerror (error));
    else
        problem_set (
            problem, PROBLEM_FILE, "",
            "see that the folder is there and may be written to; it is tried again by itself",
            "cannot be written (%s): nothing was given to the partner's system", strerror (error));
    problem_at (problem, path, 0, NULL);
    return CONNECTOR_LATER;
}

static int
write_one (const files_setup_t *setup, int root, const char *path, bool make_folder,
           const void *bytes, size_t size)
{
    place_t place;
    if (!place_open (root, path, make_folder, &place))
        return errno;
    int error = file_write (place.folder, place.name, setup->suffix, bytes, size);
    place_close (&place);
    return error;
}

static void
remove_papers (const plan_t *self, int root, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        place_t place;
        if (!place_open (root, self->papers[i], false, &place))
            continue;
        unlinkat (place.folder, place.name, 0);
        place_close (&place);
    }
}

static connector_result_t
write_all (const plan_t *self, const files_setup_t *setup, int root,
           const attachment_t *attachments, problem_t *problem)
{
    const char *path = self->path;
    int error = 0;
    size_t i;
    for (i = 0; i < self->n_papers && error == 0; i++) {
        const attachment_t *attachment = &attachments[self->numbers[i]];
        path = self->papers[i];
        error = write_one (setup, root, path, true, attachment->bytes, attachment->size);
    }
    if (error == 0) {
        path = self->path;
        error = write_one (setup, root, path, false, self->bytes.bytes, self->bytes.size);
    }
    if (error == 0)
        return CONNECTOR_OK;
    remove_papers (self, root, i);
    return could_not (path, error, problem);
}

static connector_result_t
carry_out (const plan_t *self, const files_setup_t *setup, int root,
           const attachment_t *attachments, jv *response, problem_t *problem)
{
    connector_result_t result = CONNECTOR_OK;
    if (!self->has_receipt || !files_receipt_is_under_way (&self->receipt, root))
        result = write_all (self, setup, root, attachments, problem);
    if (result != CONNECTOR_OK)
        return result;
    if (self->has_receipt)
        return files_receipt_wait (&self->receipt, setup, root, response, problem);
    *response = jv_object ();
    return CONNECTOR_OK;
}

connector_result_t
files_write (const files_setup_t *setup, jv request, const attachment_t *attachments,
             size_t n_attachments, jv *response, problem_t *problem)
{
    plan_t self = {.path = NULL};
    connector_result_t result = plan (&self, setup, request, n_attachments, problem);
    if (result == CONNECTOR_OK) {
        int root = files_open_root (setup, problem);
        result = root < 0 ? CONNECTOR_LATER
                          : carry_out (&self, setup, root, attachments, response, problem);
        if (root >= 0)
            close (root);
    }
    format_buffer_clear (&self.bytes);
    return result;
}
