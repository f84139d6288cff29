/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include <string.h>

/* What the device watches over all the time, and what it lets a person hear. */

#define RESERVOIR_LOW_PULSES 400U /* 20 U */
#define BATTERY_LOW_PERCENT  20U
#define SEVERE_MG_DL         54

/* As long as a pump in closed loop goes on without a sensor.
 * source: user guide of the Omnipod 5 (facts: models.md, section 9). */
#define SENSOR_LOST_S 1200U

void dg_device_raise(struct dg_device *device, enum dg_alarm alarm)
{
    dg_alarm_raise(&device->board, device->now, alarm);
}

void dg_device_clear(struct dg_device *device, enum dg_alarm alarm)
{
    dg_alarm_clear(&device->board, alarm);
}

static void set_alarm(struct dg_device *device, enum dg_alarm alarm, bool is_on)
{
    if (is_on) {
        dg_device_raise(device, alarm);
    } else {
        dg_device_clear(device, alarm);
    }
}

bool dg_device_is_left(const struct dg_device *device)
{
    const struct dg_session *session = &device->session[device->lease.slot];
    const bool is_silent = (device->now.s - device->heard.s) > DG_HEARTBEAT_S;
    const bool is_flat = session->is_greeted && !session->phone_battery.held;

    return device->lease.is_held && (device->heard.s != 0U) &&
           (is_silent || is_flat);
}

/* What is up stays up until somebody is in control. */
/* @satisfies{FAU_ALARM.3@1} */
static void watch_link(struct dg_device *device)
{
    if (device->lease.is_held && (device->heard.s != 0U)) {
        set_alarm(device, DG_ALARM_LINK_STALE, dg_device_is_left(device));
    }
}

/* Glucose was trusted once, and is not any more. */
static void watch_sensor(struct dg_device *device)
{
    const struct dg_glucose_state *glucose = &device->glucose;
    const bool is_known = glucose->has && (glucose->trusted_at.s != 0U);
    const bool is_lost =
        is_known && ((device->now.s - glucose->trusted_at.s) > SENSOR_LOST_S);

    /* It matters to whom automation is the usual thing: the lease shows it. */
    if (is_lost && device->lease.is_held) {
        dg_device_raise(device, DG_ALARM_SENSOR);
    } else if (!is_lost) {
        dg_device_clear(device, DG_ALARM_SENSOR);
    }
}

/* The mechanism moves again. */
static void watch_mechanism(struct dg_device *device)
{
    if (device->ledger.moved != device->moved_seen) {
        device->moved_seen = device->ledger.moved;
        dg_device_clear(device, DG_ALARM_RESERVOIR_EMPTY);
    }
}

/* A severe low sounds on every device, whatever it can give: level 2 of the
 * consensus begins below 54 mg/dL (Battelino 2019).  Readings that end leave
 * the alarm as it is. */
static void watch_glucagon(struct dg_device *device)
{
    const struct dg_glucose_state *glucose = &device->glucose;
    const struct dg_glucagon_limits *limits = &device->glucagon.limits;
    const uint32_t age_s = (uint32_t)device->limits.glucose_age_s_max;
    const uint32_t left_ug =
        dg_glucagon_left_steps(device) * DG_GLUCAGON_STEP_UG;

    if (glucose->has && ((device->now.s - glucose->at.s) <= age_s)) {
        set_alarm(device,
                  DG_ALARM_SEVERE_LOW,
                  dg_glucose_is_low(
                      glucose, device->now, age_s, (dg_glucose){SEVERE_MG_DL}));
    }
    if (device->glucagon.is_sound &&
        ((left_ug < (uint32_t)limits->rescue_ug) ||
         (left_ug < (uint32_t)limits->dose_max_ug[DG_TIER_AUTOMATIC]))) {
        dg_device_raise(device, DG_ALARM_GLUCAGON);
    }
}

/* Years before a counter ends: basal goes on, doses do not. */
/* @satisfies{FDP_LEDGER.5@1} */
static void watch_wear(struct dg_device *device)
{
    const struct dg_ledger *glucagon = device->glucagon.ledger;

    if (dg_ledger_is_worn(&device->ledger) ||
        ((glucagon != NULL) && dg_ledger_is_worn(glucagon))) {
        dg_device_fail(device, DG_FAULT_WORN);
    }
}

/* Who drains the battery, phone or stranger. */
/* @satisfies{FRU_NRG.3@1} */
static void watch_energy(struct dg_device *device, uint8_t battery_percent)
{
    dg_energy_pass(&device->energy, device->now, battery_percent);
    set_alarm(device,
              DG_ALARM_ENERGY,
              (dg_energy_drainer(&device->energy) != 0U) ||
                  dg_energy_is_flooded(&device->energy, device->now));
}

static void add_name(const struct dg_device *device, struct dg_notice *notice)
{
    const uint8_t drainer = dg_energy_drainer(&device->energy);

    if (drainer > 0U) {
        const struct dg_enrolled *enrolled =
            &device->settings.controller[drainer - 1U];

        notice->name_size = enrolled->name_size;
        memcpy(notice->name, enrolled->name, sizeof notice->name);
    }
}

static void notify(const struct dg_device *device)
{
    const struct dg_annunciator *annunciator = device->ports->annunciator;
    struct dg_notice notice;

    memset(&notice, 0, sizeof notice);
    notice.alarms = dg_alarm_bits(&device->board);
    notice.sound = dg_alarm_sound(&device->board, device->now);
    add_name(device, &notice);
    annunciator->alarms(annunciator->context, &notice);
}

void dg_device_watch(struct dg_device *device)
{
    const struct dg_power *power = device->ports->power;
    const uint32_t left = dg_delivery_reservoir_pulses(device);
    const uint8_t battery = power->battery_percent(power->context);

    dg_therapy_remind(device);
    set_alarm(device, DG_ALARM_BATTERY_LOW, battery < BATTERY_LOW_PERCENT);
    set_alarm(device, DG_ALARM_RESERVOIR_LOW, left < RESERVOIR_LOW_PULSES);
    watch_energy(device, battery);
    watch_link(device);
    watch_sensor(device);
    watch_mechanism(device);
    watch_glucagon(device);
    watch_wear(device);
    notify(device);
}
