/* SPDX-License-Identifier: Apache-2.0 */
/* What each arm lets through: the sold limits as the products have them, and
 * Dosegate's by the core's own verdicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "patient/trial/attack.h"
#include "patient/trial/device.h"

#define TDD_MU 40000

static struct dg_trial_windows windows;
static struct dg_trial_tally tally;
static struct dg_trial_device device;
static uint32_t minute;

static const struct dg_trial_asker honest = {.is_person = false};
static const struct dg_trial_asker present = {.is_person = true};
static const struct dg_trial_asker fallen = {.is_hostile = true,
                                             .is_compromised = true};
static const struct dg_trial_asker blunt = {
    .is_hostile = true, .is_compromised = true, .is_all_or_none = true};

/* Limits of the next arm that are not as shipped. */
static struct dg_trial_change change;

static void begin(const char *name, enum dg_age_class age)
{
    static struct dg_trial_arm arm;
    struct dg_therapy therapy = {
        .age_class = age,
        .package = DG_PACKAGE_HIGH,
        .total_daily_dose = {TDD_MU},
        .isf_mg_dL_per_U = 45,
        .floor = {80},
        .glucagon = {.dose = {100}, .day = {500}, .below = {80}}};

    dg_limits_widest(&therapy);
    for (unsigned hour = 0U; hour < 24U; hour++) {
        therapy.basal[hour].mU_per_h = 900;
    }
    assert_int_equal(dg_trial_arm_find(name, &arm), DG_OK);
    arm.change = change;
    memset(&tally, 0, sizeof tally);
    dg_trial_windows_start(&windows, (DG_TRIAL_START_S / DG_BIN_S) - 1U);
    assert_int_equal(
        dg_trial_device_start(&device, &arm, &therapy, &windows, 5U, &tally),
        DG_OK);
    minute = 0U;
}

static void step(int32_t mg_dL)
{
    dg_trial_windows_step(&windows);
    dg_trial_device_step(&device, minute);
    dg_trial_device_read(&device, mg_dL);
    minute += 5U;
}

/* Readings that agree, so that the last one is trusted. */
static void settle(int32_t mg_dL)
{
    for (unsigned i = 0U; i < 4U; i++) {
        step(mg_dL + (int32_t)(i % 2U));
    }
}

static void names_lead_to_arms_and_back(void **state)
{
    const char *names[] = {"none",
                           "sold:aaps",
                           "sold:loop",
                           "sold:tslim",
                           "sold:omnipod5",
                           "dosegate:low",
                           "dosegate:medium",
                           "dosegate:high"};
    struct dg_trial_arm arm = {0};

    (void)state;
    for (unsigned i = 0U; i < (sizeof names / sizeof names[0]); i++) {
        char name[DG_TRIAL_ARM_NAME_MAX];

        assert_int_equal(dg_trial_arm_find(names[i], &arm), DG_OK);
        dg_trial_arm_name(&arm, name);
        assert_string_equal(name, names[i]);
    }
    assert_int_equal(dg_trial_arm_find("dosegate:", &arm), DG_E_UNSUPPORTED);
    assert_int_equal(dg_trial_arm_find("sold:none", &arm), DG_E_UNSUPPORTED);
    assert_int_equal(dg_trial_arm_find(NULL, &arm), DG_E_USAGE);
    for (unsigned i = 1U; i < DG_TRIAL_ATTACKS; i++) {
        const struct dg_trial_attack_row *row =
            dg_trial_attack_at((enum dg_trial_attack)i);
        enum dg_trial_attack which = DG_TRIAL_ATTACK_UNSET;

        assert_non_null(row);
        assert_int_equal(dg_trial_attack_find(row->name, &which), DG_OK);
        assert_int_equal(which, i);
        assert_true((i == DG_TRIAL_QUIET) ||
                    (strncmp(row->threats, "DG-", 3U) == 0));
    }
}

static void an_open_arm_gives_what_is_asked(void **state)
{
    (void)state;
    begin("none", DG_AGE_ADULT);
    step(0);
    assert_int_equal(
        dg_trial_device_dose(&device, 30000, DG_TIER_AUTOMATIC, &blunt), 600U);
    /* Until the reservoir is empty. */
    assert_int_equal(
        dg_trial_device_dose(&device, 290000, DG_TIER_AUTOMATIC, &fallen),
        5400U);
    assert_int_equal(
        dg_trial_device_dose(&device, 50, DG_TIER_AUTOMATIC, &fallen), 0U);
    assert_int_equal(tally.hostile_given, 6000U);
}

static void a_sold_limit_in_the_app_falls_with_the_phone(void **state)
{
    (void)state;
    begin("sold:aaps", DG_AGE_CHILD);
    step(200);
    assert_int_equal(
        dg_trial_device_dose(&device, 20000, DG_TIER_CONFIRMED, &present),
        100U); /* 5 U for a child */
    assert_int_equal(
        dg_trial_device_dose(&device, 30000, DG_TIER_AUTOMATIC, &blunt),
        600U); /* 30 U of the pump */
    assert_int_equal(tally.refusals[DG_TRIAL_RULE_SOLD], 1U);

    begin("sold:aaps", DG_AGE_ADULT);
    step(200);
    assert_int_equal(
        dg_trial_device_dose(&device, 30000, DG_TIER_CONFIRMED, &present),
        340U);

    begin("sold:tslim", DG_AGE_ADULT);
    step(200);
    assert_int_equal(
        dg_trial_device_dose(&device, 30000, DG_TIER_AUTOMATIC, &honest),
        120U); /* 6 U */
    step(200);
    assert_int_equal(
        dg_trial_device_dose(&device, 1000, DG_TIER_AUTOMATIC, &honest),
        0U); /* once an hour */
    assert_int_equal(
        dg_trial_device_dose(&device, 99000, DG_TIER_AUTOMATIC, &fallen),
        500U); /* 25 U */
}

static void sold_pumps_pause_where_they_say(void **state)
{
    (void)state;
    begin("sold:omnipod5", DG_AGE_ADULT);
    for (unsigned i = 0U; i < 12U; i++) {
        step(59);
        dg_trial_device_basal(&device, &honest);
    }
    assert_int_equal(tally.basal_pulses, 0U);
    for (unsigned i = 0U; i < 12U; i++) {
        step(60);
        dg_trial_device_basal(&device, &honest);
    }
    assert_int_equal(tally.basal_pulses, 18U); /* 0.9 U */
}

static void dosegate_gives_what_the_limits_say(void **state)
{
    (void)state;
    begin("dosegate:high", DG_AGE_ADULT);
    /* No reading: nothing automatic. */
    step(0);
    assert_int_equal(
        dg_trial_device_dose(&device, 1000, DG_TIER_AUTOMATIC, &honest), 0U);
    assert_int_equal(tally.refusals[DG_TRIAL_RULE_E4], 1U);
    settle(220);
    /* 2.5 % of 40 U. */
    assert_int_equal(
        dg_trial_device_dose(&device, 2000, DG_TIER_AUTOMATIC, &honest), 20U);
    assert_int_equal(tally.refusals[DG_TRIAL_RULE_E1], 1U);
    /* E7 */
    assert_int_equal(
        dg_trial_device_dose(&device, 100, DG_TIER_AUTOMATIC, &honest), 0U);
    assert_int_equal(tally.refusals[DG_TRIAL_RULE_E7], 1U);
    settle(220);
    device.fallen_at = device.now;
    /* One dose in one command, all or nothing. */
    assert_int_equal(
        dg_trial_device_dose(&device, 30000, DG_TIER_AUTOMATIC, &blunt), 0U);
    assert_int_equal(
        dg_trial_device_dose(&device, 30000, DG_TIER_AUTOMATIC, &fallen), 20U);
}

/* DG-A33: 24 h of the largest doses stay within the windows. */
static void the_greedy_stay_within_every_window(void **state)
{
    uint32_t hour = 0U;
    uint32_t day = 0U;

    (void)state;
    begin("dosegate:low", DG_AGE_ADULT);
    settle(300);
    for (unsigned i = 0U; i < 288U; i++) {
        step(300 + (int32_t)(i % 3U));
        day += dg_trial_device_dose(&device, 99000, DG_TIER_AUTOMATIC, &fallen);
        day += dg_trial_device_dose(&device, 99000, DG_TIER_CONFIRMED, &fallen);
        hour = (uint32_t)windows.used[1][1][5];
        assert_true(hour * 50U <= (TDD_MU * 60U) / 1000U);
    }
    assert_true(day > 0U);
    assert_true(day * 50U <= (TDD_MU * 480U) / 1000U);
}

static void a_phone_reaches_no_further_than_its_row(void **state)
{
    (void)state;
    /* Low: its own confirmation, capped like the controller alone. */
    begin("dosegate:low", DG_AGE_ADULT);
    settle(220);
    assert_int_equal(
        dg_trial_device_dose(&device, 6000, DG_TIER_CONFIRMED, &fallen), 20U);
    /* Medium: what a deceived person confirms is not more than what is usual,
     * 10 % of the day. */
    begin("dosegate:medium", DG_AGE_ADULT);
    settle(220);
    assert_int_equal(
        dg_trial_device_dose(&device, 30000, DG_TIER_CONFIRMED, &fallen), 80U);
    /* A person at the device goes up to 20 %, where insulin on board lets. */
    begin("dosegate:medium", DG_AGE_ADULT);
    settle(220);
    assert_int_equal(
        dg_trial_device_dose(&device, 30000, DG_TIER_CONFIRMED, &present),
        160U);
    assert_int_equal(tally.pulses[DG_TIER_PRESENT], 160U);
    /* High: after a day the last sound ticket is too old for anything. */
    begin("dosegate:high", DG_AGE_ADULT);
    settle(220);
    device.fallen_at.s = device.now.s - 86401U;
    assert_int_equal(
        dg_trial_device_dose(&device, 1000, DG_TIER_AUTOMATIC, &fallen), 0U);
    assert_int_equal(tally.refusals[DG_TRIAL_RULE_AUTHORITY], 1U);
    assert_int_equal(
        dg_trial_device_dose(&device, 1000, DG_TIER_AUTOMATIC, &honest), 20U);
}

static void in_a_low_a_person_looks_at_the_pump_first(void **state)
{
    (void)state;
    begin("dosegate:medium", DG_AGE_ADULT);
    settle(70);
    assert_int_equal(
        dg_trial_device_dose(&device, 1000, DG_TIER_CONFIRMED, &fallen), 0U);
    assert_int_equal(
        dg_trial_device_dose(&device, 1000, DG_TIER_CONFIRMED, &present), 20U);
    assert_int_equal(tally.pulses[DG_TIER_PRESENT], 20U);
}

static void basal_goes_on_and_is_withheld_only_so_long(void **state)
{
    (void)state;
    begin("dosegate:high", DG_AGE_ADULT);
    for (unsigned i = 0U; i < 288U; i++) {
        step(110 + (int32_t)(i % 2U));
        dg_trial_device_basal(&device, &honest);
    }
    assert_int_equal(tally.basal_pulses, 432U); /* 21.6 U */
    for (unsigned i = 0U; i < 288U; i++) {
        step(110 + (int32_t)(i % 2U));
        dg_trial_device_temp(&device, 0, 30U);
        dg_trial_device_basal(&device, &fallen);
    }
    /* E5. */
    assert_int_equal(tally.withheld_s, DG_PAUSE_S_MAX_IN_24_H);
    assert_true(tally.refusals[DG_TRIAL_RULE_E5] > 0U);

    begin("none", DG_AGE_ADULT);
    for (unsigned i = 0U; i < 288U; i++) {
        step(110);
        dg_trial_device_temp(&device, 0, 30U);
        dg_trial_device_basal(&device, &fallen);
    }
    assert_int_equal(tally.withheld_s, 86400U);
    assert_int_equal(tally.basal_pulses, 0U);
}

static void begin_changed(unsigned which, int32_t value)
{
    memset(&change, 0, sizeof change);
    dg_trial_change_set(&change, which, value);
    begin("dosegate:medium", DG_AGE_ADULT);
    memset(&change, 0, sizeof change);
}

/* Each limit, changed, moves what the core lets through, by as much. */
static void a_changed_limit_is_the_one_that_holds(void **state)
{
    (void)state;
    /* 2.5 % of 40 U, halved. */
    begin_changed(DG_TRIAL_LIMIT_E1_AUTOMATIC, 50);
    settle(220);
    assert_int_equal(
        dg_trial_device_dose(&device, 5000, DG_TIER_AUTOMATIC, &honest), 10U);
    /* 12 % of 40 U in 4 h, halved: 2.4 U. */
    begin_changed(DG_TRIAL_LIMIT_E2_AUTOMATIC_4_H, 50);
    for (unsigned i = 0U; i < 36U; i++) {
        step(280 + (int32_t)(i % 2U));
        (void)dg_trial_device_dose(&device, 5000, DG_TIER_AUTOMATIC, &honest);
    }
    assert_int_equal(tally.pulses[DG_TIER_AUTOMATIC], 48U);
    /* 30 % of 40 U on board, a quarter of it: 3 U. */
    begin_changed(DG_TRIAL_LIMIT_E3_IOB, 25);
    settle(220);
    assert_int_equal(
        dg_trial_device_dose(&device, 30000, DG_TIER_CONFIRMED, &present), 60U);
    begin_changed(DG_TRIAL_LIMIT_E4_FLOOR, 110);
    settle(105);
    assert_int_equal(
        dg_trial_device_dose(&device, 50, DG_TIER_AUTOMATIC, &honest), 0U);
    begin_changed(DG_TRIAL_LIMIT_E4_FLOOR, 60);
    settle(105);
    assert_int_equal(
        dg_trial_device_dose(&device, 50, DG_TIER_AUTOMATIC, &honest), 1U);
    /* What is confirmed at the phone, where it needs the glucose of an
     * automatic dose. */
    begin_changed(DG_TRIAL_LIMIT_E4_PHONE, 1);
    assert_int_equal(
        dg_trial_device_dose(&device, 1000, DG_TIER_CONFIRMED, &fallen), 0U);
    begin("dosegate:medium", DG_AGE_ADULT);
    assert_int_equal(
        dg_trial_device_dose(&device, 1000, DG_TIER_CONFIRMED, &fallen), 20U);
    /* As Low ships it. */
    begin("dosegate:low", DG_AGE_ADULT);
    assert_int_equal(
        dg_trial_device_dose(&device, 1000, DG_TIER_CONFIRMED, &fallen), 0U);
    assert_int_equal(tally.refusals[DG_TRIAL_RULE_E4], 1U);
    /* 7.5 % of 40 U by the buttons, doubled. */
    begin_changed(DG_TRIAL_LIMIT_EMERGENCY, 200);
    step(0);
    assert_int_equal(dg_trial_device_emergency(&device, 30000), 120U);
    /* 10 % of 40 U is usual, halved. */
    begin_changed(DG_TRIAL_LIMIT_UNUSUAL, 50);
    settle(220);
    assert_int_equal(
        dg_trial_device_dose(&device, 30000, DG_TIER_CONFIRMED, &fallen), 40U);
}

static uint32_t withheld_in_a_day(void)
{
    for (unsigned i = 0U; i < 288U; i++) {
        step(110 + (int32_t)(i % 2U));
        dg_trial_device_temp(&device, 0, 30U);
        dg_trial_device_basal(&device, &fallen);
    }
    return tally.withheld_s;
}

static void a_changed_pause_is_the_one_that_holds(void **state)
{
    (void)state;
    begin_changed(DG_TRIAL_LIMIT_E5_24_H, 50);
    assert_int_equal(withheld_in_a_day(), DG_PAUSE_S_MAX_IN_24_H / 2U);
    begin_changed(DG_TRIAL_LIMIT_E5_24_H, 25);
    assert_int_equal(withheld_in_a_day(), DG_PAUSE_S_MAX_IN_24_H / 4U);
    /* Half an hour of each 4 h: six times a day and what was begun. */
    begin_changed(DG_TRIAL_LIMIT_E5_4_H, 25);
    assert_in_range(withheld_in_a_day(), 6U * 1800U, 7U * 1800U);
}

/* DG-H11: a high rate runs on without the phone, or does not. */
static void a_raised_rate_is_a_dose_of_the_controller(void **state)
{
    (void)state;
    begin("dosegate:high", DG_AGE_ADULT);
    settle(200);
    dg_trial_device_temp(&device, 10000, 120U);
    for (unsigned i = 0U; i < 24U; i++) {
        step(0);
        dg_trial_device_basal(&device, &honest);
    }
    /* Two readings' worth at most: then the last one is too old. */
    assert_true(tally.pulses[DG_TIER_AUTOMATIC] * 50U <=
                (TDD_MU * 60U) / 1000U);
    assert_true(tally.refusals[DG_TRIAL_RULE_E4] > 0U);

    begin("none", DG_AGE_ADULT);
    step(200);
    dg_trial_device_temp(&device, 10000, 120U);
    for (unsigned i = 0U; i < 24U; i++) {
        dg_trial_device_basal(&device, &honest);
        step(0);
    }
    assert_int_equal(tally.pulses[DG_TIER_AUTOMATIC], 364U); /* 18.2 U */
}

static void glucagon_is_the_cores_affair(void **state)
{
    (void)state;
    begin("dosegate:high", DG_AGE_ADULT);
    settle(75);
    assert_int_equal(dg_trial_device_glucagon(&device, 1000U, true), 0U);
    assert_int_equal(dg_trial_device_glucagon(&device, 1000U, false), 100U);
    step(75);
    assert_int_equal(dg_trial_device_glucagon(&device, 100U, false), 0U);
    /* E8: none of the controller's insulin for an hour. */
    settle(200);
    assert_int_equal(
        dg_trial_device_dose(&device, 500, DG_TIER_AUTOMATIC, &honest), 0U);

    begin("none", DG_AGE_ADULT);
    for (unsigned i = 0U; i < 5U; i++) {
        step(0);
        (void)dg_trial_device_glucagon(&device, 1000U, false);
    }
    assert_int_equal(tally.glucagon_ug, DG_TRIAL_CHAMBER_UG);
}

static void without_a_phone_the_device_has_its_own_bolus(void **state)
{
    (void)state;
    begin("dosegate:low", DG_AGE_ADULT);
    step(0);
    /* One size, 7.5 %; who needs less lets it lapse. */
    assert_int_equal(dg_trial_device_emergency(&device, 2950), 0U);
    assert_int_equal(dg_trial_device_emergency(&device, 8000), 60U);
    step(0);
    assert_int_equal(dg_trial_device_emergency(&device, 8000), 0U);
    begin("sold:omnipod5", DG_AGE_ADULT);
    step(0);
    assert_int_equal(dg_trial_device_emergency(&device, 8000), 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_to_arms_and_back),
        cmocka_unit_test(an_open_arm_gives_what_is_asked),
        cmocka_unit_test(a_sold_limit_in_the_app_falls_with_the_phone),
        cmocka_unit_test(sold_pumps_pause_where_they_say),
        cmocka_unit_test(dosegate_gives_what_the_limits_say),
        cmocka_unit_test(the_greedy_stay_within_every_window),
        cmocka_unit_test(a_phone_reaches_no_further_than_its_row),
        cmocka_unit_test(in_a_low_a_person_looks_at_the_pump_first),
        cmocka_unit_test(basal_goes_on_and_is_withheld_only_so_long),
        cmocka_unit_test(a_changed_limit_is_the_one_that_holds),
        cmocka_unit_test(a_changed_pause_is_the_one_that_holds),
        cmocka_unit_test(a_raised_rate_is_a_dose_of_the_controller),
        cmocka_unit_test(glucagon_is_the_cores_affair),
        cmocka_unit_test(without_a_phone_the_device_has_its_own_bolus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
