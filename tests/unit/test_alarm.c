/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/alarm.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Escalation, from docs/adr/0024: written here a second time, in minutes. */
enum { NEVER = 1000000 };

static const struct {
    bool is_severe;
    bool is_event;
    enum dg_sound first;
    uint32_t loud_min;
    uint32_t continuous_min;
    uint32_t quiet_min;
} wants[DG_ALARMS] = {
    [0] = {false, false, DG_SOUND_GENTLE, 60, NEVER, 240},
    [1] = {false, false, DG_SOUND_GENTLE, 240, NEVER, 240},
    [2] = {true, false, DG_SOUND_LOUD, 0, 2, 5},
    [3] = {false, true, DG_SOUND_GENTLE, 5, 60, 0},
    [4] = {true, false, DG_SOUND_LOUD, 0, 2, 5},
    [5] = {false, true, DG_SOUND_GENTLE, NEVER, NEVER, 0},
    [6] = {false, true, DG_SOUND_GENTLE, 5, NEVER, 30},
    [7] = {false, true, DG_SOUND_GENTLE, 15, NEVER, 30},
    [8] = {false, true, DG_SOUND_GENTLE, 15, NEVER, 30},
    [9] = {true, false, DG_SOUND_LOUD, 0, 2, 5},
    [10] = {false, true, DG_SOUND_LOUD, 0, 10, 15},
    [11] = {false, false, DG_SOUND_GENTLE, 15, NEVER, 60},
    [12] = {true, false, DG_SOUND_LOUD, 0, 1, 5},
    [13] = {false, true, DG_SOUND_GENTLE, NEVER, NEVER, 0},
    [14] = {false, true, DG_SOUND_GENTLE, NEVER, NEVER, 240},
    [15] = {false, false, DG_SOUND_GENTLE, 15, NEVER, 30},
};

static struct dg_alarm_board board;
static struct rig rig;

static enum dg_sound sound_at(uint32_t s, unsigned alarm)
{
    return dg_alarm_sound_of(&board, (dg_seconds){s}, (enum dg_alarm)alarm);
}

static enum dg_sound want_after(unsigned alarm, uint32_t s)
{
    if (s >= (wants[alarm].continuous_min * 60U)) {
        return DG_SOUND_CONTINUOUS;
    }
    return (s >= (wants[alarm].loud_min * 60U)) ? DG_SOUND_LOUD
                                                : wants[alarm].first;
}

/* @verifies{FAU_ALARM.1@1} */
static void test_alarm__nobody_hears_it__louder_with_time(void **state)
{
    (void)state;
    for (unsigned alarm = 0U; alarm < DG_ALARMS; alarm++) {
        memset(&board, 0, sizeof board);
        dg_alarm_raise(&board, (dg_seconds){1000U}, (enum dg_alarm)alarm);
        for (uint32_t s = 0U; s < 40000U; s += 10U) {
            /* Said again and again, it is still the same alarm. */
            dg_alarm_raise(
                &board, (dg_seconds){1000U + s}, (enum dg_alarm)alarm);
            assert_int_equal(sound_at(1000U + s, alarm), want_after(alarm, s));
            assert_int_equal(dg_alarm_bits(&board), 1U << alarm);
        }
    }
}

/* @verifies{FAU_ALARM.2@1} */
static void test_alarm__press__quiet_for_as_long_as_written(void **state)
{
    (void)state;
    for (unsigned alarm = 0U; alarm < DG_ALARMS; alarm++) {
        const uint32_t quiet_s = wants[alarm].quiet_min * 60U;
        const dg_seconds heard = {5000U};

        memset(&board, 0, sizeof board);
        dg_alarm_raise(&board, (dg_seconds){1000U}, (enum dg_alarm)alarm);
        dg_alarm_press(&board, heard);
        assert_int_equal(sound_at(heard.s, alarm), DG_SOUND_OFF);
        assert_int_equal(dg_alarm_bits(&board),
                         wants[alarm].is_event ? 0U : (1U << alarm));
        /* The cause persists, and is told again. */
        for (uint32_t s = 0U; s < 40000U; s += 10U) {
            dg_alarm_raise(
                &board, (dg_seconds){heard.s + s}, (enum dg_alarm)alarm);
            /* Leaning on the button does not make it longer. */
            if (s < quiet_s) {
                dg_alarm_press(&board, (dg_seconds){heard.s + s});
                dg_alarm_raise(
                    &board, (dg_seconds){heard.s + s}, (enum dg_alarm)alarm);
            }
            assert_int_equal(sound_at(heard.s + s, alarm),
                             (s < quiet_s) ? DG_SOUND_OFF
                                           : want_after(alarm, s - quiet_s));
        }
        assert_true(!wants[alarm].is_severe ||
                    (quiet_s <= DG_ALARM_SEVERE_QUIET_S));
    }
}

/* @verifies{FAU_ALARM.2@1} */
static void test_alarm__cause_gone__severe_stays_until_heard(void **state)
{
    (void)state;
    for (unsigned alarm = 0U; alarm < DG_ALARMS; alarm++) {
        memset(&board, 0, sizeof board);
        dg_alarm_raise(&board, (dg_seconds){1000U}, (enum dg_alarm)alarm);
        dg_alarm_clear(&board, (enum dg_alarm)alarm);
        assert_int_equal(dg_alarm_bits(&board),
                         wants[alarm].is_severe ? (1U << alarm) : 0U);
        assert_int_equal(sound_at(2000U, alarm),
                         wants[alarm].is_severe ? want_after(alarm, 1000U)
                                                : DG_SOUND_OFF);
        dg_alarm_press(&board, (dg_seconds){2000U});
        assert_int_equal(dg_alarm_bits(&board), 0U);
        assert_int_equal(sound_at(2001U, alarm), DG_SOUND_OFF);
        /* Heard first, gone then: over. */
        dg_alarm_raise(&board, (dg_seconds){3000U}, (enum dg_alarm)alarm);
        dg_alarm_press(&board, (dg_seconds){3001U});
        dg_alarm_clear(&board, (enum dg_alarm)alarm);
        assert_int_equal(dg_alarm_bits(&board), 0U);
        /* What comes back after it was gone is new, at once. */
        if (!wants[alarm].is_event) {
            dg_alarm_raise(&board, (dg_seconds){3002U}, (enum dg_alarm)alarm);
            assert_int_equal(sound_at(3002U, alarm), wants[alarm].first);
        }
    }
}

static void test_alarm__several__the_loudest_is_heard(void **state)
{
    const dg_seconds now = {100U};

    (void)state;
    memset(&board, 0, sizeof board);
    assert_int_equal(dg_alarm_sound(&board, now), DG_SOUND_OFF);
    dg_alarm_raise(&board, now, DG_ALARM_BATTERY_LOW);
    assert_int_equal(dg_alarm_sound(&board, now), DG_SOUND_GENTLE);
    dg_alarm_raise(&board, now, DG_ALARM_FAULT);
    assert_int_equal(dg_alarm_sound(&board, now), DG_SOUND_LOUD);
    assert_int_equal(dg_alarm_sound(&board, (dg_seconds){220U}),
                     DG_SOUND_CONTINUOUS);
    dg_alarm_press(&board, (dg_seconds){220U});
    assert_int_equal(dg_alarm_sound(&board, (dg_seconds){519U}), DG_SOUND_OFF);
    assert_int_equal(dg_alarm_sound(&board, (dg_seconds){520U}), DG_SOUND_LOUD);
    assert_int_equal(dg_alarm_bits(&board),
                     (1U << DG_ALARM_BATTERY_LOW) | (1U << DG_ALARM_FAULT));
    /* No such alarm. */
    dg_alarm_raise(&board, now, (enum dg_alarm)16);
    dg_alarm_clear(&board, (enum dg_alarm)16);
    assert_int_equal(dg_alarm_sound_of(&board, now, (enum dg_alarm)16),
                     DG_SOUND_OFF);
    /* At the end of time it is still heard. */
    dg_alarm_press(&board, (dg_seconds){UINT32_MAX});
    assert_int_equal(dg_alarm_sound(&board, (dg_seconds){UINT32_MAX}),
                     DG_SOUND_LOUD);
}

/* on the device ----------------------------------------------------------- */

static void start(void)
{
    const struct dg_therapy therapy = rig_therapy(1200);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
}

static void press_silence(void)
{
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_SILENCE),
                     DG_OK);
}

/* Whatever a phone with all its keys says, an alarm that it did not cause goes
 * on exactly as loud. */
/* @verifies{FAU_ALARM.2@1} */
static void test_alarm__phone_says_all_it_can__not_silenced(void **state)
{
    uint64_t seed = 9U;

    (void)state;
    start();
    rig.is_blocked = true;
    rig_wait(&rig, 200U);
    assert_int_equal(rig.notice.sound, DG_SOUND_LOUD);
    for (unsigned i = 0U; i < 3000U; i++) {
        uint8_t room[DG_SENSOR_FRAME_MAX];

        switch (rig_random(&seed) % 6U) {
        case 0U:
            (void)rig_greet(&rig, 0U);
            break;
        case 1U:
            (void)rig_stop(&rig, 0U);
            break;
        case 2U:
            (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
            break;
        case 3U:
            (void)rig_lease(&rig, 0U, DG_LEASE_RELEASE);
            break;
        case 4U:
            (void)rig_glucose(&rig, 0U, 200);
            break;
        default:
            for (size_t j = 0U; j < sizeof room; j++) {
                room[j] = (uint8_t)rig_random(&seed);
            }
            (void)rig_deliver(&rig, DG_SPAN_OF(room));
            break;
        }
        assert_true(rig.notice.sound >= DG_SOUND_LOUD);
        assert_true((rig.alarms & (1U << DG_ALARM_RESERVOIR_EMPTY)) != 0U);
        if ((i % 10U) == 0U) {
            rig_wait(&rig, 1U);
        }
    }
    assert_int_equal(rig.notice.sound, DG_SOUND_CONTINUOUS);
    press_silence();
    assert_int_equal(rig.notice.sound, DG_SOUND_OFF);
    /* It moves again and was heard: over. */
    rig.is_blocked = false;
    rig_wait(&rig, 200U);
    assert_int_equal(rig.alarms & (1U << DG_ALARM_RESERVOIR_EMPTY), 0U);
}

/* The phone will be flat soon: the person hears it from the pump. */
/* @verifies{FAU_ALARM.3@1} */
static void test_alarm__phone_nearly_flat__told_and_automation_ends(
    void **state)
{
    struct dg_request request = {
        .kind = DG_REQUEST_STATUS,
        .as.status = {DG_VERSION_MAJOR, DG_VERSION_MINOR, 9U}};

    (void)state;
    start();
    (void)rig_greet(&rig, 0U);
    assert_int_equal(rig.alarms & (1U << DG_ALARM_LINK_STALE), 0U);
    assert_int_equal(rig_ask(&rig, 0U, &request)->status.rung, DG_RUNG_DOSE);
    assert_true((rig.alarms & (1U << DG_ALARM_LINK_STALE)) != 0U);
    assert_int_equal(rig.notice.sound, DG_SOUND_GENTLE);
    assert_int_equal(rig_greet(&rig, 0U)->status.sound, DG_SOUND_OFF);
    assert_int_equal(rig.alarms & (1U << DG_ALARM_LINK_STALE), 0U);
}

/* Twenty minutes without a reading that counts. */
/* @verifies{FAU_ALARM.3@1} */
static void test_alarm__sensor_silent_or_suspect__after_twenty_minutes(
    void **state)
{
    const uint16_t bit = (uint16_t)(1U << DG_ALARM_SENSOR);

    (void)state;
    start();
    rig_wait(&rig, 1200U);
    assert_int_equal(rig.alarms & bit, 0U);
    rig_wait(&rig, 1U);
    assert_int_equal(rig.alarms & bit, bit);
    /* One reading is no sensor yet. */
    (void)rig_greet(&rig, 0U);
    (void)rig_glucose(&rig, 0U, 120);
    assert_int_equal(rig.alarms & bit, bit);
    assert_int_equal(rig_greet(&rig, 0U)->status.sound, DG_SOUND_GENTLE);
    rig_settle(&rig, 0U, 120);
    assert_int_equal(rig.alarms & bit, 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alarm__nobody_hears_it__louder_with_time),
        cmocka_unit_test(test_alarm__press__quiet_for_as_long_as_written),
        cmocka_unit_test(test_alarm__cause_gone__severe_stays_until_heard),
        cmocka_unit_test(test_alarm__several__the_loudest_is_heard),
        cmocka_unit_test(test_alarm__phone_says_all_it_can__not_silenced),
        cmocka_unit_test(
            test_alarm__phone_nearly_flat__told_and_automation_ends),
        cmocka_unit_test(
            test_alarm__sensor_silent_or_suspect__after_twenty_minutes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
