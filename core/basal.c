/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"
#include "interlock.h"

#define HOUR_S 3600U
#define DAY_H  24U

/* Rates are by the hour of the device's own day; wall clock and zones are for
 * display only (DG-H17). */
static uint32_t schedule_at(const struct dg_device *device, uint32_t at_s)
{
    const unsigned hour = (at_s / HOUR_S) % DAY_H;

    return (uint32_t)device->settings.therapy.basal[hour].mU_per_h;
}

static uint32_t rate_at(const struct dg_device *device, uint32_t at_s)
{
    const struct dg_ledger_pause *pause = &device->ledger.pause;
    const uint32_t rate = schedule_at(device, at_s);
    const uint32_t lowered = (uint32_t)device->basal.lowered.mU_per_h;

    if (!pause->is_on) {
        return rate;
    }
    if (pause->permille == DG_PERMILLE) {
        return 0U;
    }
    return (lowered < rate) ? lowered : rate;
}

int32_t dg_basal_scheduled(const struct dg_device *device, dg_seconds at)
{
    return (int32_t)schedule_at(device, at.s);
}

/* Hours that @p seconds from now on touch: at most a day and one. */
#define SPANS (DAY_H + 1U)

/* The part of @p span: it begins at @p at_s and lasts @p part_s; 0: none. */
static uint32_t part_of(dg_seconds now,
                        uint32_t seconds,
                        unsigned span,
                        uint32_t *at_s)
{
    const uint32_t first_s = HOUR_S - (now.s % HOUR_S);
    const uint32_t from_s =
        (span == 0U) ? 0U : (first_s + ((span - 1U) * HOUR_S));
    const uint32_t whole_s = (span == 0U) ? first_s : HOUR_S;

    *at_s = now.s + from_s;
    if ((from_s >= seconds) || (from_s > (UINT32_MAX - now.s))) {
        return 0U;
    }
    return ((seconds - from_s) < whole_s) ? (seconds - from_s) : whole_s;
}

dg_dose dg_basal_extra(const struct dg_device *device,
                       const struct dg_effect *effect)
{
    const uint32_t rate = (uint32_t)effect->rate.mU_per_h;
    const uint32_t pulse_mU_s = DG_BASAL_PULSE;
    uint64_t sum_mU_s = 0U;

    for (unsigned i = 0U; i < SPANS; i++) {
        uint32_t at_s = 0U;
        const uint32_t part_s =
            part_of(device->now, effect->duration.s, i, &at_s);
        const uint32_t scheduled = schedule_at(device, at_s);

        sum_mU_s +=
            (uint64_t)((rate > scheduled) ? (rate - scheduled) : 0U) * part_s;
    }
    /* At most 30 U/h for a day: 720 U, which no limit lets through. */
    return (dg_dose){(int32_t)(sum_mU_s / pulse_mU_s) * DG_PULSE_MU};
}

uint32_t dg_basal_withheld(const struct dg_device *device,
                           const struct dg_effect *effect)
{
    const uint32_t rate = (uint32_t)effect->rate.mU_per_h;
    uint32_t most = 0U;

    for (unsigned i = 0U; i < SPANS; i++) {
        uint32_t at_s = 0U;
        const uint32_t part_s =
            part_of(device->now, effect->duration.s, i, &at_s);
        const uint32_t scheduled = schedule_at(device, at_s);

        if ((part_s > 0U) && (scheduled > rate)) {
            const uint32_t here =
                (((scheduled - rate) * DG_PERMILLE) + scheduled - 1U) /
                scheduled;

            most = (here > most) ? here : most;
        }
    }
    return most;
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
    /* @satisfies{FPT_FAULT.2@1}
     * Too early means that memory is not what it was, or that the schedule has
     * just become slower: the pulse waits, and what is beyond it is gone. */
    if (!dg_interlock_basal(device, at)) {
        device->basal.due_mU_s = DG_BASAL_PULSE - 1U;
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
        dg_spread_stop(device);
        return;
    }
    dg_ledger_basal_pulse(&device->ledger, at);
}
