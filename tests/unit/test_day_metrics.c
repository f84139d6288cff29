/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>

#include "patient/day_metrics.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct dg_day_metrics compute(const double *mg_dL,
                                     size_t count,
                                     uint32_t step_min)
{
    struct dg_day_metrics metrics;

    assert_int_equal(dg_day_metrics_compute(mg_dL, count, step_min, &metrics),
                     DG_OK);
    return metrics;
}

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance)) {
        print_message("%.9g is not %.9g\n", value, expected);
        fail();
    }
}

/* One sample on each side of each limit: the limits themselves are in range
 * (70, 180), not very low (54) and not very high (250). */
static void test_day_metrics__at_the_limits__counts_each_once(void **state)
{
    static const double day[] = {
        53.9, 54.0, 69.9, 70.0, 180.0, 180.1, 250.0, 250.1, 100.0, 120.0};
    const struct dg_day_metrics m = compute(day, COUNT(day), 5);

    (void)state;
    assert_near(m.below_54_percent, 10.0, 1e-9);
    assert_near(m.below_70_percent, 30.0, 1e-9);
    assert_near(m.in_range_percent, 40.0, 1e-9);
    assert_near(m.above_180_percent, 30.0, 1e-9);
    assert_near(m.above_250_percent, 10.0, 1e-9);
    assert_int_equal(m.samples, 10);
}

/* By hand: mean 120, deviations -20, 0, 20, so SD = sqrt(800/2) = 20, CV =
 * 16.667 %, GMI = 3.31 + 2.8704. */
static void test_day_metrics__three_samples__give_hand_figures(void **state)
{
    static const double day[] = {100.0, 120.0, 140.0};
    const struct dg_day_metrics m = compute(day, COUNT(day), 5);

    (void)state;
    assert_near(m.mean_mg_dL, 120.0, 1e-9);
    assert_near(m.sd_mg_dL, 20.0, 1e-9);
    assert_near(m.cv_percent, 100.0 / 6.0, 1e-9);
    assert_near(m.gmi_percent, 6.1804, 1e-9);
    assert_near(m.min_mg_dL, 100.0, 0.0);
    assert_near(m.max_mg_dL, 140.0, 0.0);
}

/* By hand, in steps: ln 50 = 3.912023, to the 1.084 = 4.386954; f = 1.509 x
 * -0.994046 = -1.500015; r = 22.50045.  ln 300 = 5.703782 -> 6.602078; f =
 * 1.842607; r = 33.95199. */
static void test_day_metrics__risk__weighs_lows_and_highs(void **state)
{
    static const double day[] = {50.0, 300.0};
    const struct dg_day_metrics m = compute(day, COUNT(day), 5);

    (void)state;
    assert_near(m.lbgi, 22.50045 / 2.0, 1e-4);
    assert_near(m.hbgi, 33.95199 / 2.0, 1e-4);
}

static void test_day_metrics__risk_at_112_5__is_nothing(void **state)
{
    static const double day[] = {112.5, 0.0};
    const struct dg_day_metrics m = compute(day, 1, 5);
    const struct dg_day_metrics floor = compute(day + 1, 1, 5);

    (void)state;
    assert_near(m.lbgi + m.hbgi, 0.0, 1e-3);
    /* At and below 1 mg/dL: 10 (1.509 x 5.381)^2. */
    assert_near(floor.lbgi, 659.3325, 1e-3);
}

static void test_day_metrics__episodes__need_fifteen_minutes(void **state)
{
    static const double too_short[] = {100, 60, 60, 100, 100, 100};
    static const double just[] = {100, 60, 60, 60, 100, 100, 100};
    static const double bounced[] = {
        60, 60, 60, 100, 100, 60, 60, 60, 100, 100, 100};
    static const double twice[] = {
        60, 60, 60, 100, 100, 100, 60, 50, 50, 50, 50, 60};
    static const double open[] = {100, 100, 50, 50, 50};

    (void)state;
    assert_int_equal(compute(too_short, 6, 5).episodes_below_70, 0);
    assert_int_equal(compute(just, 7, 5).episodes_below_70, 1);
    assert_int_equal(compute(just, 7, 5).episodes_below_54, 0);
    assert_int_equal(compute(bounced, 11, 5).episodes_below_70, 1);
    assert_int_equal(compute(twice, 12, 5).episodes_below_70, 2);
    assert_int_equal(compute(twice, 12, 5).episodes_below_54, 1);
    assert_near(compute(twice, 12, 5).longest_below_54_min, 20.0, 0.0);
    assert_int_equal(compute(open, 5, 5).episodes_below_54, 1);
    assert_near(compute(open, 5, 5).longest_below_54_min, 15.0, 0.0);
    /* The bounce back belongs to the episode: 6 low and 2 between. */
    static const double low[] = {
        50, 50, 50, 80, 80, 50, 50, 50, 80, 80, 80, 50};
    assert_int_equal(compute(low, 12, 5).episodes_below_54, 1);
    assert_near(compute(low, 12, 5).longest_below_54_min, 40.0, 0.0);
}

static void test_day_metrics__other_steps__keep_the_minutes(void **state)
{
    double day[40];

    (void)state;
    for (size_t i = 0; i < COUNT(day); i++) {
        day[i] = ((i >= 10) && (i < 24)) ? 50.0 : 100.0;
    }
    assert_int_equal(compute(day, COUNT(day), 1).episodes_below_54, 0);
    day[24] = 50.0; /* the fifteenth minute */
    assert_int_equal(compute(day, COUNT(day), 1).episodes_below_54, 1);
    assert_near(compute(day, COUNT(day), 1).longest_below_54_min, 15.0, 0.0);
    assert_int_equal(compute(day + 10, 1, 15).episodes_below_54, 1);
    /* Four samples of four minutes make sixteen; three make twelve. */
    assert_int_equal(compute(day + 21, 4, 4).episodes_below_54, 1);
    assert_int_equal(compute(day + 22, 4, 4).episodes_below_54, 0);
}

static void test_day_metrics__absurd_input__is_refused_unchanged(void **state)
{
    struct dg_day_metrics m = {.samples = 77};
    double day[3] = {100.0, 100.0, 100.0};

    (void)state;
    assert_int_equal(dg_day_metrics_compute(NULL, 3, 5, &m), DG_E_USAGE);
    assert_int_equal(dg_day_metrics_compute(day, 3, 5, NULL), DG_E_USAGE);
    assert_int_equal(dg_day_metrics_compute(day, 0, 5, &m), DG_E_USAGE);
    assert_int_equal(dg_day_metrics_compute(day, 3, 0, &m), DG_E_RANGE);
    assert_int_equal(dg_day_metrics_compute(day, 3, 16, &m), DG_E_RANGE);
    day[2] = NAN;
    assert_int_equal(dg_day_metrics_compute(day, 3, 5, &m), DG_E_RANGE);
    day[2] = -0.1;
    assert_int_equal(dg_day_metrics_compute(day, 3, 5, &m), DG_E_RANGE);
    day[2] = HUGE_VAL;
    assert_int_equal(dg_day_metrics_compute(day, 3, 5, &m), DG_E_RANGE);
    assert_int_equal(m.samples, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_day_metrics__at_the_limits__counts_each_once),
        cmocka_unit_test(test_day_metrics__three_samples__give_hand_figures),
        cmocka_unit_test(test_day_metrics__risk__weighs_lows_and_highs),
        cmocka_unit_test(test_day_metrics__risk_at_112_5__is_nothing),
        cmocka_unit_test(test_day_metrics__episodes__need_fifteen_minutes),
        cmocka_unit_test(test_day_metrics__other_steps__keep_the_minutes),
        cmocka_unit_test(test_day_metrics__absurd_input__is_refused_unchanged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
