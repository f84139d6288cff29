/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/evidence.h"
#include "cmocka_all.h"
#include "vector_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "crypto_openssl.h"

/* PSA tokens of real encoders, and tokens made good and hostile.
 * @verifies{FDP_ATT.5@1} */

static struct dg_crypto crypto;

static int start(void **state)
{
    (void)state;
    return (dg_crypto_openssl_init(&crypto) == DG_OK) ? 0 : 1;
}

static int stop(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&crypto);
    return 0;
}

/* The public key of a PEM file, DER. */
static dg_buf key_of(const char *path)
{
    dg_buf pem = vector_bytes(path);
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.capacity);
    char *name = NULL;
    char *header = NULL;
    unsigned char *der = NULL;
    long size = 0;
    dg_buf key;

    assert_int_equal(PEM_read_bio(bio, &name, &header, &der, &size), 1);
    key = (dg_buf){malloc((size_t)size), (size_t)size};
    assert_non_null(key.at);
    (void)memcpy(key.at, der, (size_t)size);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(der);
    BIO_free(bio);
    free(pem.at);
    return key;
}

static void judge(const char *path,
                  dg_buf key,
                  dg_buf nonce,
                  struct dg_appraisal *appraisal)
{
    dg_buf token = vector_bytes(path);
    const struct dg_appraisal_context context = {
        .crypto = &crypto,
        .challenge = {nonce.at, nonce.capacity},
        .psa = {.key = {key.at, key.capacity},
                .profiles =
                    DG_PSA_RFC9783 | DG_PSA_DRAFT_2 | DG_PSA_PROFILE_1}};

    assert_int_equal(dg_appraise(&context,
                                 DG_KIND_PSA_TOKEN,
                                 (dg_span){token.at, token.capacity},
                                 appraisal),
                     DG_OK);
    free(token.at);
}

static void test_vectors_psa__real_tokens__as_published(void **state)
{
    const char *name = NULL;
    json_t *one = NULL;

    (void)state;
    if (!vectors_are_there("psa/samples")) {
        skip();
    }
    json_t *all = vector_json("psa/samples/expected.json");

    json_object_foreach(all, name, one)
    {
        char path[128];
        struct dg_appraisal appraisal;
        const json_t *claims = json_object_get(one, "claims");
        const bool is_new = json_object_get(claims, "10") != NULL;
        const bool is_signed = json_is_string(json_object_get(one, "key"));
        dg_buf nonce = vector_hex(claims, is_new ? "10" : "-75008");

        (void)snprintf(path,
                       sizeof(path),
                       "psa/samples/%s",
                       is_signed ? vector_text(one, "key") : "tfm_public.pem");
        dg_buf key = key_of(path);

        (void)snprintf(path, sizeof(path), "psa/samples/%s", name);
        judge(path, key, nonce, &appraisal);
        print_message("%s: %s %s\n",
                      name,
                      dg_appraisal_result_name(appraisal.result),
                      appraisal.reason);
        assert_int_equal(appraisal.result,
                         is_signed ? DG_APPRAISAL_ACCEPTED
                                   : DG_APPRAISAL_UNSUPPORTED);
        if (is_signed) {
            assert_int_equal(appraisal.fact[DG_FACT_NOT_DEBUGGABLE].value,
                             DG_CLAIM_YES);
            /* Nobody told what should be measured. */
            assert_int_equal(appraisal.fact[DG_FACT_MEASURED].value,
                             DG_CLAIM_NOT_STATED);
        }
        free(nonce.at);
        free(key.at);
    }
    json_decref(all);
}

static void check(const json_t *one, const json_t *all, dg_buf key)
{
    char path[128];
    struct dg_appraisal appraisal;
    const json_t *own = json_object_get(one, "nonce");
    dg_buf nonce = vector_hex((own != NULL) ? one : all, "nonce");
    /* Another algorithm is no forgery. */
    const bool is_other =
        strcmp(vector_text(one, "file"), "bad_alg_eddsa.cbor") == 0;

    (void)snprintf(
        path, sizeof(path), "psa/generated/%s", vector_text(one, "file"));
    judge(path, key, nonce, &appraisal);
    if (appraisal.result != (json_is_true(json_object_get(one, "accept"))
                                 ? DG_APPRAISAL_ACCEPTED
                             : is_other ? DG_APPRAISAL_UNSUPPORTED
                                        : DG_APPRAISAL_REJECTED)) {
        fail_msg("%s (%s): %s: %s",
                 path,
                 vector_text(one, "reason"),
                 dg_appraisal_result_name(appraisal.result),
                 appraisal.reason);
    }
    print_message("%s (%s): %s\n",
                  vector_text(one, "file"),
                  vector_text(one, "reason"),
                  appraisal.reason);
    free(nonce.at);
}

static void test_vectors_psa__made_tokens__as_expected(void **state)
{
    size_t i = 0U;
    const json_t *one = NULL;

    (void)state;
    if (!vectors_are_there("psa/generated")) {
        skip();
    }
    json_t *all = vector_json("psa/generated/expected.json");
    dg_buf key = key_of("psa/generated/public.pem");

    json_array_foreach(json_object_get(all, "cases"), i, one)
    {
        check(one, all, key);
    }
    assert_int_equal(i, 52);
    free(key.at);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_psa__real_tokens__as_published),
        cmocka_unit_test(test_vectors_psa__made_tokens__as_expected),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
