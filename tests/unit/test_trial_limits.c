/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that a trial changes: they move the core's verdict, and only as far as
 * they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "patient/random.h"
#include "patient/trial/device.h"
#include "patient/trial/plausible.h"

#define TDD_MU   40000
#define BASAL    900
#define ISF      50
#define FULL     DG_TRIAL_RESERVOIR_PULSES
#define READINGS 20000

static struct dg_trial_windows windows;
static struct dg_trial_tally tally;
static struct dg_trial_device device;
static uint32_t minute;

static const struct dg_trial_asker nobody = {.is_person = false};
static const struct dg_trial_asker person = {.is_person = true};

static void begin_as(const char *name, unsigned which, int32_t value)
{
    static struct dg_trial_arm arm;
    struct dg_therapy therapy = {
        .age_class = DG_AGE_ADULT,
        .package = DG_PACKAGE_HIGH,
        .total_daily_dose = {TDD_MU},
        .isf_mg_dL_per_U = ISF,
        .floor = {80},
        .glucagon = {.dose = {100}, .day = {500}, .below = {80}}};

    dg_limits_widest(&therapy);
    for (unsigned hour = 0U; hour < 24U; hour++) {
        therapy.basal[hour].mU_per_h = BASAL;
    }
    assert_int_equal(dg_trial_arm_find(name, &arm), DG_OK);
    if (which < DG_TRIAL_LIMITS) {
        dg_trial_change_set(&arm.change, which, value);
    }
    memset(&tally, 0, sizeof tally);
    dg_trial_windows_start(&windows, (DG_TRIAL_START_S / DG_BIN_S) - 1U);
    assert_int_equal(
        dg_trial_device_start(&device, &arm, &therapy, &windows, 3U, &tally),
        DG_OK);
    minute = 0U;
}

static void begin(unsigned which, int32_t value)
{
    begin_as("dosegate:medium", which, value);
}

static void step(int32_t mg_dL)
{
    dg_trial_windows_step(&windows);
    dg_trial_device_step(&device, minute);
    dg_trial_device_read(&device, mg_dL);
    minute += 5U;
}

/* Readings that agree, the last of them this one. */
static void settle(int32_t mg_dL)
{
    for (unsigned i = 0U; i < 5U; i++) {
        step(mg_dL + (int32_t)(i % 2U));
    }
}

/* The most that the controller alone may give at this glucose, pulses. */
static uint32_t most(int32_t mg_dL)
{
    settle(mg_dL);
    return dg_trial_device_dose(&device, 10000, DG_TIER_AUTOMATIC, &nobody);
}

/* (G - floor) / ISF, 0.05 U a pulse; the other rules leave 1 U. */
static void the_predicted_floor_moves_by_what_the_arm_says(void **state)
{
    (void)state;
    begin(DG_TRIAL_LIMITS, 0);
    assert_int_equal(most(100), 12U); /* 30 mg/dL: 0.6 U */
    begin(DG_TRIAL_LIMIT_E4_PREDICTED, 90);
    assert_int_equal(most(100), 4U);
    begin(DG_TRIAL_LIMIT_E4_PREDICTED, 55);
    assert_int_equal(most(100), 18U);
    /* The prescriber's floor of 80 stays where it is. */
    begin(DG_TRIAL_LIMIT_E4_PREDICTED, 55);
    assert_int_equal(most(79), 0U);
    begin(DG_TRIAL_LIMIT_E4_PREDICTED, 90);
    assert_int_equal(most(90), 0U);
}

/* core/glucose.c twice, once with its numbers and once with variables. */
static void the_copy_with_shipped_bounds_is_the_core(void **state)
{
    struct dg_glucose_state core;
    struct dg_glucose_state copy;
    uint32_t at = 1000U;
    int32_t mg_dL = 120;
    unsigned found = 0U;
    unsigned trusted = 0U;

    (void)state;
    dg_glucose_start(&core, (dg_seconds){at});
    dg_glucose_start(&copy, (dg_seconds){at});
    dg_trial_plausible = (struct dg_trial_plausible){
        .movement_percent = 100, .flat_s = 2700U, .streak = 3U};
    for (uint32_t i = 1U; i <= READINGS; i++) {
        const double drawn = dg_random_uniform(4U, 1U, i);
        const int32_t jump = (drawn < 0.05) ? 60 : ((drawn < 0.1) ? -60 : 0);
        struct dg_reading reading = {.sequence = i};
        struct dg_glucose_context context = {.isf_mg_dL_per_U = ISF};

        at += 300U;
        /* Now and then it stands still for an hour. */
        if ((i % 40U) < 28U) {
            mg_dL += jump + (int32_t)(dg_random_uniform(4U, 2U, i) * 21.0) - 10;
        }
        mg_dL = (mg_dL < 39) ? 39 : ((mg_dL > 401) ? 401 : mg_dL);
        reading.at.s = at;
        reading.value.mg_dL = mg_dL;
        context.at.s = at;
        context.iob_mU = (int32_t)(dg_random_uniform(4U, 3U, i) * 5000.0);
        dg_glucose_take(&core, &reading, &context);
        dg_trial_glucose_take(&copy, &reading, &context);
        assert_memory_equal(&core, &copy, sizeof core);
        assert_int_equal(dg_glucose_is_trusted(&core),
                         dg_trial_glucose_is_trusted(&copy));
        found += dg_glucose_is_suspect(&core) ? 1U : 0U;
        trusted += dg_glucose_is_trusted(&core) ? 1U : 0U;
    }
    assert_true((found > READINGS / 20) && (trusted > READINGS / 20));
}

static void bounds_of_readings_are_those_of_the_arm(void **state)
{
    (void)state;
    /* 50 mg/dL in 5 min is a jump, unless twice of it all is allowed. */
    begin(DG_TRIAL_LIMITS, 0);
    settle(120);
    step(170);
    assert_int_equal(
        dg_trial_device_dose(&device, 200, DG_TIER_AUTOMATIC, &nobody), 0U);
    begin(DG_TRIAL_LIMIT_E4_MOVEMENT, 200);
    settle(120);
    step(170);
    assert_true(dg_trial_device_dose(&device, 200, DG_TIER_AUTOMATIC, &nobody) >
                0U);
    /* The same number for an hour. */
    begin(DG_TRIAL_LIMITS, 0);
    for (unsigned i = 0U; i < 12U; i++) {
        step(200);
    }
    assert_int_equal(
        dg_trial_device_dose(&device, 200, DG_TIER_AUTOMATIC, &nobody), 0U);
    begin(DG_TRIAL_LIMIT_E4_FLAT, 7200);
    for (unsigned i = 0U; i < 12U; i++) {
        step(200);
    }
    assert_true(dg_trial_device_dose(&device, 200, DG_TIER_AUTOMATIC, &nobody) >
                0U);
    /* The first reading, alone. */
    begin(DG_TRIAL_LIMITS, 0);
    step(200);
    assert_int_equal(
        dg_trial_device_dose(&device, 200, DG_TIER_AUTOMATIC, &nobody), 0U);
    begin(DG_TRIAL_LIMIT_E4_STREAK, 1);
    step(200);
    assert_true(dg_trial_device_dose(&device, 200, DG_TIER_AUTOMATIC, &nobody) >
                0U);
}

/* Steps until the alarm, while so many percent of what is counted moves. */
static unsigned steps_to_alarm(int32_t percent)
{
    unsigned steps = 0U;
    uint32_t before = device.reservoir;

    while ((tally.alarms == 0U) && (steps < 288U)) {
        dg_trial_windows_step(&windows);
        dg_trial_reservoir_check(
            &device,
            ((int32_t)(before - device.reservoir) * DG_PULSE_MU * percent) /
                100,
            0);
        before = device.reservoir;
        dg_trial_device_step(&device, 5U + minute);
        before += (device.reservoir > before) ? (FULL - before) : 0U;
        dg_trial_device_basal(&device, &nobody);
        minute += 5U;
        steps++;
    }
    return steps;
}

static void a_mechanism_that_lies_is_found_at_the_tolerance(void **state)
{
    unsigned at = 0U;

    (void)state;
    begin(DG_TRIAL_LIMITS, 0);
    assert_int_equal(steps_to_alarm(100), 288U);
    assert_false(device.is_off);
    /* Twice as much as counted: 20 pulses and 5 % are passed at the 22nd, which
     * basal of 18 an hour has given in some 75 min. */
    begin(DG_TRIAL_LIMITS, 0);
    at = steps_to_alarm(200);
    assert_in_range(at, 13, 18);
    assert_true(device.is_off);
    step(200);
    assert_int_equal(
        dg_trial_device_dose(&device, 1000, DG_TIER_CONFIRMED, &person), 0U);
    assert_int_equal(tally.refusals[DG_TRIAL_RULE_E10], 1U);
    assert_int_equal(dg_trial_device_emergency(&device, 3000), 0U);
    /* A quarter of it is found sooner, five times later. */
    begin(DG_TRIAL_LIMIT_E10_BASE, 250);
    assert_true(steps_to_alarm(200) < at);
    begin(DG_TRIAL_LIMIT_E10_BASE, 5000);
    assert_true(steps_to_alarm(200) > (3U * at));
    begin(DG_TRIAL_LIMIT_E10_SHARE, 500);
    assert_true(steps_to_alarm(200) > at);
    /* No product of today looks. */
    begin_as("sold:omnipod5", DG_TRIAL_LIMITS, 0);
    assert_int_equal(steps_to_alarm(200), 288U);
}

static void an_hour_after_the_alarm_the_set_is_another(void **state)
{
    (void)state;
    begin(DG_TRIAL_LIMITS, 0);
    for (unsigned i = 0U; i < 12U; i++) {
        dg_trial_reservoir_check(&device, 0, -3000);
        step(120);
        assert_true(device.is_off && !device.is_mended);
    }
    dg_trial_reservoir_check(&device, 0, -3000);
    step(120);
    dg_trial_reservoir_check(&device, 0, -3000);
    assert_true(device.is_mended && !device.is_off);
    assert_int_equal(tally.alarms, 1U);
}

static void a_changed_schedule_stays_within_one_change(void **state)
{
    (void)state;
    begin(DG_TRIAL_LIMITS, 0);
    dg_trial_device_reprogram(&device, 1);
    step(120);
    assert_int_equal(dg_trial_device_schedule(&device), BASAL + (BASAL / 2));
    assert_int_equal(device.need_mU_per_h, BASAL);
    dg_trial_device_reprogram(&device, -1);
    step(120);
    assert_int_equal(dg_trial_device_schedule(&device), BASAL / 2);
    /* The schedule of a day is never more than the daily dose. */
    begin(DG_TRIAL_LIMIT_E9_BASAL, 400);
    dg_trial_device_reprogram(&device, 1);
    step(120);
    assert_int_equal(dg_trial_device_schedule(&device), TDD_MU / 24);
    begin_as("none", DG_TRIAL_LIMITS, 0);
    dg_trial_device_reprogram(&device, 1);
    step(120);
    assert_int_equal(dg_trial_device_schedule(&device), DG_EFFECT_MU_PER_H_MAX);
}

static void a_wrong_daily_dose_moves_all_its_shares(void **state)
{
    int32_t iob_mU = 0;

    (void)state;
    begin(DG_TRIAL_LIMITS, 0);
    iob_mU = device.limits.iob_max_mU;
    begin(DG_TRIAL_LIMIT_E9_DAILY, 50);
    assert_int_equal(device.limits.iob_max_mU, iob_mU / 2);
    begin(DG_TRIAL_LIMIT_E9_ISF, 200);
    assert_int_equal(device.limits.isf_mg_dL_per_U, 2 * ISF);
}

/* By 86,400 s a phone of HIGH may dose by itself after its last ticket. */
static void a_ticket_is_as_old_as_the_arm_says(void **state)
{
    const struct dg_trial_asker fallen = {.is_compromised = true};

    (void)state;
    begin_as("dosegate:high", DG_TRIAL_LIMITS, 0);
    device.fallen_at.s = DG_TRIAL_START_S;
    minute = 120U;
    settle(200);
    assert_true(dg_trial_device_most(&device, DG_TIER_AUTOMATIC, &fallen) > 0);
    begin_as("dosegate:high", DG_TRIAL_LIMIT_TICKET, 5);
    device.fallen_at.s = DG_TRIAL_START_S;
    minute = 120U;
    settle(200);
    assert_int_equal(dg_trial_device_most(&device, DG_TIER_AUTOMATIC, &fallen),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_predicted_floor_moves_by_what_the_arm_says),
        cmocka_unit_test(the_copy_with_shipped_bounds_is_the_core),
        cmocka_unit_test(bounds_of_readings_are_those_of_the_arm),
        cmocka_unit_test(a_mechanism_that_lies_is_found_at_the_tolerance),
        cmocka_unit_test(an_hour_after_the_alarm_the_set_is_another),
        cmocka_unit_test(a_changed_schedule_stays_within_one_change),
        cmocka_unit_test(a_wrong_daily_dose_moves_all_its_shares),
        cmocka_unit_test(a_ticket_is_as_old_as_the_arm_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
