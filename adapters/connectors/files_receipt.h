/*
 * files_receipt - waiting for what a system says about a file that it was given.
 */
#ifndef KASK_CONNECTOR_FILES_RECEIPT_H
#define KASK_CONNECTOR_FILES_RECEIPT_H

#include "connector.h"
#include "connectors/files_setup.h"

// Texts are borrowed from the request; NULL where it does not say.
typedef struct {
    const char *file;    // that waits for it
    const char *done;    // where the receipt is when the file was taken in
    const char *refused; // where the reason is when it was not
    const char *format;  // of `done`
} files_receipt_t;

// Is there one, or the file itself still?  So it is not to be written again.
bool files_receipt_is_under_way (const files_receipt_t *self, int root);

// Waits for a whole receipt, setup->receipt_wait_ms at most.  OK: *response.  LATER: the
// problem; the file stays where it is.
connector_result_t files_receipt_wait (const files_receipt_t *self, const files_setup_t *setup,
                                       int root, jv *response, problem_t *problem)
    __attribute__ ((warn_unused_result));

#endif
