/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#define HOUR_S 3600U
#define DAY_H  24U

/* Rates are by the hour of the device's own day; wall clock and zones are for
 * display only (DG-H17). */
static uint32_t rate_at(const struct dg_device *device, uint32_t at_s)
{
    const unsigned hour = (at_s / HOUR_S) % DAY_H;
    const struct dg_ledger_pause *pause = &device->ledger.pause;
    const uint32_t rate =
        (uint32_t)device->settings.therapy.basal[hour].mU_per_h;
    const uint32_t lowered = (uint32_t)device->basal.lowered.mU_per_h;

    if (!pause->is_on) {
        return rate;
    }
    if (pause->permille == DG_PERMILLE) {
        return 0U;
    }
    return (lowered < rate) ? lowered : rate;
}

void dg_basal_forget(struct dg_device *device, dg_seconds now)
{
    device->basal.at = now;
    if (device->basal.due_mU_s > DG_BASAL_PULSE) {
        device->basal.due_mU_s = DG_BASAL_PULSE;
    }
}

bool dg_basal_due(const struct dg_device *device, dg_seconds *at)
{
    uint64_t at_s = device->basal.at.s;
    uint32_t due = device->basal.due_mU_s;

    /* Hour by hour, one day ahead at most: a day without a pulse has none, and
     * so has the end of time. */
    for (unsigned hour = 0U; (hour <= DAY_H) && (at_s < UINT32_MAX); hour++) {
        const uint32_t rate = rate_at(device, (uint32_t)at_s);
        const uint32_t left_s = HOUR_S - (uint32_t)(at_s % HOUR_S);

        if (due >= DG_BASAL_PULSE) {
            at->s = (uint32_t)at_s;
            return true;
        }
        if (rate > 0U) {
            const uint32_t need_s = (DG_BASAL_PULSE - due + rate - 1U) / rate;

            if (need_s <= left_s) {
                at->s = (uint32_t)(at_s + need_s);
                return (at_s + need_s) <= UINT32_MAX;
            }
        }
        due += rate * left_s;
        at_s += left_s;
    }
    return false;
}

/* Bring the accrual up to @p at, which lies at most a day ahead. */
static void accrue(struct dg_device *device, dg_seconds at)
{
    struct dg_basal *basal = &device->basal;

    for (unsigned hour = 0U; (hour <= DAY_H) && (basal->at.s < at.s); hour++) {
        const uint32_t left_s = HOUR_S - (basal->at.s % HOUR_S);
        const uint32_t span_s = at.s - basal->at.s;
        const uint32_t part_s = (span_s < left_s) ? span_s : left_s;

        basal->due_mU_s += rate_at(device, basal->at.s) * part_s;
        basal->at.s += part_s;
    }
}

void dg_basal_settle(struct dg_device *device, dg_seconds at)
{
    accrue(device, at);
}

void dg_basal_start(struct dg_device *device)
{
    const uint32_t now_s = device->now.s;
    const uint32_t last_s = device->ledger.last_basal.s;
    const bool is_long = (now_s > last_s) && ((now_s - last_s) > DG_GAP_S_MAX);

    /* Accrual goes on from the last basal pulse, so that resets cannot starve
     * the schedule, and gives at most one pulse for the time without power. */
    device->basal.at.s = is_long ? (now_s - DG_GAP_S_MAX) : last_s;
    device->basal.due_mU_s = 0U;
    accrue(device, device->now);
    dg_basal_forget(device, device->now);
}

/* @satisfies{FDP_BASAL.1@1} */
void dg_basal_step(struct dg_device *device, dg_seconds at)
{
    accrue(device, at);
    if (device->basal.due_mU_s < DG_BASAL_PULSE) {
        return;
    }
    device->basal.due_mU_s -= DG_BASAL_PULSE;

    /* @satisfies{FPT_FLS.1@1}
     * Without a ledger basal still goes on: the programme that a person lives
     * on does not hang on flash.  Doses do (T4, T9). */
    const enum dg_status written =
        dg_ledger_announce_basal(&device->ledger, at);

    if (written != DG_OK) {
        dg_device_fail(
            device, (written == DG_E_STATE) ? DG_FAULT_RING : DG_FAULT_FLASH);
    }

    const struct dg_actuator *actuator = device->ports->actuator;

    if (actuator->step(actuator->context) != DG_OK) {
        /* Nothing moves: a bolus ends here too, and the ledger says so. */
        dg_device_raise(device, DG_ALARM_RESERVOIR_EMPTY);
        (void)dg_delivery_stop(device);
        return;
    }
    dg_ledger_basal_pulse(&device->ledger, at);
}
