/* SPDX-License-Identifier: Apache-2.0 */
#include "hands.h"

#include <stddef.h>
#include <string.h>

#define TICK_S 60U

static void look_at_limits(const struct dg_device *device,
                           struct dg_hands_view *view)
{
    const struct dg_limits *limits = &device->limits;
    const struct dg_therapy *therapy = &device->settings.therapy;

    view->pulse_mU = DG_PULSE_MU;
    view->basal_mU_per_h = therapy->basal[0].mU_per_h;
    view->daily_mU = therapy->total_daily_dose.mU;
    view->isf_mg_dL_per_U = therapy->isf_mg_dL_per_U;
    view->interval_s = limits->interval_s_min;
    view->iob_max_mU = limits->iob_max_mU;
    view->ticket_s = (int32_t)DG_TICKET_LIFE_S;
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        view->dose_max_mU[tier] = limits->dose_max_mU[tier];
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            view->window_max_mU[tier][window] =
                limits->window_max_mU[tier][window];
        }
    }
}

static void look_at_display(const struct dg_device *device,
                            struct dg_hands_view *view)
{
    dg_span bytes = {NULL, 0U};

    if (device->pairing.is_open &&
        (dg_pairing_code_encode(
             &device->pairing.code, DG_BUF_OF(view->code), &bytes) == DG_OK)) {
        view->code_size = (uint32_t)bytes.size;
        view->has_digits = 1U;
        memcpy(view->digits, device->pairing.digits.digit, sizeof view->digits);
    }
}

static enum dg_status look(void *context, struct dg_hands_view *view)
{
    const struct dg_local_hands *local = context;
    const struct dg_device *device = local->device;
    const struct dg_world *world = local->world;

    memset(view, 0, sizeof *view);
    look_at_limits(device, view);
    look_at_display(device, view);
    memcpy(view->device, device->settings.device.byte, sizeof view->device);
    memcpy(view->sensor_key,
           device->settings.sensor_key.byte,
           sizeof view->sensor_key);
    memcpy(view->authority_seed,
           device->settings.journal_key.byte,
           sizeof view->authority_seed);
    view->sensor_start_s = device->settings.sensor_start.s;
    view->now_s = device->now.s;
    view->bolus_pulses = device->ledger.bolus_pulses;
    view->basal_pulses = device->ledger.basal_pulses;
    view->uncertain_pulses = device->ledger.uncertain_pulses;
    view->fault = device->is_fault ? (uint32_t)device->fault : 0U;
    view->is_driven = world->is_driven ? 1U : 0U;
    view->moved_pulses = dg_world_moved(world);
    view->used_nAh = dg_world_used_nAh(world);
    view->full_nAh = DG_CHARGE_FULL_NAH;
    view->battery_percent = world->power.battery_percent(world->power.context);
    view->alarms = world->notice.alarms;
    view->sound = (uint32_t)world->notice.sound;
    view->name_size = world->notice.name_size;
    memcpy(view->name, world->notice.name, sizeof view->name);
    view->announced_mU = world->announced.mU;
    view->announced_ug = world->announced_glucagon.ug;
    view->change_kind = (uint32_t)world->announced_change.kind;
    view->change_setting = (uint32_t)world->announced_change.setting;
    view->change_mU = world->announced_change.amount.mU;
    view->reservoir_left = world->cells->left;
    view->step_ug = DG_GLUCAGON_STEP_UG;
    view->chamber_moved_steps = dg_world_chamber_moved(world);
    view->chamber_ledger_steps =
        (device->glucagon.ledger == NULL) ? 0U : device->glucagon.ledger->moved;
    view->chamber_left_steps = dg_world_chamber_left(world);
    return DG_OK;
}

static enum dg_status advance(const struct dg_local_hands *local,
                              uint32_t seconds)
{
    if (!local->world->is_driven) {
        return DG_E_STATE;
    }
    if ((seconds == 0U) || (seconds > DG_HANDS_ADVANCE_S_MAX)) {
        return DG_E_RANGE;
    }
    for (uint32_t left = seconds; left > 0U;) {
        const uint32_t part = (left < TICK_S) ? left : TICK_S;

        dg_world_advance(local->world, part);
        dg_device_tick(local->device, dg_world_clock(local->world));
        left -= part;
    }
    return DG_OK;
}

static enum dg_status offer_sensor(const struct dg_local_hands *local,
                                   uint32_t number)
{
    struct dg_secret key;

    for (size_t i = 0U; i < sizeof key.byte; i++) {
        key.byte[i] = (uint8_t)(number >> (8U * (i % 4U)));
    }
    return dg_device_offer_sensor(
        local->device, dg_world_clock(local->world), &key);
}

static enum dg_status act(void *context,
                          enum dg_hands_act act,
                          uint32_t argument)
{
    struct dg_local_hands *local = context;

    switch (act) {
    case DG_HANDS_ADVANCE:
        return advance(local, argument);
    case DG_HANDS_PRESS:
        return dg_device_press(local->device,
                               dg_world_clock(local->world),
                               (enum dg_button)argument);
    case DG_HANDS_BLOCK:
        dg_world_block(local->world, argument != 0U);
        return DG_OK;
    case DG_HANDS_BLOCK_CHAMBER:
        dg_world_block_chamber(local->world, argument != 0U);
        return DG_OK;
    case DG_HANDS_LEAK:
        dg_world_leak(local->world, argument);
        return DG_OK;
    case DG_HANDS_FILL:
        dg_world_fill(local->world, argument);
        return DG_OK;
    case DG_HANDS_SENSOR:
        return offer_sensor(local, argument);
    case DG_HANDS_CLOCK:
        return dg_world_clock_back(local->world, argument) ? DG_OK : DG_E_STATE;
    case DG_HANDS_CUT:
        if ((argument == 0U) || (argument > DG_HANDS_CUT_MAX)) {
            return DG_E_RANGE;
        }
        *local->cut_in = argument;
        return DG_OK;
    case DG_HANDS_CUT_PART:
        if (argument >= DG_HANDS_PARTS) {
            return DG_E_RANGE;
        }
        *local->cut_part = argument;
        return DG_OK;
    default:
        return DG_E_RANGE;
    }
}

void dg_hands_local(struct dg_hands *hands, struct dg_local_hands *local)
{
    *hands = (struct dg_hands){.context = local, .look = look, .act = act};
}
