/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>
#include <string.h>

#include "patient/cambridge.h"

static double plus(double value)
{
    return value > 0.0 ? value : 0.0;
}

/* Hovorka's basal has a closed form: the root of a square. */
static void test_hovorka__basal_insulin__is_the_root_of_the_square(void **state)
{
    (void)state;
    for (uint64_t who = 0; who < 200; who++) {
        struct dg_cambridge_parameters p;

        assert_int_equal(
            dg_cambridge_draw(DG_CAMBRIDGE_HOVORKA, 8, who, &p, NULL), DG_OK);

        const double g = p.start_mmol_L;
        const double q1 = g * p.Vg;
        const double f =
            p.F01 * fmin(1.0, g / 4.5) + plus(p.RCl * (g - p.RTh) * p.Vg);
        const double a = -p.Sd * (q1 * p.St + p.EGP0 * p.Se);
        const double b = p.Sd * (p.EGP0 - f) - p.EGP0 * p.k12 * p.Se;
        const double c = p.k12 * (p.EGP0 - f);
        const double root = (-b - sqrt(b * b - 4.0 * a * c)) / (2.0 * a);

        assert_true(fabs(dg_cambridge_basal_mU_L(DG_CAMBRIDGE_HOVORKA, &p, g) -
                         root) < 1e-9 * root);
    }
}

/* The rule computed apart: 60,000 accepted people in another language.  Mean
 * and SD of each figure, and the draws refused per person. */
static void test_wilinska__population__has_the_statistics_of_its_rule(
    void **state)
{
    static const struct statistic {
        const char *name;
        size_t offset;
        double mean;
        double sd;
    } statistics[] = {
#define ROW(member, mean, sd) \
    {#member, offsetof(struct dg_cambridge_parameters, member), mean, sd}
        ROW(weight_kg, 69.71, 14.40),
        ROW(EGP0, 18.11, 3.084),
        ROW(F01, 10.91, 1.051),
        ROW(St, 19.47e-4, 7.83e-4),
        ROW(Sd, 5.439e-4, 2.243e-4),
        ROW(Se, 207.6e-4, 85.2e-4),
        ROW(ka, 0.01836, 0.0037),
        ROW(ke, 0.1421, 0.0283),
        ROW(start_mmol_L, 6.498, 0.7467),
        ROW(basal_U_per_h, 0.9112, 0.4094),
        ROW(carb_ratio_g_per_U, 10.02, 3.135),
        ROW(daily_U, 43.65, 13.90),
#undef ROW
    };
    const uint64_t people = 10000;
    double sum[16] = {0.0};
    double squares[16] = {0.0};
    double refused_sum = 0.0;

    (void)state;
    for (uint64_t i = 0; i < people; i++) {
        struct dg_cambridge_parameters p;
        uint32_t refused;

        assert_int_equal(
            dg_cambridge_draw(DG_CAMBRIDGE_WILINSKA, 1, i, &p, &refused),
            DG_OK);
        refused_sum += refused;
        assert_true((p.basal_U_per_h > 0.099) && (p.basal_U_per_h < 2.201));
        assert_true((p.start_mmol_L >= 5.0) && (p.start_mmol_L <= 8.0));
        for (size_t k = 0; k < sizeof statistics / sizeof statistics[0]; k++) {
            double value;

            memcpy(
                &value, (const char *)&p + statistics[k].offset, sizeof value);
            sum[k] += value;
            squares[k] += value * value;
        }
    }
    for (size_t k = 0; k < sizeof statistics / sizeof statistics[0]; k++) {
        const double mean = sum[k] / (double)people;
        const double sd = sqrt(squares[k] / (double)people - mean * mean);

        print_message("%s: mean %g, SD %g\n", statistics[k].name, mean, sd);
        assert_true(fabs(mean - statistics[k].mean) < 0.05 * statistics[k].sd);
        assert_true(fabs(sd / statistics[k].sd - 1.0) < 0.04);
    }
    print_message("refused per person: %.3f\n", refused_sum / (double)people);
    assert_true(fabs(refused_sum / (double)people - 0.418) < 0.03);
}

static void test_hovorka__population__is_possible_and_varied(void **state)
{
    double sum = 0.0;
    double squares = 0.0;
    const uint64_t people = 2000;

    (void)state;
    for (uint64_t i = 0; i < people; i++) {
        struct dg_cambridge_parameters p;

        assert_int_equal(
            dg_cambridge_draw(DG_CAMBRIDGE_HOVORKA, 1, i, &p, NULL), DG_OK);
        assert_int_equal(dg_cambridge_check(DG_CAMBRIDGE_HOVORKA, &p, NULL),
                         DG_OK);
        /* One draw: who is sensitive is so in all three. */
        assert_true(fabs((p.St / 0.4 - 51.2e-4) / 13.1e-4 -
                         (p.Se / 0.4 - 520e-4) / 125e-4) < 1e-9);
        sum += p.weight_kg;
        squares += p.weight_kg * p.weight_kg;
    }
    sum /= (double)people;
    assert_true(fabs(sum - 74.9) < 2.0);
    assert_true(fabs(sqrt(squares / (double)people - sum * sum) - 15.9) < 1.5);
}

static void test_cambridge__same_number__is_the_same_person(void **state)
{
    struct dg_cambridge_parameters one;
    struct dg_cambridge_parameters two;

    (void)state;
    memset(&one, 0, sizeof one);
    memset(&two, 0, sizeof two);
    assert_int_equal(
        dg_cambridge_draw(DG_CAMBRIDGE_WILINSKA, 7, 123456789012, &one, NULL),
        DG_OK);
    assert_int_equal(
        dg_cambridge_draw(DG_CAMBRIDGE_WILINSKA, 7, 123456789012, &two, NULL),
        DG_OK);
    assert_memory_equal(&one, &two, sizeof one);
    assert_int_equal(
        dg_cambridge_draw(DG_CAMBRIDGE_WILINSKA, 8, 123456789012, &two, NULL),
        DG_OK);
    assert_true(one.EGP0 != two.EGP0);
    assert_int_equal(
        dg_cambridge_draw(
            DG_CAMBRIDGE_WILINSKA, 7, UINT64_C(1) << 56, &two, NULL),
        DG_E_RANGE);
    assert_int_equal(
        dg_cambridge_draw((enum dg_cambridge_model)5, 7, 1, &two, NULL),
        DG_E_RANGE);
    assert_int_equal(dg_cambridge_draw(DG_CAMBRIDGE_WILINSKA, 7, 1, NULL, NULL),
                     DG_E_USAGE);
}

static void test_cambridge__impossible_figures__are_named(void **state)
{
    struct dg_cambridge_parameters sound;
    struct dg_cambridge_parameters wrong;
    struct dg_cambridge_fault fault;

    (void)state;
    assert_int_equal(dg_cambridge_mean(DG_CAMBRIDGE_WILINSKA, &sound), DG_OK);
    assert_int_equal(dg_cambridge_check(DG_CAMBRIDGE_WILINSKA, &sound, &fault),
                     DG_OK);
    wrong = sound;
    wrong.Vg = -160.0;
    assert_int_equal(dg_cambridge_check(DG_CAMBRIDGE_WILINSKA, &wrong, &fault),
                     DG_E_RANGE);
    assert_string_equal(fault.name, "Vg");
    wrong = sound;
    wrong.ka2 = (double)NAN;
    assert_int_equal(dg_cambridge_check(DG_CAMBRIDGE_WILINSKA, &wrong, &fault),
                     DG_E_RANGE);
    assert_string_equal(fault.name, "ka2");
    wrong = sound;
    wrong.EGP0 = 2.0;
    assert_int_equal(dg_cambridge_check(DG_CAMBRIDGE_WILINSKA, &wrong, &fault),
                     DG_E_RANGE);
    assert_string_equal(fault.name, "basal insulin");
    assert_int_equal(dg_cambridge_check(DG_CAMBRIDGE_WILINSKA, NULL, &fault),
                     DG_E_USAGE);
    assert_int_equal(dg_cambridge_mean(DG_CAMBRIDGE_WILINSKA, NULL),
                     DG_E_USAGE);
    assert_int_equal(dg_cambridge_mean((enum dg_cambridge_model)9, &wrong),
                     DG_E_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_wilinska__population__has_the_statistics_of_its_rule),
        cmocka_unit_test(test_hovorka__population__is_possible_and_varied),
        cmocka_unit_test(test_cambridge__same_number__is_the_same_person),
        cmocka_unit_test(test_cambridge__impossible_figures__are_named),
        cmocka_unit_test(
            test_hovorka__basal_insulin__is_the_root_of_the_square),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
