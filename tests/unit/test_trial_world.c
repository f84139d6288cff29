/* SPDX-License-Identifier: Apache-2.0 */
/* What a scenario says about sensor, pump, habits and sport happens, to
 * everybody, and nothing else changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "patient/control/controller.h"
#include "patient/trial/trial.h"

#define PEOPLE 4U

static struct dg_trial_plan plan_of(const struct dg_trial_world *world)
{
    struct dg_trial_plan plan = {
        .seed = 3U,
        .people = PEOPLE,
        .days = 2U,
        .model = DG_TRIAL_WILINSKA,
        .precision = DG_TRIAL_DOUBLE,
        .sensor = DG_TRIAL_SENSOR_IDEAL,
        .controller = dg_controller_find("basal-bolus"),
        .scenarios = 1U,
        .scenario = {{.attack = DG_TRIAL_QUIET}},
        .arms = 1U,
    };

    if (world != NULL) {
        plan.scenario[0].world = *world;
    }
    assert_int_equal(dg_trial_arm_find("none", &plan.arm[0]), DG_OK);
    return plan;
}

/* What one person's days come to. */
struct seen {
    unsigned missing; /* readings that did not come                  */
    unsigned wrong;   /* more than 30 mg/dL below what is there      */
    unsigned meals;
    unsigned boluses;
    unsigned late; /* boluses in a step in which no meal begins    */
    uint64_t plasma;
    double eaten;
};

static void note(void *context, const struct dg_trial_moment *moment)
{
    struct seen *seen = context;

    seen->missing += (moment->sensor_mg_dL == 0) ? 1U : 0U;
    seen->wrong +=
        ((moment->sensor_mg_dL != 0) &&
         (((moment->sensor_mg_dL + 30) * 10) < moment->plasma_tenths))
            ? 1U
            : 0U;
    seen->meals += (moment->meal_g > 0.0) ? 1U : 0U;
    seen->boluses += (moment->bolus_mU[DG_TIER_CONFIRMED] > 0) ? 1U : 0U;
    seen->late +=
        ((moment->bolus_mU[DG_TIER_CONFIRMED] > 0) && !(moment->meal_g > 0.0))
            ? 1U
            : 0U;
    seen->plasma += (uint64_t)moment->plasma_tenths;
    seen->eaten += moment->meal_g;
}

/* All of them together. */
static struct seen live(const struct dg_trial_world *world)
{
    const struct dg_trial_plan plan = plan_of(world);
    struct seen seen = {0};

    assert_null(dg_trial_fault(&plan));
    for (uint64_t person = 0U; person < PEOPLE; person++) {
        assert_int_equal(
            dg_trial_trace(&plan, 0U, 0U, person, note, &seen, NULL), DG_OK);
    }
    return seen;
}

static void faults_of_a_sensor_show(void **state)
{
    const struct seen plain = live(NULL);
    struct dg_trial_world world = {0};
    struct seen seen;

    (void)state;
    assert_int_equal(plain.missing, 0U);
    world.fault_permille[0] = 1000U; /* drop-out */
    seen = live(&world);
    assert_true(seen.missing >= PEOPLE * 2U);
    /* The body and its meals are the same: nothing here doses by a sensor but
     * a correction. */
    assert_true(seen.eaten == plain.eaten);
    world = (struct dg_trial_world){0};
    world.fault_permille[2] = 1000U; /* false low */
    /* The skin lags behind a rise, without any fault. */
    assert_true(live(&world).wrong >= (plain.wrong + (2U * PEOPLE)));
    world.fault_permille[2] = 1001U;

    const struct dg_trial_plan plan = plan_of(&world);

    assert_non_null(dg_trial_fault(&plan));
}

static void pumps_that_err_move_glucose(void **state)
{
    const struct seen plain = live(NULL);

    (void)state;
    for (uint32_t pump = DG_TRIAL_PUMP_PERIODIC; pump <= DG_TRIAL_PUMP_SCATTER;
         pump++) {
        const struct dg_trial_world world = {.pump = pump};
        const struct seen seen = live(&world);

        assert_int_equal(seen.meals, plain.meals);
        assert_true(seen.plasma != plain.plasma);
    }
}

static void habits_take_boluses_away_or_make_them_late(void **state)
{
    const struct seen plain = live(NULL);
    struct dg_trial_world world = {.has_habits = true, .skip_permille = 1000U};
    struct seen seen = live(&world);

    (void)state;
    assert_int_equal(plain.boluses, plain.meals);
    assert_int_equal(plain.late, 0U);
    assert_int_equal(seen.boluses, 0U);
    assert_int_equal(seen.meals, plain.meals);
    assert_true(seen.plasma > plain.plasma);
    world = (struct dg_trial_world){.has_habits = true, .late_permille = 1000U};
    seen = live(&world);
    assert_int_equal(seen.boluses, plain.boluses);
    assert_true(seen.late >= (plain.boluses - PEOPLE));
}

static void sport_lowers_glucose_while_it_lasts(void **state)
{
    const struct seen plain = live(NULL);
    const struct dg_trial_world world = {.exercise_minute = 1020U,
                                         .exercise_minutes = 60U,
                                         .exercise_percent = 60U};
    const struct dg_trial_world rest = {.exercise_minute = 1020U,
                                        .exercise_percent = 60U};

    (void)state;
    assert_true(live(&world).plasma < plain.plasma);
    assert_true(live(&rest).plasma == plain.plasma);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_of_a_sensor_show),
        cmocka_unit_test(pumps_that_err_move_glucose),
        cmocka_unit_test(habits_take_boluses_away_or_make_them_late),
        cmocka_unit_test(sport_lowers_glucose_while_it_lasts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
