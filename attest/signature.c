/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/signature.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "attest/der.h"

#define RSA_BYTES_MIN 256U
#define RSA_BYTES_MAX 512U
/* DER of two numbers of 66 bytes, the largest curve's. */
#define ECDSA_DER_MAX 144U

/* Object identifiers as they stand in DER. */
static const uint8_t oid_ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
static const uint8_t oid_rsa[] = {
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
static const uint8_t oid_p256[] = {
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const uint8_t oid_p384[] = {0x2b, 0x81, 0x04, 0x00, 0x22};
static const uint8_t oid_p521[] = {0x2b, 0x81, 0x04, 0x00, 0x23};

static const struct curve {
    enum dg_key_kind kind;
    dg_span oid;
    size_t size; /* of a coordinate */
    const char *group;
} curves[] = {
    {DG_KEY_KIND_P256, {oid_p256, sizeof(oid_p256)}, 32U, "P-256"},
    {DG_KEY_KIND_P384, {oid_p384, sizeof(oid_p384)}, 48U, "P-384"},
    {DG_KEY_KIND_P521, {oid_p521, sizeof(oid_p521)}, 66U, "P-521"},
};

#define CURVES (sizeof(curves) / sizeof(curves[0]))

static const struct {
    enum dg_digest digest;
    size_t size;
    const char *name;
} digests[] = {
    {DG_DIGEST_SHA1, 20U, "SHA1"},
    {DG_DIGEST_SHA256, 32U, "SHA2-256"},
    {DG_DIGEST_SHA384, 48U, "SHA2-384"},
    {DG_DIGEST_SHA512, 64U, "SHA2-512"},
};

#define DIGESTS (sizeof(digests) / sizeof(digests[0]))

/* Made once: libcrypto takes 25 us to set up a curve and 15 us to find a
 * digest, which is half a verification.  Afterwards only read. */
static struct {
    CRYPTO_ONCE once;
    EVP_PKEY *blank[CURVES]; /* some key of that curve, to be copied */
    EVP_MD *digest[DIGESTS];
} shared = {.once = CRYPTO_ONCE_STATIC_INIT};

static void prepare(void)
{
    for (size_t i = 0; i < CURVES; i++) {
        shared.blank[i] = EVP_EC_gen(curves[i].group);
    }
    for (size_t i = 0; i < DIGESTS; i++) {
        shared.digest[i] = EVP_MD_fetch(NULL, digests[i].name, NULL);
    }
}

static bool is_prepared(void)
{
    return CRYPTO_THREAD_run_once(&shared.once, prepare) == 1;
}

static const EVP_MD *find_digest(enum dg_digest digest)
{
    for (size_t i = 0; is_prepared() && (i < DIGESTS); i++) {
        if (digests[i].digest == digest) {
            return shared.digest[i];
        }
    }
    return NULL;
}

size_t dg_digest_size(enum dg_digest digest)
{
    for (size_t i = 0; i < DIGESTS; i++) {
        if (digests[i].digest == digest) {
            return digests[i].size;
        }
    }
    return 0U;
}

static const struct curve *curve_of(enum dg_key_kind kind)
{
    for (size_t i = 0; i < CURVES; i++) {
        if (curves[i].kind == kind) {
            return &curves[i];
        }
    }
    return NULL;
}

static void view_point(dg_span oid, dg_span bits, struct dg_key_view *view)
{
    for (size_t i = 0; i < CURVES; i++) {
        if (dg_span_equal(oid, curves[i].oid) &&
            (bits.size == (1U + (2U * curves[i].size))) && (bits.at[0] == 4U)) {
            view->kind = curves[i].kind;
            view->point = bits;
        }
    }
}

static dg_span unsigned_of(dg_span integer)
{
    return ((integer.size > 1U) && (integer.at[0] == 0U))
               ? (dg_span){&integer.at[1], integer.size - 1U}
               : integer;
}

static bool view_rsa(dg_span bits, struct dg_key_view *view)
{
    struct dg_der der = dg_der_over(bits);
    struct dg_der inner = dg_der_enter(&der, DG_DER_SEQUENCE);
    const dg_span modulus = unsigned_of(dg_der_take(&inner, DG_DER_INTEGER));
    const dg_span exponent = unsigned_of(dg_der_take(&inner, DG_DER_INTEGER));

    if (!dg_der_is_done(&inner) || !dg_der_is_done(&der)) {
        return false;
    }
    /* A large exponent or modulus makes the verifier work, not the signer. */
    if ((modulus.size >= RSA_BYTES_MIN) && (modulus.size <= RSA_BYTES_MAX) &&
        ((modulus.at[modulus.size - 1U] & 1U) != 0U) && (exponent.size >= 1U) &&
        (exponent.size <= 4U) &&
        ((exponent.at[exponent.size - 1U] & 1U) != 0U) &&
        ((exponent.size > 1U) || (exponent.at[0] >= 3U))) {
        view->kind = DG_KEY_KIND_RSA;
        view->modulus = modulus;
        view->exponent = exponent;
    }
    return true;
}

bool dg_key_view_spki(dg_span spki, struct dg_key_view *view)
{
    struct dg_der der = dg_der_over(spki);
    struct dg_der outer = dg_der_enter(&der, DG_DER_SEQUENCE);
    struct dg_der algorithm = dg_der_enter(&outer, DG_DER_SEQUENCE);
    const dg_span bits = dg_der_take(&outer, DG_DER_BITS);
    const dg_span oid = dg_der_take(&algorithm, DG_DER_OID);

    *view = (struct dg_key_view){.kind = DG_KEY_KIND_NONE};
    if (!dg_der_is_done(&der) || !dg_der_is_done(&outer) || algorithm.is_bad ||
        (bits.size < 2U) || (bits.at[0] != 0U)) {
        return false;
    }
    const dg_span key = {&bits.at[1], bits.size - 1U};

    if (dg_span_equal(oid, DG_SPAN_OF(oid_ec)) &&
        (dg_der_peek(&algorithm) == DG_DER_OID)) {
        const dg_span curve = dg_der_take(&algorithm, DG_DER_OID);

        view_point(curve, key, view);
        return dg_der_is_done(&algorithm);
    }
    if (dg_span_equal(oid, DG_SPAN_OF(oid_rsa))) {
        return view_rsa(key, view);
    }
    return true;
}

bool dg_key_view_p256(const struct dg_key_view *view, struct dg_public_key *key)
{
    if (view->kind != DG_KEY_KIND_P256) {
        return false;
    }
    (void)memcpy(key->x, &view->point.at[1], DG_P256_SIZE);
    (void)memcpy(key->y, &view->point.at[1U + DG_P256_SIZE], DG_P256_SIZE);
    return true;
}

static EVP_PKEY *make_ec(const struct dg_key_view *view)
{
    for (size_t i = 0; i < CURVES; i++) {
        EVP_PKEY *key = NULL;

        if ((curves[i].kind != view->kind) || (shared.blank[i] == NULL)) {
            continue;
        }
        key = EVP_PKEY_dup(shared.blank[i]);
        /* Checks that the point is on the curve. */
        if ((key != NULL) &&
            (EVP_PKEY_set1_encoded_public_key(
                 key, view->point.at, view->point.size) != 1)) {
            EVP_PKEY_free(key);
            key = NULL;
        }
        return key;
    }
    return NULL;
}

/* libcrypto wants numbers in the order of the machine. */
static size_t native(dg_span number, uint8_t *out)
{
    BIGNUM *value = BN_bin2bn(number.at, (int)number.size, NULL);
    const int size =
        (value != NULL) ? BN_bn2nativepad(value, out, (int)number.size) : -1;

    BN_free(value);
    return (size > 0) ? (size_t)size : 0U;
}

static EVP_PKEY *make_rsa(const struct dg_key_view *view)
{
    uint8_t modulus[RSA_BYTES_MAX];
    uint8_t exponent[4];
    const size_t sizes[2] = {native(view->modulus, modulus),
                             native(view->exponent, exponent)};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;
    OSSL_PARAM parts[3] = {
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus, sizes[0]),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent, sizes[1]),
        OSSL_PARAM_construct_end(),
    };

    if ((sizes[0] == 0U) || (sizes[1] == 0U) || (ctx == NULL) ||
        (EVP_PKEY_fromdata_init(ctx) != 1) ||
        (EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, parts) != 1)) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static bool goes_together(enum dg_key_kind kind, enum dg_scheme scheme)
{
    switch (scheme) {
    case DG_SCHEME_ECDSA:
    case DG_SCHEME_ECDSA_RAW:
        return curve_of(kind) != NULL;
    case DG_SCHEME_RSA_PKCS1:
    case DG_SCHEME_RSA_PSS:
        return kind == DG_KEY_KIND_RSA;
    case DG_SCHEME_NONE:
    default:
        return false;
    }
}

static dg_span ecdsa_der(dg_span raw, size_t size, uint8_t out[ECDSA_DER_MAX])
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw.at, (int)size, NULL);
    BIGNUM *s = BN_bin2bn(&raw.at[size], (int)size, NULL);
    unsigned char *end = out;
    int used = 0;

    if ((pair != NULL) && (r != NULL) && (s != NULL) &&
        (ECDSA_SIG_set0(pair, r, s) == 1)) {
        r = NULL;
        s = NULL;
        used = i2d_ECDSA_SIG(pair, &end);
    }
    ECDSA_SIG_free(pair);
    BN_free(r);
    BN_free(s);
    return (used > 0) ? (dg_span){out, (size_t)used} : (dg_span){NULL, 0U};
}

static bool use_pss(EVP_PKEY_CTX *ctx)
{
    return (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1) &&
           (EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
}

static enum dg_status verify_digest(EVP_PKEY *key,
                                    struct dg_signature_form form,
                                    dg_span digest,
                                    dg_span signature)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    enum dg_status status = DG_E_PORT;

    if ((ctx != NULL) && (EVP_PKEY_verify_init(ctx) == 1) &&
        (EVP_PKEY_CTX_set_signature_md(ctx, find_digest(form.digest)) == 1) &&
        ((form.scheme != DG_SCHEME_RSA_PSS) || use_pss(ctx))) {
        status =
            (EVP_PKEY_verify(
                 ctx, signature.at, signature.size, digest.at, digest.size) ==
             1)
                ? DG_OK
                : DG_E_AUTH;
    }
    EVP_PKEY_CTX_free(ctx);
    return status;
}

enum dg_status dg_signature_verify(const struct dg_key_view *key,
                                   struct dg_signature_form form,
                                   dg_span message,
                                   dg_span signature)
{
    return dg_signature_verify_parts(key, form, &message, 1U, signature);
}

enum dg_status dg_signature_verify_parts(const struct dg_key_view *key,
                                         struct dg_signature_form form,
                                         const dg_span *parts,
                                         size_t count,
                                         dg_span signature)
{
    uint8_t digest[DG_DIGEST_SIZE_MAX];
    uint8_t der[ECDSA_DER_MAX];

    if (!goes_together(key->kind, form.scheme) ||
        (form.digest == DG_DIGEST_NONE) || (form.digest == DG_DIGEST_SHA1)) {
        return DG_E_UNSUPPORTED;
    }
    if (!is_prepared()) {
        return DG_E_PORT;
    }
    if (form.scheme == DG_SCHEME_ECDSA_RAW) {
        const size_t size = curve_of(key->kind)->size;

        if (signature.size != (2U * size)) {
            return DG_E_AUTH;
        }
        signature = ecdsa_der(signature, size, der);
    }
    if (signature.size == 0U) {
        return DG_E_AUTH;
    }
    const enum dg_status hashed =
        dg_digest_of(form.digest, parts, count, digest);

    if (hashed != DG_OK) {
        return hashed;
    }
    EVP_PKEY *made =
        (key->kind == DG_KEY_KIND_RSA) ? make_rsa(key) : make_ec(key);

    if (made == NULL) {
        return DG_E_AUTH;
    }
    const enum dg_status status = verify_digest(
        made, form, (dg_span){digest, dg_digest_size(form.digest)}, signature);

    EVP_PKEY_free(made);
    return status;
}

enum dg_status dg_digest_of(enum dg_digest digest,
                            const dg_span *parts,
                            size_t count,
                            uint8_t out[DG_DIGEST_SIZE_MAX])
{
    if (dg_digest_size(digest) == 0U) {
        return DG_E_UNSUPPORTED;
    }
    const EVP_MD *type = find_digest(digest);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_ok = (type != NULL) && (ctx != NULL) &&
                 (EVP_DigestInit_ex2(ctx, type, NULL) == 1);

    for (size_t i = 0; is_ok && (i < count); i++) {
        is_ok = EVP_DigestUpdate(ctx, parts[i].at, parts[i].size) == 1;
    }
    is_ok = is_ok && (EVP_DigestFinal_ex(ctx, out, NULL) == 1);
    EVP_MD_CTX_free(ctx);
    return is_ok ? DG_OK : DG_E_PORT;
}
