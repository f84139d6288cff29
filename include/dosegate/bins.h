/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BINS_H
#define DG_BINS_H

#include <stdint.h>

#include "dosegate/effect.h"

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

/** Bring the bins up to number @p to; an earlier one changes nothing. */
void dg_bins_advance(struct dg_bins *bins, uint32_t to);

/** Count @p pulses of AUTOMATIC, CONFIRMED or PRESENT in the newest bin.  A
 * full one stays full, and then no cap has room. */
void dg_bins_add(struct dg_bins *bins, enum dg_tier tier, uint32_t pulses);

/** Pulses of @p tier and all narrower ones from bin @p first to the newest. */
uint32_t dg_bins_since(const struct dg_bins *bins,
                       uint32_t first,
                       enum dg_tier tier);

/** Pulses of all tiers, each times its share by age (dosegate/iob.h), all of a
 * bin taken as young as its youngest can be in bin @p here: T6. */
uint64_t dg_bins_weighted(const struct dg_bins *bins, uint32_t here);

#endif
