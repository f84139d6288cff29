/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto_psa_group.h"

#include <stdbool.h>
#include <string.h>

#include <mbedtls/bignum.h>
#include <mbedtls/ecp.h>
#include <mbedtls/platform_util.h>
#include <psa/crypto.h>

/* (p + 1) / 4 for the p of P-256: x to this power is a root of x, if one
 * exists, as p = 3 mod 4 (SEC 1, 2.3.4). */
static const uint8_t root_exponent[DG_P256_SIZE] = {
    0x3f, 0xff, 0xff, 0xff, 0xc0, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

/* Work space of one root. */
struct root {
    mbedtls_ecp_group group;
    mbedtls_mpi x;
    mbedtls_mpi y;
    mbedtls_mpi square; /* x^3 - 3x + b: what y must be the root of */
    mbedtls_mpi work;
};

/* y^2 = x^3 - 3x + b mod p.  PSA takes points with both coordinates only. */
static int compute_square(struct root *root)
{
    int error = mbedtls_mpi_mul_mpi(&root->work, &root->x, &root->x);

    if (error == 0) {
        error = mbedtls_mpi_sub_int(&root->work, &root->work, 3);
    }
    if (error == 0) {
        error = mbedtls_mpi_mod_mpi(&root->work, &root->work, &root->group.P);
    }
    if (error == 0) {
        error = mbedtls_mpi_mul_mpi(&root->work, &root->work, &root->x);
    }
    if (error == 0) {
        error = mbedtls_mpi_add_mpi(&root->work, &root->work, &root->group.B);
    }
    return (error == 0)
               ? mbedtls_mpi_mod_mpi(&root->square, &root->work, &root->group.P)
               : error;
}

/* 0 and root->y, of which the negative is as good. */
static int compute_y(struct root *root)
{
    int error =
        mbedtls_mpi_read_binary(&root->work, root_exponent, DG_P256_SIZE);

    if (error == 0) {
        error = mbedtls_mpi_exp_mod(
            &root->y, &root->square, &root->work, &root->group.P, NULL);
    }
    if (error == 0) {
        error = mbedtls_mpi_mul_mpi(&root->work, &root->y, &root->y);
    }
    return (error == 0)
               ? mbedtls_mpi_mod_mpi(&root->work, &root->work, &root->group.P)
               : error;
}

/* The point of abscissa @x as 04 || x || y.  DG_E_RANGE: x is not below p, or
 * no such point is on the curve. */
enum dg_status dg_psa_decompress(const uint8_t x[DG_P256_SIZE],
                                 uint8_t point[DG_PSA_POINT_SIZE])
{
    struct root root;
    enum dg_status status = DG_E_PORT;

    mbedtls_ecp_group_init(&root.group);
    mbedtls_mpi_init(&root.x);
    mbedtls_mpi_init(&root.y);
    mbedtls_mpi_init(&root.square);
    mbedtls_mpi_init(&root.work);
    if ((mbedtls_ecp_group_load(&root.group, MBEDTLS_ECP_DP_SECP256R1) == 0) &&
        (mbedtls_mpi_read_binary(&root.x, x, DG_P256_SIZE) == 0)) {
        if (mbedtls_mpi_cmp_mpi(&root.x, &root.group.P) >= 0) {
            status = DG_E_RANGE;
        } else if ((compute_square(&root) == 0) && (compute_y(&root) == 0)) {
            status = (mbedtls_mpi_cmp_mpi(&root.work, &root.square) == 0)
                         ? DG_OK
                         : DG_E_RANGE;
        }
    }
    if (status == DG_OK) {
        point[0] = (uint8_t)DG_PSA_UNCOMPRESSED;
        (void)memcpy(&point[1], x, DG_P256_SIZE);
        status = (mbedtls_mpi_write_binary(
                      &root.y, &point[1U + DG_P256_SIZE], DG_P256_SIZE) == 0)
                     ? DG_OK
                     : DG_E_PORT;
    }
    mbedtls_mpi_free(&root.work);
    mbedtls_mpi_free(&root.square);
    mbedtls_mpi_free(&root.y);
    mbedtls_mpi_free(&root.x);
    mbedtls_ecp_group_free(&root.group);
    return status;
}

/* Work space of one group operation. */
struct work {
    mbedtls_ecp_group group;
    mbedtls_ecp_point a;
    mbedtls_ecp_point b;
    mbedtls_ecp_point result;
    mbedtls_mpi scalar;
};

static bool work_begin(struct work *work)
{
    mbedtls_ecp_group_init(&work->group);
    mbedtls_ecp_point_init(&work->a);
    mbedtls_ecp_point_init(&work->b);
    mbedtls_ecp_point_init(&work->result);
    mbedtls_mpi_init(&work->scalar);
    return mbedtls_ecp_group_load(&work->group, MBEDTLS_ECP_DP_SECP256R1) == 0;
}

static void work_end(struct work *work)
{
    mbedtls_mpi_free(&work->scalar);
    mbedtls_ecp_point_free(&work->result);
    mbedtls_ecp_point_free(&work->b);
    mbedtls_ecp_point_free(&work->a);
    mbedtls_ecp_group_free(&work->group);
}

/* What has the Mbed TLS form of a source of randomness: for blinding. */
static int blind(void *context, unsigned char *out, size_t size)
{
    (void)context;
    return (psa_generate_random(out, size) == PSA_SUCCESS)
               ? 0
               : MBEDTLS_ERR_ECP_RANDOM_FAILED;
}

/* DG_E_RANGE: a coordinate of p or more, or a point off the curve. */
static enum dg_status load(struct work *work,
                           const struct dg_public_key *key,
                           mbedtls_ecp_point *point)
{
    uint8_t octets[DG_PSA_POINT_SIZE];

    octets[0] = (uint8_t)DG_PSA_UNCOMPRESSED;
    (void)memcpy(&octets[1], key->x, DG_P256_SIZE);
    (void)memcpy(&octets[1U + DG_P256_SIZE], key->y, DG_P256_SIZE);

    const int error = mbedtls_ecp_point_read_binary(
        &work->group, point, octets, sizeof octets);

    mbedtls_platform_zeroize(octets, sizeof octets);
    if (error != 0) {
        return DG_E_PORT;
    }
    return (mbedtls_ecp_check_pubkey(&work->group, point) == 0) ? DG_OK
                                                                : DG_E_RANGE;
}

static enum dg_status store(struct work *work, struct dg_public_key *key)
{
    uint8_t octets[DG_PSA_POINT_SIZE];
    size_t size = 0U;
    const bool done =
        (mbedtls_ecp_point_write_binary(&work->group,
                                        &work->result,
                                        MBEDTLS_ECP_PF_UNCOMPRESSED,
                                        &size,
                                        octets,
                                        sizeof octets) == 0) &&
        (size == sizeof octets);

    if (done) {
        (void)memcpy(key->x, &octets[1], DG_P256_SIZE);
        (void)memcpy(key->y, &octets[1U + DG_P256_SIZE], DG_P256_SIZE);
    }
    mbedtls_platform_zeroize(octets, sizeof octets);
    return done ? DG_OK : DG_E_PORT;
}

static enum dg_status multiply(struct work *work,
                               const struct dg_secret *scalar,
                               const struct dg_public_key *point,
                               struct dg_public_key *product)
{
    if (mbedtls_mpi_read_binary(
            &work->scalar, scalar->byte, sizeof scalar->byte) != 0) {
        return DG_E_PORT;
    }
    if (mbedtls_ecp_check_privkey(&work->group, &work->scalar) != 0) {
        return DG_E_RANGE;
    }

    const enum dg_status status = load(work, point, &work->a);

    if (status != DG_OK) {
        return status;
    }
    return (mbedtls_ecp_mul(&work->group,
                            &work->result,
                            &work->scalar,
                            &work->a,
                            blind,
                            NULL) == 0)
               ? store(work, product)
               : DG_E_PORT;
}

enum dg_status dg_psa_multiply(void *context,
                               const struct dg_secret *scalar,
                               const struct dg_public_key *point,
                               struct dg_public_key *product)
{
    struct work work;
    const enum dg_status status =
        work_begin(&work) ? multiply(&work, scalar, point, product) : DG_E_PORT;

    (void)context;
    work_end(&work);
    return status;
}

/* 1 a + 1 b: with these factors the library copies and adds once. */
static enum dg_status add(struct work *work,
                          const struct dg_public_key *a,
                          const struct dg_public_key *b,
                          struct dg_public_key *sum)
{
    enum dg_status status = load(work, a, &work->a);

    if (status == DG_OK) {
        status = load(work, b, &work->b);
    }
    if (status != DG_OK) {
        return status;
    }
    if ((mbedtls_mpi_lset(&work->scalar, 1) != 0) ||
        (mbedtls_ecp_muladd(&work->group,
                            &work->result,
                            &work->scalar,
                            &work->a,
                            &work->scalar,
                            &work->b) != 0)) {
        return DG_E_PORT;
    }
    return (mbedtls_ecp_is_zero(&work->result) != 0) ? DG_E_RANGE
                                                     : store(work, sum);
}

enum dg_status dg_psa_add(void *context,
                          const struct dg_public_key *a,
                          const struct dg_public_key *b,
                          struct dg_public_key *sum)
{
    struct work work;
    const enum dg_status status =
        work_begin(&work) ? add(&work, a, b, sum) : DG_E_PORT;

    (void)context;
    work_end(&work);
    return status;
}
