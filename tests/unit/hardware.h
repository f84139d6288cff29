/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_HARDWARE_H
#define DG_TEST_HARDWARE_H

#include <stdbool.h>

#define HARDWARE_WHERE_MAX 256U

/* A TPM and a token of software, started by the test and gone with it. */

/** Start swtpm with its state in @p dir; false, and a visible word, where there
 * is none.  @p where is what --keys wants. */
bool hardware_tpm_start(const char *dir, char where[HARDWARE_WHERE_MAX]);

/** End it; its state stays. */
void hardware_tpm_end(void);

/** Make a SoftHSM token below @p dir; sets SOFTHSM2_CONF. */
bool hardware_token_make(const char *dir, char where[HARDWARE_WHERE_MAX]);

#endif
