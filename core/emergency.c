/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include <stddef.h>
#include <string.h>

/* A bolus that a person takes by the buttons alone, when no phone is there:
 * BOLUS announces it, CONFIRM within the wait gives it.  Small, not soon after
 * another dose at the device, and otherwise a dose like any other. */

/* 7.5 % of the daily dose: a small meal or a correction, half of what a person
 * may confirm at the phone (docs/adr/0013); the most that adds no lows where the
 * phone is dead. source: trial limits-emergency, docs/limits.md. */
#define EMERGENCY_PERMILLE 75

/* The most that is within the cap and that the envelope leaves. */
static dg_dose amount_of(const struct dg_device *device)
{
    const dg_dose least = {DG_PULSE_MU};
    const int64_t daily_mU = device->settings.therapy.total_daily_dose.mU;
    const int32_t cap_mU = (int32_t)((daily_mU * EMERGENCY_PERMILLE) / 1000);
    struct dg_envelope_view view;
    struct dg_decision decision;
    int32_t mU = 0;

    dg_evidence_view(device, &view);
    /* At the device within the hour: what PRESENT has beyond CONFIRMED. */
    if ((view.used_mU[DG_TIER_PRESENT][DG_WINDOW_1_H] !=
         view.used_mU[DG_TIER_CONFIRMED][DG_WINDOW_1_H]) ||
        (dg_envelope_decide(
             &device->limits, &view, least, DG_TIER_PRESENT, &decision) !=
         DG_OK)) {
        return (dg_dose){0};
    }
    mU = (cap_mU < decision.headroom.mU) ? cap_mU : decision.headroom.mU;
    return (dg_dose){mU - (mU % DG_PULSE_MU)};
}

/* @satisfies{FDP_EMERGENCY.1@2} */
enum dg_status dg_emergency_announce(struct dg_device *device)
{
    const struct dg_crypto *crypto = device->ports->crypto;
    struct dg_ticket ticket;
    dg_dose headroom = {0};

    memset(&ticket, 0, sizeof ticket);
    ticket.tier = DG_TIER_PRESENT;
    ticket.confirmation = DG_CONFIRM_BUTTON;
    ticket.effect.kind = DG_EFFECT_BOLUS;
    ticket.effect.form = DG_FORM_NORMAL;
    ticket.effect.amount = amount_of(device);
    if (device->is_fault || device->ledger.is_open ||
        (ticket.effect.amount.mU == 0) ||
        (dg_proposal_check(device, &ticket, &headroom) != DG_REASON_NONE)) {
        return DG_E_STATE;
    }
    if (crypto->random(crypto->context, DG_BUF_OF(ticket.id.byte)) != DG_OK) {
        return DG_E_PORT;
    }
    /* What a phone left waiting does not lock a person out; a rescue that a
     * person announced comes first. */
    if (dg_glucagon_is_waiting(device)) {
        dg_glucagon_stop_micro(device);
    }
    if (dg_delivery_is_busy(device)) {
        (void)dg_delivery_stop(device);
    }
    dg_update_give_up(device);
    dg_loosen_give_up(device);
    return dg_delivery_start(device, &ticket, NULL);
}
