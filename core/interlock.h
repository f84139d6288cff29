/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_INTERLOCK_H
#define DG_CORE_INTERLOCK_H

#include "dosegate/device.h"

/* The second verdict, next to the mechanism (core/interlock.c).  From approve
 * to the last pulse: approve, press where the ticket asks for the button, open,
 * and one spend before each step. */

/**
 * Look at a ticket that is about to start as if nobody had.
 *
 * @param commit  What its phone sent; NULL for what the device asks itself.
 *
 * @retval DG_OK      It may be opened.
 * @retval DG_E_AUTH  No such ticket, too old, no rung or no approval.
 */
DG_NODISCARD enum dg_status dg_interlock_approve(
    const struct dg_device *device,
    struct dg_interlock *interlock,
    const struct dg_ticket *ticket,
    const struct dg_request *commit);

/** A person pressed the button, for what waits now. */
void dg_interlock_press(struct dg_interlock *interlock);

/**
 * Allow @p pulses, once.
 *
 * @retval DG_E_STATE  Not approved, or the press is missing.
 */
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
DG_NODISCARD enum dg_status dg_interlock_spend(
    struct dg_interlock *interlock,
    const struct dg_ledger_ticket *ticket,
    bool is_open);

/** Nothing is allowed any more. */
void dg_interlock_close(struct dg_interlock *interlock);

/** How far the clock fell back; asked again, because time that is gained by
 * mistake is basal that is given by mistake. */
uint32_t dg_interlock_lost(uint32_t before_s, dg_seconds clock);

/** Device time from the clock itself, not from what was kept of it. */
dg_seconds dg_interlock_now(const struct dg_device *device);

/** May a basal pulse go out at @p at?  Not before its time, and not faster than
 * the fastest hour of the schedule. */
bool dg_interlock_basal(const struct dg_device *device, dg_seconds at);

/** Has a person approved this ticket as @p commit says?  command.c asks first. */
bool dg_ticket_is_approved(const struct dg_device *device,
                           unsigned slot,
                           const struct dg_ticket *ticket,
                           const struct dg_request *commit);

/** The ticket is spent or void: nothing of it is left to be taken for one. */
void dg_ticket_void(struct dg_ticket *ticket);

/** The rung that committing this ticket needs; NONE is refused. */
enum dg_rung dg_ticket_rung(const struct dg_ticket *ticket);

#endif
