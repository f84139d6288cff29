/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "core/device_parts.h"
#include "dosegate/reservoir.h"
#include "tests/unit/rig.h"

#include <string.h>

/* What a person does with the set off the body: prime, refill; and the
 * reservoir that has to add up (E10). */

#define RATE_MU_PER_H 3000 /* a pulse a minute */

static struct rig rig;
static struct rig saved;

static void start(int32_t basal_mU_per_h)
{
    const struct dg_therapy therapy = rig_therapy(basal_mU_per_h);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
}

static struct dg_effect prime(int32_t mU)
{
    return (struct dg_effect){.kind = DG_EFFECT_PRIME, .amount = {mU}};
}

static struct dg_effect refill(int32_t mU)
{
    return (struct dg_effect){.kind = DG_EFFECT_SETTINGS,
                              .setting = DG_SETTING_REFILL,
                              .amount = {mU}};
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

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

/* Proposed, signed by the person, shown by the device: it waits for CONFIRM. */
static void offer(struct dg_effect effect)
{
    expect_kind(rig_do(&rig, 0U, DG_TIER_CONFIRMED, &effect),
                DG_ANSWER_ACCEPTED);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_BUTTON);
    assert_int_equal(rig.announced_change.kind, effect.kind);
    assert_int_equal(rig.announced_change.amount.mU, effect.amount.mU);
    /* Not as a dose: nobody takes it for one. */
    assert_int_equal(rig.announced_mU, 0);
}

static void change(struct dg_effect effect)
{
    offer(effect);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    assert_int_equal(rig.announced_change.kind, DG_EFFECT_NONE);
}

static bool is_sounding(enum dg_alarm alarm)
{
    return (rig.alarms & (1U << alarm)) != 0U;
}

static int32_t used_mU(void)
{
    return dg_ledger_window(&rig.device.ledger,
                            (dg_seconds){rig.clock_s},
                            DG_TIER_PRESENT,
                            DG_WINDOW_24_H)
        .mU;
}

/* Prime -------------------------------------------------------------------- */

/* @verifies{FDP_PRIME.1@1} */
static void test_prime__set_off_and_pressed__moved_not_delivered(void **state)
{
    (void)state;
    start(RATE_MU_PER_H);
    rig_wait(&rig, 60U);
    assert_int_equal(press(DG_BUTTON_DETACH), DG_OK);
    assert_int_equal(press(DG_BUTTON_DETACH), DG_E_STATE);

    const uint32_t moved = rig.moved;
    const uint32_t left = dg_delivery_reservoir_pulses(&rig.device);

    offer(prime(5000));
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, moved);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    rig_wait(&rig, 200U);
    assert_int_equal(rig.moved - moved, 100U);
    assert_int_equal(used_mU(), 0);
    assert_int_equal(rig.device.ledger.bolus_pulses, 0U);
    assert_int_equal(dg_ledger_iob(&rig.device.ledger, rig.device.now).mU, 0);
    assert_int_equal(left - dg_delivery_reservoir_pulses(&rig.device), 100U);
    /* No basal into the air either, until the set is on again. */
    rig_wait(&rig, 600U);
    assert_int_equal(rig.moved - moved, 100U);
    assert_int_equal(press(DG_BUTTON_RESUME), DG_OK);
    rig_wait(&rig, 600U);
    assert_in_range(rig.moved - moved, 109U, 111U);
    assert_false(rig.device.is_fault);
}

/* A hostile phone primes a set that is on the body.
 * @verifies{FDP_PRIME.1@1} */
static void test_prime__every_way_around_presence__no_pulse(void **state)
{
    (void)state;
    start(0);
    /* The set is on; suspended by a phone or a person makes no difference. */
    refused(DG_TIER_CONFIRMED, prime(1000), DG_REASON_STATE, 0);
    expect_kind(rig_suspend(&rig, 0U, 600U), DG_ANSWER_STATUS);
    refused(DG_TIER_CONFIRMED, prime(1000), DG_REASON_STATE, 0);
    assert_int_equal(press(DG_BUTTON_SUSPEND), DG_OK);
    refused(DG_TIER_CONFIRMED, prime(1000), DG_REASON_STATE, 0);
    /* Off: never by the controller alone, never beyond the tube, and a ticket
     * is nothing without signature and press. */
    assert_int_equal(press(DG_BUTTON_DETACH), DG_OK);
    refused(DG_TIER_AUTOMATIC, prime(1000), DG_REASON_PRESENCE, 0);
    refused(DG_TIER_CONFIRMED, prime(30050), DG_REASON_E1, 30000);
    refused(DG_TIER_CONFIRMED, prime(49), DG_REASON_E1, 0);
    expect_kind(rig_propose_effect(&rig,
                                   0U,
                                   DG_TIER_CONFIRMED,
                                   &(struct dg_effect){.kind = DG_EFFECT_PRIME,
                                                       .amount = {1000}}),
                DG_ANSWER_TICKET);
    expect_kind(rig_commit(&rig, 0U, false), DG_ANSWER_REFUSED);
    offer(prime(1000));
    rig_wait(&rig, DG_BUTTON_WAIT_S + 1U);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    assert_int_equal(rig.announced_change.kind, DG_EFFECT_NONE);
    assert_int_equal(rig.moved, 0U);
    /* The set is on again: what waited, and a ticket from before, are void. */
    offer(prime(1000));
    assert_int_equal(press(DG_BUTTON_RESUME), DG_OK);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    assert_int_equal(press(DG_BUTTON_DETACH), DG_OK);
    expect_kind(rig_propose_effect(&rig,
                                   0U,
                                   DG_TIER_CONFIRMED,
                                   &(struct dg_effect){.kind = DG_EFFECT_PRIME,
                                                       .amount = {1000}}),
                DG_ANSWER_TICKET);
    assert_int_equal(press(DG_BUTTON_RESUME), DG_OK);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_REFUSED);
    /* A reset takes the set as on. */
    assert_int_equal(press(DG_BUTTON_DETACH), DG_OK);
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    refused(DG_TIER_CONFIRMED, prime(1000), DG_REASON_STATE, 0);
    assert_int_equal(rig.moved, 0U);
}

static void test_prime__more_and_more__bounded_until_the_set_was_on(
    void **state)
{
    (void)state;
    start(0);
    assert_int_equal(press(DG_BUTTON_DETACH), DG_OK);
    change(prime(20000));
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 31U);
    /* Under way: one at a time; and RESUME ends it at once. */
    refused(DG_TIER_CONFIRMED, prime(1000), DG_REASON_BUSY, 0);
    assert_int_equal(press(DG_BUTTON_STOP), DG_OK);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 31U);
    /* STOP ends control, too.  What was asked for counts, delivered or not. */
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    refused(DG_TIER_CONFIRMED, prime(10050), DG_REASON_E1, 10000);
    change(prime(10000));
    rig_wait(&rig, 20U);
    assert_int_equal(press(DG_BUTTON_RESUME), DG_OK);

    const uint32_t moved = rig.moved;

    rig_wait(&rig, 600U);
    assert_int_equal(rig.moved, moved);
    assert_int_equal(press(DG_BUTTON_DETACH), DG_OK);
    change(prime(1000));
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, moved + 20U);
    assert_int_equal(used_mU(), 0);
}

/* The power goes at each write, three ways. */
static void test_prime__cut_at_every_write__no_more_and_never_a_dose(
    void **state)
{
    unsigned cuts = 0U;

    (void)state;
    start(0);
    assert_int_equal(press(DG_BUTTON_DETACH), DG_OK);
    saved = rig;
    for (uint32_t at = 1U; cuts == ((at - 1U) * RIG_CUTS); at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            const struct dg_effect effect = prime(1000);

            rig = saved;
            rig.flash.cut_in = at;
            rig.flash.cut = (enum rig_cut)cut;
            (void)rig_do(&rig, 0U, DG_TIER_CONFIRMED, &effect);
            (void)press(DG_BUTTON_CONFIRM);
            for (unsigned i = 0U; (i < 100U) && !rig.flash.is_dead; i++) {
                rig_wait(&rig, 1U);
            }
            if (!rig.flash.is_dead) {
                continue;
            }
            cuts++;
            rig_reboot(&rig);
            assert_false(rig.device.is_fault);

            const uint32_t moved = rig.moved;

            assert_true(moved <= 20U);
            assert_int_equal(used_mU(), 0);
            rig_wait(&rig, 600U);
            assert_int_equal(rig.moved, moved);
            assert_true(rig.device.ledger.pause.is_on);
        }
    }
    assert_true(cuts > (2U * RIG_CUTS));
}

/* E10 ---------------------------------------------------------------------- */

static void test_balance__edges(void **state)
{
    (void)state;
    /* 1 U, and 5 % of what was used. */
    assert_true(dg_reservoir_is_within(4000U, 0U, 4000U));
    assert_true(dg_reservoir_is_within(4000U, 0U, 3980U));
    assert_false(dg_reservoir_is_within(4000U, 0U, 3979U));
    assert_true(dg_reservoir_is_within(4000U, 0U, 4020U));
    assert_false(dg_reservoir_is_within(4000U, 0U, 4021U));
    assert_true(dg_reservoir_is_within(4000U, 2000U, 1880U));
    assert_false(dg_reservoir_is_within(4000U, 2000U, 1879U));
    assert_true(dg_reservoir_is_within(4000U, 2000U, 2120U));
    assert_false(dg_reservoir_is_within(4000U, 2000U, 2121U));
    assert_false(dg_reservoir_is_within(4000U, UINT32_MAX, UINT32_MAX));
    assert_false(dg_reservoir_is_within(0U, 0U, UINT32_MAX));
}

/* A leak: no dose on top, an alarm, basal; a refill by hand heals it.
 * @verifies{FDP_RESERVOIR.1@1} */
static void test_e10__leak__doses_end_basal_goes_on_refill_heals(void **state)
{
    const struct dg_effect extended = {.kind = DG_EFFECT_BOLUS,
                                       .form = DG_FORM_EXTENDED,
                                       .amount = {3000},
                                       .duration = {3600U}};

    (void)state;
    start(RATE_MU_PER_H);
    expect_kind(rig_do(&rig, 0U, DG_TIER_CONFIRMED, &extended),
                DG_ANSWER_ACCEPTED);
    rig_wait(&rig, 600U);
    rig.leaked = 20;
    rig_wait(&rig, 301U);
    assert_true(rig.device.ledger.spread.is_open);
    rig.leaked = 40;
    assert_false(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    assert_int_equal(rig.phone[0].answer.as.refused.reason, DG_REASON_E10);
    rig_wait(&rig, 301U);
    assert_false(rig.device.ledger.spread.is_open);
    assert_true(is_sounding(DG_ALARM_RESERVOIR));

    const uint32_t moved = rig.moved;

    rig_wait(&rig, 600U);
    assert_in_range(rig.moved - moved, 9U, 11U);
    assert_int_equal(press(DG_BUTTON_BOLUS), DG_E_STATE);
    /* A reset does not forget it; neither can a phone talk it away. */
    rig_reboot(&rig);
    assert_true(is_sounding(DG_ALARM_RESERVOIR));
    assert_false(rig.device.is_fault);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    assert_false(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    refused(DG_TIER_CONFIRMED, refill(200000), DG_REASON_STATE, 0);
    /* The set off, a new reservoir in, approved and pressed, on again. */
    assert_int_equal(press(DG_BUTTON_DETACH), DG_OK);
    rig.filled = 3000U;
    rig.filled_at = rig.moved;
    rig.leaked = 0;
    rig_wait(&rig, 400U);
    change(refill(150000));
    assert_int_equal(dg_delivery_reservoir_pulses(&rig.device), 3000U);
    assert_int_equal(press(DG_BUTTON_RESUME), DG_OK);
    assert_int_equal(press(DG_BUTTON_SILENCE), DG_OK);
    rig_wait(&rig, 1U);
    assert_false(is_sounding(DG_ALARM_RESERVOIR));
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    /* It is in flash. */
    rig_wait(&rig, 60U);
    rig_reboot(&rig);
    assert_in_range(
        dg_delivery_reservoir_pulses(&rig.device), 3000U - 12U, 3000U - 10U);
    assert_false(is_sounding(DG_ALARM_RESERVOIR));
}

/* Insulin that was counted and did not leave is no better. */
static void test_e10__more_left_than_there_can_be__no_dose(void **state)
{
    (void)state;
    start(0);
    rig.leaked = -21;
    assert_false(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 500));
    assert_int_equal(rig.phone[0].answer.as.refused.reason, DG_REASON_E10);
    assert_false(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    assert_int_equal(rig.phone[0].answer.as.refused.reason, DG_REASON_E10);
    rig.leaked = -20;
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    assert_int_equal(rig.moved, 1U);
}

/* A sensor that fails: no dose by a phone; a person still has the small one. */
static void test_e10__cannot_be_read__alarm_and_only_by_hand(void **state)
{
    (void)state;
    start(RATE_MU_PER_H);
    rig.is_reservoir_blind = true;
    assert_false(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    assert_int_equal(rig.phone[0].answer.as.refused.reason, DG_REASON_E10);
    rig_wait(&rig, 301U);
    assert_true(is_sounding(DG_ALARM_RESERVOIR));
    assert_int_equal(press(DG_BUTTON_BOLUS), DG_OK);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    rig_wait(&rig, 160U);
    assert_int_equal(rig.device.ledger.bolus_pulses, 75U);
    rig.is_reservoir_blind = false;
    rig_wait(&rig, 301U);
    assert_int_equal(press(DG_BUTTON_SILENCE), DG_OK);
    rig_wait(&rig, 1U);
    assert_false(is_sounding(DG_ALARM_RESERVOIR));
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
}

/* A phone that says the reservoir is full when it is not.
 * @verifies{FDP_RESERVOIR.1@1} */
static void test_refill__false_or_not_pressed__nothing_changed(void **state)
{
    (void)state;
    start(0);

    const struct dg_settings before = rig.device.settings;

    refused(DG_TIER_CONFIRMED, refill(200000), DG_REASON_STATE, 0);
    assert_int_equal(press(DG_BUTTON_DETACH), DG_OK);
    refused(DG_TIER_AUTOMATIC, refill(200000), DG_REASON_PRESENCE, 0);
    rig.filled = 1000U;
    refused(DG_TIER_CONFIRMED, refill(200000), DG_REASON_E10, 0);
    refused(DG_TIER_CONFIRMED, refill(49), DG_REASON_STATE, 0);
    offer(refill(50000));
    rig_wait(&rig, DG_BUTTON_WAIT_S + 1U);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    /* Between the phone and the press it is emptied: looked at once more. */
    offer(refill(50000));
    rig.filled = 900U;
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    /* Flash fails: all as it was. */
    rig.filled = 1000U;
    offer(refill(50000));
    rig.flash.fails = true;
    assert_int_not_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    assert_memory_equal(
        &before, &rig.device.settings, sizeof rig.device.settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prime__set_off_and_pressed__moved_not_delivered),
        cmocka_unit_test(test_prime__every_way_around_presence__no_pulse),
        cmocka_unit_test(
            test_prime__more_and_more__bounded_until_the_set_was_on),
        cmocka_unit_test(
            test_prime__cut_at_every_write__no_more_and_never_a_dose),
        cmocka_unit_test(test_balance__edges),
        cmocka_unit_test(test_e10__leak__doses_end_basal_goes_on_refill_heals),
        cmocka_unit_test(test_e10__more_left_than_there_can_be__no_dose),
        cmocka_unit_test(test_e10__cannot_be_read__alarm_and_only_by_hand),
        cmocka_unit_test(test_refill__false_or_not_pressed__nothing_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
