/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_LOOP_GLUCOSE_H
#define DG_PATIENT_CONTROL_LOOP_GLUCOSE_H

#include "patient/control/loop/insulin.h"

/* What readings say beyond insulin: momentum (where glucose is heading) and
 * counteraction (what insulin does not explain), as Loop counts them. */

struct dg_loop_sample {
    double at_s;
    double mg_dL;
    bool is_display_only; /* not for computing with                          */
    unsigned provenance;  /* which sensor                                    */
};

struct dg_loop_value {
    double at_s;
    double amount; /* mg/dL, or g                                            */
};

/* A change of glucose per minute over a span. */
struct dg_loop_velocity {
    double from_s;
    double to_s;
    double mg_dL_min;
};

/**
 * Continue the straight line through the samples.
 *
 * @param[in]  samples     Oldest first, about the last 15 minutes.
 * @param      count       0 and up.
 * @param      duration_s  How far to look ahead.
 * @param[out] values      Change since the last sample, on the grid.
 * @param      max         Room.
 *
 * @return How many; 0 with fewer than three samples, a jump above 40 mg/dL, a
 *         gap, samples for display only or of two sensors, or no room.
 */
size_t dg_loop_momentum(const struct dg_loop_sample *samples,
                        size_t count,
                        double duration_s,
                        struct dg_loop_value *values,
                        size_t max);

/**
 * Give what insulin does not explain.
 *
 * @param[in]  samples       Oldest first.
 * @param      count         0 and up.
 * @param[in]  effects       Of insulin, on the grid, ascending.
 * @param      effect_count  0 and up.
 * @param[out] velocities    One per pair of samples at least 4 minutes apart.
 * @param      max           Room; what has none is left out.
 *
 * @return How many.
 */
size_t dg_loop_counteraction(const struct dg_loop_sample *samples,
                             size_t count,
                             const struct dg_loop_value *effects,
                             size_t effect_count,
                             struct dg_loop_velocity *velocities,
                             size_t max);

#endif
