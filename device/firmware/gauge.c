/* SPDX-License-Identifier: Apache-2.0 */
#include "gauge.h"

#include "board.h"

/* The time since @began goes to the crypto port. */
static enum dg_status timed(struct dg_gauge *gauge,
                            uint32_t began,
                            enum dg_status status)
{
    gauge->crypto_now += dg_board_ticks() - began;
    gauge->calls_now++;
    return status;
}

static enum dg_status timed_random(void *context, dg_buf out)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(gauge, began, inner->random(inner->context, out));
}

static enum dg_status timed_sha256(void *context,
                                   const dg_span *parts,
                                   size_t count,
                                   struct dg_hash *hash)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(
        gauge, began, inner->sha256(inner->context, parts, count, hash));
}

static enum dg_status timed_hmac_sha256(void *context,
                                        dg_span key,
                                        const dg_span *parts,
                                        size_t count,
                                        struct dg_hash *mac)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(gauge,
                 began,
                 inner->hmac_sha256(inner->context, key, parts, count, mac));
}

static enum dg_status timed_ccm_seal(void *context,
                                     const struct dg_aead_key *key,
                                     size_t tag_size,
                                     dg_span aad,
                                     dg_span plain,
                                     dg_buf out)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(
        gauge,
        began,
        inner->ccm_seal(inner->context, key, tag_size, aad, plain, out));
}

static enum dg_status timed_ccm_open(void *context,
                                     const struct dg_aead_key *key,
                                     size_t tag_size,
                                     dg_span aad,
                                     dg_span sealed,
                                     dg_buf out)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(
        gauge,
        began,
        inner->ccm_open(inner->context, key, tag_size, aad, sealed, out));
}

static enum dg_status timed_p256_generate(void *context,
                                          struct dg_secret *private_key,
                                          struct dg_public_key *public_key)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(gauge,
                 began,
                 inner->p256_generate(inner->context, private_key, public_key));
}

static enum dg_status timed_p256_public(void *context,
                                        const struct dg_secret *private_key,
                                        struct dg_public_key *public_key)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(gauge,
                 began,
                 inner->p256_public(inner->context, private_key, public_key));
}

static enum dg_status timed_p256_ecdh(void *context,
                                      const struct dg_secret *private_key,
                                      const uint8_t peer_x[DG_P256_SIZE],
                                      struct dg_secret *shared)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(gauge,
                 began,
                 inner->p256_ecdh(inner->context, private_key, peer_x, shared));
}

static enum dg_status timed_p256_multiply(void *context,
                                          const struct dg_secret *scalar,
                                          const struct dg_public_key *point,
                                          struct dg_public_key *product)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(gauge,
                 began,
                 inner->p256_multiply(inner->context, scalar, point, product));
}

static enum dg_status timed_p256_add(void *context,
                                     const struct dg_public_key *a,
                                     const struct dg_public_key *b,
                                     struct dg_public_key *sum)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(gauge, began, inner->p256_add(inner->context, a, b, sum));
}

static enum dg_status timed_es256_sign(void *context,
                                       const struct dg_secret *private_key,
                                       const struct dg_hash *hash,
                                       struct dg_signature *signature)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(
        gauge,
        began,
        inner->es256_sign(inner->context, private_key, hash, signature));
}

static enum dg_status timed_es256_verify(void *context,
                                         const struct dg_public_key *public_key,
                                         const struct dg_hash *hash,
                                         const struct dg_signature *signature)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(
        gauge,
        began,
        inner->es256_verify(inner->context, public_key, hash, signature));
}

static enum dg_status timed_sha256_flash(void *context,
                                         const struct dg_flash *flash,
                                         uint32_t offset,
                                         uint32_t size,
                                         struct dg_hash *hash)
{
    struct dg_gauge *gauge = context;
    const struct dg_crypto *inner = &gauge->inner;
    const uint32_t began = dg_board_ticks();

    return timed(
        gauge,
        began,
        inner->sha256_flash(inner->context, flash, offset, size, hash));
}

const struct dg_crypto *dg_gauge_crypto(struct dg_gauge *gauge,
                                        const struct dg_crypto *crypto)
{
    *gauge = (struct dg_gauge){.inner = *crypto};
    gauge->crypto = (struct dg_crypto){
        .context = gauge,
        .random = timed_random,
        .sha256 = timed_sha256,
        .hmac_sha256 = timed_hmac_sha256,
        .ccm_seal = timed_ccm_seal,
        .ccm_open = timed_ccm_open,
        .p256_generate = timed_p256_generate,
        .p256_public = timed_p256_public,
        .p256_ecdh = timed_p256_ecdh,
        .p256_multiply = timed_p256_multiply,
        .p256_add = timed_p256_add,
        .es256_sign = timed_es256_sign,
        .es256_verify = timed_es256_verify,
        .sha256_flash = timed_sha256_flash,
    };
    return &gauge->crypto;
}

void dg_gauge_begin(struct dg_gauge *gauge)
{
    gauge->crypto_now = 0U;
    gauge->calls_now = 0U;
    gauge->began = dg_board_ticks();
}

void dg_gauge_end(struct dg_gauge *gauge)
{
    gauge->link_ticks = dg_board_ticks() - gauge->began;
    gauge->crypto_ticks = gauge->crypto_now;
    gauge->crypto_calls = gauge->calls_now;
}
