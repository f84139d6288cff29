/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"
#include "interlock.h"

#include <stddef.h>

/* What a proposed effect of insulin comes to: which thing it is, whether it may
 * be offered, committed and started, and who has to agree.  One row a thing; a
 * row that is not written refuses.  The check of a row runs when the ticket is
 * issued, when it is committed, and twice next to the ledger. */

/* E6: a raised basal is a lease. */
#define RAISED_S_MAX 1800U

/* One prime, and all of them while the set is off: the longest tubing in use
 * takes some 30 U (facts: pumps.md). */
#define PRIME_PULSES_MAX 600U

/* A dose is unusual above this part of the daily dose, and above one and a half
 * times the largest of the last day (FDP_DOSE.9). */
#define UNUSUAL_PERMILLE 100

enum thing {
    THING_NONE = 0,
    THING_BOLUS,
    THING_EXTENDED,
    THING_RAISED,
    THING_LOWERED,
    THING_PRIME,
    THING_SETTING,
};

#define THINGS 7U

static enum dg_reason reason_of(enum dg_rule rule)
{
    switch (rule) {
    case DG_RULE_E1:
        return DG_REASON_E1;
    case DG_RULE_E2:
        return DG_REASON_E2;
    case DG_RULE_E3:
        return DG_REASON_E3;
    case DG_RULE_E4:
        return DG_REASON_E4;
    case DG_RULE_E7:
        return DG_REASON_E7;
    case DG_RULE_E8:
        return DG_REASON_E8;
    case DG_RULE_NONE:
    default:
        return DG_REASON_FAULT;
    }
}

static enum thing thing_of(const struct dg_device *device,
                           const struct dg_effect *effect)
{
    switch (effect->kind) {
    case DG_EFFECT_BOLUS:
        return (effect->form == DG_FORM_EXTENDED) ? THING_EXTENDED
                                                  : THING_BOLUS;
    case DG_EFFECT_BASAL:
        return (effect->rate.mU_per_h > dg_basal_scheduled(device, device->now))
                   ? THING_RAISED
                   : THING_LOWERED;
    case DG_EFFECT_PRIME:
        return THING_PRIME;
    case DG_EFFECT_SETTINGS:
        return THING_SETTING;
    case DG_EFFECT_NONE:
    case DG_EFFECT_GLUCAGON:
    default:
        return THING_NONE;
    }
}

static uint32_t pulses_of(dg_dose amount)
{
    return (uint32_t)(amount.mU / DG_PULSE_MU);
}

dg_dose dg_proposal_dose(const struct dg_device *device,
                         const struct dg_effect *effect)
{
    if (thing_of(device, effect) == THING_RAISED) {
        return dg_basal_extra(device, effect);
    }
    return effect->amount;
}

/* Checks ------------------------------------------------------------------ */

/* E10.  A sensor that fails does not keep a person from the emergency bolus,
 * one that contradicts does. */
static bool is_balanced(const struct dg_device *device,
                        const struct dg_ticket *ticket)
{
    const enum dg_balance balance = dg_reservoir_balance(device);

    return (balance == DG_BALANCE_EVEN) ||
           ((balance == DG_BALANCE_UNKNOWN) && (ticket->asked_by == 0U));
}

/* @satisfies{FDP_DOSE.13@1} */
enum dg_tier dg_proposal_word(const struct dg_device *device)
{
    return (device->settings.therapy.package == DG_PACKAGE_LOW)
               ? DG_TIER_AUTOMATIC
               : DG_TIER_CONFIRMED;
}

static enum dg_tier judged_tier(const struct dg_device *device,
                                const struct dg_ticket *ticket)
{
    const bool is_word_alone = (ticket->confirmation != DG_CONFIRM_BUTTON) &&
                               (ticket->tier == DG_TIER_CONFIRMED);

    return is_word_alone ? dg_proposal_word(device) : ticket->tier;
}

/* Insulin above the schedule: E10, then the envelope, then what is left. */
static enum dg_reason check_dose(const struct dg_device *device,
                                 const struct dg_ticket *ticket,
                                 dg_dose amount,
                                 dg_dose *headroom)
{
    struct dg_envelope_view view;
    struct dg_decision decision;
    const uint32_t left = dg_delivery_reservoir_pulses(device);

    if (!is_balanced(device, ticket)) {
        return DG_REASON_E10;
    }
    dg_evidence_view(device, &view);
    /* On failure the decision says DENY without a rule: a fault. */
    if (dg_envelope_decide(&device->limits,
                           &view,
                           amount,
                           judged_tier(device, ticket),
                           &decision) != DG_OK) {
        return DG_REASON_FAULT;
    }
    if (decision.verdict != DG_VERDICT_ALLOW) {
        *headroom = decision.headroom;
        return reason_of(decision.rule);
    }
    if (pulses_of(amount) > left) {
        headroom->mU = (int32_t)left * DG_PULSE_MU;
        return DG_REASON_RESERVOIR;
    }
    return DG_REASON_NONE;
}

static bool has_room(const struct dg_device *device, uint32_t pulses)
{
    /* Begin and end, and the end of what it replaces. */
    return dg_ledger_has_room(&device->ledger,
                              device->now,
                              pulses + 3U,
                              dg_therapy_pulses_per_h(device));
}

static enum dg_reason check_bolus(const struct dg_device *device,
                                  const struct dg_ticket *ticket,
                                  dg_dose *headroom)
{
    /* A person at the device may have one all the same, but not into a set that
     * is off the body. */
    if (device->is_detached ||
        (dg_therapy_is_suspended(device) && (ticket->asked_by != 0U))) {
        return DG_REASON_STATE;
    }
    return check_dose(device, ticket, ticket->effect.amount, headroom);
}

static enum dg_reason check_extended(const struct dg_device *device,
                                     const struct dg_ticket *ticket,
                                     dg_dose *headroom)
{
    if (dg_therapy_is_suspended(device)) {
        return DG_REASON_STATE;
    }
    if (device->ledger.spread.is_open) {
        return DG_REASON_BUSY;
    }
    /* Hours ahead no reading is trusted: never by the controller alone. */
    if (ticket->tier == DG_TIER_AUTOMATIC) {
        return DG_REASON_PRESENCE;
    }
    if (!has_room(device, pulses_of(ticket->effect.amount))) {
        return DG_REASON_STATE;
    }
    return check_dose(device, ticket, ticket->effect.amount, headroom);
}

/* @satisfies{FDP_LEASE.1@1} */
static enum dg_reason check_raised(const struct dg_device *device,
                                   const struct dg_ticket *ticket,
                                   dg_dose *headroom)
{
    const dg_dose extra = dg_basal_extra(device, &ticket->effect);

    if (dg_therapy_is_suspended(device)) {
        return DG_REASON_STATE;
    }
    if (ticket->effect.duration.s > RAISED_S_MAX) {
        headroom->mU = (int32_t)RAISED_S_MAX;
        return DG_REASON_E6;
    }
    if (device->ledger.spread.is_open && !device->spread.is_raised) {
        return DG_REASON_BUSY;
    }
    if (extra.mU == 0) {
        return DG_REASON_E1;
    }
    if (!has_room(device, pulses_of(extra))) {
        return DG_REASON_STATE;
    }
    return check_dose(device, ticket, extra, headroom);
}

static enum dg_reason check_lowered(const struct dg_device *device,
                                    const struct dg_ticket *ticket,
                                    dg_dose *headroom)
{
    const uint32_t permille = dg_basal_withheld(device, &ticket->effect);

    /* Nothing to lower; or nothing left of it, and then it is a suspension,
     * which has its own request, alarm and rules. */
    if (dg_therapy_is_suspended(device) || (permille == 0U) ||
        (permille >= DG_PERMILLE)) {
        return DG_REASON_STATE;
    }

    const uint32_t room_s = dg_therapy_room_s(device, permille);

    if (ticket->effect.duration.s > room_s) {
        headroom->mU = (int32_t)room_s;
        return DG_REASON_E5;
    }
    return has_room(device, 0U) ? DG_REASON_NONE : DG_REASON_STATE;
}

/* @satisfies{FDP_PRIME.1@1} */
static enum dg_reason check_prime(const struct dg_device *device,
                                  const struct dg_ticket *ticket,
                                  dg_dose *headroom)
{
    const uint32_t pulses = pulses_of(ticket->effect.amount);
    const uint32_t left = dg_delivery_reservoir_pulses(device);
    const uint32_t room = (device->primed_pulses >= PRIME_PULSES_MAX)
                              ? 0U
                              : (PRIME_PULSES_MAX - device->primed_pulses);

    if (!device->is_detached || !dg_therapy_is_suspended(device) ||
        !has_room(device, 0U)) {
        return DG_REASON_STATE;
    }
    if (pulses > room) {
        headroom->mU = (int32_t)room * DG_PULSE_MU;
        return DG_REASON_E1;
    }
    if (pulses > left) {
        headroom->mU = (int32_t)left * DG_PULSE_MU;
        return DG_REASON_RESERVOIR;
    }
    return DG_REASON_NONE;
}

static enum dg_reason check_setting(const struct dg_device *device,
                                    const struct dg_ticket *ticket,
                                    dg_dose *headroom)
{
    return dg_change_check(device, &ticket->effect, headroom);
}

/* Starts ------------------------------------------------------------------ */

static enum dg_status start_bolus(struct dg_device *device,
                                  const struct dg_ticket *ticket)
{
    return dg_ledger_announce_bolus(&device->ledger,
                                    device->now,
                                    &ticket->id,
                                    ticket->tier,
                                    pulses_of(ticket->effect.amount));
}

static enum dg_status start_extended(struct dg_device *device,
                                     const struct dg_ticket *ticket)
{
    return dg_spread_start(device,
                           ticket,
                           ticket->effect.amount,
                           ticket->effect.duration.s,
                           false);
}

static enum dg_status start_raised(struct dg_device *device,
                                   const struct dg_ticket *ticket)
{
    const dg_dose extra = dg_basal_extra(device, &ticket->effect);

    dg_therapy_end_lease(device);
    return dg_spread_start(
        device, ticket, extra, ticket->effect.duration.s, true);
}

static enum dg_status start_lowered(struct dg_device *device,
                                    const struct dg_ticket *ticket)
{
    dg_therapy_end_lease(device);
    return dg_therapy_lower(
        device, ticket, dg_basal_withheld(device, &ticket->effect));
}

static enum dg_status start_prime(struct dg_device *device,
                                  const struct dg_ticket *ticket)
{
    const uint32_t pulses = pulses_of(ticket->effect.amount);
    const enum dg_status status = dg_ledger_announce_prime(
        &device->ledger, device->now, &ticket->id, pulses);

    /* Asked for counts, delivered or not: the bound is one on trust. */
    if (status == DG_OK) {
        device->primed_pulses += pulses;
    }
    return status;
}

static enum dg_status start_setting(struct dg_device *device,
                                    const struct dg_ticket *ticket)
{
    return dg_change_apply(device, ticket);
}

/* One row a thing --------------------------------------------------------- */

struct row {
    enum dg_reason (*check)(const struct dg_device *device,
                            const struct dg_ticket *ticket,
                            dg_dose *headroom);
    enum dg_status (*start)(struct dg_device *device,
                            const struct dg_ticket *ticket);
    bool is_dose;   /* insulin above the schedule: the envelope decides     */
    bool by_button; /* never without a press at the device                  */
    bool is_quick;  /* the mechanism is busy with it: one at a time         */
};

/* clang-format off */
static const struct row rows[THINGS] = {
    [THING_BOLUS]    = { check_bolus,    start_bolus,    true,  false, true  },
    [THING_EXTENDED] = { check_extended, start_extended, true,  false, false },
    [THING_RAISED]   = { check_raised,   start_raised,   true,  false, false },
    [THING_LOWERED]  = { check_lowered,  start_lowered,  false, false, false },
    [THING_PRIME]    = { check_prime,    start_prime,    false, true,  true  },
    [THING_SETTING]  = { check_setting,  start_setting,  false, true,  true  },
};
/* clang-format on */

static const struct row *row_of(const struct dg_device *device,
                                const struct dg_ticket *ticket)
{
    return &rows[thing_of(device, &ticket->effect)];
}

static bool is_low(const struct dg_device *device)
{
    return dg_glucose_is_low(&device->glucose,
                             device->now,
                             (uint32_t)device->limits.glucose_age_s_max,
                             (dg_glucose){device->limits.floor_mg_dL});
}

/* @satisfies{FDP_DOSE.9@1} */
static bool is_unusual(const struct dg_device *device, dg_dose amount)
{
    const int32_t daily_mU = device->settings.therapy.total_daily_dose.mU;
    const int32_t plain_mU =
        (int32_t)(((int64_t)daily_mU * UNUSUAL_PERMILLE) / 1000);
    const int32_t largest_mU =
        (int32_t)dg_usual_largest(&device->ledger.usual,
                                  device->now.s / 3600U) *
        DG_PULSE_MU;

    return (amount.mU > plain_mU) &&
           (amount.mU > (largest_mU + (largest_mU / 2)));
}

bool dg_proposal_is_quick(const struct dg_device *device,
                          const struct dg_ticket *ticket)
{
    return row_of(device, ticket)->is_quick;
}

enum dg_reason dg_proposal_check(const struct dg_device *device,
                                 const struct dg_ticket *ticket,
                                 dg_dose *headroom)
{
    const struct row *row = row_of(device, ticket);

    headroom->mU = 0;
    if (row->check == NULL) {
        return DG_REASON_FORMAT;
    }
    /* What only a person at the device may do is never done for less. */
    if (row->by_button && (ticket->confirmation != DG_CONFIRM_BUTTON)) {
        return DG_REASON_PRESENCE;
    }
    /* @satisfies{FDP_DOSE.12@1}
     * In a low a person looks at the pump first, whenever the low began. */
    if (row->is_dose && (ticket->confirmation == DG_CONFIRM_PHONE) &&
        is_low(device)) {
        return DG_REASON_E4;
    }
    return row->check(device, ticket, headroom);
}

/* The device asks for more than the phone offered where confirming there does
 * not reach, where the phone has not shown enough about itself, and where a
 * person should look at the pump first. */
enum dg_reason dg_proposal_offer(const struct dg_device *device,
                                 struct dg_ticket *ticket,
                                 enum dg_rung rung,
                                 dg_dose *headroom)
{
    const struct row *row = row_of(device, ticket);
    const bool is_shown = rung >= dg_authority_rung_for(DG_TIER_CONFIRMED);

    headroom->mU = 0;
    if ((ticket->effect.amount.mU == 0) &&
        ((ticket->effect.kind == DG_EFFECT_BOLUS) ||
         (ticket->effect.kind == DG_EFFECT_PRIME))) {
        return DG_REASON_E1;
    }
    if (ticket->tier == DG_TIER_AUTOMATIC) {
        ticket->confirmation = DG_CONFIRM_AUTOMATIC;
        return dg_proposal_check(device, ticket, headroom);
    }
    ticket->confirmation = DG_CONFIRM_PHONE;
    if (!row->by_button && is_shown &&
        !(row->is_dose &&
          is_unusual(device, dg_proposal_dose(device, &ticket->effect)))) {
        const enum dg_reason reason =
            dg_proposal_check(device, ticket, headroom);

        if (!row->is_dose || (reason == DG_REASON_NONE)) {
            return reason;
        }
    }
    ticket->tier = DG_TIER_PRESENT;
    ticket->confirmation = DG_CONFIRM_BUTTON;
    return dg_proposal_check(device, ticket, headroom);
}

/* Checked twice: after a press this is the only place that asks.
 * @satisfies{FPT_FAULT.1@1} */
enum dg_status dg_proposal_start(struct dg_device *device,
                                 struct dg_interlock *interlock,
                                 const struct dg_ticket *ticket)
{
    const struct row *row = row_of(device, ticket);
    const dg_dose amount = dg_proposal_dose(device, &ticket->effect);
    dg_dose headroom = {0};

    if ((row->start == NULL) || device->is_fault ||
        (dg_proposal_check(device, ticket, &headroom) != DG_REASON_NONE) ||
        (dg_interlock_open(interlock, ticket, pulses_of(amount)) != DG_OK) ||
        (dg_proposal_check(device, ticket, &headroom) != DG_REASON_NONE)) {
        dg_interlock_close(interlock);
        return DG_E_STATE;
    }

    const enum dg_status status = row->start(device, ticket);

    /* What takes its time has pulses of its own beside those of a bolus. */
    if ((status == DG_OK) && row->is_dose && !row->is_quick) {
        device->spread.interlock = *interlock;
    }
    if ((status != DG_OK) || !row->is_quick) {
        dg_interlock_close(interlock);
    }
    return status;
}
