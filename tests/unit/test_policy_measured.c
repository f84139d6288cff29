/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "vector_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "attest/service/policy_list.h"
#include "crypto_openssl.h"

/* What the policy says of machines and chips that are measured, and what a
 * quote and a token are then worth.
 * @verifies{FDP_ATT.5@1} @verifies{FDP_ATTEST.3@1} */

#define HEAD                             \
    "dosegate platform policy 1\n"       \
    "version 7\n"                        \
    "issued 2026-11-01\n"                \
    "expires 2026-12-01\n"               \
    "epoch 2\n"                          \
    "life 14400\n"                       \
    "level low app fresh not-debuggable" \
    "\n"
#define HALF    "00112233445566778899aabbccddeeff"
#define VALUE   HALF HALF
#define QUOTE   "measured tpm-quote box sha256 "
#define TOKEN   "measured psa-token chip rfc9783 "
#define REGULAR QUOTE "4 " VALUE "\n"

static struct dg_crypto crypto;
static struct dg_policy_list list;
static char why[DG_POLICY_LIST_WHY_MAX];
static char text[DG_POLICY_LIST_SIZE_MAX];

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

static enum dg_status read_text(const char *from)
{
    return dg_policy_list_read(
        (dg_span){(const uint8_t *)from, strlen(from)}, &list, why);
}

/* Each refusal names the line on which it happens. */
static void test_policy_measured__bad_lines__named(void **state)
{
    static const struct {
        const char *lines;
        const char *why;
    } bad[] = {
        {"measured android-key x sha256 0 " VALUE "\n",
         "line 8: measured: write tpm-quote or"},
        {"measured tpm-quote box sha256 4\n", "line 8: measured takes 5"},
        {"measured tpm-quote a23456789012345678901234567890123 sha256 4 " VALUE
         "\n",
         "line 8: measured: more than"},
        {"measured tpm-quote box sha1 4 " VALUE "\n",
         "line 8: measured: write sha256, sha384"},
        {QUOTE "24 " VALUE "\n", "line 8: measured: write a whole number"},
        {QUOTE "16 " VALUE "\n", "line 8: measured: any software sets"},
        {QUOTE "23 " VALUE "\n", "line 8: measured: any software sets"},
        {REGULAR REGULAR, "line 9: measured: register 4 a second time"},
        {REGULAR "measured tpm-quote box sha384 5 " VALUE HALF "\n",
         "line 9: measured: write sha256, sha384"},
        {QUOTE "4 " HALF "\n", "line 8: measured: not as many digits"},
        {QUOTE "4 xx\n", "line 8: measured: value 5 is no even number"},
        {QUOTE "4 AA\n", "line 8: measured: value 5 is no even number"},
        {"measured psa-token chip rfc9999 " VALUE " " VALUE "\n",
         "line 8: measured: write rfc9783"},
        {TOKEN VALUE " " HALF "\n", "line 8: measured: signer and"},
        {TOKEN VALUE " " VALUE "\nmeasured psa-token chip draft-2 " VALUE
                     " " VALUE "\n",
         "line 9: measured: write rfc9783"},
        {"build tpm-quote measured box qualified\n",
         "line 8: build: write a name that a line"},
        {REGULAR "build psa-token measured box qualified\n",
         "line 9: build: write a name that a line"},
        {REGULAR "build tpm-quote measured\n",
         "line 9: build: write a name that a line"},
        {REGULAR "build tpm-quote measured box\n", "line 9: build: end with"},
        {REGULAR "build tpm-quote measured box patch 20260101 qualified\n",
         "line 9: build: end with"},
        {REGULAR "build tpm-quote os 1 2 qualified\n",
         "line 9: build: write measured"},
        {"build android-key measured box qualified\n",
         "line 8: build: write os"},
        {"app tpm-quote box release\n", "line 8: app: write a name that a"},
        {REGULAR "app tpm-quote box maybe\n", "line 9: app: end with"},
        {"enrolled android-key 00 activated\n",
         "line 8: enrolled: write tpm-quote or"},
        {"enrolled tpm-quote 00\n", "line 8: enrolled takes 3"},
        {"enrolled tpm-quote 0000 believed\n",
         "line 8: enrolled: end with activated"},
        {"enrolled tpm-quote 0000 activated\n",
         "line 8: enrolled: no TPM2B_PUBLIC"},
        {"enrolled psa-token 3000 01" VALUE "\n",
         "line 8: enrolled: no SubjectPublicKeyInfo"},
    };

    (void)state;
    for (size_t i = 0; i < (sizeof(bad) / sizeof(bad[0])); i++) {
        (void)snprintf(text, sizeof(text), HEAD "%s", bad[i].lines);
        assert_int_equal(read_text(text), DG_E_MALFORMED);
        if (strncmp(why, bad[i].why, strlen(bad[i].why)) != 0) {
            fail_msg("wanted \"%s\", got \"%s\"", bad[i].why, why);
        }
        assert_int_equal(list.measureds, 0);
    }
}

/* One more than there is room for, of names, components and machines. */
static void test_policy_measured__too_many__refused(void **state)
{
    size_t used = (size_t)snprintf(text, sizeof(text), HEAD);

    (void)state;
    for (unsigned i = 0; i <= DG_POLICY_LIST_COMPONENTS; i++) {
        used += (size_t)snprintf(
            &text[used], sizeof(text) - used, TOKEN VALUE " %064x\n", i);
    }
    assert_int_equal(read_text(text), DG_E_MALFORMED);
    assert_non_null(strstr(why, "line 24: measured: more than 16 components"));
    used = (size_t)snprintf(text, sizeof(text), HEAD);
    for (unsigned i = 0; i <= DG_POLICY_LIST_MEASURED; i++) {
        used +=
            (size_t)snprintf(&text[used],
                             sizeof(text) - used,
                             "measured tpm-quote box%u sha256 4 " VALUE "\n",
                             i);
    }
    assert_int_equal(read_text(text), DG_E_MALFORMED);
    assert_non_null(strstr(why, "line 24: measured: more than 16 names"));
}

static size_t add(size_t used, const char *words, dg_buf bytes)
{
    used += (size_t)snprintf(&text[used], sizeof(text) - used, "%s", words);
    for (size_t i = 0; i < bytes.capacity; i++) {
        used += (size_t)snprintf(
            &text[used], sizeof(text) - used, "%02x", bytes.at[i]);
    }
    return used;
}

static uint32_t claims_of(const struct dg_appraisal *appraisal)
{
    const struct dg_platform_policy policy = {.rule = list.build,
                                              .rules = list.builds,
                                              .app = list.app,
                                              .apps = list.apps};

    return dg_ticket_claims(appraisal, NULL, &policy);
}

static enum dg_claim_value claim(uint32_t claims, enum dg_claim which)
{
    return dg_attestation_claim(claims, which);
}

/* The registers of the vectors under a name; @p wrong changes one digit. */
static size_t add_registers(size_t used, const char *name, const char *wrong)
{
    json_t *values = vector_json("tpm/reference_pcrs.json");
    const json_t *bank =
        json_object_get(json_object_get(values, "pcrs"), "sha256");
    static const char *const asked[] = {"0", "1", "2", "3", "4", "7"};

    for (size_t i = 0; i < 6U; i++) {
        char value[65];

        (void)snprintf(value, sizeof(value), "%s", vector_text(bank, asked[i]));
        if (strcmp(asked[i], wrong) == 0) {
            value[0] = (value[0] == '0') ? '1' : '0';
        }
        used += (size_t)snprintf(&text[used],
                                 sizeof(text) - used,
                                 "measured tpm-quote %s sha256 %s %s\n",
                                 name,
                                 asked[i],
                                 value);
    }
    json_decref(values);
    return used;
}

static size_t add_machine(size_t used)
{
    dg_buf key = vector_bytes("tpm/ak_ecc.tpm2b_public");

    used = add(used, "enrolled tpm-quote ", key);
    free(key.at);
    return used +
           (size_t)snprintf(&text[used], sizeof(text) - used, " activated\n");
}

/* As TPM2_Quote answers. */
static void judge_quote(const char *name, struct dg_appraisal *appraisal)
{
    json_t *all = vector_json("tpm/expected.json");
    char path[64];

    (void)snprintf(path, sizeof(path), "tpm/%s.msg", name);
    dg_buf message = vector_bytes(path);

    (void)snprintf(path, sizeof(path), "tpm/%s.sig", name);
    dg_buf mark = vector_bytes(path);
    dg_buf nonce =
        vector_hex(json_array_get(json_object_get(all, "cases"), 0U), "nonce");
    uint8_t quote[2048];
    const struct dg_appraisal_context context = {
        .crypto = &crypto, .challenge = {nonce.at, nonce.capacity}};

    assert_true(2U + message.capacity + mark.capacity <= sizeof(quote));
    quote[0] = (uint8_t)(message.capacity >> 8);
    quote[1] = (uint8_t)message.capacity;
    memcpy(&quote[2], message.at, message.capacity);
    memcpy(&quote[2U + message.capacity], mark.at, mark.capacity);
    assert_int_equal(
        dg_policy_list_appraise(
            &list,
            &context,
            &list.enrolled[0],
            (dg_span){quote, 2U + message.capacity + mark.capacity},
            appraisal),
        DG_OK);
    free(message.at);
    free(mark.at);
    free(nonce.at);
    json_decref(all);
}

/* A policy with the machine of the vectors, and our app on it. */
static void read_machine(const char *app)
{
    size_t used = add_machine((size_t)snprintf(text, sizeof(text), HEAD));

    used = add_registers(used, "new", "none");
    (void)snprintf(&text[used],
                   sizeof(text) - used,
                   "build tpm-quote measured new qualified\n"
                   "app tpm-quote new %s\n",
                   app);
    assert_int_equal(read_text(text), DG_OK);
}

static void test_policy_measured__quote__decided_by_the_policy(void **state)
{
    struct dg_appraisal appraisal;

    (void)state;
    if (!vectors_are_there("tpm")) {
        skip();
    }
    size_t used = (size_t)snprintf(text, sizeof(text), HEAD);

    /* Nothing is measured: nothing is decided. */
    used = add_machine(used);
    assert_int_equal(read_text(text), DG_OK);
    judge_quote("ecc_good", &appraisal);
    assert_int_equal(appraisal.result, DG_APPRAISAL_UNDECIDED);

    /* Another build of the same machine was known before. */
    used = add_registers(used, "old", "4");
    assert_int_equal(read_text(text), DG_OK);
    judge_quote("ecc_good", &appraisal);
    assert_int_equal(appraisal.result, DG_APPRAISAL_REJECTED);
    assert_int_equal(appraisal.failed, DG_STEP_MEASUREMENT);
    assert_string_equal(appraisal.measured, "");

    used = add_registers(used, "new", "none");
    used += (size_t)snprintf(&text[used],
                             sizeof(text) - used,
                             "build tpm-quote measured old qualified\n"
                             "app tpm-quote old release\n");
    assert_int_equal(read_text(text), DG_OK);
    judge_quote("ecc_good", &appraisal);
    assert_int_equal(appraisal.result, DG_APPRAISAL_ACCEPTED);
    assert_string_equal(appraisal.measured, "new");
    assert_int_equal(dg_policy_list_row(&list, &appraisal), -1);

    /* Measured, and nobody said that this build is qualified or has the app. */
    uint32_t claims = claims_of(&appraisal);

    assert_int_equal(claim(claims, DG_CLAIM_PLATFORM), DG_CLAIM_NOT_STATED);
    assert_int_equal(claim(claims, DG_CLAIM_APP), DG_CLAIM_NOT_STATED);
    assert_int_equal(dg_policy_list_level(&list, claims), DG_PACKAGE_NONE);

    read_machine("release");
    judge_quote("ecc_good", &appraisal);
    claims = claims_of(&appraisal);
    assert_int_equal(claim(claims, DG_CLAIM_PLATFORM), DG_CLAIM_YES);
    assert_int_equal(claim(claims, DG_CLAIM_QUALIFIED), DG_CLAIM_YES);
    assert_int_equal(claim(claims, DG_CLAIM_APP), DG_CLAIM_YES);
    assert_int_equal(claim(claims, DG_CLAIM_BOOT_VERIFIED), DG_CLAIM_YES);
    assert_int_equal(claim(claims, DG_CLAIM_BOOT_LOCKED), DG_CLAIM_NOT_STATED);
    assert_int_equal(claim(claims, DG_CLAIM_KEY_IN_HARDWARE),
                     DG_CLAIM_NOT_STATED);
    assert_int_equal(dg_policy_list_level(&list, claims), DG_PACKAGE_LOW);
}

/* What the vectors say is bad is bad by the policy, too. */
static void test_policy_measured__quote__bad_ones_state_nothing(void **state)
{
    static const char *const bad[] = {"ecc_tampered_nonce",
                                      "ecc_wrong_pcr",
                                      "ecc_tampered_signature",
                                      "ecc_subset",
                                      "ecc_other_key",
                                      "rsa_good",
                                      "forged_magic",
                                      "ecc_truncated"};

    struct dg_appraisal appraisal;

    (void)state;
    if (!vectors_are_there("tpm")) {
        skip();
    }
    read_machine("release");
    for (size_t i = 0; i < (sizeof(bad) / sizeof(bad[0])); i++) {
        judge_quote(bad[i], &appraisal);
        print_message("%s: %s\n", bad[i], appraisal.reason);
        assert_int_equal(appraisal.result, DG_APPRAISAL_REJECTED);
        assert_int_equal(claims_of(&appraisal), 0);
    }

    /* A debuggable build of ours is not closed. */
    read_machine("debug");
    judge_quote("ecc_good", &appraisal);

    const uint32_t claims = claims_of(&appraisal);

    assert_int_equal(claim(claims, DG_CLAIM_NOT_DEBUGGABLE), DG_CLAIM_NO);
    assert_int_equal(dg_policy_list_level(&list, claims), DG_PACKAGE_NONE);
}

static void test_policy_measured__unrestricted_key__not_taken_in(void **state)
{
    (void)state;
    if (!vectors_are_there("tpm")) {
        skip();
    }
    dg_buf key = vector_bytes("tpm/unrestricted.tpm2b_public");
    size_t used = (size_t)snprintf(text, sizeof(text), HEAD);

    used = add(used, "enrolled tpm-quote ", key);
    (void)snprintf(&text[used], sizeof(text) - used, " activated\n");
    assert_int_equal(read_text(text), DG_E_MALFORMED);
    assert_non_null(
        strstr(why, "line 8: enrolled: no TPM2B_PUBLIC of a restr"));
    free(key.at);

    used = add_machine((size_t)snprintf(text, sizeof(text), HEAD));
    (void)add_machine(used);
    assert_int_equal(read_text(text), DG_E_MALFORMED);
    assert_non_null(strstr(why, "line 9: enrolled: taken in a second time"));
}

/* The public key of the vectors, DER. */
static size_t add_chip(size_t used, const json_t *all)
{
    dg_buf pem = vector_bytes("psa/generated/public.pem");
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.capacity);
    char *name = NULL;
    char *header = NULL;
    unsigned char *der = NULL;
    long size = 0;

    assert_int_equal(PEM_read_bio(bio, &name, &header, &der, &size), 1);
    used = add(used, "enrolled psa-token ", (dg_buf){der, (size_t)size});
    used += (size_t)snprintf(&text[used],
                             sizeof(text) - used,
                             " %s\n",
                             vector_text(all, "instance_id"));
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(der);
    BIO_free(bio);
    free(pem.at);
    return used;
}

static void judge_token(const char *file,
                        const json_t *all,
                        struct dg_appraisal *appraisal)
{
    char path[128];
    dg_buf nonce = vector_hex(all, "nonce");
    const struct dg_appraisal_context context = {
        .crypto = &crypto, .challenge = {nonce.at, nonce.capacity}};

    (void)snprintf(path, sizeof(path), "psa/generated/%s", file);
    dg_buf token = vector_bytes(path);

    assert_int_equal(
        dg_policy_list_appraise(&list,
                                &context,
                                &list.enrolled[0],
                                (dg_span){token.at, token.capacity},
                                appraisal),
        DG_OK);
    free(token.at);
    free(nonce.at);
}

static size_t add_components(size_t used, const json_t *all, const char *name)
{
    const json_t *one = NULL;
    size_t each = 0U;

    json_array_foreach(
        json_object_get(
            json_object_get(json_array_get(json_object_get(all, "cases"), 0U),
                            "claims"),
            "2399"),
        each,
        one)
    {
        used += (size_t)snprintf(&text[used],
                                 sizeof(text) - used,
                                 "measured psa-token %s rfc9783 %s %s\n",
                                 name,
                                 vector_text(one, "5"),
                                 vector_text(one, "2"));
    }
    return used;
}

static void test_policy_measured__token__decided_by_the_policy(void **state)
{
    struct dg_appraisal appraisal;

    (void)state;
    if (!vectors_are_there("psa/generated")) {
        skip();
    }
    json_t *all = vector_json("psa/generated/expected.json");
    size_t used = (size_t)snprintf(text, sizeof(text), HEAD);

    used = add_chip(used, all);
    used += (size_t)snprintf(
        &text[used], sizeof(text) - used, TOKEN VALUE " " VALUE "\n");
    assert_int_equal(read_text(text), DG_OK);
    judge_token("ok_rfc9783.cbor", all, &appraisal);
    assert_int_equal(appraisal.result, DG_APPRAISAL_REJECTED);
    assert_int_equal(appraisal.failed, DG_STEP_MEASUREMENT);

    used = add_components(used, all, "tfm");
    (void)snprintf(&text[used],
                   sizeof(text) - used,
                   "build psa-token measured tfm trial 50\n"
                   "stop runs 5 failed 50\n"
                   "app psa-token tfm release\n");
    assert_int_equal(read_text(text), DG_OK);
    judge_token("ok_rfc9783.cbor", all, &appraisal);
    assert_int_equal(appraisal.result, DG_APPRAISAL_ACCEPTED);
    assert_string_equal(appraisal.measured, "tfm");
    assert_int_equal(dg_policy_list_row(&list, &appraisal), 0);

    const uint32_t claims = claims_of(&appraisal);

    assert_int_equal(claim(claims, DG_CLAIM_PLATFORM), DG_CLAIM_YES);
    assert_int_equal(claim(claims, DG_CLAIM_QUALIFIED), DG_CLAIM_NO);
    assert_int_equal(claim(claims, DG_CLAIM_APP), DG_CLAIM_YES);
    assert_int_equal(claim(claims, DG_CLAIM_BOOT_LOCKED), DG_CLAIM_YES);
    assert_int_equal(claim(claims, DG_CLAIM_NOT_DEBUGGABLE), DG_CLAIM_YES);
    assert_int_equal(dg_policy_list_level(&list, claims), DG_PACKAGE_LOW);

    /* Of another profile, not secured, of another chip, for another nonce. */
    static const char *const bad[] = {"ok_draft_2_0_0.cbor",
                                      "ok_profile_1.cbor",
                                      "policy_lifecycle_unknown.cbor",
                                      "policy_lifecycle_rot_provisioning.cbor",
                                      "policy_lifecycle_decommissioned.cbor",
                                      "bad_other_key.cbor",
                                      "bad_nonce.cbor",
                                      "bad_components_empty.cbor",
                                      "bad_payload_flip.cbor"};

    for (size_t i = 0; i < (sizeof(bad) / sizeof(bad[0])); i++) {
        judge_token(bad[i], all, &appraisal);
        print_message("%s: %s\n", bad[i], appraisal.reason);
        assert_int_equal(appraisal.result, DG_APPRAISAL_REJECTED);
        assert_int_equal(claims_of(&appraisal), 0);
    }
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy_measured__bad_lines__named),
        cmocka_unit_test(test_policy_measured__too_many__refused),
        cmocka_unit_test(test_policy_measured__quote__decided_by_the_policy),
        cmocka_unit_test(test_policy_measured__quote__bad_ones_state_nothing),
        cmocka_unit_test(test_policy_measured__unrestricted_key__not_taken_in),
        cmocka_unit_test(test_policy_measured__token__decided_by_the_policy),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
