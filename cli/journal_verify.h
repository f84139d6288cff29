/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_JOURNAL_VERIFY_H
#define DG_CLI_JOURNAL_VERIFY_H

#include <stdbool.h>

#include "dosegate/crypto.h"

/** Does this file begin as an exported journal? */
bool dg_cli_is_journal(const char *path);

/**
 * Verify one, and tell.
 *
 * @param key_path  The pump's key; NULL: what this machine learned.
 * @param since     An earlier export that it must continue; NULL: none.
 * @param is_shown  Print every entry of a valid one; of any other, none.
 *
 * @return Exit code: 0 valid, 1 could not check, 2 altered, forked, or of a
 *         pump that is not trusted.
 */
int dg_cli_verify_journal(const struct dg_crypto *crypto,
                          const char *path,
                          const char *key_path,
                          const char *dir,
                          const char *since,
                          bool is_shown);

#endif
