/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/tpm_wire.h"

#include <string.h>

/* TPM_ALG_ID (Part 2, 6.3) and TPM_ECC_CURVE (6.4). */
#define ALG_RSA    0x0001U
#define ALG_NULL   0x0010U
#define ALG_RSASSA 0x0014U
#define ALG_RSAPSS 0x0016U
#define ALG_ECDSA  0x0018U
#define ALG_ECC    0x0023U

static const struct {
    uint16_t curve;
    enum dg_key_kind kind;
    size_t size;
} curves[] = {
    {0x0003U, DG_KEY_KIND_P256, 32U},
    {0x0004U, DG_KEY_KIND_P384, 48U},
    {0x0005U, DG_KEY_KIND_P521, 66U},
};

static const struct {
    uint16_t hash;
    enum dg_digest digest;
} hashes[] = {
    {0x0004U, DG_DIGEST_SHA1},
    {0x000bU, DG_DIGEST_SHA256},
    {0x000cU, DG_DIGEST_SHA384},
    {0x000dU, DG_DIGEST_SHA512},
};

/* A cursor whose error sticks. */
struct cursor {
    dg_span rest;
    bool is_bad;
};

static dg_span take(struct cursor *cursor, size_t size)
{
    if (cursor->is_bad || (size > cursor->rest.size)) {
        cursor->is_bad = true;
        cursor->rest = (dg_span){NULL, 0U};
        return (dg_span){NULL, 0U};
    }
    const dg_span taken = {cursor->rest.at, size};

    cursor->rest = (dg_span){&cursor->rest.at[size], cursor->rest.size - size};
    return taken;
}

static uint32_t take_number(struct cursor *cursor, size_t size)
{
    const dg_span bytes = take(cursor, size);
    uint32_t value = 0U;

    for (size_t i = 0; i < bytes.size; i++) {
        value = (value << 8) | bytes.at[i];
    }
    return value;
}

static uint16_t take_u16(struct cursor *cursor)
{
    return (uint16_t)take_number(cursor, 2U);
}

static dg_span take_2b(struct cursor *cursor)
{
    return take(cursor, take_u16(cursor));
}

static bool is_done(const struct cursor *cursor)
{
    return !cursor->is_bad && (cursor->rest.size == 0U);
}

enum dg_digest dg_tpm_digest(uint16_t hash)
{
    for (size_t i = 0; i < (sizeof(hashes) / sizeof(hashes[0])); i++) {
        if (hashes[i].hash == hash) {
            return hashes[i].digest;
        }
    }
    return DG_DIGEST_NONE;
}

bool dg_tpm_split(dg_span evidence, dg_span *attest, dg_span *signature)
{
    struct cursor cursor = {.rest = evidence};

    *attest = take_2b(&cursor);
    *signature = cursor.rest;
    return !cursor.is_bad && (attest->size != 0U) && (signature->size != 0U);
}

/* TPML_PCR_SELECTION (10.9.7): bit j of byte i is PCR 8 i + j. */
static void read_selections(struct cursor *cursor, struct dg_tpm_attest *attest)
{
    const uint32_t count = take_number(cursor, 4U);

    if (count > DG_TPM_SELECTION_MAX) {
        cursor->is_bad = true;
        return;
    }
    for (uint32_t i = 0U; i < count; i++) {
        attest->selection[i].hash = take_u16(cursor);
        const dg_span map = take(cursor, take_number(cursor, 1U));

        if (map.size > 4U) {
            cursor->is_bad = true;
            return;
        }
        for (size_t byte = 0; byte < map.size; byte++) {
            attest->selection[i].pcrs |= (uint32_t)map.at[byte]
                                         << (8U * (unsigned)byte);
        }
    }
    attest->selections = count;
}

bool dg_tpm_attest_read(dg_span bytes, struct dg_tpm_attest *attest)
{
    struct cursor cursor = {.rest = bytes};

    *attest = (struct dg_tpm_attest){.magic = 0U};
    attest->magic = take_number(&cursor, 4U);
    attest->type = take_u16(&cursor);
    (void)take_2b(&cursor); /* qualifiedSigner: the key is known already */
    attest->extra_data = take_2b(&cursor);
    (void)take(&cursor, 8U); /* clock: not used for freshness */
    attest->reset_count = take_number(&cursor, 4U);
    (void)take(&cursor, 4U); /* restartCount */
    attest->is_clock_safe = take_number(&cursor, 1U) != 0U;
    (void)take(&cursor, 8U); /* firmwareVersion */
    if (attest->type != DG_TPM_QUOTE) {
        return !cursor.is_bad;
    }
    read_selections(&cursor, attest);
    attest->pcr_digest = take_2b(&cursor);
    return is_done(&cursor);
}

bool dg_tpm_signature_read(dg_span bytes, struct dg_tpm_signature *signature)
{
    struct cursor cursor = {.rest = bytes};

    signature->scheme = take_u16(&cursor);
    signature->hash = take_u16(&cursor);
    signature->first = (dg_span){NULL, 0U};
    signature->second = (dg_span){NULL, 0U};
    if ((signature->scheme != ALG_RSASSA) &&
        (signature->scheme != ALG_RSAPSS) && (signature->scheme != ALG_ECDSA)) {
        return !cursor.is_bad;
    }
    signature->first = take_2b(&cursor);
    if (signature->scheme == ALG_ECDSA) {
        signature->second = take_2b(&cursor);
    }
    return is_done(&cursor);
}

/* TPMT_ASYM_SCHEME: a hash follows unless there is none. */
static void read_scheme(struct cursor *cursor, uint16_t *scheme, uint16_t *hash)
{
    *scheme = take_u16(cursor);
    *hash = (*scheme != ALG_NULL) ? take_u16(cursor) : 0U;
}

static void read_rsa(struct cursor *cursor, struct dg_tpm_public *public_key)
{
    (void)take_u16(cursor); /* keyBits: the modulus has its own length */
    const uint32_t exponent = take_number(cursor, 4U);
    const dg_span modulus = take_2b(cursor);
    /* 0 stands for the usual one (Part 2, 12.2.3.5). */
    const uint32_t used = (exponent == 0U) ? 65537U : exponent;

    for (size_t i = 0; i < 4U; i++) {
        public_key->exponent[i] = (uint8_t)(used >> (8U * (3U - i)));
    }
    if ((modulus.size >= 256U) && (modulus.size <= 512U) &&
        ((modulus.at[0] & 0x80U) != 0U) && ((used & 1U) != 0U) &&
        (used >= 3U)) {
        public_key->key.kind = DG_KEY_KIND_RSA;
        public_key->key.modulus = modulus;
        public_key->key.exponent = DG_SPAN_OF(public_key->exponent);
    }
}

static void read_ecc(struct cursor *cursor, struct dg_tpm_public *public_key)
{
    const uint16_t curve = take_u16(cursor);
    uint16_t kdf = 0U;
    uint16_t kdf_hash = 0U;

    read_scheme(cursor, &kdf, &kdf_hash);
    const dg_span x = take_2b(cursor);
    const dg_span y = take_2b(cursor);

    for (size_t i = 0; i < (sizeof(curves) / sizeof(curves[0])); i++) {
        const size_t size = curves[i].size;

        if ((curves[i].curve != curve) || (x.size > size) || (y.size > size) ||
            (x.size == 0U) || (y.size == 0U)) {
            continue;
        }
        /* Leading zeros may be left out. */
        public_key->point[0] = 4U;
        (void)memcpy(&public_key->point[1U + (size - x.size)], x.at, x.size);
        (void)memcpy(
            &public_key->point[1U + size + (size - y.size)], y.at, y.size);
        public_key->key.kind = curves[i].kind;
        public_key->key.point = (dg_span){public_key->point, 1U + (2U * size)};
    }
}

bool dg_tpm_public_read(dg_span bytes, struct dg_tpm_public *public_key)
{
    struct cursor outer = {.rest = bytes};
    struct cursor cursor = {.rest = take_2b(&outer)};
    const uint16_t type = take_u16(&cursor);

    *public_key = (struct dg_tpm_public){.attributes = 0U};
    (void)take_u16(&cursor); /* nameAlg */
    public_key->attributes = take_number(&cursor, 4U);
    (void)take_2b(&cursor); /* authPolicy */
    if (take_u16(&cursor) != ALG_NULL) {
        return false; /* only keys that decrypt have a symmetric part */
    }
    read_scheme(&cursor, &public_key->scheme, &public_key->hash);
    if (type == ALG_RSA) {
        read_rsa(&cursor, public_key);
    } else if (type == ALG_ECC) {
        read_ecc(&cursor, public_key);
    } else {
        return !cursor.is_bad && is_done(&outer);
    }
    return is_done(&cursor) && is_done(&outer);
}
