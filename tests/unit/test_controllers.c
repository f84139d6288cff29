/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>
#include <stdalign.h>
#include <string.h>

#include "patient/control/basal_bolus.h"
#include "patient/control/dual.h"
#include "patient/control/pid.h"
#include "patient/person.h"

#define STEP_MIN 5U
#define DAY_MIN  1440U

/* adult#001 of simglucose: basal 1.267 U/h, CR 10, TDI 50.4 U; the ISF by the
 * 1800 rule. */
static struct dg_controller_person adult(void)
{
    return (struct dg_controller_person){
        .id = 1,
        .basal = {{.minute = 0, .mU_per_h = 1267}},
        .basal_count = 1,
        .isf_mg_dL_U = 35.7,
        .cr_g_U = 10.0,
        .tdd_U = 50.4,
        .target_mg_dL = 120.0,
        .weight_kg = 102.3,
        .age = DG_CONTROLLER_ADULT,
        .has_glucagon = true,
    };
}

union memory {
    max_align_t align;
    unsigned char bytes[65536];
};

static union memory memory;

static const struct dg_controller *start(
    const char *name, const struct dg_controller_person *person)
{
    const struct dg_controller *const controller = dg_controller_find(name);

    assert_non_null(controller);
    assert_true(controller->state_bytes <= sizeof memory);
    memset(&memory, 0, sizeof memory);
    assert_int_equal(controller->start(&memory, person), DG_OK);
    return controller;
}

static struct dg_controller_output step(const struct dg_controller *controller,
                                        const struct dg_controller_input *input)
{
    struct dg_controller_output output;

    memset(&output, 0xA5, sizeof output);
    assert_int_equal(controller->step(&memory, input, &output), DG_OK);
    assert_int_equal(dg_controller_output_check(&output), DG_OK);
    return output;
}

static void test_controllers__table__finds_each_by_its_name(void **state)
{
    size_t count = 0;

    (void)state;
    for (; dg_controller_at(count) != NULL; count++) {
        const struct dg_controller *const one = dg_controller_at(count);

        assert_ptr_equal(dg_controller_find(one->name), one);
        assert_true(strlen(one->title) > 0 && one->state_bytes > 0);
    }
    assert_true(count >= 3);
    assert_null(dg_controller_find("pi"));
    assert_null(dg_controller_find("pidd"));
    assert_null(dg_controller_find(""));
    assert_null(dg_controller_find(NULL));
}

static void test_controllers__person__is_checked(void **state)
{
    struct dg_controller_person person = adult();

    (void)state;
    assert_int_equal(dg_controller_person_check(&person), DG_OK);
    assert_int_equal(dg_controller_person_check(NULL), DG_E_USAGE);
#define REFUSED(change)                                                    \
    do {                                                                   \
        person = adult();                                                  \
        change;                                                            \
        assert_int_equal(dg_controller_person_check(&person), DG_E_RANGE); \
    } while (0)
    REFUSED(person.basal_count = 0);
    REFUSED(person.basal_count = DG_CONTROLLER_BASAL_MAX + 1);
    REFUSED(person.basal[0].minute = 1);
    REFUSED(person.basal_count = 2);
    REFUSED(person.basal[0].mU_per_h = 30001);
    REFUSED(person.isf_mg_dL_U = 0.0);
    REFUSED(person.isf_mg_dL_U = (double)NAN);
    REFUSED(person.cr_g_U = -1.0);
    REFUSED(person.tdd_U = (double)INFINITY);
    REFUSED(person.target_mg_dL = 71.0);
    REFUSED(person.weight_kg = 0.0);
    REFUSED(person.age = (enum dg_controller_age)0);
    REFUSED(person.age = (enum dg_controller_age)4);
}

static void test_controllers__answer__is_checked(void **state)
{
    struct dg_controller_output output = {.temp_mU_per_h = UINT32_MAX};

    (void)state;
    assert_int_equal(dg_controller_output_check(NULL), DG_E_USAGE);
    assert_int_equal(dg_controller_output_check(&output), DG_OK);
    output.temp_set = true;
    assert_int_equal(dg_controller_output_check(&output), DG_E_RANGE);
    output = (struct dg_controller_output){.bolus_mU = 100001};
    assert_int_equal(dg_controller_output_check(&output), DG_E_RANGE);
    output = (struct dg_controller_output){.meal_bolus_mU = 100001};
    assert_int_equal(dg_controller_output_check(&output), DG_E_RANGE);
    output = (struct dg_controller_output){.glucagon_ug = 3001};
    assert_int_equal(dg_controller_output_check(&output), DG_E_RANGE);
}

static void test_controllers__schedule__holds_until_the_next_entry(void **state)
{
    struct dg_controller_person person = adult();

    (void)state;
    person.basal[1] = (struct dg_controller_basal){360, 900};
    person.basal[2] = (struct dg_controller_basal){1320, 1100};
    person.basal_count = 3;
    assert_int_equal(dg_controller_basal_mU_per_h(&person, 0), 1267);
    assert_int_equal(dg_controller_basal_mU_per_h(&person, 359), 1267);
    assert_int_equal(dg_controller_basal_mU_per_h(&person, 360), 900);
    assert_int_equal(dg_controller_basal_mU_per_h(&person, 1439), 1100);
    assert_int_equal(dg_controller_basal_mU_per_h(&person, 1440 + 361), 900);
}

static void test_basal_bolus__meal__is_counted_and_corrected(void **state)
{
    const struct dg_controller_person person = adult();
    const struct dg_controller *const own = start("basal-bolus", &person);

    (void)state;
    struct dg_controller_input input = {.glucose_mg_dL = 150, .carbs_g = 60};
    assert_int_equal(step(own, &input).meal_bolus_mU, 6000);
    input.glucose_mg_dL = 211; /* 6 + 71/35.7 = 7.98879.. U */
    assert_int_equal(step(own, &input).meal_bolus_mU, 7988);
    input.glucose_mg_dL = 0;
    assert_int_equal(step(own, &input).meal_bolus_mU, 6000);
    input = (struct dg_controller_input){.glucose_mg_dL = 300};
    assert_int_equal(step(own, &input).meal_bolus_mU, 0);
    assert_false(step(own, &input).temp_set);
}

/* The feedback must not change what a steady state gets. */
static void test_pid__at_target__runs_the_basal_rate(void **state)
{
    const struct dg_controller_person person = adult();
    const struct dg_controller *const own = start("pid", &person);
    uint32_t owed = 0;

    (void)state;
    for (uint32_t minute = 0; minute < DAY_MIN; minute += STEP_MIN) {
        /* 1267 mU/h in whole mU per five minutes. */
        owed += 1267;
        const struct dg_controller_input input = {
            .minute = minute,
            .glucose_mg_dL = 120,
            .basal_mU = owed / 12,
        };
        const struct dg_controller_output output = step(own, &input);

        owed %= 12;
        assert_true(output.temp_set);
        assert_in_range(output.temp_mU_per_h, 1264, 1270);
        assert_int_equal(output.bolus_mU + output.glucagon_ug, 0);
    }
}

/* By hand: at the second step P = 50.4/7200 x 80 = .56 U/h, D = .007 x 66 x
 * 20/5 = 1.848, I = 1.267 + (.42 + .56) x 5/150 = 1.2997; sum 3.7077;
 * u = 2.0000 x sum - 0.9999 x 1.267. */
static void test_pid__rise__is_answered_as_the_equation_says(void **state)
{
    struct dg_controller_person person = adult();
    double depot = 1.267;

    (void)state;
    person.basal[0].mU_per_h = 1267;
    const struct dg_controller *const own = start("pid", &person);
    struct dg_controller_input input = {.minute = 0, .glucose_mg_dL = 180};
    step(own, &input);
    input = (struct dg_controller_input){
        .minute = 5, .glucose_mg_dL = 200, .basal_mU = 200};
    const struct dg_controller_output output = step(own, &input);

    depot += (1.0 - exp(-5.0 / 70.0)) * (2.4 - depot);
    const double integral = 1.267 + (0.42 + 0.56) * 5.0 / 150.0;
    const double expected =
        (1.0 + 0.64935 + 0.34128 + 0.0093667) * (0.56 + integral + 1.848) -
        0.64935 * depot - (0.34128 + 0.0093667) * 1.267;

    /* Above the cap of four times basal the cap rules. */
    assert_true(expected > 4.0 * 1.267);
    assert_int_equal(output.temp_mU_per_h, 5068);

    /* A slower rise stays below the cap. */
    const struct dg_controller *const again = start("pid", &person);
    input = (struct dg_controller_input){.minute = 0, .glucose_mg_dL = 140};
    step(again, &input);
    input = (struct dg_controller_input){
        .minute = 5, .glucose_mg_dL = 141, .basal_mU = 200};
    const double rate = (1.0 + 0.64935 + 0.34128 + 0.0093667) *
                            (0.007 * 21.0 + 1.267 + 0.007 * 41.0 * 5.0 / 150.0 +
                             0.007 * 66.0 * 0.2) -
                        0.64935 * depot - (0.34128 + 0.0093667) * 1.267;
    assert_int_equal(step(again, &input).temp_mU_per_h,
                     (unsigned)(rate * 1000.0));
}

/* A set-point below 120 is not taken over. */
static void test_pid__target__is_never_below_120(void **state)
{
    struct dg_controller_person person = adult();
    const struct dg_controller_input input = {.minute = 0,
                                              .glucose_mg_dL = 130};
    unsigned rate[3];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        person.target_mg_dL = 110.0 + (10.0 * i);
        rate[i] = step(start("pid", &person), &input).temp_mU_per_h;
    }
    assert_int_equal(rate[0], rate[1]);
    assert_true(rate[2] < rate[1]);
}

static struct dg_controller_input falling(uint32_t minute, int32_t mg_dL)
{
    return (struct dg_controller_input){.minute = minute,
                                        .glucose_mg_dL = mg_dL};
}

static void test_pid__low_or_no_reading__suspends_or_asks_nothing(void **state)
{
    const struct dg_controller_person person = adult();
    const struct dg_controller *const own = start("pid", &person);
    struct dg_controller_input input = {.minute = 0, .glucose_mg_dL = 69};

    (void)state;
    assert_true(step(own, &input).temp_set);
    assert_int_equal(step(own, &input).temp_mU_per_h, 0);
    input = (struct dg_controller_input){.minute = 5, .carbs_g = 20};
    assert_false(step(own, &input).temp_set);
    assert_int_equal(step(own, &input).meal_bolus_mU, 1600);

    /* A rise that asks for insulin gets none below 70. */
    for (int32_t mg_dL = 69; mg_dL <= 70; mg_dL++) {
        start("pid", &person);
        input = falling(0, mg_dL - 9);
        (void)step(own, &input);
        input = falling(5, mg_dL);
        assert_true((step(own, &input).temp_mU_per_h > 0) == (mg_dL == 70));
    }
}

static void test_dual__fall__gets_glucagon_within_its_rules(void **state)
{
    struct dg_controller_person person = adult();
    const struct dg_controller *own = start("dual", &person);
    struct dg_controller_input input = falling(0, 100);

    (void)state;
    assert_int_equal(step(own, &input).glucagon_ug, 0);
    /* 95 + 4 x (95 - 100) = 75: 0.025 x 102.3 x 15 = 38.36 ug. */
    input = falling(5, 95);
    struct dg_controller_output output = step(own, &input);
    assert_int_equal(output.glucagon_ug, 38);
    assert_int_equal(output.temp_mU_per_h, 0);
    /* Not again before fifteen minutes have passed. */
    for (uint32_t minute = 10; minute < 20; minute += STEP_MIN) {
        input = falling(minute, 80);
        assert_int_equal(step(own, &input).glucagon_ug, 0);
    }
    input = falling(20, 75);
    assert_true(step(own, &input).glucagon_ug > 0);

    /* Insulin in the last step: only when glucose is low already. */
    own = start("dual", &person);
    input = falling(0, 100);
    step(own, &input);
    input = falling(5, 90);
    input.basal_mU = 50;
    assert_int_equal(step(own, &input).glucagon_ug, 0);
    input = falling(10, 69);
    input.basal_mU = 50;
    assert_true(step(own, &input).glucagon_ug > 0);

    /* No chamber, no glucagon. */
    person.has_glucagon = false;
    own = start("dual", &person);
    input = falling(0, 60);
    assert_int_equal(step(own, &input).glucagon_ug, 0);
}

static void test_dual__a_day_of_lows__stays_below_the_cap(void **state)
{
    const struct dg_controller_person person = adult();
    const struct dg_controller *const own = start("dual", &person);
    uint32_t days[3 * 288] = {0};
    uint32_t given = 0;

    (void)state;
    for (uint32_t at = 0; at < 3 * 288; at++) {
        struct dg_controller_input input = falling(at * STEP_MIN, 50);
        uint32_t day = 0;

        input.glucagon_ug = given;
        given = step(own, &input).glucagon_ug;
        days[at] = given;
        for (uint32_t back = 0; back < 288 && back <= at; back++) {
            day += days[at - back];
        }
        assert_true(day <= 1000);
        assert_true(given <= 100);
    }
    /* The cap is used up each day, or the test would show nothing. */
    for (size_t day = 0; day < 3; day++) {
        uint32_t sum = 0;

        for (size_t at = 0; at < 288; at++) {
            sum += days[288 * day + at];
        }
        assert_in_range(sum, 900, 1000);
    }
}

/* A pump that does what it is asked, at once. */
struct pump {
    uint32_t temp_mU_per_h;
    uint32_t temp_minutes;
};

static void obey(struct pump *pump,
                 const struct dg_controller_output *output,
                 const struct dg_controller_person *settings,
                 struct dg_controller_input *next)
{
    if (output->temp_set) {
        pump->temp_mU_per_h = output->temp_mU_per_h;
        pump->temp_minutes = output->temp_minutes;
    }

    const uint32_t rate =
        pump->temp_minutes > 0
            ? pump->temp_mU_per_h
            : dg_controller_basal_mU_per_h(settings, next->minute);

    pump->temp_minutes -= pump->temp_minutes > 0 ? STEP_MIN : 0;
    next->basal_mU = rate / 12U;
    next->bolus_mU = output->bolus_mU + output->meal_bolus_mU;
    next->temp_runs = pump->temp_minutes > 0;
    next->temp_mU_per_h = next->temp_runs ? pump->temp_mU_per_h : 0;
    next->temp_minutes = pump->temp_minutes;
}

/* Two days of meals, closed loop, whole mU, no guard between. */
static double share_in_range(const char *name)
{
    const struct dg_controller_person settings = adult();
    const struct dg_controller *const own = start(name, &settings);
    struct dg_person person;
    struct pump pump = {0};
    struct dg_controller_input input = {0};
    size_t announced = 0;
    uint32_t in_range = 0;

    assert_int_equal(dg_person_init(&person, "adult#001", 7, DG_SENSOR_G6),
                     DG_OK);
    for (uint32_t minute = 0; minute < 2 * DAY_MIN; minute += STEP_MIN) {
        uint32_t amounts[STEP_MIN];

        input.minute = minute;
        input.glucose_mg_dL = dg_person_sensor_mg_dL(&person);
        input.carbs_g = 0;
        for (; announced < person.eaten_count; announced++) {
            input.carbs_g += (uint32_t)person.eaten[announced].grams;
        }

        const struct dg_controller_output output = step(own, &input);

        obey(&pump, &output, &settings, &input);
        dg_person_spread(input.basal_mU, STEP_MIN, amounts);
        amounts[0] += input.bolus_mU;
        assert_int_equal(dg_person_advance(&person, STEP_MIN, amounts), DG_OK);

        const double plasma = dg_person_plasma_mg_dL(&person);
        assert_true(plasma > 40.0 && plasma < 400.0);
        in_range += plasma >= 70.0 && plasma <= 180.0 ? 1 : 0;
    }
    return (double)in_range / (2.0 * 288.0);
}

static void test_controllers__two_days__keep_an_adult_in_range(void **state)
{
    (void)state;
    for (size_t i = 0; dg_controller_at(i) != NULL; i++) {
        const double share = share_in_range(dg_controller_at(i)->name);

        print_message("%s: %.1f %% in 70..180 mg/dL\n",
                      dg_controller_at(i)->name,
                      100.0 * share);
        assert_true(share > 0.7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_controllers__table__finds_each_by_its_name),
        cmocka_unit_test(test_controllers__person__is_checked),
        cmocka_unit_test(test_controllers__answer__is_checked),
        cmocka_unit_test(
            test_controllers__schedule__holds_until_the_next_entry),
        cmocka_unit_test(test_basal_bolus__meal__is_counted_and_corrected),
        cmocka_unit_test(test_pid__at_target__runs_the_basal_rate),
        cmocka_unit_test(test_pid__rise__is_answered_as_the_equation_says),
        cmocka_unit_test(test_pid__target__is_never_below_120),
        cmocka_unit_test(test_pid__low_or_no_reading__suspends_or_asks_nothing),
        cmocka_unit_test(test_dual__fall__gets_glucagon_within_its_rules),
        cmocka_unit_test(test_dual__a_day_of_lows__stays_below_the_cap),
        cmocka_unit_test(test_controllers__two_days__keep_an_adult_in_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
