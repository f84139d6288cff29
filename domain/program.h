/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PROGRAM_H
#define DG_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "dosegate/crypto.h"
#include "internal.h"
#include "role.h"

#define DG_PROGRAM_PATH_MAX 256U
#define DG_PROGRAM_WHY_MAX  400U

/* SHA-256 of each role's program, taken when this supervisor was built
 * (cmake/programs.cmake).  Row DG_ROLE_ID_NONE is dosegate-token, which is no
 * role. */
extern const uint8_t dg_programs[DG_ROLE_PROGRAMS][32];

/** The program of a role (NONE: dosegate-token): beside our own.
 * @return false: no room for it. */
bool dg_program_path(enum dg_role_id role, char path[DG_PROGRAM_PATH_MAX]);

/**
 * Copy a program of the list into sealed memory and measure the copy.  What runs is
 * what was measured, whatever happens to the file; nobody but its process can
 * read it, so that not even its first instruction can be traced by the user.
 *
 * @param[out] fd   To be executed with execveat(); the caller closes it.
 * @param[out] why  DG_PROGRAM_WHY_MAX bytes: what to do about a refusal.
 *
 * @retval DG_OK      It is the one that this supervisor was built with.
 * @retval DG_E_AUTH  It is another one.
 * @retval DG_E_PORT  It cannot be read, or there is no memory.
 */
DG_NODISCARD enum dg_status dg_program_take(const struct dg_crypto *crypto,
                                            enum dg_role_id role,
                                            int *fd,
                                            char why[DG_PROGRAM_WHY_MAX]);

/**
 * Measure a file of at most 64 MB.
 *
 * @param is_library  A symbolic link is followed; else it is none of ours.
 *
 * @retval DG_OK      @p digest is its SHA-256.
 * @retval DG_E_PORT  It cannot be read.
 */
DG_NODISCARD enum dg_status dg_program_measure(const struct dg_crypto *crypto,
                                               const char *path,
                                               bool is_library,
                                               struct dg_hash *digest);

#endif
