/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>
#include <string.h>

#include "patient/sensor.h"

#define SAMPLES_PER_DAY 288

static int32_t sample(struct dg_sensor *sensor, double mg_dL)
{
    int32_t reading = -1;

    assert_int_equal(dg_sensor_sample(sensor, mg_dL, &reading), DG_OK);
    return reading;
}

static void test_sensor__ideal__rounds_and_clips(void **state)
{
    struct dg_sensor sensor;

    (void)state;
    assert_int_equal(dg_sensor_init(&sensor, DG_SENSOR_IDEAL, 1, 0), DG_OK);
    assert_int_equal(sample(&sensor, 100.49), 100);
    assert_int_equal(sample(&sensor, 100.51), 101);
    assert_int_equal(sample(&sensor, 0.0), 39);
    assert_int_equal(sample(&sensor, 38.9), 39);
    assert_int_equal(sample(&sensor, 39.6), 40);
    assert_int_equal(sample(&sensor, 400.4), 400);
    assert_int_equal(sample(&sensor, 900.0), 400);
}

/* The mean over many sensors of one age is a(t) G + b(t), the standard
 * deviation sqrt(5.06^2 + 6.15^2) = 7.96 mg/dL (that of v and c, computed apart
 * from the published coefficients), from the first reading on. */
static void test_sensor__g6_at_some_ages__has_the_published_error(void **state)
{
    static const struct {
        uint32_t age_days;
        double mean_mg_dL; /* of 150 mg/dL: by hand from the two formulas */
    } ages[] = {
        {0, 1.048 * 150.0 - 6.398},
        {3, 0.967 * 150.0 + 8.107},
        {7, 0.915 * 150.0 + 14.903},
    };
    const int sensors = 20000;

    (void)state;
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        double sum = 0.0;
        double squares = 0.0;

        for (int seed = 0; seed < sensors; seed++) {
            struct dg_sensor sensor;

            assert_int_equal(
                dg_sensor_init(
                    &sensor, DG_SENSOR_G6, (uint64_t)seed, ages[i].age_days),
                DG_OK);

            const double error = sample(&sensor, 150.0) - ages[i].mean_mg_dL;

            sum += error;
            squares += error * error;
        }
        assert_true(fabs(sum / sensors) < 0.3);
        assert_true(fabs(sqrt(squares / sensors) - 7.97) < 0.2);
    }
}

/* Along one sensor's life the errors of neighbours hang together: the
 * stationary autocorrelation of v + c at one sample, from p1/(1-p2) of each,
 * is (5.06^2 0.917 + 6.15^2 0.898)/(5.06^2 + 6.15^2) = 0.906. */
static void test_sensor__g6_over_time__errors_hang_together(void **state)
{
    double spread = 0.0;
    double neighbours = 0.0;

    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct dg_sensor sensor;
        double last = 0.0;

        assert_int_equal(dg_sensor_init(&sensor, DG_SENSOR_G6, seed, 3), DG_OK);
        for (int i = 0; i < SAMPLES_PER_DAY; i++) {
            const double days = 3.0 + i / (double)SAMPLES_PER_DAY;
            const double error =
                sample(&sensor, 200.0) -
                (1.048 - 0.033 * days + 0.002 * days * days) * 200.0 -
                (-6.398 + 6.179 * days - 0.448 * days * days);

            spread += error * error;
            neighbours += (i > 0) ? error * last : 0.0;
            last = error;
        }
    }
    assert_true(fabs(sqrt(spread / (200.0 * SAMPLES_PER_DAY)) - 7.97) < 0.35);
    assert_true(fabs(neighbours / spread - 0.903) < 0.012);
}

static void test_sensor__same_seed__gives_same_readings(void **state)
{
    struct dg_sensor a;
    struct dg_sensor b;
    struct dg_sensor other;
    int different = 0;

    (void)state;
    assert_int_equal(dg_sensor_init(&a, DG_SENSOR_G6, 11, 1), DG_OK);
    assert_int_equal(dg_sensor_init(&b, DG_SENSOR_G6, 11, 1), DG_OK);
    assert_int_equal(dg_sensor_init(&other, DG_SENSOR_G6, 12, 1), DG_OK);
    for (int i = 0; i < SAMPLES_PER_DAY; i++) {
        const int32_t reading = sample(&a, 140.0);

        assert_int_equal(reading, sample(&b, 140.0));
        different += (reading != sample(&other, 140.0)) ? 1 : 0;
    }
    assert_true(different > SAMPLES_PER_DAY / 2);
}

static void test_sensor__worn_out__is_replaced_by_a_fresh_one(void **state)
{
    struct dg_sensor sensor;

    (void)state;
    assert_int_equal(dg_sensor_init(&sensor, DG_SENSOR_G6, 5, 9), DG_OK);
    for (int i = 0; i < SAMPLES_PER_DAY - 1; i++) {
        (void)sample(&sensor, 120.0);
    }
    assert_int_equal(sensor.age_samples, 10 * SAMPLES_PER_DAY - 1);

    const struct dg_sensor_drift before = sensor.v;

    (void)sample(&sensor, 120.0);
    assert_int_equal(sensor.age_samples, 0);
    assert_true(sensor.v.before_last != before.last);
    assert_int_equal(sensor.samples_taken, SAMPLES_PER_DAY);
}

static void test_sensor__extremes__stay_on_the_display(void **state)
{
    struct dg_sensor sensor;

    (void)state;
    assert_int_equal(dg_sensor_init(&sensor, DG_SENSOR_G6, 9, 0), DG_OK);
    for (int i = 0; i < 1000; i++) {
        assert_in_range(sample(&sensor, 39.0 + 0.4 * i), 39, 400);
    }
}

static void test_sensor__absurd_input__is_refused_unchanged(void **state)
{
    struct dg_sensor sensor;
    struct dg_sensor before;
    int32_t reading = -7;

    (void)state;
    memset(&sensor, 0, sizeof sensor);
    assert_int_equal(dg_sensor_init(NULL, DG_SENSOR_G6, 1, 0), DG_E_USAGE);
    assert_int_equal(dg_sensor_init(&sensor, (enum dg_sensor_kind)9, 1, 0),
                     DG_E_RANGE);
    assert_int_equal(dg_sensor_init(&sensor, DG_SENSOR_G6, 1, 10), DG_E_RANGE);
    assert_int_equal(dg_sensor_init(&sensor, DG_SENSOR_G6, 1, 9), DG_OK);
    memcpy(&before, &sensor, sizeof before);

    assert_int_equal(dg_sensor_sample(NULL, 100.0, &reading), DG_E_USAGE);
    assert_int_equal(dg_sensor_sample(&sensor, 100.0, NULL), DG_E_USAGE);
    assert_int_equal(dg_sensor_sample(&sensor, NAN, &reading), DG_E_RANGE);
    assert_int_equal(dg_sensor_sample(&sensor, -1.0, &reading), DG_E_RANGE);
    assert_int_equal(dg_sensor_sample(&sensor, 2e4 + 1, &reading), DG_E_RANGE);
    assert_int_equal(reading, -7);
    assert_memory_equal(&sensor, &before, sizeof before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sensor__ideal__rounds_and_clips),
        cmocka_unit_test(test_sensor__g6_at_some_ages__has_the_published_error),
        cmocka_unit_test(test_sensor__g6_over_time__errors_hang_together),
        cmocka_unit_test(test_sensor__same_seed__gives_same_readings),
        cmocka_unit_test(test_sensor__worn_out__is_replaced_by_a_fresh_one),
        cmocka_unit_test(test_sensor__extremes__stay_on_the_display),
        cmocka_unit_test(test_sensor__absurd_input__is_refused_unchanged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
