/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TOKEN_START_H
#define DG_TOKEN_START_H

#include <sys/types.h>

/**
 * Start dosegate-token for one role.  It ends
 * when the other end of its socket closes, and leaves a TPM tidy.
 *
 * @param where     "tpm:TCTI" or "pkcs11:URI", below DG_KEYSTORE_WHERE_MAX.
 * @param program   What dg_program_take() measured; -1: the file that lies
 *                  beside this program, measured by nobody.
 * @param[out] pid  Of the process.
 *
 * @return The role's end of the socket, close-on-exec; -1 when the system
 *         refused.
 */
int dg_token_start(const char *where, int program, pid_t *pid);

#endif
