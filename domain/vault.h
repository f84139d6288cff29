/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_VAULT_H
#define DG_VAULT_H

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"
#include "keystore.h"

/* Data at rest: small files sealed under a key that only the keystore can give
 * back.  The storage key agrees with its own public half once at start; what
 * comes of that is the root of one fresh AES-128-CCM key for each write.  When
 * the storage key is destroyed, nothing that was ever sealed can be read.
 * @satisfies{FDP_REST.1@1} */
#define DG_VAULT_SALT_SIZE 16U
#define DG_VAULT_EXTRA     (DG_VAULT_SALT_SIZE + DG_TAG_SIZE)
#define DG_VAULT_DATA_MAX  512U

struct dg_vault {
    const struct dg_crypto *crypto;
    int directory;
    struct dg_secret root;
};

/**
 * Open it, making the storage key ("key-storage") where there is none.
 *
 * @retval DG_OK       Ready.
 * @retval DG_E_AUTH, DG_E_CORRUPT  As dg_keystore_load() says.
 * @retval DG_E_USAGE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_vault_open(struct dg_vault *vault,
                                          struct dg_keystore *store);

/** Forget the root. */
void dg_vault_wipe(struct dg_vault *vault);

/**
 * Seal and replace a private file: salt, sealed bytes, tag; its name is bound.
 *
 * @param bytes  1 .. DG_VAULT_DATA_MAX.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_PORT (the file is as before).
 */
DG_NODISCARD enum dg_status dg_vault_write(const struct dg_vault *vault,
                                           const char *name,
                                           dg_span bytes);

/**
 * Read a sealed file of exactly @p out's size before sealing.
 *
 * @retval DG_OK         @p out is filled; else it holds zeros.
 * @retval DG_E_STATE    There is none.
 * @retval DG_E_AUTH     Not ours alone.
 * @retval DG_E_CORRUPT  Changed, of another size, or sealed elsewhere.
 * @retval DG_E_USAGE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_vault_read(const struct dg_vault *vault,
                                          const char *name,
                                          dg_buf out);

#endif
