/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_FILES_H
#define DG_ATTEST_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "dosegate/span.h"
#include "dosegate/status.h"

/** Read a whole file of at most @p max bytes into memory of malloc().
 *
 * @param[out] bytes  Give bytes->at to free().
 * @param[out] why    160 bytes: what was wrong.
 *
 * @retval DG_OK, DG_E_RANGE (empty or larger), DG_E_PORT. */
DG_NODISCARD enum dg_status dg_file_slurp(const char *path,
                                          size_t max,
                                          dg_buf *bytes,
                                          char *why);

#endif
