/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_WINDOW_H
#define DG_PATIENT_TRIAL_WINDOW_H

#include <stdint.h>

#include "dosegate/bins.h"
#include "dosegate/effect.h"
#include "dosegate/iob.h"

/* The device's bins (dosegate/bins.h) for the people of a tile at once, with
 * the sums of all windows kept up to date instead of summed up again: the same
 * numbers at a tenth of the time.  test_trial_window.c holds both beside each
 * other at every step.
 *
 * Decisions fall on the start of a bin: a window of n bins then touches n + 1,
 * the one that has just begun among them. */

#define DG_TRIAL_WINDOW_LANES 16U

/* Above this in one step and tier a bin is full: 1,000 U. */
#define DG_TRIAL_BIN_PULSES_MAX 20000U

struct dg_trial_windows {
    uint32_t head; /* the bin that has just begun */
    /* Pulses by slot, tier (with all narrower ones) and lane. */
    uint16_t bin[DG_BINS][DG_TIERS - 1U][DG_TRIAL_WINDOW_LANES];
    /* Pulses in the trailing 5 min, 1 h, 4 h, 24 h. */
    int32_t used[DG_TIERS - 1U][4][DG_TRIAL_WINDOW_LANES];
    /* Pulses of all tiers times their share left, DG_IOB_ONE a whole. */
    int32_t weighted[DG_TRIAL_WINDOW_LANES];
    /* The same of all insulin, basal too: which a person lives on. */
    uint16_t whole[DG_IOB_STEPS][DG_TRIAL_WINDOW_LANES];
    int32_t whole_weighted[DG_TRIAL_WINDOW_LANES];
};

/** Empty, with bin @p head just begun; @p head at least DG_BINS. */
void dg_trial_windows_start(struct dg_trial_windows *windows, uint32_t head);

/** Begin the next bin. */
void dg_trial_windows_step(struct dg_trial_windows *windows);

/** Count pulses above basal.
 * @param tier    AUTOMATIC, CONFIRMED or PRESENT.
 * @param pulses  0 .. DG_TRIAL_BIN_PULSES_MAX. */
void dg_trial_windows_add(struct dg_trial_windows *windows,
                          unsigned lane,
                          enum dg_tier tier,
                          uint32_t pulses);

/** Count pulses of any kind; 0 .. DG_TRIAL_BIN_PULSES_MAX. */
void dg_trial_windows_add_whole(struct dg_trial_windows *windows,
                                unsigned lane,
                                uint32_t pulses);

/** Insulin on board as the device counts it, mU, rounded up. */
int32_t dg_trial_windows_iob_mU(const struct dg_trial_windows *windows,
                                unsigned lane);

#endif
