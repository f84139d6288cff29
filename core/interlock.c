/* SPDX-License-Identifier: Apache-2.0 */
#include "interlock.h"

#include "device_parts.h"

#include <stddef.h>
#include <string.h>

/* The last door before the mechanism: it trusts nothing that was decided on
 * the way.  What command.c asked of a commit it asks again, by itself, and it
 * keeps its own count of pulses.  So one instruction that goes wrong, or one
 * word of memory, is one verdict of two (docs/adr/0022-faults.md). */

/* Differ in all bits of a byte, in every byte, from their inverse and from
 * each other in half of them. */
#define NOTHING  0U
#define APPROVED 0x5AC3A53CU
#define PRESSED  0xC35A3CA5U

/*@ requires \valid(twice);
  @ assigns  *twice;
  @ ensures  dg_interlock_kept(twice, value);
  @*/
static void keep(struct dg_twice *twice, uint32_t value)
{
    twice->value = value;
    twice->inverse = ~value;
}

/*@ requires \valid_read(twice);
  @ assigns  \nothing;
  @ ensures  \result <==> dg_interlock_kept(twice, value);
  @*/
static bool is_kept(const struct dg_twice *twice, uint32_t value)
{
    return (twice->value == value) && (twice->inverse == ~value);
}

void dg_interlock_close(struct dg_interlock *interlock)
{
    keep(&interlock->approved, NOTHING);
    keep(&interlock->pressed, NOTHING);
    keep(&interlock->pulses, 0U);
}

void dg_interlock_press(struct dg_interlock *interlock)
{
    keep(&interlock->pressed, PRESSED);
}

void dg_ticket_void(struct dg_ticket *ticket)
{
    memset(ticket, 0, sizeof *ticket);
}

/* A commit without a person's approval is good for an automatic ticket only,
 * and one with an approval for the others only: nobody approved this one, and
 * what is not looked at would be a second way to say the same. */
/* @satisfies{FDP_DOSE.7@1} */
bool dg_ticket_is_approved(const struct dg_device *device,
                           unsigned slot,
                           const struct dg_ticket *ticket,
                           const struct dg_request *commit)
{
    const struct dg_crypto *crypto = device->ports->crypto;
    struct dg_approval approval;
    struct dg_hash hash;

    if (ticket->confirmation == DG_CONFIRM_AUTOMATIC) {
        return (ticket->tier == DG_TIER_AUTOMATIC) &&
               !commit->as.commit.has_signature;
    }
    if (!commit->as.commit.has_signature) {
        return false;
    }
    approval.device = device->settings.device;
    approval.session = device->session[slot].id;
    approval.ticket = ticket->id;
    approval.effect = ticket->effect;
    approval.expiry = ticket->expiry;
    return (dg_approval_hash(crypto, &approval, &hash) == DG_OK) &&
           (crypto->es256_verify(crypto->context,
                                 &device->settings.controller[slot].presence,
                                 &hash,
                                 &commit->as.commit.signature) == DG_OK);
}

enum dg_rung dg_ticket_rung(const struct dg_ticket *ticket)
{
    return dg_authority_rung_for((ticket->confirmation == DG_CONFIRM_BUTTON)
                                     ? DG_TIER_PRESENT
                                     : ticket->tier);
}

/* What the device asks of itself: a person will press, or it is a rescue. */
/*@ requires \valid_read(ticket);
  @ assigns  \nothing;
  @ ensures  \result ==> ticket->asked_by == 0 && commit == \null &&
  @   ticket->tier == DG_TIER_PRESENT;
  @*/
static bool is_own(const struct dg_ticket *ticket,
                   const struct dg_request *commit)
{
    return (ticket->asked_by == 0U) && (commit == NULL) &&
           (ticket->tier == DG_TIER_PRESENT) &&
           ((ticket->confirmation == DG_CONFIRM_BUTTON) ||
            (dg_effect_hormone(&ticket->effect) == DG_HORMONE_GLUCAGON));
}

/*@ requires \valid_read(device) && \valid_read(ticket);
  @ requires commit == \null || \valid_read(commit);
  @ assigns  \nothing;
  @ ensures  \result ==> commit != \null &&
  @   1 <= ticket->asked_by <= DG_CONTROLLERS && ticket->is_open &&
  @   device->now.s <= ticket->expiry.s;
  @*/
static bool is_of_phone(const struct dg_device *device,
                        const struct dg_ticket *ticket,
                        const struct dg_request *commit)
{
    const unsigned slot = (unsigned)ticket->asked_by - 1U;
    const enum dg_rung needed = dg_ticket_rung(ticket);

    if ((commit == NULL) || (ticket->asked_by == 0U) ||
        (slot >= DG_CONTROLLERS) || !ticket->is_open ||
        (device->now.s > ticket->expiry.s) || (needed == DG_RUNG_NONE)) {
        return false;
    }
    if (dg_evidence_authority(device, slot).rung < needed) {
        return false;
    }
    return dg_ticket_is_approved(device, slot, ticket, commit);
}

/* @satisfies{FPT_FAULT.1@1} */
enum dg_status dg_interlock_approve(const struct dg_device *device,
                                    struct dg_interlock *interlock,
                                    const struct dg_ticket *ticket,
                                    const struct dg_request *commit)
{
    dg_interlock_close(interlock);
    if (!is_own(ticket, commit) && !is_of_phone(device, ticket, commit)) {
        return DG_E_AUTH;
    }
    keep(&interlock->approved, APPROVED);
    return DG_OK;
}

enum dg_status dg_interlock_open(struct dg_interlock *interlock,
                                 const struct dg_ticket *ticket,
                                 uint32_t pulses)
{
    const bool is_pressed = (ticket->confirmation != DG_CONFIRM_BUTTON) ||
                            is_kept(&interlock->pressed, PRESSED);

    if (!is_kept(&interlock->approved, APPROVED) || !is_pressed) {
        return DG_E_STATE;
    }
    dg_interlock_close(interlock);
    keep(&interlock->pulses, pulses);
    return DG_OK;
}

enum dg_status dg_interlock_spend(struct dg_interlock *interlock,
                                  const struct dg_ledger_ticket *ticket,
                                  bool is_open)
{
    if (!is_open || (ticket->delivered >= ticket->pulses)) {
        return DG_E_CORRUPT;
    }

    const uint32_t left = (uint32_t)ticket->pulses - ticket->delivered;

    if (!is_kept(&interlock->pulses, left)) {
        return DG_E_CORRUPT;
    }
    keep(&interlock->pulses, left - 1U);
    return DG_OK;
}

dg_seconds dg_interlock_now(const struct dg_device *device)
{
    if (device->clock_s > (UINT32_MAX - device->lead_s)) {
        return (dg_seconds){UINT32_MAX};
    }
    return (dg_seconds){device->clock_s + device->lead_s};
}

uint32_t dg_interlock_lost(uint32_t before_s, dg_seconds clock)
{
    return (clock.s < before_s) ? (before_s - clock.s) : 0U;
}

/* Two pulses of the fastest hour of the schedule are so far apart, less the
 * second by which accrual rounds; the last one is the ledger's word. */
bool dg_interlock_basal(const struct dg_device *device, dg_seconds at)
{
    const uint32_t last_s = device->ledger.last_basal.s;
    uint32_t most = 1U;

    for (unsigned hour = 0U; hour < 24U; hour++) {
        const uint32_t rate =
            (uint32_t)device->settings.therapy.basal[hour].mU_per_h;

        most = (rate > most) ? rate : most;
    }
    most = (most < (uint32_t)DG_BASAL_MU_PER_H_MAX)
               ? most
               : (uint32_t)DG_BASAL_MU_PER_H_MAX;
    return (at.s >= last_s) && (at.s <= dg_interlock_now(device).s) &&
           ((at.s - last_s) >= ((DG_BASAL_PULSE / most) - 1U));
}
