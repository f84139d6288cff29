/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "dosegate/selftest.h"
#include "ports/host/crypto_openssl.h"

/* A crypto library that lies in one operation, in each way that an accident
 * or an attacker could bring about. */
static struct dg_crypto inner;

static enum dg_status zero_random(void *context, dg_buf out)
{
    (void)context;
    memset(out.at, 0, out.capacity);
    return DG_OK;
}

static enum dg_status wrong_sha256(void *context,
                                   const dg_span *parts,
                                   size_t count,
                                   struct dg_hash *hash)
{
    (void)context;

    const enum dg_status status =
        inner.sha256(inner.context, parts, count, hash);

    hash->byte[31] ^= 1U;
    return status;
}

static enum dg_status wrong_hmac(void *context,
                                 dg_span key,
                                 const dg_span *parts,
                                 size_t count,
                                 struct dg_hash *mac)
{
    (void)context;
    (void)key;
    return inner.sha256(inner.context, parts, count, mac);
}

static enum dg_status clear_seal(void *context,
                                 const struct dg_aead_key *key,
                                 size_t tag_size,
                                 dg_span aad,
                                 dg_span plain,
                                 dg_buf out)
{
    (void)context;
    (void)key;
    (void)tag_size;
    (void)aad;
    memset(out.at, 0, out.capacity);
    memcpy(out.at, plain.at, plain.size);
    return DG_OK;
}

/* Right for what is right, and as content with what is not. */
static enum dg_status trusting_open(void *context,
                                    const struct dg_aead_key *key,
                                    size_t tag_size,
                                    dg_span aad,
                                    dg_span sealed,
                                    dg_buf out)
{
    (void)context;

    const enum dg_status status =
        inner.ccm_open(inner.context, key, tag_size, aad, sealed, out);

    return (status == DG_E_AUTH) ? DG_OK : status;
}

static enum dg_status refusing_open(void *context,
                                    const struct dg_aead_key *key,
                                    size_t tag_size,
                                    dg_span aad,
                                    dg_span sealed,
                                    dg_buf out)
{
    (void)context;
    (void)key;
    (void)tag_size;
    (void)aad;
    (void)sealed;
    (void)out;
    return DG_E_AUTH;
}

static enum dg_status wrong_public(void *context,
                                   const struct dg_secret *private_key,
                                   struct dg_public_key *public_key)
{
    (void)context;

    const enum dg_status status =
        inner.p256_public(inner.context, private_key, public_key);

    public_key->y[31] ^= 1U;
    return status;
}

static enum dg_status constant_ecdh(void *context,
                                    const struct dg_secret *private_key,
                                    const uint8_t peer_x[DG_P256_SIZE],
                                    struct dg_secret *shared)
{
    (void)context;
    (void)private_key;
    memcpy(shared->byte, peer_x, DG_P256_SIZE);
    return DG_OK;
}

static enum dg_status zero_sign(void *context,
                                const struct dg_secret *private_key,
                                const struct dg_hash *hash,
                                struct dg_signature *signature)
{
    (void)context;
    (void)private_key;
    (void)hash;
    memset(signature, 0, sizeof *signature);
    return DG_OK;
}

static enum dg_status trusting_verify(void *context,
                                      const struct dg_public_key *public_key,
                                      const struct dg_hash *hash,
                                      const struct dg_signature *signature)
{
    (void)context;
    (void)public_key;
    (void)hash;
    (void)signature;
    return DG_OK;
}

static enum dg_status failing_random(void *context, dg_buf out)
{
    (void)context;
    (void)out;
    return DG_E_PORT;
}

static int open_crypto(void **state)
{
    (void)state;
    return (dg_crypto_openssl_init(&inner) == DG_OK) ? 0 : -1;
}

static int close_crypto(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&inner);
    return 0;
}

/* @verifies{FPT_TST.1@1} */
static void test_selftest__sound_library__passes(void **state)
{
    (void)state;
    assert_int_equal(dg_selftest_crypto(&inner), DG_OK);
    assert_int_equal(dg_selftest_crypto(NULL), DG_E_USAGE);
}

/* @verifies{FPT_TST.1@1} */
static void test_selftest__each_operation_lies__found(void **state)
{
    (void)state;
    for (unsigned lie = 0U; lie < 11U; lie++) {
        struct dg_crypto crypto = inner;

        switch (lie) {
        case 0U:
            crypto.random = zero_random;
            break;
        case 1U:
            crypto.sha256 = wrong_sha256;
            break;
        case 2U:
            crypto.hmac_sha256 = wrong_hmac;
            break;
        case 3U:
            crypto.ccm_seal = clear_seal;
            break;
        case 4U:
            crypto.ccm_open = trusting_open;
            break;
        case 5U:
            crypto.ccm_open = refusing_open;
            break;
        case 6U:
            crypto.p256_public = wrong_public;
            break;
        case 7U:
            crypto.p256_ecdh = constant_ecdh;
            break;
        case 8U:
            crypto.es256_sign = zero_sign;
            break;
        case 9U:
            crypto.es256_verify = trusting_verify;
            break;
        default:
            crypto.random = failing_random;
            break;
        }
        assert_int_equal(dg_selftest_crypto(&crypto),
                         (lie == 10U) ? DG_E_PORT : DG_E_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selftest__sound_library__passes),
        cmocka_unit_test(test_selftest__each_operation_lies__found),
    };

    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
