/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/sample_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/objects.h>
#include <openssl/rand.h>

#include "attest/der.h"
#include "attest/signature.h"
#include "crypto_openssl.h"
#include "dosegate/cose.h"

void dg_bytes_add(struct dg_bytes *bytes, const void *from, size_t size)
{
    if ((size != 0U) && (size <= (sizeof(bytes->at) - bytes->size))) {
        (void)memcpy(&bytes->at[bytes->size], from, size);
        bytes->size += size;
    }
}

void dg_bytes_number(struct dg_bytes *bytes, uint64_t value, size_t size)
{
    for (size_t i = size; i > 0U; i--) {
        const uint8_t byte = (uint8_t)(value >> (8U * (i - 1U)));

        dg_bytes_add(bytes, &byte, 1U);
    }
}

void dg_bytes_der(struct dg_bytes *bytes,
                  uint32_t id,
                  const void *contents,
                  size_t size)
{
    const uint32_t first = id >> 16;
    const uint32_t number = id & 0xffffU;

    if (number < 31U) {
        dg_bytes_number(bytes, first | number, 1U);
    } else {
        dg_bytes_number(bytes, first | 31U, 1U);
        if (number > 127U) {
            dg_bytes_number(bytes, 0x80U | (number >> 7), 1U);
        }
        dg_bytes_number(bytes, number & 0x7fU, 1U);
    }
    if (size >= 256U) {
        dg_bytes_number(bytes, 0x82U, 1U);
        dg_bytes_number(bytes, size, 2U);
    } else if (size >= 128U) {
        dg_bytes_number(bytes, 0x81U, 1U);
        dg_bytes_number(bytes, size, 1U);
    } else {
        dg_bytes_number(bytes, size, 1U);
    }
    dg_bytes_add(bytes, contents, size);
}

void dg_bytes_der_number(struct dg_bytes *bytes, uint32_t id, uint64_t value)
{
    struct dg_bytes whole = {.size = 0U};
    size_t skip = 0U;

    dg_bytes_number(&whole, 0U, 1U);
    dg_bytes_number(&whole, value, 8U);
    while ((skip < 8U) && (whole.at[skip] == 0U) &&
           ((whole.at[skip + 1U] & 0x80U) == 0U)) {
        skip++;
    }
    dg_bytes_der(bytes, id, &whole.at[skip], whole.size - skip);
}

static bool set_name(X509_NAME *name, const char *common, const char *group)
{
    return (X509_NAME_add_entry_by_txt(name,
                                       "CN",
                                       MBSTRING_ASC,
                                       (const unsigned char *)common,
                                       -1,
                                       -1,
                                       0) == 1) &&
           ((group == NULL) ||
            (X509_NAME_add_entry_by_txt(name,
                                        "O",
                                        MBSTRING_ASC,
                                        (const unsigned char *)group,
                                        -1,
                                        -1,
                                        0) == 1));
}

static bool add_extension(X509 *certificate,
                          const struct dg_new_certificate *wish)
{
    ASN1_OBJECT *oid = NULL;
    ASN1_OCTET_STRING *value = NULL;
    X509_EXTENSION *extension = NULL;
    bool is_ok = false;

    if (wish->oid == NULL) {
        return true;
    }
    oid = OBJ_txt2obj(wish->oid, 1);
    value = ASN1_OCTET_STRING_new();
    if ((oid != NULL) && (value != NULL) &&
        (ASN1_OCTET_STRING_set(
             value, wish->extension->at, (int)wish->extension->size) == 1)) {
        extension = X509_EXTENSION_create_by_OBJ(
            NULL, oid, wish->is_critical ? 1 : 0, value);
        is_ok = (extension != NULL) &&
                (X509_add_ext(certificate, extension, -1) == 1);
    }
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
    return is_ok;
}

/* The group of an issuer is part of its name: here only leaves' issuers have
 * one, and it is written "name/group". */
static bool set_names(X509 *certificate, const struct dg_new_certificate *wish)
{
    char issuer[64];
    char *group = NULL;

    (void)snprintf(issuer, sizeof(issuer), "%s", wish->issuer);
    group = strchr(issuer, '/');
    if (group != NULL) {
        *group = '\0';
        group++;
    }
    return set_name(X509_get_subject_name(certificate),
                    wish->subject,
                    wish->organization) &&
           set_name(X509_get_issuer_name(certificate), issuer, group);
}

bool dg_new_certificate(const struct dg_new_certificate *wish,
                        struct dg_bytes *der)
{
    X509 *certificate = X509_new();
    EVP_MD *digest = EVP_MD_fetch(NULL, wish->digest, NULL);
    unsigned char *bytes = NULL;
    unsigned char serial[8];
    int size = -1;

    if ((certificate != NULL) && (digest != NULL) &&
        (RAND_bytes(serial, (int)sizeof(serial)) == 1)) {
        BIGNUM *number = BN_bin2bn(serial, (int)sizeof(serial), NULL);
        const bool is_ok =
            (number != NULL) &&
            (BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) !=
             NULL) &&
            (X509_set_version(certificate, X509_VERSION_3) == 1) &&
            (ASN1_TIME_set(X509_getm_notBefore(certificate),
                           (time_t)wish->not_before_s) != NULL) &&
            (ASN1_TIME_set(X509_getm_notAfter(certificate),
                           (time_t)wish->not_after_s) != NULL) &&
            set_names(certificate, wish) &&
            (X509_set_pubkey(certificate, wish->key) == 1) &&
            add_extension(certificate, wish) &&
            (X509_sign(certificate, wish->signer, digest) > 0);

        BN_free(number);
        size = is_ok ? i2d_X509(certificate, &bytes) : -1;
    }
    if (size > 0) {
        dg_bytes_add(der, bytes, (size_t)size);
    }
    OPENSSL_free(bytes);
    EVP_MD_free(digest);
    X509_free(certificate);
    return size > 0;
}

static void hex_of(const uint8_t *bytes, int size, char *out)
{
    for (int i = 0; i < size; i++) {
        (void)snprintf(&out[2 * i], 3U, "%02x", bytes[i]);
    }
}

/* The names and keys as a root list has them. */
static bool write_roots(const char *kind,
                        const char *name,
                        EVP_PKEY *root,
                        char text[4096])
{
    X509_NAME *subject = X509_NAME_new();
    unsigned char *name_der = NULL;
    unsigned char *key_der = NULL;
    char name_hex[512] = "";
    char key_hex[2048] = "";
    const int name_size = ((subject != NULL) && set_name(subject, name, NULL))
                              ? i2d_X509_NAME(subject, &name_der)
                              : -1;
    const int key_size = i2d_PUBKEY(root, &key_der);
    const bool is_ok = (name_size > 0) && (name_size < 256) && (key_size > 0) &&
                       (key_size < 1024);

    if (is_ok) {
        hex_of(name_der, name_size, name_hex);
        hex_of(key_der, key_size, key_hex);
    }
    (void)snprintf(text,
                   4096U,
                   "{\"roots\":[{\"kind\":\"%s\",\"name\":\"sample\","
                   "\"until\":4000000000,\"subject\":\"%s\",\"key\":\"%s\"}]}",
                   kind,
                   name_hex,
                   key_hex);
    OPENSSL_free(name_der);
    OPENSSL_free(key_der);
    X509_NAME_free(subject);
    return is_ok;
}

static struct dg_anchors *sign_and_open(const struct dg_crypto *crypto,
                                        dg_span payload,
                                        int64_t at_s)
{
    static const uint8_t purpose[] = DG_ANCHORS_PURPOSE;
    static const dg_span no_kid = {NULL, 0U};
    uint8_t room[4096];
    struct dg_secret secret;
    struct dg_public_key key;
    struct dg_anchors *anchors = NULL;
    char reason[DG_REASON_MAX];
    dg_span file;

    if ((crypto->p256_generate(crypto->context, &secret, &key) != DG_OK) ||
        (dg_cose_sign1(crypto,
                       &secret,
                       no_kid,
                       (dg_span){purpose, sizeof(purpose) - 1U},
                       payload,
                       DG_BUF_OF(room),
                       &file) != DG_OK) ||
        (dg_anchors_open(crypto, &key, file, at_s, 0U, &anchors, reason) !=
         DG_OK)) {
        return NULL;
    }
    return anchors;
}

struct dg_anchors *dg_new_anchors(const char *kind,
                                  const char *name,
                                  EVP_PKEY *root,
                                  const char *revoked,
                                  int64_t at_s)
{
    const struct dg_anchors_head head = {.version = 1U,
                                         .issued_s = at_s - 60,
                                         .expires_s = at_s + 86400,
                                         .listed_s = at_s - 60};
    struct dg_anchors *anchors = NULL;
    struct dg_crypto crypto;
    char roots[4096];
    char list[128];
    char reason[DG_REASON_MAX];
    dg_buf payload = {NULL, 0U};
    size_t size = 0U;

    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return NULL;
    }
    const bool is_listed = revoked != NULL;

    (void)snprintf(list,
                   sizeof(list),
                   "{\"entries\":{%s%s%s}}",
                   is_listed ? "\"" : "",
                   is_listed ? revoked : "",
                   is_listed ? "\":{\"status\":\"REVOKED\"}" : "");
    if (write_roots(kind, name, root, roots) &&
        (dg_anchors_make(roots, list, &head, &payload, &size, reason) ==
         DG_OK)) {
        anchors = sign_and_open(&crypto, (dg_span){payload.at, size}, at_s);
        free(payload.at);
    }
    dg_crypto_openssl_free(&crypto);
    return anchors;
}

bool dg_point_of(EVP_PKEY *key, struct dg_public_key *point)
{
    uint8_t bytes[80];
    size_t size = 0U;

    if ((EVP_PKEY_get_octet_string_param(
             key, OSSL_PKEY_PARAM_PUB_KEY, bytes, sizeof(bytes), &size) != 1) ||
        (size != (1U + (2U * DG_P256_SIZE)))) {
        return false;
    }
    (void)memcpy(point->x, &bytes[1], DG_P256_SIZE);
    (void)memcpy(point->y, &bytes[1U + DG_P256_SIZE], DG_P256_SIZE);
    return true;
}

bool dg_sign_es256(EVP_PKEY *key,
                   dg_span message,
                   uint8_t raw[DG_SIGNATURE_SIZE],
                   struct dg_bytes *der)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t bytes[80];
    size_t size = sizeof(bytes);
    const unsigned char *at = bytes;
    ECDSA_SIG *pair = NULL;
    bool is_ok =
        (ctx != NULL) &&
        (EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, key, NULL) ==
         1) &&
        (EVP_DigestSign(ctx, bytes, &size, message.at, message.size) == 1);

    if (is_ok) {
        pair = d2i_ECDSA_SIG(NULL, &at, (long)size);
        is_ok = (pair != NULL) &&
                (BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, 32) == 32) &&
                (BN_bn2binpad(ECDSA_SIG_get0_s(pair), &raw[32], 32) == 32);
        if (der != NULL) {
            dg_bytes_add(der, bytes, size);
        }
    }
    ECDSA_SIG_free(pair);
    EVP_MD_CTX_free(ctx);
    return is_ok;
}

bool dg_sha256(const dg_span *parts, size_t count, struct dg_hash *hash)
{
    uint8_t out[DG_DIGEST_SIZE_MAX];

    if (dg_digest_of(DG_DIGEST_SHA256, parts, count, out) != DG_OK) {
        return false;
    }
    (void)memcpy(hash->byte, out, DG_HASH_SIZE);
    return true;
}

bool dg_sample_make(enum dg_evidence_kind kind,
                    const struct dg_sample_wish *wish,
                    struct dg_sample *sample)
{
    static const struct dg_sample_wish sound = {.certificates = 0U};
    const struct dg_sample_wish *asked = (wish != NULL) ? wish : &sound;

    *sample = (struct dg_sample){.kind = kind, .at_s = 1800000000};
    if (RAND_bytes(sample->challenge.byte, DG_HASH_SIZE) != 1) {
        return false;
    }
    switch (kind) {
    case DG_KIND_ANDROID_KEY:
        return dg_sample_android_make(asked, sample);
    case DG_KIND_APPLE_ATTESTATION:
    case DG_KIND_APPLE_ASSERTION:
        return dg_sample_apple_make(sample);
    case DG_KIND_TPM_QUOTE:
        return dg_sample_tpm_make(asked, sample);
    case DG_KIND_PSA_TOKEN:
        return dg_sample_psa_make(asked, sample);
    case DG_KIND_NONE:
    default:
        return false;
    }
}

struct dg_appraisal_context dg_sample_context(const struct dg_sample *sample,
                                              const struct dg_crypto *crypto)
{
    struct dg_appraisal_context context = {
        .crypto = crypto,
        .at_s = sample->at_s,
        .challenge = DG_SPAN_OF(sample->challenge.byte),
        .anchors = sample->anchors,
        .controller = &sample->key,
        .app = &sample->app,
        .apps = (sample->app.name != NULL) ? 1U : 0U,
        .tpm = sample->tpm,
        .psa = sample->psa};

    if (sample->kind == DG_KIND_APPLE_ASSERTION) {
        context.apple.key = &sample->key;
    }
    if (sample->kind == DG_KIND_TPM_QUOTE) {
        context.tpm.bank = &sample->bank;
    }
    return context;
}

void dg_sample_free(struct dg_sample *sample)
{
    dg_anchors_free(sample->anchors);
    sample->anchors = NULL;
}
