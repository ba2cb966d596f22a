/*
 * files_write - the request `write`: a file for the partner's system, with its
 * attachments, and the receipt that the system gives.
 *
 * The file's name is the key: one that has its receipt, or lies there waiting for it, is not
 * written again, so the request can be repeated after any crash.
 */
#ifndef KASK_CONNECTOR_FILES_WRITE_H
#define KASK_CONNECTOR_FILES_WRITE_H

#include "connector.h"
#include "connectors/files_setup.h"

connector_result_t files_write (const files_setup_t *setup, jv request,
                                const attachment_t *attachments, size_t n_attachments, jv *response,
                                problem_t *problem) __attribute__ ((warn_unused_result));

#endif
