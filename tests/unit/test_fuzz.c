/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "eval/fuzz.h"

/* {0: 2, 1: [1, 1000], 2: h'0102'} */
static const uint8_t message[] = {0xA3,
                                  0x00,
                                  0x02,
                                  0x01,
                                  0x82,
                                  0x01,
                                  0x19,
                                  0x03,
                                  0xE8,
                                  0x02,
                                  0x42,
                                  0x01,
                                  0x02};

static struct dg_fuzz_step one(enum dg_fuzz_kind kind,
                               uint32_t where,
                               uint32_t what)
{
    struct dg_fuzz_step step;

    memset(&step, 0, sizeof step);
    step.count = 1U;
    step.change[0] = (struct dg_fuzz_operator){kind, where, what};
    return step;
}

static void expect(const struct dg_fuzz_step *step,
                   size_t kept,
                   const uint8_t *wanted,
                   size_t size)
{
    uint8_t room[64];
    size_t got = sizeof message;

    memcpy(room, message, sizeof message);
    dg_fuzz_change(step, room, &got, sizeof room, kept);
    assert_int_equal(got, size);
    assert_memory_equal(room, wanted, size);
}

/* The items behind the first three bytes, counted from there: 1, the array,
 * its 1, its 1000, 2, the bytes. */
static void test_change__knows_items(void **state)
{
    static const uint8_t nested[] = {0xA3,
                                     0x00,
                                     0x02,
                                     0x01,
                                     0x81,
                                     0x81,
                                     0x82,
                                     0x01,
                                     0x19,
                                     0x03,
                                     0xE8,
                                     0x02,
                                     0x42,
                                     0x01,
                                     0x02};
    static const uint8_t dropped[] = {
        0xA3, 0x00, 0x02, 0x01, 0x02, 0x42, 0x01, 0x02};
    static const uint8_t edge[] = {
        0xA3, 0x00, 0x02, 0x01, 0x82, 0x01, 0x18, 0xFF, 0x02, 0x42, 0x01, 0x02};
    static const uint8_t loose[] = {0xA3,
                                    0x00,
                                    0x02,
                                    0x01,
                                    0x82,
                                    0x18,
                                    0x01,
                                    0x19,
                                    0x03,
                                    0xE8,
                                    0x02,
                                    0x42,
                                    0x01,
                                    0x02};
    static const uint8_t swapped[] = {0xA3,
                                      0x00,
                                      0x02,
                                      0x01,
                                      0x82,
                                      0x19,
                                      0x03,
                                      0xE8,
                                      0x01,
                                      0x02,
                                      0x42,
                                      0x01,
                                      0x02};
    const struct dg_fuzz_step nest = one(DG_FUZZ_NEST, 1U, 1U);
    const struct dg_fuzz_step drop = one(DG_FUZZ_DROP, 1U, 0U);
    const struct dg_fuzz_step at_edge = one(DG_FUZZ_EDGE, 3U, 8U);
    const struct dg_fuzz_step wide = one(DG_FUZZ_LOOSE, 2U, 0U);
    const struct dg_fuzz_step swap = one(DG_FUZZ_SWAP, 2U, 0U);

    (void)state;
    expect(&nest, 3U, nested, sizeof nested);
    expect(&drop, 3U, dropped, sizeof dropped);
    expect(&at_edge, 3U, edge, sizeof edge);
    expect(&wide, 3U, loose, sizeof loose);
    expect(&swap, 3U, swapped, sizeof swapped);
}

static void test_change__nothing_thrown__changes_nothing(void **state)
{
    struct dg_fuzz_step step;

    (void)state;
    memset(&step, 0, sizeof step);
    expect(&step, 0U, message, sizeof message);
}

/* @verifies{EVL_FUZZ.1@1}
 * Whatever is thrown: within the room, the front kept, the same again. */
static void test_change__any_bytes__stay_in_bounds_and_repeat(void **state)
{
    struct dg_dice dice = {.seed = 7U};
    unsigned different = 0U;

    (void)state;
    for (unsigned round = 0U; round < 20000U; round++) {
        uint8_t start[48];
        uint8_t first[49];
        uint8_t again[49];
        const size_t size = 1U + dg_dice_roll(&dice, 48U);
        const size_t kept = dg_dice_roll(&dice, (uint32_t)size);
        const struct dg_fuzz_step step = dg_fuzz_throw(&dice, 1U, 2U);
        size_t got = size;
        size_t same = size;

        for (size_t i = 0U; i < size; i++) {
            start[i] = (uint8_t)dg_dice_roll(&dice, 256U);
        }
        memset(first, 0x5A, sizeof first);
        memcpy(first, start, size);
        memcpy(again, first, sizeof again);
        dg_fuzz_change(&step, first, &got, 48U, kept);
        dg_fuzz_change(&step, again, &same, 48U, kept);
        assert_true((got >= 1U) && (got <= 48U));
        assert_int_equal(first[48], 0x5A);
        assert_memory_equal(first, start, (kept < got) ? kept : got);
        assert_int_equal(got, same);
        assert_memory_equal(first, again, got);
        different +=
            ((got != size) || (memcmp(first, start, size) != 0)) ? 1U : 0U;
    }
    assert_true(different > 18000U);
}

/* Fails when message 3 comes before message 5, however it is changed. */
static bool needs_two(void *context,
                      const struct dg_fuzz_step *steps,
                      size_t count)
{
    unsigned *calls = context;
    bool has_first = false;

    *calls += 1U;
    for (size_t i = 0U; i < count; i++) {
        has_first = has_first || (steps[i].message == 3U);
        if (has_first && (steps[i].message == 5U)) {
            return true;
        }
    }
    return false;
}

static void test_reduce__keeps_what_is_needed_and_no_more(void **state)
{
    struct dg_fuzz_step steps[200];
    struct dg_dice dice = {.seed = 1U};
    size_t count = 200U;
    unsigned calls = 0U;

    (void)state;
    for (unsigned i = 0U; i < 200U; i++) {
        steps[i] = dg_fuzz_throw(&dice, 0U, 1U);
    }
    steps[20].message = 3U;
    steps[150].message = 5U;
    dg_fuzz_reduce(steps, &count, needs_two, &calls, 200U);
    assert_int_equal(count, 2U);
    assert_int_equal(steps[0].message, 3U);
    assert_int_equal(steps[1].message, 5U);
    assert_int_equal(steps[0].count, 0U);
    assert_int_equal(steps[1].count, 0U);
    assert_true(calls <= 200U);
}

static void test_reduce__no_tries__changes_nothing(void **state)
{
    struct dg_fuzz_step steps[2] = {one(DG_FUZZ_BIT, 0U, 0U),
                                    one(DG_FUZZ_BIT, 0U, 0U)};
    size_t count = 2U;
    unsigned calls = 0U;

    (void)state;
    dg_fuzz_reduce(steps, &count, needs_two, &calls, 0U);
    assert_int_equal(count, 2U);
    assert_int_equal(calls, 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change__knows_items),
        cmocka_unit_test(test_change__nothing_thrown__changes_nothing),
        cmocka_unit_test(test_change__any_bytes__stay_in_bounds_and_repeat),
        cmocka_unit_test(test_reduce__keeps_what_is_needed_and_no_more),
        cmocka_unit_test(test_reduce__no_tries__changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
