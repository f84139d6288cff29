/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"
#include "interlock.h"

#include <stddef.h>
#include <string.h>

/* From an approved ticket to the last pulse.  Every start passes the envelope
 * here once more, next to the ledger, so that there is one door to the
 * actuator. */

enum event {
    EVENT_START = 0, /* an approved ticket           */
    EVENT_BUTTON,    /* a person at the device agrees */
    EVENT_STOP,
    EVENT_TIME, /* next pulse, or the wait is over */
};

#define STATES 3U
#define EVENTS 4U

bool dg_delivery_is_busy(const struct dg_device *device)
{
    return device->delivery.state != DG_DELIVERY_IDLE;
}

uint32_t dg_delivery_reservoir_pulses(const struct dg_device *device)
{
    const struct dg_settings *settings = &device->settings;
    const uint32_t used = device->ledger.moved - settings->reservoir_start;

    return (used >= settings->reservoir_pulses)
               ? 0U
               : (settings->reservoir_pulses - used);
}

/* What waits for the button is shown; NULL: nothing waits. */
static void announce(const struct dg_device *device,
                     const struct dg_ticket *ticket)
{
    const struct dg_annunciator *annunciator = device->ports->annunciator;
    const bool is_change =
        (ticket != NULL) && ((ticket->effect.kind == DG_EFFECT_PRIME) ||
                             (ticket->effect.kind == DG_EFFECT_SETTINGS));
    dg_dose amount = {0};

    if ((ticket != NULL) && !is_change) {
        amount = dg_proposal_dose(device, &ticket->effect);
    }
    annunciator->announce(annunciator->context, amount);
    if (annunciator->announce_change != NULL) {
        annunciator->announce_change(annunciator->context,
                                     is_change ? &ticket->effect : NULL);
    }
}

static enum dg_status deliver(struct dg_device *device)
{
    const enum dg_status status = dg_proposal_start(
        device, &device->delivery.interlock, &device->delivery.ticket);

    if (status == DG_OK) {
        device->delivery.next = device->now;
    }
    return status;
}

/* A ticket that nobody will deliver is remembered, so that a repeated commit
 * learns it. */
static void lapse(struct dg_device *device)
{
    const struct dg_ticket *ticket = &device->delivery.ticket;

    dg_ledger_note(
        &device->ledger,
        device->now,
        &ticket->id,
        ticket->tier,
        DG_OUTCOME_LAPSED,
        (uint32_t)(dg_proposal_dose(device, &ticket->effect).mU / DG_PULSE_MU));
    announce(device, NULL);
}

static enum dg_status begin(struct dg_device *device)
{
    if (device->delivery.ticket.confirmation == DG_CONFIRM_BUTTON) {
        device->delivery.next.s = device->now.s + DG_BUTTON_WAIT_S;
        announce(device, &device->delivery.ticket);
        return DG_OK;
    }
    return deliver(device);
}

static enum dg_status confirm(struct dg_device *device)
{
    const enum dg_status status = deliver(device);

    if (status == DG_OK) {
        announce(device, NULL);
    }
    return status;
}

static enum dg_status give_up(struct dg_device *device)
{
    lapse(device);
    return DG_OK;
}

static enum dg_status stop(struct dg_device *device)
{
    return dg_ledger_close(&device->ledger, device->now, DG_OUTCOME_STOPPED);
}

static enum dg_status pulse(struct dg_device *device)
{
    const struct dg_actuator *actuator = device->ports->actuator;
    const struct dg_ledger_ticket *ticket = &device->ledger.ticket[0];

    if (ticket->delivered == ticket->pulses) {
        return dg_ledger_close(
            &device->ledger, device->now, DG_OUTCOME_DELIVERED);
    }
    /* T1: the reading that allowed it may be gone, or tell another story. */
    if ((ticket->tier == DG_TIER_AUTOMATIC) && !dg_evidence_goes_on(device)) {
        return stop(device);
    }
    if (dg_interlock_spend(&device->delivery.interlock,
                           ticket,
                           device->ledger.is_open) != DG_OK) {
        dg_device_fail(device, DG_FAULT_INTERNAL);
        return stop(device);
    }
    if (actuator->step(actuator->context) != DG_OK) {
        dg_device_raise(device, DG_ALARM_RESERVOIR_EMPTY);
        dg_spread_stop(device);
        return stop(device);
    }
    dg_ledger_bolus_pulse(&device->ledger, device->now);
    device->delivery.next.s = device->now.s + DG_PULSE_INTERVAL_S;
    if (ticket->delivered == ticket->pulses) {
        return dg_ledger_close(
            &device->ledger, device->now, DG_OUTCOME_DELIVERED);
    }
    return DG_OK;
}

/* A cell that is not written refuses. */
/* clang-format off */
static enum dg_status (*const table[STATES][EVENTS])(struct dg_device *) = {
    [DG_DELIVERY_IDLE]    = { [EVENT_START]  = begin   },
    [DG_DELIVERY_WAITING] = { [EVENT_BUTTON] = confirm,
                              [EVENT_STOP]   = give_up,
                              [EVENT_TIME]   = give_up },
    [DG_DELIVERY_RUNNING] = { [EVENT_STOP]   = stop,
                              [EVENT_TIME]   = pulse   },
};
/* clang-format on */

/* Where the ledger stands decides whether a bolus is running: state is not
 * kept twice. */
static enum dg_delivery_state next_state(const struct dg_device *device,
                                         enum event event)
{
    if (device->ledger.is_open) {
        return DG_DELIVERY_RUNNING;
    }
    return ((event == EVENT_START) &&
            (device->delivery.ticket.confirmation == DG_CONFIRM_BUTTON))
               ? DG_DELIVERY_WAITING
               : DG_DELIVERY_IDLE;
}

static enum dg_status step(struct dg_device *device, enum event event)
{
    enum dg_status (*const act)(struct dg_device *) =
        table[device->delivery.state][event];

    if (act == NULL) {
        return DG_E_STATE;
    }

    const enum dg_status status = act(device);

    if ((status == DG_OK) || (event == EVENT_TIME) || (event == EVENT_STOP)) {
        device->delivery.state = next_state(device, event);
    }
    if (device->delivery.state == DG_DELIVERY_IDLE) {
        dg_interlock_close(&device->delivery.interlock);
    }
    if (device->ledger.failed) {
        dg_device_fail(device, DG_FAULT_FLASH);
    }
    return status;
}

static enum dg_status start_slow(struct dg_device *device,
                                 const struct dg_ticket *ticket,
                                 const struct dg_request *commit)
{
    struct dg_interlock interlock;
    enum dg_status status =
        dg_interlock_approve(device, &interlock, ticket, commit);

    if (status == DG_OK) {
        status = dg_proposal_start(device, &interlock, ticket);
    }
    if (device->ledger.failed) {
        dg_device_fail(device, DG_FAULT_FLASH);
    }
    return status;
}

enum dg_status dg_delivery_start(struct dg_device *device,
                                 const struct dg_ticket *ticket,
                                 const struct dg_request *commit)
{
    /* CONFIRM means one thing at a time. */
    const bool is_button_taken = dg_confirm_is_taken(device) &&
                                 (ticket->confirmation == DG_CONFIRM_BUTTON);

    if (device->is_fault || is_button_taken ||
        (dg_effect_hormone(&ticket->effect) != DG_HORMONE_INSULIN)) {
        return DG_E_STATE;
    }
    /* What takes its time may begin beside a bolus. */
    if ((ticket->confirmation != DG_CONFIRM_BUTTON) &&
        !dg_proposal_is_quick(device, ticket)) {
        return start_slow(device, ticket, commit);
    }
    if (dg_delivery_is_busy(device)) {
        return DG_E_STATE;
    }
    if (dg_interlock_approve(
            device, &device->delivery.interlock, ticket, commit) != DG_OK) {
        return DG_E_STATE;
    }
    device->delivery.ticket = *ticket;
    return step(device, EVENT_START);
}

enum dg_status dg_delivery_press(struct dg_device *device)
{
    dg_interlock_press(&device->delivery.interlock);

    const enum dg_status status = step(device, EVENT_BUTTON);

    /* The envelope may have closed meanwhile: then the dose lapses. */
    if ((status != DG_OK) && (device->delivery.state == DG_DELIVERY_WAITING)) {
        lapse(device);
        device->delivery.state = DG_DELIVERY_IDLE;
        dg_interlock_close(&device->delivery.interlock);
    }
    return status;
}

enum dg_status dg_delivery_stop(struct dg_device *device)
{
    return step(device, EVENT_STOP);
}

bool dg_delivery_due(const struct dg_device *device, dg_seconds *at)
{
    *at = device->delivery.next;
    return device->delivery.state != DG_DELIVERY_IDLE;
}

void dg_delivery_step(struct dg_device *device, dg_seconds at)
{
    (void)at;
    (void)step(device, EVENT_TIME);
}
