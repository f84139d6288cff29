/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/cover.h"

#include <stdbool.h>
#include <string.h>

#include "cmocka_all.h"

/* Whether some row has @value in the columns @at: asked of the rows alone, in
 * another way than the generator counts. */
static bool has_row(const struct dg_cover *cover,
                    const size_t *at,
                    const unsigned *value,
                    size_t size)
{
    for (size_t row = 0; row < cover->rows; row++) {
        size_t same = 0;

        for (size_t i = 0; i < size; i++) {
            same += (cover->row[row][at[i]] == value[i]) ? 1U : 0U;
        }
        if (same == size) {
            return true;
        }
    }
    return false;
}

/* Every value of every choice of three columns (or two, or one: then the last
 * ones stand still) must be in a row. */
static size_t count_absent(const struct dg_cover *cover,
                           const uint8_t *levels,
                           size_t strength)
{
    size_t absent = 0;
    const size_t n = cover->columns;

    for (size_t a = 0; a < n; a++) {
        for (size_t b = (strength > 1U) ? a + 1U : n - 1U; b < n; b++) {
            for (size_t c = (strength > 2U) ? b + 1U : n - 1U; c < n; c++) {
                const size_t at[3] = {a, b, c};

                for (unsigned x = 0; x < levels[a]; x++) {
                    for (unsigned y = 0; y < levels[b]; y++) {
                        for (unsigned z = 0; z < levels[c]; z++) {
                            const unsigned value[3] = {x, y, z};

                            absent +=
                                has_row(cover, at, value, strength) ? 0U : 1U;
                        }
                    }
                }
            }
        }
    }
    return absent;
}

/* @verifies{EVL_COMBINE.1@1} */
static void test_cover__each_strength__every_tuple_stands_in_a_row(void **state)
{
    static const struct {
        uint8_t levels[DG_COVER_COLUMNS_MAX];
        size_t columns;
        size_t rows_max[3]; /* no more than twice the fewest that are known */
    } cases[] = {
        {{3, 3, 3, 3}, 4, {3, 18, 54}},
        {{2, 2, 2, 2, 2, 2, 2}, 7, {2, 12, 24}},
        {{5, 2, 7, 3}, 4, {7, 70, 210}},
        {{16, 16, 2}, 3, {16, 512, 512}},
        {{1, 4, 1}, 3, {4, 4, 4}},
        {{3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, 10, {3, 28, 90}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (unsigned strength = 1; strength <= 3U; strength++) {
            struct dg_cover cover;

            assert_int_equal(
                dg_cover_make(
                    cases[i].levels, cases[i].columns, strength, &cover),
                DG_OK);
            assert_int_equal(count_absent(&cover, cases[i].levels, strength),
                             0);
            assert_in_range(cover.rows, 1, cases[i].rows_max[strength - 1U]);
            for (size_t row = 0; row < cover.rows; row++) {
                for (size_t at = 0; at < cover.columns; at++) {
                    assert_true(cover.row[row][at] < cases[i].levels[at]);
                }
            }
            /* The check itself sees a missing row. */
            cover.rows--;
            assert_true(count_absent(&cover, cases[i].levels, strength) > 0U);
            dg_cover_free(&cover);
        }
    }
}

static void test_cover__same_input__same_rows(void **state)
{
    const uint8_t levels[] = {4, 3, 2, 5};
    struct dg_cover one;
    struct dg_cover other;

    (void)state;
    assert_int_equal(dg_cover_make(levels, 4, 2, &one), DG_OK);
    assert_int_equal(dg_cover_make(levels, 4, 2, &other), DG_OK);
    assert_int_equal(one.rows, other.rows);
    assert_memory_equal(one.row, other.row, one.rows * sizeof one.row[0]);
    dg_cover_free(&one);
    dg_cover_free(&other);
}

static void test_cover__out_of_range__refused(void **state)
{
    const uint8_t fine[] = {2, 2};
    const uint8_t none[] = {2, 0};
    const uint8_t many[] = {2, DG_COVER_LEVELS_MAX + 1U};
    const uint8_t huge[] = {16, 16, 16, 16, 16, 16, 16, 16, 16, 16};
    struct dg_cover cover;

    (void)state;
    assert_int_equal(dg_cover_make(fine, 0, 1, &cover), DG_E_RANGE);
    assert_int_equal(dg_cover_make(fine, 11, 1, &cover), DG_E_RANGE);
    assert_int_equal(dg_cover_make(fine, 2, 0, &cover), DG_E_RANGE);
    assert_int_equal(dg_cover_make(fine, 2, 5, &cover), DG_E_RANGE);
    assert_int_equal(dg_cover_make(none, 2, 2, &cover), DG_E_RANGE);
    assert_int_equal(dg_cover_make(many, 2, 2, &cover), DG_E_RANGE);
    assert_int_equal(dg_cover_make(huge, 10, 4, &cover), DG_E_RANGE);
    assert_int_equal(dg_cover_make(huge, 3, 3, &cover), DG_E_RANGE);
    dg_cover_free(&cover);

    /* More columns are asked to meet than there are: all of them do. */
    assert_int_equal(dg_cover_make(fine, 2, 4, &cover), DG_OK);
    assert_int_equal(cover.rows, 4);
    dg_cover_free(&cover);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_cover__each_strength__every_tuple_stands_in_a_row),
        cmocka_unit_test(test_cover__same_input__same_rows),
        cmocka_unit_test(test_cover__out_of_range__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
