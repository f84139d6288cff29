/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"
#include "interlock.h"

#include <stddef.h>

/* Basal that is withheld: E5.  Where the ledger has a pause decides what basal
 * does: state is not kept twice.  A phone withholds for a bounded time and the
 * device resumes by itself; a person at the device withholds until a person at
 * the device resumes. */

#define HOUR_S 3600U

/* A begin and an end. */
#define RECORDS 2U

bool dg_therapy_is_suspended(const struct dg_device *device)
{
    const struct dg_ledger_pause *pause = &device->ledger.pause;

    return pause->is_on && (pause->permille == DG_PERMILLE);
}

uint32_t dg_therapy_room_s(const struct dg_device *device, uint32_t permille)
{
    const struct dg_ledger *ledger = &device->ledger;

    return dg_pauses_room(
        dg_ledger_paused_s(ledger, device->now, DG_PAUSE_WINDOW_4_H),
        dg_ledger_paused_s(ledger, device->now, DG_PAUSE_WINDOW_24_H),
        permille);
}

uint32_t dg_therapy_pulses_per_h(const struct dg_device *device)
{
    const struct dg_therapy *therapy = &device->settings.therapy;
    uint32_t most = 0U;

    for (unsigned hour = 0U; hour < 24U; hour++) {
        const uint32_t rate = (uint32_t)therapy->basal[hour].mU_per_h;

        most = (rate > most) ? rate : most;
    }
    return (most + DG_PULSE_MU - 1U) / DG_PULSE_MU;
}

void dg_therapy_end_doses(struct dg_device *device)
{
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        dg_ticket_void(&device->session[slot].ticket);
    }
    (void)dg_delivery_stop(device);
    dg_spread_stop(device);
}

/* Back to the schedule; the ledger may not be able to say so. */
static void resume(struct dg_device *device, dg_seconds at)
{
    dg_basal_settle(device, at);
    if (dg_ledger_resume(&device->ledger, at) != DG_OK) {
        dg_device_fail(device, DG_FAULT_FLASH);
    }
    device->basal.reminders = 0U;
}

/* @satisfies{FDP_PAUSE.1@2} */
enum dg_reason dg_therapy_suspend(struct dg_device *device,
                                  uint32_t seconds,
                                  uint32_t *headroom_s)
{
    struct dg_ledger *ledger = &device->ledger;

    *headroom_s = dg_therapy_room_s(device, DG_PERMILLE);
    if (ledger->pause.is_on && (ledger->pause.tier == DG_TIER_PRESENT)) {
        return DG_REASON_STATE;
    }
    if ((seconds == 0U) || (seconds > *headroom_s)) {
        return DG_REASON_E5;
    }
    if (!dg_ledger_has_room(
            ledger, device->now, RECORDS, dg_therapy_pulses_per_h(device))) {
        return DG_REASON_STATE;
    }
    dg_therapy_end_doses(device);
    if (ledger->pause.is_on) {
        resume(device, device->now);
    }
    dg_basal_settle(device, device->now);
    if (dg_ledger_pause(ledger,
                        device->now,
                        NULL,
                        DG_TIER_AUTOMATIC,
                        DG_PERMILLE,
                        seconds) != DG_OK) {
        dg_device_fail(device, DG_FAULT_FLASH);
        return DG_REASON_FAULT;
    }
    /* Whoever wears the pump hears of it. */
    dg_device_raise(device, DG_ALARM_SUSPENDED);
    return DG_REASON_NONE;
}

enum dg_reason dg_therapy_resume(struct dg_device *device)
{
    const struct dg_ledger_pause *pause = &device->ledger.pause;

    if (!pause->is_on) {
        return DG_REASON_NONE;
    }
    /* The set may be off the body: who said so at the device ends it there. */
    if (pause->tier == DG_TIER_PRESENT) {
        return DG_REASON_STATE;
    }
    resume(device, device->now);
    dg_device_clear(device, DG_ALARM_SUSPENDED);
    return DG_REASON_NONE;
}

enum dg_status dg_therapy_press_suspend(struct dg_device *device)
{
    struct dg_ledger *ledger = &device->ledger;

    dg_therapy_end_doses(device);
    if (ledger->pause.is_on && (ledger->pause.tier == DG_TIER_PRESENT)) {
        return DG_E_STATE;
    }
    if (ledger->pause.is_on) {
        resume(device, device->now);
    }
    dg_basal_settle(device, device->now);

    const enum dg_status status = dg_ledger_pause(ledger,
                                                  device->now,
                                                  NULL,
                                                  DG_TIER_PRESENT,
                                                  DG_PERMILLE,
                                                  DG_PAUSE_UNTIL_RESUMED);

    device->basal.reminders = 0U;
    /* In force all the same; a reset would end it. */
    if (status != DG_OK) {
        dg_device_fail(device, DG_FAULT_FLASH);
    }
    return DG_OK;
}

enum dg_status dg_therapy_press_detach(struct dg_device *device)
{
    const struct dg_ledger_pause *pause = &device->ledger.pause;

    if (device->is_detached) {
        return DG_E_STATE;
    }
    if (!pause->is_on || (pause->tier != DG_TIER_PRESENT)) {
        (void)dg_therapy_press_suspend(device);
    }
    device->is_detached = true;
    device->primed_pulses = 0U;
    return DG_OK;
}

enum dg_status dg_therapy_press_resume(struct dg_device *device)
{
    /* The set is on the body again: nothing that was meant for the tube goes
     * on, and nothing of it waits. */
    if (device->is_detached) {
        device->is_detached = false;
        dg_therapy_end_doses(device);
        dg_reservoir_check(device);
    }
    if (!device->ledger.pause.is_on) {
        return DG_E_STATE;
    }
    resume(device, device->now);
    dg_device_clear(device, DG_ALARM_SUSPENDED);
    return DG_OK;
}

enum dg_status dg_therapy_lower(struct dg_device *device,
                                const struct dg_ticket *ticket,
                                uint32_t permille)
{
    const struct dg_effect *effect = &ticket->effect;

    dg_basal_settle(device, device->now);

    const enum dg_status status = dg_ledger_pause(&device->ledger,
                                                  device->now,
                                                  &ticket->id,
                                                  DG_TIER_AUTOMATIC,
                                                  permille,
                                                  effect->duration.s);

    if (status == DG_OK) {
        device->basal.lowered = effect->rate;
    }
    return status;
}

static bool is_lowered(const struct dg_device *device)
{
    const struct dg_ledger_pause *pause = &device->ledger.pause;

    return pause->is_on && (pause->permille < DG_PERMILLE);
}

void dg_therapy_end_lease(struct dg_device *device)
{
    if (device->ledger.spread.is_open && device->spread.is_raised) {
        dg_spread_stop(device);
    }
    if (is_lowered(device)) {
        resume(device, device->now);
    }
}

bool dg_therapy_is_led(const struct dg_device *device)
{
    return dg_lease_is_live(device) && !dg_device_is_left(device);
}

void dg_therapy_watch(struct dg_device *device)
{
    if (is_lowered(device) && !dg_therapy_is_led(device)) {
        resume(device, device->now);
    }
}

bool dg_therapy_due(const struct dg_device *device, dg_seconds *at)
{
    const struct dg_ledger_pause *pause = &device->ledger.pause;

    if (!pause->is_on || (pause->granted_s == DG_PAUSE_UNTIL_RESUMED)) {
        return false;
    }
    at->s = (pause->granted_s > (UINT32_MAX - pause->since.s))
                ? UINT32_MAX
                : (pause->since.s + pause->granted_s);
    return true;
}

void dg_therapy_step(struct dg_device *device, dg_seconds at)
{
    const bool is_suspended = dg_therapy_is_suspended(device);

    resume(device, at);
    if (is_suspended) {
        dg_device_raise(device, DG_ALARM_SUSPENDED);
    }
}

void dg_therapy_remind(struct dg_device *device)
{
    const struct dg_ledger_pause *pause = &device->ledger.pause;

    if (!pause->is_on || (pause->tier != DG_TIER_PRESENT) ||
        (device->now.s < pause->since.s)) {
        return;
    }

    const uint32_t hours = (device->now.s - pause->since.s) / HOUR_S;

    if (hours > device->basal.reminders) {
        device->basal.reminders = hours;
        dg_device_raise(device, DG_ALARM_SUSPENDED);
    }
}
