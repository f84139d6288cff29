/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CRYPTO_H
#define DG_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include "dosegate/flash.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* The crypto port: everything the core asks of a crypto library, behind a
 * handful of functions.  ports/host/crypto_openssl.c fills it on hosts.
 *
 * Algorithms are fixed: SHA-256, HMAC-SHA-256, AES-128-CCM with a 13-byte
 * nonce and a tag of 8 or 16 bytes, P-256 ECDH and ECDSA (ES256), and for
 * SPAKE2+ the two group operations below.  The port
 * must not branch or index on a secret. */
#define DG_HASH_SIZE       32U
#define DG_P256_SIZE       32U
#define DG_SIGNATURE_SIZE  64U
#define DG_AEAD_KEY_SIZE   16U
#define DG_AEAD_NONCE_SIZE 13U
#define DG_TAG_SIZE        16U

struct dg_hash {
    uint8_t byte[DG_HASH_SIZE];
};

/* A secret of 32 bytes: private key, shared secret, PRK.  Wipe it. */
struct dg_secret {
    uint8_t byte[DG_HASH_SIZE];
};

struct dg_public_key {
    uint8_t x[DG_P256_SIZE]; /* big endian, leading zeros kept */
    uint8_t y[DG_P256_SIZE];
};

struct dg_aead_key {
    uint8_t key[DG_AEAD_KEY_SIZE];
    uint8_t nonce[DG_AEAD_NONCE_SIZE]; /* as used, or the base of it */
};

struct dg_signature {
    uint8_t byte[DG_SIGNATURE_SIZE]; /* r || s, big endian */
};

/* Every function: DG_OK, or DG_E_PORT when the library failed; nothing is
 * written then.  Further results are listed with the function. */
struct dg_crypto {
    void *context;

    /* Fill all of @out with unpredictable bytes. */
    enum dg_status (*random)(void *context, dg_buf out);

    /* Hash the concatenation of @count parts. */
    enum dg_status (*sha256)(void *context,
                             const dg_span *parts,
                             size_t count,
                             struct dg_hash *hash);

    /* HMAC of the concatenation of @count parts. */
    enum dg_status (*hmac_sha256)(void *context,
                                  dg_span key,
                                  const dg_span *parts,
                                  size_t count,
                                  struct dg_hash *mac);

    /* Write plain.size + tag_size bytes to @out; tag_size is 8 or 16.
     * DG_E_NO_SPACE when @out is smaller. */
    enum dg_status (*ccm_seal)(void *context,
                               const struct dg_aead_key *key,
                               size_t tag_size,
                               dg_span aad,
                               dg_span plain,
                               dg_buf out);

    /* Write sealed.size - tag_size bytes to @out.  DG_E_AUTH when the tag does
     * not hold or @sealed is shorter than a tag; @out is then unchanged or
     * zero. */
    enum dg_status (*ccm_open)(void *context,
                               const struct dg_aead_key *key,
                               size_t tag_size,
                               dg_span aad,
                               dg_span sealed,
                               dg_buf out);

    /* Make a P-256 key pair. */
    enum dg_status (*p256_generate)(void *context,
                                    struct dg_secret *private_key,
                                    struct dg_public_key *public_key);

    /* Public key of a private key.  DG_E_RANGE: not 1 .. n-1. */
    enum dg_status (*p256_public)(void *context,
                                  const struct dg_secret *private_key,
                                  struct dg_public_key *public_key);

    /* x coordinate of the product with the point of abscissa @peer_x (either
     * y gives the same).  DG_E_RANGE: @peer_x is no point of the curve, or the
     * private key is not 1 .. n-1. */
    enum dg_status (*p256_ecdh)(void *context,
                                const struct dg_secret *private_key,
                                const uint8_t peer_x[DG_P256_SIZE],
                                struct dg_secret *shared);

    /* Product of a scalar and a full point, for SPAKE2+.  The scalar is a
     * secret.  DG_E_RANGE: the scalar is not 1 .. n-1, or @point is not on the
     * curve (a coordinate of p or more counts as that).  The product is never
     * the identity, so there is no encoding of it.  Here and below the output
     * may be where an input lies. */
    enum dg_status (*p256_multiply)(void *context,
                                    const struct dg_secret *scalar,
                                    const struct dg_public_key *point,
                                    struct dg_public_key *product);

    /* Sum of two points, which may be equal.  DG_E_RANGE: one of them is not on
     * the curve, or the sum is the identity. */
    enum dg_status (*p256_add)(void *context,
                               const struct dg_public_key *a,
                               const struct dg_public_key *b,
                               struct dg_public_key *sum);

    /* ECDSA over an already computed SHA-256.  The number k of a signature is
     * fresh randomness or as in RFC 6979: one that repeats gives the key away.
     * DG_E_RANGE: the private key is not 1 .. n-1. */
    enum dg_status (*es256_sign)(void *context,
                                 const struct dg_secret *private_key,
                                 const struct dg_hash *hash,
                                 struct dg_signature *signature);

    /* DG_E_AUTH: the signature does not hold, or the key is no point of the
     * curve. */
    enum dg_status (*es256_verify)(void *context,
                                   const struct dg_public_key *public_key,
                                   const struct dg_hash *hash,
                                   const struct dg_signature *signature);

    /* Hash @size bytes of a flash from byte @offset: what does not fit into
     * memory at once, such as a firmware image.  DG_E_PORT also when the
     * flash failed. */
    enum dg_status (*sha256_flash)(void *context,
                                   const struct dg_flash *flash,
                                   uint32_t offset,
                                   uint32_t size,
                                   struct dg_hash *hash);
};

#endif
