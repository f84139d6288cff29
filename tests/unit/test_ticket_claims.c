/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/ticket_claims.h"
#include "cmocka_all.h"

#include <string.h>

#include "crypto_openssl.h"

/* From facts to the claims of a ticket: nothing is rounded up, and nobody's
 * good phone lends its name to another. */

static const struct dg_build_rule rules[] = {
    {DG_KIND_ANDROID_KEY, 150000U, 159999U, 20261005U, 0U, 0U, true, NULL},
    {DG_KIND_ANDROID_KEY,
     160000U,
     160000U,
     20261001U,
     20261001U,
     0U,
     true,
     NULL},
    {DG_KIND_ANDROID_KEY, 165000U, 165000U, 20261000U, 0U, 0U, true, NULL},
    {DG_KIND_ANDROID_KEY, 170000U, 170000U, 0U, 0U, 0U, false, NULL},
    {DG_KIND_TPM_QUOTE, 0U, 0U, 0U, 0U, 0U, true, NULL},
};
static const struct dg_app_identity apps[] = {
    {DG_KIND_ANDROID_KEY, "org.dosegate.domain", {{1U}}, 7U, true},
    {DG_KIND_ANDROID_KEY, "org.dosegate.trial", {{1U}}, 1U, false},
};
static const struct dg_platform_policy policy = {rules, 5U, apps, 2U};

static void state_fact(struct dg_appraisal *appraisal,
                       enum dg_fact fact,
                       enum dg_claim_value value)
{
    appraisal->fact[fact].value = value;
    appraisal->fact[fact].source = DG_SOURCE_HARDWARE;
}

/* A good phone, as Android describes it. */
static struct dg_appraisal good(enum dg_key_role role)
{
    struct dg_appraisal phone = {.kind = DG_KIND_ANDROID_KEY,
                                 .result = DG_APPRAISAL_ACCEPTED,
                                 .os_version = 160000U,
                                 .os_patch = 20261100U,
                                 .vendor_patch = 20261105U,
                                 .has_boot_key = true,
                                 .boot_key = {{9U}},
                                 .app_source = DG_SOURCE_SOFTWARE,
                                 .key_role = role};

    state_fact(&phone, DG_FACT_FRESH, DG_CLAIM_YES);
    state_fact(&phone, DG_FACT_BOOT_VERIFIED, DG_CLAIM_YES);
    state_fact(&phone, DG_FACT_BOOT_LOCKED, DG_CLAIM_YES);
    state_fact(&phone, DG_FACT_KEY_IN_HARDWARE, DG_CLAIM_YES);
    state_fact(&phone, DG_FACT_KEY_NEEDS_PERSON, DG_CLAIM_YES);
    state_fact(&phone, DG_FACT_APP_KNOWN, DG_CLAIM_YES);
    (void)strcpy(phone.app.name, "org.dosegate.domain");
    phone.app.version = 7U;
    phone.app.signers = 1U;
    phone.app.signer[0].byte[0] = 1U;
    return phone;
}

static enum dg_claim_value claim_of(const struct dg_appraisal *first,
                                    enum dg_claim claim)
{
    return dg_attestation_claim(dg_ticket_claims(first, NULL, &policy), claim);
}

/* @verifies{FDP_ATT.2@1} */
static void test_ticket_claims__good_phone__level_medium(void **state)
{
    const struct dg_appraisal first = good(DG_KEY_CONTROLLER);
    const struct dg_appraisal second = good(DG_KEY_PRESENCE);
    const uint32_t claims = dg_ticket_claims(&first, &second, &policy);

    (void)state;
    assert_true(dg_attestation_meets(claims, DG_PACKAGE_MEDIUM));
    assert_int_equal(dg_attestation_claim(claims, DG_CLAIM_PLATFORM),
                     DG_CLAIM_YES);
    assert_int_equal(dg_attestation_claim(claims, DG_CLAIM_QUALIFIED),
                     DG_CLAIM_YES);
    /* No kind of evidence says where the medical domain runs. */
    assert_int_equal(dg_attestation_claim(claims, DG_CLAIM_ISOLATED),
                     DG_CLAIM_NOT_STATED);
    assert_false(dg_attestation_meets(claims, DG_PACKAGE_HIGH));
}

static void test_ticket_claims__not_accepted__nothing_stated(void **state)
{
    struct dg_appraisal first = good(DG_KEY_CONTROLLER);

    (void)state;
    for (int result = 0; result < 5; result++) {
        first.result = (enum dg_appraisal_result)result;
        assert_int_equal(dg_ticket_claims(&first, NULL, &policy) != 0U,
                         result == DG_APPRAISAL_ACCEPTED);
    }
    assert_int_equal(dg_ticket_claims(NULL, NULL, &policy), 0U);
    assert_int_equal(dg_ticket_claims(&first, NULL, NULL), 0U);
}

/* @verifies{FDP_ATT.2@1} The attack: a sound phone's evidence for the keys of
 * a fallen one. */
static void test_ticket_claims__borrowed_phone__nothing_stated(void **state)
{
    struct dg_appraisal first = good(DG_KEY_CONTROLLER);
    struct dg_appraisal second = good(DG_KEY_PRESENCE);

    (void)state;
    for (int role = DG_KEY_NOT_STATED; role <= (int)DG_KEY_OTHER; role++) {
        first.key_role = (enum dg_key_role)role;
        assert_int_equal(dg_ticket_claims(&first, &second, &policy) != 0U,
                         role == DG_KEY_CONTROLLER);
    }
    first.key_role = DG_KEY_CONTROLLER;
    second.boot_key.byte[3] = 1U;
    assert_int_equal(
        dg_attestation_claim(dg_ticket_claims(&first, &second, &policy),
                             DG_CLAIM_PRESENCE_BOUND),
        DG_CLAIM_NOT_STATED);
    second = good(DG_KEY_OTHER);
    assert_int_equal(
        dg_attestation_claim(dg_ticket_claims(&first, &second, &policy),
                             DG_CLAIM_PRESENCE_BOUND),
        DG_CLAIM_NOT_STATED);
}

static void test_ticket_claims__second_denies__no_beats_yes(void **state)
{
    const struct dg_appraisal first = good(DG_KEY_CONTROLLER);
    struct dg_appraisal second = good(DG_KEY_PRESENCE);

    (void)state;
    state_fact(&second, DG_FACT_BOOT_LOCKED, DG_CLAIM_NO);
    state_fact(&second, DG_FACT_KEY_NEEDS_PERSON, DG_CLAIM_NO);
    const uint32_t claims = dg_ticket_claims(&first, &second, &policy);

    assert_int_equal(dg_attestation_claim(claims, DG_CLAIM_BOOT_LOCKED),
                     DG_CLAIM_NO);
    assert_int_equal(dg_attestation_claim(claims, DG_CLAIM_PRESENCE_BOUND),
                     DG_CLAIM_NO);
}

static void test_ticket_claims__builds__as_the_rows_say(void **state)
{
    static const struct {
        uint32_t os_version;
        uint32_t os_patch;
        uint32_t vendor_patch;
        enum dg_claim_value platform;
        enum dg_claim_value qualified;
    } cases[] = {
        {160000U, 20261001U, 20261001U, DG_CLAIM_YES, DG_CLAIM_YES},
        {160000U, 20260900U, 20261001U, DG_CLAIM_NO, DG_CLAIM_NOT_STATED},
        {160000U, 20261001U, 20260930U, DG_CLAIM_NO, DG_CLAIM_NOT_STATED},
        {160000U, 0U, 20261001U, DG_CLAIM_NOT_STATED, DG_CLAIM_NOT_STATED},
        /* A month alone says nothing of a day in it. */
        {165000U, 20261000U, 0U, DG_CLAIM_YES, DG_CLAIM_YES},
        {150000U, 20261000U, 0U, DG_CLAIM_NOT_STATED, DG_CLAIM_NOT_STATED},
        {150000U, 20261100U, 0U, DG_CLAIM_YES, DG_CLAIM_YES},
        {150000U, 20260900U, 0U, DG_CLAIM_NO, DG_CLAIM_NOT_STATED},
        {155000U, 20261005U, 0U, DG_CLAIM_YES, DG_CLAIM_YES},
        {170000U, 0U, 0U, DG_CLAIM_YES, DG_CLAIM_NO},
        {180000U,
         20270101U,
         20270101U,
         DG_CLAIM_NOT_STATED,
         DG_CLAIM_NOT_STATED},
        {0U, 20261001U, 20261001U, DG_CLAIM_NOT_STATED, DG_CLAIM_NOT_STATED},
    };

    (void)state;
    for (size_t i = 0; i < (sizeof(cases) / sizeof(cases[0])); i++) {
        struct dg_appraisal phone = good(DG_KEY_CONTROLLER);

        phone.os_version = cases[i].os_version;
        phone.os_patch = cases[i].os_patch;
        phone.vendor_patch = cases[i].vendor_patch;
        assert_int_equal(claim_of(&phone, DG_CLAIM_PLATFORM),
                         cases[i].platform);
        assert_int_equal(claim_of(&phone, DG_CLAIM_QUALIFIED),
                         cases[i].qualified);
    }
}

static void test_ticket_claims__machine__platform_by_measurement(void **state)
{
    struct dg_appraisal machine = {.kind = DG_KIND_TPM_QUOTE,
                                   .result = DG_APPRAISAL_ACCEPTED};

    (void)state;
    assert_int_equal(claim_of(&machine, DG_CLAIM_PLATFORM),
                     DG_CLAIM_NOT_STATED);
    state_fact(&machine, DG_FACT_MEASURED, DG_CLAIM_YES);
    assert_int_equal(claim_of(&machine, DG_CLAIM_PLATFORM), DG_CLAIM_YES);
}

/* What an unsound system says of its apps is worth nothing. */
static void test_ticket_claims__unsound_system__app_not_stated(void **state)
{
    struct dg_appraisal phone = good(DG_KEY_CONTROLLER);

    (void)state;
    assert_int_equal(claim_of(&phone, DG_CLAIM_APP), DG_CLAIM_YES);
    assert_int_equal(claim_of(&phone, DG_CLAIM_NOT_DEBUGGABLE), DG_CLAIM_YES);
    state_fact(&phone, DG_FACT_BOOT_VERIFIED, DG_CLAIM_NO);
    assert_int_equal(claim_of(&phone, DG_CLAIM_APP), DG_CLAIM_NOT_STATED);
    assert_int_equal(claim_of(&phone, DG_CLAIM_NOT_DEBUGGABLE),
                     DG_CLAIM_NOT_STATED);

    phone = good(DG_KEY_CONTROLLER);
    (void)strcpy(phone.app.name, "org.dosegate.trial");
    assert_int_equal(claim_of(&phone, DG_CLAIM_NOT_DEBUGGABLE), DG_CLAIM_NO);
    phone.app.signer[0].byte[0] = 2U;
    assert_int_equal(claim_of(&phone, DG_CLAIM_APP), DG_CLAIM_NO);
}

static void test_ticket_claims__challenge__binds_nonce_and_subject(void **state)
{
    struct dg_crypto crypto;
    struct dg_attest_nonce nonce = {{1U}};
    struct dg_hash subject = {{2U}};
    struct dg_hash first;
    struct dg_hash second;

    (void)state;
    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    assert_int_equal(dg_appraisal_challenge(&crypto, &nonce, &subject, &first),
                     DG_OK);
    nonce.byte[15] ^= 1U;
    assert_int_equal(dg_appraisal_challenge(&crypto, &nonce, &subject, &second),
                     DG_OK);
    assert_memory_not_equal(&first, &second, DG_HASH_SIZE);
    nonce.byte[15] ^= 1U;
    subject.byte[31] ^= 1U;
    assert_int_equal(dg_appraisal_challenge(&crypto, &nonce, &subject, &second),
                     DG_OK);
    assert_memory_not_equal(&first, &second, DG_HASH_SIZE);
    assert_int_equal(dg_appraisal_challenge(&crypto, &nonce, NULL, &second),
                     DG_E_USAGE);
    dg_crypto_openssl_free(&crypto);
}

static void test_ticket_claims__names__round_trip(void **state)
{
    (void)state;
    for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
        const enum dg_evidence_kind which = (enum dg_evidence_kind)kind;

        assert_int_equal(dg_evidence_kind_named(dg_evidence_kind_name(which)),
                         which);
    }
    assert_int_equal(dg_evidence_kind_named("none"), DG_KIND_NONE);
    assert_int_equal(dg_evidence_kind_named(NULL), DG_KIND_NONE);
    for (unsigned fact = 0U; fact < DG_FACTS; fact++) {
        assert_non_null(dg_fact_name((enum dg_fact)fact));
        assert_non_null(dg_fact_words((enum dg_fact)fact));
    }
    for (unsigned step = 0U; step < DG_STEPS; step++) {
        assert_string_not_equal(
            dg_appraisal_step_name((enum dg_appraisal_step)step), "?");
    }
    assert_string_equal(dg_fact_name((enum dg_fact)99), "?");
    assert_string_equal(dg_appraisal_result_name((enum dg_appraisal_result)9),
                        "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticket_claims__good_phone__level_medium),
        cmocka_unit_test(test_ticket_claims__not_accepted__nothing_stated),
        cmocka_unit_test(test_ticket_claims__borrowed_phone__nothing_stated),
        cmocka_unit_test(test_ticket_claims__second_denies__no_beats_yes),
        cmocka_unit_test(test_ticket_claims__builds__as_the_rows_say),
        cmocka_unit_test(test_ticket_claims__machine__platform_by_measurement),
        cmocka_unit_test(test_ticket_claims__unsound_system__app_not_stated),
        cmocka_unit_test(
            test_ticket_claims__challenge__binds_nonce_and_subject),
        cmocka_unit_test(test_ticket_claims__names__round_trip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
