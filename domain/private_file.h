/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PRIVATE_FILE_H
#define DG_PRIVATE_FILE_H

#include "dosegate/span.h"
#include "dosegate/status.h"

#define DG_PRIVATE_WHY_MAX 256U

/* Small files with secrets: exact size, mode 0600, ours alone, replaced as a
 * whole or not at all. */

/**
 * Open a directory, making it (0700) when it is missing.
 *
 * @param[out] fd   The directory; the caller closes it.
 * @param[out] why  DG_PRIVATE_WHY_MAX bytes: what to do about a refusal.
 *
 * @retval DG_OK      Ours, and nobody else may enter.
 * @retval DG_E_AUTH  Somebody else's, or open to others.
 * @retval DG_E_PORT  The system refused.
 */
DG_NODISCARD enum dg_status dg_private_directory_open(
    const char *path, int *fd, char why[DG_PRIVATE_WHY_MAX]);

/**
 * Read a whole file.
 *
 * @param out  Filled completely: the file has exactly this size.
 *
 * @retval DG_OK       Read.
 * @retval DG_E_STATE  There is no such file.
 * @retval DG_E_AUTH   Not a plain file, not ours, or open to others.
 * @retval DG_E_RANGE  Another size.
 * @retval DG_E_PORT   The system refused.
 */
DG_NODISCARD enum dg_status dg_private_file_read(int directory,
                                                 const char *name,
                                                 dg_buf out);

/** Replace a file: after a power cut it is the old one or the new one.
 * @retval DG_OK, DG_E_USAGE (the name is too long), DG_E_PORT. */
DG_NODISCARD enum dg_status dg_private_file_write(int directory,
                                                  const char *name,
                                                  dg_span bytes);

/** Overwrite a file with zeros and remove it; none at all is well, too.  A
 * file system that copies on write may keep the old bytes: what was to be
 * secret in it has to be sealed.
 * @retval DG_OK, DG_E_USAGE (the name is too long), DG_E_PORT. */
DG_NODISCARD enum dg_status dg_private_file_erase(int directory,
                                                  const char *name);

#endif
