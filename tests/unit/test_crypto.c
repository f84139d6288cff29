/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "cmocka_all.h"
#include "port.h"
#include "vectors.h"

/* Runs once over each port: see port.h.  @verifies{FPT_FIRMWARE.1@1} */
static struct dg_crypto crypto;

/* How many vectors of a file were run, and how many do not concern us. */
struct tally {
    unsigned ran;
    unsigned skipped;
};

typedef void (*run_test)(const json_t *group,
                         const json_t *test,
                         struct tally *tally);

static void run_file(const char *name, run_test run, unsigned least)
{
    json_t *root = vectors_load(name);
    const json_t *group = NULL;
    const json_t *test = NULL;
    struct tally tally = {0U, 0U};
    size_t i = 0U;
    size_t k = 0U;

    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), k, test)
        {
            run(group, test, &tally);
        }
    }
    print_message("%s: %u ran, %u not ours\n", name, tally.ran, tally.skipped);
    assert_true(tally.ran >= least);
    json_decref(root);
}

static json_int_t number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static bool is_result(const json_t *test, const char *result)
{
    return strcmp(json_string_value(json_object_get(test, "result")), result) ==
           0;
}

/* Right-align into 32 bytes; the vectors write integers of any length. */
static void load_32(dg_span bytes, uint8_t out[32])
{
    (void)memset(out, 0, 32U);
    while (bytes.size > 32U) {
        assert_int_equal(bytes.at[0], 0);
        bytes.at++;
        bytes.size--;
    }
    (void)memcpy(&out[32U - bytes.size], bytes.at, bytes.size);
}

static void run_ccm(const json_t *group,
                    const json_t *test,
                    struct tally *tally)
{
    uint8_t key_room[64];
    uint8_t iv_room[512];
    uint8_t aad_room[512];
    uint8_t msg_room[1024];
    uint8_t sealed_room[1024];
    uint8_t tag_room[64];
    uint8_t out[1024];
    struct dg_aead_key key;
    const size_t tag_size = (size_t)number(group, "tagSize") / 8U;

    if ((number(group, "keySize") != 128) || (number(group, "ivSize") != 104) ||
        ((tag_size != 8U) && (tag_size != 16U))) {
        tally->skipped++;
        return;
    }

    const dg_span aad = vectors_get(test, "aad", DG_BUF_OF(aad_room));
    const dg_span msg = vectors_get(test, "msg", DG_BUF_OF(msg_room));
    const dg_span ct = vectors_get(test, "ct", DG_BUF_OF(sealed_room));
    const dg_span tag = vectors_get(test, "tag", DG_BUF_OF(tag_room));
    const size_t size = ct.size + tag.size;

    (void)memcpy(key.key,
                 vectors_get(test, "key", DG_BUF_OF(key_room)).at,
                 sizeof key.key);
    (void)memcpy(key.nonce,
                 vectors_get(test, "iv", DG_BUF_OF(iv_room)).at,
                 sizeof key.nonce);
    (void)memcpy(&sealed_room[ct.size], tag.at, tag.size);

    const enum dg_status status = crypto.ccm_open(crypto.context,
                                                  &key,
                                                  tag_size,
                                                  aad,
                                                  (dg_span){sealed_room, size},
                                                  DG_BUF_OF(out));

    assert_int_equal(status, is_result(test, "valid") ? DG_OK : DG_E_AUTH);
    if (status == DG_OK) {
        assert_memory_equal(out, msg.at, msg.size);
        assert_int_equal(
            crypto.ccm_seal(
                crypto.context, &key, tag_size, aad, msg, DG_BUF_OF(out)),
            DG_OK);
        assert_memory_equal(out, sealed_room, size);
    }
    tally->ran++;
}

static void test_crypto_ccm__wycheproof__as_published(void **state)
{
    (void)state;
    run_file("wycheproof/aes_ccm_test.json", run_ccm, 6U);
}

static void run_ecdh(const json_t *group,
                     const json_t *test,
                     struct tally *tally)
{
    uint8_t room[256];
    uint8_t x[32];
    struct dg_secret private_key;
    struct dg_secret shared;
    const bool invalid = is_result(test, "invalid");
    const dg_span point = vectors_get(test, "public", DG_BUF_OF(room));

    (void)group;
    /* Our interface takes x alone, so a wrong y or form cannot be shown to
     * it. */
    if ((point.size < 33U) || (invalid && (point.size != 33U))) {
        tally->skipped++;
        return;
    }
    (void)memcpy(x, &point.at[1], sizeof x);
    load_32(vectors_get(test, "private", DG_BUF_OF(room)), private_key.byte);

    const enum dg_status status =
        crypto.p256_ecdh(crypto.context, &private_key, x, &shared);

    assert_int_equal(status, invalid ? DG_E_RANGE : DG_OK);
    if (!invalid) {
        const dg_span want = vectors_get(test, "shared", DG_BUF_OF(room));

        assert_int_equal(want.size, sizeof shared.byte);
        assert_memory_equal(shared.byte, want.at, want.size);
    }
    tally->ran++;
}

static void test_crypto_ecdh__wycheproof__as_published(void **state)
{
    (void)state;
    run_file("wycheproof/ecdh_secp256r1_ecpoint_test.json", run_ecdh, 331U);
}

static void run_ecdsa(const json_t *group,
                      const json_t *test,
                      struct tally *tally)
{
    const json_t *key = json_object_get(group, "publicKey");
    uint8_t room[1024];
    uint8_t msg_room[1024];
    struct dg_public_key public_key;
    struct dg_signature signature;
    struct dg_hash hash;
    const dg_span msg = vectors_get(test, "msg", DG_BUF_OF(msg_room));

    load_32(vectors_get(key, "wx", DG_BUF_OF(room)), public_key.x);
    load_32(vectors_get(key, "wy", DG_BUF_OF(room)), public_key.y);
    assert_int_equal(crypto.sha256(crypto.context, &msg, 1U, &hash), DG_OK);

    const dg_span sig = vectors_get(test, "sig", DG_BUF_OF(room));

    /* The type holds 64 bytes and no others. */
    if (sig.size != sizeof signature.byte) {
        assert_true(is_result(test, "invalid"));
        tally->skipped++;
        return;
    }
    (void)memcpy(signature.byte, sig.at, sig.size);
    assert_int_equal(
        crypto.es256_verify(crypto.context, &public_key, &hash, &signature),
        is_result(test, "valid") ? DG_OK : DG_E_AUTH);
    tally->ran++;
}

static void test_crypto_es256_verify__wycheproof__as_published(void **state)
{
    (void)state;
    run_file(
        "wycheproof/ecdsa_secp256r1_sha256_p1363_test.json", run_ecdsa, 241U);
}

static void run_hmac(const json_t *group,
                     const json_t *test,
                     struct tally *tally)
{
    uint8_t key_room[256];
    uint8_t msg_room[512];
    uint8_t tag_room[64];
    struct dg_hash mac;
    const dg_span key = vectors_get(test, "key", DG_BUF_OF(key_room));
    const dg_span msg = vectors_get(test, "msg", DG_BUF_OF(msg_room));
    const dg_span tag = vectors_get(test, "tag", DG_BUF_OF(tag_room));
    /* Cut in two, so that parts are tried as well. */
    const dg_span parts[] = {
        {msg.at, msg.size / 3U},
        {&msg_room[msg.size / 3U], msg.size - msg.size / 3U}};

    assert_int_equal(8U * tag.size, (size_t)number(group, "tagSize"));
    assert_int_equal(crypto.hmac_sha256(crypto.context, key, parts, 2U, &mac),
                     DG_OK);
    assert_int_equal(memcmp(mac.byte, tag.at, tag.size) == 0,
                     is_result(test, "valid"));
    tally->ran++;
}

static void test_crypto_hmac__wycheproof__as_published(void **state)
{
    (void)state;
    run_file("wycheproof/hmac_sha256_test.json", run_hmac, 174U);
}

/* FIPS 180-4 examples: empty, and "abc" in three parts. */
static void test_crypto_sha256__published__as_published(void **state)
{
    uint8_t room[32];
    struct dg_hash hash;
    const uint8_t *abc = (const uint8_t *)"abc";
    const dg_span parts[] = {{abc, 1U}, {NULL, 0U}, {&abc[1], 2U}};

    (void)state;
    assert_int_equal(crypto.sha256(crypto.context, parts, 3U, &hash), DG_OK);
    assert_memory_equal(
        hash.byte,
        vectors_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f2"
                    "0015ad",
                    DG_BUF_OF(room))
            .at,
        32U);
    assert_int_equal(crypto.sha256(crypto.context, NULL, 0U, &hash), DG_OK);
    assert_memory_equal(
        hash.byte,
        vectors_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b78"
                    "52b855",
                    DG_BUF_OF(room))
            .at,
        32U);
}

static const uint8_t sample_text[70] = "associated data and a plaintext";

/* Both tag sizes, all sizes of plaintext around a block, and the empty one. */
static void test_crypto_ccm__sizes_and_tags__back_again_or_refused(void **state)
{
    const struct dg_aead_key key = {{1U, 2U, 3U}, {4U, 5U, 6U}};
    const uint8_t zeros[128] = {0U};

    (void)state;
    for (size_t tag_size = 8U; tag_size <= 16U; tag_size += 8U) {
        for (size_t size = 0U; size <= 33U; size++) {
            const dg_span plain = {sample_text, size};
            const dg_span aad = {sample_text, 33U - size};
            uint8_t sealed[64];
            uint8_t out[128];

            assert_int_equal(crypto.ccm_seal(crypto.context,
                                             &key,
                                             tag_size,
                                             aad,
                                             plain,
                                             (dg_buf){sealed, size + tag_size}),
                             DG_OK);
            assert_int_equal(crypto.ccm_open(crypto.context,
                                             &key,
                                             tag_size,
                                             aad,
                                             (dg_span){sealed, size + tag_size},
                                             (dg_buf){out, size}),
                             DG_OK);
            assert_memory_equal(out, sample_text, size);
            for (size_t i = 0U; i < size + tag_size; i++) {
                sealed[i] ^= 0x40U;
                (void)memset(out, 0, sizeof out);
                assert_int_equal(
                    crypto.ccm_open(crypto.context,
                                    &key,
                                    tag_size,
                                    aad,
                                    (dg_span){sealed, size + tag_size},
                                    DG_BUF_OF(out)),
                    DG_E_AUTH);
                assert_memory_equal(out, zeros, sizeof out);
                sealed[i] ^= 0x40U;
            }
        }
    }
}

static void test_crypto_ccm__arguments__refused(void **state)
{
    static uint8_t long_text[65536 + 16];
    static uint8_t out[65536 + 16];
    const struct dg_aead_key key = {{1U}, {2U}};
    const dg_span none = {NULL, 0U};
    const dg_span plain = {sample_text, 20U};

    (void)state;
    assert_int_equal(
        crypto.ccm_seal(
            crypto.context, &key, 16U, none, plain, (dg_buf){out, 35U}),
        DG_E_NO_SPACE);
    assert_int_equal(
        crypto.ccm_seal(crypto.context, &key, 12U, none, plain, DG_BUF_OF(out)),
        DG_E_USAGE);
    assert_int_equal(crypto.ccm_seal(crypto.context,
                                     &key,
                                     16U,
                                     none,
                                     (dg_span){long_text, 65536U},
                                     DG_BUF_OF(out)),
                     DG_E_USAGE);
    assert_int_equal(crypto.ccm_seal(crypto.context,
                                     &key,
                                     16U,
                                     none,
                                     (dg_span){long_text, 65535U},
                                     DG_BUF_OF(out)),
                     DG_OK);
    for (size_t size = 0U; size < 16U; size++) {
        assert_int_equal(crypto.ccm_open(crypto.context,
                                         &key,
                                         16U,
                                         none,
                                         (dg_span){long_text, size},
                                         DG_BUF_OF(out)),
                         DG_E_AUTH);
    }
    assert_int_equal(crypto.ccm_open(crypto.context,
                                     &key,
                                     16U,
                                     none,
                                     (dg_span){out, 65535U + 16U},
                                     (dg_buf){long_text, 65534U}),
                     DG_E_NO_SPACE);
}

/* n - 1, n and n + 1 (SEC 2, 2.4.2). */
static void test_crypto_p256__private_key_out_of_range__range(void **state)
{
    uint8_t room[32];
    struct dg_secret key = {{0U}};
    struct dg_secret shared;
    struct dg_public_key g;
    struct dg_public_key mirrored;
    struct dg_signature signature;
    const struct dg_hash hash = {{0U}};
    const struct dg_secret one = {.byte = {[31] = 1U}};

    (void)state;
    assert_int_equal(crypto.p256_public(crypto.context, &one, &g), DG_OK);
    assert_memory_equal(
        g.x,
        vectors_hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d8"
                    "98c296",
                    DG_BUF_OF(room))
            .at,
        32U);

    (void)vectors_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2"
                      "fc632550",
                      DG_BUF_OF(key.byte));
    assert_int_equal(crypto.p256_public(crypto.context, &key, &mirrored),
                     DG_OK);
    assert_memory_equal(mirrored.x, g.x, 32U);
    assert_memory_not_equal(mirrored.y, g.y, 32U);

    for (unsigned i = 0U; i < 4U; i++) {
        if (i < 2U) {
            key.byte[31]++; /* n, then n + 1 */
        } else {
            (void)memset(&key, (i == 2U) ? 0x00 : 0xFF, sizeof key);
        }
        assert_int_equal(crypto.p256_public(crypto.context, &key, &mirrored),
                         DG_E_RANGE);
        assert_int_equal(crypto.p256_ecdh(crypto.context, &key, g.x, &shared),
                         DG_E_RANGE);
        assert_int_equal(
            crypto.es256_sign(crypto.context, &key, &hash, &signature),
            DG_E_RANGE);
    }
}

/* The three x of RFC 9529, section 4, and zero, which is on the curve. */
static void test_crypto_ecdh__bad_abscissa__range(void **state)
{
    static const char *const bad[] = {
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "a04e73601df544a70ba7ea1e57030f7d4b4eb7f673924e58d54ca77a5e7d4d4a",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        /* p + the x of the base point does not fit; p + 5 does, and 5 is on
         * the curve: reducing it would let it through. */
        "ffffffff00000001000000000000000000000001000000000000000000000004"};
    const struct dg_secret two = {.byte = {[31] = 2U}};
    const uint8_t zero[32] = {0U};
    const uint8_t five[32] = {[31] = 5U};
    struct dg_secret shared = {{0x5AU}};
    uint8_t room[32];

    (void)state;
    for (size_t i = 0U; i < 4U; i++) {
        (void)vectors_hex(bad[i], DG_BUF_OF(room));
        assert_int_equal(crypto.p256_ecdh(crypto.context, &two, room, &shared),
                         DG_E_RANGE);
        assert_int_equal(shared.byte[0], 0x5A);
    }
    assert_int_equal(crypto.p256_ecdh(crypto.context, &two, five, &shared),
                     DG_OK);
    assert_int_equal(crypto.p256_ecdh(crypto.context, &two, zero, &shared),
                     DG_OK);
}

static void test_crypto_generate__many__all_different_and_agree(void **state)
{
    struct dg_secret keys[16];
    struct dg_public_key points[16];

    (void)state;
    for (size_t i = 0U; i < 16U; i++) {
        struct dg_public_key again;

        assert_int_equal(
            crypto.p256_generate(crypto.context, &keys[i], &points[i]), DG_OK);
        assert_int_equal(crypto.p256_public(crypto.context, &keys[i], &again),
                         DG_OK);
        assert_memory_equal(&again, &points[i], sizeof again);
        for (size_t k = 0U; k < i; k++) {
            struct dg_secret here;
            struct dg_secret there;

            assert_memory_not_equal(&keys[i], &keys[k], sizeof keys[i]);
            assert_int_equal(
                crypto.p256_ecdh(crypto.context, &keys[i], points[k].x, &here),
                DG_OK);
            assert_int_equal(
                crypto.p256_ecdh(crypto.context, &keys[k], points[i].x, &there),
                DG_OK);
            assert_memory_equal(&here, &there, sizeof here);
        }
    }
}

static void test_crypto_es256__signed__holds_until_a_bit_changes(void **state)
{
    struct dg_secret key;
    struct dg_public_key public_key;
    struct dg_hash hash = {{0x11U}};
    struct dg_signature signature;

    (void)state;
    assert_int_equal(crypto.p256_generate(crypto.context, &key, &public_key),
                     DG_OK);
    /* Often enough for an r or s that begins with a zero byte. */
    for (unsigned i = 0U; i < 600U; i++) {
        hash.byte[30] = (uint8_t)(i >> 8);
        hash.byte[31] = (uint8_t)i;
        assert_int_equal(
            crypto.es256_sign(crypto.context, &key, &hash, &signature), DG_OK);
        assert_int_equal(
            crypto.es256_verify(crypto.context, &public_key, &hash, &signature),
            DG_OK);
    }
    for (size_t bit = 0U; bit < 512U; bit++) {
        signature.byte[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_int_equal(
            crypto.es256_verify(crypto.context, &public_key, &hash, &signature),
            DG_E_AUTH);
        signature.byte[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
    hash.byte[0] ^= 1U;
    assert_int_equal(
        crypto.es256_verify(crypto.context, &public_key, &hash, &signature),
        DG_E_AUTH);
    hash.byte[0] ^= 1U;
    public_key.y[31] ^= 1U; /* no point any more */
    assert_int_equal(
        crypto.es256_verify(crypto.context, &public_key, &hash, &signature),
        DG_E_AUTH);
}

static void test_crypto_random__twice__differs_and_stays_inside(void **state)
{
    uint8_t first[40] = {0U};
    uint8_t second[40] = {0U};

    (void)state;
    assert_int_equal(crypto.random(crypto.context, (dg_buf){first, 32U}),
                     DG_OK);
    assert_int_equal(crypto.random(crypto.context, (dg_buf){second, 32U}),
                     DG_OK);
    assert_memory_not_equal(first, second, 32U);
    assert_memory_equal(&first[32], "\0\0\0\0\0\0\0\0", 8U);
    assert_int_equal(crypto.random(crypto.context, (dg_buf){NULL, 0U}), DG_OK);
}

static void test_crypto_port__free__all_zero_and_repeatable(void **state)
{
    static const struct dg_crypto zero;
    struct dg_crypto port;

    (void)state;
    assert_int_equal(port_init(NULL), DG_E_USAGE);
    assert_int_equal(port_init(&port), DG_OK);
    port_free(&port);
    assert_memory_equal(&port, &zero, sizeof zero);
    port_free(&port);
    port_free(NULL);
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

static uint8_t stored[6000];

static enum dg_status read_stored(void *context, uint32_t offset, dg_buf out)
{
    const bool *fails = context;

    if (*fails || (offset > sizeof stored) ||
        (out.capacity > (sizeof stored - offset))) {
        return DG_E_PORT;
    }
    (void)memcpy(out.at, &stored[offset], out.capacity);
    return DG_OK;
}

/* Sizes around the pieces in which a port may read. */
static void test_crypto_sha256_flash__any_stretch__equals_one_hash(void **state)
{
    static const uint32_t sizes[] = {0U, 1U, 1023U, 1024U, 1025U, 4096U, 5990U};
    bool fails = false;
    const struct dg_flash flash = {.context = &fails, .read = read_stored};
    struct dg_hash whole;
    struct dg_hash pieces;

    (void)state;
    for (size_t i = 0U; i < sizeof stored; i++) {
        stored[i] = (uint8_t)((i * 37U) ^ (i >> 5));
    }
    for (size_t i = 0U; i < (sizeof sizes / sizeof sizes[0]); i++) {
        const dg_span part = {&stored[7], sizes[i]};

        assert_int_equal(crypto.sha256(crypto.context, &part, 1U, &whole),
                         DG_OK);
        assert_int_equal(
            crypto.sha256_flash(crypto.context, &flash, 7U, sizes[i], &pieces),
            DG_OK);
        assert_memory_equal(&whole, &pieces, sizeof whole);
    }
    /* Beyond the end, and a flash that fails: no hash, nothing written. */
    assert_int_equal(
        crypto.sha256_flash(crypto.context, &flash, 7U, 6000U, &pieces),
        DG_E_PORT);
    fails = true;
    assert_int_equal(
        crypto.sha256_flash(crypto.context, &flash, 0U, 1U, &pieces),
        DG_E_PORT);
    assert_memory_equal(&whole, &pieces, sizeof whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crypto_ccm__wycheproof__as_published),
        cmocka_unit_test(test_crypto_ecdh__wycheproof__as_published),
        cmocka_unit_test(test_crypto_es256_verify__wycheproof__as_published),
        cmocka_unit_test(test_crypto_hmac__wycheproof__as_published),
        cmocka_unit_test(test_crypto_sha256__published__as_published),
        cmocka_unit_test(
            test_crypto_sha256_flash__any_stretch__equals_one_hash),
        cmocka_unit_test(
            test_crypto_ccm__sizes_and_tags__back_again_or_refused),
        cmocka_unit_test(test_crypto_ccm__arguments__refused),
        cmocka_unit_test(test_crypto_p256__private_key_out_of_range__range),
        cmocka_unit_test(test_crypto_ecdh__bad_abscissa__range),
        cmocka_unit_test(test_crypto_generate__many__all_different_and_agree),
        cmocka_unit_test(test_crypto_es256__signed__holds_until_a_bit_changes),
        cmocka_unit_test(test_crypto_random__twice__differs_and_stays_inside),
        cmocka_unit_test(test_crypto_port__free__all_zero_and_repeatable),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
