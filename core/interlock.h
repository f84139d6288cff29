/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_INTERLOCK_H
#define DG_CORE_INTERLOCK_H

#include "dosegate/device.h"

/* The second verdict, next to the mechanism (core/interlock.c).  From approve
 * to the last pulse: approve, press where the ticket asks for the button, open,
 * and one spend before each step. */

/*@ predicate dg_interlock_kept{L}(struct dg_twice *twice, integer value) =
  @   twice->value == value && twice->inverse == (uint32_t)(~value);
  @
  @ predicate dg_interlock_is_approved{L}(struct dg_interlock *interlock) =
  @   dg_interlock_kept(&interlock->approved, 0x5AC3A53C);
  @
  @ predicate dg_interlock_is_pressed{L}(struct dg_interlock *interlock) =
  @   dg_interlock_kept(&interlock->pressed, 0xC35A3CA5);
  @
  @ // Nothing is approved, pressed or left to be given.
  @ predicate dg_interlock_is_closed{L}(struct dg_interlock *interlock) =
  @   dg_interlock_kept(&interlock->approved, 0) &&
  @   dg_interlock_kept(&interlock->pressed, 0) &&
  @   dg_interlock_kept(&interlock->pulses, 0);
  @*/

/**
 * Look at a ticket that is about to start as if nobody had.
 *
 * @param commit  What its phone sent; NULL for what the device asks itself.
 *
 * @retval DG_OK      It may be opened.
 * @retval DG_E_AUTH  No such ticket, too old, no rung or no approval.
 */
/*@ requires \valid_read(device) && \valid(interlock) && \valid_read(ticket);
  @ requires commit == \null || \valid_read(commit);
  @ requires \separated(interlock, device) && \separated(interlock, ticket) &&
  @   \separated(interlock, commit);
  @ assigns  *interlock;
  @ ensures  approved: \result == DG_OK ==>
  @   dg_interlock_is_approved(interlock) &&
  @   dg_interlock_kept(&interlock->pulses, 0);
  @ ensures  refused: \result != DG_OK ==> dg_interlock_is_closed(interlock);
  @ ensures  phone: \result == DG_OK && ticket->asked_by != 0 ==>
  @   commit != \null && ticket->asked_by <= DG_CONTROLLERS &&
  @   ticket->is_open && device->now.s <= ticket->expiry.s;
  @ ensures  own: \result == DG_OK && ticket->asked_by == 0 ==>
  @   commit == \null && ticket->tier == DG_TIER_PRESENT;
  @*/
DG_NODISCARD enum dg_status dg_interlock_approve(
    const struct dg_device *device,
    struct dg_interlock *interlock,
    const struct dg_ticket *ticket,
    const struct dg_request *commit);

/** A person pressed the button, for what waits now. */
/*@ requires \valid(interlock);
  @ assigns  interlock->pressed;
  @ ensures  dg_interlock_is_pressed(interlock);
  @*/
void dg_interlock_press(struct dg_interlock *interlock);

/**
 * Allow @p pulses, once.
 *
 * @retval DG_E_STATE  Not approved, or the press is missing.
 */
/*@ requires \valid(interlock) && \valid_read(ticket);
  @ requires \separated(interlock, ticket);
  @ assigns  *interlock;
  @ ensures  approved: \result == DG_OK ==>
  @   \old(dg_interlock_is_approved(interlock));
  @ ensures  pressed: \result == DG_OK &&
  @   ticket->confirmation == DG_CONFIRM_BUTTON ==>
  @   \old(dg_interlock_is_pressed(interlock));
  @ ensures  once: \result == DG_OK ==>
  @   !dg_interlock_is_approved(interlock) &&
  @   !dg_interlock_is_pressed(interlock) &&
  @   dg_interlock_kept(&interlock->pulses, pulses);
  @ ensures  refused: \result != DG_OK ==>
  @   interlock->approved == \old(interlock->approved) &&
  @   interlock->pressed == \old(interlock->pressed) &&
  @   interlock->pulses == \old(interlock->pulses);
  @*/
DG_NODISCARD enum dg_status dg_interlock_open(struct dg_interlock *interlock,
                                              const struct dg_ticket *ticket,
                                              uint32_t pulses);

/**
 * Take one pulse; right before the mechanism's step.
 *
 * @param ticket   Of the dose, as the ledger has it.
 * @param is_open  The ledger has it open.
 *
 * @retval DG_E_CORRUPT  Interlock and ledger do not agree how many are left:
 *                       memory is not what it was.
 */
/*@ requires \valid(interlock) && \valid_read(ticket);
  @ requires \separated(interlock, ticket);
  @ assigns  interlock->pulses;
  @ ensures  left: \result == DG_OK ==>
  @   is_open && ticket->delivered < ticket->pulses;
  @ ensures  spent: \result == DG_OK ==>
  @   \old(dg_interlock_kept(&interlock->pulses,
  @                          ticket->pulses - ticket->delivered)) &&
  @   dg_interlock_kept(&interlock->pulses,
  @                     ticket->pulses - ticket->delivered - 1);
  @ ensures  kept: \result != DG_OK ==>
  @   interlock->pulses == \old(interlock->pulses);
  @*/
DG_NODISCARD enum dg_status dg_interlock_spend(
    struct dg_interlock *interlock,
    const struct dg_ledger_ticket *ticket,
    bool is_open);

/** Nothing is allowed any more. */
/*@ requires \valid(interlock);
  @ assigns  *interlock;
  @ ensures  dg_interlock_is_closed(interlock);
  @*/
void dg_interlock_close(struct dg_interlock *interlock);

/** How far the clock fell back; asked again, because time that is gained by
 * mistake is basal that is given by mistake. */
/*@ assigns \nothing;
  @ ensures \result == \max(0, before_s - clock.s);
  @*/
uint32_t dg_interlock_lost(uint32_t before_s, dg_seconds clock);

/** Device time from the clock itself, not from what was kept of it. */
dg_seconds dg_interlock_now(const struct dg_device *device);

/** May a basal pulse go out at @p at?  Not before its time, and not faster than
 * the fastest hour of the schedule. */
bool dg_interlock_basal(const struct dg_device *device, dg_seconds at);

/** Has a person approved this ticket as @p commit says?  command.c asks first. */
/*@ assigns \nothing; */
bool dg_ticket_is_approved(const struct dg_device *device,
                           unsigned slot,
                           const struct dg_ticket *ticket,
                           const struct dg_request *commit);

/** The ticket is spent or void: nothing of it is left to be taken for one. */
void dg_ticket_void(struct dg_ticket *ticket);

/** The rung that committing this ticket needs; NONE is refused. */
/*@ requires \valid_read(ticket);
  @ assigns  \nothing;
  @*/
enum dg_rung dg_ticket_rung(const struct dg_ticket *ticket);

#endif
