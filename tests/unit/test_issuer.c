/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdbool.h>
#include <string.h>

#include "attest/service/issuer.h"
#include "attest/service/metrics.h"
#include "crypto_openssl.h"

/* Which phones may try a build, and what is counted.  The judging itself is
 * tested with evidence and processes (tests/integration/test_attestd.py). */

#define PHONES 2000U

static struct dg_crypto crypto;

static int start(void **state)
{
    (void)state;
    return (dg_crypto_openssl_init(&crypto) == DG_OK) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&crypto);
    return 0;
}

static bool is_in(unsigned phone, const char *build, unsigned percent)
{
    struct dg_hash subject = {{0}};
    bool answer = false;

    memcpy(subject.byte, &phone, sizeof(phone));
    assert_int_equal(
        dg_issuer_stage(&crypto, &subject, build, (uint8_t)percent, &answer),
        DG_OK);
    return answer;
}

/* @verifies{FDP_ATTEST.6@1} */
static void test_issuer__stage__grows_and_never_loses_a_phone(void **state)
{
    static const unsigned stages[] = {1, 5, 25, 50, 100};
    static const char build[] = "android-key 160000 20261000";

    (void)state;
    for (unsigned phone = 0; phone < PHONES; phone++) {
        bool before = false;

        for (size_t i = 0; i < (sizeof(stages) / sizeof(stages[0])); i++) {
            const bool now = is_in(phone, build, stages[i]);

            assert_true(now || !before);
            assert_int_equal(now, is_in(phone, build, stages[i]));
            before = now;
        }
        assert_true(before);
        assert_false(is_in(phone, build, 0));
    }
}

/* Within six standard deviations of 25 of 100, and drawn anew for each
 * build. */
static void test_issuer__stage__is_the_share_and_other_phones_each_time(
    void **state)
{
    unsigned one = 0;
    unsigned both = 0;

    (void)state;
    for (unsigned phone = 0; phone < PHONES; phone++) {
        const bool first = is_in(phone, "android-key 160000 20261000", 25);
        const bool second = is_in(phone, "android-key 160000 20261100", 25);

        one += first ? 1U : 0U;
        both += (first && second) ? 1U : 0U;
    }
    assert_in_range(one, 384, 616);
    assert_in_range(both, 60, 190);
}

static void test_metrics__text__whole_lines_that_name_every_result(void **state)
{
    static char text[DG_METRICS_TEXT_MAX];
    struct dg_metrics metrics;
    const struct dg_metrics_now now = {.policy_version = UINT32_MAX,
                                       .policy_left_s = INT64_MAX,
                                       .anchors_left_s = -1,
                                       .up_s = INT64_MAX};

    (void)state;
    memset(&metrics, 0xff, sizeof(metrics)); /* the longest numbers */

    const size_t size = dg_metrics_write(&metrics, &now, text);

    assert_int_equal(size, strlen(text));
    assert_true(size < DG_METRICS_TEXT_MAX - 200U);
    assert_int_equal(text[size - 1U], '\n');
    assert_non_null(strstr(text,
                           "dosegate_attestd_requests_total{result=\"replay\"} "
                           "18446744073709551615\n"));
    assert_non_null(strstr(text, "anchors_left_seconds -1\n"));
    for (unsigned i = 1; i < DG_ISSUE_RESULTS; i++) {
        assert_non_null(strstr(text, dg_issue_name((enum dg_issue_result)i)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_issuer__stage__grows_and_never_loses_a_phone),
        cmocka_unit_test(
            test_issuer__stage__is_the_share_and_other_phones_each_time),
        cmocka_unit_test(
            test_metrics__text__whole_lines_that_name_every_result),
    };

    return cmocka_run_group_tests(tests, start, end);
}
