/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/evidence.h"
#include "cmocka_all.h"

#include <string.h>

#include "attest/sample.h"
#include "attest/ticket_claims.h"
#include "crypto_openssl.h"

/* Evidence of every kind, made here: what holds is accepted, what is changed,
 * shortened, old or for somebody else is not, and what we lack makes nobody
 * good.  @verifies{FDP_ATT.5@1} */

static struct dg_crypto crypto;
static struct dg_sample samples[DG_KINDS];

static int start(void **state)
{
    (void)state;
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return 1;
    }
    for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
        if (!dg_sample_make(
                (enum dg_evidence_kind)kind, NULL, &samples[kind])) {
            return 1;
        }
    }
    return 0;
}

static int stop(void **state)
{
    (void)state;
    for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
        dg_sample_free(&samples[kind]);
    }
    dg_crypto_openssl_free(&crypto);
    return 0;
}

static enum dg_appraisal_result judge(
    const struct dg_appraisal_context *context,
    const struct dg_sample *sample,
    dg_span evidence,
    struct dg_appraisal *appraisal)
{
    assert_int_equal(dg_appraise(context, sample->kind, evidence, appraisal),
                     DG_OK);
    /* Whoever reads only one of the two is told the same. */
    assert_int_equal(appraisal->result == DG_APPRAISAL_ACCEPTED,
                     appraisal->failed == DG_STEP_NONE);
    assert_int_equal(appraisal->result == DG_APPRAISAL_ACCEPTED,
                     appraisal->reason[0] == '\0');
    return appraisal->result;
}

static void test_evidence__every_kind__accepted(void **state)
{
    (void)state;
    for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
        const struct dg_sample *sample = &samples[kind];
        const struct dg_appraisal_context context =
            dg_sample_context(sample, &crypto);
        struct dg_appraisal appraisal;

        assert_int_equal(dg_evidence_detect(sample->evidence), kind);
        if (judge(&context, sample, sample->evidence, &appraisal) !=
            DG_APPRAISAL_ACCEPTED) {
            fail_msg("%s: %s",
                     dg_evidence_kind_name(sample->kind),
                     appraisal.reason);
        }
        assert_int_equal(appraisal.fact[DG_FACT_FRESH].value, DG_CLAIM_YES);
        assert_true(appraisal.signatures >= 1U);
    }
}

/* Whatever is taken out of the context, nothing is accepted. */
static void test_evidence__lacking__undecided(void **state)
{
    (void)state;
    for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
        const struct dg_sample *sample = &samples[kind];
        const struct dg_appraisal_context whole =
            dg_sample_context(sample, &crypto);
        struct dg_appraisal_context context = whole;
        struct dg_appraisal appraisal;

        context.challenge = (dg_span){NULL, 0U};
        assert_int_equal(judge(&context, sample, sample->evidence, &appraisal),
                         DG_APPRAISAL_UNDECIDED);
        assert_int_equal(appraisal.fact[DG_FACT_FRESH].value,
                         DG_CLAIM_NOT_STATED);
        context = whole;
        context.anchors = NULL;
        context.apple.key = NULL;
        context.tpm.key = (dg_span){NULL, 0U};
        context.psa.key = (dg_span){NULL, 0U};
        assert_int_equal(judge(&context, sample, sample->evidence, &appraisal),
                         DG_APPRAISAL_UNDECIDED);
    }
    struct dg_appraisal_context context =
        dg_sample_context(&samples[DG_KIND_TPM_QUOTE], &crypto);
    struct dg_appraisal appraisal;

    context.tpm.banks = 0U;
    assert_int_equal(judge(&context,
                           &samples[DG_KIND_TPM_QUOTE],
                           samples[DG_KIND_TPM_QUOTE].evidence,
                           &appraisal),
                     DG_APPRAISAL_UNDECIDED);
    context = dg_sample_context(&samples[DG_KIND_APPLE_ATTESTATION], &crypto);
    context.apps = 0U;
    assert_int_equal(judge(&context,
                           &samples[DG_KIND_APPLE_ATTESTATION],
                           samples[DG_KIND_APPLE_ATTESTATION].evidence,
                           &appraisal),
                     DG_APPRAISAL_UNDECIDED);
}

static void test_evidence__other_challenge__rejected(void **state)
{
    (void)state;
    for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
        const struct dg_sample *sample = &samples[kind];
        struct dg_appraisal_context context =
            dg_sample_context(sample, &crypto);
        struct dg_hash other = sample->challenge;
        struct dg_appraisal appraisal;

        other.byte[31] ^= 1U;
        context.challenge = DG_SPAN_OF(other.byte);
        assert_int_equal(judge(&context, sample, sample->evidence, &appraisal),
                         DG_APPRAISAL_REJECTED);
    }
}

/* The bytes that something signs: of a chain all but its last certificate,
 * whose name and key are the anchor's and whose rest nobody needs. */
static size_t signed_size(const struct dg_sample *sample)
{
    return (sample->kind == DG_KIND_ANDROID_KEY) ? sample->evidence.size - 600U
                                                 : sample->evidence.size;
}

static void test_evidence__one_bit_changed__never_accepted(void **state)
{
    (void)state;
    for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
        const struct dg_sample *sample = &samples[kind];
        const struct dg_appraisal_context context =
            dg_sample_context(sample, &crypto);
        const size_t stride = (sample->evidence.size > 1000U) ? 7U : 1U;
        uint8_t bytes[DG_SAMPLE_SIZE];

        (void)memcpy(bytes, sample->evidence.at, sample->evidence.size);
        for (size_t at = 0; at < signed_size(sample); at += stride) {
            struct dg_appraisal appraisal;

            bytes[at] ^= (uint8_t)(1U << (at % 8U));
            if (judge(&context,
                      sample,
                      (dg_span){bytes, sample->evidence.size},
                      &appraisal) == DG_APPRAISAL_ACCEPTED) {
                fail_msg(
                    "%s: byte %zu", dg_evidence_kind_name(sample->kind), at);
            }
            bytes[at] ^= (uint8_t)(1U << (at % 8U));
        }
    }
}

static void test_evidence__shortened_or_longer__never_accepted(void **state)
{
    (void)state;
    for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
        const struct dg_sample *sample = &samples[kind];
        const struct dg_appraisal_context context =
            dg_sample_context(sample, &crypto);
        const size_t stride = (sample->evidence.size > 1000U) ? 7U : 1U;
        uint8_t bytes[DG_SAMPLE_SIZE + 1U] = {0U};
        struct dg_appraisal appraisal;

        (void)memcpy(bytes, sample->evidence.at, sample->evidence.size);
        for (size_t size = 0; size < sample->evidence.size; size += stride) {
            assert_int_not_equal(
                judge(&context, sample, (dg_span){bytes, size}, &appraisal),
                DG_APPRAISAL_ACCEPTED);
        }
        assert_int_equal(judge(&context,
                               sample,
                               (dg_span){bytes, sample->evidence.size + 1U},
                               &appraisal),
                         DG_APPRAISAL_REJECTED);
    }
}

/* One kind read as another. */
static void test_evidence__wrong_kind__rejected(void **state)
{
    (void)state;
    for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
        for (unsigned other = 1U; other < DG_KINDS; other++) {
            const struct dg_appraisal_context context =
                dg_sample_context(&samples[other], &crypto);
            struct dg_appraisal appraisal;

            if (kind == other) {
                continue;
            }
            assert_int_equal(judge(&context,
                                   &samples[other],
                                   samples[kind].evidence,
                                   &appraisal),
                             DG_APPRAISAL_REJECTED);
        }
    }
}

static void test_evidence__time__edges(void **state)
{
    static const enum dg_evidence_kind kinds[] = {DG_KIND_ANDROID_KEY,
                                                  DG_KIND_APPLE_ATTESTATION};

    (void)state;
    for (size_t i = 0; i < 2U; i++) {
        const struct dg_sample *sample = &samples[kinds[i]];
        struct dg_appraisal_context context =
            dg_sample_context(sample, &crypto);
        struct dg_appraisal appraisal;

        context.at_s = sample->at_s - 86401;
        assert_int_equal(judge(&context, sample, sample->evidence, &appraisal),
                         DG_APPRAISAL_REJECTED);
        assert_int_equal(appraisal.failed, DG_STEP_TIME);
        context.at_s = sample->at_s + (30 * 86400);
        assert_int_not_equal(
            judge(&context, sample, sample->evidence, &appraisal),
            DG_APPRAISAL_ACCEPTED);
        /* Apple's anchors ended before, and nothing more is asked. */
        assert_int_equal(appraisal.failed,
                         (i == 0U) ? DG_STEP_TIME : DG_STEP_ROOT);
    }
    /* The list is older than the evidence: nothing is decided on it. */
    struct dg_appraisal_context context =
        dg_sample_context(&samples[DG_KIND_APPLE_ATTESTATION], &crypto);
    struct dg_appraisal appraisal;

    context.at_s += 86401;
    assert_int_equal(judge(&context,
                           &samples[DG_KIND_APPLE_ATTESTATION],
                           samples[DG_KIND_APPLE_ATTESTATION].evidence,
                           &appraisal),
                     DG_APPRAISAL_UNDECIDED);
    assert_int_equal(appraisal.failed, DG_STEP_ROOT);
    context = dg_sample_context(&samples[DG_KIND_ANDROID_KEY], &crypto);

    context.at_s += 2 * 86400;
    assert_int_equal(judge(&context,
                           &samples[DG_KIND_ANDROID_KEY],
                           samples[DG_KIND_ANDROID_KEY].evidence,
                           &appraisal),
                     DG_APPRAISAL_UNDECIDED);
    assert_int_equal(appraisal.failed, DG_STEP_REVOCATION);
}

static void test_evidence__assertion__counter_must_rise(void **state)
{
    const struct dg_sample *sample = &samples[DG_KIND_APPLE_ASSERTION];
    struct dg_appraisal_context context = dg_sample_context(sample, &crypto);
    struct dg_appraisal appraisal;

    (void)state;
    context.apple.counter = 1U;
    assert_int_equal(judge(&context, sample, sample->evidence, &appraisal),
                     DG_APPRAISAL_REJECTED);
    assert_int_equal(appraisal.failed, DG_STEP_COUNTER);
    context.apple.counter = UINT32_MAX;
    assert_int_equal(judge(&context, sample, sample->evidence, &appraisal),
                     DG_APPRAISAL_REJECTED);
}

static void test_evidence__measurements__equal_or_rejected(void **state)
{
    const struct dg_sample *quote = &samples[DG_KIND_TPM_QUOTE];
    const struct dg_sample *token = &samples[DG_KIND_PSA_TOKEN];
    struct dg_appraisal_context context = dg_sample_context(quote, &crypto);
    struct dg_pcr_bank bank = quote->bank;
    struct dg_appraisal appraisal;

    (void)state;
    (void)judge(&context, quote, quote->evidence, &appraisal);
    assert_int_equal(appraisal.fact[DG_FACT_MEASURED].value, DG_CLAIM_YES);
    assert_int_equal(appraisal.fact[DG_FACT_BOOT_VERIFIED].value, DG_CLAIM_YES);
    context.tpm.bank = &bank;
    bank.value[4] = bank.value[0];
    assert_int_equal(judge(&context, quote, quote->evidence, &appraisal),
                     DG_APPRAISAL_REJECTED);
    assert_int_equal(appraisal.failed, DG_STEP_MEASUREMENT);

    struct dg_psa_component component = {DG_SPAN_OF(token->values[1]),
                                         DG_SPAN_OF(token->values[0])};

    context = dg_sample_context(token, &crypto);
    context.psa.component = &component;
    context.psa.components = 1U;
    assert_int_equal(judge(&context, token, token->evidence, &appraisal),
                     DG_APPRAISAL_ACCEPTED);
    assert_int_equal(appraisal.fact[DG_FACT_BOOT_VERIFIED].value, DG_CLAIM_YES);
    component.measurement = DG_SPAN_OF(token->values[2]);
    assert_int_equal(judge(&context, token, token->evidence, &appraisal),
                     DG_APPRAISAL_REJECTED);
    context.psa.components = 0U;
    context.psa.instance = DG_SPAN_OF(token->values[2]);
    assert_int_equal(judge(&context, token, token->evidence, &appraisal),
                     DG_APPRAISAL_REJECTED);
    assert_int_equal(appraisal.failed, DG_STEP_KEY);
}

/* From a phone's evidence to the level of its ticket, and the attack: the same
 * evidence for somebody else's key.  @verifies{FDP_ATT.2@1} */
static void test_evidence__to_claims__of_this_key_alone(void **state)
{
    static const struct dg_build_rule rule = {
        DG_KIND_ANDROID_KEY, 160000U, 160000U, 20261100U, 0U, 0U, true, NULL};
    const struct dg_sample *sample = &samples[DG_KIND_ANDROID_KEY];
    const struct dg_platform_policy policy = {&rule, 1U, &sample->app, 1U};
    struct dg_appraisal_context context = dg_sample_context(sample, &crypto);
    struct dg_public_key other = sample->key;
    struct dg_appraisal appraisal;

    (void)state;
    (void)judge(&context, sample, sample->evidence, &appraisal);
    assert_int_equal(appraisal.key_role, DG_KEY_CONTROLLER);
    uint32_t claims = dg_ticket_claims(&appraisal, NULL, &policy);

    assert_true(dg_attestation_meets(claims, DG_PACKAGE_LOW));
    assert_int_equal(dg_attestation_claim(claims, DG_CLAIM_KEY_IN_HARDWARE),
                     DG_CLAIM_YES);
    assert_int_equal(dg_attestation_claim(claims, DG_CLAIM_PLATFORM),
                     DG_CLAIM_YES);
    other.x[0] ^= 1U;
    context.controller = &other;
    (void)judge(&context, sample, sample->evidence, &appraisal);
    assert_int_equal(appraisal.result, DG_APPRAISAL_ACCEPTED);
    assert_int_equal(appraisal.key_role, DG_KEY_OTHER);
    claims = dg_ticket_claims(&appraisal, NULL, &policy);
    assert_int_equal(claims, 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evidence__every_kind__accepted),
        cmocka_unit_test(test_evidence__lacking__undecided),
        cmocka_unit_test(test_evidence__other_challenge__rejected),
        cmocka_unit_test(test_evidence__one_bit_changed__never_accepted),
        cmocka_unit_test(test_evidence__shortened_or_longer__never_accepted),
        cmocka_unit_test(test_evidence__wrong_kind__rejected),
        cmocka_unit_test(test_evidence__time__edges),
        cmocka_unit_test(test_evidence__assertion__counter_must_rise),
        cmocka_unit_test(test_evidence__measurements__equal_or_rejected),
        cmocka_unit_test(test_evidence__to_claims__of_this_key_alone),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
