/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>

#include "patient/meals.h"
#include "patient/people.h"

static const struct dg_s2008_parameters *person(const char *name)
{
    const struct dg_published_person *found;

    assert_int_equal(dg_people_find(name, &found), DG_OK);
    return &found->parameters;
}

static void expect_day(const char *name, const double grams[4])
{
    static const uint32_t minutes[4] = {420, 720, 930, 1110};
    struct dg_meal_day day;

    assert_int_equal(dg_meals_default_day(&day, person(name), 0), DG_OK);
    assert_int_equal(day.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(day.meals[i].minute, minutes[i]);
        assert_int_equal(day.meals[i].kind, i);
        assert_true(day.meals[i].grams == grams[i]);
        assert_true(day.meals[i].count_error == 0.0);
    }
}

/* By hand: 50, 60, 20, 70 g times 102.32/86.4 = 1.184 for the adult, 1.25
 * (1.487 is cut) for the adolescent, 34.56/35.5/2 = 0.4867 for the child. */
static void test_meals__default_day__scales_with_the_person(void **state)
{
    static const double adult[4] = {59, 71, 24, 83};
    static const double adolescent[4] = {63, 75, 25, 88};
    static const double child[4] = {24, 29, 10, 34};

    (void)state;
    expect_day("adult#001", adult);
    expect_day("adolescent#001", adolescent);
    expect_day("child#001", child);
}

static void test_meals__later_day__moves_by_whole_days(void **state)
{
    struct dg_meal_day day;

    (void)state;
    assert_int_equal(dg_meals_default_day(&day, person("adult#001"), 2), DG_OK);
    assert_int_equal(day.meals[0].minute, 2 * 1440 + 420);
    assert_int_equal(day.meals[3].minute, 2 * 1440 + 1110);
}

static void test_meals__drawn_days__stay_within_their_bounds(void **state)
{
    const struct dg_s2008_parameters *adult = person("adult#001");
    struct dg_meal_day usual;
    int snacks = 0;
    double error = 0.0;
    int meals = 0;

    (void)state;
    assert_int_equal(dg_meals_default_day(&usual, adult, 0), DG_OK);
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct dg_meal_day day;
        uint32_t last = 0;

        assert_int_equal(
            dg_meals_draw_day(&day, adult, seed, 0, DG_MEALS_COUNT_ERROR_SD),
            DG_OK);
        for (size_t i = 0; i < day.count; i++) {
            const struct dg_meal *meal = &day.meals[i];
            const struct dg_meal *plan = &usual.meals[meal->kind];

            assert_true(meal->minute > last);
            last = meal->minute;
            assert_in_range(meal->minute, plan->minute - 40, plan->minute + 40);
            assert_true(fabs(meal->grams / plan->grams - 1.0) < 0.43);
            assert_true(fabs(meal->count_error) <= 0.5);
            snacks += (meal->kind == DG_MEAL_SNACK) ? 1 : 0;
            error += fabs(meal->count_error);
            meals++;
        }
    }
    assert_in_range(snacks, 888, 1112); /* 1000, five standard errors */
    /* The published mean absolute error; the cut takes a little of it. */
    assert_true(fabs(error / meals - 0.203) < 0.01);
}

static void test_meals__same_seed_and_day__give_the_same_meals(void **state)
{
    const struct dg_s2008_parameters *child = person("child#001");
    struct dg_meal_day a;
    struct dg_meal_day b;
    int different = 0;

    (void)state;
    for (uint32_t number = 0; number < 20; number++) {
        assert_int_equal(dg_meals_draw_day(&a, child, 3, number, 0.2), DG_OK);
        assert_int_equal(dg_meals_draw_day(&b, child, 3, number, 0.2), DG_OK);
        assert_int_equal(a.count, b.count);
        for (size_t i = 0; i < a.count; i++) {
            assert_int_equal(a.meals[i].minute, b.meals[i].minute);
            assert_true(a.meals[i].grams == b.meals[i].grams);
            assert_true(a.meals[i].count_error == b.meals[i].count_error);
        }
        assert_int_equal(dg_meals_draw_day(&b, child, 4, number, 0.2), DG_OK);
        different += (a.meals[0].minute != b.meals[0].minute) ? 1 : 0;
    }
    assert_true(different > 10);
}

/* No two things that are drawn may share a number. */
static void test_meals__drawn_things__know_nothing_of_each_other(void **state)
{
    const struct dg_s2008_parameters *adult = person("adult#001");
    const int seeds = 2000;
    double sum[3] = {0.0};
    double squares[3] = {0.0};
    double products[3] = {0.0};

    (void)state;
    for (uint64_t seed = 0; seed < (uint64_t)seeds; seed++) {
        struct dg_meal_day day;

        assert_int_equal(dg_meals_draw_day(&day, adult, seed, 0, 0.2), DG_OK);

        /* Breakfast's count, breakfast's size, lunch's size. */
        const double drawn[3] = {day.meals[0].count_error / 0.2,
                                 (day.meals[0].grams / 59.0 - 1.0) / 0.2,
                                 (day.meals[1].grams / 71.0 - 1.0) / 0.2};

        for (size_t i = 0; i < 3; i++) {
            sum[i] += drawn[i];
            squares[i] += drawn[i] * drawn[i];
            products[i] += drawn[i] * drawn[(i + 1U) % 3U];
        }
    }
    for (size_t i = 0; i < 3; i++) {
        assert_true(fabs(sum[i] / seeds) < 0.12);
        assert_true(fabs(squares[i] / seeds - 0.92) < 0.12);
        assert_true(fabs(products[i] / seeds) < 0.12);
    }
}

static void test_meals__count_error__changes_the_count_only(void **state)
{
    const struct dg_s2008_parameters *adult = person("adult#001");
    const struct dg_meal meal = {.grams = 60.0, .count_error = -0.25};
    struct dg_meal_day right;
    struct dg_meal_day wrong;

    (void)state;
    assert_true(dg_meal_counted_g(&meal) == 45.0);

    assert_int_equal(dg_meals_draw_day(&right, adult, 8, 0, 0.0), DG_OK);
    assert_int_equal(dg_meals_draw_day(&wrong, adult, 8, 0, 0.3), DG_OK);
    for (size_t i = 0; i < right.count; i++) {
        assert_true(dg_meal_counted_g(&right.meals[i]) == right.meals[i].grams);
        assert_true(wrong.meals[i].grams == right.meals[i].grams);
        assert_true(wrong.meals[i].count_error != 0.0);
    }
}

static void test_meals__absurd_input__is_refused(void **state)
{
    struct dg_s2008_parameters p = *person("adult#001");
    struct dg_meal_day day = {.count = 99};

    (void)state;
    assert_int_equal(dg_meals_default_day(NULL, &p, 0), DG_E_USAGE);
    assert_int_equal(dg_meals_default_day(&day, NULL, 0), DG_E_USAGE);
    assert_int_equal(dg_meals_default_day(&day, &p, 365), DG_E_RANGE);
    assert_int_equal(dg_meals_draw_day(NULL, &p, 1, 0, 0.1), DG_E_USAGE);
    assert_int_equal(dg_meals_draw_day(&day, NULL, 1, 0, 0.1), DG_E_USAGE);
    assert_int_equal(dg_meals_draw_day(&day, &p, 1, 0, NAN), DG_E_RANGE);
    assert_int_equal(dg_meals_draw_day(&day, &p, 1, 0, -0.1), DG_E_RANGE);
    assert_int_equal(dg_meals_draw_day(&day, &p, 1, 0, 0.51), DG_E_RANGE);
    p.weight_kg = NAN;
    assert_int_equal(dg_meals_default_day(&day, &p, 0), DG_E_RANGE);
    p.weight_kg = 70.0;
    p.age_class = (enum dg_age_class)5;
    assert_int_equal(dg_meals_default_day(&day, &p, 0), DG_E_RANGE);
    assert_int_equal(day.count, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meals__default_day__scales_with_the_person),
        cmocka_unit_test(test_meals__later_day__moves_by_whole_days),
        cmocka_unit_test(test_meals__drawn_days__stay_within_their_bounds),
        cmocka_unit_test(test_meals__same_seed_and_day__give_the_same_meals),
        cmocka_unit_test(test_meals__drawn_things__know_nothing_of_each_other),
        cmocka_unit_test(test_meals__count_error__changes_the_count_only),
        cmocka_unit_test(test_meals__absurd_input__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
