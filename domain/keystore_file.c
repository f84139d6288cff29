/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "keystore_rows.h"

/* The last resort: the key lies in its file, and whoever reads the file has it.
 * Weak, and said to be so wherever this store shows itself. */
static enum dg_status open_file(struct dg_keystore *store,
                                const char *where,
                                char why[DG_KEYSTORE_WHY_MAX])
{
    (void)store;
    (void)where;
    why[0] = '\0';
    return DG_OK;
}

static enum dg_status make(struct dg_keystore *store,
                           enum dg_key_use use,
                           struct dg_public_key *public_key,
                           struct dg_key_blob *blob)
{
    const struct dg_crypto *crypto = store->crypto;
    struct dg_secret secret;
    const enum dg_status status =
        crypto->p256_generate(crypto->context, &secret, public_key);

    (void)use;
    if (status == DG_OK) {
        blob->size = (uint16_t)sizeof(secret.byte);
        memcpy(blob->byte, secret.byte, sizeof(secret.byte));
    }
    explicit_bzero(&secret, sizeof(secret));
    return status;
}

static enum dg_status secret_of(const struct dg_key_blob *blob,
                                struct dg_secret *secret)
{
    if (blob->size != sizeof(secret->byte)) {
        return DG_E_PORT;
    }
    memcpy(secret->byte, blob->byte, sizeof(secret->byte));
    return DG_OK;
}

static enum dg_status agree(struct dg_keystore *store,
                            const struct dg_key_blob *blob,
                            const uint8_t peer_x[DG_P256_SIZE],
                            struct dg_secret *shared)
{
    const struct dg_crypto *crypto = store->crypto;
    struct dg_secret secret;
    enum dg_status status = secret_of(blob, &secret);

    if (status == DG_OK) {
        status = crypto->p256_ecdh(crypto->context, &secret, peer_x, shared);
    }
    explicit_bzero(&secret, sizeof(secret));
    return status;
}

static enum dg_status sign(struct dg_keystore *store,
                           const struct dg_key_blob *blob,
                           const struct dg_hash *hash,
                           struct dg_signature *signature)
{
    const struct dg_crypto *crypto = store->crypto;
    struct dg_secret secret;
    enum dg_status status = secret_of(blob, &secret);

    if (status == DG_OK) {
        status = crypto->es256_sign(crypto->context, &secret, hash, signature);
    }
    explicit_bzero(&secret, sizeof(secret));
    return status;
}

/* The caller overwrites the file. */
static enum dg_status destroy(struct dg_keystore *store,
                              const struct dg_key_blob *blob)
{
    (void)store;
    (void)blob;
    return DG_OK;
}

const struct dg_keystore_row dg_keystore_file_row = {
    .scheme = "file",
    .about = "files of this process: whoever reads them has the keys",
    .is_weak = true,
    .open = open_file,
    .make = make,
    .agree = agree,
    .sign = sign,
    .destroy = destroy,
};
