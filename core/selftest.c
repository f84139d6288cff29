/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/selftest.h"

#include "bytes.h"

#include <stddef.h>
#include <string.h>

static const struct dg_secret private_key = {
    {0xC9U, 0xAFU, 0xA9U, 0xD8U, 0x45U, 0xBAU, 0x75U, 0x16U,
     0x6BU, 0x5CU, 0x21U, 0x57U, 0x67U, 0xB1U, 0xD6U, 0x93U,
     0x4EU, 0x50U, 0xC3U, 0xDBU, 0x36U, 0xE8U, 0x9BU, 0x12U,
     0x7BU, 0x8AU, 0x62U, 0x2BU, 0x12U, 0x0FU, 0x67U, 0x21U}};
static const struct dg_public_key public_key = {
    {0x60U, 0xFEU, 0xD4U, 0xBAU, 0x25U, 0x5AU, 0x9DU, 0x31U,
     0xC9U, 0x61U, 0xEBU, 0x74U, 0xC6U, 0x35U, 0x6DU, 0x68U,
     0xC0U, 0x49U, 0xB8U, 0x92U, 0x3BU, 0x61U, 0xFAU, 0x6CU,
     0xE6U, 0x69U, 0x62U, 0x2EU, 0x60U, 0xF2U, 0x9FU, 0xB6U},
    {0x79U, 0x03U, 0xFEU, 0x10U, 0x08U, 0xB8U, 0xBCU, 0x99U,
     0xA4U, 0x1AU, 0xE9U, 0xE9U, 0x56U, 0x28U, 0xBCU, 0x64U,
     0xF2U, 0xF1U, 0xB2U, 0x0CU, 0x2DU, 0x7EU, 0x9FU, 0x51U,
     0x77U, 0xA3U, 0xC2U, 0x94U, 0xD4U, 0x46U, 0x22U, 0x99U}};
static const struct dg_secret shared_secret = {
    {0x23U, 0x88U, 0xEEU, 0x99U, 0x0CU, 0x93U, 0xC4U, 0xBBU,
     0x75U, 0x72U, 0x03U, 0x22U, 0x5BU, 0x77U, 0x86U, 0xD6U,
     0x99U, 0x50U, 0xD2U, 0xF0U, 0xDEU, 0x43U, 0xCDU, 0xF2U,
     0x3DU, 0xC7U, 0x1FU, 0x5EU, 0xFAU, 0xA1U, 0x69U, 0xC8U}};
static const struct dg_hash hash_of_sample = {
    {0xAFU, 0x2BU, 0xDBU, 0xE1U, 0xAAU, 0x9BU, 0x6EU, 0xC1U,
     0xE2U, 0xADU, 0xE1U, 0xD6U, 0x94U, 0xF4U, 0x1FU, 0xC7U,
     0x1AU, 0x83U, 0x1DU, 0x02U, 0x68U, 0xE9U, 0x89U, 0x15U,
     0x62U, 0x11U, 0x3DU, 0x8AU, 0x62U, 0xADU, 0xD1U, 0xBFU}};
static const struct dg_signature signature_of_sample = {
    {0xEFU, 0xD4U, 0x8BU, 0x2AU, 0xACU, 0xB6U, 0xA8U, 0xFDU, 0x11U, 0x40U,
     0xDDU, 0x9CU, 0xD4U, 0x5EU, 0x81U, 0xD6U, 0x9DU, 0x2CU, 0x87U, 0x7BU,
     0x56U, 0xAAU, 0xF9U, 0x91U, 0xC3U, 0x4DU, 0x0EU, 0xA8U, 0x4EU, 0xAFU,
     0x37U, 0x16U, 0xF7U, 0xCBU, 0x1CU, 0x94U, 0x2DU, 0x65U, 0x7CU, 0x41U,
     0xD4U, 0x36U, 0xC7U, 0xA1U, 0xB6U, 0xE2U, 0x9FU, 0x65U, 0xF3U, 0xE9U,
     0x00U, 0xDBU, 0xB9U, 0xAFU, 0xF4U, 0x06U, 0x4DU, 0xC4U, 0xABU, 0x2FU,
     0x84U, 0x3AU, 0xCDU, 0xA8U}};
static const struct dg_hash mac_of_jefe = {
    {0x5BU, 0xDCU, 0xC1U, 0x46U, 0xBFU, 0x60U, 0x75U, 0x4EU,
     0x6AU, 0x04U, 0x24U, 0x26U, 0x08U, 0x95U, 0x75U, 0xC7U,
     0x5AU, 0x00U, 0x3FU, 0x08U, 0x9DU, 0x27U, 0x39U, 0x83U,
     0x9DU, 0xECU, 0x58U, 0xB9U, 0x64U, 0xECU, 0x38U, 0x43U}};
static const struct dg_aead_key ccm_key = {{0xC0U,
                                            0xC1U,
                                            0xC2U,
                                            0xC3U,
                                            0xC4U,
                                            0xC5U,
                                            0xC6U,
                                            0xC7U,
                                            0xC8U,
                                            0xC9U,
                                            0xCAU,
                                            0xCBU,
                                            0xCCU,
                                            0xCDU,
                                            0xCEU,
                                            0xCFU},
                                           {0x00U,
                                            0x00U,
                                            0x00U,
                                            0x03U,
                                            0x02U,
                                            0x01U,
                                            0x00U,
                                            0xA0U,
                                            0xA1U,
                                            0xA2U,
                                            0xA3U,
                                            0xA4U,
                                            0xA5U}};
static const uint8_t ccm_aad[8] = {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U};
static const uint8_t ccm_plain[23] = {0x08U, 0x09U, 0x0AU, 0x0BU, 0x0CU, 0x0DU,
                                      0x0EU, 0x0FU, 0x10U, 0x11U, 0x12U, 0x13U,
                                      0x14U, 0x15U, 0x16U, 0x17U, 0x18U, 0x19U,
                                      0x1AU, 0x1BU, 0x1CU, 0x1DU, 0x1EU};
static const uint8_t ccm_sealed[31] = {
    0x58U, 0x8CU, 0x97U, 0x9AU, 0x61U, 0xC6U, 0x63U, 0xD2U, 0xF0U, 0x66U, 0xD0U,
    0xC2U, 0xC0U, 0xF9U, 0x89U, 0x80U, 0x6DU, 0x5FU, 0x6BU, 0x61U, 0xDAU, 0xC3U,
    0x84U, 0x17U, 0xE8U, 0xD1U, 0x2CU, 0xFDU, 0xF9U, 0x26U, 0xE0U};

#define CCM_TAG_SIZE 8U

/* An answer that the port should have given: DG_OK or DG_E_CORRUPT. */
static enum dg_status expect(bool as_known)
{
    return as_known ? DG_OK : DG_E_CORRUPT;
}

static enum dg_status check_hashes(const struct dg_crypto *crypto)
{
    static const uint8_t sample[6] = {'s', 'a', 'm', 'p', 'l', 'e'};
    static const uint8_t jefe[4] = {'J', 'e', 'f', 'e'};
    static const char question[] = "what do ya want for nothing?";
    const dg_span hashed = DG_SPAN_OF(sample);
    const dg_span maced = {(const uint8_t *)question, sizeof question - 1U};
    struct dg_hash hash;
    enum dg_status status = crypto->sha256(crypto->context, &hashed, 1U, &hash);

    if (status == DG_OK) {
        status = expect(memcmp(&hash, &hash_of_sample, sizeof hash) == 0);
    }
    if (status == DG_OK) {
        status = crypto->hmac_sha256(
            crypto->context, DG_SPAN_OF(jefe), &maced, 1U, &hash);
    }
    if (status == DG_OK) {
        status = expect(memcmp(&hash, &mac_of_jefe, sizeof hash) == 0);
    }
    return status;
}

static enum dg_status check_cipher(const struct dg_crypto *crypto)
{
    uint8_t sealed[sizeof ccm_sealed];
    uint8_t plain[sizeof ccm_plain];
    enum dg_status status = crypto->ccm_seal(crypto->context,
                                             &ccm_key,
                                             CCM_TAG_SIZE,
                                             DG_SPAN_OF(ccm_aad),
                                             DG_SPAN_OF(ccm_plain),
                                             DG_BUF_OF(sealed));

    if (status == DG_OK) {
        status = expect(memcmp(sealed, ccm_sealed, sizeof sealed) == 0);
    }
    if (status == DG_OK) {
        status = crypto->ccm_open(crypto->context,
                                  &ccm_key,
                                  CCM_TAG_SIZE,
                                  DG_SPAN_OF(ccm_aad),
                                  DG_SPAN_OF(sealed),
                                  DG_BUF_OF(plain));
    }
    if (status == DG_OK) {
        status = expect(memcmp(plain, ccm_plain, sizeof plain) == 0);
    }
    if (status == DG_OK) {
        sealed[sizeof sealed - 1U] ^= 1U;
        status = expect(crypto->ccm_open(crypto->context,
                                         &ccm_key,
                                         CCM_TAG_SIZE,
                                         DG_SPAN_OF(ccm_aad),
                                         DG_SPAN_OF(sealed),
                                         DG_BUF_OF(plain)) == DG_E_AUTH);
    }
    return status;
}

static enum dg_status check_curve(const struct dg_crypto *crypto)
{
    struct dg_public_key made;
    struct dg_secret shared;
    enum dg_status status =
        crypto->p256_public(crypto->context, &private_key, &made);

    if (status == DG_OK) {
        status = expect(memcmp(&made, &public_key, sizeof made) == 0);
    }
    if (status == DG_OK) {
        status = crypto->p256_ecdh(
            crypto->context, &private_key, public_key.x, &shared);
    }
    if (status == DG_OK) {
        status = expect(memcmp(&shared, &shared_secret, sizeof shared) == 0);
    }
    return status;
}

/* What is signed here may differ from run to run; it has to verify. */
static enum dg_status check_signatures(const struct dg_crypto *crypto)
{
    struct dg_signature signature;
    struct dg_hash other = hash_of_sample;
    enum dg_status status = crypto->es256_verify(
        crypto->context, &public_key, &hash_of_sample, &signature_of_sample);

    if (status == DG_OK) {
        other.byte[0] ^= 1U;
        status = expect(
            crypto->es256_verify(
                crypto->context, &public_key, &other, &signature_of_sample) ==
            DG_E_AUTH);
    }
    if (status == DG_OK) {
        status = crypto->es256_sign(
            crypto->context, &private_key, &hash_of_sample, &signature);
    }
    if (status == DG_OK) {
        status = crypto->es256_verify(
            crypto->context, &public_key, &hash_of_sample, &signature);
    }
    return status;
}

/* Two draws that agree are no draws; 2^-128 of being wrong. */
static enum dg_status check_random(const struct dg_crypto *crypto)
{
    uint8_t first[16] = {0U};
    uint8_t second[16] = {0U};
    enum dg_status status = crypto->random(crypto->context, DG_BUF_OF(first));

    if (status == DG_OK) {
        status = crypto->random(crypto->context, DG_BUF_OF(second));
    }
    if (status == DG_OK) {
        status = expect(memcmp(first, second, sizeof first) != 0);
    }
    return status;
}

/* @satisfies{FPT_TST.1@1} */
enum dg_status dg_selftest_crypto(const struct dg_crypto *crypto)
{
    if (crypto == NULL) {
        return DG_E_USAGE;
    }

    enum dg_status (*const checks[])(const struct dg_crypto *) = {
        check_hashes,
        check_cipher,
        check_curve,
        check_signatures,
        check_random};

    for (size_t i = 0U; i < (sizeof checks / sizeof checks[0]); i++) {
        const enum dg_status status = checks[i](crypto);

        /* A refusal where a known answer was due is a wrong answer. */
        if (status != DG_OK) {
            return (status == DG_E_PORT) ? DG_E_PORT : DG_E_CORRUPT;
        }
    }
    return DG_OK;
}
