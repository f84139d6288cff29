/* SPDX-License-Identifier: Apache-2.0 */
#include "keystore_port.h"

#include <stdio.h>
#include <string.h>

#define MARK_SIZE 16U

static const uint8_t mark[MARK_SIZE] = "dosegate key at";

_Static_assert(MARK_SIZE + DG_KEYSTORE_NAME_MAX + 1U == DG_HASH_SIZE,
               "a reference is as long as a key");

/* The port's functions get the context of the port below, so that only two of
 * them have to be ours. */
static struct dg_keystore *active;
static const struct dg_crypto *lower;

void dg_keystore_refer(const char *name, struct dg_secret *reference)
{
    memset(reference, 0, sizeof(*reference));
    memcpy(reference->byte, mark, MARK_SIZE);
    (void)snprintf((char *)&reference->byte[MARK_SIZE],
                   DG_KEYSTORE_NAME_MAX + 1U,
                   "%s",
                   name);
}

bool dg_keystore_referred(const struct dg_secret *secret,
                          char name[DG_KEYSTORE_NAME_MAX + 1U])
{
    unsigned differs = 0;

    for (size_t i = 0; i < MARK_SIZE; i++) {
        differs |= (unsigned)(secret->byte[i] ^ mark[i]);
    }
    if (differs != 0U) {
        return false;
    }
    memcpy(name, &secret->byte[MARK_SIZE], DG_KEYSTORE_NAME_MAX + 1U);
    name[DG_KEYSTORE_NAME_MAX] = '\0';
    return true;
}

static enum dg_status ecdh(void *context,
                           const struct dg_secret *private_key,
                           const uint8_t peer_x[DG_P256_SIZE],
                           struct dg_secret *shared)
{
    char name[DG_KEYSTORE_NAME_MAX + 1U];
    struct dg_key key;

    if (!dg_keystore_referred(private_key, name)) {
        return lower->p256_ecdh(context, private_key, peer_x, shared);
    }

    enum dg_status status = dg_keystore_load(active, name, DG_KEY_AGREE, &key);

    if (status == DG_OK) {
        status = dg_keystore_agree(active, &key, peer_x, shared);
    }
    explicit_bzero(&key, sizeof(key));
    return ((status == DG_OK) || (status == DG_E_RANGE)) ? status : DG_E_PORT;
}

static enum dg_status es256_sign(void *context,
                                 const struct dg_secret *private_key,
                                 const struct dg_hash *hash,
                                 struct dg_signature *signature)
{
    char name[DG_KEYSTORE_NAME_MAX + 1U];
    struct dg_key key;

    if (!dg_keystore_referred(private_key, name)) {
        return lower->es256_sign(context, private_key, hash, signature);
    }

    enum dg_status status = dg_keystore_load(active, name, DG_KEY_SIGN, &key);

    if (status == DG_OK) {
        status = dg_keystore_sign(active, &key, hash, signature);
    }
    explicit_bzero(&key, sizeof(key));
    return (status == DG_OK) ? DG_OK : DG_E_PORT;
}

void dg_keystore_port(struct dg_keystore *store,
                      const struct dg_crypto *below,
                      struct dg_crypto *crypto)
{
    active = store;
    lower = below;
    *crypto = *below;
    crypto->p256_ecdh = ecdh;
    crypto->es256_sign = es256_sign;
}

enum dg_status dg_keystore_make_phone_key(struct dg_keystore *store,
                                          struct dg_phone *phone)
{
    char name[DG_KEYSTORE_NAME_MAX + 1U];
    uint8_t number[4];
    struct dg_key key;
    enum dg_status status =
        store->crypto->random(store->crypto->context, DG_BUF_OF(number));

    if (status == DG_OK) {
        (void)snprintf(name,
                       sizeof(name),
                       "phone-%02x%02x%02x%02x",
                       number[0],
                       number[1],
                       number[2],
                       number[3]);
        status = dg_keystore_make(store, name, DG_KEY_AGREE, &key);
    }
    if (status == DG_OK) {
        phone->public_key = key.public_key;
        dg_keystore_refer(name, &phone->private_key);
        explicit_bzero(&key, sizeof(key));
    }
    return status;
}

void dg_keystore_drop_phone_key(struct dg_keystore *store,
                                const struct dg_phone *phone)
{
    char name[DG_KEYSTORE_NAME_MAX + 1U];
    struct dg_key key;

    if (dg_keystore_referred(&phone->private_key, name) &&
        (dg_keystore_load(store, name, DG_KEY_AGREE, &key) == DG_OK) &&
        (dg_keystore_destroy(store, &key) != DG_OK)) {
        explicit_bzero(&key, sizeof(key)); /* what could be removed is gone */
    }
}
