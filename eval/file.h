/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_FILE_H
#define DG_EVAL_FILE_H

#include <stddef.h>

#include "dosegate/span.h"
#include "dosegate/status.h"
#include "eval/problem.h"

/**
 * Read a whole regular file.
 *
 * @param      max    Largest size in bytes that is read.
 * @param[out] bytes  Free with dg_file_free(); {NULL, 0} unless DG_OK.
 *
 * @retval DG_OK       Read.
 * @retval DG_E_RANGE  Larger than @p max.
 * @retval DG_E_PORT   No such file, no permission, no regular file, no memory.
 */
DG_NODISCARD enum dg_status dg_file_read(const char *path,
                                         size_t max,
                                         dg_span *bytes,
                                         struct dg_problem *problem);

/** Free what dg_file_read() gave. */
void dg_file_free(dg_span bytes);

/**
 * Write a whole file or nothing: a reader sees the old bytes or the new ones,
 * also after a power cut, and a failure leaves no temporary file behind.
 *
 * @param mode  Permission bits, such as 0644.
 *
 * @retval DG_OK      Written and synchronised.
 * @retval DG_E_PORT  The disk is full, no permission, ...; @p path is as it
 *                    was.
 */
DG_NODISCARD enum dg_status dg_file_write(const char *path,
                                          dg_span bytes,
                                          unsigned mode,
                                          struct dg_problem *problem);

/** As dg_file_write(), but DG_E_STATE when @p path is there already. */
DG_NODISCARD enum dg_status dg_file_create(const char *path,
                                           dg_span bytes,
                                           unsigned mode,
                                           struct dg_problem *problem);

#endif
