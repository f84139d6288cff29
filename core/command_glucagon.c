/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include <stddef.h>

/* What command.c asks about a ticket of glucagon. */

/* Glucagon at a time when trusted glucose is not low, or with a phone that
 * cannot show that a person was there, wants a look at the device too. */
static bool wants_button(const struct dg_device *device)
{
    const struct dg_glucose_state *glucose = &device->glucose;
    const struct dg_glucagon_limits *limits = &device->glucagon.limits;
    const bool is_low = dg_glucose_is_trusted(glucose) &&
                        ((device->now.s - glucose->at.s) <=
                         (uint32_t)limits->glucose_age_s_max) &&
                        (glucose->value.mg_dL < limits->below_mg_dL);

    return !is_low || (device->settings.therapy.package == DG_PACKAGE_LOW);
}

enum dg_reason dg_glucagon_check(const struct dg_device *device,
                                 const struct dg_ticket *ticket)
{
    struct dg_glucagon_view view;
    struct dg_glucagon_decision decision;

    if (device->ports->glucagon == NULL) {
        return DG_REASON_E8;
    }
    if (!device->glucagon.is_sound) {
        return DG_REASON_FAULT;
    }
    if (dg_glucagon_is_busy(device) || dg_update_is_restarting(device) ||
        ((ticket->confirmation == DG_CONFIRM_BUTTON) &&
         dg_confirm_is_taken(device))) {
        return DG_REASON_BUSY;
    }
    /* @satisfies{FDP_DOSE.12@1}
     * What was low when it was offered may not be any more. */
    if ((ticket->confirmation == DG_CONFIRM_PHONE) && wants_button(device)) {
        return DG_REASON_E8;
    }
    dg_glucagon_view(device, &view);
    if ((dg_glucagon_decide(&device->glucagon.limits,
                            &view,
                            ticket->effect.glucagon,
                            ticket->tier,
                            &decision) != DG_OK) ||
        (decision.verdict != DG_VERDICT_ALLOW)) {
        return DG_REASON_E8;
    }
    return ((uint32_t)(ticket->effect.glucagon.ug / DG_GLUCAGON_STEP_UG) >
            dg_glucagon_left_steps(device))
               ? DG_REASON_RESERVOIR
               : DG_REASON_NONE;
}

enum dg_reason dg_glucagon_offer(const struct dg_device *device,
                                 struct dg_ticket *ticket,
                                 enum dg_rung rung)
{
    if (ticket->tier == DG_TIER_AUTOMATIC) {
        ticket->confirmation = DG_CONFIRM_AUTOMATIC;
    } else {
        const bool is_button =
            wants_button(device) ||
            (rung < dg_authority_rung_for(DG_TIER_CONFIRMED));

        ticket->confirmation = is_button ? DG_CONFIRM_BUTTON : DG_CONFIRM_PHONE;
    }
    return dg_glucagon_check(device, ticket);
}
