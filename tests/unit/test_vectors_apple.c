/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/evidence.h"
#include "cmocka_all.h"
#include "vector_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto_openssl.h"

/* Apple App Attest: five attestations and assertions of real phones, and
 * changed copies that must be refused.  @verifies{FDP_ATT.5@1} */

static struct dg_crypto crypto;
static char *roots;

static int start(void **state)
{
    (void)state;
    roots = file_text(DG_ROOTS);
    return (dg_crypto_openssl_init(&crypto) == DG_OK) ? 0 : 1;
}

static int stop(void **state)
{
    (void)state;
    free(roots);
    dg_crypto_openssl_free(&crypto);
    return 0;
}

struct question {
    dg_buf object;
    dg_buf key_id;
    dg_buf client_data;
    const char *app_id;
    bool is_development;
    int64_t at_s;
    const struct dg_public_key *key;
    uint32_t counter;
};

static void judge(const struct question *question,
                  enum dg_evidence_kind kind,
                  struct dg_appraisal *appraisal)
{
    struct dg_anchors *anchors = signed_anchors(roots, NULL, question->at_s);
    const struct dg_app_identity app = {.kind = DG_KIND_APPLE_ATTESTATION,
                                        .name = question->app_id};
    const struct dg_appraisal_context context = {
        .crypto = &crypto,
        .at_s = question->at_s,
        .challenge = {question->client_data.at, question->client_data.capacity},
        .anchors = anchors,
        .app = &app,
        .apps = 1U,
        .apple = {.key_id = {question->key_id.at, question->key_id.capacity},
                  .is_development = question->is_development,
                  .key = question->key,
                  .counter = question->counter}};
    const dg_span object = {question->object.at, question->object.capacity};

    assert_int_equal(dg_evidence_detect(object), kind);
    assert_int_equal(dg_appraise(&context, kind, object, appraisal), DG_OK);
    dg_anchors_free(anchors);
}

static struct question ask(const json_t *one, const char *app_id)
{
    return (struct question){.object = vector_hex(one, "object"),
                             .key_id = vector_hex(one, "key_id"),
                             .client_data = vector_hex(one, "client_data"),
                             .app_id = app_id,
                             .is_development = true};
}

static void forget(struct question *question)
{
    free(question->object.at);
    free(question->key_id.at);
    free(question->client_data.at);
}

static void expect(const struct question *question,
                   enum dg_evidence_kind kind,
                   enum dg_appraisal_result result,
                   struct dg_appraisal *appraisal)
{
    judge(question, kind, appraisal);
    if (appraisal->result != result) {
        fail_msg("%s at %s: %s",
                 dg_appraisal_result_name(appraisal->result),
                 dg_appraisal_step_name(appraisal->failed),
                 appraisal->reason);
    }
}

static void check_phone(const char *name)
{
    char path[64];
    struct dg_appraisal attested;
    struct dg_appraisal asserted;
    unsigned version[3] = {0U, 0U, 0U};

    (void)snprintf(path, sizeof(path), "apple/%s.json", name);
    json_t *all = vector_json(path);
    const char *app_id = vector_text(all, "app_id");
    const json_t *expected = json_object_get(all, "expected");
    struct question first = ask(json_object_get(all, "attestation"), app_id);

    first.at_s = vector_time(all, "evaluate_at");
    expect(&first, DG_KIND_APPLE_ATTESTATION, DG_APPRAISAL_ACCEPTED, &attested);
    assert_true(attested.has_key);
    assert_int_equal(attested.fact[DG_FACT_FRESH].value, DG_CLAIM_YES);
    assert_int_equal(attested.fact[DG_FACT_APP_KNOWN].value, DG_CLAIM_YES);
    assert_int_equal(attested.fact[DG_FACT_PRODUCTION].value, DG_CLAIM_NO);
    assert_int_equal(attested.fact[DG_FACT_NOT_DEBUGGABLE].value, DG_CLAIM_NO);
    /* Apple says nothing of these, and so do we. */
    assert_int_equal(attested.fact[DG_FACT_BOOT_VERIFIED].value,
                     DG_CLAIM_NOT_STATED);
    assert_int_equal(attested.fact[DG_FACT_BOOT_LOCKED].value,
                     DG_CLAIM_NOT_STATED);
    assert_int_equal(attested.fact[DG_FACT_KEY_NEEDS_PERSON].value,
                     DG_CLAIM_NOT_STATED);
    if (sscanf(vector_text(expected, "os_version"),
               "%u.%u.%u",
               &version[0],
               &version[1],
               &version[2]) >= 1) {
        assert_int_equal(attested.os_version,
                         (version[0] * 10000U) + (version[1] * 100U) +
                             version[2]);
    }
    dg_buf point = vector_hex(expected, "public_key");

    assert_memory_equal(attested.key.x, &point.at[1], 32);
    assert_memory_equal(attested.key.y, &point.at[33], 32);

    const json_t *assertion = json_object_get(all, "assertion");
    struct question second = ask(assertion, app_id);

    second.at_s = vector_time(assertion, "evaluate_at");
    second.key = &attested.key;
    expect(&second, DG_KIND_APPLE_ASSERTION, DG_APPRAISAL_ACCEPTED, &asserted);
    assert_int_equal(asserted.counter, 1);
    second.counter = 1U; /* replayed */
    expect(&second, DG_KIND_APPLE_ASSERTION, DG_APPRAISAL_REJECTED, &asserted);
    assert_int_equal(asserted.failed, DG_STEP_COUNTER);
    forget(&first);
    forget(&second);
    free(point.at);
    json_decref(all);
}

static void test_vectors_apple__real_phones__accepted(void **state)
{
    static const char *const names[] = {"ios-14.2",
                                        "ios-14.3-beta-2",
                                        "ios-14.3-beta-3",
                                        "ios-14.4",
                                        "ios-14.4-beta-1"};

    (void)state;
    if (!vectors_are_there("apple")) {
        skip();
    }
    for (size_t i = 0; i < 5U; i++) {
        check_phone(names[i]);
    }
}

/* The vectors give the hash of the client data; the context takes the data, so
 * a case is asked with data of that hash or of another. */
static dg_buf client_data_of(const json_t *one, const json_t *base)
{
    const json_t *attestation = json_object_get(base, "attestation");

    if (strcmp(vector_text(one, "client_data"), "") != 0) {
        return vector_hex(one, "client_data");
    }
    return (strcmp(vector_text(one, "client_data_hash"),
                   vector_text(attestation, "client_data_hash")) == 0)
               ? vector_hex(attestation, "client_data")
               : hex_bytes("00");
}

static void check_bad(const json_t *one, const json_t *base)
{
    struct dg_appraisal appraisal;
    const bool is_attestation =
        strcmp(vector_text(one, "kind"), "attestation") == 0;
    struct question question = ask(one, vector_text(one, "app_id"));
    dg_buf point = vector_hex(json_object_get(base, "expected"), "public_key");
    struct dg_public_key key;

    free(question.client_data.at);
    question.client_data = client_data_of(one, base);
    question.is_development =
        strcmp(vector_text(one, "environment"), "production") != 0;
    question.at_s = vector_time(is_attestation ? one : base, "evaluate_at");
    (void)memcpy(key.x, &point.at[1], 32U);
    (void)memcpy(key.y, &point.at[33], 32U);
    free(point.at);
    if (strcmp(vector_text(one, "public_key"), "") != 0) {
        point = vector_hex(one, "public_key");
        (void)memcpy(key.x, &point.at[1], 32U);
        (void)memcpy(key.y, &point.at[33], 32U);
        free(point.at);
    }
    question.key = &key;
    question.counter =
        (uint32_t)json_integer_value(json_object_get(one, "previous_counter"));
    judge(&question,
          is_attestation ? DG_KIND_APPLE_ATTESTATION : DG_KIND_APPLE_ASSERTION,
          &appraisal);
    print_message("%s (%s): %s: %s\n",
                  vector_text(one, "id"),
                  vector_text(one, "reason"),
                  dg_appraisal_step_name(appraisal.failed),
                  appraisal.reason);
    assert_int_equal(appraisal.result, DG_APPRAISAL_REJECTED);
    forget(&question);
}

static void test_vectors_apple__changed_copies__refused(void **state)
{
    size_t i = 0U;
    const json_t *one = NULL;

    (void)state;
    if (!vectors_are_there("apple")) {
        skip();
    }
    json_t *all = vector_json("apple/negative.json");
    json_t *base = vector_json("apple/ios-14.4.json");

    json_array_foreach(json_object_get(all, "cases"), i, one)
    {
        check_bad(one, base);
    }
    assert_true(i > 10U);
    json_decref(base);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_apple__real_phones__accepted),
        cmocka_unit_test(test_vectors_apple__changed_copies__refused),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
