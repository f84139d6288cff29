/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include "bytes.h"

#include <stddef.h>

/* Settings that a person changes: refill, sensor, basal schedule.  Approved at
 * the phone, shown by the device and pressed there; validated as a whole, and
 * either all of it is in flash or nothing has changed. */

/* One change moves the rate of an hour by half of it at most, or by this much
 * where half is less: a slip of a digit does not pass. */
#define STEP_MU_PER_H 100

/* A sensor that was held to the device waits so long for the press. */
#define OFFER_S 300U

static int32_t most_of(int32_t rate)
{
    const int32_t half =
        ((rate / 2) > STEP_MU_PER_H) ? (rate / 2) : STEP_MU_PER_H;
    const int32_t most = rate + half;

    return (most > DG_BASAL_MU_PER_H_MAX) ? DG_BASAL_MU_PER_H_MAX : most;
}

static int32_t least_of(int32_t rate)
{
    const int32_t half =
        ((rate / 2) > STEP_MU_PER_H) ? (rate / 2) : STEP_MU_PER_H;

    return (rate > half) ? (rate - half) : 0;
}

/* The schedule with the change in it; headroom is the most for its hours. */
static enum dg_reason plan_basal(const struct dg_device *device,
                                 const struct dg_effect *effect,
                                 struct dg_therapy *therapy,
                                 dg_dose *headroom)
{
    int32_t daily_mU = 0;
    int32_t most = DG_BASAL_MU_PER_H_MAX;
    bool is_near = true;
    uint32_t highest = 0U;

    *therapy = device->settings.therapy;
    for (unsigned i = 0U; i < effect->hours; i++) {
        dg_rate *rate = &therapy->basal[effect->hour + i];
        const int32_t here = most_of(rate->mU_per_h);

        most = (here < most) ? here : most;
        is_near =
            is_near && (effect->rate.mU_per_h >= least_of(rate->mU_per_h));
        *rate = effect->rate;
    }
    for (unsigned hour = 0U; hour < 24U; hour++) {
        const uint32_t rate = (uint32_t)therapy->basal[hour].mU_per_h;

        daily_mU += (int32_t)rate;
        highest = (rate > highest) ? rate : highest;
    }
    headroom->mU = most;
    if (!is_near || (effect->rate.mU_per_h > most) ||
        (daily_mU > therapy->total_daily_dose.mU)) {
        return DG_REASON_E9;
    }
    headroom->mU = 0;
    return dg_ledger_has_room(&device->ledger,
                              device->now,
                              3U,
                              (highest + DG_PULSE_MU - 1U) / DG_PULSE_MU)
               ? DG_REASON_NONE
               : DG_REASON_STATE;
}

static bool is_offered(const struct dg_device *device)
{
    return device->offer.has &&
           ((device->now.s - device->offer.at.s) <= OFFER_S);
}

enum dg_reason dg_change_check(const struct dg_device *device,
                               const struct dg_effect *effect,
                               dg_dose *headroom)
{
    struct dg_therapy therapy;

    switch (effect->setting) {
    case DG_SETTING_REFILL:
        /* The set is off, and the reservoir itself says the same. */
        if (!device->is_detached || (effect->amount.mU == 0)) {
            return DG_REASON_STATE;
        }
        return dg_reservoir_holds(device,
                                  (uint32_t)(effect->amount.mU / DG_PULSE_MU))
                   ? DG_REASON_NONE
                   : DG_REASON_E10;
    case DG_SETTING_SENSOR:
        return is_offered(device) ? DG_REASON_NONE : DG_REASON_STATE;
    case DG_SETTING_BASAL:
        return plan_basal(device, effect, &therapy, headroom);
    case DG_SETTING_NONE:
    case DG_SETTING_LIMITS:
    default:
        return DG_REASON_FORMAT;
    }
}

/* What a change may touch, to take it back. */
struct before {
    uint32_t reservoir_pulses;
    uint32_t reservoir_start;
    struct dg_secret sensor_key;
    dg_seconds sensor_start;
    uint8_t sensor_untimed;
    struct dg_therapy therapy;
};

static void keep(const struct dg_settings *settings, struct before *before)
{
    before->reservoir_pulses = settings->reservoir_pulses;
    before->reservoir_start = settings->reservoir_start;
    before->sensor_key = settings->sensor_key;
    before->sensor_start = settings->sensor_start;
    before->sensor_untimed = settings->sensor_untimed;
    before->therapy = settings->therapy;
}

static void take_back(struct dg_settings *settings, const struct before *before)
{
    settings->reservoir_pulses = before->reservoir_pulses;
    settings->reservoir_start = before->reservoir_start;
    settings->sensor_key = before->sensor_key;
    settings->sensor_start = before->sensor_start;
    settings->sensor_untimed = before->sensor_untimed;
    settings->therapy = before->therapy;
}

/* What is new, in place: nothing else runs before it is in flash. */
static void change(struct dg_device *device, const struct dg_effect *effect)
{
    struct dg_settings *changed = &device->settings;
    dg_dose headroom = {0};

    if (effect->setting == DG_SETTING_REFILL) {
        changed->reservoir_pulses = (uint32_t)(effect->amount.mU / DG_PULSE_MU);
        changed->reservoir_start = device->ledger.moved;
    } else if (effect->setting == DG_SETTING_SENSOR) {
        changed->sensor_key = device->offer.key;
        changed->sensor_start = device->now;
        changed->sensor_untimed = 0U;
    } else {
        struct dg_therapy therapy;

        (void)plan_basal(device, effect, &therapy, &headroom);
        changed->therapy = therapy;
    }
}

/* @satisfies{FMT_SET.1@1} */
enum dg_status dg_change_apply(struct dg_device *device,
                               const struct dg_ticket *ticket)
{
    const struct dg_effect *effect = &ticket->effect;
    struct before before;

    keep(&device->settings, &before);
    change(device, effect);

    const enum dg_status status =
        dg_settings_save(device->ports->flash, &device->settings);

    if (status != DG_OK) {
        take_back(&device->settings, &before);
    } else {
        /* What was set for a while was set against the old schedule. */
        if (effect->setting == DG_SETTING_BASAL) {
            dg_therapy_end_lease(device);
            /* Nor does what accrued at the old rate bring a pulse forward. */
            dg_basal_settle(device, device->now);
            device->basal.due_mU_s = 0U;
        }
        if (effect->setting == DG_SETTING_SENSOR) {
            /* No reading of another sensor stands beside those of this one. */
            dg_glucose_start(&device->glucose, device->now);
            dg_glucose_meet(&device->glucose, device->settings.sensor_start);
            dg_bytes_wipe(&device->offer, sizeof device->offer);
        }
        dg_ledger_note(&device->ledger,
                       device->now,
                       &ticket->id,
                       ticket->tier,
                       DG_OUTCOME_DELIVERED,
                       0U);
    }
    dg_bytes_wipe(&before, sizeof before);
    return status;
}

enum dg_status dg_device_offer_sensor(struct dg_device *device,
                                      dg_seconds clock,
                                      const struct dg_secret *key)
{
    if ((device == NULL) || (key == NULL)) {
        return DG_E_USAGE;
    }
    dg_device_tick(device, clock);
    device->offer = (struct dg_sensor_offer){true, device->now, *key};
    return DG_OK;
}
