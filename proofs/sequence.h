/* SPDX-License-Identifier: Apache-2.0 */
/* Words of sequence_calls.c and sequence.c: what any call of the ledger does to
 * its bins.  Never compiled. */
#ifndef DG_PROOFS_SEQUENCE_H
#define DG_PROOFS_SEQUENCE_H

#include "dosegate/ledger.h"
#include "ledger_count.h"

/*@ predicate sound{L}(struct dg_ledger *ledger, integer now) =
  @   dg_ledger_sound(ledger) && ledger->last.s <= now;
  @
  @ // What the bins hold from this one on, of a tier and all narrower ones.
  @ logic integer sum{L}(struct dg_ledger *ledger, integer first,
  @                      integer tier) =
  @   dg_bins_sum(&ledger->bins, first, ledger->bins.head, tier);
  @
  @ logic integer coming{L}(struct dg_ledger *ledger, integer tier) =
  @   dg_ledger_open_pulses(ledger, tier);
  @
  @ // A row as it was, when the newest bin may have been an earlier one.
  @ logic integer before{K}(struct dg_ledger *ledger, integer bin,
  @                         integer tier) =
  @   bin <= ledger->bins.head ? dg_bins_row(&ledger->bins, bin, tier) : 0;
  @
  @ logic integer newest{L}(struct dg_ledger *ledger, integer tier) =
  @   dg_bins_row(&ledger->bins, ledger->bins.head, tier);
  @
  @ predicate kept{K, L}(struct dg_ledger *ledger, integer tier) =
  @   \forall integer bin; dg_ledger_has(\at(ledger->bins.head, L), bin) &&
  @     bin < \at(ledger->bins.head, L) ==>
  @     dg_bins_row{L}(\at(&ledger->bins, L), bin, tier) ==
  @     before{K}(\at(ledger, K), bin, tier);
  @
  @ // What any call does to the bins: so many pulses more in the newest, while
  @ // it is not full.
  @ predicate moved{K, L}(struct dg_ledger *ledger, integer tier,
  @                       integer pulses) =
  @   \at(ledger->bins.head, K) <= \at(ledger->bins.head, L) &&
  @   kept{K, L}(ledger, tier) &&
  @   newest{L}(\at(ledger, L), tier) <= pulses +
  @     before{K}(\at(ledger, K), \at(ledger->bins.head, L), tier) &&
  @   (pulses + before{K}(\at(ledger, K), \at(ledger->bins.head, L), tier) <=
  @      UINT16_MAX ==>
  @    newest{L}(\at(ledger, L), tier) == pulses +
  @      before{K}(\at(ledger, K), \at(ledger->bins.head, L), tier));
  @
  @ predicate same_log{K, L}(struct dg_ledger *ledger) =
  @   \at(ledger->log.region, K) == \at(ledger->log.region, L) &&
  @   \at(ledger->log.hormone, K) == \at(ledger->log.hormone, L);
  @*/

/* What happens, and of what. */
enum what { RECORD, PULSE, DRIP, END, END_SPREAD, BEGIN, BEGIN_SPREAD };

/* Any call; gives what it moved of the tier and of narrower ones, delivered or
 * possibly so. */
/*@ requires \valid(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ requires \valid(entry) && \separated(entry, ledger);
  @ requires \valid_read(id) && \separated(id, ledger) && 1 <= of <= 3;
  @ assigns  *ledger, *entry;
  @ ensures  sound: sound(ledger, clock) && same_log{Pre, Post}(ledger);
  @ ensures  moved: moved{Pre, Post}(ledger, tier, \result);
  @ ensures  coming: 0 <= \result && coming(ledger, tier) + \result <=
  @   \old(coming(ledger, tier)) +
  @   (what >= BEGIN && of <= tier ? pulses : 0);
  @ ensures  none: what >= BEGIN ==> \result == 0;
  @ ensures  late: 0 < \result ==> ledger->last.s == clock;
  @*/
uint32_t call(struct dg_ledger *ledger,
              uint32_t clock,
              uint32_t tier,
              enum what what,
              enum dg_outcome outcome,
              struct dg_entry *entry,
              const struct dg_ticket_id *id,
              uint32_t of,
              uint32_t pulses,
              uint32_t seconds);

/* What a dose leaves room for: the decision looks at a window that holds no
 * less than the stretch that is looked at here. */
/*@ requires \valid_read(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ requires 0 < length <= 86400 && clock <= start + length;
  @ requires touched: DG_BIN_S * first <= start < DG_BIN_S * first + DG_BIN_S;
  @ assigns  \nothing;
  @ ensures  more: sum(ledger, first, tier) + coming(ledger, tier) <=
  @   dg_ledger_used(ledger, clock, tier, length);
  @*/
void shorter(const struct dg_ledger *ledger,
             uint32_t clock,
             uint32_t tier,
             uint32_t start,
             uint32_t first,
             uint32_t length);

/* Any call, and what it does to the sum over the bins from one of the last day
 * on: that changes by what was moved, and by nothing else. */
/*@ requires \valid(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ requires \valid(entry) && \separated(entry, ledger);
  @ requires \valid_read(id) && \separated(id, ledger) && 1 <= of <= 3;
  @ requires held: clock / DG_BIN_S < first + DG_BINS <= UINT32_MAX;
  @ requires room: sum(ledger, first, tier) + coming(ledger, tier) <= UINT16_MAX;
  @ assigns  *ledger, *entry;
  @ ensures  sound: sound(ledger, clock) && same_log{Pre, Post}(ledger);
  @ ensures  upper: sum(ledger, first, tier) <=
  @   \old(sum(ledger, first, tier)) + \result;
  @ ensures  lower: \old(sum(ledger, first, tier)) <= sum(ledger, first, tier);
  @ ensures  counted: DG_BIN_S * first <= clock ==>
  @   sum(ledger, first, tier) == \old(sum(ledger, first, tier)) + \result;
  @ ensures  coming: 0 <= \result && coming(ledger, tier) + \result <=
  @   \old(coming(ledger, tier)) +
  @   (what >= BEGIN && of <= tier ? pulses : 0);
  @*/
uint32_t call_summed(struct dg_ledger *ledger,
                     uint32_t clock,
                     uint32_t tier,
                     uint32_t first,
                     enum what what,
                     enum dg_outcome outcome,
                     struct dg_entry *entry,
                     const struct dg_ticket_id *id,
                     uint32_t of,
                     uint32_t pulses,
                     uint32_t seconds);

/* Nobody knows what comes. */
/*@ assigns \nothing; */
uint32_t any(void);

#endif
