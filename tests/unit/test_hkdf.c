/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "cmocka_all.h"
#include "core/hkdf.h"
#include "ports/host/crypto_openssl.h"
#include "vectors.h"

static struct dg_crypto crypto;

/* RFC 5869, appendix A.1: also without any vector file. */
static void test_hkdf__rfc5869_case_1__published_output(void **state)
{
    uint8_t room[128];
    uint8_t okm[42];
    struct dg_secret prk;
    const uint8_t ikm[22] = {0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
                             0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
                             0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b};
    const uint8_t salt[13] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const uint8_t info[10] = {
        0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9};
    /* The info in three parts must be the info in one. */
    const dg_span parts[] = {{info, 3U}, {info, 0U}, {&info[3], 7U}};

    (void)state;
    assert_int_equal(
        dg_hkdf_extract(&crypto, DG_SPAN_OF(salt), DG_SPAN_OF(ikm), &prk),
        DG_OK);
    assert_memory_equal(
        prk.byte,
        vectors_hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7"
                    "c2b3e5",
                    DG_BUF_OF(room))
            .at,
        32U);
    assert_int_equal(dg_hkdf_expand(&crypto, &prk, parts, 3U, DG_BUF_OF(okm)),
                     DG_OK);
    assert_memory_equal(
        okm,
        vectors_hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ec"
                    "c4c5bf34007208d5b887185865",
                    DG_BUF_OF(room))
            .at,
        42U);
}

static void run_case(const json_t *test, unsigned *ran)
{
    uint8_t ikm_room[256];
    uint8_t salt_room[256];
    uint8_t info_room[256];
    static uint8_t want_room[DG_HKDF_OUT_MAX + 64U];
    static uint8_t okm[DG_HKDF_OUT_MAX + 64U];
    const dg_span ikm = vectors_get(test, "ikm", DG_BUF_OF(ikm_room));
    const dg_span salt = vectors_get(test, "salt", DG_BUF_OF(salt_room));
    const dg_span info = vectors_get(test, "info", DG_BUF_OF(info_room));
    const dg_span want = vectors_get(test, "okm", DG_BUF_OF(want_room));
    const size_t size =
        (size_t)json_integer_value(json_object_get(test, "size"));
    const bool valid =
        strcmp(json_string_value(json_object_get(test, "result")), "valid") ==
        0;
    struct dg_secret prk;

    assert_true(size <= sizeof okm);
    assert_int_equal(dg_hkdf_extract(&crypto, salt, ikm, &prk), DG_OK);

    const enum dg_status status =
        dg_hkdf_expand(&crypto, &prk, &info, 1U, (dg_buf){okm, size});

    assert_int_equal(status, valid ? DG_OK : DG_E_USAGE);
    if (valid) {
        assert_int_equal(want.size, size);
        assert_memory_equal(okm, want.at, size);
    }
    (*ran)++;
}

static void test_hkdf__wycheproof__all(void **state)
{
    json_t *root = vectors_load("wycheproof/hkdf_sha256_test.json");
    const json_t *group = NULL;
    const json_t *test = NULL;
    size_t i = 0U;
    size_t k = 0U;
    unsigned ran = 0U;

    (void)state;
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), k, test)
        {
            run_case(test, &ran);
        }
    }
    print_message("HKDF: %u ran\n", ran);
    assert_true(ran >= 86U);
    json_decref(root);
}

static void test_hkdf_expand__out_of_range__usage(void **state)
{
    static uint8_t okm[DG_HKDF_OUT_MAX + 1U];
    const struct dg_secret prk = {{1U}};
    const dg_span info[DG_HKDF_INFO_PARTS_MAX + 1U] = {{NULL, 0U}};

    (void)state;
    assert_int_equal(dg_hkdf_expand(&crypto, &prk, info, 0U, (dg_buf){okm, 0U}),
                     DG_E_USAGE);
    assert_int_equal(dg_hkdf_expand(&crypto, &prk, info, 0U, DG_BUF_OF(okm)),
                     DG_E_USAGE);
    assert_int_equal(dg_hkdf_expand(&crypto,
                                    &prk,
                                    info,
                                    DG_HKDF_INFO_PARTS_MAX + 1U,
                                    (dg_buf){okm, 32U}),
                     DG_E_USAGE);
    assert_int_equal(dg_hkdf_expand(&crypto,
                                    &prk,
                                    info,
                                    DG_HKDF_INFO_PARTS_MAX,
                                    (dg_buf){okm, DG_HKDF_OUT_MAX}),
                     DG_OK);
}

static unsigned calls_left;

static enum dg_status failing_hmac(void *context,
                                   dg_span key,
                                   const dg_span *parts,
                                   size_t count,
                                   struct dg_hash *mac)
{
    if (calls_left == 0U) {
        return DG_E_PORT;
    }
    calls_left--;
    return crypto.hmac_sha256(context, key, parts, count, mac);
}

/* The third block fails: nothing of the first two may stay. */
static void test_hkdf_expand__port_fails_midway__wiped(void **state)
{
    struct dg_crypto failing = crypto;
    struct dg_secret prk = {{1U}};
    const uint8_t zeros[96] = {0U};
    uint8_t okm[96];

    (void)state;
    failing.hmac_sha256 = failing_hmac;
    (void)memset(okm, 0xEE, sizeof okm);
    calls_left = 2U;
    assert_int_equal(dg_hkdf_expand(&failing, &prk, NULL, 0U, DG_BUF_OF(okm)),
                     DG_E_PORT);
    assert_memory_equal(okm, zeros, sizeof okm);
    calls_left = 0U;
    assert_int_equal(
        dg_hkdf_extract(
            &failing, (dg_span){NULL, 0U}, (dg_span){NULL, 0U}, &prk),
        DG_E_PORT);
    assert_int_equal(prk.byte[0], 1);
}

static int set_up(void **state)
{
    (void)state;
    return (dg_crypto_openssl_init(&crypto) == DG_OK) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hkdf__rfc5869_case_1__published_output),
        cmocka_unit_test(test_hkdf__wycheproof__all),
        cmocka_unit_test(test_hkdf_expand__out_of_range__usage),
        cmocka_unit_test(test_hkdf_expand__port_fails_midway__wiped),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
