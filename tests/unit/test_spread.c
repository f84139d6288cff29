/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Doses over time: the extended bolus, and the temporary basal, which is a
 * lease of who is in control (E5, E6). */

#define RATE_MU_PER_H 3000 /* a pulse a minute */

static struct rig rig;
static struct rig saved;

static void start(int32_t basal_mU_per_h)
{
    const struct dg_therapy therapy = rig_therapy(basal_mU_per_h);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
}

static struct dg_effect extended(int32_t mU, uint32_t seconds)
{
    return (struct dg_effect){.kind = DG_EFFECT_BOLUS,
                              .form = DG_FORM_EXTENDED,
                              .amount = {mU},
                              .duration = {seconds}};
}

static struct dg_effect basal(int32_t mU_per_h, uint32_t seconds)
{
    return (struct dg_effect){
        .kind = DG_EFFECT_BASAL, .duration = {seconds}, .rate = {mU_per_h}};
}

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

static void taken(enum dg_tier tier, struct dg_effect effect)
{
    expect_kind(rig_do(&rig, 0U, tier, &effect), DG_ANSWER_ACCEPTED);
}

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static const struct dg_device_status *status(void)
{
    const struct dg_answer *answer = rig_greet(&rig, 0U);

    assert_non_null(answer);
    return &answer->status;
}

static int32_t used_mU(enum dg_window window)
{
    return dg_ledger_window(&rig.device.ledger,
                            (dg_seconds){rig.clock_s},
                            DG_TIER_PRESENT,
                            window)
        .mU;
}

/* The phone goes on talking, so that what is leased to it lasts. */
static void wait_led(uint32_t seconds)
{
    const uint32_t end_s = rig.clock_s + seconds;

    while (rig.clock_s < end_s) {
        const uint32_t left_s = end_s - rig.clock_s;

        rig_wait(&rig, (left_s < 300U) ? left_s : 300U);
        (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    }
}

/* Extended bolus ---------------------------------------------------------- */

/* @verifies{FDP_SPREAD.1@1} */
static void test_extended__evenly_and_counted_in_full_at_once(void **state)
{
    (void)state;
    start(0);

    const uint32_t from_s = rig.clock_s;

    taken(DG_TIER_CONFIRMED, extended(3049, 3600U));
    /* Resolved to whole pulses; the person signed that. */
    assert_int_equal(rig.phone[0].ticket.as.ticket.effect.amount.mU, 3000);
    assert_int_equal(rig.phone[0].ticket.as.ticket.effect.duration.s, 3600U);
    assert_int_equal(rig.phone[0].answer.status.spread_left_mU, 3000U);
    for (unsigned window = 0U; window < DG_WINDOWS; window++) {
        assert_int_equal(used_mU((enum dg_window)window), 3000);
    }
    assert_int_equal(status()->iob.mU, 3000);
    assert_int_equal(status()->outcome, DG_OUTCOME_DELIVERING);
    rig_wait(&rig, 1800U);
    assert_int_equal(rig.moved, 30U);
    /* In the narrowest window too: what is to come counts until it came. */
    assert_true(used_mU(DG_WINDOW_5_MIN) >= 1500 + 250);
    assert_int_equal(used_mU(DG_WINDOW_1_H), 3000);
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(status()->spread_left_mU, 1500U);
    rig_wait(&rig, 1800U);
    assert_int_equal(rig.moved, 60U);
    for (uint32_t i = 0U; i < rig.moved; i++) {
        assert_int_equal(rig.move[i] - from_s, (i + 1U) * 60U);
    }
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(status()->spread_left_mU, 0U);
    assert_int_equal(status()->outcome, DG_OUTCOME_DELIVERED);
    assert_int_equal(status()->ticket_delivered.mU, 3000);
    rig_wait(&rig, 3600U);
    assert_int_equal(rig.moved, 60U);
}

/* The schedule and a bolus at once go on beside it, each with its own count.
 */
static void test_extended__schedule_and_bolus_beside_it(void **state)
{
    (void)state;
    start(RATE_MU_PER_H);
    rig_wait(&rig, 60U);

    const uint32_t moved = rig.moved;
    const uint32_t basal_pulses = rig.device.ledger.basal_pulses;

    taken(DG_TIER_CONFIRMED, extended(3000, 3600U));
    /* E7 holds for what follows. */
    assert_false(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    assert_int_equal(rig.phone[0].answer.as.refused.reason, DG_REASON_E7);
    rig_wait(&rig, 181U);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    refused(DG_TIER_CONFIRMED, extended(500, 3600U), DG_REASON_BUSY, 0);
    wait_led(3600U - 181U);
    assert_int_equal(rig.moved - moved, 60U + 60U + 10U);
    assert_int_equal(rig.device.ledger.basal_pulses - basal_pulses, 60U);
    assert_int_equal(rig.device.ledger.bolus_pulses, 70U);
    assert_false(rig.device.is_fault);
}

/* @verifies{FDP_SPREAD.1@1} */
static void test_extended__refusals_name_rule_and_headroom(void **state)
{
    (void)state;
    start(0);
    /* No controller alone gives insulin for hours ahead. */
    refused(DG_TIER_AUTOMATIC, extended(500, 1800U), DG_REASON_PRESENCE, 0);
    refused(DG_TIER_CONFIRMED, extended(49, 1800U), DG_REASON_E1, 0);
    /* Above what the phone may confirm the device asks for its button; above
     * what is allowed there E1 says so. */
    expect_kind(rig_propose_effect(&rig,
                                   0U,
                                   DG_TIER_CONFIRMED,
                                   &(struct dg_effect){.kind = DG_EFFECT_BOLUS,
                                                       .form = DG_FORM_EXTENDED,
                                                       .amount = {8000},
                                                       .duration = {7200U}}),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_BUTTON);
    refused(DG_TIER_CONFIRMED, extended(10050, 7200U), DG_REASON_E1, 10000);
    /* Half of a cap that is announced is gone, whenever it comes. */
    taken(DG_TIER_CONFIRMED, extended(5000, 28800U));
    rig_wait(&rig, 300U);
    refused(DG_TIER_CONFIRMED,
            (struct dg_effect){.kind = DG_EFFECT_BOLUS,
                               .form = DG_FORM_NORMAL,
                               .amount = {8000}},
            DG_REASON_E2,
            5000);
    assert_int_equal(press(DG_BUTTON_SUSPEND), DG_OK);
    refused(DG_TIER_CONFIRMED, extended(500, 1800U), DG_REASON_STATE, 0);
}

/* Whatever ends a bolus ends one over time; the rest counts no longer. */
static void test_extended__every_way_to_end_it__ends_it(void **state)
{
    enum {
        BY_STOP = 0,
        BY_HAND,
        BY_SUSPENSION,
        BY_PERSON,
        BY_BLOCK,
        BY_GAP,
        BY_FLASH,
        BY_REVOKING,
        WAYS
    };

    (void)state;
    start(0);
    taken(DG_TIER_CONFIRMED, extended(3000, 3600U));
    rig_wait(&rig, 600U);
    assert_int_equal(rig.moved, 10U);
    saved = rig;
    for (unsigned way = 0U; way < (unsigned)WAYS; way++) {
        rig = saved;
        switch (way) {
        case BY_STOP:
            (void)rig_stop(&rig, 0U);
            break;
        case BY_HAND:
            assert_int_equal(press(DG_BUTTON_STOP), DG_OK);
            assert_int_equal(press(DG_BUTTON_STOP), DG_E_STATE);
            break;
        case BY_SUSPENSION:
            expect_kind(rig_suspend(&rig, 0U, 600U), DG_ANSWER_STATUS);
            break;
        case BY_PERSON:
            assert_int_equal(press(DG_BUTTON_SUSPEND), DG_OK);
            break;
        case BY_BLOCK:
            rig.is_blocked = true;
            rig_wait(&rig, 60U);
            assert_true((rig.alarms & (1U << DG_ALARM_RESERVOIR_EMPTY)) != 0U);
            rig.is_blocked = false;
            break;
        case BY_GAP:
            rig.clock_s += DG_GAP_S_MAX + 1U;
            dg_device_tick(&rig.device, (dg_seconds){rig.clock_s});
            break;
        case BY_FLASH:
            rig.flash.fails = true;
            rig_wait(&rig, 60U);
            assert_true(rig.device.is_fault);
            break;
        default:
            assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
            assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_OK);
            break;
        }

        assert_false(rig.device.ledger.spread.is_open);
        assert_int_equal(rig.moved, 10U);
        rig_wait(&rig, 3600U);
        assert_int_equal(rig.moved, 10U);
        if (way != (unsigned)BY_FLASH) {
            assert_int_equal(used_mU(DG_WINDOW_24_H), 500);
            assert_int_equal(rig.device.ledger.ticket[0].outcome,
                             DG_OUTCOME_STOPPED);
        }
    }
}

/* @verifies{FDP_SPREAD.1@1} */
static void test_extended__no_phone_needed_until_its_end(void **state)
{
    (void)state;
    start(RATE_MU_PER_H);
    rig_wait(&rig, 60U);

    const uint32_t moved = rig.moved;

    taken(DG_TIER_CONFIRMED, extended(4000, 14400U));
    /* Nobody is heard of for four hours; glucose is not known. */
    rig_wait_in_steps(&rig, 14400U, 20U);
    assert_int_equal(rig.moved - moved, 240U + 80U);
    assert_int_equal(rig.device.ledger.ticket[0].outcome, DG_OUTCOME_DELIVERED);
}

/* Temporary basal --------------------------------------------------------- */

/* @verifies{FDP_LEASE.1@1} */
static void test_raised__above_the_schedule_for_half_an_hour_at_most(
    void **state)
{
    (void)state;
    start(RATE_MU_PER_H);
    rig_wait(&rig, 60U);
    refused(DG_TIER_CONFIRMED, basal(4000, 1801U), DG_REASON_E6, 1800);
    refused(DG_TIER_AUTOMATIC, basal(4000, 1801U), DG_REASON_E6, 1800);

    const uint32_t moved = rig.moved;
    const uint32_t basal_pulses = rig.device.ledger.basal_pulses;

    /* 1 U/h above for half an hour: 10 pulses. */
    taken(DG_TIER_CONFIRMED, basal(4000, 1800U));
    assert_int_equal(rig.phone[0].answer.status.spread_left_mU, 500U);
    assert_int_equal(used_mU(DG_WINDOW_5_MIN), 500);
    wait_led(1800U);
    assert_int_equal(rig.moved - moved, 30U + 10U);
    assert_int_equal(rig.device.ledger.basal_pulses - basal_pulses, 30U);
    wait_led(1800U);
    assert_int_equal(rig.moved - moved, 60U + 10U);
    /* Again and again is again and again a dose: E7 between, caps over all. */
    taken(DG_TIER_CONFIRMED, basal(4000, 1800U));
    refused(DG_TIER_CONFIRMED, basal(5000, 1800U), DG_REASON_E7, 0);
    rig_wait(&rig, 181U);
    /* A new one takes the place of the old one. */
    taken(DG_TIER_CONFIRMED, basal(3500, 1200U));
    assert_int_equal(rig.phone[0].answer.status.spread_left_mU, 150U);
    assert_int_equal(rig.device.ledger.ticket[0].outcome, DG_OUTCOME_STOPPED);
    /* The schedule itself is nothing, and what is less than a pulse neither. */
    rig_wait(&rig, 181U);
    refused(DG_TIER_CONFIRMED, basal(RATE_MU_PER_H, 1800U), DG_REASON_STATE, 0);
    refused(DG_TIER_CONFIRMED, basal(3001, 1800U), DG_REASON_E1, 0);
    /* Beside an extended bolus there is none. */
    (void)rig_stop(&rig, 0U);
    taken(DG_TIER_CONFIRMED, extended(500, 1800U));
    rig_wait(&rig, 181U);
    refused(DG_TIER_CONFIRMED, basal(4000, 1800U), DG_REASON_BUSY, 0);
}

/* It lapses to the schedule with whoever asked for it.
 * @verifies{FDP_LEASE.1@1} */
static void test_temporary__phone_gone_or_flat__schedule(void **state)
{
    enum {
        BY_SILENCE = 0,
        BY_BATTERY,
        BY_RELEASE,
        BY_REVOKING,
        BY_RESET,
        WAYS
    };

    (void)state;
    for (unsigned lowered = 0U; lowered < 2U; lowered++) {
        start(RATE_MU_PER_H);
        rig_wait(&rig, 60U);
        taken(DG_TIER_CONFIRMED, basal((lowered != 0U) ? 1500 : 6000, 1800U));
        saved = rig;
        for (unsigned way = 0U; way < (unsigned)WAYS; way++) {
            const struct dg_request flat = {
                .kind = DG_REQUEST_STATUS,
                .as.status = {DG_VERSION_MAJOR, DG_VERSION_MINOR, 9U}};

            rig = saved;
            switch (way) {
            case BY_SILENCE:
                rig_wait(&rig, DG_HEARTBEAT_S + 1U);
                break;
            case BY_BATTERY:
                assert_non_null(rig_ask(&rig, 0U, &flat));
                rig_wait(&rig, 1U);
                break;
            case BY_RELEASE:
                expect_kind(rig_lease(&rig, 0U, DG_LEASE_RELEASE),
                            DG_ANSWER_STATUS);
                rig_wait(&rig, 1U);
                break;
            case BY_RESET:
                rig_reboot(&rig);
                break;
            default:
                assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
                assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_OK);
                rig_wait(&rig, 1U);
                break;
            }

            const uint32_t moved = rig.moved;

            assert_false(rig.device.ledger.spread.is_open);
            assert_false(rig.device.ledger.pause.is_on);
            rig_wait(&rig, 600U);
            assert_in_range(rig.moved - moved, 10U, 11U);
        }
    }
}

/* @verifies{FDP_PAUSE.1@2} */
static void test_lowered__less_for_a_while_within_e5(void **state)
{
    (void)state;
    start(RATE_MU_PER_H);
    rig_wait(&rig, 60U);

    const uint32_t moved = rig.moved;

    /* Nothing at all is a suspension, which is another request. */
    refused(DG_TIER_CONFIRMED, basal(0, 1800U), DG_REASON_STATE, 0);
    /* Half: what is withheld counts in proportion. */
    refused(DG_TIER_CONFIRMED, basal(1500, 7201U), DG_REASON_E5, 7200);
    taken(DG_TIER_CONFIRMED, basal(1500, 3600U));
    assert_int_equal(rig.phone[0].answer.status.therapy, DG_THERAPY_LOWERED);
    assert_int_equal(rig.phone[0].answer.status.pause_permille, 500U);
    assert_int_equal(rig.phone[0].answer.status.headroom_pause_s, 5400U);
    wait_led(3600U);
    assert_in_range(rig.moved - moved, 29U, 31U);
    assert_int_equal(status()->therapy, DG_THERAPY_RUN);
    wait_led(600U);
    assert_in_range(rig.moved - moved, 39U, 41U);
    /* A dose while it is lowered: yes; a raised basal ends it. */
    taken(DG_TIER_CONFIRMED, basal(1500, 1200U));
    taken(DG_TIER_CONFIRMED, basal(4000, 1200U));
    assert_false(rig.device.ledger.pause.is_on);
    assert_true(rig.device.ledger.spread.is_open);
    taken(DG_TIER_CONFIRMED, basal(1500, 1200U));
    assert_true(rig.device.ledger.pause.is_on);
    assert_false(rig.device.ledger.spread.is_open);
    /* A phone asks again and again for ten hours: not beyond E5. */
    (void)rig_stop(&rig, 0U);
    wait_led(1800U);

    const uint32_t then = rig.moved;

    for (unsigned i = 0U; i < 40U; i++) {
        const struct dg_effect effect = basal(50, 1800U);

        (void)rig_do(&rig, 0U, DG_TIER_CONFIRMED, &effect);
        wait_led(900U);
    }
    assert_in_range(rig.moved - then, 600U - 361U, 600U - 120U);
    assert_false(rig.device.is_fault);
}

/* What the controller alone asked for goes on only while the reading would
 * let it begin (T1).  @verifies{FDP_DOSE.10@1} */
static void test_automatic__glucose_falls_or_ends__it_ends(void **state)
{
    (void)state;
    start(0);
    taken(DG_TIER_AUTOMATIC, basal(2000, 1800U));
    rig_wait(&rig, 300U);

    const uint32_t moved = rig.moved;

    assert_true(moved > 1U);
    saved = rig;
    /* A low reading, or one that the insulin on board could bring too low. */
    expect_kind(rig_glucose(&rig, 0U, 75), DG_ANSWER_REFUSED);
    rig_wait(&rig, 600U);
    assert_int_equal(rig.moved, moved);
    assert_int_equal(rig.device.ledger.ticket[0].outcome, DG_OUTCOME_STOPPED);
    /* No reading. */
    rig = saved;
    for (unsigned i = 0U; i < 20U; i++) {
        rig_wait(&rig, 60U);
        (void)rig_greet(&rig, 0U);
    }
    assert_false(rig.device.ledger.spread.is_open);
    assert_in_range(rig.moved, moved, moved + 7U);
    /* A bolus that is under way, too. */
    rig = saved;
    (void)rig_stop(&rig, 0U);
    rig_settle(&rig, 0U, 250);
    assert_true(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 1000));
    rig_wait(&rig, 10U);

    const uint32_t begun = rig.moved;

    (void)rig_glucose(&rig, 0U, 75);
    rig_wait(&rig, 600U);
    assert_in_range(rig.moved, begun, begun + 1U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extended__evenly_and_counted_in_full_at_once),
        cmocka_unit_test(test_extended__schedule_and_bolus_beside_it),
        cmocka_unit_test(test_extended__refusals_name_rule_and_headroom),
        cmocka_unit_test(test_extended__every_way_to_end_it__ends_it),
        cmocka_unit_test(test_extended__no_phone_needed_until_its_end),
        cmocka_unit_test(
            test_raised__above_the_schedule_for_half_an_hour_at_most),
        cmocka_unit_test(test_temporary__phone_gone_or_flat__schedule),
        cmocka_unit_test(test_lowered__less_for_a_while_within_e5),
        cmocka_unit_test(test_automatic__glucose_falls_or_ends__it_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
