/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>
#include <string.h>

#include "patient/people.h"
#include "patient/person.h"

static void live(struct dg_person *person, uint32_t minutes, uint32_t mU)
{
    for (uint32_t done = 0; done < minutes; done += 5U) {
        uint32_t amounts[5];

        dg_person_spread(mU, 5, amounts);
        assert_int_equal(dg_person_advance(person, 5, amounts), DG_OK);
    }
}

static void test_person__midnight__fasts_with_a_reading(void **state)
{
    struct dg_person person;

    (void)state;
    assert_int_equal(dg_person_init(&person, "child#001", 1, DG_SENSOR_IDEAL),
                     DG_OK);
    assert_int_equal(dg_person_minute(&person), 0);
    assert_int_equal(dg_person_sensor_mg_dL(&person), 141);
    assert_true(fabs(dg_person_plasma_mg_dL(&person) - 141.2046604) < 1e-6);
    assert_int_equal(person.eaten_count, 0);
}

/* The day of the model's check figures, lived through this interface: no
 * meals planned, 60 g at 420 and 6 U in that minute, basal of adult#001
 * (21.1227 mU/min, here in whole mU: 106 mU in most five minutes). */
static void test_person__check_day__comes_near_the_model(void **state)
{
    struct dg_person person;
    double given = 0.0;
    uint32_t sent = 0;

    (void)state;
    assert_int_equal(dg_person_init(&person, "adult#001", 1, DG_SENSOR_IDEAL),
                     DG_OK);
    assert_int_equal(dg_person_choose_meals(&person, DG_PERSON_MEALS_NONE),
                     DG_OK);
    for (uint32_t minute = 0; minute < 540; minute += 5U) {
        uint32_t amounts[5];

        given += 5.0 * 21.122674999925331;
        dg_person_spread((uint32_t)given - sent, 5, amounts);
        sent = (uint32_t)given;
        if (minute == 420) {
            assert_int_equal(dg_person_eat(&person, 60.0), DG_OK);
            amounts[0] += 6000;
        }
        if (minute == 480) {
            assert_int_equal(dg_person_sensor_mg_dL(&person), 185);
        }
        assert_int_equal(dg_person_advance(&person, 5, amounts), DG_OK);
    }
    assert_int_equal(dg_person_sensor_mg_dL(&person), 184);
    assert_int_equal(person.insulin_mU, sent + 6000U);
    assert_int_equal(person.eaten_count, 1);
    assert_int_equal(person.eaten[0].minute, 420);
    assert_int_equal(person.eaten[0].kind, DG_MEAL_EXTRA);
}

static void test_person__two_days__eats_the_plan_and_records_it(void **state)
{
    static const uint32_t minutes[8] = {
        420, 720, 930, 1110, 1860, 2160, 2370, 2550};
    struct dg_person person;

    (void)state;
    assert_int_equal(dg_person_init(&person, "adult#001", 1, DG_SENSOR_IDEAL),
                     DG_OK);
    live(&person, 420, 106);
    assert_int_equal(person.eaten_count, 0);
    live(&person, 5, 106);
    assert_int_equal(person.eaten_count, 1);
    live(&person, 2880 - 425, 300);
    assert_int_equal(person.eaten_count, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(person.eaten[i].minute, minutes[i]);
    }
    assert_true(person.eaten[3].grams == 83.0);
}

static void test_person__any_span__gives_the_same_day(void **state)
{
    struct dg_person fives;
    struct dg_person hours;
    uint32_t amounts[60];

    (void)state;
    assert_int_equal(dg_person_init(&fives, "adolescent#001", 21, DG_SENSOR_G6),
                     DG_OK);
    assert_int_equal(dg_person_choose_meals(&fives, DG_PERSON_MEALS_DRAWN),
                     DG_OK);
    assert_int_equal(dg_person_init(&hours, "adolescent#001", 21, DG_SENSOR_G6),
                     DG_OK);
    assert_int_equal(dg_person_choose_meals(&hours, DG_PERSON_MEALS_DRAWN),
                     DG_OK);
    for (int hour = 0; hour < 30; hour++) {
        for (size_t i = 0; i < 60; i++) {
            amounts[i] = 14;
        }
        live(&fives, 60, 70);
        assert_int_equal(dg_person_advance(&hours, 60, amounts), DG_OK);
        assert_int_equal(dg_person_sensor_mg_dL(&fives),
                         dg_person_sensor_mg_dL(&hours));
        assert_true(dg_person_plasma_mg_dL(&fives) ==
                    dg_person_plasma_mg_dL(&hours));
    }
    assert_int_equal(fives.eaten_count, hours.eaten_count);
    assert_true(fives.eaten_count >= 3);
}

static void test_person__overdose__is_felt(void **state)
{
    struct dg_person person;
    uint32_t amounts[5] = {21 + 15000, 21, 21, 21, 21};

    (void)state;
    assert_int_equal(dg_person_init(&person, "adult#001", 1, DG_SENSOR_IDEAL),
                     DG_OK);
    assert_int_equal(dg_person_advance(&person, 5, amounts), DG_OK);
    live(&person, 360, 106);
    assert_true(dg_person_plasma_mg_dL(&person) < 54.0);
    assert_true(dg_person_sensor_mg_dL(&person) < 60);
}

static void test_person__spread__loses_nothing(void **state)
{
    uint32_t amounts[7] = {9, 9, 9, 9, 9, 9, 9};
    static const uint32_t expected[7] = {3, 3, 2, 2, 2, 2, 2};

    (void)state;
    dg_person_spread(5, 0, amounts);
    dg_person_spread(5, 61, amounts);
    assert_int_equal(amounts[0], 9);
    dg_person_spread(16, 7, amounts);
    assert_memory_equal(amounts, expected, sizeof expected);
}

static void test_person__two_weeks__is_where_it_ends(void **state)
{
    struct dg_person person;
    uint32_t amounts[60] = {0};

    (void)state;
    assert_int_equal(dg_person_init(&person, "adult#001", 1, DG_SENSOR_G6),
                     DG_OK);
    live(&person, 14 * 1440 - 5, 106);
    assert_int_equal(person.eaten_count, 14 * 4);
    assert_int_equal(dg_person_advance(&person, 6, amounts), DG_E_RANGE);
    assert_int_equal(dg_person_advance(&person, 5, amounts), DG_OK);
    assert_int_equal(dg_person_advance(&person, 1, amounts), DG_E_RANGE);
}

static void test_person__absurd_input__is_refused_unchanged(void **state)
{
    struct dg_person person;
    struct dg_person before;
    uint32_t amounts[61] = {0};

    (void)state;
    memset(&person, 0, sizeof person);
    memcpy(&before, &person, sizeof before);
    assert_int_equal(dg_person_init(NULL, "adult#001", 1, DG_SENSOR_G6),
                     DG_E_USAGE);
    assert_int_equal(dg_person_init(&person, NULL, 1, DG_SENSOR_G6),
                     DG_E_USAGE);
    assert_int_equal(dg_person_init(&person, "nobody", 1, DG_SENSOR_G6),
                     DG_E_UNSUPPORTED);
    assert_int_equal(
        dg_person_init(&person, "adult#001", 1, (enum dg_sensor_kind)8),
        DG_E_RANGE);
    assert_memory_equal(&person, &before, sizeof before);

    assert_int_equal(dg_person_init(&person, "adult#001", 1, DG_SENSOR_G6),
                     DG_OK);
    assert_int_equal(dg_person_advance(&person, 5, amounts), DG_OK);
    memcpy(&before, &person, sizeof before);

    assert_int_equal(dg_person_choose_meals(&person, DG_PERSON_MEALS_NONE),
                     DG_E_STATE);
    assert_int_equal(dg_person_choose_meals(&person, (enum dg_person_meals)9),
                     DG_E_RANGE);
    assert_int_equal(dg_person_choose_meals(NULL, DG_PERSON_MEALS_NONE),
                     DG_E_USAGE);
    assert_int_equal(dg_person_eat(NULL, 10.0), DG_E_USAGE);
    assert_int_equal(dg_person_eat(&person, NAN), DG_E_RANGE);
    assert_int_equal(dg_person_advance(NULL, 5, amounts), DG_E_USAGE);
    assert_int_equal(dg_person_advance(&person, 5, NULL), DG_E_USAGE);
    assert_int_equal(dg_person_advance(&person, 0, amounts), DG_E_RANGE);
    assert_int_equal(dg_person_advance(&person, 61, amounts), DG_E_RANGE);
    amounts[4] = 300001; /* the last of five: the first four do not count */
    assert_int_equal(dg_person_advance(&person, 5, amounts), DG_E_RANGE);
    assert_memory_equal(&person, &before, sizeof before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_person__midnight__fasts_with_a_reading),
        cmocka_unit_test(test_person__check_day__comes_near_the_model),
        cmocka_unit_test(test_person__two_days__eats_the_plan_and_records_it),
        cmocka_unit_test(test_person__any_span__gives_the_same_day),
        cmocka_unit_test(test_person__overdose__is_felt),
        cmocka_unit_test(test_person__spread__loses_nothing),
        cmocka_unit_test(test_person__two_weeks__is_where_it_ends),
        cmocka_unit_test(test_person__absurd_input__is_refused_unchanged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
