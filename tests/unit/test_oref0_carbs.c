/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include "patient/control/oref0/carbs.h"
#include "patient/control/oref0/controller.h"
#include "patient/control/oref0/number.h"

/* Carbohydrate on board, and the rig around the decision. */

#define NOW_MS 1790000000000.0

static struct dg_oref0_profile profile(void)
{
    struct dg_oref0_profile made;

    dg_oref0_profile_defaults(&made);
    made.sens = 40.0;
    made.carb_ratio = 10.0;
    return made;
}

static struct dg_oref0_carb_history history;

static struct dg_oref0_meal meal_now(void)
{
    const struct dg_oref0_profile made = profile();
    struct dg_oref0_meal meal;

    dg_oref0_carbs(&history, &made, NOW_MS, &meal);
    return meal;
}

static void begin(void)
{
    history = (struct dg_oref0_carb_history){.step = 0};
}

static void level(size_t steps, double mg_dL)
{
    for (size_t i = 0; i < steps; i++) {
        dg_oref0_carbs_record(&history, mg_dL, 0.0, 0.0);
    }
}

/* Level glucose: min_5m_carbimpact of 8 mg/dL is 2 g in each five minutes. */
static void test_oref0_carbs__level_glucose__absorbs_the_least(void **state)
{
    (void)state;
    begin();
    level(5, 100.0);
    dg_oref0_carbs_record(&history, 100.0, 0.0, 60.0);
    assert_true(meal_now().cob == 60.0);
    assert_true(meal_now().carbs == 60.0);
    assert_true(meal_now().last_carb_ms == NOW_MS);
    level(6, 100.0);
    assert_true(meal_now().cob == 48.0);
    assert_true(meal_now().last_carb_ms == NOW_MS - 1800000.0);
    level(30, 100.0);
    assert_true(meal_now().cob == 0.0);
    /* Still counted as entered, until six hours have passed. */
    assert_true(meal_now().carbs == 60.0 || meal_now().carbs == 0.0);
    level(36, 100.0);
    assert_int_equal(history.entries, 0);
    assert_true(meal_now().last_carb_ms == 0.0);
}

/* A rise of 16 mg/dL in five minutes is 4 g; insulin that takes 4 mg/dL hides
 * one more. */
static void test_oref0_carbs__rise__is_absorption(void **state)
{
    (void)state;
    begin();
    level(6, 100.0);
    dg_oref0_carbs_record(&history, 100.0, 0.0, 60.0);
    for (int i = 1; i <= 5; i++) {
        dg_oref0_carbs_record(&history, 100.0 + 16.0 * i, 0.0, 0.0);
    }
    assert_true(meal_now().cob == 40.0);
    begin();
    level(6, 100.0);
    dg_oref0_carbs_record(&history, 100.0, 0.02, 60.0);
    for (int i = 1; i <= 5; i++) {
        dg_oref0_carbs_record(&history, 100.0 + 16.0 * i, 0.02, 0.0);
    }
    assert_true(meal_now().cob == 35.0);
}

static void test_oref0_carbs__gap__is_filled_and_no_reading_is_none(
    void **state)
{
    (void)state;
    begin();
    level(6, 100.0);
    dg_oref0_carbs_record(&history, 100.0, 0.0, 60.0);
    dg_oref0_carbs_record(&history, 116.0, 0.0, 0.0);
    dg_oref0_carbs_record(&history, 0.0, 0.0, 0.0);
    dg_oref0_carbs_record(&history, 0.0, 0.0, 0.0);
    dg_oref0_carbs_record(&history, 164.0, 0.0, 0.0);
    dg_oref0_carbs_record(&history, 180.0, 0.0, 0.0);
    assert_true(meal_now().cob == 40.0);
    dg_oref0_carbs_record(&history, 0.0, 0.0, 0.0);
    assert_true(meal_now().cob == 0.0);
    assert_true(meal_now().slope_from_min == 999.0);
    assert_true(meal_now().carbs == 60.0);
}

static void test_oref0_carbs__slopes__fall_from_the_largest(void **state)
{
    (void)state;
    begin();
    level(6, 100.0);
    dg_oref0_carbs_record(&history, 112.0, 0.0, 0.0);
    dg_oref0_carbs_record(&history, 124.0, 0.0, 0.0);
    dg_oref0_carbs_record(&history, 136.0, 0.0, 0.0); /* mean 12 */
    dg_oref0_carbs_record(&history, 139.0, 0.0, 0.0); /* mean 9 */
    assert_true(meal_now().slope_from_max == -3.0);
    /* The smallest earlier deviation is 0, four steps ago. */
    assert_true(meal_now().slope_from_min == 2.25);
}

static void test_oref0_carbs__most_on_board__is_limited(void **state)
{
    (void)state;
    begin();
    level(6, 100.0);
    dg_oref0_carbs_record(&history, 100.0, 0.0, 200.0);
    assert_true(meal_now().cob == 120.0);
}

static unsigned char memory[65536] __attribute__((aligned(64)));

static struct dg_controller_output step(struct dg_controller_input input)
{
    struct dg_controller_output output;

    assert_int_equal(dg_controller_oref0.step(memory, &input, &output), DG_OK);
    assert_int_equal(dg_controller_output_check(&output), DG_OK);
    return output;
}

static void start_adult(void)
{
    const struct dg_controller_person person = {
        .basal = {{.minute = 0, .mU_per_h = 1000}},
        .basal_count = 1,
        .isf_mg_dL_U = 40.0,
        .cr_g_U = 10.0,
        .tdd_U = 48.0,
        .target_mg_dL = 110.0,
        .weight_kg = 75.0,
        .age = DG_CONTROLLER_ADULT,
    };

    assert_true(dg_controller_oref0.state_bytes <= sizeof memory);
    assert_int_equal(dg_controller_oref0.start(memory, &person), DG_OK);
}

/* Rising glucose gets micro-boluses.  What the pump refuses is not counted:
 * a controller that is told "nothing was given" asks again; one that is told
 * of the dose waits. */
static void test_oref0__refused_doses__are_not_counted_as_given(void **state)
{
    uint32_t asked_refused = 0;
    uint32_t asked_given = 0;

    (void)state;
    for (int given = 0; given < 2; given++) {
        uint32_t last_mU = 0;
        uint32_t sum = 0;

        start_adult();
        for (uint32_t k = 0; k < 24; k++) {
            const struct dg_controller_output output =
                step((struct dg_controller_input){
                    .minute = 5 * k,
                    .glucose_mg_dL = 180 + (int32_t)(3 * k),
                    .basal_mU = 83,
                    .bolus_mU = given != 0 ? last_mU : 0,
                });
            last_mU = output.bolus_mU;
            assert_int_equal(output.bolus_mU % 50, 0);
            sum += output.bolus_mU;
        }
        *(given != 0 ? &asked_given : &asked_refused) = sum;
    }
    assert_true(asked_given > 0);
    print_message(
        "asked: %u mU refused, %u given\n", asked_refused, asked_given);
    assert_true(asked_refused > asked_given);
}

static void test_oref0__lost_sensor__ends_a_high_temp(void **state)
{
    struct dg_controller_output output;

    (void)state;
    start_adult();
    output = step((struct dg_controller_input){.glucose_mg_dL = 0});
    assert_false(output.temp_set);
    assert_int_equal(output.bolus_mU, 0);
    output =
        step((struct dg_controller_input){.minute = 5, .glucose_mg_dL = 250});
    for (uint32_t minute = 10; minute <= 20; minute += 5) {
        output = step((struct dg_controller_input){.minute = minute,
                                                   .temp_runs = true,
                                                   .temp_mU_per_h = 3000,
                                                   .temp_minutes = 20});
    }
    assert_true(output.temp_set);
    assert_int_equal(output.temp_mU_per_h, 1000);
    assert_int_equal(output.bolus_mU, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oref0_carbs__level_glucose__absorbs_the_least),
        cmocka_unit_test(test_oref0_carbs__rise__is_absorption),
        cmocka_unit_test(
            test_oref0_carbs__gap__is_filled_and_no_reading_is_none),
        cmocka_unit_test(test_oref0_carbs__slopes__fall_from_the_largest),
        cmocka_unit_test(test_oref0_carbs__most_on_board__is_limited),
        cmocka_unit_test(test_oref0__refused_doses__are_not_counted_as_given),
        cmocka_unit_test(test_oref0__lost_sensor__ends_a_high_temp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
