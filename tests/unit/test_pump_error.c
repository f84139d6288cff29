/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pump_probe.h"

enum { EXACT, PERIODIC, SCATTER };

#define DAY 1440U

static double bolus[30U * DAY];
static double basal[30U * DAY];
static double given[30U * DAY * PUMP_PEOPLE];

static void deliver(const struct pump_probe *probe,
                    int error,
                    uint64_t first,
                    size_t minutes)
{
    const struct pump_run run = {.error = error,
                                 .seed = 4,
                                 .first = first,
                                 .minutes = minutes,
                                 .bolus = bolus,
                                 .basal = basal,
                                 .given = given};

    probe->run(&run);
}

static void fill(double bolus_mU, size_t every, double basal_mU)
{
    for (size_t t = 0; t < 30U * DAY; t++) {
        bolus[t] = t % every == 0 ? bolus_mU : 0.0;
        basal[t] = basal_mU;
    }
}

static void test_pump_error__exact__delivers_what_is_counted(void **state)
{
    (void)state;
    fill(1000.0, 60, 15.0);
    deliver(&pump_probe_double_base, EXACT, 0, DAY);
    for (size_t i = 0; i < DAY * PUMP_PEOPLE; i++) {
        const size_t t = i / PUMP_PEOPLE;

        assert_true(given[i] == bolus[t] + basal[t]);
    }
}

/* The published formula as it stands, with libm, for a known start: each
 * minute's delivery follows from where the screw was. */
static void test_pump_error__screw__follows_its_formula(void **state)
{
    const double pi = acos(-1.0);
    double phase[PUMP_PEOPLE];
    double most = 0.0;

    (void)state;
    /* A first dose of a quarter turn tells little; search the start. */
    fill(1250.0, 7, 0.0);
    for (size_t t = 0; t < DAY; t++) {
        basal[t] = t % 7 == 3 ? 50.0 : 0.0;
    }
    deliver(&pump_probe_double_base, PERIODIC, 0, DAY);
    for (size_t p = 0; p < PUMP_PEOPLE; p++) {
        double best = HUGE_VAL;

        for (int k = 0; k < 20000; k++) {
            const double start = 2.0 * pi * k / 20000.0;
            double wrong = 0.0;
            double at = start;

            for (size_t t = 0; t < 8; t++) {
                const double dose = (bolus[t] + basal[t]) / 1000.0;
                const double step = 2.0 * pi * dose / 5.0;
                const double wanted =
                    5.0 / (2.0 * pi) *
                    (1.0167 * step - 0.1852 * (cos(at) - cos(at + step)) -
                     0.0633 / 2.0 *
                         (cos(2.0 * at) - cos(2.0 * at + 2.0 * step)));

                wrong = fmax(
                    wrong, fabs(given[t * PUMP_PEOPLE + p] - 1000.0 * wanted));
                at += step;
            }
            if (wrong < best) {
                best = wrong;
                phase[p] = start;
            }
        }
        most = fmax(most, best);
    }
    print_message("worst: %.3f mU of 1250\n", most);
    assert_true(most < 0.1);
    assert_true(fabs(phase[0] - phase[1]) > 1e-3);
}

/* Whole turns deliver 1.67 % too much, whatever lies between. */
static void test_pump_error__screw__is_off_by_a_known_mean(void **state)
{
    (void)state;
    fill(300.0, 50, 10.0);
    deliver(&pump_probe_float_base, PERIODIC, 0, 30U * DAY);
    for (size_t p = 0; p < PUMP_PEOPLE; p++) {
        double asked = 0.0;
        double sum = 0.0;

        for (size_t t = 0; t < 30U * DAY; t++) {
            asked += bolus[t] + basal[t];
            sum += given[t * PUMP_PEOPLE + p];
            assert_true(given[t * PUMP_PEOPLE + p] >= 0.0);
        }
        assert_true(fabs(sum / asked - 1.0167) < 0.001);
    }
}

/* Mean and spread of single boluses and of hours of basal. */
static void test_pump_error__scatter__is_as_wide_as_published(void **state)
{
    static const struct known {
        double bolus_mU;
        double basal_mU_per_h;
        double sd;
    } knowns[] = {
        {100.0, 0.0, 0.129},
        {200.0, 0.0, 0.185},
        {1000.0, 0.0, 0.136},
        {5000.0, 0.0, 0.029},
        {600.0, 0.0, 0.1605}, /* half way between two points */
        {50.0, 0.0, 0.129},   /* below the first             */
        {0.0, 100.0, 0.217},
        {0.0, 1000.0, 0.10},
    };

    (void)state;
    for (size_t k = 0; k < sizeof knowns / sizeof knowns[0]; k++) {
        double sum = 0.0;
        double squares = 0.0;
        double n = 0.0;

        fill(knowns[k].bolus_mU, 60, knowns[k].basal_mU_per_h / 60.0);
        deliver(&pump_probe_double_base, SCATTER, 0, 30U * DAY);
        for (size_t hour = 0; hour < 30U * 24U; hour++) {
            for (size_t p = 0; p < PUMP_PEOPLE; p++) {
                double amount = 0.0;

                for (size_t t = 0; t < 60; t++) {
                    amount += given[(hour * 60 + t) * PUMP_PEOPLE + p];
                }
                amount /= knowns[k].bolus_mU + knowns[k].basal_mU_per_h;
                sum += amount;
                squares += amount * amount;
                n += 1.0;
            }
        }
        sum /= n;

        const double sd = sqrt(squares / n - sum * sum);

        print_message("bolus %g mU, basal %g mU/h: mean %.4f, SD %.4f\n",
                      knowns[k].bolus_mU,
                      knowns[k].basal_mU_per_h,
                      sum,
                      sd);
        assert_true(fabs(sum - 1.0) < 5.0 * knowns[k].sd / sqrt(n));
        assert_true(fabs(sd / knowns[k].sd - 1.0) < 0.04);
    }
}

static void test_pump_error__every_variant_and_place__gives_the_same_bits(
    void **state)
{
    const struct pump_probe *probes[6] = {&pump_probe_double_base,
                                          &pump_probe_float_base};
    static double wanted[2][3U * DAY * PUMP_PEOPLE];
    size_t count = 2;

    (void)state;
#if defined(DG_LANE_X86)
    if (__builtin_cpu_supports("avx2") != 0) {
        probes[count++] = &pump_probe_double_avx2;
        probes[count++] = &pump_probe_float_avx2;
        if (__builtin_cpu_supports("avx512f") != 0) {
            probes[count++] = &pump_probe_double_avx512f;
            probes[count++] = &pump_probe_float_avx512f;
        }
    }
#endif
    if (count < 6) {
        print_message("not every instruction set is tested here\n");
    }
    fill(700.0, 97, 13.0);
    for (int error = EXACT; error <= SCATTER; error++) {
        for (size_t v = 0; v < count; v++) {
            deliver(probes[v], error, 50, 3U * DAY);
            if (v < 2) {
                memcpy(wanted[v], given, sizeof wanted[v]);
            }
            assert_memory_equal(given, wanted[v % 2], sizeof wanted[0]);
            deliver(probes[v], error, 53, 3U * DAY);
            for (size_t i = 0; i < 3U * DAY * PUMP_PEOPLE; i += PUMP_PEOPLE) {
                assert_memory_equal(
                    &given[i], &wanted[v % 2][i + 3], 13 * sizeof(double));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pump_error__exact__delivers_what_is_counted),
        cmocka_unit_test(test_pump_error__screw__follows_its_formula),
        cmocka_unit_test(test_pump_error__screw__is_off_by_a_known_mean),
        cmocka_unit_test(test_pump_error__scatter__is_as_wide_as_published),
        cmocka_unit_test(
            test_pump_error__every_variant_and_place__gives_the_same_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
