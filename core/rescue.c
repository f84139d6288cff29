/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include <stddef.h>
#include <string.h>

/* The rescue dose: by a person at the device, or by the device itself.  No
 * message leads here, and none ends it. */

/* For a chamber whose ledger is known: there is room for @amount.
 * No randomness: an emergency does not hang on it.  The sequence of the ledger
 * makes the id unlike every other rescue. */
static struct dg_ticket rescue_ticket(const struct dg_device *device,
                                      enum dg_confirmation confirmation,
                                      dg_glucagon amount)
{
    const uint32_t sequence = device->glucagon.ledger->sequence;
    struct dg_ticket ticket;

    memset(&ticket, 0, sizeof ticket);
    ticket.tier = DG_TIER_PRESENT;
    ticket.confirmation = confirmation;
    ticket.effect.kind = DG_EFFECT_GLUCAGON;
    ticket.effect.glucagon = amount;
    memcpy(ticket.id.byte, DG_RESCUE_TICKET, sizeof DG_RESCUE_TICKET);
    ticket.id.byte[4] = (uint8_t)(sequence >> 24);
    ticket.id.byte[5] = (uint8_t)(sequence >> 16);
    ticket.id.byte[6] = (uint8_t)(sequence >> 8);
    ticket.id.byte[7] = (uint8_t)sequence;
    return ticket;
}

/* What a rescue would give now. */
static dg_glucagon room(const struct dg_device *device, enum dg_rescuer rescuer)
{
    struct dg_glucagon_view view;
    dg_glucagon amount = {0};

    if (dg_glucagon_left_steps(device) == 0U) {
        return amount;
    }
    dg_glucagon_view(device, &view);
    if (dg_glucagon_rescue(&device->glucagon.limits, &view, rescuer, &amount) !=
        DG_OK) {
        amount.ug = 0;
    }
    return amount;
}

/* A micro-dose gives way, and nothing else may wait for the button that is
 * pressed next: CONFIRM has one meaning. */
static void make_way(struct dg_device *device)
{
    if (dg_glucagon_is_busy(device)) {
        (void)dg_glucagon_stop(device);
    }
    if (device->delivery.state == DG_DELIVERY_WAITING) {
        (void)dg_delivery_stop(device);
    }
    dg_update_give_up(device);
    dg_loosen_give_up(device);
}

/* A rescue that was announced or is under way. */
static bool is_under_way(const struct dg_device *device)
{
    return dg_glucagon_is_busy(device) &&
           (device->glucagon.delivery.ticket.tier == DG_TIER_PRESENT);
}

/* @satisfies{FDP_GLUCAGON.4@1} */
enum dg_status dg_rescue_announce(struct dg_device *device)
{
    const dg_glucagon amount = room(device, DG_RESCUER_PERSON);

    if (is_under_way(device) || (amount.ug == 0)) {
        return DG_E_STATE;
    }

    const struct dg_ticket ticket =
        rescue_ticket(device, DG_CONFIRM_BUTTON, amount);

    make_way(device);
    return dg_glucagon_start(device, &ticket, NULL);
}

void dg_rescue_watch(struct dg_device *device)
{
    const dg_glucagon amount = room(device, DG_RESCUER_DEVICE);

    if (is_under_way(device) || (amount.ug == 0)) {
        return;
    }

    const struct dg_ticket ticket =
        rescue_ticket(device, DG_CONFIRM_AUTOMATIC, amount);

    make_way(device);
    (void)dg_glucagon_start(device, &ticket, NULL);
}

/* "Low" without a number is low enough, and so is a low that too few readings
 * confirm yet: the run itself is the confirmation.  Anything else that speaks
 * against the reading ends the run. */
#define BEARABLE \
    ((1U << (unsigned)DG_GLUCOSE_CODE) | (1U << (unsigned)DG_GLUCOSE_SETTLING))

void dg_rescue_reading(struct dg_device *device)
{
    struct dg_glucagon_part *glucagon = &device->glucagon;
    const bool is_below =
        ((device->glucose.findings & ~BEARABLE) == 0U) &&
        (device->glucose.value.mg_dL < glucagon->limits.rescue_below_mg_dL);

    if (is_below && !glucagon->has_run) {
        glucagon->run_at = device->glucose.at;
    }
    glucagon->has_run = is_below;
}

void dg_rescue_hold(struct dg_device *device)
{
    const uint32_t now_s = device->now.s;

    device->glucagon.is_held = true;
    device->glucagon.held_until.s = (now_s > (UINT32_MAX - DG_RESCUE_REPEAT_S))
                                        ? UINT32_MAX
                                        : (now_s + DG_RESCUE_REPEAT_S);
}
