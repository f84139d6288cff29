/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Settings that a person changes: the sensor, and the basal schedule. */

#define RATE_MU_PER_H 1200

static struct rig rig;
static struct rig saved;
static const struct dg_secret new_key = {{0x77}};

static void start(void)
{
    const struct dg_therapy therapy = rig_therapy(RATE_MU_PER_H);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
}

static struct dg_effect schedule(unsigned hour, unsigned hours, int32_t rate)
{
    return (struct dg_effect){.kind = DG_EFFECT_SETTINGS,
                              .setting = DG_SETTING_BASAL,
                              .hour = (uint8_t)hour,
                              .hours = (uint8_t)hours,
                              .rate = {rate}};
}

static const struct dg_effect sensor = {.kind = DG_EFFECT_SETTINGS,
                                        .setting = DG_SETTING_SENSOR};

static void expect_kind(const struct dg_answer *answer,
                        enum dg_answer_kind kind)
{
    assert_non_null(answer);
    assert_int_equal(answer->kind, kind);
}

static void refused(enum dg_tier tier,
                    struct dg_effect effect,
                    enum dg_reason reason,
                    int32_t headroom)
{
    const struct dg_answer *answer =
        rig_propose_effect(&rig, 0U, tier, &effect);

    expect_kind(answer, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, reason);
    assert_int_equal(answer->as.refused.headroom.mU, headroom);
}

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static void offer(struct dg_effect effect)
{
    expect_kind(rig_do(&rig, 0U, DG_TIER_CONFIRMED, &effect),
                DG_ANSWER_ACCEPTED);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_BUTTON);
    assert_int_equal(rig.announced_change.setting, effect.setting);
    assert_int_equal(rig.announced_mU, 0);
}

static void hold_sensor(void)
{
    assert_int_equal(dg_device_offer_sensor(
                         &rig.device, (dg_seconds){rig.clock_s}, &new_key),
                     DG_OK);
}

/* Sensor ------------------------------------------------------------------- */

/* @verifies{FMT_SET.1@1} */
static void test_sensor__held_approved_and_pressed__old_one_is_a_stranger(
    void **state)
{
    uint8_t room[64];

    (void)state;
    start();
    assert_int_equal(
        dg_device_offer_sensor(NULL, (dg_seconds){rig.clock_s}, &new_key),
        DG_E_USAGE);
    assert_int_equal(
        dg_device_offer_sensor(&rig.device, (dg_seconds){rig.clock_s}, NULL),
        DG_E_USAGE);
    /* None was held to the device. */
    refused(DG_TIER_CONFIRMED, sensor, DG_REASON_STATE, 0);
    hold_sensor();
    refused(DG_TIER_AUTOMATIC, sensor, DG_REASON_PRESENCE, 0);
    /* It counts by the press, and five minutes only. */
    offer(sensor);
    assert_memory_not_equal(
        &rig.device.settings.sensor_key, &new_key, sizeof new_key);
    rig_wait(&rig, 301U);
    refused(DG_TIER_CONFIRMED, sensor, DG_REASON_STATE, 0);
    hold_sensor();
    offer(sensor);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    assert_memory_equal(
        &rig.device.settings.sensor_key, &new_key, sizeof new_key);
    assert_int_equal(rig.device.settings.sensor_start.s, rig.device.now.s);
    /* One sensor, once. */
    refused(DG_TIER_CONFIRMED, sensor, DG_REASON_STATE, 0);
    /* No reading of before is believed beside those to come. */
    assert_false(dg_glucose_is_trusted(&rig.device.glucose));
    assert_false(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 500));
    assert_int_equal(rig.phone[0].answer.as.refused.reason,
                     DG_REASON_AUTHORITY);
    rig.sensor_sequence++;
    expect_kind(
        rig_relay(
            &rig,
            0U,
            rig_reading(
                &rig, rig.sensor_sequence, rig.clock_s, 250, DG_BUF_OF(room))),
        DG_ANSWER_REFUSED);
    assert_int_equal(rig.phone[0].answer.as.refused.reason, DG_REASON_SENSOR);
    /* The new one is; after a reset too. */
    rig.settings.sensor_key = new_key;
    rig.settings.sensor_start = rig.device.settings.sensor_start;
    rig.sensor_sequence = 0U;
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    /* Warm-up is the sensor's own matter: two hours and a half on. */
    rig_wait_in_steps(&rig, 9000U, 60U);
    assert_true(rig_connect(&rig, 0U));
    rig_settle(&rig, 0U, 250);
}

/* Basal -------------------------------------------------------------------- */

/* @verifies{FMT_SET.1@1} */
static void test_basal__one_step_at_a_time_by_the_button(void **state)
{
    (void)state;
    start();
    refused(DG_TIER_AUTOMATIC, schedule(0U, 24U, 1300), DG_REASON_PRESENCE, 0);
    /* Half more or half less, not a slip of a digit. */
    refused(DG_TIER_CONFIRMED, schedule(0U, 1U, 1801), DG_REASON_E9, 1800);
    refused(DG_TIER_CONFIRMED, schedule(0U, 1U, 12000), DG_REASON_E9, 1800);
    refused(DG_TIER_CONFIRMED, schedule(0U, 1U, 599), DG_REASON_E9, 1800);
    /* More than the daily dose in basal is no schedule: 50 U. */
    offer(schedule(0U, 24U, 1800));
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    refused(DG_TIER_CONFIRMED, schedule(0U, 24U, 2100), DG_REASON_E9, 2700);

    const uint32_t moved = rig.moved;

    rig_wait(&rig, 3600U);
    assert_in_range(rig.moved - moved, 35U, 37U);
    /* And down again between two pulses: none comes too soon. */
    rig_wait(&rig, 70U);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    offer(schedule(0U, 24U, 900));
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);

    const uint32_t lowered = rig.moved;

    rig_wait(&rig, 3600U);
    assert_in_range(rig.moved - lowered, 17U, 18U);
    assert_false(rig.device.is_fault);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    offer(schedule(0U, 24U, 1350));
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    offer(schedule(0U, 24U, 1800));
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    /* Approved and not pressed: nothing. */
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    offer(schedule(0U, 24U, 1000));
    rig_wait(&rig, DG_BUTTON_WAIT_S + 1U);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    rig_reboot(&rig);
    for (unsigned hour = 0U; hour < 24U; hour++) {
        assert_int_equal(rig.device.settings.therapy.basal[hour].mU_per_h,
                         1800);
    }
}

/* Only the hours that were named; a temporary rate ends. */
static void test_basal__named_hours_only_and_a_temporary_rate_ends(void **state)
{
    const struct dg_effect lowered = {
        .kind = DG_EFFECT_BASAL, .duration = {1800U}, .rate = {600}};

    (void)state;
    start();
    expect_kind(rig_do(&rig, 0U, DG_TIER_CONFIRMED, &lowered),
                DG_ANSWER_ACCEPTED);
    assert_true(rig.device.ledger.pause.is_on);
    offer(schedule(20U, 4U, 1500));
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    assert_false(rig.device.ledger.pause.is_on);
    for (unsigned hour = 0U; hour < 24U; hour++) {
        assert_int_equal(rig.device.settings.therapy.basal[hour].mU_per_h,
                         (hour < 20U) ? RATE_MU_PER_H : 1500);
    }
}

/* The power goes at each write, three ways: all of it, or nothing. */
static void test_change__cut_at_every_write__old_or_new(void **state)
{
    unsigned cuts = 0U;
    unsigned renewed = 0U;

    (void)state;
    start();
    hold_sensor();
    saved = rig;
    for (uint32_t at = 1U; cuts == ((at - 1U) * RIG_CUTS); at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            rig = saved;
            rig.flash.cut_in = at;
            rig.flash.cut = (enum rig_cut)cut;
            (void)rig_do(&rig, 0U, DG_TIER_CONFIRMED, &sensor);
            (void)press(DG_BUTTON_CONFIRM);
            if (!rig.flash.is_dead) {
                continue;
            }
            cuts++;
            rig_reboot(&rig);
            assert_false(rig.device.is_fault);

            struct dg_settings want = saved.device.settings;
            const bool is_new =
                rig.device.settings.sensor_key.byte[0] == new_key.byte[0];

            renewed += is_new ? 1U : 0U;
            if (is_new) {
                want.sensor_key = new_key;
                want.sensor_start = saved.device.now;
            }
            want.generation = rig.device.settings.generation;
            assert_memory_equal(
                &want.sensor_key, &rig.device.settings.sensor_key, 16U);
            assert_int_equal(want.sensor_start.s,
                             rig.device.settings.sensor_start.s);
            assert_memory_equal(&want.therapy,
                                &rig.device.settings.therapy,
                                sizeof want.therapy);
            assert_int_equal(want.reservoir_pulses,
                             rig.device.settings.reservoir_pulses);
        }
    }
    assert_true(cuts > RIG_CUTS);
    assert_in_range(renewed, 1U, cuts - 1U);
}

/* A hostile phone that has the presence key asks for thousands of changes;
 * nobody presses. */
static void test_change__without_a_press__settings_never_move(void **state)
{
    uint64_t seed = 91U;

    (void)state;
    start();

    const struct dg_settings before = rig.device.settings;

    for (unsigned i = 0U; i < 500U; i++) {
        const struct dg_effect effect = schedule(
            rig_random(&seed) % 24U, 1U, (int32_t)(rig_random(&seed) % 3000U));

        (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        (void)rig_do(&rig, 0U, DG_TIER_CONFIRMED, &effect);
        rig_wait(&rig, 1U + (rig_random(&seed) % 60U));
        if (rig_greet(&rig, 0U) == NULL) {
            (void)rig_connect(&rig, 0U);
        }
    }
    assert_memory_equal(
        &before, &rig.device.settings, sizeof rig.device.settings);
    assert_int_equal(rig.device.ledger.bolus_pulses, 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_sensor__held_approved_and_pressed__old_one_is_a_stranger),
        cmocka_unit_test(test_basal__one_step_at_a_time_by_the_button),
        cmocka_unit_test(
            test_basal__named_hours_only_and_a_temporary_rate_ends),
        cmocka_unit_test(test_change__cut_at_every_write__old_or_new),
        cmocka_unit_test(test_change__without_a_press__settings_never_move),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
