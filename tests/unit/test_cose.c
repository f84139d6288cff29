/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "dosegate/cbor.h"
#include "dosegate/cose.h"
#include "ports/host/crypto_openssl.h"

#define TEXT(text)                                 \
    {                                              \
        (const uint8_t *)(text), sizeof(text) - 1U \
    }

static struct dg_crypto crypto;
static struct dg_secret key;
static struct dg_public_key public_key;
static uint8_t payload_bytes[300];

static const dg_span purpose = TEXT("dosegate test 1");
static const dg_span kid = TEXT("\x0B");

static dg_span sign(dg_span with_kid, size_t size, dg_buf room)
{
    dg_span message;

    assert_int_equal(dg_cose_sign1(&crypto,
                                   &key,
                                   with_kid,
                                   purpose,
                                   (dg_span){payload_bytes, size},
                                   room,
                                   &message),
                     DG_OK);
    return message;
}

static void test_cose_sign1__sample__documented_bytes_that_hold(void **state)
{
    uint8_t room[512];
    const dg_span message = sign(kid, 5U, DG_BUF_OF(room));
    struct dg_cose_sign1 parts;
    dg_span payload;

    (void)state;
    assert_int_equal(message.size, 2U + 4U + 4U + 6U + 66U);
    assert_memory_equal(
        message.at, "\xD2\x84\x43\xA1\x01\x26\xA1\x04\x41\x0B\x45", 11U);
    assert_memory_equal(&message.at[11], payload_bytes, 5U);
    assert_memory_equal(&message.at[16], "\x58\x40", 2U);
    assert_int_equal(dg_cose_sign1_parse(message, &parts), DG_OK);
    assert_ptr_equal(parts.payload.at, &message.at[11]);
    assert_int_equal(parts.payload.size, 5);
    assert_int_equal(parts.kid.size, 1);
    assert_ptr_equal(parts.kid.at, &message.at[9]);
    assert_memory_equal(parts.signature.byte, &message.at[18], 64U);
    assert_int_equal(
        dg_cose_sign1_verify(&crypto, &public_key, purpose, message, &payload),
        DG_OK);
    assert_ptr_equal(payload.at, parts.payload.at);
    assert_int_equal(payload.size, 5);
}

/* What is signed is the Sig_structure of RFC 9052, 4.4, written by hand. */
static void test_cose_sign1__signature__over_sig_structure(void **state)
{
    uint8_t room[512];
    const dg_span message = sign((dg_span){NULL, 0U}, 3U, DG_BUF_OF(room));
    const dg_span structure[] = {TEXT("\x84\x6ASignature1\x43\xA1\x01\x26\x4F"
                                      "dosegate test 1\x43"),
                                 {payload_bytes, 3U}};
    struct dg_cose_sign1 parts;
    struct dg_hash hash;

    (void)state;
    assert_int_equal(dg_cose_sign1_parse(message, &parts), DG_OK);
    assert_null(parts.kid.at);
    assert_int_equal(crypto.sha256(crypto.context, structure, 2U, &hash),
                     DG_OK);
    assert_int_equal(crypto.es256_verify(
                         crypto.context, &public_key, &hash, &parts.signature),
                     DG_OK);
}

static void test_cose_sign1__sizes__back_again_in_the_least_room(void **state)
{
    static const size_t sizes[] = {0U, 1U, 23U, 24U, 255U, 256U, 300U};

    (void)state;
    for (size_t i = 0U; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t room[300U + 1U + DG_COSE_SIGN1_OVERHEAD_MAX];
        const size_t least = sizes[i] + 1U + DG_COSE_SIGN1_OVERHEAD_MAX;
        const dg_span message = sign(kid, sizes[i], (dg_buf){room, least});
        dg_span payload;

        assert_int_equal(dg_cose_sign1_verify(
                             &crypto, &public_key, purpose, message, &payload),
                         DG_OK);
        assert_int_equal(payload.size, sizes[i]);
        assert_memory_equal(payload.at, payload_bytes, sizes[i]);
        assert_int_equal(dg_cose_sign1(&crypto,
                                       &key,
                                       kid,
                                       purpose,
                                       (dg_span){payload_bytes, sizes[i]},
                                       (dg_buf){room, least - 1U},
                                       &payload),
                         DG_E_NO_SPACE);
        assert_null(payload.at);
    }
}

/* The kid is not signed: only there may a bit change. */
static void test_cose_verify__any_bit_changed__refused(void **state)
{
    uint8_t room[512];
    const dg_span message = sign(kid, 5U, DG_BUF_OF(room));

    (void)state;
    for (size_t bit = 0U; bit < 8U * message.size; bit++) {
        dg_span payload = purpose;

        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));

        const enum dg_status status = dg_cose_sign1_verify(
            &crypto, &public_key, purpose, message, &payload);

        if (bit / 8U == 9U) {
            assert_int_equal(status, DG_OK);
        } else {
            assert_int_not_equal(status, DG_OK);
            assert_null(payload.at);
        }
        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
}

static void test_cose_verify__any_truncation__truncated(void **state)
{
    uint8_t room[512];
    const dg_span message = sign(kid, 40U, DG_BUF_OF(room));
    dg_span payload;

    (void)state;
    for (size_t size = 0U; size < message.size; size++) {
        assert_int_equal(dg_cose_sign1_verify(&crypto,
                                              &public_key,
                                              purpose,
                                              (dg_span){message.at, size},
                                              &payload),
                         DG_E_TRUNCATED);
    }
    assert_int_equal(
        dg_cose_sign1_verify(&crypto,
                             &public_key,
                             purpose,
                             (dg_span){message.at, message.size + 1U},
                             &payload),
        DG_E_TRAILING);
}

static void test_cose_verify__other_purpose_or_key__auth(void **state)
{
    const dg_span other = TEXT("dosegate test 2");
    uint8_t room[512];
    const dg_span message = sign(kid, 5U, DG_BUF_OF(room));
    struct dg_secret other_key;
    struct dg_public_key other_public;
    dg_span payload;

    (void)state;
    assert_int_equal(
        dg_cose_sign1_verify(&crypto, &public_key, other, message, &payload),
        DG_E_AUTH);
    assert_null(payload.at);
    assert_int_equal(
        crypto.p256_generate(crypto.context, &other_key, &other_public), DG_OK);
    assert_int_equal(dg_cose_sign1_verify(
                         &crypto, &other_public, purpose, message, &payload),
                     DG_E_AUTH);
}

/* Forms around a protected header, an unprotected one and a payload. */
struct form {
    dg_span front;
    enum dg_status status;
};

static void test_cose_parse__other_forms__refused(void **state)
{
    static const struct form forms[] = {
        {TEXT("\xD2\x84\x43\xA1\x01\x26\xA0\x40"), DG_OK},
        {TEXT("\xD2\x84\x43\xA1\x01\x26\xA1\x04\x40\x40"), DG_OK},
        /* Another algorithm, none, crit, more headers. */
        {TEXT("\xD2\x84\x44\xA1\x01\x38\x22\xA0\x40"), DG_E_UNSUPPORTED},
        {TEXT("\xD2\x84\x43\xA1\x01\x06\xA0\x40"), DG_E_UNSUPPORTED},
        {TEXT("\xD2\x84\x40\xA0\x40"), DG_E_UNSUPPORTED},
        {TEXT("\xD2\x84\x41\xA0\xA0\x40"), DG_E_UNSUPPORTED},
        {TEXT("\xD2\x84\x46\xA2\x01\x26\x02\x81\x04\xA0\x40"),
         DG_E_UNSUPPORTED},
        {TEXT("\xD2\x84\x46\xA2\x01\x26\x04\x41\x0B\xA0\x40"),
         DG_E_UNSUPPORTED},
        {TEXT("\xD2\x84\x43\xA1\x03\x26\xA0\x40"), DG_E_UNSUPPORTED},
        {TEXT("\xD2\x84\x43\xA1\x01\x26\xA1\x01\x26\x40"), DG_E_UNSUPPORTED},
        {TEXT("\xD2\x84\x43\xA1\x01\x26\xA1\x05\x40\x40"), DG_E_UNSUPPORTED},
        {TEXT("\xD2\x84\x43\xA1\x01\x26\xA0\xF6"), DG_E_UNSUPPORTED},
        /* Not a COSE_Sign1 at all. */
        {TEXT("\x84\x43\xA1\x01\x26\xA0\x40"), DG_E_MALFORMED},
        {TEXT("\xD1\x84\x43\xA1\x01\x26\xA0\x40"), DG_E_MALFORMED},
        {TEXT("\xD2\x83\x43\xA1\x01\x26\xA0\x40"), DG_E_MALFORMED},
        {TEXT("\xD2\x85\x43\xA1\x01\x26\xA0\x40"), DG_E_MALFORMED},
        {TEXT("\xD2\x84\xA1\x01\x26\xA0\x40"), DG_E_MALFORMED},
        {TEXT("\xD2\x84\x43\xA1\x01\x26\xA0\x60"), DG_E_MALFORMED},
        {TEXT("\xD2\x84\x43\xA1\x01\x26\x40\x40"), DG_E_MALFORMED},
        {TEXT("\xD2\x84\x43\xA1\x01\x26\xA1\x04\x01\x40"), DG_E_MALFORMED},
        {TEXT("\xD2\x84\x41\x26\xA0\x40"), DG_E_MALFORMED},
        {TEXT("\xD2\x84\x44\xA1\x01\x38\x06\xA0\x40"), DG_E_MALFORMED},
        {TEXT("\xD2\x84\x44\xA1\x01\x26\x00\xA0\x40"), DG_E_TRAILING},
        {TEXT("\xD2\x84\x45\xA2\x01\x26\x01\x26\xA0\x40"), DG_E_MALFORMED},
    };

    (void)state;
    for (size_t i = 0U; i < sizeof forms / sizeof forms[0]; i++) {
        uint8_t room[128] = {0U};
        const size_t size = forms[i].front.size;
        struct dg_cose_sign1 parts;

        (void)memcpy(room, forms[i].front.at, size);
        room[size] = 0x58U;
        room[size + 1U] = 0x40U;

        const enum dg_status status =
            dg_cose_sign1_parse((dg_span){room, size + 66U}, &parts);

        if (status != forms[i].status) {
            fail_msg("form %zu: %s", i, dg_status_name(status));
        }
    }
}

static void test_cose_parse__kid_or_signature_of_other_size__range(void **state)
{
    uint8_t room[256] = {
        0xD2U, 0x84U, 0x43U, 0xA1U, 0x01U, 0x26U, 0xA1U, 0x04U, 0x58U, 0U};
    struct dg_cose_sign1 parts;

    (void)state;
    for (size_t size = 31U; size <= 33U; size++) {
        room[9] = (uint8_t)size;
        room[10U + size] = 0x40U;
        room[11U + size] = 0x58U;
        room[12U + size] = 0x40U;
        assert_int_equal(
            dg_cose_sign1_parse((dg_span){room, 13U + size + 64U}, &parts),
            (size <= DG_COSE_KID_MAX) ? DG_OK : DG_E_RANGE);
        room[12U + size] = 0x3FU;
        assert_int_equal(
            dg_cose_sign1_parse((dg_span){room, 13U + size + 63U}, &parts),
            DG_E_RANGE);
        (void)memset(&room[10U + size], 0, 3U);
    }
}

static void test_cose__arguments__usage(void **state)
{
    uint8_t bytes[512];
    const dg_buf room = DG_BUF_OF(bytes);
    const dg_span text = {payload_bytes, 5U};
    const dg_span none = {NULL, 0U};
    const dg_span empty = {payload_bytes, 0U};
    const dg_span long_kid = {payload_bytes, DG_COSE_KID_MAX + 1U};
    const struct dg_secret zero = {{0U}};
    struct dg_cose_sign1 parts;
    dg_span out;

    (void)state;
    assert_int_equal(dg_cose_sign1(NULL, &key, kid, purpose, text, room, &out),
                     DG_E_USAGE);
    assert_int_equal(
        dg_cose_sign1(&crypto, NULL, kid, purpose, text, room, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_cose_sign1(&crypto, &zero, kid, purpose, text, room, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_cose_sign1(&crypto, &key, long_kid, purpose, text, room, &out),
        DG_E_USAGE);
    assert_int_equal(dg_cose_sign1(&crypto, &key, kid, none, text, room, &out),
                     DG_E_USAGE);
    assert_int_equal(dg_cose_sign1(&crypto, &key, kid, empty, text, room, &out),
                     DG_E_USAGE);
    assert_int_equal(
        dg_cose_sign1(
            &crypto, &key, kid, purpose, (dg_span){NULL, 5U}, room, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_cose_sign1(&crypto, &key, kid, purpose, text, room, NULL),
        DG_E_USAGE);

    const dg_span message = sign(kid, 5U, room);

    assert_int_equal(dg_cose_sign1_parse(message, NULL), DG_E_USAGE);
    assert_int_equal(dg_cose_sign1_parse(none, &parts), DG_E_TRUNCATED);
    assert_int_equal(
        dg_cose_sign1_verify(NULL, &public_key, purpose, message, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_cose_sign1_verify(&crypto, NULL, purpose, message, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_cose_sign1_verify(&crypto, &public_key, none, message, &out),
        DG_E_USAGE);
    assert_int_equal(
        dg_cose_sign1_verify(&crypto, &public_key, purpose, message, NULL),
        DG_E_USAGE);
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0U; i < sizeof payload_bytes; i++) {
        payload_bytes[i] = (uint8_t)(3U * i + 1U);
    }
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return -1;
    }
    return (crypto.p256_generate(crypto.context, &key, &public_key) == DG_OK)
               ? 0
               : -1;
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
        cmocka_unit_test(test_cose_sign1__sample__documented_bytes_that_hold),
        cmocka_unit_test(test_cose_sign1__signature__over_sig_structure),
        cmocka_unit_test(test_cose_sign1__sizes__back_again_in_the_least_room),
        cmocka_unit_test(test_cose_verify__any_bit_changed__refused),
        cmocka_unit_test(test_cose_verify__any_truncation__truncated),
        cmocka_unit_test(test_cose_verify__other_purpose_or_key__auth),
        cmocka_unit_test(test_cose_parse__other_forms__refused),
        cmocka_unit_test(
            test_cose_parse__kid_or_signature_of_other_size__range),
        cmocka_unit_test(test_cose__arguments__usage),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
