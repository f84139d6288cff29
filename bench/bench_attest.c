/* SPDX-License-Identifier: Apache-2.0 */
/* Verifications of platform evidence per second on one core, and their ratio
 * to the signature checks that they contain, done by OpenSSL alone with keys
 * that are ready.  And what it takes to refuse 64 KB of nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "attest/sample.h"
#include "bench/measure.h"
#include "crypto_openssl.h"

#define ROUNDS    40U
#define BODY_SIZE 500U /* a certificate without its signature */

/* One signature check as it stands in a chain. */
struct check {
    EVP_PKEY *key;
    EVP_MD *digest;
    uint8_t signature[128];
    size_t size;
};

/* The checks that the kinds contain; the digest is part of the work, since its
 * length is that of one of the two scalars. */
#define CHECKS 3U

static const struct {
    const char *curve;
    const char *digest;
} forms[CHECKS] = {
    {"P-256", "SHA256"}, {"P-384", "SHA256"}, {"P-384", "SHA384"}};

struct scene {
    struct dg_crypto crypto;
    struct dg_sample sample;
    struct check check[CHECKS];
    unsigned count[CHECKS]; /* how many the evidence contains */
    uint8_t body[BODY_SIZE];
    const uint8_t *bomb;
};

static void need(bool is_ok, const char *what)
{
    dg_bench_expect(is_ok ? DG_OK : DG_E_PORT, what);
}

/* A key as it comes out of a certificate: a point that was just made checks
 * more slowly than one that was read. */
static void use_public(struct check *check)
{
    unsigned char *der = NULL;
    const int size = i2d_PUBKEY(check->key, &der);
    const unsigned char *at = der;

    EVP_PKEY_free(check->key);
    check->key = d2i_PUBKEY(NULL, &at, size);
    need(check->key != NULL, "public key");
    OPENSSL_free(der);
}

static void prepare(struct scene *scene,
                    struct check *check,
                    const char *curve,
                    const char *digest)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    check->key = EVP_EC_gen(curve);
    check->digest = EVP_MD_fetch(NULL, digest, NULL);
    check->size = sizeof(check->signature);
    need(
        (ctx != NULL) && (check->key != NULL) && (check->digest != NULL) &&
            (EVP_DigestSignInit(ctx, NULL, check->digest, NULL, check->key) ==
             1) &&
            (EVP_DigestSign(
                 ctx, check->signature, &check->size, scene->body, BODY_SIZE) ==
             1),
        "signature");
    EVP_MD_CTX_free(ctx);
    use_public(check);
}

static void run(const struct scene *scene, const struct check *check)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    need((ctx != NULL) &&
             (EVP_DigestVerifyInit(
                  ctx, NULL, check->digest, NULL, check->key) == 1) &&
             (EVP_DigestVerify(
                  ctx, check->signature, check->size, scene->body, BODY_SIZE) ==
              1),
         "raw check");
    EVP_MD_CTX_free(ctx);
}

static void raw_checks(void *context)
{
    const struct scene *scene = context;

    for (size_t form = 0; form < CHECKS; form++) {
        for (unsigned i = 0U; i < scene->count[form]; i++) {
            run(scene, &scene->check[form]);
        }
    }
}

static void appraise(void *context)
{
    const struct scene *scene = context;
    const struct dg_appraisal_context known =
        dg_sample_context(&scene->sample, &scene->crypto);
    struct dg_appraisal appraisal;

    dg_bench_expect(
        dg_appraise(
            &known, scene->sample.kind, scene->sample.evidence, &appraisal),
        "appraisal");
    need((appraisal.result == DG_APPRAISAL_ACCEPTED) &&
             (appraisal.signatures ==
              (scene->count[0] + scene->count[1] + scene->count[2])),
         "accepted");
}

static void refuse(void *context)
{
    const struct scene *scene = context;
    const struct dg_appraisal_context known =
        dg_sample_context(&scene->sample, &scene->crypto);
    struct dg_appraisal appraisal;

    for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
        dg_bench_expect(
            dg_appraise(&known,
                        (enum dg_evidence_kind)kind,
                        (dg_span){scene->bomb, DG_EVIDENCE_SIZE_MAX},
                        &appraisal),
            "appraisal");
        need(appraisal.result != DG_APPRAISAL_ACCEPTED, "refused");
    }
}

/* 64 KB that begin as one kind does and go on with one byte. */
static void tell_refusals(struct scene *scene)
{
    static const struct {
        const char *what;
        const char *head;
        size_t size;
        uint8_t filler;
    } bombs[] = {
        {"64 KB of DER", "\x30\x82\xff\xfc\x30\x82\xff\xf8", 8U, 0x30U},
        {"64 KB of CBOR",
         "\xd2\x84\x43\xa1\x01\x26\xa0\x59\xff\xf3\x81",
         11U,
         0x01U},
        {"64 KB of PEM", "-----BEGIN CERTIFICATE-----\n", 28U, 'A'},
        {"64 KB of zeros", "", 0U, 0x00U},
    };
    static uint8_t bytes[DG_EVIDENCE_SIZE_MAX];
    const dg_bench_work works[] = {refuse};

    for (size_t i = 0; i < (sizeof(bombs) / sizeof(bombs[0])); i++) {
        double ns[1];

        (void)memset(bytes, bombs[i].filler, sizeof(bytes));
        (void)memcpy(bytes, bombs[i].head, bombs[i].size);
        scene->bomb = bytes;
        dg_bench_compare_own(works, scene, 1U, 5U, ns);
        dg_bench_tell(bombs[i].what,
                      ns[0] / 1e3,
                      "us",
                      "refused as each of the five kinds (aim: under 50 ms)");
    }
}

int main(void)
{
    static const struct {
        enum dg_evidence_kind kind;
        unsigned count[CHECKS];
    } kinds[] = {
        {DG_KIND_ANDROID_KEY, {2U, 0U, 2U}},
        {DG_KIND_APPLE_ATTESTATION, {0U, 1U, 1U}},
        {DG_KIND_APPLE_ASSERTION, {1U, 0U, 0U}},
        {DG_KIND_TPM_QUOTE, {1U, 0U, 0U}},
        {DG_KIND_PSA_TOKEN, {1U, 0U, 0U}},
    };
    static struct scene scene;
    const dg_bench_work works[] = {appraise, raw_checks};

    dg_bench_expect(dg_crypto_openssl_init(&scene.crypto), "crypto port");
    for (size_t form = 0; form < CHECKS; form++) {
        prepare(
            &scene, &scene.check[form], forms[form].curve, forms[form].digest);
    }
    (void)printf("\nevidence of phones, one core\n");
    for (size_t i = 0; i < (sizeof(kinds) / sizeof(kinds[0])); i++) {
        double ns[2];

        need(dg_sample_make(kinds[i].kind, NULL, &scene.sample), "sample");
        (void)memcpy(scene.count, kinds[i].count, sizeof(scene.count));
        dg_bench_compare_own(works, &scene, 2U, ROUNDS, ns);
        dg_bench_tell(
            dg_evidence_kind_name(kinds[i].kind), 1e9 / ns[0], "/s", "");
        dg_bench_tell("  ratio to its signature checks",
                      ns[0] / ns[1],
                      "",
                      "(aim: under 1.3)");
        if (i + 1U < (sizeof(kinds) / sizeof(kinds[0]))) {
            dg_sample_free(&scene.sample);
        }
    }
    tell_refusals(&scene);
    dg_sample_free(&scene.sample);
    for (size_t form = 0; form < CHECKS; form++) {
        EVP_PKEY_free(scene.check[form].key);
        EVP_MD_free(scene.check[form].digest);
    }
    dg_crypto_openssl_free(&scene.crypto);
    return 0;
}
