/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TOKEN_START_H
#define DG_TOKEN_START_H

/**
 * Start dosegate-token, which lies beside this program, for one role.  It ends
 * when the other end of its socket closes, and leaves a TPM tidy.
 *
 * @param where  "tpm:TCTI" or "pkcs11:URI", below DG_KEYSTORE_WHERE_MAX.
 *
 * @return The role's end of the socket, close-on-exec; -1 when the system
 *         refused.
 */
int dg_token_start(const char *where);

#endif
