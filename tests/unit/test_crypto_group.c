/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "port.h"
#include "vectors.h"

static struct dg_crypto crypto;

/* Laws of the group, against the operations that have vectors of their own. */
static void test_crypto_p256__multiply_and_add__agree_with_the_rest(
    void **state)
{
    struct dg_secret scalar[2];
    struct dg_secret shared;
    struct dg_public_key point[2];
    struct dg_public_key product;
    struct dg_public_key other;
    struct dg_public_key sum;
    struct dg_public_key g;
    const struct dg_secret one = {.byte = {[31] = 1U}};
    const struct dg_secret two = {.byte = {[31] = 2U}};

    (void)state;
    assert_int_equal(crypto.p256_public(crypto.context, &one, &g), DG_OK);
    for (unsigned round = 0U; round < 8U; round++) {
        for (unsigned i = 0U; i < 2U; i++) {
            assert_int_equal(
                crypto.p256_generate(crypto.context, &scalar[i], &point[i]),
                DG_OK);
        }
        /* a*(b*G) = b*(a*G), with the x that ECDH gives. */
        assert_int_equal(crypto.p256_multiply(
                             crypto.context, &scalar[0], &point[1], &product),
                         DG_OK);
        assert_int_equal(
            crypto.p256_multiply(crypto.context, &scalar[1], &point[0], &other),
            DG_OK);
        assert_memory_equal(&product, &other, sizeof product);
        assert_int_equal(
            crypto.p256_ecdh(crypto.context, &scalar[0], point[1].x, &shared),
            DG_OK);
        assert_memory_equal(product.x, shared.byte, sizeof shared.byte);
        /* 1*P = P, P + P = 2*P, P + Q = Q + P, a*P + a*Q = a*(P + Q). */
        assert_int_equal(
            crypto.p256_multiply(crypto.context, &one, &point[0], &product),
            DG_OK);
        assert_memory_equal(&product, &point[0], sizeof product);
        assert_int_equal(
            crypto.p256_add(crypto.context, &point[0], &point[0], &sum), DG_OK);
        assert_int_equal(
            crypto.p256_multiply(crypto.context, &two, &point[0], &product),
            DG_OK);
        assert_memory_equal(&product, &sum, sizeof product);
        assert_int_equal(crypto.p256_add(crypto.context, &point[0], &g, &sum),
                         DG_OK);
        assert_int_equal(crypto.p256_add(crypto.context, &g, &point[0], &other),
                         DG_OK);
        assert_memory_equal(&sum, &other, sizeof sum);
        assert_int_equal(
            crypto.p256_multiply(crypto.context, &scalar[1], &sum, &other),
            DG_OK);
        assert_int_equal(crypto.p256_multiply(
                             crypto.context, &scalar[1], &point[0], &product),
                         DG_OK);
        /* scalar[1] * G is point[1]. */
        assert_int_equal(
            crypto.p256_add(crypto.context, &product, &point[1], &product),
            DG_OK);
        assert_memory_equal(&product, &other, sizeof product);
    }
}

static void test_crypto_p256__scalar_point_or_sum_out_of_range__range(
    void **state)
{
    const struct dg_secret two = {.byte = {[31] = 2U}};
    struct dg_secret key = {{0U}};
    struct dg_public_key g;
    struct dg_public_key bad;
    struct dg_public_key out;
    const struct dg_public_key mark = {{0x5AU}, {0xA5U}};

    (void)state;
    key.byte[31] = 1U;
    assert_int_equal(crypto.p256_public(crypto.context, &key, &g), DG_OK);
    out = mark;
    /* 0, n and all ones. */
    for (unsigned i = 0U; i < 3U; i++) {
        (void)memset(&key, (i == 2U) ? 0xFF : 0x00, sizeof key);
        if (i == 1U) {
            (void)vectors_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84"
                              "f3b9cac2fc632551",
                              DG_BUF_OF(key.byte));
        }
        assert_int_equal(crypto.p256_multiply(crypto.context, &key, &g, &out),
                         DG_E_RANGE);
    }
    /* n - 1 mirrors the point, and the two add up to the identity. */
    (void)vectors_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2"
                      "fc632550",
                      DG_BUF_OF(key.byte));
    assert_int_equal(crypto.p256_multiply(crypto.context, &key, &g, &bad),
                     DG_OK);
    assert_memory_equal(bad.x, g.x, sizeof g.x);
    assert_int_equal(crypto.p256_add(crypto.context, &g, &bad, &out),
                     DG_E_RANGE);
    /* Each coordinate: a changed bit, zero, p. */
    for (unsigned i = 0U; i < 6U; i++) {
        uint8_t *side = ((i % 2U) == 0U) ? bad.x : bad.y;

        bad = g;
        if (i < 2U) {
            side[31] ^= 1U;
        } else if (i < 4U) {
            (void)memset(side, 0, 32U);
        } else {
            (void)vectors_hex("ffffffff00000001000000000000000000000000ffffffff"
                              "ffffffffffffffff",
                              (dg_buf){side, 32U});
        }
        assert_int_equal(crypto.p256_multiply(crypto.context, &two, &bad, &out),
                         DG_E_RANGE);
        assert_int_equal(crypto.p256_add(crypto.context, &bad, &g, &out),
                         DG_E_RANGE);
        assert_int_equal(crypto.p256_add(crypto.context, &g, &bad, &out),
                         DG_E_RANGE);
    }
    assert_memory_equal(&out, &mark, sizeof out);
}

static int set_up(void **state)
{
    (void)state;
    return (port_init(&crypto) == DG_OK) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    port_free(&crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_crypto_p256__multiply_and_add__agree_with_the_rest),
        cmocka_unit_test(
            test_crypto_p256__scalar_point_or_sum_out_of_range__range),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
