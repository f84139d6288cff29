/* SPDX-License-Identifier: Apache-2.0 */
#include "vault.h"

#include <string.h>

#include "private_file.h"

#define STORAGE_KEY "storage"

static const char root_label[] = "dosegate at rest 1";

/* HMAC as a key derivation with one block of output.  source: NIST SP 800-108
 * in counter mode comes to the same for 32 bytes; labels keep uses apart. */
static enum dg_status derive(const struct dg_crypto *crypto,
                             const struct dg_secret *secret,
                             dg_span label,
                             dg_span salt,
                             struct dg_hash *out)
{
    const dg_span parts[] = {label, salt};

    return crypto->hmac_sha256(
        crypto->context, DG_SPAN_OF(secret->byte), parts, 2, out);
}

enum dg_status dg_vault_open(struct dg_vault *vault, struct dg_keystore *store)
{
    if ((vault == NULL) || (store == NULL)) {
        return DG_E_USAGE;
    }

    struct dg_key key;
    struct dg_secret shared;
    struct dg_hash root;
    enum dg_status status =
        dg_keystore_load(store, STORAGE_KEY, DG_KEY_AGREE, &key);

    if (status == DG_E_STATE) {
        status = dg_keystore_make(store, STORAGE_KEY, DG_KEY_AGREE, &key);
    }
    if (status == DG_OK) {
        status = dg_keystore_agree(store, &key, key.public_key.x, &shared);
    }
    if (status == DG_OK) {
        status =
            derive(store->crypto,
                   &shared,
                   (dg_span){(const uint8_t *)root_label, sizeof(root_label)},
                   (dg_span){NULL, 0},
                   &root);
    }
    if (status == DG_OK) {
        vault->crypto = store->crypto;
        vault->directory = store->directory;
        memcpy(vault->root.byte, root.byte, sizeof(vault->root.byte));
    }
    explicit_bzero(&key, sizeof(key));
    explicit_bzero(&shared, sizeof(shared));
    explicit_bzero(&root, sizeof(root));
    return status;
}

void dg_vault_wipe(struct dg_vault *vault)
{
    explicit_bzero(vault, sizeof(*vault));
}

/* One key and nonce for one salt, used for one write. */
static enum dg_status key_of(const struct dg_vault *vault,
                             dg_span name,
                             dg_span salt,
                             struct dg_aead_key *key)
{
    struct dg_hash hash;
    const enum dg_status status =
        derive(vault->crypto, &vault->root, name, salt, &hash);

    if (status == DG_OK) {
        memcpy(key->key, hash.byte, sizeof(key->key));
        memcpy(key->nonce, &hash.byte[sizeof(key->key)], sizeof(key->nonce));
    }
    explicit_bzero(&hash, sizeof(hash));
    return status;
}

_Static_assert(DG_AEAD_KEY_SIZE + DG_AEAD_NONCE_SIZE <= DG_HASH_SIZE,
               "one HMAC gives key and nonce");

enum dg_status dg_vault_write(const struct dg_vault *vault,
                              const char *name,
                              dg_span bytes)
{
    if ((vault == NULL) || (name == NULL) || (bytes.size == 0U) ||
        (bytes.size > DG_VAULT_DATA_MAX)) {
        return DG_E_USAGE;
    }

    const struct dg_crypto *crypto = vault->crypto;
    uint8_t image[DG_VAULT_EXTRA + DG_VAULT_DATA_MAX];
    const dg_buf salt = {image, DG_VAULT_SALT_SIZE};
    const dg_buf sealed = {&image[DG_VAULT_SALT_SIZE],
                           bytes.size + DG_TAG_SIZE};
    const dg_span label = {(const uint8_t *)name, strlen(name) + 1U};
    struct dg_aead_key key;
    enum dg_status status = crypto->random(crypto->context, salt);

    if (status == DG_OK) {
        status = key_of(vault, label, (dg_span){salt.at, salt.capacity}, &key);
    }
    if (status == DG_OK) {
        status = crypto->ccm_seal(
            crypto->context, &key, DG_TAG_SIZE, label, bytes, sealed);
    }
    if (status == DG_OK) {
        status = dg_private_file_write(
            vault->directory,
            name,
            (dg_span){image, DG_VAULT_EXTRA + bytes.size});
    }
    explicit_bzero(&key, sizeof(key));
    return status;
}

enum dg_status dg_vault_read(const struct dg_vault *vault,
                             const char *name,
                             dg_buf out)
{
    if ((vault == NULL) || (name == NULL) || (out.at == NULL) ||
        (out.capacity == 0U) || (out.capacity > DG_VAULT_DATA_MAX)) {
        return DG_E_USAGE;
    }

    const struct dg_crypto *crypto = vault->crypto;
    uint8_t image[DG_VAULT_EXTRA + DG_VAULT_DATA_MAX];
    const dg_buf whole = {image, DG_VAULT_EXTRA + out.capacity};
    const dg_span salt = {image, DG_VAULT_SALT_SIZE};
    const dg_span sealed = {&image[DG_VAULT_SALT_SIZE],
                            out.capacity + DG_TAG_SIZE};
    const dg_span label = {(const uint8_t *)name, strlen(name) + 1U};
    struct dg_aead_key key;
    enum dg_status status = dg_private_file_read(vault->directory, name, whole);

    memset(out.at, 0, out.capacity);
    if (status == DG_E_RANGE) {
        return DG_E_CORRUPT;
    }
    if (status == DG_OK) {
        status = key_of(vault, label, salt, &key);
        if (status == DG_OK) {
            status = crypto->ccm_open(
                crypto->context, &key, DG_TAG_SIZE, label, sealed, out);
            status = (status == DG_E_AUTH) ? DG_E_CORRUPT : status;
        }
        explicit_bzero(&key, sizeof(key));
    }
    return status;
}
