/* SPDX-License-Identifier: Apache-2.0 */
#include "keystore.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore_rows.h"
#include "private_file.h"

/* magic, scheme, use, public key, blob, digest */
#define BODY_SIZE (8U + 8U + 1U + 64U + 2U + DG_KEYSTORE_BLOB_MAX)
#define FILE_SIZE (BODY_SIZE + DG_HASH_SIZE)

static const uint8_t magic[8] = {'D', 'G', 'K', 'E', 'Y', '0', '0', '1'};

const struct dg_keystore_row *dg_keystore_row_of(const char *where)
{
    static const struct dg_keystore_row *const rows[] = {
        &dg_keystore_file_row, &dg_keystore_tpm_row, &dg_keystore_pkcs11_row};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const size_t size = strlen(rows[i]->scheme);

        if ((strncmp(where, rows[i]->scheme, size) == 0) &&
            ((where[size] == '\0') || (where[size] == ':'))) {
            return rows[i];
        }
    }
    return NULL;
}

enum dg_status dg_keystore_open(struct dg_keystore *store,
                                const struct dg_crypto *crypto,
                                const char *where,
                                int directory,
                                int token,
                                char why[DG_KEYSTORE_WHY_MAX])
{
    const struct dg_keystore_row *row = dg_keystore_row_of(where);

    *store = (struct dg_keystore){
        .row = row, .crypto = crypto, .directory = directory, .token = -1};
    if ((row == NULL) || (strlen(where) >= DG_KEYSTORE_WHERE_MAX)) {
        (void)snprintf(why,
                       DG_KEYSTORE_WHY_MAX,
                       "write file, tpm:TCTI or pkcs11:URI, at most %u "
                       "characters",
                       DG_KEYSTORE_WHERE_MAX - 1U);
        return DG_E_RANGE;
    }
    store->token = row->is_weak ? -1 : token;
    return row->open(store, where, why);
}

void dg_keystore_close(struct dg_keystore *store)
{
    if (store->token >= 0) {
        (void)close(store->token);
        store->token = -1;
    }
}

static bool is_name(const char *name)
{
    const size_t size = (name == NULL) ? 0U : strlen(name);

    return (size > 0U) && (size <= DG_KEYSTORE_NAME_MAX) &&
           (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == size);
}

static void file_of(const char *name, char file[DG_KEYSTORE_NAME_MAX + 5U])
{
    (void)snprintf(file, DG_KEYSTORE_NAME_MAX + 5U, "key-%s", name);
}

static enum dg_status digest(const struct dg_keystore *store,
                             const uint8_t image[FILE_SIZE],
                             struct dg_hash *hash)
{
    const dg_span body = {image, BODY_SIZE};

    return store->crypto->sha256(store->crypto->context, &body, 1, hash);
}

static enum dg_status write_key(struct dg_keystore *store,
                                const struct dg_key *key)
{
    char file[DG_KEYSTORE_NAME_MAX + 5U];
    uint8_t image[FILE_SIZE] = {0};
    struct dg_hash hash;

    memcpy(image, magic, 8);
    memcpy(&image[8], store->row->scheme, strlen(store->row->scheme));
    image[16] = (uint8_t)key->use;
    memcpy(&image[17], key->public_key.x, DG_P256_SIZE);
    memcpy(&image[49], key->public_key.y, DG_P256_SIZE);
    image[81] = (uint8_t)(key->blob.size >> 8U);
    image[82] = (uint8_t)key->blob.size;
    memcpy(&image[83], key->blob.byte, key->blob.size);

    enum dg_status status = digest(store, image, &hash);

    if (status == DG_OK) {
        memcpy(&image[BODY_SIZE], hash.byte, sizeof(hash.byte));
        file_of(key->name, file);
        status = dg_private_file_write(
            store->directory, file, (dg_span){image, FILE_SIZE});
    }
    explicit_bzero(image, sizeof(image));
    return status;
}

/* The image is whole; is it what we look for? */
static enum dg_status parse(const struct dg_keystore *store,
                            const uint8_t image[FILE_SIZE],
                            const char *name,
                            enum dg_key_use use,
                            struct dg_key *key)
{
    char scheme[8] = "";
    const unsigned size = ((unsigned)image[81] << 8U) | image[82];

    memcpy(scheme, store->row->scheme, strlen(store->row->scheme));
    if ((memcmp(image, magic, 8) != 0) ||
        (memcmp(&image[8], scheme, sizeof(scheme)) != 0) ||
        (image[16] != (uint8_t)use) || (size > DG_KEYSTORE_BLOB_MAX)) {
        return DG_E_CORRUPT;
    }
    memset(key, 0, sizeof(*key));
    (void)snprintf(key->name, sizeof(key->name), "%s", name);
    key->use = use;
    memcpy(key->public_key.x, &image[17], DG_P256_SIZE);
    memcpy(key->public_key.y, &image[49], DG_P256_SIZE);
    key->blob.size = (uint16_t)size;
    memcpy(key->blob.byte, &image[83], size);
    return DG_OK;
}

enum dg_status dg_keystore_load(struct dg_keystore *store,
                                const char *name,
                                enum dg_key_use use,
                                struct dg_key *key)
{
    if ((store == NULL) || (key == NULL) || !is_name(name)) {
        return DG_E_USAGE;
    }

    char file[DG_KEYSTORE_NAME_MAX + 5U];
    uint8_t image[FILE_SIZE];
    struct dg_hash hash;

    file_of(name, file);

    enum dg_status status =
        dg_private_file_read(store->directory, file, DG_BUF_OF(image));

    if (status == DG_E_RANGE) {
        return DG_E_CORRUPT;
    }
    if (status == DG_OK) {
        status = digest(store, image, &hash);
    }
    if (status == DG_OK) {
        status = (memcmp(&image[BODY_SIZE], hash.byte, DG_HASH_SIZE) == 0)
                     ? parse(store, image, name, use, key)
                     : DG_E_CORRUPT;
    }
    explicit_bzero(image, sizeof(image));
    return status;
}

/* @satisfies{FCS_KEY.1@1} */
enum dg_status dg_keystore_make(struct dg_keystore *store,
                                const char *name,
                                enum dg_key_use use,
                                struct dg_key *key)
{
    if ((store == NULL) || (key == NULL) || !is_name(name) ||
        ((use != DG_KEY_AGREE) && (use != DG_KEY_SIGN))) {
        return DG_E_USAGE;
    }

    struct dg_key before;
    struct dg_key fresh = {.use = use};
    enum dg_status status = DG_OK;

    if (dg_keystore_load(store, name, use, &before) == DG_OK) {
        status = dg_keystore_destroy(store, &before);
    }
    if (status == DG_OK) {
        status = store->row->make(store, use, &fresh.public_key, &fresh.blob);
    }
    if (status != DG_OK) {
        return status;
    }
    (void)snprintf(fresh.name, sizeof(fresh.name), "%s", name);
    status = write_key(store, &fresh);
    if (status == DG_OK) {
        *key = fresh;
    } else {
        (void)store->row->destroy(store, &fresh.blob);
    }
    explicit_bzero(&fresh, sizeof(fresh));
    return status;
}

enum dg_status dg_keystore_agree(struct dg_keystore *store,
                                 const struct dg_key *key,
                                 const uint8_t peer_x[DG_P256_SIZE],
                                 struct dg_secret *shared)
{
    if ((store == NULL) || (key == NULL) || (peer_x == NULL) ||
        (shared == NULL) || (key->use != DG_KEY_AGREE)) {
        return DG_E_USAGE;
    }
    return store->row->agree(store, &key->blob, peer_x, shared);
}

enum dg_status dg_keystore_sign(struct dg_keystore *store,
                                const struct dg_key *key,
                                const struct dg_hash *hash,
                                struct dg_signature *signature)
{
    if ((store == NULL) || (key == NULL) || (hash == NULL) ||
        (signature == NULL) || (key->use != DG_KEY_SIGN)) {
        return DG_E_USAGE;
    }
    return store->row->sign(store, &key->blob, hash, signature);
}

enum dg_status dg_keystore_destroy(struct dg_keystore *store,
                                   struct dg_key *key)
{
    if ((store == NULL) || (key == NULL) || !is_name(key->name)) {
        return DG_E_USAGE;
    }

    char file[DG_KEYSTORE_NAME_MAX + 5U];
    enum dg_status status = store->row->destroy(store, &key->blob);

    file_of(key->name, file);
    if (dg_private_file_erase(store->directory, file) != DG_OK) {
        status = DG_E_PORT;
    }
    explicit_bzero(key, sizeof(*key));
    return status;
}

enum dg_status dg_keystore_count(struct dg_keystore *store,
                                 bool bump,
                                 uint64_t *value)
{
    if ((store == NULL) || (value == NULL)) {
        return DG_E_USAGE;
    }
    if ((store->row->count == NULL) || !store->counts) {
        return DG_E_STATE;
    }
    return store->row->count(store, bump, value);
}
