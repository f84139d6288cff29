/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/sample_parts.h"

#include <string.h>

#include <openssl/ec.h>

#include "dosegate/cbor.h"

/* Samples without certificates: a TPM's quote and a PSA token. */

static void put_2b(struct dg_bytes *bytes, const void *from, size_t size)
{
    dg_bytes_number(bytes, size, 2U);
    dg_bytes_add(bytes, from, size);
}

/* TPM2B_PUBLIC of a restricted signing key on P-256. */
static void put_public(uint32_t attributes, struct dg_sample *sample)
{
    struct dg_bytes area = {.size = 0U};
    struct dg_bytes whole = {.size = 0U};

    dg_bytes_number(&area, 0x0023U, 2U);
    dg_bytes_number(&area, 0x000bU, 2U);
    dg_bytes_number(&area, (attributes != 0U) ? attributes : 0x00050072U, 4U);
    put_2b(&area, "", 0U);
    dg_bytes_number(&area, 0x0010U, 2U);
    dg_bytes_number(&area, 0x0018000bU, 4U);
    dg_bytes_number(&area, 0x0003U, 2U);
    dg_bytes_number(&area, 0x0010U, 2U);
    put_2b(&area, sample->key.x, DG_P256_SIZE);
    put_2b(&area, sample->key.y, DG_P256_SIZE);
    put_2b(&whole, area.at, area.size);
    (void)memcpy(sample->enrolled, whole.at, whole.size);
    sample->tpm.key = (dg_span){sample->enrolled, whole.size};
}

static bool put_quote(uint32_t magic,
                      const struct dg_sample *sample,
                      struct dg_bytes *attest)
{
    static const uint8_t map[3] = {0x91U, 0x00U, 0x00U}; /* 0, 4, 7 */
    const dg_span values[3] = {DG_SPAN_OF(sample->values[0]),
                               DG_SPAN_OF(sample->values[1]),
                               DG_SPAN_OF(sample->values[2])};
    struct dg_hash digest;

    if (!dg_sha256(values, 3U, &digest)) {
        return false;
    }
    dg_bytes_number(attest, (magic != 0U) ? magic : 0xff544347U, 4U);
    dg_bytes_number(attest, 0x8018U, 2U);
    put_2b(attest,
           "\x00\x0b"
           "name",
           6U);
    put_2b(attest, sample->challenge.byte, DG_HASH_SIZE);
    dg_bytes_number(attest, 12345U, 8U);
    dg_bytes_number(attest, 3U, 4U);
    dg_bytes_number(attest, 0U, 4U);
    dg_bytes_number(attest, 1U, 1U);
    dg_bytes_number(attest, 1U, 8U);
    dg_bytes_number(attest, 1U, 4U);
    dg_bytes_number(attest, 0x000bU, 2U);
    dg_bytes_number(attest, sizeof(map), 1U);
    dg_bytes_add(attest, map, sizeof(map));
    put_2b(attest, digest.byte, DG_HASH_SIZE);
    return true;
}

bool dg_sample_tpm_make(const struct dg_sample_wish *wish,
                        struct dg_sample *sample)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    struct dg_bytes attest = {.size = 0U};
    struct dg_bytes whole = {.size = 0U};
    uint8_t raw[DG_SIGNATURE_SIZE];

    for (size_t i = 0; i < 3U; i++) {
        (void)memset(sample->values[i], (int)i + 1, DG_HASH_SIZE);
    }
    sample->bank.hash = DG_TPM_SHA256;
    sample->bank.asked = 0x91U;
    sample->bank.value[0] = DG_SPAN_OF(sample->values[0]);
    sample->bank.value[4] = DG_SPAN_OF(sample->values[1]);
    sample->bank.value[7] = DG_SPAN_OF(sample->values[2]);
    sample->tpm.banks = 1U;
    sample->tpm.is_activated = true;
    const bool is_ok =
        (key != NULL) && dg_point_of(key, &sample->key) &&
        put_quote(wish->magic, sample, &attest) &&
        dg_sign_es256(key, (dg_span){attest.at, attest.size}, raw, NULL);

    put_public(wish->attributes, sample);
    put_2b(&whole, attest.at, attest.size);
    dg_bytes_number(&whole, 0x0018000bU, 4U);
    put_2b(&whole, raw, 32U);
    put_2b(&whole, &raw[32], 32U);
    (void)memcpy(sample->bytes, whole.at, whole.size);
    sample->evidence = (dg_span){sample->bytes, whole.size};
    EVP_PKEY_free(key);
    return is_ok;
}

static bool put_claims(uint32_t lifecycle,
                       const struct dg_sample *sample,
                       dg_buf room,
                       dg_span *claims)
{
    static const uint8_t instance[33] = {1U, 2U};
    static const uint8_t implementation[32] = {3U};
    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_map(&writer, 7U);
    dg_cbor_write_uint(&writer, 10U);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(sample->challenge.byte));
    dg_cbor_write_uint(&writer, 256U);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(instance));
    dg_cbor_write_uint(&writer, 265U);
    dg_cbor_write_tstr(&writer, "tag:psacertified.org,2023:psa#tfm");
    dg_cbor_write_uint(&writer, 2394U);
    dg_cbor_write_int(&writer, 1);
    dg_cbor_write_uint(&writer, 2395U);
    dg_cbor_write_uint(&writer, lifecycle);
    dg_cbor_write_uint(&writer, 2396U);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(implementation));
    dg_cbor_write_uint(&writer, 2399U);
    dg_cbor_write_array(&writer, 1U);
    dg_cbor_write_map(&writer, 2U);
    dg_cbor_write_uint(&writer, 2U);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(sample->values[0]));
    dg_cbor_write_uint(&writer, 5U);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(sample->values[1]));
    return dg_cbor_writer_end(&writer, claims) == DG_OK;
}

static bool sign_token(const struct dg_sample_wish *wish,
                       EVP_PKEY *key,
                       dg_span claims,
                       struct dg_sample *sample)
{
    uint8_t header_room[16];
    dg_span header;
    uint8_t room[1024];
    uint8_t raw[DG_SIGNATURE_SIZE];
    struct dg_cbor_writer writer;
    dg_span signed_bytes;

    dg_cbor_writer_init(&writer, DG_BUF_OF(header_room));
    dg_cbor_write_map(&writer, 1U);
    dg_cbor_write_uint(&writer, 1U);
    dg_cbor_write_int(&writer, (wish->algorithm != 0) ? wish->algorithm : -7);
    if (dg_cbor_writer_end(&writer, &header) != DG_OK) {
        return false;
    }
    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_cbor_write_array(&writer, 4U);
    dg_cbor_write_tstr(&writer, "Signature1");
    dg_cbor_write_bstr(&writer, header);
    dg_cbor_write_bstr_head(&writer, 0U);
    dg_cbor_write_bstr(&writer, claims);
    if ((dg_cbor_writer_end(&writer, &signed_bytes) != DG_OK) ||
        !dg_sign_es256(key, signed_bytes, raw, NULL)) {
        return false;
    }
    dg_cbor_writer_init(&writer, DG_BUF_OF(sample->bytes));
    dg_cbor_write_tag(&writer, wish->is_mac ? 17U : 18U);
    dg_cbor_write_array(&writer, 4U);
    dg_cbor_write_bstr(&writer, header);
    dg_cbor_write_map(&writer, 0U);
    dg_cbor_write_bstr(&writer, claims);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(raw));
    return dg_cbor_writer_end(&writer, &sample->evidence) == DG_OK;
}

bool dg_sample_psa_make(const struct dg_sample_wish *wish,
                        struct dg_sample *sample)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    unsigned char *der = NULL;
    const int size = (key != NULL) ? i2d_PUBKEY(key, &der) : -1;
    uint8_t room[512];
    dg_span claims;
    bool is_ok = (size > 0) && ((size_t)size <= sizeof(sample->enrolled)) &&
                 dg_point_of(key, &sample->key);

    (void)memset(sample->values[0], 0x11, DG_HASH_SIZE);
    (void)memset(sample->values[1], 0x22, DG_HASH_SIZE);
    if (is_ok) {
        (void)memcpy(sample->enrolled, der, (size_t)size);
        sample->psa.key = (dg_span){sample->enrolled, (size_t)size};
        sample->psa.profiles = DG_PSA_RFC9783;
        is_ok = put_claims((wish->lifecycle != 0U) ? wish->lifecycle : 0x3000U,
                           sample,
                           DG_BUF_OF(room),
                           &claims) &&
                sign_token(wish, key, claims, sample);
    }
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    return is_ok;
}
