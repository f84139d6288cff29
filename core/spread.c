/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"
#include "interlock.h"

#include <stddef.h>

/* A dose that goes out over time, beside basal and at most one bolus: an
 * extended bolus, or what a raised basal gives above the schedule.  Where the
 * ledger has a spread dose decides what is due: state is not kept twice. */

enum dg_status dg_spread_start(struct dg_device *device,
                               const struct dg_ticket *ticket,
                               dg_dose amount,
                               uint32_t seconds,
                               bool is_raised)
{
    const enum dg_status status =
        dg_ledger_announce_spread(&device->ledger,
                                  device->now,
                                  &ticket->id,
                                  ticket->tier,
                                  (uint32_t)(amount.mU / DG_PULSE_MU),
                                  seconds);

    if (status == DG_OK) {
        device->spread = (struct dg_spread){.is_raised = is_raised,
                                            .asked_by = ticket->asked_by};
    }
    return status;
}

static void end(struct dg_device *device, enum dg_outcome outcome)
{
    if (!device->ledger.spread.is_open) {
        return;
    }
    if (dg_ledger_close_spread(&device->ledger, device->now, outcome) !=
        DG_OK) {
        dg_device_fail(device, DG_FAULT_FLASH);
    }
}

void dg_spread_stop(struct dg_device *device)
{
    end(device, DG_OUTCOME_STOPPED);
}

bool dg_spread_due(const struct dg_device *device, dg_seconds *at)
{
    const struct dg_ledger_spread *spread = &device->ledger.spread;
    const struct dg_ledger_ticket *ticket = &spread->ticket;

    if (!spread->is_open) {
        return false;
    }

    /* Evenly, the last one at the end: at most 65535 x 65536 fits. */
    const uint32_t next = (ticket->delivered < ticket->pulses)
                              ? ((uint32_t)ticket->delivered + 1U)
                              : ticket->pulses;
    const uint64_t at_s = (uint64_t)ticket->at.s +
                          ((next * (uint32_t)spread->seconds) / ticket->pulses);

    at->s = (at_s > UINT32_MAX) ? UINT32_MAX : (uint32_t)at_s;
    return at_s <= UINT32_MAX;
}

/* A raised basal is a lease of who is in control; and what the controller alone
 * asked for goes on only while trusted glucose would let it begin (T1). */
/* @satisfies{FDP_LEASE.1@1} */
static bool has_lapsed(const struct dg_device *device)
{
    const struct dg_ledger_ticket *ticket = &device->ledger.spread.ticket;

    return (device->spread.is_raised && !dg_therapy_is_led(device)) ||
           ((ticket->tier == DG_TIER_AUTOMATIC) &&
            !dg_evidence_goes_on(device));
}

void dg_spread_step(struct dg_device *device, dg_seconds at)
{
    const struct dg_actuator *actuator = device->ports->actuator;
    const struct dg_ledger_ticket *ticket = &device->ledger.spread.ticket;

    if (has_lapsed(device)) {
        end(device, DG_OUTCOME_STOPPED);
        return;
    }
    if (dg_interlock_spend(&device->spread.interlock,
                           ticket,
                           device->ledger.spread.is_open) != DG_OK) {
        dg_device_fail(device, DG_FAULT_INTERNAL);
        end(device, DG_OUTCOME_STOPPED);
        return;
    }
    if (dg_ledger_announce_drip(&device->ledger, at) != DG_OK) {
        dg_device_fail(device, DG_FAULT_FLASH);
        end(device, DG_OUTCOME_STOPPED);
        return;
    }
    if (actuator->step(actuator->context) != DG_OK) {
        /* Nothing moves: a bolus ends here too, and the ledger says so. */
        dg_device_raise(device, DG_ALARM_RESERVOIR_EMPTY);
        end(device, DG_OUTCOME_STOPPED);
        (void)dg_delivery_stop(device);
        return;
    }
    dg_ledger_drip_pulse(&device->ledger, at);
    if (ticket->delivered == ticket->pulses) {
        end(device, DG_OUTCOME_DELIVERED);
    }
}

void dg_spread_watch(struct dg_device *device)
{
    if (device->ledger.spread.is_open && has_lapsed(device)) {
        end(device, DG_OUTCOME_STOPPED);
    }
}
