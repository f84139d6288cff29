/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/bytes.h"
#include "core/hkdf.h"
#include "dosegate/knock.h"
#include "ports/host/crypto_openssl.h"

#define SIZE (DG_KNOCK_HEADER_SIZE + 37U)

static struct dg_crypto crypto;
static uint8_t message_1[37];

static const struct dg_secret knock_key = {{0x4B, 0x4E, 0x4F, 0x43, 0x4B}};

static dg_span knock_into(dg_buf room)
{
    const struct dg_knock knock = {0x03U, 0x01020304U, DG_SPAN_OF(message_1)};
    dg_span datagram;

    assert_int_equal(
        dg_knock_write(&crypto, &knock_key, &knock, room, &datagram), DG_OK);
    return datagram;
}

static void test_knock_key__both_ends__the_same_and_as_documented(void **state)
{
    struct dg_secret a;
    struct dg_secret b;
    struct dg_public_key public_a;
    struct dg_public_key public_b;
    struct dg_secret key_a = {{0U}};
    struct dg_secret key_b = {{0U}};
    struct dg_secret shared;
    struct dg_hash prk;
    struct dg_hash want;
    const uint8_t zeros[32] = {0U};

    (void)state;
    assert_int_equal(crypto.p256_generate(crypto.context, &a, &public_a),
                     DG_OK);
    assert_int_equal(crypto.p256_generate(crypto.context, &b, &public_b),
                     DG_OK);
    assert_int_equal(dg_knock_key(&crypto, &a, &public_b, &key_a), DG_OK);
    assert_int_equal(dg_knock_key(&crypto, &b, &public_a, &key_b), DG_OK);
    assert_memory_equal(&key_a, &key_b, sizeof key_a);

    /* Once more with HMAC alone: an empty salt is 32 zeros (RFC 5869, 2.2),
     * and one block of Expand is HMAC(PRK, info | 01). */
    assert_int_equal(crypto.p256_ecdh(crypto.context, &a, public_b.x, &shared),
                     DG_OK);

    const dg_span secret = DG_SPAN_OF(shared.byte);
    const dg_span info = {(const uint8_t *)"dosegate knock 1\x01", 17U};

    assert_int_equal(crypto.hmac_sha256(
                         crypto.context, DG_SPAN_OF(zeros), &secret, 1U, &prk),
                     DG_OK);
    assert_int_equal(
        crypto.hmac_sha256(
            crypto.context, DG_SPAN_OF(prk.byte), &info, 1U, &want),
        DG_OK);
    assert_memory_equal(key_a.byte, want.byte, sizeof want.byte);
}

static void test_knock_key__no_point__range(void **state)
{
    struct dg_secret key;
    const struct dg_secret one = {.byte = {[31] = 1U}};
    struct dg_public_key peer;

    (void)state;
    (void)memset(&peer, 0xFF, sizeof peer);
    assert_int_equal(dg_knock_key(&crypto, &one, &peer, &key), DG_E_RANGE);
    assert_int_equal(dg_knock_key(NULL, &one, &peer, &key), DG_E_USAGE);
    assert_int_equal(dg_knock_key(&crypto, NULL, &peer, &key), DG_E_USAGE);
    assert_int_equal(dg_knock_key(&crypto, &one, NULL, &key), DG_E_USAGE);
    assert_int_equal(dg_knock_key(&crypto, &one, &peer, NULL), DG_E_USAGE);
}

static void test_knock_write__sample__documented_bytes(void **state)
{
    uint8_t room[SIZE];
    const dg_span datagram = knock_into(DG_BUF_OF(room));
    const dg_span covered[] = {{(const uint8_t *)"\x03\x01\x02\x03\x04", 5U},
                               DG_SPAN_OF(message_1)};
    struct dg_hash mac;

    (void)state;
    assert_int_equal(datagram.size, SIZE);
    assert_memory_equal(datagram.at, "\x01\x03\x01\x02\x03\x04", 6U);
    assert_int_equal(
        crypto.hmac_sha256(
            crypto.context, DG_SPAN_OF(knock_key.byte), covered, 2U, &mac),
        DG_OK);
    assert_memory_equal(&datagram.at[6], mac.byte, 8U);
    assert_memory_equal(&datagram.at[14], message_1, sizeof message_1);
}

static void test_knock_parse__written__the_same_fields(void **state)
{
    uint8_t room[SIZE];
    const dg_span datagram = knock_into(DG_BUF_OF(room));
    struct dg_knock knock;

    (void)state;
    assert_int_equal(dg_knock_parse(datagram, &knock), DG_OK);
    assert_int_equal(knock.slot, 3);
    assert_int_equal(knock.counter, 0x01020304);
    assert_ptr_equal(knock.message_1.at, &room[DG_KNOCK_HEADER_SIZE]);
    assert_int_equal(knock.message_1.size, sizeof message_1);
    assert_int_equal(dg_knock_verify(&crypto, &knock_key, datagram), DG_OK);
}

/* @verifies{FRU_RSA.1@1} */
static void test_knock_verify__any_bit_changed__refused(void **state)
{
    uint8_t room[SIZE];
    const dg_span datagram = knock_into(DG_BUF_OF(room));

    (void)state;
    for (size_t bit = 0U; bit < 8U * SIZE; bit++) {
        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_int_equal(dg_knock_verify(&crypto, &knock_key, datagram),
                         (bit < 8U) ? DG_E_MALFORMED : DG_E_AUTH);
        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
    assert_int_equal(dg_knock_verify(&crypto, &knock_key, datagram), DG_OK);
}

static void test_knock_verify__any_truncation__refused(void **state)
{
    uint8_t room[SIZE];
    const dg_span datagram = knock_into(DG_BUF_OF(room));

    (void)state;
    for (size_t size = 0U; size < SIZE; size++) {
        assert_int_equal(
            dg_knock_verify(&crypto, &knock_key, (dg_span){datagram.at, size}),
            (size <= DG_KNOCK_HEADER_SIZE) ? DG_E_TRUNCATED : DG_E_AUTH);
    }
}

static void test_knock_verify__other_key__auth(void **state)
{
    struct dg_secret other = knock_key;
    uint8_t room[SIZE];
    const dg_span datagram = knock_into(DG_BUF_OF(room));

    (void)state;
    other.byte[31] ^= 1U;
    assert_int_equal(dg_knock_verify(&crypto, &other, datagram), DG_E_AUTH);
}

static void test_knock_write__message_already_in_room__moved(void **state)
{
    uint8_t room[SIZE];
    uint8_t want[SIZE];
    struct dg_knock knock = {0x03U, 0x01020304U, {room, sizeof message_1}};
    dg_span datagram;

    (void)state;
    (void)knock_into(DG_BUF_OF(want));
    (void)memcpy(room, message_1, sizeof message_1);
    assert_int_equal(
        dg_knock_write(&crypto, &knock_key, &knock, DG_BUF_OF(room), &datagram),
        DG_OK);
    assert_memory_equal(datagram.at, want, SIZE);
}

static void test_knock__arguments__usage_and_no_space(void **state)
{
    uint8_t bytes[SIZE] = {0U};
    const dg_buf room = DG_BUF_OF(bytes);
    const struct dg_knock knock = {1U, 1U, DG_SPAN_OF(message_1)};
    const struct dg_knock empty = {1U, 1U, {message_1, 0U}};
    struct dg_knock parsed;
    dg_span out;

    (void)state;
    assert_int_equal(dg_knock_write(NULL, &knock_key, &knock, room, &out),
                     DG_E_USAGE);
    assert_int_equal(dg_knock_write(&crypto, NULL, &knock, room, &out),
                     DG_E_USAGE);
    assert_int_equal(dg_knock_write(&crypto, &knock_key, NULL, room, &out),
                     DG_E_USAGE);
    assert_int_equal(dg_knock_write(&crypto, &knock_key, &empty, room, &out),
                     DG_E_USAGE);
    assert_int_equal(
        dg_knock_write(&crypto, &knock_key, &knock, (dg_buf){NULL, SIZE}, &out),
        DG_E_USAGE);
    assert_int_equal(dg_knock_write(&crypto, &knock_key, &knock, room, NULL),
                     DG_E_USAGE);
    for (size_t capacity = 0U; capacity < SIZE; capacity++) {
        assert_int_equal(
            dg_knock_write(
                &crypto, &knock_key, &knock, (dg_buf){bytes, capacity}, &out),
            DG_E_NO_SPACE);
        assert_null(out.at);
    }
    assert_int_equal(dg_knock_parse((dg_span){NULL, 20U}, &parsed), DG_E_USAGE);
    assert_int_equal(dg_knock_parse(DG_SPAN_OF(bytes), NULL), DG_E_USAGE);
    assert_int_equal(dg_knock_verify(NULL, &knock_key, DG_SPAN_OF(bytes)),
                     DG_E_USAGE);
    assert_int_equal(dg_knock_verify(&crypto, NULL, DG_SPAN_OF(bytes)),
                     DG_E_USAGE);
}

static int set_up(void **state)
{
    (void)state;
    (void)memset(message_1, 0x5C, sizeof message_1);
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
        cmocka_unit_test(test_knock_key__both_ends__the_same_and_as_documented),
        cmocka_unit_test(test_knock_key__no_point__range),
        cmocka_unit_test(test_knock_write__sample__documented_bytes),
        cmocka_unit_test(test_knock_parse__written__the_same_fields),
        cmocka_unit_test(test_knock_verify__any_bit_changed__refused),
        cmocka_unit_test(test_knock_verify__any_truncation__refused),
        cmocka_unit_test(test_knock_verify__other_key__auth),
        cmocka_unit_test(test_knock_write__message_already_in_room__moved),
        cmocka_unit_test(test_knock__arguments__usage_and_no_space),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
