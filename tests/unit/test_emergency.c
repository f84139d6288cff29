/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Doses at the device itself: the bolus without any phone, and the dose that a
 * person never takes, which needs the button. */

static struct rig rig;

static void start(void)
{
    const struct dg_therapy therapy = rig_therapy(0);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
}

static enum dg_status try_press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static void press(enum dg_button button, enum dg_status want)
{
    assert_int_equal(try_press(button), want);
}

static void expect_kind(const struct dg_answer *answer,
                        enum dg_answer_kind kind)
{
    assert_non_null(answer);
    assert_int_equal(answer->kind, kind);
}

static enum dg_confirmation asked_for(int32_t mU)
{
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, mU), DG_ANSWER_TICKET);
    return rig.phone[0].ticket.as.ticket.confirmation;
}

/* Emergency ---------------------------------------------------------------- */

/* @verifies{FDP_EMERGENCY.1@2} */
static void test_emergency__no_phone_ever__small_and_bounded(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);
    uint32_t doses = 0U;

    (void)state;
    rig_init(&rig, &therapy);
    press(DG_BUTTON_BOLUS, DG_OK);
    /* 7.5 % of 50 U; shown before anything moves. */
    assert_int_equal(rig.announced_mU, 3750);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 0U);
    press(DG_BUTTON_CONFIRM, DG_OK);
    assert_int_equal(rig.announced_mU, 0);
    press(DG_BUTTON_BOLUS, DG_E_STATE);
    rig_wait(&rig, 160U);
    assert_int_equal(rig.moved, 75U);
    assert_int_equal(rig.device.ledger.ticket[0].tier, DG_TIER_PRESENT);
    assert_int_equal(rig.device.ledger.ticket[0].outcome, DG_OUTCOME_DELIVERED);
    /* Whoever presses all day, resets included, gets one an hour, within the
     * caps of all doses. */
    for (unsigned i = 0U; i < 600U; i++) {
        doses += (try_press(DG_BUTTON_BOLUS) == DG_OK) ? 1U : 0U;
        (void)try_press(DG_BUTTON_CONFIRM);
        rig_wait_in_steps(&rig, 240U, 2U);
        if ((i % 50U) == 49U) {
            rig_reboot(&rig);
        }
    }
    assert_in_range(doses, 5U, 40U);
    assert_true(rig_worst_window_mU(&rig, 3600U) <= 7500);
    for (unsigned window = 0U; window < DG_WINDOWS; window++) {
        assert_true(
            rig_worst_window_mU(&rig, dg_window_s((enum dg_window)window)) <=
            rig.device.limits.window_max_mU[DG_TIER_PRESENT][window]);
    }
    assert_int_equal(rig.device.ledger.bolus_pulses, rig.moved);
}

static void test_emergency__not_pressed__lapses(void **state)
{
    (void)state;
    start();
    press(DG_BUTTON_BOLUS, DG_OK);
    rig_wait(&rig, DG_BUTTON_WAIT_S + 1U);
    assert_int_equal(rig.announced_mU, 0);
    press(DG_BUTTON_CONFIRM, DG_E_STATE);
    press(DG_BUTTON_BOLUS, DG_OK);
    press(DG_BUTTON_STOP, DG_OK);
    press(DG_BUTTON_CONFIRM, DG_E_STATE);
    rig_wait(&rig, 300U);
    assert_int_equal(rig.moved, 0U);
}

/* No message leads to it, none confirms it, none keeps a person from it.
 * @verifies{FDP_EMERGENCY.1@2} */
static void test_emergency__hostile_phone__neither_gives_nor_blocks(
    void **state)
{
    (void)state;
    start();
    press(DG_BUTTON_BOLUS, DG_OK);
    /* The phone cannot take its place under the finger. */
    assert_false(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 8000));
    assert_int_equal(rig.phone[0].answer.as.refused.reason, DG_REASON_BUSY);
    assert_int_equal(rig.announced_mU, 3750);
    press(DG_BUTTON_STOP, DG_OK);
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    /* What it left waiting gives way. */
    assert_int_equal(asked_for(8000), DG_CONFIRM_BUTTON);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
    assert_int_equal(rig.announced_mU, 8000);
    press(DG_BUTTON_BOLUS, DG_OK);
    assert_int_equal(rig.announced_mU, 3750);
    press(DG_BUTTON_CONFIRM, DG_OK);
    rig_wait(&rig, 300U);
    assert_int_equal(rig.moved, 75U);
    /* Suspended by a phone or by a person: all the same. */
    rig_wait_in_steps(&rig, 7200U, 10U);
    assert_true(rig_connect(&rig, 0U));
    expect_kind(rig_suspend(&rig, 0U, 600U), DG_ANSWER_STATUS);
    press(DG_BUTTON_BOLUS, DG_OK);
    press(DG_BUTTON_CONFIRM, DG_OK);
    rig_wait(&rig, 300U);
    assert_int_equal(rig.moved, 150U);
    assert_true(rig.device.ledger.pause.is_on);
    /* Not into a set that is off. */
    rig_wait_in_steps(&rig, 7200U, 10U);
    press(DG_BUTTON_DETACH, DG_OK);
    press(DG_BUTTON_BOLUS, DG_E_STATE);
}

/* Never on top of what the envelope forbids, or without a ledger. */
static void test_emergency__envelope_or_fault__none(void **state)
{
    (void)state;
    start();
    /* E7 leaves 180 s; the 4 h of all doses leave little. */
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 4000));
    rig_wait(&rig, 170U);
    press(DG_BUTTON_BOLUS, DG_E_STATE);
    rig_wait(&rig, 11U);
    press(DG_BUTTON_BOLUS, DG_OK);
    press(DG_BUTTON_STOP, DG_OK);
    rig.flash.fails = true;
    press(DG_BUTTON_BOLUS, DG_OK);
    assert_int_not_equal(try_press(DG_BUTTON_CONFIRM), DG_OK);
    rig_wait(&rig, 10U);
    assert_int_equal(rig.moved, 80U);
    assert_true(rig.device.is_fault);
    press(DG_BUTTON_BOLUS, DG_E_STATE);
}

/* Unusual ------------------------------------------------------------------ */

/* @verifies{FDP_DOSE.9@1} */
static void test_unusual__more_than_ever__needs_the_button(void **state)
{
    (void)state;
    start();
    /* Above 10 % of 50 U, and nothing like it in the last day. */
    assert_int_equal(asked_for(5000), DG_CONFIRM_PHONE);
    assert_int_equal(asked_for(5050), DG_CONFIRM_BUTTON);
    assert_int_equal(asked_for(7500), DG_CONFIRM_BUTTON);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 4000));
    rig_wait_in_steps(&rig, 18000U, 10U);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    /* Half more than that is usual. */
    assert_int_equal(asked_for(6000), DG_CONFIRM_PHONE);
    assert_int_equal(asked_for(6050), DG_CONFIRM_BUTTON);
    /* After a reset as well; a day later not. */
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    assert_int_equal(asked_for(6000), DG_CONFIRM_PHONE);
    assert_int_equal(asked_for(6050), DG_CONFIRM_BUTTON);
    rig_wait_in_steps(&rig, 25U * 3600U, 60U);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    assert_int_equal(asked_for(5050), DG_CONFIRM_BUTTON);
}

/* The attacker has phone and presence key, and works up to it: what no finger
 * at the pump approved grows by half at a time, and what was asked for, stopped
 * or lapsed teaches nothing.  @verifies{FDP_DOSE.9@1} */
static void test_unusual__attacker_teaches__only_what_was_delivered(
    void **state)
{
    (void)state;
    start();
    for (unsigned i = 0U; i < 5U; i++) {
        assert_int_equal(asked_for(7500), DG_CONFIRM_BUTTON);
        expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
        rig_wait(&rig, DG_BUTTON_WAIT_S + 1U);
    }
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 5000));
    rig_wait(&rig, 10U);
    (void)rig_stop(&rig, 0U);
    rig_wait(&rig, 200U);
    assert_int_equal(asked_for(5050), DG_CONFIRM_BUTTON);
    assert_int_equal(rig.moved, 6U);
    /* By the controller alone nothing is usual either. */
    rig_settle(&rig, 0U, 250);
    assert_true(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 1250));
    rig_wait(&rig, 200U);
    assert_int_equal(asked_for(5050), DG_CONFIRM_BUTTON);
    /* An extended one is a dose like any other. */
    expect_kind(rig_propose_effect(&rig,
                                   0U,
                                   DG_TIER_CONFIRMED,
                                   &(struct dg_effect){.kind = DG_EFFECT_BOLUS,
                                                       .form = DG_FORM_EXTENDED,
                                                       .amount = {5050},
                                                       .duration = {7200U}}),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_BUTTON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_emergency__no_phone_ever__small_and_bounded),
        cmocka_unit_test(test_emergency__not_pressed__lapses),
        cmocka_unit_test(
            test_emergency__hostile_phone__neither_gives_nor_blocks),
        cmocka_unit_test(test_emergency__envelope_or_fault__none),
        cmocka_unit_test(test_unusual__more_than_ever__needs_the_button),
        cmocka_unit_test(
            test_unusual__attacker_teaches__only_what_was_delivered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
