/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>
#include <string.h>

#include "patient/habits.h"

#define DAY 1440U

static void test_habits__no_habits__do_everything_right(void **state)
{
    const struct dg_habits none = {0};

    (void)state;
    for (uint32_t minute = 0; minute < 7U * DAY; minute += 7U) {
        struct dg_habit habit;

        assert_int_equal(dg_habits_meal(&none, 1, 5, minute, 61.0, &habit),
                         DG_OK);
        assert_false(habit.is_skipped);
        assert_int_equal(habit.late_min, 0);
        assert_true(habit.counted_g == 61.0);
    }
}

static void test_habits__chances__are_how_often_it_happens(void **state)
{
    const struct dg_habits habits = {
        .skip = 0.2, .late = 0.4, .count_bias = 0.0, .count_sd = 0.2};
    const uint64_t people = 20000;
    double skipped = 0.0;
    double late = 0.0;
    double minutes = 0.0;
    double sum = 0.0;
    double squares = 0.0;

    (void)state;
    for (uint64_t p = 0; p < people; p++) {
        struct dg_habit habit;

        assert_int_equal(dg_habits_meal(&habits, 3, p, 720, 400.0, &habit),
                         DG_OK);
        skipped += habit.is_skipped ? 1.0 : 0.0;
        late += habit.late_min > 0 ? 1.0 : 0.0;
        minutes += habit.late_min;
        if (habit.late_min > 0) {
            assert_in_range(
                habit.late_min, DG_HABITS_LATE_MIN, DG_HABITS_LATE_MAX);
        }
        assert_true((habit.counted_g >= 200.0) && (habit.counted_g <= 600.0));
        sum += habit.counted_g / 400.0;
        squares += habit.counted_g / 400.0 * habit.counted_g / 400.0;
    }
    sum /= (double)people;
    assert_true(fabs(skipped / (double)people - 0.2) < 0.015);
    assert_true(fabs(late / (double)people - 0.4) < 0.018);
    assert_true(fabs(minutes / late - 35.0) < 1.0);
    assert_true(fabs(sum - 1.0) < 0.008);
    /* Cut at a half: a little narrower than 0.2. */
    assert_true(fabs(sqrt(squares / (double)people - sum * sum) - 0.197) <
                0.005);
}

/* The bias stays with the person and the part of the day. */
static void test_habits__bias__stays_with_the_person(void **state)
{
    const struct dg_habits habits = {.count_bias = 0.2};
    struct dg_habit first;
    struct dg_habit again;
    int other = 0;

    (void)state;
    for (uint64_t p = 0; p < 50; p++) {
        assert_int_equal(dg_habits_meal(&habits, 3, p, 720, 400.0, &first),
                         DG_OK);
        assert_int_equal(
            dg_habits_meal(&habits, 3, p, 9U * DAY + 800, 400.0, &again),
            DG_OK);
        assert_true(first.counted_g == again.counted_g);
        assert_int_equal(dg_habits_meal(&habits, 3, p, 420, 400.0, &again),
                         DG_OK);
        other += first.counted_g != again.counted_g ? 1 : 0;
    }
    assert_true(other > 40);
}

static void test_habits__wrong_arguments__are_refused(void **state)
{
    const struct dg_habits none = {0};
    const struct dg_habits wrongs[] = {{.skip = 1.1},
                                       {.late = -0.1},
                                       {.count_bias = 0.6},
                                       {.count_sd = (double)NAN}};
    struct dg_habit habit = {.counted_g = 7.0};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(dg_habits_meal(&wrongs[i], 1, 1, 0, 10.0, &habit),
                         DG_E_RANGE);
    }
    assert_int_equal(
        dg_habits_meal(&none, 1, UINT64_C(1) << 56, 0, 10.0, &habit),
        DG_E_RANGE);
    assert_int_equal(dg_habits_meal(&none, 1, 1, 0, -1.0, &habit), DG_E_RANGE);
    assert_int_equal(dg_habits_meal(&none, 1, 1, 0, (double)NAN, &habit),
                     DG_E_RANGE);
    assert_int_equal(dg_habits_meal(NULL, 1, 1, 0, 1.0, &habit), DG_E_USAGE);
    assert_int_equal(dg_habits_meal(&none, 1, 1, 0, 1.0, NULL), DG_E_USAGE);
    assert_true(habit.counted_g == 7.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_habits__no_habits__do_everything_right),
        cmocka_unit_test(test_habits__chances__are_how_often_it_happens),
        cmocka_unit_test(test_habits__bias__stays_with_the_person),
        cmocka_unit_test(test_habits__wrong_arguments__are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
