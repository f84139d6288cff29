/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* A device with a glucagon chamber: micro-doses by message, rescue by hand and
 * by itself, and insulin beside it. */

static struct rig rig;
static struct rig saved;

static struct dg_therapy both_hormones(int32_t basal_mU_per_h)
{
    struct dg_therapy therapy = rig_therapy(basal_mU_per_h);

    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {54}, {80}};
    return therapy;
}

static void start_with(const struct dg_therapy *therapy, int32_t mg_dL)
{
    rig_init(&rig, therapy);
    rig_ready(&rig, mg_dL);
}

static void start(int32_t mg_dL)
{
    const struct dg_therapy therapy = both_hormones(0);

    start_with(&therapy, mg_dL);
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

static void press(enum dg_button button, enum dg_status want)
{
    assert_int_equal(
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button), want);
}

static bool dose(enum dg_tier tier, int32_t ug)
{
    const struct dg_answer *answer = rig_propose_glucagon(&rig, 0U, tier, ug);

    if ((answer == NULL) || (answer->kind != DG_ANSWER_TICKET)) {
        return false;
    }
    answer = rig_commit(&rig, 0U, tier != DG_TIER_AUTOMATIC);
    return (answer != NULL) && (answer->kind == DG_ANSWER_ACCEPTED);
}

/* A reading that the device trusts, and a phone in control of it. */
static void believe(int32_t mg_dL)
{
    rig_believe(&rig, mg_dL);
    expect_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
    expect_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS);
}

/* True readings every five minutes, and a phone that keeps lease and battery
 * fresh. */
static void live(uint32_t seconds, int32_t mg_dL)
{
    for (uint32_t s = 0U; s < seconds; s += 60U) {
        rig_wait(&rig, ((seconds - s) < 60U) ? (seconds - s) : 60U);
        if ((s % 300U) == 0U) {
            (void)rig_glucose(&rig, 0U, mg_dL - (int32_t)((s / 300U) % 3U));
            expect_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
            expect_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS);
        }
    }
}

/* @verifies{FDP_GLUCAGON.1@1} */
static void test_glucagon__no_chamber__every_message_refused(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    start_with(&therapy, 60);
    for (int32_t ug = 1; ug <= DG_EFFECT_UG_MAX; ug += 37) {
        expect_refused(rig_propose_glucagon(&rig, 0U, DG_TIER_AUTOMATIC, ug),
                       DG_REASON_E8);
        expect_refused(rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, ug),
                       DG_REASON_E8);
    }
    press(DG_BUTTON_RESCUE, DG_E_STATE);
    live(1200U, 50);
    assert_false(rig.phone[0].answer.status.glucagon.has_chamber);
    assert_int_equal(rig.moved, 0U);
    /* But a severe low sounds on every device. */
    assert_true((rig.alarms & (1U << DG_ALARM_SEVERE_LOW)) != 0U);
    live(1800U, 60);
    /* It is over; a person must have heard it. */
    assert_true((rig.alarms & (1U << DG_ALARM_SEVERE_LOW)) != 0U);
    press(DG_BUTTON_SILENCE, DG_OK);
    assert_true((rig.alarms & (1U << DG_ALARM_SEVERE_LOW)) == 0U);
}

/* @verifies{FDP_DOSE.12@1} */
static void test_glucagon__no_longer_low__phone_is_not_enough(void **state)
{
    (void)state;
    start(60);
    expect_kind(rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 120),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_PHONE);
    believe(110);
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_E8);
    rig_wait(&rig, 30U);
    assert_int_equal(rig.chamber_moved, 0U);
}

/* @verifies{FDP_GLUCAGON.1@1} @verifies{FDP_GLUCAGON.2@1} */
static void test_glucagon__confirmed_dose__moves_the_chamber_alone(void **state)
{
    const struct dg_glucagon_status *status =
        &rig.phone[0].answer.status.glucagon;

    (void)state;
    start(60);
    expect_kind(rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 129),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.effect.kind,
                     DG_EFFECT_GLUCAGON);
    assert_int_equal(rig.phone[0].ticket.as.ticket.effect.glucagon.ug, 120);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_PHONE);
    expect_refused(rig_commit(&rig, 0U, false), DG_REASON_PRESENCE);
    assert_int_equal(rig.chamber_moved, 0U);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
    rig_wait(&rig, 5U);
    expect_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS);
    assert_int_equal(status->outcome, DG_OUTCOME_DELIVERING);
    rig_wait(&rig, 20U);
    assert_int_equal(rig.chamber_moved, 12U);
    assert_int_equal(rig.moved, 0U);
    expect_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS);
    assert_true(status->has_chamber && status->has_ticket);
    assert_int_equal(status->outcome, DG_OUTCOME_DELIVERED);
    assert_int_equal(status->amount.ug, 120);
    assert_int_equal(status->delivered.ug, 120);
    assert_int_equal(status->total_ug, 120U);
    assert_int_equal(status->left_ug, (RIG_CHAMBER - 12U) * 10U);
    /* Nothing of it is insulin. */
    assert_false(rig.phone[0].answer.status.has_ticket);
    assert_int_equal(rig.phone[0].answer.status.iob.mU, 0);
    /* The same again is not a second dose, in this session or after a reset. */
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ALREADY);
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    expect_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ALREADY);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.chamber_moved, 12U);
}

/* Beside a bolus; one glucagon at a time. */
static void test_glucagon__beside_a_confirmed_bolus__both_whole(void **state)
{
    (void)state;
    start(75);
    /* Below the floor a bolus wants the button. */
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 2000));
    press(DG_BUTTON_CONFIRM, DG_OK);
    assert_true(dose(DG_TIER_CONFIRMED, 150));
    expect_refused(rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 10),
                   DG_REASON_BUSY);
    rig_wait(&rig, 120U);
    assert_int_equal(rig.moved, 40U);
    assert_int_equal(rig.chamber_moved, 15U);
    expect_refused(rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 10),
                   DG_REASON_E8);
}

/* CONFIRM means one thing at a time. */
static void test_glucagon__two_doses_for_one_button__second_is_busy(
    void **state)
{
    (void)state;
    start(200);
    expect_kind(rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 100),
                DG_ANSWER_TICKET);
    /* Glucose is not low: a person should look at the device. */
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_BUTTON);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
    assert_int_equal(rig.announced_ug, 100);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 8000),
                   DG_REASON_BUSY);
    press(DG_BUTTON_CONFIRM, DG_OK);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.chamber_moved, 10U);
    assert_int_equal(rig.moved, 0U);
    assert_int_equal(rig.announced_ug, 0);

    /* The other way round. */
    rig_wait(&rig, 3700U);
    believe(200);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 8000),
                DG_ANSWER_TICKET);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
    expect_refused(rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 100),
                   DG_REASON_BUSY);
    /* Nobody presses: a commit learns that it lapsed. */
    rig_wait(&rig, DG_BUTTON_WAIT_S + 1U);
    expect_kind(rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 100),
                DG_ANSWER_TICKET);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
    rig_wait(&rig, DG_BUTTON_WAIT_S + 1U);
    press(DG_BUTTON_CONFIRM, DG_E_STATE);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ALREADY);
    assert_int_equal(rig.phone[0].answer.status.glucagon.outcome,
                     DG_OUTCOME_LAPSED);
    assert_int_equal(rig.chamber_moved, 10U);
    assert_int_equal(rig.moved, 0U);
}

/* T7, one way.  @verifies{FDP_GLUCAGON.3@1} */
static void test_glucagon__automatic_after_automatic_insulin__only_in_a_low(
    void **state)
{
    (void)state;
    start(200);
    expect_refused(rig_propose_glucagon(&rig, 0U, DG_TIER_AUTOMATIC, 100),
                   DG_REASON_E8);
    assert_true(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 1000));
    /* While it runs: no. */
    rig_wait(&rig, 10U);
    expect_refused(rig_propose_glucagon(&rig, 0U, DG_TIER_AUTOMATIC, 100),
                   DG_REASON_E8);
    saved = rig;
    /* A low ends it, and then it may. */
    believe(60);
    rig_wait(&rig, 2U);
    assert_int_equal(rig.moved, 6U);
    assert_true(dose(DG_TIER_AUTOMATIC, 100));
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 6U);
    rig = saved;
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 20U);
    saved = rig;
    believe(75);
    expect_refused(rig_propose_glucagon(&rig, 0U, DG_TIER_AUTOMATIC, 100),
                   DG_REASON_E8);
    assert_int_equal(rig.phone[0].answer.status.glucagon.headroom_automatic.ug,
                     0);
    rig = saved;
    believe(69);
    assert_true(dose(DG_TIER_AUTOMATIC, 100));
    rig = saved;
    rig_wait(&rig, 600U);
    believe(75);
    assert_true(dose(DG_TIER_AUTOMATIC, 100));
}

/* T7, the other way.  @verifies{FDP_GLUCAGON.3@1} */
static void test_glucagon__after_any__automatic_insulin_waits_an_hour(
    void **state)
{
    (void)state;
    for (unsigned how = 0U; how < 3U; how++) {
        start((how == 0U) ? 70 : 200);
        if (how == 0U) {
            assert_true(dose(DG_TIER_AUTOMATIC, 100));
        } else if (how == 1U) {
            assert_true(dose(DG_TIER_CONFIRMED, 100));
            press(DG_BUTTON_CONFIRM, DG_OK);
        } else {
            press(DG_BUTTON_RESCUE, DG_OK);
            press(DG_BUTTON_CONFIRM, DG_OK);
        }

        const uint32_t began_s = rig.clock_s;

        believe(250);
        expect_refused(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 100),
                       DG_REASON_E8);
        rig_wait(&rig, 3600U - 240U);
        rig_reboot(&rig); /* does not forget */
        assert_true(rig_connect(&rig, 0U));
        rig_wait(&rig, 100U);
        believe(250);
        while ((rig.clock_s - began_s) < 3600U) {
            expect_refused(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 100),
                           DG_REASON_E8);
            rig_wait(&rig, 1U);
        }
        assert_true(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 100));
    }
}

/* A person's glucagon ends what the controller alone is giving. */
static void test_glucagon__confirmed_during_automatic_insulin__insulin_ends(
    void **state)
{
    (void)state;
    start(200);
    assert_true(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 1250));
    rig_wait(&rig, 10U);
    assert_true(dose(DG_TIER_CONFIRMED, 100));
    press(DG_BUTTON_CONFIRM, DG_OK);

    const uint32_t moved = rig.moved;

    assert_true(moved < 25U);
    rig_wait(&rig, 120U);
    assert_int_equal(rig.moved, moved);
    assert_int_equal(rig.chamber_moved, 10U);
    expect_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS);
    assert_int_equal(rig.phone[0].answer.status.outcome, DG_OUTCOME_STOPPED);
}

/* DG-H27: no phone, 30 s, bounded.  @verifies{FDP_GLUCAGON.4@1} */
static void test_rescue__by_button_without_a_phone__bounded(void **state)
{
    const struct dg_therapy therapy = both_hormones(1000);

    (void)state;
    rig_init(&rig, &therapy);
    rig_wait(&rig, 60U);
    press(DG_BUTTON_RESCUE, DG_OK);
    assert_int_equal(rig.announced_ug, 1000);
    assert_int_equal(rig.chamber_moved, 0U);

    const uint32_t began_s = rig.clock_s;

    rig_wait(&rig, 5U);
    press(DG_BUTTON_CONFIRM, DG_OK);
    assert_true(rig.chamber_moved > 0U);
    assert_true((rig.chamber_move[0] - began_s) <= 30U);
    assert_true((rig.alarms & (1U << DG_ALARM_GLUCAGON)) != 0U);
    rig_wait(&rig, 120U);
    assert_int_equal(rig.chamber_moved, 100U);

    /* Again and again, with a reset before each try: one more, after 15 min. */
    unsigned given = 1U;

    for (uint32_t s = 0U; s < 80000U; s += 100U) {
        rig_wait(&rig, 100U);
        if ((s % 3000U) == 0U) {
            rig_reboot(&rig);
        }
        if (dg_device_press(&rig.device,
                            (dg_seconds){rig.clock_s},
                            DG_BUTTON_RESCUE) == DG_OK) {
            press(DG_BUTTON_CONFIRM, DG_OK);
            given++;
        }
    }
    rig_wait(&rig, 200U);
    assert_int_equal(given, 2U);
    assert_int_equal(rig.chamber_moved, 200U);
    assert_true((rig.chamber_move[100] - rig.chamber_move[0]) >=
                DG_RESCUE_REPEAT_S);
}

/* Not pressed again, STOP, what is left of a rescue, a hostile stop.
 * @verifies{FDP_GLUCAGON.4@1} */
static void test_rescue__ended_by_hand_only__rest_may_follow(void **state)
{
    (void)state;
    start(60);
    press(DG_BUTTON_RESCUE, DG_OK);
    press(DG_BUTTON_RESCUE, DG_E_STATE);
    rig_wait(&rig, DG_RESCUE_WAIT_S + 1U);
    assert_int_equal(rig.announced_ug, 0);
    press(DG_BUTTON_CONFIRM, DG_E_STATE);
    assert_int_equal(rig.chamber_moved, 0U);

    /* A phone ends neither the announcement nor the dose. */
    press(DG_BUTTON_RESCUE, DG_OK);
    expect_kind(rig_stop(&rig, 0U), DG_ANSWER_STATUS);
    press(DG_BUTTON_CONFIRM, DG_OK);
    rig_wait(&rig, 20U);
    expect_kind(rig_stop(&rig, 0U), DG_ANSWER_STATUS);
    rig_wait(&rig, 20U);
    assert_in_range(rig.chamber_moved, 40U, 42U);
    press(DG_BUTTON_STOP, DG_OK);

    const uint32_t moved = rig.chamber_moved;

    rig_wait(&rig, 20U);
    assert_int_equal(rig.chamber_moved, moved);
    press(DG_BUTTON_RESCUE, DG_OK);
    assert_int_equal(rig.announced_ug, 1000 - ((int32_t)moved * 10));
    press(DG_BUTTON_CONFIRM, DG_OK);
    rig_wait(&rig, 120U);
    assert_int_equal(rig.chamber_moved, 100U);
    press(DG_BUTTON_RESCUE, DG_E_STATE);
    /* Micro-doses count it: none fits any more. */
    rig_wait(&rig, 1200U);
    believe(60);
    expect_refused(rig_propose_glucagon(&rig, 0U, DG_TIER_AUTOMATIC, 10),
                   DG_REASON_E8);
}

/* Whoever needs rescue needs no insulin. */
static void test_rescue__while_a_bolus_runs_or_waits__insulin_ends(void **state)
{
    (void)state;
    start(200);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 5000));
    rig_wait(&rig, 20U);
    press(DG_BUTTON_RESCUE, DG_OK);
    press(DG_BUTTON_CONFIRM, DG_OK);

    const uint32_t moved = rig.moved;

    rig_wait(&rig, 300U);
    assert_int_equal(rig.moved, moved);
    assert_int_equal(rig.chamber_moved, 100U);

    /* So does one over time, and a raised basal; a lowered one holds back. */
    for (unsigned i = 0U; i < 3U; i++) {
        static const struct dg_effect effects[3] = {
            {.kind = DG_EFFECT_BOLUS,
             .form = DG_FORM_EXTENDED,
             .amount = {3000},
             .duration = {3600U}},
            {.kind = DG_EFFECT_BASAL, .rate = {4000}, .duration = {1800U}},
            {.kind = DG_EFFECT_BASAL, .rate = {1500}, .duration = {1800U}}};
        const struct dg_therapy therapy = both_hormones(3000);

        start_with(&therapy, 200);
        expect_kind(rig_do(&rig, 0U, DG_TIER_CONFIRMED, &effects[i]),
                    DG_ANSWER_ACCEPTED);
        rig_wait(&rig, 200U);
        press(DG_BUTTON_RESCUE, DG_OK);
        press(DG_BUTTON_CONFIRM, DG_OK);
        assert_false(rig.device.ledger.spread.is_open);
        assert_true(rig.device.ledger.pause.is_on == (i == 2U));
    }

    /* A bolus that waits for CONFIRM is not what CONFIRM then means. */
    start(200);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 8000),
                DG_ANSWER_TICKET);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
    press(DG_BUTTON_RESCUE, DG_OK);
    assert_int_equal(rig.announced_mU, 0);
    press(DG_BUTTON_CONFIRM, DG_OK);
    rig_wait(&rig, 300U);
    assert_int_equal(rig.moved, 0U);
    assert_int_equal(rig.chamber_moved, 100U);
}

/* @verifies{FDP_GLUCAGON.4@1} */
static void test_rescue__by_the_device__only_on_a_trusted_severe_low(
    void **state)
{
    struct dg_therapy therapy = both_hormones(0);

    (void)state;
    start(60);
    /* One reading is not enough, however low. */
    rig_wait(&rig, 300U);
    expect_kind(rig_glucose(&rig, 0U, 52), DG_ANSWER_STATUS);
    assert_true((rig.alarms & (1U << DG_ALARM_SEVERE_LOW)) != 0U);
    rig_wait(&rig, 239U);
    expect_kind(rig_glucose(&rig, 0U, 51), DG_ANSWER_STATUS);
    rig_wait(&rig, 1U);
    assert_int_equal(rig.chamber_moved, 0U);
    saved = rig;
    /* One that is not low breaks the run. */
    rig_wait(&rig, 60U);
    expect_kind(rig_glucose(&rig, 0U, 54), DG_ANSWER_STATUS);
    rig_wait(&rig, 60U);
    expect_kind(rig_glucose(&rig, 0U, 53), DG_ANSWER_STATUS);
    rig_wait(&rig, 239U);
    expect_kind(rig_glucose(&rig, 0U, 52), DG_ANSWER_STATUS);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.chamber_moved, 0U);
    /* A run of readings: it gives one rescue, without any message for it. */
    rig = saved;
    live(600U, 51);
    assert_int_equal(rig.chamber_moved, 100U);
    assert_true((rig.alarms & (1U << DG_ALARM_GLUCAGON)) != 0U);
    /* And no second one by itself, also over resets; a person may. */
    for (unsigned i = 0U; i < 4U; i++) {
        rig_reboot(&rig);
        assert_true(rig_connect(&rig, 0U));
        live(1800U, 51);
    }
    assert_int_equal(rig.chamber_moved, 100U);
    press(DG_BUTTON_RESCUE, DG_OK);
    press(DG_BUTTON_CONFIRM, DG_OK);
    rig_wait(&rig, 120U);
    assert_int_equal(rig.chamber_moved, 200U);

    /* "Low" without a number is low. */
    rig = saved;
    rig_wait(&rig, 60U);
    expect_refused(rig_glucose(&rig, 0U, 39), DG_REASON_IMPLAUSIBLE);
    assert_int_equal(rig.chamber_moved, 0U);
    rig_wait(&rig, 2U);
    assert_true(rig.chamber_moved > 0U);

    /* A person's STOP holds it off for a while. */
    rig = saved;
    rig_wait(&rig, 60U);
    expect_kind(rig_glucose(&rig, 0U, 51), DG_ANSWER_STATUS);
    rig_wait(&rig, 10U);
    assert_true(rig.chamber_moved > 0U);
    press(DG_BUTTON_STOP, DG_OK);

    const uint32_t moved = rig.chamber_moved;

    live(800U, 51);
    assert_int_equal(rig.chamber_moved, moved);
    live(400U, 51);
    assert_int_equal(rig.chamber_moved, 100U);

    /* A fall that nothing explains begins no run, but it sounds. */
    start(200);
    rig_wait(&rig, 300U);
    expect_refused(rig_glucose(&rig, 0U, 50), DG_REASON_IMPLAUSIBLE);
    assert_true((rig.alarms & (1U << DG_ALARM_SEVERE_LOW)) != 0U);
    rig_wait(&rig, 300U);
    (void)rig_glucose(&rig, 0U, 49);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.chamber_moved, 0U);

    /* The prescriber did not say so: never. */
    therapy.glucagon.rescue_below.mg_dL = 0;
    start_with(&therapy, 60);
    live(3600U, 51);
    assert_int_equal(rig.chamber_moved, 0U);
}

/* An occlusion, an empty chamber. */
static void test_glucagon__chamber_blocked_or_empty__alarm_and_truth(
    void **state)
{
    (void)state;
    start(60);
    assert_true(dose(DG_TIER_CONFIRMED, 150));
    rig_wait(&rig, 5U);
    rig.is_chamber_blocked = true;
    rig_wait(&rig, 30U);

    const uint32_t moved = rig.chamber_moved;

    assert_true(moved < 15U);
    expect_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS);
    assert_int_equal(rig.phone[0].answer.status.glucagon.outcome,
                     DG_OUTCOME_STOPPED);
    assert_int_equal(rig.phone[0].answer.status.glucagon.total_ug, moved * 10U);
    assert_true((rig.alarms & (1U << DG_ALARM_GLUCAGON)) != 0U);
    rig_reboot(&rig);
    assert_int_equal(rig.device.glucagon.ledger->moved, moved);

    /* Less than a rescue is left: it sounds, and a rescue gives that. */
    start(60);
    rig.device.settings.glucagon_steps = 30U;
    rig_wait(&rig, 1U);
    assert_true((rig.alarms & (1U << DG_ALARM_GLUCAGON)) != 0U);
    press(DG_BUTTON_RESCUE, DG_OK);
    press(DG_BUTTON_CONFIRM, DG_OK);
    rig_wait(&rig, 120U);
    assert_int_equal(rig.chamber_moved, 30U);
    press(DG_BUTTON_RESCUE, DG_E_STATE);
    expect_refused(rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 10),
                   DG_REASON_E8);
}

/* A damaged ledger of glucagon: basal goes on, nothing else, and it says so.
 * A damaged ledger of insulin leaves the rescue by hand.
 * @verifies{FDP_GLUCAGON.5@1} */
static void test_glucagon__ledger_damaged__safe_state(void **state)
{
    const struct dg_therapy therapy = both_hormones(1000);
    const size_t first = (size_t)DG_FLASH_GLUCAGON_FIRST * RIG_SECTOR;

    (void)state;
    start_with(&therapy, 60);
    assert_true(dose(DG_TIER_CONFIRMED, 100));
    rig_wait(&rig, 60U);
    rig.flash.bytes[first + 44U + 8U] ^= 0x10U;
    rig_reboot(&rig);

    const uint32_t moved = rig.moved;

    assert_true(rig.device.is_fault);
    assert_true((rig.alarms & (1U << DG_ALARM_GLUCAGON)) != 0U);
    assert_true((rig.alarms & (1U << DG_ALARM_FAULT)) != 0U);
    assert_true(rig_connect(&rig, 0U));
    believe(60);
    assert_int_equal(rig.phone[0].answer.status.therapy, DG_THERAPY_FAULT);
    assert_int_equal(rig.phone[0].answer.status.fault, DG_FAULT_GLUCAGON);
    expect_refused(rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 10),
                   DG_REASON_FAULT);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100),
                   DG_REASON_FAULT);
    press(DG_BUTTON_RESCUE, DG_E_STATE);
    rig_wait(&rig, 3600U);
    assert_in_range(rig.moved - moved, 19U, 21U);
    assert_int_equal(rig.chamber_moved, 10U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_glucagon__no_chamber__every_message_refused),
        cmocka_unit_test(test_glucagon__no_longer_low__phone_is_not_enough),
        cmocka_unit_test(
            test_glucagon__confirmed_dose__moves_the_chamber_alone),
        cmocka_unit_test(test_glucagon__beside_a_confirmed_bolus__both_whole),
        cmocka_unit_test(
            test_glucagon__two_doses_for_one_button__second_is_busy),
        cmocka_unit_test(
            test_glucagon__automatic_after_automatic_insulin__only_in_a_low),
        cmocka_unit_test(
            test_glucagon__after_any__automatic_insulin_waits_an_hour),
        cmocka_unit_test(
            test_glucagon__confirmed_during_automatic_insulin__insulin_ends),
        cmocka_unit_test(test_rescue__by_button_without_a_phone__bounded),
        cmocka_unit_test(test_rescue__ended_by_hand_only__rest_may_follow),
        cmocka_unit_test(
            test_rescue__while_a_bolus_runs_or_waits__insulin_ends),
        cmocka_unit_test(
            test_rescue__by_the_device__only_on_a_trusted_severe_low),
        cmocka_unit_test(
            test_glucagon__chamber_blocked_or_empty__alarm_and_truth),
        cmocka_unit_test(test_glucagon__ledger_damaged__safe_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
