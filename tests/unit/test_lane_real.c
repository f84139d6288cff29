/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>
#include <string.h>

#include "lane_probe.h"
#include "patient/lane/draw.h"
#include "patient/random.h"

struct variant {
    const struct probe *probe;
    const char *name;
    bool is_float;
    bool is_here; /* this processor has the instructions */
};

#define VARIANTS 6
static struct variant variants[VARIANTS];
static size_t variant_count;

static void add(const struct probe *probe,
                const char *name,
                bool is_float,
                bool is_here)
{
    variants[variant_count] = (struct variant){probe, name, is_float, is_here};
    variant_count++;
}

static int find_variants(void **state)
{
    (void)state;
    variant_count = 0;
    add(&lane_probe_double_base, "double, base", false, true);
    add(&lane_probe_float_base, "float, base", true, true);
#if defined(DG_LANE_X86)
    const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
    const bool has_avx512f = __builtin_cpu_supports("avx512f") != 0;

    add(&lane_probe_double_avx2, "double, avx2", false, has_avx2);
    add(&lane_probe_float_avx2, "float, avx2", true, has_avx2);
    add(&lane_probe_double_avx512f, "double, avx512f", false, has_avx512f);
    add(&lane_probe_float_avx512f, "float, avx512f", true, has_avx512f);
#endif
    for (size_t i = 0; i < variant_count; i++) {
        if (!variants[i].is_here) {
            print_message("not tested here: %s\n", variants[i].name);
        }
    }
    return 0;
}

static double true_tanh(double x)
{
    return tanh(x);
}

static double true_sine(double x)
{
    /* In double the angle alone would be six eps wrong. */
    return (double)sinl(2.0L * acosl(-1.0L) * (long double)x);
}

static double true_cosine(double x)
{
    return (double)cosl(2.0L * acosl(-1.0L) * (long double)x);
}

static double true_pow(double x)
{
    return pow(x, 0.8124);
}

static double true_min(double x)
{
    return x < 1.0 ? x : 1.0;
}

static double true_max(double x)
{
    return x > 1.0 ? x : 1.0;
}

static double true_clamp(double x)
{
    return fmin(fmax(x, -2.0), 3.0);
}

static double true_copysign(double x)
{
    return copysign(7.0, x);
}

/* What each function promises: the error allowed is eps * (scale of the value
 * + a floor), eps = 2^-53 or 2^-24. */
static const struct promise {
    enum probe_function function;
    double (*truth)(double);
    double low;
    double high;
    double eps;      /* of the value */
    double eps_of_1; /* and of 1     */
    double rough;    /* absolute, on top */
} promises[] = {
    {PROBE_EXP, exp, -87.0, 88.0, 3.0, 0.0, 0.0},
    {PROBE_EXP, exp, -1.0, 1.0, 3.0, 0.0, 0.0},
    {PROBE_LOG, log, 1e-30, 1e-3, 3.0, 0.0, 0.0},
    {PROBE_LOG, log, 0.5, 2.0, 3.0, 0.0, 0.0},
    {PROBE_LOG, log, 1.0, 30000.0, 3.0, 0.0, 0.0},
    {PROBE_TANH, true_tanh, -25.0, 25.0, 0.0, 4.0, 0.0},
    {PROBE_TANH, true_tanh, -1.0, 1.0, 0.0, 4.0, 0.0},
    {PROBE_TANH_ROUGH, true_tanh, -25.0, 25.0, 0.0, 4.0, 9.7e-5},
    {PROBE_SINH, sinh, -60.0, 60.0, 4.0, 4.0, 0.0},
    {PROBE_SINH, sinh, -1.0, 1.0, 4.0, 4.0, 0.0},
    {PROBE_SINE, true_sine, 0.0, 1.0, 0.0, 2.0, 0.0},
    {PROBE_COSINE, true_cosine, 0.0, 1.0, 0.0, 2.0, 0.0},
    {PROBE_SQRT, sqrt, 0.0, 1e6, 1.0, 0.0, 0.0},
    {PROBE_POW, true_pow, 1.0, 1000.0, 24.0, 0.0, 0.0},
    {PROBE_ROUND, rint, -1000.0, 1000.0, 0.0, 0.0, 0.0},
    {PROBE_FLOOR, floor, -1000.0, 1000.0, 0.0, 0.0, 0.0},
    {PROBE_MIN, true_min, -3.0, 5.0, 0.0, 0.0, 0.0},
    {PROBE_MAX, true_max, -3.0, 5.0, 0.0, 0.0, 0.0},
    {PROBE_CLAMP, true_clamp, -5.0, 5.0, 0.0, 0.0, 0.0},
    {PROBE_COPYSIGN, true_copysign, -5.0, 5.0, 0.0, 0.0, 0.0},
};

#define BLOCKS 1000

static void fill(double *in,
                 const struct promise *promise,
                 uint64_t block,
                 bool is_float)
{
    for (uint64_t i = 0; i < PROBE_ROWS; i++) {
        const double u = dg_random_uniform(5, 77, block * PROBE_ROWS + i);
        const double x = promise->low + (promise->high - promise->low) * u;

        /* The function is judged, not the rounding of its argument. */
        in[i] = is_float ? (double)(float)x : x;
    }
}

static void test_lane_real__elementary_functions__keep_their_bounds(
    void **state)
{
    (void)state;
    for (size_t v = 0; v < variant_count; v++) {
        const double eps = variants[v].is_float ? 0x1p-24 : 0x1p-53;

        if (!variants[v].is_here) {
            continue;
        }
        for (size_t p = 0; p < sizeof promises / sizeof promises[0]; p++) {
            const struct promise *promise = &promises[p];
            double worst = 0.0;

            for (uint64_t block = 0; block < BLOCKS; block++) {
                double in[PROBE_ROWS];
                double out[PROBE_ROWS];

                fill(in, promise, block, variants[v].is_float);
                variants[v].probe->apply(promise->function, in, out);
                for (size_t i = 0; i < PROBE_ROWS; i++) {
                    const double truth = promise->truth(in[i]);
                    const double allowed =
                        eps * (promise->eps * fabs(truth) + promise->eps_of_1) +
                        promise->rough;
                    const double error = fabs(out[i] - truth);

                    if (!(error <= allowed)) {
                        fail_msg("%s: function %d of %.17g: %.17g, not %.17g",
                                 variants[v].name,
                                 (int)promise->function,
                                 in[i],
                                 out[i],
                                 truth);
                    }
                    worst = fmax(worst, allowed > 0.0 ? error / allowed : 0.0);
                }
            }
            if (v < 2) {
                print_message("%s: function %d in %g .. %g: %.2f of the "
                              "allowed error\n",
                              variants[v].name,
                              (int)promise->function,
                              promise->low,
                              promise->high,
                              worst);
            }
        }
    }
}

/* Ends of the ranges, and what is no number. */
static void test_lane_real__odd_arguments__give_the_nearest_end(void **state)
{
    const double odd[PROBE_ROWS] = {
        -INFINITY, INFINITY, NAN, 0.0, -0.0, -1e30, 1e30, 1e-320, -5.0};
    double out[PROBE_ROWS];

    (void)state;
    for (size_t v = 0; v < variant_count; v++) {
        if (!variants[v].is_here) {
            continue;
        }

        const struct probe *probe = variants[v].probe;
        const double most = variants[v].is_float ? 88.0 : 709.0;
        const double least = variants[v].is_float ? -87.0 : -708.0;
        const double smallest = variants[v].is_float ? 0x1p-126 : 0x1p-1022;

        probe->apply(PROBE_EXP, odd, out);
        assert_true(fabs(out[0] / exp(least) - 1.0) < 1e-6);
        assert_true(fabs(out[1] / exp(most) - 1.0) < 1e-6);
        assert_true(out[3] == 1.0);
        probe->apply(PROBE_LOG, odd, out);
        assert_true(fabs(out[0] / log(smallest) - 1.0) < 1e-6);
        assert_true(fabs(out[3] / log(smallest) - 1.0) < 1e-6);
        assert_true(fabs(out[8] / log(smallest) - 1.0) < 1e-6);
        probe->apply(PROBE_TANH, odd, out);
        assert_true((out[0] == -1.0) && (out[1] == 1.0));
        probe->apply(PROBE_IS_FINITE, odd, out);
        assert_true((out[0] == 0.0) && (out[1] == 0.0) && (out[2] == 0.0));
        assert_true((out[3] == 1.0) && (out[5] == 1.0));
        probe->apply(PROBE_CLAMP, odd, out);
        assert_true((out[0] == -2.0) && (out[1] == 3.0) && (out[2] == -2.0));
    }
}

/* The claim that everything else rests on. */
static void test_lane_real__every_instruction_set__gives_the_same_bits(
    void **state)
{
    (void)state;
    for (size_t v = 2; v < variant_count; v++) {
        const struct probe *reference = variants[v % 2].probe;

        if (!variants[v].is_here) {
            continue;
        }
        for (size_t p = 0; p < sizeof promises / sizeof promises[0]; p++) {
            for (uint64_t block = 0; block < BLOCKS; block++) {
                double in[PROBE_ROWS];
                double wanted[PROBE_ROWS];
                double got[PROBE_ROWS];

                fill(in, &promises[p], block, false);
                reference->apply(promises[p].function, in, wanted);
                variants[v].probe->apply(promises[p].function, in, got);
                assert_memory_equal(got, wanted, sizeof got);
            }
        }
    }
}

/* source: Random123, tests/kat_vectors, philox4x32 with 10 rounds. */
static void test_lane_real__published_counters__give_known_answers(void **state)
{
    static const struct known_answer {
        uint32_t counter[4];
        uint64_t seed;
        uint32_t block[4];
    } known_answers[] = {
        {{0, 0, 0, 0}, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         0xffffffffffffffff,
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         0x299f31d0a4093822,
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof known_answers / sizeof known_answers[0];
         i++) {
        const struct known_answer *known = &known_answers[i];
        ubits counter[4];

        for (int k = 0; k < 4; k++) {
            counter[k] = u_set(known->counter[k]);
        }

        const struct dg_lane_block block = dg_lane_philox(counter, known->seed);

        for (int k = 0; k < 4; k++) {
            for (int lane = 0; lane < DG_LANES; lane++) {
                assert_true(block.word[k][lane] == known->block[k]);
            }
        }
    }
}

/* Person, day, stream and index are where draw.h says: the scalar generator
 * gives the same words. */
static void test_lane_real__lanes__draw_what_the_scalar_generator_draws(
    void **state)
{
    const uint64_t seed = 0x0123456789abcdef;
    const uint64_t first = 0xffffffe0; /* passes into the second word */
    const uint32_t day = 365;
    const uint32_t index = 287;

    (void)state;
    for (size_t v = 0; v < variant_count; v++) {
        uint32_t words[PROBE_ROWS][4];
        double uniform[PROBE_ROWS][4];
        double normal[PROBE_ROWS][4];

        if (!variants[v].is_here) {
            continue;
        }
        variants[v].probe->draw(
            seed, first, day, index, words, uniform, normal);
        for (uint64_t i = 0; i < PROBE_ROWS; i++) {
            const uint64_t person = first + i;
            const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
            const uint32_t counter[4] = {index,
                                         day,
                                         (uint32_t)person,
                                         (uint32_t)(person >> 32) << 8 |
                                             DG_LANE_STREAM_SENSOR};
            uint32_t block[4];

            dg_philox4x32(counter, key, block);
            assert_memory_equal(words[i], block, sizeof block);
            for (int k = 0; k < 4; k++) {
                const double u = ((double)(block[k] >> 1) + 0.5) * 0x1p-31;

                assert_true(fabs(uniform[i][k] - u) <=
                            (variants[v].is_float ? 0x1p-24 * u : 0.0));
            }
        }
    }
}

static void test_lane_real__float_and_double__draw_the_same_normals(
    void **state)
{
    uint32_t words[PROBE_ROWS][4];
    double uniform[PROBE_ROWS][4];
    double single[PROBE_ROWS][4];
    double twice[PROBE_ROWS][4];

    (void)state;
    for (uint32_t index = 0; index < 500; index++) {
        lane_probe_double_base.draw(9, 0, 1, index, words, uniform, twice);
        lane_probe_float_base.draw(9, 0, 1, index, words, uniform, single);
        for (size_t i = 0; i < PROBE_ROWS; i++) {
            for (int k = 0; k < 4; k++) {
                /* Near u = 1 a float has no digits left for log(u), where the
                 * normal is near 0 and its error still small. */
                assert_true(fabs(twice[i][k] - single[i][k]) < 4e-4);
            }
        }
    }
}

static void test_lane_real__normals__have_the_right_moments(void **state)
{
    const uint32_t blocks = 1000;
    const double draws = 4.0 * PROBE_ROWS * blocks;
    double moment[5] = {0.0};
    double pair = 0.0;
    double beyond_3 = 0.0;

    (void)state;
    for (uint32_t index = 0; index < blocks; index++) {
        uint32_t words[PROBE_ROWS][4];
        double uniform[PROBE_ROWS][4];
        double normal[PROBE_ROWS][4];

        lane_probe_float_base.draw(11, 0, 0, index, words, uniform, normal);
        for (size_t i = 0; i < PROBE_ROWS; i++) {
            for (int k = 0; k < 4; k++) {
                double power = 1.0;

                for (int m = 1; m <= 4; m++) {
                    power *= normal[i][k];
                    moment[m] += power / draws;
                }
                beyond_3 += fabs(normal[i][k]) > 3.0 ? 1.0 / draws : 0.0;
            }
            pair += 4.0 * normal[i][0] * normal[i][1] / draws;
        }
    }
    /* Five standard errors: sqrt(variance of the power / draws). */
    assert_true(fabs(moment[1]) < 5.0 * sqrt(1.0 / draws));
    assert_true(fabs(moment[2] - 1.0) < 5.0 * sqrt(2.0 / draws));
    assert_true(fabs(moment[3]) < 5.0 * sqrt(15.0 / draws));
    assert_true(fabs(moment[4] - 3.0) < 5.0 * sqrt(96.0 / draws));
    assert_true(fabs(pair) < 5.0 * sqrt(4.0 / draws));
    assert_true(fabs(beyond_3 - 0.0026998) < 5.0 * sqrt(0.0027 / draws));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_lane_real__elementary_functions__keep_their_bounds),
        cmocka_unit_test(test_lane_real__odd_arguments__give_the_nearest_end),
        cmocka_unit_test(
            test_lane_real__every_instruction_set__gives_the_same_bits),
        cmocka_unit_test(
            test_lane_real__published_counters__give_known_answers),
        cmocka_unit_test(
            test_lane_real__lanes__draw_what_the_scalar_generator_draws),
        cmocka_unit_test(
            test_lane_real__float_and_double__draw_the_same_normals),
        cmocka_unit_test(test_lane_real__normals__have_the_right_moments),
    };

    return cmocka_run_group_tests(tests, find_variants, NULL);
}
