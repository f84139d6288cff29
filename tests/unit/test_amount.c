/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "cli/amount.h"

static void test_amount__as_people_write_it__read_exactly(void **state)
{
    static const struct {
        const char *text;
        int32_t mU;
    } good[] = {{"2", 2000},
                {"2.0", 2000},
                {"2.00", 2000},
                {"0.05", 50},
                {"2.05", 2050},
                {"0.1", 100},
                {"12.34", 12340},
                {"2,05", 2050},
                {"300", 300000},
                {"300.00", 300000}};
    const char *why = NULL;
    dg_dose dose;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        dose.mU = -1;
        assert_int_equal(dg_cli_amount_read(good[i].text, &dose, &why), DG_OK);
        assert_int_equal(dose.mU, good[i].mU);
    }
}

static void test_amount__times_and_rates__read_exactly(void **state)
{
    static const struct {
        const char *text;
        uint32_t s;
    } good[] = {{"2h", 7200}, {"90m", 5400}, {"1h30m", 5400}, {"30m", 1800}};
    static const char *const bad[] = {
        "2", "h", "", "1.5h", "30m1h", "2h ", "-2h", "29m", "9h", "99999h"};
    const char *why = NULL;
    dg_seconds span;
    dg_rate rate;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(
            dg_cli_span_read(good[i].text, 1800, 28800, &span, &why), DG_OK);
        assert_int_equal(span.s, good[i].s);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_not_equal(dg_cli_span_read(bad[i], 1800, 28800, &span, &why),
                             DG_OK);
    }
    assert_int_equal(dg_cli_rate_read("0.85", &rate, &why), DG_OK);
    assert_int_equal(rate.mU_per_h, 850);
    assert_int_equal(dg_cli_rate_read("30", &rate, &why), DG_OK);
    assert_int_equal(dg_cli_rate_read("30.01", &rate, &why), DG_E_RANGE);
    assert_int_equal(dg_cli_rate_read("0", &rate, &why), DG_E_RANGE);
    assert_int_equal(dg_cli_rate_read("0,5", &rate, &why), DG_OK);
    assert_int_equal(rate.mU_per_h, 500);
    assert_int_equal(dg_cli_rate_read(",5", &rate, &why), DG_E_MALFORMED);
}

static void test_amount__anything_else__refused_with_a_hint(void **state)
{
    static const struct {
        const char *text;
        const char *hint;
    } bad[] = {{"1,500", "no sign between thousands"},
               {"1,500.0", "no sign between thousands"},
               {"007", "is a point missing"},
               {"-2", "without a sign"},
               {"+2", "without a sign"},
               {".5", "0.5, not .5"},
               {"2.", "behind the point"},
               {"2.005", "two decimals"},
               {"2.0.0", "at most one point"},
               {"2e1", "digits"},
               {"0x2", "digits"},
               {"2 ", "digits"},
               {" 2", "digits"},
               {"2U", "digits"},
               {"", "digits"},
               {"nan", "digits"},
               {"inf", "digits"},
               {"10000", "digits"},
               {"99999999999999999999", "digits"},
               {"2.0\n", "digits"},
               {"٢", "digits"}};
    const char *why = NULL;
    dg_dose dose;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        dose.mU = -1;
        assert_int_equal(dg_cli_amount_read(bad[i].text, &dose, &why),
                         DG_E_MALFORMED);
        assert_int_equal(dose.mU, -1);
        assert_non_null(strstr(why, bad[i].hint));
    }
}

static void test_amount__outside_the_range__refused(void **state)
{
    static const char *const bad[] = {
        "0", "0.0", "0.00", "0.04", "0.01", "300.01", "9999"};
    const char *why = NULL;
    dg_dose dose = {-1};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(dg_cli_amount_read(bad[i], &dose, &why), DG_E_RANGE);
        assert_int_equal(dose.mU, -1);
        assert_non_null(strstr(why, "0.05 to 300"));
    }
}

static void test_amount__every_amount__reads_back_as_written(void **state)
{
    char text[DG_CLI_AMOUNT_MAX];
    const char *why = NULL;
    dg_dose dose;

    (void)state;
    for (int32_t mU = 50; mU <= 300000; mU += 10) {
        dg_cli_amount_write(mU, text);
        text[strlen(text) - 2U] = '\0'; /* without " U" */
        assert_int_equal(dg_cli_amount_read(text, &dose, &why), DG_OK);
        assert_int_equal(dose.mU, mU);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amount__as_people_write_it__read_exactly),
        cmocka_unit_test(test_amount__times_and_rates__read_exactly),
        cmocka_unit_test(test_amount__anything_else__refused_with_a_hint),
        cmocka_unit_test(test_amount__outside_the_range__refused),
        cmocka_unit_test(test_amount__every_amount__reads_back_as_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
