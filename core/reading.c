/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"
#include "dosegate/sensor.h"

#include <stddef.h>

/* A sensor's frame that a phone relays: is it the sensor's, new, of this time,
 * and can it be true? */

static struct dg_glucose_context context_of(const struct dg_device *device,
                                            dg_seconds at)
{
    const struct dg_glucose_context context = {
        .at = at,
        .warm_s = device->settings.sensor_warm_s,
        .is_untimed = device->settings.sensor_untimed != 0U,
        .isf_mg_dL_per_U = device->limits.isf_mg_dL_per_U,
        .iob_mU = dg_ledger_iob(&device->ledger, device->now).mU,
        .bolus_steps = device->ledger.bolus_pulses};

    return context;
}

/* With the hardware clock our time went on from the last record, and how long
 * the power was off is not known: what the sensor measured meanwhile, and what
 * a phone held back before, would look new.  Only a sensor that a person starts
 * ties the two clocks together again.  Kept in flash once for each sensor. */
/* @satisfies{FDP_GLU.5@1} */
static void doubt_sensor(struct dg_device *device)
{
    device->settings.sensor_untimed = 1U;

    const enum dg_status status =
        dg_settings_save(device->ports->flash, &device->settings);

    /* Where flash fails it holds until the next reset, which finds our time
     * ahead of the clock again. */
    (void)status;
}

void dg_reading_boot(struct dg_device *device)
{
    const struct dg_settings *settings = &device->settings;
    /* Behind the records, or, where there are none yet, behind the sensor. */
    const bool is_lost =
        (device->lead_s > 0U) || (device->now.s < settings->sensor_start.s);

    if (is_lost && (settings->sensor_untimed == 0U)) {
        doubt_sensor(device);
    }
    /* Which readings came before is forgotten, so none of them comes again. */
    dg_glucose_start(&device->glucose, device->now);
    dg_glucose_meet(&device->glucose, device->settings.sensor_start);
}

/* @satisfies{FDP_DAU.1@1} @satisfies{FDP_GLU.1@1} */
enum dg_reason dg_device_take_reading(struct dg_device *device, dg_span frame)
{
    struct dg_glucose_state *glucose = &device->glucose;
    struct dg_reading reading;

    if (dg_reading_verify(device->ports->crypto,
                          &device->settings.sensor_key,
                          frame,
                          &reading) != DG_OK) {
        return DG_REASON_SENSOR;
    }
    dg_glucose_meet(glucose, device->settings.sensor_start);
    if (glucose->has && (reading.sequence <= glucose->sequence)) {
        return DG_REASON_REPLAY;
    }

    const uint64_t at_s =
        (uint64_t)device->settings.sensor_start.s + reading.at.s;

    /* A reading from further ahead than two clocks drift, one from before the
     * last one (or the reset), or one that is no longer fresh, is no basis for
     * a dose. */
    if ((at_s > ((uint64_t)device->now.s + dg_glucose_ahead_s(reading.at))) ||
        (at_s < glucose->at.s) ||
        ((at_s + (uint64_t)device->limits.glucose_age_s_max) < device->now.s)) {
        return DG_REASON_STALE;
    }

    const dg_seconds at = {(at_s > device->now.s) ? device->now.s
                                                  : (uint32_t)at_s};
    const struct dg_glucose_context context = context_of(device, at);

    dg_glucose_take(glucose, &reading, &context);
    dg_rescue_reading(device);
    return dg_glucose_is_suspect(glucose) ? DG_REASON_IMPLAUSIBLE
                                          : DG_REASON_NONE;
}
