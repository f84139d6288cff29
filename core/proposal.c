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

enum thing {
    THING_NONE = 0,
    THING_BOLUS,
    THING_EXTENDED,
    THING_RAISED,
    THING_LOWERED,
};

#define THINGS 5U

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

/* Insulin above the schedule: the envelope, then what is left. */
static enum dg_reason check_dose(const struct dg_device *device,
                                 enum dg_tier tier,
                                 dg_dose amount,
                                 dg_dose *headroom)
{
    struct dg_envelope_view view;
    struct dg_decision decision;
    const uint32_t left = dg_delivery_reservoir_pulses(device);

    dg_evidence_view(device, &view);
    /* On failure the decision says DENY without a rule: a fault. */
    if (dg_envelope_decide(&device->limits, &view, amount, tier, &decision) !=
        DG_OK) {
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
    if (dg_therapy_is_suspended(device)) {
        return DG_REASON_STATE;
    }
    return check_dose(device, ticket->tier, ticket->effect.amount, headroom);
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
    return check_dose(device, ticket->tier, ticket->effect.amount, headroom);
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
    return check_dose(device, ticket->tier, extra, headroom);
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

/* One row a thing --------------------------------------------------------- */

struct row {
    enum dg_reason (*check)(const struct dg_device *device,
                            const struct dg_ticket *ticket,
                            dg_dose *headroom);
    enum dg_status (*start)(struct dg_device *device,
                            const struct dg_ticket *ticket);
    bool is_dose;  /* insulin above the schedule: the envelope decides     */
    bool is_quick; /* the mechanism is busy with it: one at a time         */
};

/* clang-format off */
static const struct row rows[THINGS] = {
    [THING_BOLUS]    = { check_bolus,    start_bolus,    true,  true  },
    [THING_EXTENDED] = { check_extended, start_extended, true,  false },
    [THING_RAISED]   = { check_raised,   start_raised,   true,  false },
    [THING_LOWERED]  = { check_lowered,  start_lowered,  false, false },
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
        (ticket->effect.kind == DG_EFFECT_BOLUS)) {
        return DG_REASON_E1;
    }
    if (ticket->tier == DG_TIER_AUTOMATIC) {
        ticket->confirmation = DG_CONFIRM_AUTOMATIC;
        return dg_proposal_check(device, ticket, headroom);
    }
    ticket->confirmation = DG_CONFIRM_PHONE;
    if (is_shown) {
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
