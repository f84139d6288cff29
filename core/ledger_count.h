/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_LEDGER_COUNT_H
#define DG_CORE_LEDGER_COUNT_H

#include "dosegate/ledger.h"
#include "ledger_log.h"

/* Counting in RAM, shared by delivery and by the replay after a reset. */

/* Words of the proofs. */
/*@ logic integer dg_ledger_rest{L}(struct dg_ledger_ticket *ticket,
  @                                 integer tier) =
  @   ticket->tier == DG_TIER_NONE || ticket->tier > tier
  @     ? 0 : ticket->pulses - ticket->delivered;
  @
  @ // Pulses of open intents that are still to come.
  @ logic integer dg_ledger_open_pulses{L}(struct dg_ledger *ledger,
  @                                        integer tier) =
  @   (ledger->is_open ? dg_ledger_rest(&ledger->ticket[0], tier) : 0) +
  @   (ledger->spread.is_open
  @     ? dg_ledger_rest(&ledger->spread.ticket, tier) : 0);
  @
  @ // Clock and bins go together, and no ticket gave more than its amount.
  @ predicate dg_ledger_sound{L}(struct dg_ledger *ledger) =
  @   ledger->bins.head == ledger->last.s / DG_BIN_S &&
  @   ledger->usual.head <= UINT32_MAX / 3600 &&
  @   (ledger->is_open ==> 0 <= ledger->ticket[0].tier <= 3 &&
  @     ledger->ticket[0].delivered <= ledger->ticket[0].pulses) &&
  @   (ledger->spread.is_open ==> 1 <= ledger->spread.ticket.tier <= 3 &&
  @     ledger->spread.ticket.delivered <= ledger->spread.ticket.pulses);
  @*/

/** Bring the bins up to @p now; time never runs back. */
/*@ requires \valid(ledger) && dg_ledger_sound(ledger);
  @ assigns  ledger->last.s, ledger->bins.head,
  @          ledger->bins.pulses[0 .. DG_BINS - 1][0 .. 2];
  @ ensures  sound: dg_ledger_sound(ledger);
  @ ensures  forward: ledger->last.s == \max(\old(ledger->last.s), now.s);
  @ ensures  kept: \forall integer bin; dg_bins_holds(&ledger->bins, bin) &&
  @   bin <= \old(ledger->bins.head) ==>
  @   dg_bins_same{Pre, Post}(&ledger->bins, bin);
  @ ensures  fresh: \forall integer bin; dg_bins_holds(&ledger->bins, bin) &&
  @   bin > \old(ledger->bins.head) ==>
  @   dg_bins_load(&ledger->bins, bin) == 0;
  @*/
void dg_ledger_advance(struct dg_ledger *ledger, dg_seconds now);

/** Count @p pulses of @p tier as delivered at @p now. */
void dg_ledger_count(struct dg_ledger *ledger,
                     dg_seconds now,
                     enum dg_tier tier,
                     uint32_t pulses);

/** Write one record with the counts of now; the ledger has failed when flash
 * does.  DG_E_STATE: it had failed, or the ring has no room yet. */
DG_NODISCARD enum dg_status dg_ledger_append(struct dg_ledger *ledger,
                                             dg_seconds now,
                                             struct dg_entry *entry);

/** Put a ticket in front of the remembered ones, behind that of an open
 * bolus. */
void dg_ledger_remember(struct dg_ledger *ledger,
                        const struct dg_ledger_ticket *ticket);

/** The bolus that is open becomes closed: what the outcome means for the
 * counts.  UNCERTAIN counts the rest as delivered. */
void dg_ledger_end(struct dg_ledger *ledger,
                   dg_seconds now,
                   enum dg_outcome outcome);

/** A pulse of the spread dose went out; of no known one where the ring began in
 * the middle: then it counts in the windows of every tier. */
void dg_ledger_drip(struct dg_ledger *ledger, dg_seconds now);

/** As dg_ledger_end(), for the spread dose. */
void dg_ledger_end_spread(struct dg_ledger *ledger,
                          dg_seconds now,
                          enum dg_outcome outcome);

/** A pause begins or ends: what E5 counts of it. */
void dg_ledger_begin_pause(struct dg_ledger *ledger,
                           dg_seconds since,
                           enum dg_tier tier,
                           uint16_t permille,
                           uint16_t granted_s);
void dg_ledger_end_pause(struct dg_ledger *ledger, dg_seconds now);

#endif
