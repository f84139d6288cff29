/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "cmocka_all.h"
#include "ports/host/crypto_openssl.h"

/* The real crypto, counted. */

static struct dg_crypto inner;

static enum dg_status do_random(void *context, dg_buf out)
{
    (void)context;
    return inner.random(inner.context, out);
}

static enum dg_status do_sha256(void *context,
                                const dg_span *parts,
                                size_t count,
                                struct dg_hash *hash)
{
    ((struct rig *)context)->hashes++;
    return inner.sha256(inner.context, parts, count, hash);
}

static enum dg_status do_sha256_flash(void *context,
                                      const struct dg_flash *flash,
                                      uint32_t offset,
                                      uint32_t size,
                                      struct dg_hash *hash)
{
    ((struct rig *)context)->hashes++;
    return inner.sha256_flash(inner.context, flash, offset, size, hash);
}

static enum dg_status do_hmac(void *context,
                              dg_span key,
                              const dg_span *parts,
                              size_t count,
                              struct dg_hash *mac)
{
    ((struct rig *)context)->hashes++;
    return inner.hmac_sha256(inner.context, key, parts, count, mac);
}

static enum dg_status do_seal(void *context,
                              const struct dg_aead_key *key,
                              size_t tag_size,
                              dg_span aad,
                              dg_span plain,
                              dg_buf out)
{
    (void)context;
    return inner.ccm_seal(inner.context, key, tag_size, aad, plain, out);
}

static enum dg_status do_open(void *context,
                              const struct dg_aead_key *key,
                              size_t tag_size,
                              dg_span aad,
                              dg_span sealed,
                              dg_buf out)
{
    (void)context;
    return inner.ccm_open(inner.context, key, tag_size, aad, sealed, out);
}

static enum dg_status do_generate(void *context,
                                  struct dg_secret *private_key,
                                  struct dg_public_key *public_key)
{
    ((struct rig *)context)->p256++;
    return inner.p256_generate(inner.context, private_key, public_key);
}

static enum dg_status do_public(void *context,
                                const struct dg_secret *private_key,
                                struct dg_public_key *public_key)
{
    ((struct rig *)context)->p256++;
    return inner.p256_public(inner.context, private_key, public_key);
}

static enum dg_status do_ecdh(void *context,
                              const struct dg_secret *private_key,
                              const uint8_t peer_x[DG_P256_SIZE],
                              struct dg_secret *shared)
{
    ((struct rig *)context)->p256++;
    return inner.p256_ecdh(inner.context, private_key, peer_x, shared);
}

static enum dg_status do_multiply(void *context,
                                  const struct dg_secret *scalar,
                                  const struct dg_public_key *point,
                                  struct dg_public_key *product)
{
    ((struct rig *)context)->p256++;
    return inner.p256_multiply(inner.context, scalar, point, product);
}

static enum dg_status do_add(void *context,
                             const struct dg_public_key *a,
                             const struct dg_public_key *b,
                             struct dg_public_key *sum)
{
    (void)context;
    return inner.p256_add(inner.context, a, b, sum);
}

static enum dg_status do_sign(void *context,
                              const struct dg_secret *private_key,
                              const struct dg_hash *hash,
                              struct dg_signature *signature)
{
    ((struct rig *)context)->p256++;
    return inner.es256_sign(inner.context, private_key, hash, signature);
}

static enum dg_status do_verify(void *context,
                                const struct dg_public_key *public_key,
                                const struct dg_hash *hash,
                                const struct dg_signature *signature)
{
    ((struct rig *)context)->p256++;
    return inner.es256_verify(inner.context, public_key, hash, signature);
}

void rig_init_crypto(struct rig *rig)
{
    const struct dg_crypto counted = {rig,
                                      do_random,
                                      do_sha256,
                                      do_hmac,
                                      do_seal,
                                      do_open,
                                      do_generate,
                                      do_public,
                                      do_ecdh,
                                      do_multiply,
                                      do_add,
                                      do_sign,
                                      do_verify,
                                      do_sha256_flash};

    if (inner.random == NULL) {
        assert_int_equal(dg_crypto_openssl_init(&inner), DG_OK);
    }
    rig->crypto = counted;
}
