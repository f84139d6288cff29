/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Suspension by a phone and by a person: rule E5, promise T5. */

#define RATE_MU_PER_H 3000 /* a pulse a minute */

static struct rig rig;

static void start(void)
{
    const struct dg_therapy therapy = rig_therapy(RATE_MU_PER_H);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
}

static void expect_refused(const struct dg_answer *answer,
                           enum dg_reason reason,
                           int32_t headroom)
{
    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, reason);
    assert_int_equal(answer->as.refused.headroom.mU, headroom);
}

static void expect_done(const struct dg_answer *answer,
                        enum dg_therapy_state therapy)
{
    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_STATUS);
    assert_int_equal(answer->status.therapy, therapy);
}

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static bool is_sounding(void)
{
    return (rig.alarms & (1U << DG_ALARM_SUSPENDED)) != 0U;
}

/* @verifies{FDP_PAUSE.1@2} */
static void test_suspend__no_basal_then_resumes_by_itself(void **state)
{
    (void)state;
    start();
    rig_wait(&rig, 600U);

    const uint32_t moved = rig.moved;

    expect_done(rig_suspend(&rig, 0U, 1800U), DG_THERAPY_SUSPENDED);
    assert_int_equal(rig.phone[0].answer.status.pause_left_s, 1800U);
    assert_int_equal(rig.phone[0].answer.status.pause_permille, 1000U);
    assert_int_equal(rig.phone[0].answer.status.headroom_pause_s,
                     DG_PAUSE_S_MAX - 1800U);
    assert_true(is_sounding());
    assert_int_equal(press(DG_BUTTON_SILENCE), DG_OK);
    rig_wait(&rig, 1799U);
    assert_int_equal(rig.moved, moved);
    assert_false(is_sounding());
    rig_wait(&rig, 1U);
    assert_true(is_sounding());
    expect_done(rig_greet(&rig, 0U), DG_THERAPY_RUN);
    assert_int_equal(rig.phone[0].answer.status.pause_left_s, 0U);
    rig_wait(&rig, 3600U);
    assert_in_range(rig.moved - moved, 59U, 61U);
    /* What was withheld is not made up. */
}

static void test_suspend__ends_a_dose_and_refuses_others(void **state)
{
    (void)state;
    start();
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 2000));
    rig_wait(&rig, 9U);
    expect_done(rig_suspend(&rig, 0U, 600U), DG_THERAPY_SUSPENDED);
    assert_int_equal(rig.phone[0].answer.status.outcome, DG_OUTCOME_STOPPED);

    const uint32_t moved = rig.moved;

    rig_wait(&rig, 200U);
    assert_int_equal(rig.moved, moved);
    expect_refused(
        rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500), DG_REASON_STATE, 0);
    expect_done(rig_resume(&rig, 0U), DG_THERAPY_RUN);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
}

/* E5 names what is left, to the second. */
/* @verifies{FDP_PAUSE.1@2} */
static void test_suspend__beyond_the_caps__e5_with_headroom(void **state)
{
    (void)state;
    start();
    expect_refused(rig_suspend(&rig, 0U, DG_PAUSE_S_MAX + 1U),
                   DG_REASON_E5,
                   (int32_t)DG_PAUSE_S_MAX);
    expect_done(rig_suspend(&rig, 0U, 1800U), DG_THERAPY_SUSPENDED);
    /* Granted counts in full until it is given back. */
    expect_refused(rig_suspend(&rig, 0U, 5401U), DG_REASON_E5, 5400);
    expect_done(rig_suspend(&rig, 0U, 5400U), DG_THERAPY_SUSPENDED);
    rig_wait_in_steps(&rig, 600U, 10U);
    expect_done(rig_resume(&rig, 0U), DG_THERAPY_RUN);
    expect_refused(rig_suspend(&rig, 0U, 7200U), DG_REASON_E5, 6600);
    expect_done(rig_suspend(&rig, 0U, 6600U), DG_THERAPY_SUSPENDED);
    rig_wait_in_steps(&rig, 6600U, 10U);
    assert_true(rig_greet(&rig, 0U) != NULL);
    expect_refused(rig_suspend(&rig, 0U, 60U), DG_REASON_E5, 0);
    /* Resets change nothing of it. */
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    expect_refused(rig_suspend(&rig, 0U, 60U), DG_REASON_E5, 0);
}

/* A suspension outlives a reset and ends when it should, on or off. */
static void test_suspend__reset_and_power_off__ends_in_time(void **state)
{
    (void)state;
    start();
    rig_wait(&rig, 60U);
    expect_done(rig_suspend(&rig, 0U, 3600U), DG_THERAPY_SUSPENDED);

    const uint32_t moved = rig.moved;

    for (unsigned i = 0U; i < 10U; i++) {
        rig_wait_in_steps(&rig, 300U, 5U);
        rig_reboot(&rig);
        assert_int_equal(rig.moved, moved);
    }
    rig_wait_in_steps(&rig, 600U, 1U);
    assert_true(is_sounding());
    rig_wait(&rig, 600U);
    assert_in_range(rig.moved - moved, 9U, 12U);
    /* Off at its end. */
    assert_true(rig_connect(&rig, 0U));
    expect_done(rig_suspend(&rig, 0U, 600U), DG_THERAPY_SUSPENDED);
    rig.clock_s += 7200U;
    rig_reboot(&rig);
    rig_wait(&rig, 1U);
    assert_true(is_sounding());
    assert_false(rig.device.ledger.pause.is_on);
}

static void test_person__suspends_without_cap_and_alone_resumes(void **state)
{
    (void)state;
    start();
    rig_wait(&rig, 60U);
    assert_int_equal(press(DG_BUTTON_RESUME), DG_E_STATE);
    assert_int_equal(press(DG_BUTTON_SUSPEND), DG_OK);
    assert_int_equal(press(DG_BUTTON_SUSPEND), DG_E_STATE);

    const uint32_t moved = rig.moved;

    expect_done(rig_greet(&rig, 0U), DG_THERAPY_SUSPENDED);
    assert_int_equal(rig.phone[0].answer.status.pause_left_s,
                     DG_PAUSE_UNTIL_RESUMED);
    assert_false(is_sounding());
    /* No phone ends it, none shortens it. */
    expect_refused(rig_resume(&rig, 0U), DG_REASON_STATE, 0);
    expect_refused(rig_suspend(&rig, 0U, 60U), DG_REASON_STATE, 0);
    rig_wait_in_steps(&rig, 3600U, 60U);
    assert_true(is_sounding());
    assert_int_equal(press(DG_BUTTON_SILENCE), DG_OK);
    rig_wait_in_steps(&rig, 3000U, 60U);
    assert_false(is_sounding());
    rig_wait_in_steps(&rig, 30U * 3600U, 60U);
    assert_true(is_sounding());
    rig_reboot(&rig);
    rig_wait_in_steps(&rig, 3600U, 60U);
    assert_int_equal(rig.moved, moved);
    assert_int_equal(press(DG_BUTTON_RESUME), DG_OK);
    rig_wait(&rig, 600U);
    assert_in_range(rig.moved - moved, 9U, 12U);
    /* Nothing of it counts against the phones. */
    assert_true(rig_connect(&rig, 0U));
    expect_done(rig_suspend(&rig, 0U, DG_PAUSE_S_MAX), DG_THERAPY_SUSPENDED);
    /* And a person ends what a phone began. */
    assert_int_equal(press(DG_BUTTON_RESUME), DG_OK);
    expect_done(rig_greet(&rig, 0U), DG_THERAPY_RUN);
}

/* Flash fails: a phone's suspension is refused or ended, a person's holds. */
static void test_suspend__flash_fails__person_only(void **state)
{
    (void)state;
    start();
    rig_wait(&rig, 60U);
    rig.flash.fails = true;
    expect_refused(rig_suspend(&rig, 0U, 600U), DG_REASON_FAULT, 0);
    assert_true(rig.device.is_fault);
    expect_refused(rig_suspend(&rig, 0U, 600U), DG_REASON_FAULT, 0);

    const uint32_t moved = rig.moved;

    rig_wait(&rig, 600U);
    assert_in_range(rig.moved - moved, 9U, 11U);
    assert_int_equal(press(DG_BUTTON_SUSPEND), DG_OK);

    const uint32_t then = rig.moved;

    rig_wait(&rig, 600U);
    assert_int_equal(rig.moved, then);
    assert_int_equal(press(DG_BUTTON_RESUME), DG_OK);
    rig_wait(&rig, 600U);
    assert_in_range(rig.moved - then, 9U, 11U);
}

/* T5 ---------------------------------------------------------------------- */

/* The truth by the actuator alone: in every trailing window of @window_s the
 * pulses that are missing from the schedule. */
static uint32_t worst_missing_s(uint32_t from_s, uint32_t window_s)
{
    const uint32_t want = window_s / 60U;
    uint32_t worst = 0U;
    uint32_t first = 0U;
    uint32_t last = 0U;

    for (uint32_t at = from_s + window_s; at <= rig.clock_s; at += 20U) {
        while ((last < rig.moved) && (rig.move[last] <= at)) {
            last++;
        }
        while ((first < last) && (rig.move[first] <= (at - window_s))) {
            first++;
        }

        const uint32_t got = last - first;

        worst = ((want > got) && ((want - got) > worst)) ? (want - got) : worst;
    }
    return worst * 60U;
}

/* A phone in an attacker's hands suspends, suspends again, stops, resumes,
 * lets go and reconnects for three days, with resets between. */
static void test_t5__hostile_phone_for_days__never_beyond_the_caps(void **state)
{
    uint64_t seed = 55U;

    (void)state;
    for (unsigned life = 0U; life < 3U; life++) {
        start();

        const uint32_t from_s = rig.clock_s;

        while ((rig.clock_s - from_s) < (3U * 86400U)) {
            const uint32_t dice = rig_random(&seed) % 10U;

            if (rig_greet(&rig, 0U) == NULL) {
                assert_true(rig_connect(&rig, 0U));
            }
            if (dice < 6U) {
                /* As much as there is. */
                const uint32_t room =
                    rig.phone[0].answer.status.headroom_pause_s;

                (void)rig_suspend(&rig, 0U, (room > 0U) ? room : 1U);
                (void)rig_suspend(
                    &rig, 0U, 1U + (rig_random(&seed) % DG_PAUSE_S_MAX));
            } else if (dice < 8U) {
                (void)rig_resume(&rig, 0U);
                (void)rig_suspend(
                    &rig, 0U, 1U + (rig_random(&seed) % DG_PAUSE_S_MAX));
            } else if (dice < 9U) {
                (void)rig_stop(&rig, 0U);
            } else if (life == 2U) {
                rig_reboot(&rig);
            }
            rig_wait_in_steps(&rig, 1U + (rig_random(&seed) % 1200U), 15U);
        }
        assert_false(rig.device.is_fault);
        /* Each change of rate and each reset may cost a part of a pulse. */
        assert_true(worst_missing_s(from_s, DG_PAUSE_WINDOW_4_H) <=
                    (DG_PAUSE_S_MAX_IN_4_H + 1200U));
        assert_true(worst_missing_s(from_s, DG_PAUSE_WINDOW_24_H) <=
                    (DG_PAUSE_S_MAX_IN_24_H + 2400U));
        /* The attack was one. */
        assert_true(worst_missing_s(from_s, DG_PAUSE_WINDOW_24_H) >=
                    (DG_PAUSE_S_MAX_IN_24_H - 3600U));
    }
}

/* Thousands of suspensions of a second do not fill the ledger. */
static void test_t5__flood_of_suspensions__basal_and_doses_go_on(void **state)
{
    unsigned taken = 0U;

    (void)state;
    start();
    for (unsigned i = 0U; i < 9000U; i++) {
        const struct dg_answer *answer = rig_suspend(&rig, 0U, 1U);

        if (answer == NULL) {
            /* It has used up its share of the battery. */
            rig_wait_in_steps(&rig, 600U, 60U);
            (void)rig_connect(&rig, 0U);
            continue;
        }
        taken += (answer->kind == DG_ANSWER_STATUS) ? 1U : 0U;
        (void)rig_resume(&rig, 0U);
    }
    assert_true(taken > 100U);

    const uint32_t moved = rig.moved;

    rig_wait_in_steps(&rig, 30U * 3600U, 30U);
    assert_false(rig.device.is_fault);
    assert_in_range(rig.moved - moved, 1798U, 1801U);
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(rig_lease(&rig, 0U, DG_LEASE_TAKE)->kind,
                     DG_ANSWER_STATUS);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suspend__no_basal_then_resumes_by_itself),
        cmocka_unit_test(test_suspend__ends_a_dose_and_refuses_others),
        cmocka_unit_test(test_suspend__beyond_the_caps__e5_with_headroom),
        cmocka_unit_test(test_suspend__reset_and_power_off__ends_in_time),
        cmocka_unit_test(test_person__suspends_without_cap_and_alone_resumes),
        cmocka_unit_test(test_suspend__flash_fails__person_only),
        cmocka_unit_test(
            test_t5__hostile_phone_for_days__never_beyond_the_caps),
        cmocka_unit_test(test_t5__flood_of_suspensions__basal_and_doses_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
