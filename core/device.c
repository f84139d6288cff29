/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/device.h"

#include "bytes.h"
#include "device_link.h"
#include "device_parts.h"
#include "dosegate/controller.h"
#include "interlock.h"
#include "pairing_lock.h"

#include <stddef.h>
#include <string.h>

_Static_assert(sizeof(struct dg_ledger) <= 2560U, "footprint of dg_ledger");

/* Our time never runs back: what the clock lost is added from now on, and at
 * its end time stands still. */
static dg_seconds time_of(struct dg_device *device, dg_seconds clock)
{
    if (clock.s < device->clock_s) {
        const uint32_t lost_s = dg_interlock_lost(device->clock_s, clock);

        device->lead_s = (lost_s > (UINT32_MAX - device->lead_s))
                             ? UINT32_MAX
                             : (device->lead_s + lost_s);
    }
    device->clock_s = clock.s;
    return dg_interlock_now(device);
}

static uint32_t check_of_time(const struct dg_device *device)
{
    return ~(device->clock_s + device->lead_s);
}

/* A fault that wrote into what time is made of would have us believe that an
 * hour had passed, and its basal be made up.  Time goes on from where it was.
 * @satisfies{FPT_FAULT.2@1} */
static void hold_time(struct dg_device *device, dg_seconds clock)
{
    if (device->time_check == check_of_time(device)) {
        return;
    }
    device->clock_s = clock.s;
    device->lead_s = (device->now.s > clock.s) ? (device->now.s - clock.s) : 0U;
    dg_device_fail(device, DG_FAULT_INTERNAL);
}

void dg_device_fail(struct dg_device *device, enum dg_fault fault)
{
    device->is_fault = true;
    if (device->fault == DG_FAULT_NONE) {
        device->fault = fault;
    }
    dg_device_raise(device, DG_ALARM_FAULT);
}

static enum dg_fault fault_of(enum dg_status status)
{
    switch (dg_status_category(status)) {
    case DG_CAT_CORRUPT:
        return DG_FAULT_LEDGER;
    case DG_CAT_PORT:
        return DG_FAULT_FLASH;
    case DG_CAT_STATE:
        return DG_FAULT_RING;
    case DG_CAT_OK:
    case DG_CAT_USAGE:
    case DG_CAT_INPUT:
    case DG_CAT_AUTH:
    case DG_CAT_SPACE:
    default:
        return DG_FAULT_INTERNAL;
    }
}

/* Without a ledger no limit can be kept, so there is no dose; but a person
 * lives on basal, and that hangs on the settings alone. */
/* @satisfies{FPT_FLS.2@1} */
static enum dg_status open_ledger(struct dg_device *device, dg_seconds clock)
{
    const struct dg_device_ports *ports = device->ports;
    const uint32_t moved = ports->actuator->moved(ports->actuator->context);
    const enum dg_status status = dg_ledger_open(
        &device->ledger, ports->flash, DG_HORMONE_INSULIN, clock, moved);

    if (status == DG_E_USAGE) {
        return status;
    }
    if (status != DG_OK) {
        dg_ledger_lose(&device->ledger, clock, moved);
        dg_device_fail(device, fault_of(status));
    }
    return DG_OK;
}

/* Which knocks are heard in a flood is chance; without any, the first are. */
static void start_energy(struct dg_device *device)
{
    const struct dg_crypto *crypto = device->ports->crypto;
    uint8_t seed[4] = {0U};

    if (crypto->random(crypto->context, DG_BUF_OF(seed)) != DG_OK) {
        seed[0] = 1U;
    }
    dg_energy_start(&device->energy, device->now, dg_bytes_get_u32(seed));
}

enum dg_status dg_device_boot(struct dg_device *device,
                              const struct dg_device_ports *ports,
                              dg_seconds clock)
{
    if ((device == NULL) || (ports == NULL) || (ports->reservoir == NULL)) {
        return DG_E_USAGE;
    }
    memset(device, 0, sizeof *device);
    device->ports = ports;

    enum dg_status status = dg_settings_load(ports->flash, &device->settings);

    /* @satisfies{FMT_SET.2@2} Limits come from flash, and nowhere else. */
    if (status == DG_OK) {
        status = dg_limits_derive(&device->settings.therapy, &device->limits);
    }
    if (status == DG_OK) {
        status = open_ledger(device, clock);
    }
    if (status != DG_OK) {
        return status;
    }
    device->now = device->ledger.last;
    status = dg_glucagon_boot(device);
    if (status != DG_OK) {
        return status;
    }
    device->clock_s = clock.s;
    device->lead_s = device->now.s - clock.s;
    device->time_check = check_of_time(device);
    dg_pairing_lock_boot(device);
    dg_reading_boot(device);
    device->moved_seen = device->ledger.moved;
    start_energy(device);
    if ((device->ledger.tickets > 0U) &&
        (device->ledger.ticket[0].outcome == DG_OUTCOME_UNCERTAIN)) {
        dg_device_raise(device, DG_ALARM_DOSE_UNCERTAIN);
    }
    dg_basal_start(device);
    dg_update_start(device);
    dg_loosen_start(device);
    dg_reservoir_check(device);
    dg_note_boot(device);
    dg_device_watch(device);
    return DG_OK;
}

static void step_glucagon(struct dg_device *device, dg_seconds at)
{
    (void)at;
    dg_glucagon_step(device);
}

/* What can be due; of two at the same time the earlier row goes first: a pause
 * ends before basal is asked for its rate. */
static const struct {
    bool (*due)(const struct dg_device *device, dg_seconds *at);
    void (*step)(struct dg_device *device, dg_seconds at);
} works[] = {
    {dg_therapy_due, dg_therapy_step},
    {dg_basal_due, dg_basal_step},
    {dg_delivery_due, dg_delivery_step},
    {dg_spread_due, dg_spread_step},
    {dg_glucagon_due, step_glucagon},
};

#define WORKS (sizeof works / sizeof works[0])

/* Do everything that is due up to @p to, in order of time.  Each step moves a
 * pulse or ends a wait, so the loop ends: at most DG_GAP_S_MAX seconds of the
 * fastest delivery. */
static void run_until(struct dg_device *device, dg_seconds until)
{
    const dg_seconds now = dg_interlock_now(device);
    const dg_seconds to = (until.s < now.s) ? until : now;

    for (;;) {
        dg_seconds first = to;
        size_t chosen = WORKS;

        for (size_t i = 0U; i < WORKS; i++) {
            dg_seconds at = {0U};

            if (works[i].due(device, &at) &&
                ((at.s < first.s) ||
                 ((at.s == first.s) && (chosen == WORKS)))) {
                first = at;
                chosen = i;
            }
        }
        if (chosen == WORKS) {
            return;
        }
        device->now = (first.s > device->now.s) ? first : device->now;
        works[chosen].step(device, first);
    }
}

/* A session that is a day old ends here: its controller hears nothing, knocks
 * and gets fresh keys.  Refusing it instead would look like an answer.
 *
 * So does a handshake that nobody went on with.  A message_3 that was held back
 * would open a session long after its phone was lost, and the ephemeral key
 * would lie in memory until then. */
static void expire_sessions(struct dg_device *device)
{
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        struct dg_session *session = &device->session[slot];

        if (session->handshake.is_open &&
            ((device->now.s - session->begun.s) > DG_HANDSHAKE_LIFE_S)) {
            dg_bytes_wipe(&session->handshake, sizeof session->handshake);
        }
        if ((session->record.epoch != 0U) &&
            ((device->now.s - session->opened.s) >= DG_SESSION_LIFE_S)) {
            dg_record_wipe(&session->record);
            dg_rekey_wipe(&session->rekey);
            dg_ticket_void(&session->ticket);
        }
    }
}

static void pass_time(struct dg_device *device, dg_seconds clock)
{
    hold_time(device, clock);

    const dg_seconds now = time_of(device, clock);

    device->time_check = check_of_time(device);

    if ((now.s - device->now.s) > DG_GAP_S_MAX) {
        device->now = now;
        dg_basal_forget(device, now);
        /* Nor does a dose that was approved so long ago go on. */
        (void)dg_delivery_stop(device);
        dg_spread_stop(device);
        (void)dg_glucagon_stop(device);
    }
    /* Accrued up to a time that has not come: no memory of ours, and it would
     * starve.  @satisfies{FPT_FAULT.2@1} */
    if (device->basal.at.s > now.s) {
        dg_basal_forget(device, now);
    }
    run_until(device, now);
    device->now = now;
    dg_therapy_watch(device);
    dg_spread_watch(device);
    dg_reservoir_watch(device);
    dg_rescue_watch(device);
    expire_sessions(device);
    dg_update_tick(device);
    dg_loosen_tick(device);
    dg_glucose_meet(&device->glucose, device->settings.sensor_start);
    if (device->lease.is_held &&
        ((now.s - device->lease.at.s) > DG_LEASE_LIFE_S)) {
        device->lease.is_held = false;
    }
    dg_window_expire(device);
}

void dg_device_tick(struct dg_device *device, dg_seconds clock)
{
    if (device == NULL) {
        return;
    }
    pass_time(device, clock);
    dg_note_pass(device);
    dg_device_watch(device);
}

enum dg_status dg_device_receive(struct dg_device *device,
                                 dg_seconds clock,
                                 dg_span datagram,
                                 dg_buf room,
                                 dg_span *answer)
{
    if ((device == NULL) || (answer == NULL) || (room.at == NULL) ||
        (room.capacity < DG_DATAGRAM_MAX)) {
        return DG_E_USAGE;
    }
    *answer = (dg_span){NULL, 0U};
    pass_time(device, clock);
    dg_note_pass(device);
    /* What became of it is for the ledger and the alarms, not for a peer that
     * has not proven who it is. */
    (void)dg_device_link_receive(device, datagram, room, answer);
    /* The first pulse of an accepted dose is due at once. */
    run_until(device, device->now);
    dg_note_pass(device);
    dg_device_watch(device);
    return DG_OK;
}

/* Everything that runs or waits, of both hormones. */
static enum dg_status stop_by_hand(struct dg_device *device)
{
    const bool is_glucagon = dg_glucagon_is_busy(device);
    const bool is_spread = device->ledger.spread.is_open;
    enum dg_status status = dg_delivery_stop(device);

    dg_spread_stop(device);
    if (is_spread && (status == DG_E_STATE)) {
        status = DG_OK;
    }
    if (!is_glucagon) {
        return status;
    }
    dg_rescue_hold(device);
    return dg_glucagon_stop(device);
}

static enum dg_status press_stop(struct dg_device *device)
{
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        dg_ticket_void(&device->session[slot].ticket);
    }
    /* Whoever is at the device also decides who is in control next. */
    dg_lease_forget(device);

    const bool is_loosening = dg_loosen_state(device) != DG_LOOSENING_NONE;
    const enum dg_status status = stop_by_hand(device);
    const enum dg_status loosened =
        dg_loosen_withdraw(device, DG_JOURNAL_BY_PERSON);

    return (is_loosening && (status == DG_E_STATE)) ? loosened : status;
}

static enum dg_status press_silence(struct dg_device *device)
{
    dg_alarm_press(&device->board, device->now);
    dg_energy_press(&device->energy, device->now);
    return DG_OK;
}

/* A button that is not written does nothing. */
/* clang-format off */
static enum dg_status (*const presses[DG_BUTTONS])(struct dg_device *) = {
    [DG_BUTTON_CONFIRM]     = dg_confirm_press,
    [DG_BUTTON_STOP]        = press_stop,
    [DG_BUTTON_PAIR]        = dg_window_open,
    [DG_BUTTON_SILENCE]     = press_silence,
    [DG_BUTTON_SUSPEND]     = dg_therapy_press_suspend,
    [DG_BUTTON_RESUME]      = dg_therapy_press_resume,
    [DG_BUTTON_DETACH]      = dg_therapy_press_detach,
    [DG_BUTTON_FORGET]      = dg_forget_choose,
    [DG_BUTTON_FORGET_HOLD] = dg_forget_now,
    [DG_BUTTON_BOLUS]       = dg_emergency_announce,
    [DG_BUTTON_RESCUE]      = dg_rescue_announce,
};
/* clang-format on */

enum dg_status dg_device_press(struct dg_device *device,
                               dg_seconds clock,
                               enum dg_button button)
{
    enum dg_status status = DG_E_USAGE;

    if (device == NULL) {
        return DG_E_USAGE;
    }
    pass_time(device, clock);
    dg_note_pass(device);
    device->notes.who = DG_JOURNAL_BY_PERSON;
    if (((unsigned)button < DG_BUTTONS) && (presses[button] != NULL)) {
        status = presses[button](device);
    }
    run_until(device, device->now);
    /* Choosing whom to forget changes nothing yet. */
    if ((status == DG_OK) && (button != DG_BUTTON_FORGET)) {
        dg_note(device,
                DG_JOURNAL_BUTTON,
                DG_JOURNAL_BY_PERSON,
                (uint32_t)button,
                0U);
    }
    dg_note_pass(device);
    dg_device_watch(device);
    return status;
}
