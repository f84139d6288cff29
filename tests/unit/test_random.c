/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>

#include "patient/random.h"

/* source: Random123, tests/kat_vectors, philox4x32 with 10 rounds. */
static const struct known_answer {
    uint32_t counter[4];
    uint32_t key[2];
    uint32_t block[4];
} known_answers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static void test_random__published_inputs__give_known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known_answers / sizeof known_answers[0];
         i++) {
        const struct known_answer *known = &known_answers[i];
        uint32_t block[4];

        dg_philox4x32(known->counter, known->key, block);
        assert_memory_equal(block, known->block, sizeof block);
    }
}

static void test_random__uniform__has_the_right_moments(void **state)
{
    const uint64_t draws = 100000;
    double sum = 0.0;
    double squares = 0.0;

    (void)state;
    for (uint64_t i = 0; i < draws; i++) {
        const double u = dg_random_uniform(7, 3, i);

        assert_true((u > 0.0) && (u < 1.0));
        sum += u;
        squares += u * u;
    }
    /* Five standard errors. */
    assert_true(fabs(sum / (double)draws - 0.5) < 0.0046);
    assert_true(fabs(squares / (double)draws - 1.0 / 3.0) < 0.0048);
}

static void test_random__normal__has_the_right_moments(void **state)
{
    const uint64_t draws = 100000;
    double moment[5] = {0.0};
    double neighbours = 0.0;
    double last = 0.0;

    (void)state;
    for (uint64_t i = 0; i < draws; i++) {
        const double z = dg_random_normal(42, 2, i);

        moment[1] += z;
        moment[2] += z * z;
        moment[3] += z * z * z;
        moment[4] += z * z * z * z;
        neighbours += z * last;
        last = z;
    }
    assert_true(fabs(moment[1] / (double)draws) < 0.016);
    assert_true(fabs(moment[2] / (double)draws - 1.0) < 0.023);
    assert_true(fabs(moment[3] / (double)draws) < 0.062);
    assert_true(fabs(moment[4] / (double)draws - 3.0) < 0.16);
    assert_true(fabs(neighbours / (double)draws) < 0.016);
}

static void test_random__seed_stream_index__each_matter(void **state)
{
    const double base = dg_random_normal(1, 2, 3);

    (void)state;
    assert_true(base == dg_random_normal(1, 2, 3));
    assert_true(base != dg_random_normal(2, 2, 3));
    assert_true(base != dg_random_normal(1, 3, 3));
    assert_true(base != dg_random_normal(1, 2, 4));
    assert_true(base != dg_random_normal(1ULL << 32 | 1, 2, 3));
    assert_true(base != dg_random_normal(1, 2, 1ULL << 32 | 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random__published_inputs__give_known_answers),
        cmocka_unit_test(test_random__uniform__has_the_right_moments),
        cmocka_unit_test(test_random__normal__has_the_right_moments),
        cmocka_unit_test(test_random__seed_stream_index__each_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
