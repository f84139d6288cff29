/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_DISPATCH_H
#define DG_PATIENT_TRIAL_DISPATCH_H

#include "patient/trial/tile.h"
#include "patient/trial/trial.h"

/** The tile for an instruction set; NULL: this processor has it not.  ISA_BEST
 * takes the widest there is, or what the environment variable
 * DOSEGATE_TRIAL_ISA names ("sse2", "avx2", "avx512"). */
dg_trial_tile_run dg_trial_tile_of(enum dg_trial_isa isa,
                                   enum dg_trial_precision precision);

/** Bodies alone: what bench/bench_trial.c holds against the arithmetic. */
dg_trial_tile_run dg_trial_tile_open_of(enum dg_trial_isa isa,
                                        enum dg_trial_precision precision);

#endif
