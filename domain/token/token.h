/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TOKEN_H
#define DG_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "keystore.h"

/* What dosegate-token asks of a piece of hardware: P-256 keys that never leave
 * it.  Each function: DG_OK, or DG_E_PORT when the hardware failed. */
struct dg_token_row {
    const char *scheme;
    /* Connect; @where is what follows "scheme:".  @why is set on failure. */
    enum dg_status (*open)(const char *where, char why[DG_KEYSTORE_WHY_MAX]);
    /* Make a key for one use; the blob finds it again. */
    enum dg_status (*make)(enum dg_key_use use,
                           struct dg_public_key *public_key,
                           struct dg_key_blob *blob);
    enum dg_status (*agree)(const struct dg_key_blob *blob,
                            const struct dg_public_key *peer,
                            struct dg_secret *shared);
    enum dg_status (*sign)(const struct dg_key_blob *blob,
                           const struct dg_hash *hash,
                           struct dg_signature *signature);
    enum dg_status (*destroy)(const struct dg_key_blob *blob);
    /* Read a counter that only rises, raising it first; NULL: has none. */
    enum dg_status (*count)(bool bump, uint64_t *value);
    /* Leave nothing behind in the hardware's working memory. */
    void (*close)(void);
};

extern const struct dg_token_row dg_token_tpm;
extern const struct dg_token_row dg_token_pkcs11;

/** The point of P-256 with this abscissa and an even ordinate.
 * @retval DG_OK, DG_E_RANGE (there is none), DG_E_PORT. */
DG_NODISCARD enum dg_status dg_token_lift(const uint8_t x[DG_P256_SIZE],
                                          struct dg_public_key *point);

#endif
