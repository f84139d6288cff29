/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sensor_probe.h"

#define SAMPLES 288U

enum fault {
    DROPOUT,
    COMPRESSION,
    FALSE_LOW,
    STUCK,
    BIAS_RAMP,
    SPIKE,
    LATE,
};

static void room(struct sensor_run *run, size_t days)
{
    const size_t points = days * SAMPLES * SENSOR_PEOPLE;

    run->days = days;
    run->sample = calloc(points, sizeof *run->sample);
    run->reading = calloc(points, sizeof *run->reading);
    run->is_struck = calloc(points, sizeof *run->is_struck);
    assert_non_null(run->sample);
    assert_non_null(run->reading);
    assert_non_null(run->is_struck);
}

static void give_back(struct sensor_run *run)
{
    free(run->sample);
    free(run->reading);
    free(run->is_struck);
}

/* Mean, spread and spread of the step of what a sensor adds to nothing. */
struct moments {
    double mean;
    double sd;
    double step_sd;
};

static struct moments moments_of(enum dg_sensor_model model, size_t stride)
{
    struct moments m = {0.0, 0.0, 0.0};
    struct sensor_run run = {.model = model, .seed = 5};
    double n = 0.0;

    room(&run, 10);
    for (uint64_t tile = 0; tile < 16; tile++) {
        run.first = tile * SENSOR_PEOPLE;
        sensor_probe_double_base.run(&run);
        for (size_t i = 0; i < run.days * SAMPLES; i += stride) {
            for (size_t p = 0; p < SENSOR_PEOPLE; p++) {
                const double value = run.sample[i * SENSOR_PEOPLE + p];

                m.mean += value;
                m.sd += value * value;
                n += 1.0;
                if (i % SAMPLES != 0) {
                    const double step =
                        value - run.sample[(i - stride) * SENSOR_PEOPLE + p];

                    m.step_sd += step * step;
                }
            }
        }
    }
    m.mean /= n;
    m.sd = sqrt(m.sd / n - m.mean * m.mean);
    m.step_sd =
        sqrt(m.step_sd / (n * (1.0 - (double)stride / (double)SAMPLES)));
    print_message("model %d: mean %.2f, SD %.2f, SD of a step %.2f\n",
                  (int)model,
                  m.mean,
                  m.sd,
                  m.step_sd);
    give_back(&run);
    return m;
}

/* What follows from the figures: SD of a step is sqrt(2 (1 - r)) SD. */
static double step_variance(double p1, double p2, double variance)
{
    const struct dg_autoregression process = {p1, p2, variance};
    const double sd = dg_autoregression_sd(&process);

    return 2.0 * (1.0 - p1 / (1.0 - p2)) * sd * sd;
}

static void test_sensor_lanes__published_models__have_their_spread(void **state)
{
    struct moments m;

    (void)state;
    /* Known: SD 7.1 and 7.7; b(t) from -14.8 by 0.04 a day. */
    m = moments_of(DG_SENSOR_MODEL_FACCHINETTI, 1);
    assert_true(fabs(m.mean + 14.6) < 0.3);
    assert_true(fabs(m.sd - sqrt(7.1 * 7.1 + 7.7 * 7.7)) < 0.3);
    assert_true(fabs(m.step_sd - sqrt(step_variance(1.013, -.2135, 14.45) +
                                      step_variance(1.23, -.3995, 11.3))) <
                0.05);
    /* Known: SD 6.8, b -8.75. */
    m = moments_of(DG_SENSOR_MODEL_G5, 1);
    assert_true(fabs(m.mean + 8.75) < 0.3);
    assert_true(fabs(m.sd - 6.8) < 0.2);
    assert_true(fabs(m.step_sd - sqrt(step_variance(1.27, -.42, 7.64))) < 0.05);
    /* Known: SD 5.1 and 6.2; b(t) has mean 9.57 over ten days. */
    m = moments_of(DG_SENSOR_MODEL_G6, 1);
    assert_true(fabs(m.mean - 9.57) < 0.4);
    assert_true(fabs(m.step_sd - sqrt(step_variance(1.22, -.331, 3.641) +
                                      step_variance(1.34, -.492, 5.538))) <
                0.05);
    /* Known, at its quarter hours: mean 0.6, SD 11.7. */
    m = moments_of(DG_SENSOR_MODEL_BRETON, 3);
    assert_true(fabs(m.mean - 0.6) < 0.3);
    assert_true(fabs(m.sd - 11.7) < 0.4);
    m = moments_of(DG_SENSOR_MODEL_IDEAL, 1);
    assert_true((m.mean == 0.0) && (m.sd == 0.0));
}

/* Known: 1 % below -24.9 and 1 % above +35.4 mg/dL. */
static void test_sensor_lanes__breton__has_its_tails(void **state)
{
    struct sensor_run run = {.model = DG_SENSOR_MODEL_BRETON, .seed = 6};
    double below = 0.0;
    double above = 0.0;
    double n = 0.0;

    (void)state;
    room(&run, 60);
    sensor_probe_float_base.run(&run);
    for (size_t i = 0; i < run.days * SAMPLES; i += 3) {
        for (size_t p = 0; p < SENSOR_PEOPLE; p++) {
            const double value = run.sample[i * SENSOR_PEOPLE + p];

            below += value < -24.9 ? 1.0 : 0.0;
            above += value > 35.4 ? 1.0 : 0.0;
            n += 1.0;
        }
    }
    assert_true(fabs(below / n - 0.01) < 0.002);
    assert_true(fabs(above / n - 0.01) < 0.002);
    give_back(&run);
}

/* The rule computed apart (200,000 draws in another language). */
static void test_sensor_model__population__has_the_statistics_of_its_rule(
    void **state)
{
    static const double mean[] = {
        0.94139, 0.008544, -0.00085644, 5.9319, 1.23163, -0.387175};
    static const double spread[] = {
        0.10883, 0.040347, 0.003483, 5.0766, 0.12821, 0.12517};
    double sum[6] = {0.0};
    double squares[6] = {0.0};
    double noise = 0.0;
    const uint64_t people = 10000;

    (void)state;
    for (uint64_t i = 0; i < people; i++) {
        struct dg_sensor_figures f;

        assert_int_equal(
            dg_sensor_model_figures(DG_SENSOR_MODEL_POPULATION, 2, i, 0, &f),
            DG_OK);

        const double value[] = {f.a[0], f.a[1], f.a[2], f.b[0], f.v.p1, f.v.p2};

        for (size_t k = 0; k < 6; k++) {
            sum[k] += value[k] / (double)people;
            squares[k] += value[k] * value[k] / (double)people;
        }
        assert_true(dg_autoregression_sd(&f.v) <= 10.0);
        noise += dg_autoregression_sd(&f.v) / (double)people;
    }
    for (size_t k = 0; k < 6; k++) {
        const double sd = sqrt(squares[k] - sum[k] * sum[k]);

        print_message("figure %zu: mean %g, SD %g\n", k, sum[k], sd);
        assert_true(fabs(sum[k] - mean[k]) < 0.05 * spread[k]);
        assert_true(fabs(sd / spread[k] - 1.0) < 0.04);
    }
    assert_true(fabs(noise - 7.302) < 0.1);
}

static void test_sensor_model__wrong_arguments__are_refused(void **state)
{
    struct dg_sensor_figures f;
    struct dg_sensor_figures again;

    (void)state;
    assert_int_equal(dg_sensor_model_figures(DG_SENSOR_MODEL_G6, 1, 1, 0, NULL),
                     DG_E_USAGE);
    assert_int_equal(dg_sensor_model_figures(DG_SENSOR_MODELS, 1, 1, 0, &f),
                     DG_E_RANGE);
    assert_int_equal(
        dg_sensor_model_figures(
            DG_SENSOR_MODEL_POPULATION, 1, UINT64_C(1) << 56, 0, &f),
        DG_E_RANGE);
    assert_int_equal(
        dg_sensor_model_figures(DG_SENSOR_MODEL_POPULATION, 1, 1, 0, &f),
        DG_OK);
    assert_int_equal(
        dg_sensor_model_figures(DG_SENSOR_MODEL_POPULATION, 1, 1, 1, &again),
        DG_OK);
    assert_true(f.a[0] != again.a[0]);
}

static const struct sensor_probe *probes[6];
static const char *const names[6] = {"double, base",
                                     "float, base",
                                     "double, avx2",
                                     "float, avx2",
                                     "double, avx512f",
                                     "float, avx512f"};

static size_t find_probes(void)
{
    size_t count = 0;

    probes[count++] = &sensor_probe_double_base;
    probes[count++] = &sensor_probe_float_base;
#if defined(DG_LANE_X86)
    if (__builtin_cpu_supports("avx2") != 0) {
        probes[count++] = &sensor_probe_double_avx2;
        probes[count++] = &sensor_probe_float_avx2;
        if (__builtin_cpu_supports("avx512f") != 0) {
            probes[count++] = &sensor_probe_double_avx512f;
            probes[count++] = &sensor_probe_float_avx512f;
        }
    }
#endif
    for (size_t i = count; i < 6; i++) {
        print_message("not tested here: %s\n", names[i]);
    }
    return count;
}

static void test_sensor_lanes__every_variant_and_place__gives_the_same_bits(
    void **state)
{
    const size_t count = find_probes();
    const size_t days = 12; /* everybody changes sensors */
    const size_t points = days * SAMPLES * SENSOR_PEOPLE;

    (void)state;
    for (int model = 0; model < DG_SENSOR_MODELS; model++) {
        struct sensor_run run = {
            .model = (enum dg_sensor_model)model,
            .seed = 77,
            .glucose = 120.0,
            .wave = 50.0,
            .chances = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5}};
        double *wanted[2];

        room(&run, days);
        for (size_t v = 0; v < count; v++) {
            run.first = 100;
            probes[v]->run(&run);
            if (v < 2) {
                wanted[v] = calloc(points, sizeof **wanted);
                assert_non_null(wanted[v]);
                memcpy(wanted[v], run.reading, points * sizeof **wanted);
            }
            assert_memory_equal(
                run.reading, wanted[v % 2], points * sizeof **wanted);
            /* Person 105 in lane 0 is who person 105 was in lane 5. */
            run.first = 105;
            probes[v]->run(&run);
            for (size_t i = 0; i < points; i += SENSOR_PEOPLE) {
                assert_memory_equal(&run.reading[i],
                                    &wanted[v % 2][i + 5],
                                    11 * sizeof(double));
            }
        }
        free(wanted[0]);
        free(wanted[1]);
        give_back(&run);
    }
}

/* One kind of fault, every day, over an ideal sensor on a moving glucose. */
static void strike(struct sensor_run *run, enum fault fault, double chance)
{
    *run = (struct sensor_run){.model = DG_SENSOR_MODEL_IDEAL,
                               .seed = 9,
                               .glucose = 200.0,
                               .wave = 80.0};
    run->chances[fault] = chance;
    room(run, 20);
    sensor_probe_float_base.run(run);
}

/* Runs of struck samples of each person: shortest, longest, how many. */
struct spells {
    size_t shortest;
    size_t longest;
    size_t count;
};

static struct spells spells_of(const struct sensor_run *run)
{
    struct spells spells = {SIZE_MAX, 0, 0};
    const size_t samples = run->days * SAMPLES;

    for (size_t p = 0; p < SENSOR_PEOPLE; p++) {
        size_t length = 0;

        for (size_t i = 0; i < samples; i++) {
            if (run->is_struck[i * SENSOR_PEOPLE + p] != 0) {
                length++;
                continue;
            }
            if (length > 0) {
                spells.count++;
                spells.shortest =
                    length < spells.shortest ? length : spells.shortest;
                spells.longest =
                    length > spells.longest ? length : spells.longest;
            }
            length = 0;
        }
    }
    return spells;
}

static double shown(double value)
{
    return floor(fmin(fmax(value, 39.0), 400.0) + 0.5);
}

static void test_sensor_faults__no_chance__nothing_happens(void **state)
{
    struct sensor_run run;

    (void)state;
    strike(&run, DROPOUT, 0.0);
    for (size_t i = 0; i < run.days * SAMPLES * SENSOR_PEOPLE; i++) {
        assert_int_equal(run.is_struck[i], 0);
        assert_true(run.reading[i] == shown(run.sample[i]));
    }
    give_back(&run);
}

static void test_sensor_faults__chance__is_how_often_they_come(void **state)
{
    (void)state;
    for (int fault = DROPOUT; fault <= LATE; fault++) {
        struct sensor_run run;
        double share;

        strike(&run, (enum fault)fault, 0.3);
        share =
            (double)spells_of(&run).count / (double)(run.days * SENSOR_PEOPLE);
        print_message("fault %d: %.3f a day\n", fault, share);
        /* A fault that lasts past midnight keeps the next day's away. */
        assert_true((share > 0.19) && (share < 0.39));
        give_back(&run);
    }
}

/* Length in samples and effect on the reading of every fault. */
static void test_sensor_faults__each__does_what_it_is_for(void **state)
{
    static const size_t shortest[] = {2, 6, 3, 4, 12, 1, 12};
    static const size_t longest[] = {36, 18, 12, 36, 72, 1, 72};

    (void)state;
    for (int fault = DROPOUT; fault <= LATE; fault++) {
        struct sensor_run run;
        struct spells spells;
        size_t struck = 0;

        strike(&run, (enum fault)fault, 0.5);
        spells = spells_of(&run);
        assert_true(spells.shortest >= shortest[fault]);
        /* Two of them may touch at midnight. */
        assert_true(spells.longest <= 2 * longest[fault]);
        for (size_t i = SENSOR_PEOPLE; i < run.days * SAMPLES * SENSOR_PEOPLE;
             i++) {
            const double truth = run.sample[i];
            const double reading = run.reading[i];

            if (run.is_struck[i] == 0) {
                assert_true(reading == shown(truth));
                continue;
            }
            struck++;
            switch ((enum fault)fault) {
            case DROPOUT:
                assert_true(reading == 0.0);
                break;
            case COMPRESSION:
                assert_true((reading >= shown(0.44 * truth)) &&
                            (reading < truth));
                assert_true(i / SENSOR_PEOPLE % SAMPLES < 72 + 18);
                break;
            case FALSE_LOW:
                assert_true((reading >= shown(0.24 * truth)) &&
                            (reading <= 0.61 * truth));
                break;
            case STUCK:
                assert_true(reading == run.reading[i - SENSOR_PEOPLE]);
                break;
            case BIAS_RAMP:
                assert_true(fabs(reading - truth) <= 121.0);
                break;
            case SPIKE:
                assert_true((fabs(reading - truth) >= 44.0) &&
                            (fabs(reading - truth) <= 121.0));
                break;
            case LATE: {
                bool is_old = false;

                for (size_t k = 1; k <= 6; k++) {
                    is_old =
                        is_old || (i < k * SENSOR_PEOPLE) ||
                        (reading == shown(run.sample[i - k * SENSOR_PEOPLE]));
                }
                assert_true(is_old);
                break;
            }
            }
        }
        assert_true(struck > 0);
        give_back(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_sensor_lanes__published_models__have_their_spread),
        cmocka_unit_test(test_sensor_lanes__breton__has_its_tails),
        cmocka_unit_test(
            test_sensor_model__population__has_the_statistics_of_its_rule),
        cmocka_unit_test(test_sensor_model__wrong_arguments__are_refused),
        cmocka_unit_test(
            test_sensor_lanes__every_variant_and_place__gives_the_same_bits),
        cmocka_unit_test(test_sensor_faults__no_chance__nothing_happens),
        cmocka_unit_test(test_sensor_faults__chance__is_how_often_they_come),
        cmocka_unit_test(test_sensor_faults__each__does_what_it_is_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
