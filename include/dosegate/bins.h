/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BINS_H
#define DG_BINS_H

#include <stdint.h>

#include "dosegate/effect.h"
#include "dosegate/iob.h"

/* Pulses of the last day by tier, in bins of five minutes; the whole of what
 * the trailing windows and the insulin on board are counted from.  Bin n holds
 * the seconds 300 n .. 300 n + 299 of the device's clock.  Pure: no clock, no
 * flash, so that it can be proved (SOUNDNESS.md). */
#define DG_BIN_S 300U
#define DG_BINS  289U /* 24 h touches 289 bins */

struct dg_bins {
    uint32_t head; /* number of the newest bin, at most UINT32_MAX / DG_BIN_S */
    uint16_t pulses[DG_BINS][DG_TIERS - 1U]; /* bin n is at n % DG_BINS */
};

/* Bin numbers come from a clock of 32 bits.  A row is what one bin holds of a
 * tier and all narrower ones; a sum is that over the bins lo .. hi.  The slot
 * is an axiom only so that a prover does not unfold the remainder. */
/*@ axiomatic dg_bins_slots {
  @   logic integer dg_bins_slot(integer bin);
  @   axiom dg_bins_slot_is: \forall integer bin;
  @     dg_bins_slot(bin) == bin % DG_BINS;
  @ }
  @
  @ predicate dg_bins_sound{L}(struct dg_bins *bins) =
  @   bins->head <= UINT32_MAX / DG_BIN_S;
  @
  @ predicate dg_bins_holds{L}(struct dg_bins *bins, integer bin) =
  @   0 <= bin && bins->head - DG_BINS < bin <= bins->head;
  @
  @ predicate dg_bins_same{K, L}(struct dg_bins *bins, integer bin) =
  @   \at(bins->pulses[dg_bins_slot(bin)][0], K) ==
  @   \at(bins->pulses[dg_bins_slot(bin)][0], L) &&
  @   \at(bins->pulses[dg_bins_slot(bin)][1], K) ==
  @   \at(bins->pulses[dg_bins_slot(bin)][1], L) &&
  @   \at(bins->pulses[dg_bins_slot(bin)][2], K) ==
  @   \at(bins->pulses[dg_bins_slot(bin)][2], L);
  @
  @ logic integer dg_bins_load{L}(struct dg_bins *bins, integer bin) =
  @   bins->pulses[dg_bins_slot(bin)][0] +
  @   bins->pulses[dg_bins_slot(bin)][1] +
  @   bins->pulses[dg_bins_slot(bin)][2];
  @
  @ logic integer dg_bins_row{L}(struct dg_bins *bins, integer bin,
  @                              integer tier) =
  @   bins->pulses[dg_bins_slot(bin)][0] +
  @   (tier >= 2 ? bins->pulses[dg_bins_slot(bin)][1] : 0) +
  @   (tier >= 3 ? bins->pulses[dg_bins_slot(bin)][2] : 0);
  @
  @ logic integer dg_bins_sum{L}(struct dg_bins *bins, integer lo, integer hi,
  @                              integer tier) =
  @   hi < lo ? 0 : dg_bins_sum(bins, lo, hi - 1, tier) +
  @                 dg_bins_row(bins, hi, tier);
  @
  @ logic integer dg_bins_share(integer here, integer bin) =
  @   dg_iob_share_at(\max(0, here - bin - 1));
  @
  @ logic integer dg_bins_weight{L}(struct dg_bins *bins, integer lo,
  @                                 integer hi, integer here) =
  @   hi < lo ? 0 : dg_bins_weight(bins, lo, hi - 1, here) +
  @                 dg_bins_row(bins, hi, DG_TIER_PRESENT) *
  @                 dg_bins_share(here, hi);
  @
  @ logic integer dg_bins_oldest{L}(struct dg_bins *bins, integer first) =
  @   \max(first, \max(0, bins->head - (DG_BINS - 1)));
  @*/

/** Bring the bins up to number @p to; an earlier one changes nothing. */
/*@ requires \valid(bins) && dg_bins_sound(bins);
  @ requires to <= UINT32_MAX / DG_BIN_S;
  @ assigns  bins->head, bins->pulses[0 .. DG_BINS - 1][0 .. 2];
  @ ensures  sound: dg_bins_sound(bins);
  @ ensures  forward: bins->head == \max(\old(bins->head), to);
  @ ensures  kept: \forall integer bin; dg_bins_holds(bins, bin) &&
  @   bin <= \old(bins->head) ==> dg_bins_same{Pre, Post}(bins, bin);
  @ ensures  fresh: \forall integer bin; dg_bins_holds(bins, bin) &&
  @   bin > \old(bins->head) ==> dg_bins_load(bins, bin) == 0;
  @*/
void dg_bins_advance(struct dg_bins *bins, uint32_t to);

/** Count @p pulses of AUTOMATIC, CONFIRMED or PRESENT in the newest bin.  A
 * full one stays full, and then no cap has room. */
/*@ requires \valid(bins) && 1 <= tier <= 3;
  @ assigns  bins->pulses[dg_bins_slot(bins->head)][tier - 1];
  @ ensures  counted: bins->pulses[dg_bins_slot(bins->head)][tier - 1] ==
  @   \min(UINT16_MAX,
  @        \old(bins->pulses[dg_bins_slot(bins->head)][tier - 1]) + pulses);
  @*/
void dg_bins_add(struct dg_bins *bins, enum dg_tier tier, uint32_t pulses);

/** Pulses of @p tier and all narrower ones from bin @p first to the newest. */
/*@ requires \valid_read(bins) && dg_bins_sound(bins) && 1 <= tier <= 3;
  @ assigns  \nothing;
  @ ensures  whole: \result == dg_bins_sum(bins, dg_bins_oldest(bins, first),
  @                                        bins->head, tier);
  @ ensures  bounded: \result <= DG_BINS * 3 * UINT16_MAX;
  @*/
uint32_t dg_bins_since(const struct dg_bins *bins,
                       uint32_t first,
                       enum dg_tier tier);

/** Pulses of all tiers, each times its share by age (dosegate/iob.h), all of a
 * bin taken as young as its youngest can be in bin @p here: T6.
 * Older ones have no share. */
/*@ requires \valid_read(bins) && dg_bins_sound(bins);
  @ requires here <= UINT32_MAX / DG_BIN_S;
  @ assigns  \nothing;
  @ ensures  whole: \result ==
  @   dg_bins_weight(bins,
  @                  dg_bins_oldest(bins, here - (DG_IOB_STEPS - 1)),
  @                  bins->head, here);
  @ ensures  bounded: \result <= DG_BINS * 3 * UINT16_MAX * DG_IOB_ONE;
  @*/
uint64_t dg_bins_weighted(const struct dg_bins *bins, uint32_t here);

#endif
