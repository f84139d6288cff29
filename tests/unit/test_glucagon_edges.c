/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/device_parts.h"
#include "tests/unit/rig.h"

/* Glucagon where something has changed between the offer, the commit and the
 * last step, and where memory, flash or a caller is not what it should be: what
 * is not certain moves no chamber. */

static struct rig rig;
static struct rig saved;

static struct dg_therapy both_hormones(void)
{
    struct dg_therapy therapy = rig_therapy(0);

    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {54}, {80}};
    return therapy;
}

static void start(int32_t mg_dL)
{
    const struct dg_therapy therapy = both_hormones();

    rig_init(&rig, &therapy);
    rig_ready(&rig, mg_dL);
    rig_believe(&rig, mg_dL);
    saved = rig;
}

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static struct dg_ticket ticket_of(int32_t ug, enum dg_tier tier)
{
    struct dg_ticket ticket;

    memset(&ticket, 0, sizeof ticket);
    ticket.tier = tier;
    ticket.effect.kind = DG_EFFECT_GLUCAGON;
    ticket.effect.glucagon.ug = ug;
    return ticket;
}

static bool micro(int32_t ug)
{
    return (rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, ug)->kind ==
            DG_ANSWER_TICKET) &&
           (rig_commit(&rig, 0U, true)->kind == DG_ANSWER_ACCEPTED);
}

/* How a micro-dose of a person is confirmed. */
static enum dg_confirmation offered(enum dg_rung rung)
{
    struct dg_ticket ticket = ticket_of(100, DG_TIER_CONFIRMED);

    assert_int_equal(dg_glucagon_offer(&rig.device, &ticket, rung),
                     DG_REASON_NONE);
    return ticket.confirmation;
}

/* At the phone only while a fresh, trusted reading is low, the phone can show
 * that a person was there, and it has shown enough about itself. */
/* @verifies{FDP_DOSE.12@1} */
static void test_offer__low_not_certain_or_phone_weak__button(void **state)
{
    const enum dg_rung enough = dg_authority_rung_for(DG_TIER_CONFIRMED);

    (void)state;
    start(60);
    assert_int_equal(offered(enough), DG_CONFIRM_PHONE);
    assert_int_equal(offered((enum dg_rung)(enough - 1)), DG_CONFIRM_BUTTON);
    rig_believe(&rig, 80);
    assert_int_equal(offered(enough), DG_CONFIRM_BUTTON);
    rig_believe(&rig, 79);
    assert_int_equal(offered(enough), DG_CONFIRM_PHONE);
    rig.device.settings.therapy.package = DG_PACKAGE_LOW;
    assert_int_equal(offered(enough), DG_CONFIRM_BUTTON);
    rig.device.settings.therapy.package = DG_PACKAGE_MEDIUM;
    rig_wait(&rig, 600U);
    assert_int_equal(offered(enough), DG_CONFIRM_PHONE);
    rig_wait(&rig, 1U);
    assert_true(dg_glucose_is_trusted(&rig.device.glucose));
    assert_int_equal(offered(enough), DG_CONFIRM_BUTTON);
    rig_believe(&rig, 60);
    rig.device.glucose.findings = 1U << (unsigned)DG_GLUCOSE_CODE;
    assert_int_equal(offered(enough), DG_CONFIRM_BUTTON);
}

/* Every reason for which a ticket is refused, by its name. */
/* @verifies{FDP_GLUCAGON.2@1} */
static void test_check__each_reason__named(void **state)
{
    struct dg_ticket ticket = ticket_of(100, DG_TIER_CONFIRMED);

    (void)state;
    start(60);
    assert_int_equal(dg_glucagon_check(&rig.device, &ticket), DG_REASON_NONE);
    rig.device.glucagon.is_sound = false;
    assert_int_equal(dg_glucagon_check(&rig.device, &ticket), DG_REASON_FAULT);
    rig = saved;
    rig.device.update.state = DG_UPDATE_RESTARTING;
    assert_int_equal(dg_glucagon_check(&rig.device, &ticket), DG_REASON_BUSY);
    rig = saved;
    ticket.tier = DG_TIER_PRESENT;
    assert_int_equal(dg_glucagon_check(&rig.device, &ticket), DG_REASON_E8);
    ticket.tier = DG_TIER_CONFIRMED;
    ticket.effect.glucagon.ug = 0;
    assert_int_equal(dg_glucagon_check(&rig.device, &ticket), DG_REASON_E8);
    ticket.effect.glucagon.ug = 100;
    rig.device.settings.glucagon_steps = 9U;
    assert_int_equal(dg_glucagon_check(&rig.device, &ticket),
                     DG_REASON_RESERVOIR);
    /* A person hears of it. */
    rig_wait(&rig, 1U);
    assert_true((rig.alarms & (1U << DG_ALARM_GLUCAGON)) != 0U);
}

/* The last door has its own eyes: a start that command.c would never ask for. */
static void test_start__not_sound_busy_or_insulin__nothing(void **state)
{
    struct dg_ticket ticket = ticket_of(100, DG_TIER_PRESENT);

    (void)state;
    start(60);
    rig.device.glucagon.is_sound = false;
    assert_int_equal(dg_glucagon_start(&rig.device, &ticket, NULL), DG_E_STATE);
    assert_int_equal(press(DG_BUTTON_RESCUE), DG_E_STATE);
    rig = saved;
    ticket.effect.kind = DG_EFFECT_BOLUS;
    assert_int_equal(dg_glucagon_start(&rig.device, &ticket, NULL), DG_E_STATE);
    ticket.effect.kind = DG_EFFECT_GLUCAGON;
    assert_true(micro(100));
    assert_int_equal(dg_glucagon_start(&rig.device, &ticket, NULL), DG_E_STATE);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.chamber_moved, 10U);
}

static void let_wait(void)
{
    rig = saved;
    assert_true(micro(100));
    assert_int_equal(rig.announced_ug, 100);
    assert_int_equal(rig.chamber_moved, 0U);
}

/* What was allowed when it was asked is asked again at the press: limits that
 * are not sound any more, a chamber that holds less, a dose meanwhile, an
 * approval that memory lost.  Then it lapses, and its phone learns that. */
/* @verifies{FDP_GLUCAGON.2@1} */
static void test_press__changed_meanwhile__lapses(void **state)
{
    (void)state;
    start(200);
    for (unsigned what = 0U; what < 4U; what++) {
        struct dg_glucagon_part *part = &rig.device.glucagon;

        let_wait();
        if (what == 0U) {
            part->limits.interval_s_min = -1;
        } else if (what == 1U) {
            rig.device.settings.glucagon_steps = 9U;
        } else if (what == 2U) {
            part->ledger->has_bolus = true;
            part->ledger->last_bolus = rig.device.now;
        } else {
            part->delivery.interlock.approved.value ^= 1U;
        }
        assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
        assert_int_equal(rig.announced_ug, 0);
        assert_false(dg_glucagon_is_busy(&rig.device));
        assert_int_equal(part->ledger->ticket[0].outcome, DG_OUTCOME_LAPSED);
        rig_wait(&rig, 60U);
        assert_int_equal(rig.chamber_moved, 0U);
        assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    }
}

/* A rescue on limits that are not sound: nothing, and no guess. */
/* @verifies{FDP_GLUCAGON.4@1} */
static void test_rescue__limits_not_sound__nothing_moves(void **state)
{
    (void)state;
    start(200);
    assert_int_equal(press(DG_BUTTON_RESCUE), DG_OK);
    rig.device.glucagon.limits.rescue_ug = DG_EFFECT_UG_MAX + 1;
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    assert_int_equal(rig.chamber_moved, 0U);
    assert_int_equal(press(DG_BUTTON_RESCUE), DG_E_STATE);
    rig_wait(&rig, 600U);
    assert_int_equal(rig.chamber_moved, 0U);
}

/* The count at the door and the ledger's do not agree: it ends there. */
/* @verifies{FPT_FAULT.1@1} */
static void test_step__count_changed_in_memory__fault_and_end(void **state)
{
    (void)state;
    start(60);
    assert_true(micro(100));
    rig_wait(&rig, 4U);

    const uint32_t moved = rig.chamber_moved;

    assert_true((moved > 0U) && (moved < 10U));
    rig.device.glucagon.delivery.interlock.pulses.value += 1U;
    rig_wait(&rig, 60U);
    assert_int_equal(rig.chamber_moved, moved);
    assert_int_equal(rig.device.fault, DG_FAULT_INTERNAL);
    assert_int_equal(rig.device.glucagon.ledger->ticket[0].outcome,
                     DG_OUTCOME_STOPPED);
}

/* T7: a person's micro-dose ends the raised basal of the controller alone; one
 * that a person confirmed goes on. */
/* @verifies{FDP_GLUCAGON.3@1} */
static void test_micro__during_a_raised_basal__ends_the_automatic_one(
    void **state)
{
    static const struct dg_effect raised = {
        .kind = DG_EFFECT_BASAL, .rate = {1500}, .duration = {1800U}};

    (void)state;
    for (unsigned who = 0U; who < 2U; who++) {
        struct dg_therapy therapy = both_hormones();

        for (unsigned hour = 0U; hour < 24U; hour++) {
            therapy.basal[hour].mU_per_h = 1000;
        }
        rig_init(&rig, &therapy);
        rig_ready(&rig, 200);
        assert_int_equal(
            rig_do(&rig,
                   0U,
                   (who == 0U) ? DG_TIER_AUTOMATIC : DG_TIER_CONFIRMED,
                   &raised)
                ->kind,
            DG_ANSWER_ACCEPTED);
        assert_true(rig.device.ledger.spread.is_open);
        assert_true(micro(100));
        assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
        assert_int_equal(rig.device.ledger.spread.is_open, who == 1U);
        rig_wait(&rig, 60U);
        assert_int_equal(rig.chamber_moved, 10U);
    }
}

/* A rescue ends a micro-dose that runs; what it gave counts. */
/* @verifies{FDP_GLUCAGON.4@1} */
static void test_rescue__micro_dose_runs__gives_way(void **state)
{
    (void)state;
    start(60);
    assert_true(micro(150));
    rig_wait(&rig, 4U);

    const uint32_t moved = rig.chamber_moved;

    assert_true((moved > 0U) && (moved < 15U));
    assert_int_equal(press(DG_BUTTON_RESCUE), DG_OK);
    rig_wait(&rig, 20U);
    assert_int_equal(rig.chamber_moved, moved);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    rig_wait(&rig, 120U);
    assert_int_equal(rig.chamber_moved, moved + 100U);
}

/* At the end of device time a person's hold does not wrap into the past. */
static void test_hold__end_of_time__lasts(void **state)
{
    (void)state;
    start(200);
    rig.device.now.s = UINT32_MAX - 5U;
    dg_rescue_hold(&rig.device);
    assert_true(rig.device.glucagon.is_held);
    assert_int_equal(rig.device.glucagon.held_until.s, UINT32_MAX);
}

/* A bolus by hand takes the button from a micro-dose that a phone left waiting,
 * and is refused where the limits of insulin are not sound. */
/* @verifies{FDP_EMERGENCY.1@2} */
static void test_emergency__micro_dose_waits__ends_it(void **state)
{
    (void)state;
    start(200);
    let_wait();
    assert_int_equal(press(DG_BUTTON_BOLUS), DG_OK);
    assert_int_equal(rig.announced_ug, 0);
    assert_true(rig.announced_mU > 0);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    rig_wait(&rig, 600U);
    assert_int_equal(rig.chamber_moved, 0U);
    assert_true(rig.moved > 0U);
    rig = saved;
    rig.device.limits.interval_s_min = -1;
    assert_int_equal(press(DG_BUTTON_BOLUS), DG_E_STATE);
    assert_int_equal(rig.announced_mU, 0);
}

/* A chamber whose doses nobody could be shown. */
static void test_boot__chamber_without_display__usage(void **state)
{
    (void)state;
    start(200);
    rig.annunciator.announce_glucagon = NULL;
    assert_int_equal(rig_try_reboot(&rig), DG_E_USAGE);
}

/* The clock fell back and the ledger of glucagon is the younger one: its last
 * dose stays in the past, and its interval is kept. */
/* @verifies{FDP_GLUCAGON.5@1} */
static void test_boot__clock_fell_behind_the_last_dose__time_of_the_ledger(
    void **state)
{
    (void)state;
    start(60);
    assert_true(micro(100));
    rig_wait(&rig, 30U);
    assert_int_equal(rig.chamber_moved, 10U);

    const uint32_t last_s = rig.device.glucagon.ledger->last.s;

    assert_true(last_s > rig.device.ledger.last.s);
    rig.clock_s -= 5000U;
    rig_reboot(&rig);
    assert_true(rig.device.now.s >= last_s);
    assert_true(rig_connect(&rig, 0U));
    rig_believe(&rig, 60);
    assert_int_equal(rig_lease(&rig, 0U, DG_LEASE_TAKE)->kind,
                     DG_ANSWER_STATUS);
    assert_false(micro(100));
    rig_wait(&rig, 600U);
    rig_believe(&rig, 60);
    assert_true(micro(100));
}

/* Prescriptions that are none. */
/* @verifies{FDP_GLUCAGON.1@1} */
static void test_limits__no_prescription__range(void **state)
{
    const struct dg_therapy good = both_hormones();
    struct dg_glucagon_limits limits;

    (void)state;
    assert_int_equal(dg_glucagon_limits_derive(&good, &limits), DG_OK);
    for (unsigned what = 0U; what < 9U; what++) {
        struct dg_therapy therapy = good;
        struct dg_glucagon_therapy *given = &therapy.glucagon;

        switch (what) {
        case 0U:
            therapy.age_class = DG_AGE_NONE;
            break;
        case 1U:
            therapy.floor.mg_dL = 0;
            break;
        case 2U:
            therapy.floor.mg_dL = 79; /* micro-doses from above the floor */
            break;
        case 3U:
            given->rescue.ug = 0; /* a threshold, and no dose for it */
            break;
        case 4U:
            given->below.mg_dL = 0; /* a dose, and no threshold for it */
            break;
        case 5U:
            given->dose.ug = 0; /* the other way round */
            break;
        case 6U:
            given->rescue_below.mg_dL = 55; /* not a severe low */
            break;
        case 7U:
            given->below.mg_dL = 59; /* a severe low, nearly */
            break;
        default:
            given->day.ug = given->dose.ug - 1; /* less in a day than at once */
            break;
        }
        assert_int_equal(dg_glucagon_limits_derive(&therapy, &limits),
                         DG_E_RANGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_offer__low_not_certain_or_phone_weak__button),
        cmocka_unit_test(test_check__each_reason__named),
        cmocka_unit_test(test_start__not_sound_busy_or_insulin__nothing),
        cmocka_unit_test(test_press__changed_meanwhile__lapses),
        cmocka_unit_test(test_rescue__limits_not_sound__nothing_moves),
        cmocka_unit_test(test_step__count_changed_in_memory__fault_and_end),
        cmocka_unit_test(
            test_micro__during_a_raised_basal__ends_the_automatic_one),
        cmocka_unit_test(test_rescue__micro_dose_runs__gives_way),
        cmocka_unit_test(test_hold__end_of_time__lasts),
        cmocka_unit_test(test_emergency__micro_dose_waits__ends_it),
        cmocka_unit_test(test_boot__chamber_without_display__usage),
        cmocka_unit_test(
            test_boot__clock_fell_behind_the_last_dose__time_of_the_ledger),
        cmocka_unit_test(test_limits__no_prescription__range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
