/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto_openssl_group.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

/* Order of P-256 (SEC 2, 2.4.2). */
static const uint8_t order_n[DG_P256_SIZE] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

/* Is 0 < key < n?  No branch on the key before the answer. */
bool dg_openssl_is_scalar(const struct dg_secret *key)
{
    unsigned borrow = 0U;
    unsigned any = 0U;

    for (size_t i = DG_P256_SIZE; i > 0U; i--) {
        const unsigned difference =
            (unsigned)key->byte[i - 1U] - order_n[i - 1U] - borrow;

        borrow = (difference >> 8) & 1U;
        any |= key->byte[i - 1U];
    }
    return (borrow == 1U) && (any != 0U);
}

/* Work space of one operation. */
struct work {
    const EC_GROUP *group;
    BN_CTX *bn;
    BIGNUM *scalar;
    BIGNUM *x;
    BIGNUM *y;
    EC_POINT *a;
    EC_POINT *b;
};

static bool work_begin(struct work *work, const EC_GROUP *group)
{
    work->group = group;
    work->bn = BN_CTX_new();
    work->scalar = BN_secure_new();
    work->x = BN_secure_new();
    work->y = BN_secure_new();
    work->a = EC_POINT_new(group);
    work->b = EC_POINT_new(group);
    return (work->bn != NULL) && (work->scalar != NULL) && (work->x != NULL) &&
           (work->y != NULL) && (work->a != NULL) && (work->b != NULL);
}

static void work_end(struct work *work)
{
    EC_POINT_clear_free(work->b);
    EC_POINT_clear_free(work->a);
    BN_clear_free(work->y);
    BN_clear_free(work->x);
    BN_clear_free(work->scalar);
    BN_CTX_free(work->bn);
}

static bool load_scalar(struct work *work, const struct dg_secret *key)
{
    if (BN_bin2bn(key->byte, (int)DG_P256_SIZE, work->scalar) == NULL) {
        return false;
    }
    /* With one point and one scalar the library takes its ladder without
     * branches on the scalar. */
    BN_set_flags(work->scalar, BN_FLG_CONSTTIME);
    return true;
}

enum dg_status dg_openssl_public(void *context,
                                 const struct dg_secret *private_key,
                                 struct dg_public_key *public_key)
{
    const struct dg_openssl *self = context;
    struct dg_public_key result;
    struct work work;

    if (!dg_openssl_is_scalar(private_key)) {
        return DG_E_RANGE;
    }

    const bool done =
        work_begin(&work, self->group) && load_scalar(&work, private_key) &&
        (EC_POINT_mul(self->group, work.a, work.scalar, NULL, NULL, work.bn) ==
         1) &&
        (EC_POINT_get_affine_coordinates(
             self->group, work.a, work.x, work.y, work.bn) == 1) &&
        (BN_bn2binpad(work.x, result.x, (int)DG_P256_SIZE) >= 0) &&
        (BN_bn2binpad(work.y, result.y, (int)DG_P256_SIZE) >= 0);

    work_end(&work);
    if (!done) {
        return DG_E_PORT;
    }
    *public_key = result;
    return DG_OK;
}

enum dg_status dg_openssl_generate(void *context,
                                   struct dg_secret *private_key,
                                   struct dg_public_key *public_key)
{
    struct dg_secret candidate = {{0U}};
    enum dg_status status = DG_E_PORT;

    /* A candidate is at or above n once in 2^32 tries; four of them in a row
     * mean a broken source. */
    for (unsigned i = 0U; i < 4U; i++) {
        if (RAND_priv_bytes_ex(
                NULL, candidate.byte, sizeof candidate.byte, 256U) != 1) {
            status = DG_E_PORT;
            break;
        }
        status = dg_openssl_public(context, &candidate, public_key);
        if (status != DG_E_RANGE) {
            break;
        }
    }
    if (status == DG_OK) {
        *private_key = candidate;
    }
    OPENSSL_cleanse(&candidate, sizeof candidate);
    return (status == DG_OK) ? DG_OK : DG_E_PORT;
}

/* Take the point with this abscissa; refuses x >= p and x off the curve. */
static bool load_point(struct work *work,
                       const EC_GROUP *group,
                       const uint8_t x[DG_P256_SIZE])
{
    uint8_t compressed[1U + DG_P256_SIZE];

    compressed[0] = (uint8_t)POINT_CONVERSION_COMPRESSED;
    (void)memcpy(&compressed[1], x, DG_P256_SIZE);
    (void)ERR_set_mark();

    const bool loaded =
        EC_POINT_oct2point(
            group, work->a, compressed, sizeof compressed, work->bn) == 1;

    (void)ERR_pop_to_mark();
    return loaded;
}

enum dg_status dg_openssl_ecdh(void *context,
                               const struct dg_secret *private_key,
                               const uint8_t peer_x[DG_P256_SIZE],
                               struct dg_secret *shared)
{
    const struct dg_openssl *self = context;
    struct work work;
    enum dg_status status = DG_E_PORT;

    if (!dg_openssl_is_scalar(private_key)) {
        return DG_E_RANGE;
    }
    if (!work_begin(&work, self->group) || !load_scalar(&work, private_key)) {
        status = DG_E_PORT;
    } else if (!load_point(&work, self->group, peer_x)) {
        status = DG_E_RANGE;
    } else if ((EC_POINT_mul(
                    self->group, work.a, NULL, work.a, work.scalar, work.bn) ==
                1) &&
               (EC_POINT_get_affine_coordinates(
                    self->group, work.a, work.x, NULL, work.bn) == 1) &&
               (BN_bn2binpad(work.x, shared->byte, (int)DG_P256_SIZE) >= 0)) {
        status = DG_OK;
    }
    work_end(&work);
    return status;
}

/* Refuses a coordinate of p or more, and a point off the curve. */
static bool load(struct work *work,
                 const struct dg_public_key *key,
                 EC_POINT *point)
{
    uint8_t octets[1U + 2U * DG_P256_SIZE];

    octets[0] = (uint8_t)POINT_CONVERSION_UNCOMPRESSED;
    (void)memcpy(&octets[1], key->x, DG_P256_SIZE);
    (void)memcpy(&octets[1U + DG_P256_SIZE], key->y, DG_P256_SIZE);
    (void)ERR_set_mark();

    const bool loaded =
        EC_POINT_oct2point(
            work->group, point, octets, sizeof octets, work->bn) == 1;

    (void)ERR_pop_to_mark();
    OPENSSL_cleanse(octets, sizeof octets);
    return loaded;
}

/* Nothing is written unless both coordinates are there. */
static bool store(struct work *work,
                  const EC_POINT *point,
                  struct dg_public_key *key)
{
    struct dg_public_key result;
    const bool done =
        (EC_POINT_get_affine_coordinates(
             work->group, point, work->x, work->y, work->bn) == 1) &&
        (BN_bn2binpad(work->x, result.x, (int)DG_P256_SIZE) >= 0) &&
        (BN_bn2binpad(work->y, result.y, (int)DG_P256_SIZE) >= 0);

    if (done) {
        *key = result;
    }
    OPENSSL_cleanse(&result, sizeof result);
    return done;
}

static enum dg_status multiply(struct work *work,
                               const struct dg_secret *scalar,
                               const struct dg_public_key *point,
                               struct dg_public_key *product)
{
    if (!load(work, point, work->a)) {
        return DG_E_RANGE;
    }
    if (!load_scalar(work, scalar) ||
        (EC_POINT_mul(
             work->group, work->b, NULL, work->a, work->scalar, work->bn) !=
         1) ||
        !store(work, work->b, product)) {
        return DG_E_PORT;
    }
    return DG_OK;
}

enum dg_status dg_openssl_multiply(void *context,
                                   const struct dg_secret *scalar,
                                   const struct dg_public_key *point,
                                   struct dg_public_key *product)
{
    const struct dg_openssl *self = context;
    struct work work;

    if (!dg_openssl_is_scalar(scalar)) {
        return DG_E_RANGE;
    }

    const enum dg_status status = work_begin(&work, self->group)
                                      ? multiply(&work, scalar, point, product)
                                      : DG_E_PORT;

    work_end(&work);
    return status;
}

static enum dg_status add(struct work *work,
                          const struct dg_public_key *a,
                          const struct dg_public_key *b,
                          struct dg_public_key *sum)
{
    if (!load(work, a, work->a) || !load(work, b, work->b)) {
        return DG_E_RANGE;
    }
    if (EC_POINT_add(work->group, work->a, work->a, work->b, work->bn) != 1) {
        return DG_E_PORT;
    }
    if (EC_POINT_is_at_infinity(work->group, work->a) == 1) {
        return DG_E_RANGE;
    }
    return store(work, work->a, sum) ? DG_OK : DG_E_PORT;
}

enum dg_status dg_openssl_add(void *context,
                              const struct dg_public_key *a,
                              const struct dg_public_key *b,
                              struct dg_public_key *sum)
{
    const struct dg_openssl *self = context;
    struct work work;
    const enum dg_status status =
        work_begin(&work, self->group) ? add(&work, a, b, sum) : DG_E_PORT;

    work_end(&work);
    return status;
}
