/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "attest/requalification.h"
#include "crypto_openssl.h"

/* The record of a requalification run: who may have written it, and what a
 * changed byte does to it. */

static struct dg_crypto crypto;
static struct dg_secret secret;
static struct dg_requalification made;
static uint8_t room[DG_REQUALIFICATION_SIZE_MAX];
static dg_span message;

static int start(void **state)
{
    struct dg_public_key key;

    (void)state;
    if ((dg_crypto_openssl_init(&crypto) != DG_OK) ||
        (crypto.p256_generate(crypto.context, &secret, &key) != DG_OK)) {
        return -1;
    }
    memset(&made, 0, sizeof(made));
    memset(&made.nonce, 3, sizeof(made.nonce));
    memset(&made.subject, 4, sizeof(made.subject));
    for (unsigned i = 0; i < DG_CHECKS; i++) {
        made.result[i] = DG_CHECK_PASSED;
        made.took_ms[i] = UINT32_MAX - i; /* the longest there is */
    }
    return (dg_requalification_sign(
                &crypto, &secret, &made, DG_BUF_OF(room), &message) == DG_OK)
               ? 0
               : -1;
}

static int end(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&crypto);
    return 0;
}

static void test_requalification__signed__read_as_it_was(void **state)
{
    struct dg_requalification run;

    (void)state;
    assert_int_equal(dg_requalification_verify(&crypto, message, &run), DG_OK);
    assert_memory_equal(&run.nonce, &made.nonce, sizeof(run.nonce));
    assert_memory_equal(&run.subject, &made.subject, sizeof(run.subject));
    assert_memory_equal(&run.key, &made.key, sizeof(run.key));
    assert_true(dg_requalification_passed(&run));
    assert_int_equal(run.took_ms[DG_CHECK_TIMING], UINT32_MAX - 6U);
}

/* @verifies{FDP_ATTEST.5@1} */
static void test_requalification__one_check_short__not_passed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DG_CHECKS; i++) {
        struct dg_requalification run = made;

        run.result[i] = DG_CHECK_FAILED;
        assert_false(dg_requalification_passed(&run));
        run.result[i] = DG_CHECK_NOT_RUN;
        assert_false(dg_requalification_passed(&run));
        assert_string_not_equal(dg_check_name((enum dg_check)i), "?");
    }
}

/* @verifies{FDP_ATTEST.5@1} */
static void test_requalification__any_byte_changed__refused(void **state)
{
    uint8_t copy[DG_REQUALIFICATION_SIZE_MAX];
    struct dg_requalification run;

    (void)state;
    for (size_t i = 0; i < message.size; i++) {
        memcpy(copy, message.at, message.size);
        copy[i] ^= 1U;
        assert_int_not_equal(dg_requalification_verify(
                                 &crypto, (dg_span){copy, message.size}, &run),
                             DG_OK);
        assert_int_equal(run.result[0], DG_CHECK_NOT_RUN);
        assert_int_not_equal(
            dg_requalification_verify(&crypto, (dg_span){message.at, i}, &run),
            DG_OK);
    }
}

static void test_requalification__no_such_result__not_signed(void **state)
{
    struct dg_requalification run = made;
    uint8_t other[DG_REQUALIFICATION_SIZE_MAX];
    dg_span bytes = {NULL, 0U};

    (void)state;
    run.result[2] = (enum dg_check_result)3;
    assert_int_equal(dg_requalification_sign(
                         &crypto, &secret, &run, DG_BUF_OF(other), &bytes),
                     DG_E_RANGE);
    assert_int_equal(
        dg_requalification_sign(&crypto,
                                &secret,
                                &made,
                                (dg_buf){other, sizeof(other) - 1U},
                                &bytes),
        DG_E_NO_SPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requalification__signed__read_as_it_was),
        cmocka_unit_test(test_requalification__one_check_short__not_passed),
        cmocka_unit_test(test_requalification__any_byte_changed__refused),
        cmocka_unit_test(test_requalification__no_such_result__not_signed),
    };

    return cmocka_run_group_tests(tests, start, end);
}
