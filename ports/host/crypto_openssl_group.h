/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CRYPTO_OPENSSL_GROUP_H
#define DG_CRYPTO_OPENSSL_GROUP_H

#include <stdbool.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "dosegate/crypto.h"

/* What the two halves of the OpenSSL port share. */
struct dg_openssl {
    EVP_MD *sha256;
    EVP_CIPHER *ccm;
    EC_GROUP *group;
};

/** Is 0 < key < n?  No branch on the key before the answer. */
bool dg_openssl_is_scalar(const struct dg_secret *key);

/* The operations on P-256; contracts in dosegate/crypto.h. */
DG_NODISCARD enum dg_status dg_openssl_public(
    void *context,
    const struct dg_secret *private_key,
    struct dg_public_key *public_key);
DG_NODISCARD enum dg_status dg_openssl_generate(
    void *context,
    struct dg_secret *private_key,
    struct dg_public_key *public_key);
DG_NODISCARD enum dg_status dg_openssl_ecdh(void *context,
                                            const struct dg_secret *private_key,
                                            const uint8_t peer_x[DG_P256_SIZE],
                                            struct dg_secret *shared);
DG_NODISCARD enum dg_status dg_openssl_multiply(
    void *context,
    const struct dg_secret *scalar,
    const struct dg_public_key *point,
    struct dg_public_key *product);
DG_NODISCARD enum dg_status dg_openssl_add(void *context,
                                           const struct dg_public_key *a,
                                           const struct dg_public_key *b,
                                           struct dg_public_key *sum);

#endif
