/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_TRUSTED_H
#define DG_CLI_TRUSTED_H

#include <stdbool.h>

#include "dosegate/crypto.h"

/**
 * Find the public key of the lab that the caller trusts: the file that was
 * named, else this machine's own.  Makes no key where there is none.
 *
 * @param      verb         For messages on stderr.
 * @param      key_path     NULL: this machine's own lab key.
 * @param      dir          Where that lives; NULL: the usual place.
 * @param[out] has_trusted  False: there is no key to trust.
 *
 * @return false: it was named or is there, and cannot be used; said on stderr.
 */
bool dg_cli_trusted(const struct dg_crypto *crypto,
                    const char *verb,
                    const char *key_path,
                    const char *dir,
                    struct dg_public_key *trusted,
                    bool *has_trusted);

#endif
