/* SPDX-License-Identifier: Apache-2.0 */
#include "pump_probe.h"

#include "patient/lane/pump_error.h"

_Static_assert(PUMP_PEOPLE == DG_TILE, "a run is a tile");

static void run(const struct pump_run *run)
{
    for (unsigned int group = 0; group < DG_GROUPS; group++) {
        struct dg_lane_pump pump;

        dg_lane_pump_start(&pump,
                           (enum dg_pump_error)run->error,
                           run->seed,
                           run->first + group * DG_LANES);
        for (size_t t = 0; t < run->minutes; t++) {
            const vec given = dg_lane_pump_minute(&pump,
                                                  (uint32_t)t,
                                                  v_set(R(run->bolus[t])),
                                                  v_set(R(run->basal[t])));

            for (unsigned int lane = 0; lane < DG_LANES; lane++) {
                run->given[t * PUMP_PEOPLE + group * DG_LANES + lane] =
                    (double)given[lane];
            }
        }
    }
}

extern const struct pump_probe DG_LANE_NAME(pump_probe);
const struct pump_probe DG_LANE_NAME(pump_probe) = {
    .lanes = DG_LANES,
    .run = run,
};
