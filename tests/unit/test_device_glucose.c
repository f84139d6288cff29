/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* What the whole device does with readings that may not be true, and with a
 * sensor whose clock and numbers are not what they should be. */

static struct rig rig;

static void start(int32_t basal_mU_per_h)
{
    const struct dg_therapy therapy = rig_therapy(basal_mU_per_h);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
}

static void expect_refused(const struct dg_answer *answer,
                           enum dg_reason reason)
{
    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, reason);
}

static void expect_kind(const struct dg_answer *answer,
                        enum dg_answer_kind kind)
{
    assert_non_null(answer);
    assert_int_equal(answer->kind, kind);
}

/* A low that may not be true stops automation and asks for the button; a high
 * that may not be true takes neither back. */
/* @verifies{FDP_GLU.3@1} */
static void test_device_glucose__suspect_reading__cautious_on_both_sides(
    void **state)
{
    (void)state;
    start(0);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 100),
                DG_ANSWER_TICKET);
    rig_wait(&rig, 30U);
    expect_refused(rig_glucose(&rig, 0U, 70), DG_REASON_IMPLAUSIBLE);
    assert_int_equal(rig.phone[0].answer.status.findings,
                     1U << DG_GLUCOSE_JUMP);
    assert_false(rig.phone[0].answer.status.has_glucose);
    assert_int_equal(rig.phone[0].answer.status.headroom_automatic.mU, 0);
    expect_refused(rig_commit(&rig, 0U, false), DG_REASON_AUTHORITY);
    for (unsigned i = 0U; i < 2U; i++) {
        expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100),
                    DG_ANSWER_TICKET);
        assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                         DG_CONFIRM_BUTTON);
        rig_wait(&rig, 30U);
        /* Back at once: a jump again; then one that agrees with it. */
        (void)rig_glucose(&rig, 0U, 250);
        assert_true(rig.phone[0].answer.status.findings != 0U);
    }
    /* Ten minutes of readings that agree with each other. */
    rig_settle(&rig, 0U, 250);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 100),
                DG_ANSWER_TICKET);
}

/* A sensor's clock that runs fast or slow by what crystals do: readings are
 * taken for two weeks. */
/* @verifies{FDP_GLU.2@1} */
static void test_device_glucose__sensor_clock_drifts__taken(void **state)
{
    uint8_t room[DG_SENSOR_FRAME_MAX];

    (void)state;
    for (int drift_ppm = -100; drift_ppm <= 100; drift_ppm += 200) {
        start(0);
        for (uint32_t day = 1U; day <= 14U; day++) {
            rig_wait_in_steps(
                &rig, (RIG_START + (day * 86400U)) - rig.clock_s, 3600U);
            assert_true(rig_connect(&rig, 0U));

            const int64_t age_s = (int64_t)(rig.clock_s - RIG_START);
            const int64_t at_s = age_s + ((age_s * drift_ppm) / 1000000);

            rig.sensor_sequence++;
            expect_kind(rig_relay(&rig,
                                  0U,
                                  rig_reading(&rig,
                                              rig.sensor_sequence,
                                              RIG_START + (uint32_t)at_s,
                                              120 + (int32_t)day,
                                              DG_BUF_OF(room))),
                        DG_ANSWER_STATUS);
            assert_true(rig.device.glucose.at.s <= rig.clock_s);
        }
        /* Further ahead than that: not of this time. */
        rig.sensor_sequence++;
        expect_refused(rig_relay(&rig,
                                 0U,
                                 rig_reading(&rig,
                                             rig.sensor_sequence,
                                             rig.clock_s + 182U,
                                             120,
                                             DG_BUF_OF(room))),
                       DG_REASON_STALE);
    }
}

/* The same frame twice, an older number with a newer time, the last number
 * there is, and one beyond what a sensor can have. */
/* @verifies{FPT_RPL.1@1} @verifies{FDP_GLU.1@1} */
static void test_device_glucose__numbers_of_readings__order_and_end(
    void **state)
{
    uint8_t room[DG_SENSOR_FRAME_MAX];
    dg_span frame = {NULL, 0U};

    (void)state;
    start(0);
    rig_wait(&rig, 300U);
    frame = rig_reading(&rig, 4U, rig.clock_s, 248, DG_BUF_OF(room));
    expect_kind(rig_relay(&rig, 0U, frame), DG_ANSWER_STATUS);
    expect_refused(rig_relay(&rig, 0U, frame), DG_REASON_REPLAY);
    rig_wait(&rig, 300U);
    frame = rig_reading(&rig, 3U, rig.clock_s, 248, DG_BUF_OF(room));
    expect_refused(rig_relay(&rig, 0U, frame), DG_REASON_REPLAY);
    frame = rig_reading(&rig, UINT32_MAX, rig.clock_s, 249, DG_BUF_OF(room));
    expect_refused(rig_relay(&rig, 0U, frame), DG_REASON_IMPLAUSIBLE);
    assert_int_equal(rig.phone[0].answer.status.findings,
                     1U << DG_GLUCOSE_SPENT);
    rig_wait(&rig, 300U);
    /* Nothing comes after it; a new sensor begins anew. */
    frame = rig_reading(&rig, 5U, rig.clock_s, 249, DG_BUF_OF(room));
    expect_refused(rig_relay(&rig, 0U, frame), DG_REASON_REPLAY);
    rig.device.settings.sensor_start.s = rig.clock_s;
    rig.settings.sensor_start.s = rig.clock_s;
    rig_wait(&rig, 300U);
    rig.sensor_sequence = 0U;
    rig_settle(&rig, 0U, 180);
}

/* What was measured before a reset is not taken after it, and trust starts
 * anew. */
/* @verifies{FDP_GLU.2@1} */
static void test_device_glucose__reset__trust_is_gone(void **state)
{
    uint8_t room[DG_SENSOR_FRAME_MAX];

    (void)state;
    start(0);
    assert_true(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 50));
    rig_wait(&rig, 300U);

    const uint32_t before_s = rig.clock_s;

    rig_wait(&rig, 5U);
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    expect_refused(
        rig_relay(
            &rig, 0U, rig_reading(&rig, 9U, before_s, 250, DG_BUF_OF(room))),
        DG_REASON_STALE);
    rig.sensor_sequence = 9U;
    expect_kind(rig_glucose(&rig, 0U, 250), DG_ANSWER_STATUS);
    assert_true(rig.phone[0].answer.status.has_glucose);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 50),
                   DG_REASON_AUTHORITY);
    assert_true((rig.phone[0].answer.status.missing &
                 (1U << DG_EVIDENCE_GLUCOSE)) != 0U);
    rig_settle(&rig, 0U, 250);
    assert_true(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 50));
}

/* An old reading is not shown as one of now. */
/* @verifies{FDP_GLU.4@1} */
static void test_device_glucose__old_reading__not_in_the_status(void **state)
{
    (void)state;
    start(0);
    rig_wait(&rig, 600U);
    assert_true(rig_greet(&rig, 0U)->status.has_glucose);
    rig_wait(&rig, 1U);
    assert_false(rig_greet(&rig, 0U)->status.has_glucose);
    assert_int_equal(rig.phone[0].answer.status.headroom_automatic.mU, 0);
}

/* A reading that was measured at @p at_s of the device's old time, relayed
 * now. */
static const struct dg_answer *relay_of(uint32_t sequence, uint32_t at_s)
{
    uint8_t room[DG_SENSOR_FRAME_MAX];

    return rig_relay(
        &rig, 0U, rig_reading(&rig, sequence, at_s, 250, DG_BUF_OF(room)));
}

/* The device has lost its clock, and the phone has every frame that the sensor
 * sent before and since: relayed in step with the device's time all of them
 * look new. */
static void attack_with_old_readings(uint32_t sequence)
{
    for (unsigned i = 0U; i < 24U; i++) {
        const struct dg_answer *answer = NULL;

        rig_wait_in_steps(&rig, 300U, 60U);
        if ((i % 2U) == 0U) {
            assert_true(rig_connect(&rig, 0U));
            (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        }
        answer = relay_of(sequence + i, rig.device.now.s);
        expect_refused(answer, DG_REASON_IMPLAUSIBLE);
        assert_true((rig.phone[0].answer.status.findings &
                     (1U << DG_GLUCOSE_UNTIMED)) != 0U);
        assert_false(rig.phone[0].answer.status.has_glucose);
        assert_int_equal(rig.phone[0].answer.status.headroom_automatic.mU, 0);
        expect_refused(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 50),
                       DG_REASON_AUTHORITY);
    }
}

/* @verifies{FDP_GLU.5@1} */
static void test_device_glucose__clock_lost__old_readings_are_no_basis(
    void **state)
{
    (void)state;
    start(0);
    assert_true(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 50));
    rig_wait(&rig, 900U);
    rig.clock_s = 0U;
    rig_reboot(&rig);
    attack_with_old_readings(100U);
    /* A reset that keeps the clock does not make them younger, even where our
     * time is behind the clock again. */
    rig.clock_s = rig.device.now.s + 86400U;
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    attack_with_old_readings(200U);
    /* A dose that a person approved and pressed for is still possible. */
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100),
                DG_ANSWER_TICKET);
}

/* A low of unknown age is a low, and no rescue by itself. */
/* @verifies{FDP_GLU.5@1} @verifies{FDP_GLU.3@1} */
static void test_device_glucose__clock_lost__low_still_counts(void **state)
{
    (void)state;
    start(1000);
    rig_wait(&rig, 300U);
    rig.clock_s = 0U;
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    for (uint32_t i = 0U; i < 3U; i++) {
        uint8_t room[DG_SENSOR_FRAME_MAX];

        rig_wait(&rig, 300U);
        expect_refused(
            rig_relay(
                &rig,
                0U,
                rig_reading(
                    &rig, 50U + i, rig.device.now.s, 45, DG_BUF_OF(room))),
            DG_REASON_IMPLAUSIBLE);
    }
    assert_true(dg_glucose_is_low(
        &rig.device.glucose, rig.device.now, 600U, (dg_glucose){70}));
    assert_int_equal(rig.device.glucagon.has_run, 0);
}

/* It is written once; a storm of resets without a clock wears nothing, and
 * where flash fails it holds all the same. */
/* @verifies{FDP_GLU.5@1} @verifies{FPT_WEAR.1@1} */
static void test_device_glucose__clock_lost__written_once(void **state)
{
    (void)state;
    start(0);

    const uint32_t before = rig.device.settings.generation;

    for (unsigned i = 0U; i < 50U; i++) {
        rig.clock_s = 0U;
        rig_reboot(&rig);
        assert_int_equal(rig.device.settings.sensor_untimed, 1U);
        assert_int_equal(rig.device.settings.generation, before + 1U);
    }
}

/* Power goes at every write of that. */
/* @verifies{FDP_GLU.5@1} */
static void test_device_glucose__clock_lost__cut_while_it_is_kept(void **state)
{
    static struct rig saved;

    (void)state;
    start(0);
    rig.clock_s = 0U;
    saved = rig;
    for (unsigned part = 0U; part < RIG_CUTS; part++) {
        for (uint32_t write = 1U; write <= 16U; write++) {
            rig = saved;
            rig.flash.cut_in = write;
            rig.flash.cut = (enum rig_cut)part;
            (void)rig_try_reboot(&rig);
            rig_reboot(&rig);
            assert_int_equal(rig.device.settings.sensor_untimed, 1U);
        }
    }
}

/* With a sensor that a person starts trust comes back. */
/* @verifies{FDP_GLU.5@1} */
static void test_device_glucose__clock_lost__new_sensor_is_trusted(void **state)
{
    const struct dg_secret key = {{7U}};
    const struct dg_effect sensor = {.kind = DG_EFFECT_SETTINGS,
                                     .setting = DG_SETTING_SENSOR};

    (void)state;
    start(0);
    rig.clock_s = 0U;
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    assert_int_equal(
        dg_device_offer_sensor(&rig.device, (dg_seconds){rig.clock_s}, &key),
        DG_OK);
    expect_kind(rig_do(&rig, 0U, DG_TIER_CONFIRMED, &sensor),
                DG_ANSWER_ACCEPTED);
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_CONFIRM),
                     DG_OK);
    assert_int_equal(rig.device.settings.sensor_untimed, 0U);
    rig.settings.sensor_key = key;
    rig.settings.sensor_start = rig.device.settings.sensor_start;
    rig_wait_in_steps(&rig, 9000U, 60U);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    for (uint32_t i = 1U; i <= 3U; i++) {
        rig_wait(&rig, 300U);
        expect_kind(relay_of(i, rig.device.now.s), DG_ANSWER_STATUS);
    }
    assert_true(dg_glucose_is_trusted(&rig.device.glucose));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_device_glucose__suspect_reading__cautious_on_both_sides),
        cmocka_unit_test(test_device_glucose__sensor_clock_drifts__taken),
        cmocka_unit_test(
            test_device_glucose__numbers_of_readings__order_and_end),
        cmocka_unit_test(test_device_glucose__reset__trust_is_gone),
        cmocka_unit_test(test_device_glucose__old_reading__not_in_the_status),
        cmocka_unit_test(
            test_device_glucose__clock_lost__old_readings_are_no_basis),
        cmocka_unit_test(test_device_glucose__clock_lost__low_still_counts),
        cmocka_unit_test(test_device_glucose__clock_lost__written_once),
        cmocka_unit_test(test_device_glucose__clock_lost__cut_while_it_is_kept),
        cmocka_unit_test(
            test_device_glucose__clock_lost__new_sensor_is_trusted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
