/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memmem() */
#include "attest/evidence.h"
#include "cmocka_all.h"

#include <string.h>

#include "attest/certificate.h"
#include "attest/der.h"
#include "attest/sample.h"
#include "crypto_openssl.h"

/* Evidence that wants to be expensive, endless or misread.
 * @verifies{FDP_ATT.5@1} */

static struct dg_crypto crypto;
static struct dg_sample sample;
static uint8_t big[DG_EVIDENCE_SIZE_MAX + 1U];

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

static int forget(void **state)
{
    (void)state;
    dg_sample_free(&sample);
    return 0;
}

static void judge(enum dg_evidence_kind kind,
                  dg_span evidence,
                  struct dg_appraisal *appraisal)
{
    const struct dg_appraisal_context context =
        dg_sample_context(&sample, &crypto);

    assert_int_equal(dg_appraise(&context, kind, evidence, appraisal), DG_OK);
}

static void judge_android(const struct dg_sample_wish *wish,
                          struct dg_appraisal *appraisal)
{
    dg_sample_free(&sample);
    assert_true(dg_sample_make(DG_KIND_ANDROID_KEY, wish, &sample));
    judge(DG_KIND_ANDROID_KEY, sample.evidence, appraisal);
}

static void test_evidence_hostile__android__what_is_different_shows(
    void **state)
{
    static const struct {
        struct dg_sample_wish wish;
        enum dg_appraisal_result result;
        enum dg_appraisal_step failed;
    } cases[] = {
        {{.is_unlocked = true}, DG_APPRAISAL_ACCEPTED, DG_STEP_NONE},
        {{.is_software = true}, DG_APPRAISAL_ACCEPTED, DG_STEP_NONE},
        {{.is_imported = true}, DG_APPRAISAL_ACCEPTED, DG_STEP_NONE},
        {{.needs_nobody = true}, DG_APPRAISAL_ACCEPTED, DG_STEP_NONE},
        {{.uses_p384_leaf = true}, DG_APPRAISAL_ACCEPTED, DG_STEP_NONE},
        {{.extra_tag = 725U}, DG_APPRAISAL_UNSUPPORTED, DG_STEP_STATEMENT},
        {{.extra_tag = 706U}, DG_APPRAISAL_REJECTED, DG_STEP_STATEMENT},
        {{.has_critical = true}, DG_APPRAISAL_REJECTED, DG_STEP_FORM},
        {{.is_other_signature = true},
         DG_APPRAISAL_REJECTED,
         DG_STEP_SIGNATURE},
        {{.certificates = 1U}, DG_APPRAISAL_REJECTED, DG_STEP_CHAIN},
        {{.certificates = 50U}, DG_APPRAISAL_REJECTED, DG_STEP_CHAIN},
        {{.is_extended = true}, DG_APPRAISAL_REJECTED, DG_STEP_STATEMENT},
        {{.is_revoked = true}, DG_APPRAISAL_REJECTED, DG_STEP_REVOCATION},
    };
    struct dg_appraisal seen[13];

    (void)state;
    for (size_t i = 0; i < 13U; i++) {
        judge_android(&cases[i].wish, &seen[i]);
        assert_int_equal(seen[i].result, cases[i].result);
        assert_int_equal(seen[i].failed, cases[i].failed);
    }
    assert_int_equal(seen[0].fact[DG_FACT_BOOT_LOCKED].value, DG_CLAIM_NO);
    assert_int_equal(seen[0].fact[DG_FACT_BOOT_VERIFIED].value, DG_CLAIM_NO);
    assert_int_equal(seen[1].fact[DG_FACT_BOOT_VERIFIED].value,
                     DG_CLAIM_NOT_STATED);
    assert_int_equal(seen[1].fact[DG_FACT_KEY_IN_HARDWARE].value, DG_CLAIM_NO);
    assert_int_equal(seen[1].os_version, 0U);
    assert_int_equal(seen[2].fact[DG_FACT_KEY_IN_HARDWARE].value, DG_CLAIM_NO);
    assert_int_equal(seen[3].fact[DG_FACT_KEY_NEEDS_PERSON].value, DG_CLAIM_NO);
    assert_false(seen[4].has_key);
    /* Nothing was verified for a chain that is too long. */
    assert_int_equal(seen[10].signatures, 0U);
}

/* An unrestricted key, one that leaves its TPM, one that decrypts; a structure
 * that a TPM did not make; chips that are not in use; other algorithms. */
static void test_evidence_hostile__chips__as_they_should_not_be(void **state)
{
    static const struct {
        enum dg_evidence_kind kind;
        struct dg_sample_wish wish;
        enum dg_appraisal_result result;
        enum dg_appraisal_step failed;
    } cases[] = {
        {DG_KIND_TPM_QUOTE,
         {.attributes = 0x00040072U},
         DG_APPRAISAL_REJECTED,
         DG_STEP_KEY},
        {DG_KIND_TPM_QUOTE,
         {.attributes = 0x00050070U},
         DG_APPRAISAL_REJECTED,
         DG_STEP_KEY},
        {DG_KIND_TPM_QUOTE,
         {.attributes = 0x00070072U},
         DG_APPRAISAL_REJECTED,
         DG_STEP_KEY},
        {DG_KIND_TPM_QUOTE,
         {.attributes = 0x00010072U},
         DG_APPRAISAL_REJECTED,
         DG_STEP_KEY},
        {DG_KIND_TPM_QUOTE,
         {.magic = 0xff544348U},
         DG_APPRAISAL_REJECTED,
         DG_STEP_STATEMENT},
        {DG_KIND_PSA_TOKEN,
         {.lifecycle = 0x30ffU},
         DG_APPRAISAL_ACCEPTED,
         DG_STEP_NONE},
        {DG_KIND_PSA_TOKEN,
         {.lifecycle = 0x2000U},
         DG_APPRAISAL_REJECTED,
         DG_STEP_LIFECYCLE},
        {DG_KIND_PSA_TOKEN,
         {.lifecycle = 0x5000U},
         DG_APPRAISAL_REJECTED,
         DG_STEP_LIFECYCLE},
        {DG_KIND_PSA_TOKEN,
         {.lifecycle = 0x7000U},
         DG_APPRAISAL_REJECTED,
         DG_STEP_STATEMENT},
        {DG_KIND_PSA_TOKEN,
         {.algorithm = -8},
         DG_APPRAISAL_UNSUPPORTED,
         DG_STEP_ALGORITHM},
        {DG_KIND_PSA_TOKEN,
         {.algorithm = -37},
         DG_APPRAISAL_UNSUPPORTED,
         DG_STEP_ALGORITHM},
        {DG_KIND_PSA_TOKEN,
         {.algorithm = 5, .is_mac = true},
         DG_APPRAISAL_UNSUPPORTED,
         DG_STEP_ALGORITHM},
        {DG_KIND_PSA_TOKEN,
         {.is_mac = true},
         DG_APPRAISAL_REJECTED,
         DG_STEP_FORM},
    };

    (void)state;
    for (size_t i = 0; i < (sizeof(cases) / sizeof(cases[0])); i++) {
        struct dg_appraisal appraisal;

        assert_true(dg_sample_make(cases[i].kind, &cases[i].wish, &sample));
        judge(cases[i].kind, sample.evidence, &appraisal);
        if ((appraisal.result != cases[i].result) ||
            (appraisal.failed != cases[i].failed)) {
            fail_msg("case %zu: %s: %s",
                     i,
                     dg_appraisal_result_name(appraisal.result),
                     appraisal.reason);
        }
    }
}

static void test_evidence_hostile__too_large__refused_unread(void **state)
{
    (void)state;
    assert_true(dg_sample_make(DG_KIND_ANDROID_KEY, NULL, &sample));
    for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
        struct dg_appraisal appraisal;

        judge((enum dg_evidence_kind)kind, DG_SPAN_OF(big), &appraisal);
        assert_int_equal(appraisal.result, DG_APPRAISAL_REJECTED);
        assert_int_equal(appraisal.failed, DG_STEP_FORM);
        judge((enum dg_evidence_kind)kind, (dg_span){big, 0U}, &appraisal);
        assert_int_equal(appraisal.result, DG_APPRAISAL_REJECTED);
    }
}

/* Each filled to the brim with one byte, and with a head in front that
 * promises more than there is, or nests without end. */
static void test_evidence_hostile__bombs__rejected(void **state)
{
    static const struct {
        const char *head;
        size_t size;
        uint8_t filler;
    } bombs[] = {
        {"\x30\x84\xff\xff\xff\xff", 6U, 0x30U}, /* 4 GiB of DER */
        {"\x30\x80", 2U, 0x30U},                 /* indefinite */
        {"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10U, 0U},
        {"\x30\x83\x00\xff\xf0", 5U, 0x30U},                 /* a longer form */
        {"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9U, 0x81U}, /* 2^64 items */
        {"\xbb\x7f\xff\xff\xff\xff\xff\xff\xff", 9U, 0xa1U},
        {"\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 9U, 0U},
        {"\xd2\x84\x43\xa1\x01\x26\xa0\x59\xff\xf0", 10U, 0x81U},
        {"\xd2\x84\x43\xa1\x01\x26\xbf", 7U, 0x81U}, /* indefinite map */
        {"\xa3\x63"
         "fmt"
         "\x6f"
         "apple-appattest"
         "\x67"
         "attStmt"
         "\xa2\x63"
         "x5c"
         "\x9a\x00\x00\xff\x00",
         39U,
         0x40U},
        {"\xff\xff\xff"
         "TCG"
         "\x80\x18\xff\xff",
         10U,
         0xffU},
        {"-----BEGIN CERTIFICATE-----\n", 28U, 'A'},
        {"-----BEGIN CERTIFICATE-----\n", 28U, '\n'},
        {"-----BEGIN ", 11U, '-'},
    };

    (void)state;
    assert_true(dg_sample_make(DG_KIND_ANDROID_KEY, NULL, &sample));
    for (size_t i = 0; i < (sizeof(bombs) / sizeof(bombs[0])); i++) {
        (void)memset(big, bombs[i].filler, sizeof(big));
        (void)memcpy(big, bombs[i].head, bombs[i].size);
        for (unsigned kind = 1U; kind < DG_KINDS; kind++) {
            struct dg_appraisal appraisal;

            judge((enum dg_evidence_kind)kind,
                  (dg_span){big, DG_EVIDENCE_SIZE_MAX},
                  &appraisal);
            assert_int_not_equal(appraisal.result, DG_APPRAISAL_ACCEPTED);
            assert_int_equal(appraisal.signatures, 0U);
        }
    }
    (void)memset(big, 0, sizeof(big));
}

static size_t put(size_t used, dg_span bytes)
{
    assert_true(bytes.size <= (sizeof(big) - used));
    (void)memcpy(&big[used], bytes.at, bytes.size);
    return used + bytes.size;
}

/* Each certificate is sound, and the last ones are those of a sound phone: no
 * signature is checked before they are counted. */
static void test_evidence_hostile__fifty_certificates__refused_unchecked(
    void **state)
{
    static const uint8_t list[] = {0x63U, 'x', '5', 'c'};
    struct dg_certificate certificate;
    struct dg_appraisal appraisal;
    size_t used = 0U;

    (void)state;
    assert_true(dg_sample_make(DG_KIND_ANDROID_KEY, NULL, &sample));

    dg_span rest = sample.evidence;

    assert_true(dg_certificate_read(&rest, &certificate));

    const dg_span leaf = {sample.evidence.at,
                          (size_t)(rest.at - sample.evidence.at)};

    for (unsigned i = 0; i < 46U; i++) {
        used = put(used, leaf);
    }
    used = put(used, sample.evidence);
    judge(DG_KIND_ANDROID_KEY, (dg_span){big, used}, &appraisal);
    assert_int_equal(appraisal.result, DG_APPRAISAL_REJECTED);
    assert_int_equal(appraisal.failed, DG_STEP_CHAIN);
    assert_int_equal(appraisal.signatures, 0U);
    assert_non_null(strstr(appraisal.reason, "more than 8 cert"));

    /* The same inside of Apple's object: x5c is an array of two. */
    dg_sample_free(&sample);
    assert_true(dg_sample_make(DG_KIND_APPLE_ATTESTATION, NULL, &sample));

    const uint8_t *at =
        memmem(sample.evidence.at, sample.evidence.size, list, sizeof(list));

    assert_non_null(at);
    at += sizeof(list);
    assert_int_equal(at[0], 0x82U);
    assert_int_equal(at[1], 0x59U);

    const size_t size = 3U + (((size_t)at[2] << 8) | at[3]);

    used = put(
        0U, (dg_span){sample.evidence.at, (size_t)(at - sample.evidence.at)});
    used = put(used, (dg_span){(const uint8_t *)"\x98\x32", 2U});
    for (unsigned i = 0; i < 48U; i++) {
        used = put(used, (dg_span){&at[1], size});
    }
    used = put(used,
               (dg_span){&at[1],
                         (size_t)(&sample.evidence.at[sample.evidence.size] -
                                  &at[1])});
    judge(DG_KIND_APPLE_ATTESTATION, (dg_span){big, used}, &appraisal);
    print_message("%s\n", appraisal.reason);
    assert_int_equal(appraisal.result, DG_APPRAISAL_REJECTED);
    assert_int_equal(appraisal.signatures, 0U);
    (void)memset(big, 0, sizeof(big));
}

static void test_evidence_hostile__usage__told(void **state)
{
    struct dg_appraisal appraisal;
    struct dg_appraisal_context context;

    (void)state;
    assert_true(dg_sample_make(DG_KIND_PSA_TOKEN, NULL, &sample));
    context = dg_sample_context(&sample, &crypto);
    assert_int_equal(
        dg_appraise(NULL, DG_KIND_PSA_TOKEN, sample.evidence, &appraisal),
        DG_E_USAGE);
    assert_int_equal(
        dg_appraise(&context, DG_KIND_PSA_TOKEN, sample.evidence, NULL),
        DG_E_USAGE);
    assert_int_equal(
        dg_appraise(&context, DG_KIND_NONE, sample.evidence, &appraisal),
        DG_E_USAGE);
    assert_int_equal(dg_appraise(&context,
                                 (enum dg_evidence_kind)DG_KINDS,
                                 sample.evidence,
                                 &appraisal),
                     DG_E_USAGE);
    assert_int_equal(
        dg_appraise(
            &context, DG_KIND_PSA_TOKEN, (dg_span){NULL, 5U}, &appraisal),
        DG_E_USAGE);
}

/* DER in every form that is not the one form. */
static void test_evidence_hostile__der__one_form_only(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        bool is_good;
        uint64_t value;
    } numbers[] = {
        {"\x02\x01\x00", 3U, true, 0U},
        {"\x02\x01\x7f", 3U, true, 127U},
        {"\x02\x02\x00\x80", 4U, true, 128U},
        {"\x02\x09\x00\xff\xff\xff\xff\xff\xff\xff\xff", 11U, true, UINT64_MAX},
        {"\x02\x00", 2U, false, 0U},
        {"\x02\x01\x80", 3U, false, 0U},
        {"\x02\x02\x00\x7f", 4U, false, 0U},
        {"\x02\x09\x01\xff\xff\xff\xff\xff\xff\xff\xff", 11U, false, 0U},
        {"\x02\x81\x01\x00", 4U, false, 0U},
        {"\x02\x82\x00\x01\x00", 5U, false, 0U},
        {"\x02\x02\x01", 3U, false, 0U},
        {"\x0a\x01\x01", 3U, false, 0U},
        {"\x1f\x02\x01", 3U, false, 0U},
        {"", 0U, false, 0U},
    };

    (void)state;
    for (size_t i = 0; i < (sizeof(numbers) / sizeof(numbers[0])); i++) {
        struct dg_der der = dg_der_over(
            (dg_span){(const uint8_t *)numbers[i].bytes, numbers[i].size});

        assert_int_equal(dg_der_number(&der, DG_DER_INTEGER), numbers[i].value);
        assert_int_equal(dg_der_is_done(&der), numbers[i].is_good);
    }
}

/* Dates of certificates, against seconds worked out by date(1). */
static void test_evidence_hostile__dates__to_the_second(void **state)
{
    struct dg_certificate certificate;
    dg_span rest;

    (void)state;
    assert_true(dg_sample_make(DG_KIND_ANDROID_KEY, NULL, &sample));
    rest = sample.evidence;
    assert_true(dg_certificate_read(&rest, &certificate));
    assert_int_equal(certificate.not_before_s, sample.at_s - 86400);
    assert_int_equal(certificate.not_after_s, sample.at_s + (20 * 86400));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            test_evidence_hostile__android__what_is_different_shows, forget),
        cmocka_unit_test_teardown(
            test_evidence_hostile__chips__as_they_should_not_be, forget),
        cmocka_unit_test_teardown(
            test_evidence_hostile__too_large__refused_unread, forget),
        cmocka_unit_test_teardown(test_evidence_hostile__bombs__rejected,
                                  forget),
        cmocka_unit_test_teardown(
            test_evidence_hostile__fifty_certificates__refused_unchecked,
            forget),
        cmocka_unit_test_teardown(test_evidence_hostile__usage__told, forget),
        cmocka_unit_test(test_evidence_hostile__der__one_form_only),
        cmocka_unit_test_teardown(test_evidence_hostile__dates__to_the_second,
                                  forget),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
