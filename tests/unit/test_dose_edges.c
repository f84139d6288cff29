/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/device_parts.h"
#include "core/interlock.h"
#include "tests/unit/rig.h"

/* Insulin where a caller, memory, flash or the end of time stands in its way:
 * each door refuses by itself, whatever came before it. */

#define BASAL 1000

static struct rig rig;
static struct rig saved;

static const struct dg_effect bolus = {
    .kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL, .amount = {1000}};
static const struct dg_effect extended = {.kind = DG_EFFECT_BOLUS,
                                          .form = DG_FORM_EXTENDED,
                                          .amount = {1000},
                                          .duration = {1800U}};
static const struct dg_effect raised = {
    .kind = DG_EFFECT_BASAL, .rate = {BASAL + 600}, .duration = {1800U}};
static const struct dg_effect lowered = {
    .kind = DG_EFFECT_BASAL, .rate = {BASAL / 2}, .duration = {1800U}};

static int start(void **state)
{
    struct dg_therapy therapy = rig_therapy(BASAL);

    (void)state;
    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {54}, {80}};
    rig_init(&rig, &therapy);
    rig_ready(&rig, 200);
    saved = rig;
    return 0;
}

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static bool take(enum dg_tier tier, const struct dg_effect *effect)
{
    return rig_do(&rig, 0U, tier, effect)->kind == DG_ANSWER_ACCEPTED;
}

/* A ticket of the device itself, that a person would press for. */
static struct dg_ticket own_ticket(const struct dg_effect *effect)
{
    struct dg_ticket ticket;

    memset(&ticket, 0, sizeof ticket);
    ticket.tier = DG_TIER_PRESENT;
    ticket.confirmation = DG_CONFIRM_BUTTON;
    ticket.effect = *effect;
    ticket.id.byte[0] = 0x77U;
    return ticket;
}

/* Pulses beyond those of the schedule. */
static uint32_t extra_of(uint32_t seconds)
{
    const uint32_t before = rig.moved;

    rig_wait(&rig, seconds);

    const uint32_t basal = ((seconds * BASAL) / DG_BASAL_PULSE) + 1U;
    const uint32_t moved = rig.moved - before;

    return (moved > basal) ? (moved - basal) : 0U;
}

/* @verifies{FDP_DOSE.11@1} */
static void test_start__busy_taken_fault_or_glucagon__refused(void **state)
{
    static const struct dg_effect glucagon = {.kind = DG_EFFECT_GLUCAGON,
                                              .glucagon = {100}};
    struct dg_ticket ticket = own_ticket(&bolus);

    (void)state;
    ticket.effect = glucagon;
    assert_int_equal(dg_delivery_start(&rig.device, &ticket, NULL), DG_E_STATE);
    ticket.effect = bolus;
    rig.device.is_fault = true;
    assert_int_equal(dg_delivery_start(&rig.device, &ticket, NULL), DG_E_STATE);
    rig.device.is_fault = false;
    /* The button is taken. */
    assert_int_equal(dg_delivery_start(&rig.device, &ticket, NULL), DG_OK);
    assert_int_equal(dg_delivery_start(&rig.device, &ticket, NULL), DG_E_STATE);
    ticket.confirmation = DG_CONFIRM_PHONE;
    assert_int_equal(dg_delivery_start(&rig.device, &ticket, NULL), DG_E_STATE);
    /* The mechanism is. */
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    ticket.confirmation = DG_CONFIRM_BUTTON;
    assert_int_equal(dg_delivery_start(&rig.device, &ticket, NULL), DG_E_STATE);
    assert_int_equal(dg_delivery_press(&rig.device), DG_E_STATE);
    assert_in_range(extra_of(120U), 18U, 20U);
}

/* Nobody's commit, or none at all, opens neither door. */
/* @verifies{FPT_FAULT.1@1} */
static void test_interlock__neither_own_nor_a_phones__auth(void **state)
{
    struct dg_interlock interlock;
    struct dg_ticket ticket = own_ticket(&bolus);

    (void)state;
    assert_int_equal(
        dg_interlock_approve(&rig.device, &interlock, &ticket, NULL), DG_OK);
    ticket.confirmation = DG_CONFIRM_PHONE;
    assert_int_equal(
        dg_interlock_approve(&rig.device, &interlock, &ticket, NULL),
        DG_E_AUTH);
    ticket.confirmation = DG_CONFIRM_BUTTON;
    ticket.tier = DG_TIER_CONFIRMED;
    assert_int_equal(
        dg_interlock_approve(&rig.device, &interlock, &ticket, NULL),
        DG_E_AUTH);
    ticket.asked_by = 1U;
    ticket.is_open = true;
    ticket.expiry.s = rig.device.now.s + 60U;
    assert_int_equal(
        dg_interlock_approve(&rig.device, &interlock, &ticket, NULL),
        DG_E_AUTH);
    /* What takes its time passes the same door. */
    ticket.confirmation = DG_CONFIRM_PHONE;
    ticket.effect = extended;
    assert_int_equal(dg_delivery_start(&rig.device, &ticket, NULL), DG_E_AUTH);
    assert_false(rig.device.ledger.spread.is_open);
    assert_int_equal(dg_interlock_lost(100U, (dg_seconds){100U}), 0U);
    assert_int_equal(dg_interlock_lost(100U, (dg_seconds){99U}), 1U);
}

/* Limits that memory changed are no limits: refused as a fault, shown as no
 * headroom. */
/* @verifies{FDP_DOSE.1@1} */
static void test_limits__not_sound__refused_and_no_headroom(void **state)
{
    const struct dg_device_status *status = &rig.phone[0].answer.status;

    (void)state;
    rig.device.limits.interval_s_min = -1;
    assert_int_equal(rig_propose_effect(&rig, 0U, DG_TIER_CONFIRMED, &bolus)
                         ->as.refused.reason,
                     DG_REASON_FAULT);
    assert_int_equal(rig_greet(&rig, 0U)->kind, DG_ANSWER_STATUS);
    assert_int_equal(status->headroom_automatic.mU, 0);
    assert_int_equal(status->headroom_confirmed.mU, 0);
    rig = saved;
    rig_believe(&rig, 60);
    assert_int_equal(rig_greet(&rig, 0U)->kind, DG_ANSWER_STATUS);
    assert_true(status->glucagon.headroom_confirmed.ug > 0);
    rig.device.glucagon.limits.interval_s_min = -1;
    assert_int_equal(rig_greet(&rig, 0U)->kind, DG_ANSWER_STATUS);
    assert_int_equal(status->glucagon.headroom_confirmed.ug, 0);
    rig.device.glucagon.limits.interval_s_min = 600;
    rig.device.glucagon.is_sound = false;
    assert_int_equal(rig_greet(&rig, 0U)->kind, DG_ANSWER_STATUS);
    assert_int_equal(status->glucagon.headroom_confirmed.ug, 0);
}

/* An effect that is none has a format, and no door. */
static void test_proposal__no_effect__format(void **state)
{
    static const struct dg_effect none = {.kind = DG_EFFECT_NONE};
    struct dg_ticket ticket = own_ticket(&none);
    struct dg_interlock interlock;
    dg_dose headroom = {1};

    (void)state;
    assert_int_equal(dg_proposal_check(&rig.device, &ticket, &headroom),
                     DG_REASON_FORMAT);
    assert_int_equal(headroom.mU, 0);
    dg_interlock_close(&interlock);
    assert_int_equal(dg_proposal_start(&rig.device, &interlock, &ticket),
                     DG_E_STATE);
    /* A bolus that nobody approved, one in a fault, one beyond its limits. */
    ticket.effect = bolus;
    assert_int_equal(dg_proposal_start(&rig.device, &interlock, &ticket),
                     DG_E_STATE);
    ticket.effect.amount.mU = DG_EFFECT_MU_MAX;
    assert_int_equal(dg_proposal_start(&rig.device, &interlock, &ticket),
                     DG_E_STATE);
    rig.device.is_fault = true;
    ticket.effect = bolus;
    assert_int_equal(dg_proposal_start(&rig.device, &interlock, &ticket),
                     DG_E_STATE);
    assert_int_equal(extra_of(60U), 0U);
}

/* Priming: off the body, suspended, and no more than is in the reservoir. */
/* @verifies{FDP_PRIME.1@1} */
static void test_prime__on_the_body_or_empty__refused(void **state)
{
    static const struct dg_effect prime = {.kind = DG_EFFECT_PRIME,
                                           .amount = {1000}};
    struct dg_ticket ticket = own_ticket(&prime);
    dg_dose headroom = {0};

    (void)state;
    assert_int_equal(press(DG_BUTTON_DETACH), DG_OK);
    assert_int_equal(dg_proposal_check(&rig.device, &ticket, &headroom),
                     DG_REASON_NONE);
    rig.device.settings.reservoir_pulses = 19U;
    rig.device.settings.reservoir_start = rig.device.ledger.moved;
    assert_int_equal(dg_proposal_check(&rig.device, &ticket, &headroom),
                     DG_REASON_RESERVOIR);
    assert_int_equal(headroom.mU, 950);
    rig.device.settings.reservoir_pulses = 0U;
    assert_int_equal(dg_proposal_check(&rig.device, &ticket, &headroom),
                     DG_REASON_RESERVOIR);
    assert_int_equal(headroom.mU, 0);
    rig.device.primed_pulses = 10000U;
    assert_int_equal(dg_proposal_check(&rig.device, &ticket, &headroom),
                     DG_REASON_E1);
    assert_int_equal(headroom.mU, 0);
    rig.device.ledger.pause.is_on = false;
    assert_int_equal(dg_proposal_check(&rig.device, &ticket, &headroom),
                     DG_REASON_STATE);
}

/* A display that cannot show a change still shows doses, and asks for none of
 * the others. */
/* @verifies{FMT_LIM.6@1} */
static void test_display__shows_no_change__not_asked(void **state)
{
    struct dg_bounds target;

    (void)state;
    dg_bounds_of(&rig.device.settings.therapy, &target);
    rig.annunciator.announce_change = NULL;
    assert_false(dg_loosen_may_ask(&rig.device));
    dg_loosen_ask(&rig.device, 0U, &target);
    assert_false(dg_loosen_is_waiting(&rig.device));
    assert_int_equal(press(DG_BUTTON_BOLUS), DG_OK);
    assert_true(rig.announced_mU > 0);
    assert_int_equal(press(DG_BUTTON_STOP), DG_OK);
    assert_int_equal(rig.announced_mU, 0);
}

/* @verifies{FMT_LIM.6@1} */
static void test_loosen__glucagon_or_a_reset_is_under_way__not_asked(
    void **state)
{
    struct dg_bounds target;

    (void)state;
    dg_bounds_of(&rig.device.settings.therapy, &target);
    assert_true(dg_loosen_may_ask(&rig.device));
    assert_int_equal(dg_loosen_press(&rig.device), DG_E_STATE);
    rig.device.update.state = DG_UPDATE_RESTARTING;
    dg_loosen_ask(&rig.device, 0U, &target);
    assert_false(dg_loosen_is_waiting(&rig.device));
    rig = saved;
    assert_int_equal(press(DG_BUTTON_RESCUE), DG_OK);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    assert_false(dg_confirm_is_taken(&rig.device));
    dg_loosen_ask(&rig.device, 0U, &target);
    assert_false(dg_loosen_is_waiting(&rig.device));
    /* Asked, and the phone that asked is gone: so is the question, and its
     * display shows no other one. */
    rig = saved;
    dg_loosen_ask(&rig.device, 0U, &target);
    assert_true(dg_loosen_is_waiting(&rig.device));
    assert_int_equal(rig.announced_change.setting, DG_SETTING_LIMITS);
    assert_int_equal(dg_revoke(&rig.device, 0U), DG_OK);
    assert_false(dg_loosen_is_waiting(&rig.device));
    assert_int_equal(rig.announced_change.kind, DG_EFFECT_NONE);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
}

/* Which phone to forget: a micro-dose that asked for the button is taken back. */
/* @verifies{FMT_REV.2@1} */
static void test_forget__glucagon_asked_for_the_button__taken_back(void **state)
{
    static const struct dg_effect micro = {.kind = DG_EFFECT_GLUCAGON,
                                           .glucagon = {100}};

    (void)state;
    assert_true(take(DG_TIER_CONFIRMED, &micro));
    assert_true(dg_glucagon_is_waiting(&rig.device));
    assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
    assert_false(dg_glucagon_is_waiting(&rig.device));
    assert_int_equal(rig.announced_ug, 0);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
}

/* The flash fails as a dose over time begins or ends: the safe state, and basal
 * goes on.  @verifies{FPT_FLS.1@1} */
static void test_spread__flash_fails__basal_only(void **state)
{
    (void)state;
    for (unsigned what = 0U; what < 3U; what++) {
        rig = saved;
        if (what == 0U) {
            rig.flash.fails = true;
            assert_false(take(DG_TIER_CONFIRMED, &extended));
        } else {
            assert_true(take(DG_TIER_CONFIRMED, &extended));
            rig_wait(&rig, (what == 1U) ? 200U : 1750U);
            rig.flash.fails = true;
            if (what == 1U) {
                assert_int_equal(press(DG_BUTTON_STOP), DG_OK);
            }
            rig_wait(&rig, 120U);
        }
        assert_int_equal(rig.device.fault, DG_FAULT_FLASH);
        assert_int_equal(extra_of(3600U), 0U);
    }
}

/* All of it is given and the ledger has it open still: no pulse more. */
static void test_spread__all_given_and_open__no_pulse_more(void **state)
{
    struct dg_ledger_spread *spread = &rig.device.ledger.spread;
    dg_seconds at = {0U};

    (void)state;
    assert_true(take(DG_TIER_CONFIRMED, &extended));
    spread->ticket.delivered = spread->ticket.pulses;
    assert_true(dg_spread_due(&rig.device, &at));
    assert_int_equal(at.s, spread->ticket.at.s + spread->seconds);
    /* One whose end lies behind the end of time is never due. */
    spread->ticket.at.s = UINT32_MAX - 10U;
    assert_false(dg_spread_due(&rig.device, &at));
    spread->ticket.at = rig.device.now;
    assert_int_equal(extra_of(1900U), 0U);
    assert_int_equal(rig.device.fault, DG_FAULT_INTERNAL);
}

/* The count at the door was changed in memory. */
/* @verifies{FPT_FAULT.1@1} */
static void test_spread__count_changed_in_memory__fault_and_end(void **state)
{
    (void)state;
    assert_true(take(DG_TIER_CONFIRMED, &extended));
    rig_wait(&rig, 200U);
    rig.device.spread.interlock.pulses.value += 1U;
    assert_int_equal(extra_of(1800U), 0U);
    assert_int_equal(rig.device.fault, DG_FAULT_INTERNAL);
    assert_false(rig.device.ledger.spread.is_open);
}

/* T1 within one long step of time: what the controller alone asked for ends
 * when its reading is too old, not at the end of the step. */
/* @verifies{FDP_LEASE.1@1} */
static void test_raised__reading_ages_within_a_step__ends_then(void **state)
{
    (void)state;
    assert_true(take(DG_TIER_AUTOMATIC, &raised));

    const uint32_t pulses = rig.device.ledger.spread.ticket.pulses;

    rig_wait_in_steps(&rig, 1800U, 1800U);
    assert_false(rig.device.ledger.spread.is_open);
    assert_int_equal(rig.device.ledger.spread.ticket.outcome,
                     DG_OUTCOME_STOPPED);
    assert_true(rig.device.ledger.spread.ticket.delivered < pulses);
}

/* The end of a lease ends what was leased, and not a bolus over time. */
/* @verifies{FDP_LEASE.1@1} */
static void test_lease__ends__extended_bolus_goes_on(void **state)
{
    (void)state;
    assert_true(take(DG_TIER_CONFIRMED, &extended));
    dg_therapy_end_lease(&rig.device);
    assert_true(rig.device.ledger.spread.is_open);
    rig = saved;
    assert_true(take(DG_TIER_CONFIRMED, &raised));
    dg_therapy_end_lease(&rig.device);
    assert_false(rig.device.ledger.spread.is_open);
    rig = saved;
    assert_true(take(DG_TIER_CONFIRMED, &lowered));
    dg_therapy_end_lease(&rig.device);
    assert_false(rig.device.ledger.pause.is_on);
}

/* Nobody leads where nobody has the lease, or the holder was never heard. */
/* @verifies{FMT_LEASE.1@1} */
static void test_lead__no_lease_or_never_heard__nobody(void **state)
{
    (void)state;
    assert_true(dg_therapy_is_led(&rig.device));
    rig_wait(&rig, DG_HEARTBEAT_S + 1U);
    assert_true(dg_device_is_left(&rig.device));
    rig.device.heard.s = 0U;
    assert_false(dg_device_is_left(&rig.device));
    rig.device.heard.s = 1U;
    rig.device.lease.is_held = false;
    assert_false(dg_device_is_left(&rig.device));
    assert_false(dg_therapy_is_led(&rig.device));
}

/* A person takes the set off while a phone suspends: the suspension is theirs
 * now, and does not end with the phone's. */
/* @verifies{FDP_PRIME.1@1} */
static void test_detach__phone_suspends__until_a_person_resumes(void **state)
{
    (void)state;
    assert_int_equal(rig_suspend(&rig, 0U, 900U)->kind, DG_ANSWER_STATUS);
    assert_int_equal(press(DG_BUTTON_DETACH), DG_OK);
    assert_int_equal(press(DG_BUTTON_DETACH), DG_E_STATE);

    const uint32_t moved = rig.moved;

    rig_wait(&rig, 3600U);
    assert_int_equal(rig.moved, moved);
    assert_int_equal(press(DG_BUTTON_RESUME), DG_OK);
    rig_wait(&rig, 3600U);
    assert_in_range(rig.moved - moved, 19U, 21U);
}

/* The end of time: a suspension whose end lies behind it, and no basal that
 * would be due before it was. */
static void test_end_of_time__nothing_wraps(void **state)
{
    struct dg_ledger_pause *pause = &rig.device.ledger.pause;
    dg_seconds at = {0U};

    (void)state;
    assert_int_equal(rig_suspend(&rig, 0U, 900U)->kind, DG_ANSWER_STATUS);
    pause->since.s = UINT32_MAX - 100U;
    assert_true(dg_therapy_due(&rig.device, &at));
    assert_int_equal(at.s, UINT32_MAX);
    /* Nor is a suspension of tomorrow sounded today. */
    pause->tier = DG_TIER_PRESENT;
    rig.device.basal.reminders = 0U;
    dg_therapy_remind(&rig.device);
    assert_int_equal(rig.device.basal.reminders, 0U);
    rig = saved;
    rig.device.basal.at.s = UINT32_MAX;
    assert_false(dg_basal_due(&rig.device, &at));
    /* Not due: no pulse, even when asked for one. */
    rig = saved;

    const uint32_t moved = rig.moved;

    rig.device.basal.due_mU_s = 0U;
    rig.device.basal.at = rig.device.now;
    dg_basal_step(&rig.device, rig.device.now);
    assert_int_equal(rig.moved, moved);
    /* A raised basal counts up to there, and only what is above the schedule. */
    rig.device.now.s = UINT32_MAX - 1000U;
    assert_true(dg_basal_extra(&rig.device, &raised).mU > 0);
}

/* An hour in which the schedule itself is above it counts nothing. */
static void test_extra__schedule_above_the_rate__counts_nothing(void **state)
{
    const uint32_t hour = (rig.device.now.s / 3600U) % 24U;
    struct dg_effect effect = raised;

    (void)state;
    effect.duration.s = 7200U;

    const dg_dose plain = dg_basal_extra(&rig.device, &effect);

    rig.device.settings.therapy.basal[(hour + 1U) % 24U].mU_per_h = 5000;

    const dg_dose less = dg_basal_extra(&rig.device, &effect);

    assert_true(plain.mU > 0);
    assert_int_equal(plain.mU - less.mU, 600);
}

/* Evidence: paired and not connected is no key in use; a package that memory
 * changed is no rung. */
static void test_evidence__no_session_or_no_package__no_rung(void **state)
{
    (void)state;
    assert_true(dg_evidence_authority(&rig.device, 0U).rung > DG_RUNG_NONE);
    rig.device.settings.therapy.package = (enum dg_package)99;
    assert_int_equal(dg_evidence_authority(&rig.device, 0U).rung, DG_RUNG_NONE);
    rig = saved;
    rig.device.session[0].record.epoch = 0U;
    assert_int_equal(dg_evidence_authority(&rig.device, 0U).rung, DG_RUNG_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define WITH(test) cmocka_unit_test_setup(test, start)
        WITH(test_start__busy_taken_fault_or_glucagon__refused),
        WITH(test_interlock__neither_own_nor_a_phones__auth),
        WITH(test_limits__not_sound__refused_and_no_headroom),
        WITH(test_proposal__no_effect__format),
        WITH(test_prime__on_the_body_or_empty__refused),
        WITH(test_display__shows_no_change__not_asked),
        WITH(test_loosen__glucagon_or_a_reset_is_under_way__not_asked),
        WITH(test_forget__glucagon_asked_for_the_button__taken_back),
        WITH(test_spread__flash_fails__basal_only),
        WITH(test_spread__all_given_and_open__no_pulse_more),
        WITH(test_spread__count_changed_in_memory__fault_and_end),
        WITH(test_raised__reading_ages_within_a_step__ends_then),
        WITH(test_lease__ends__extended_bolus_goes_on),
        WITH(test_lead__no_lease_or_never_heard__nobody),
        WITH(test_detach__phone_suspends__until_a_person_resumes),
        WITH(test_end_of_time__nothing_wraps),
        WITH(test_extra__schedule_above_the_rate__counts_nothing),
        WITH(test_evidence__no_session_or_no_package__no_rung),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
