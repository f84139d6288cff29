/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_LEDGER_COUNT_H
#define DG_CORE_LEDGER_COUNT_H

#include "dosegate/ledger.h"
#include "ledger_log.h"

/* Counting in RAM, shared by delivery and by the replay after a reset. */

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
  @ ensures  counted: dg_ledger_counted{Pre, Post}(ledger, now.s, 0, 0);
  @*/
void dg_ledger_advance(struct dg_ledger *ledger, dg_seconds now);

/** Count @p pulses of @p tier as delivered at @p now. */
/*@ requires \valid(ledger) && dg_ledger_sound(ledger) && 0 <= tier <= 3;
  @ assigns  ledger->last.s, ledger->bins.head,
  @          ledger->bins.pulses[0 .. DG_BINS - 1][0 .. 2];
  @ ensures  sound: dg_ledger_sound(ledger);
  @ ensures  counted: dg_ledger_counted{Pre, Post}(ledger, now.s, tier, pulses);
  @*/
void dg_ledger_count(struct dg_ledger *ledger,
                     dg_seconds now,
                     enum dg_tier tier,
                     uint32_t pulses);

/** Write one record with the counts of now; the ledger has failed when flash
 * does.  DG_E_STATE: it had failed, or the ring has no room yet. */
/*@ requires \valid(ledger) && dg_ledger_sound(ledger) && \valid(entry);
  @ requires \separated(ledger, entry);
  @ assigns  ledger->last.s, ledger->bins.head,
  @          ledger->bins.pulses[0 .. DG_BINS - 1][0 .. 2],
  @          ledger->sector, ledger->slot, ledger->sequence, ledger->failed,
  @          entry->sequence, entry->at.s, entry->moved, entry->bolus_pulses,
  @          entry->basal_pulses, entry->uncertain_pulses;
  @ ensures  sound: dg_ledger_sound(ledger);
  @ ensures  counted: dg_ledger_counted{Pre, Post}(ledger, ledger->last.s, 0, 0);
  @ ensures  forward: \result == DG_OK ==>
  @   ledger->last.s == \max(\old(ledger->last.s), now.s);
  @ ensures  clock: ledger->last.s <= \max(\old(ledger->last.s), now.s);
  @ ensures  written: \result == DG_OK ==> !ledger->failed;
  @*/
DG_NODISCARD enum dg_status dg_ledger_append(struct dg_ledger *ledger,
                                             dg_seconds now,
                                             struct dg_entry *entry);

/** Put a ticket in front of the remembered ones, behind that of an open
 * bolus. */
/*@ requires \valid(ledger) && \valid_read(ticket);
  @ requires ticket == &ledger->spread.ticket || \separated(ticket, ledger);
  @ assigns  ledger->ticket[0 .. DG_LEDGER_MEMORY - 1], ledger->tickets;
  @ ensures  front: !ledger->is_open ==>
  @   ledger->ticket[0].tier == \old(ticket->tier) &&
  @   ledger->ticket[0].pulses == \old(ticket->pulses) &&
  @   ledger->ticket[0].delivered == \old(ticket->delivered);
  @ ensures  behind: ledger->is_open ==>
  @   ledger->ticket[0].tier == \old(ledger->ticket[0].tier) &&
  @   ledger->ticket[0].pulses == \old(ledger->ticket[0].pulses) &&
  @   ledger->ticket[0].delivered == \old(ledger->ticket[0].delivered);
  @*/
void dg_ledger_remember(struct dg_ledger *ledger,
                        const struct dg_ledger_ticket *ticket);

/** The bolus that is open becomes closed: what the outcome means for the
 * counts.  UNCERTAIN counts the rest as delivered. */
/*@ requires \valid(ledger) && dg_ledger_sound(ledger) && ledger->is_open;
  @ assigns  ledger->last.s, ledger->bins.head,
  @          ledger->bins.pulses[0 .. DG_BINS - 1][0 .. 2],
  @          ledger->uncertain_pulses, ledger->usual.head,
  @          ledger->usual.largest[0 .. DG_USUAL_HOURS - 1],
  @          ledger->ticket[0].outcome, ledger->is_open;
  @ ensures  sound: dg_ledger_sound(ledger);
  @ ensures  closed: !ledger->is_open;
  @ ensures  counted: outcome == DG_OUTCOME_UNCERTAIN &&
  @   ledger->ticket[0].tier != 0 ==>
  @   dg_ledger_counted{Pre, Post}(ledger, now.s, ledger->ticket[0].tier,
  @     ledger->ticket[0].pulses - ledger->ticket[0].delivered);
  @ ensures  still: outcome != DG_OUTCOME_UNCERTAIN ||
  @   ledger->ticket[0].tier == 0 ==>
  @   dg_ledger_counted{Pre, Post}(ledger, 0, 0, 0);
  @*/
void dg_ledger_end(struct dg_ledger *ledger,
                   dg_seconds now,
                   enum dg_outcome outcome);

/** A pulse of the spread dose went out; of no known one where the ring began in
 * the middle: then it counts in the windows of every tier. */
/*@ requires \valid(ledger) && dg_ledger_sound(ledger);
  @ requires ledger->spread.is_open ==>
  @   ledger->spread.ticket.delivered < ledger->spread.ticket.pulses;
  @ assigns  ledger->last.s, ledger->bins.head,
  @          ledger->bins.pulses[0 .. DG_BINS - 1][0 .. 2],
  @          ledger->spread.ticket.delivered, ledger->moved,
  @          ledger->bolus_pulses;
  @ ensures  sound: dg_ledger_sound(ledger);
  @ ensures  delivered: ledger->spread.is_open ==>
  @   ledger->spread.ticket.delivered ==
  @   \old(ledger->spread.ticket.delivered) + 1;
  @ ensures  counted: ledger->spread.is_open ==>
  @   dg_ledger_counted{Pre, Post}(ledger, now.s, ledger->spread.ticket.tier, 1);
  @ ensures  unknown: !ledger->spread.is_open ==>
  @   dg_ledger_counted{Pre, Post}(ledger, now.s, DG_TIER_AUTOMATIC, 1);
  @*/
void dg_ledger_drip(struct dg_ledger *ledger, dg_seconds now);

/** As dg_ledger_end(), for the spread dose. */
/*@ requires \valid(ledger) && dg_ledger_sound(ledger) && ledger->spread.is_open;
  @ assigns  ledger->last.s, ledger->bins.head,
  @          ledger->bins.pulses[0 .. DG_BINS - 1][0 .. 2],
  @          ledger->uncertain_pulses, ledger->usual.head,
  @          ledger->usual.largest[0 .. DG_USUAL_HOURS - 1],
  @          ledger->ticket[0 .. DG_LEDGER_MEMORY - 1], ledger->tickets,
  @          ledger->spread.ticket.outcome, ledger->spread.is_open;
  @ ensures  sound: dg_ledger_sound(ledger);
  @ ensures  closed: !ledger->spread.is_open;
  @ ensures  other: ledger->is_open ==>
  @   ledger->ticket[0].tier == \old(ledger->ticket[0].tier) &&
  @   ledger->ticket[0].pulses == \old(ledger->ticket[0].pulses) &&
  @   ledger->ticket[0].delivered == \old(ledger->ticket[0].delivered);
  @ ensures  counted: outcome == DG_OUTCOME_UNCERTAIN ==>
  @   dg_ledger_counted{Pre, Post}(ledger, now.s, ledger->spread.ticket.tier,
  @     ledger->spread.ticket.pulses - ledger->spread.ticket.delivered);
  @ ensures  still: outcome != DG_OUTCOME_UNCERTAIN ==>
  @   dg_ledger_counted{Pre, Post}(ledger, 0, 0, 0);
  @*/
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
