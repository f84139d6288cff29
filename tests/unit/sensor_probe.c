/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor_probe.h"

#include "patient/lane/sensor_faults.h"

_Static_assert(SENSOR_PEOPLE == DG_TILE, "a run is a tile");
_Static_assert(SENSOR_FAULTS_MAX == DG_FAULTS, "one chance per fault");

static void run(struct sensor_run *run)
{
    struct dg_sensor_fault_chances chances;

    for (int i = 0; i < DG_FAULTS; i++) {
        chances.per_day[i] = run->chances[i];
    }
    for (unsigned int group = 0; group < DG_GROUPS; group++) {
        struct dg_lane_sensor sensor;
        struct dg_lane_faults faults;
        const uint64_t first = run->first + group * DG_LANES;

        dg_lane_sensor_start(&sensor, run->model, run->seed, first);
        dg_lane_faults_start(&faults, &chances, run->seed, first);
        for (size_t i = 0; i < run->days * SENSOR_SAMPLES; i++) {
            const uint32_t minute = (uint32_t)(5U * i);
            vec sine;
            vec cosine;
            bits struck;

            v_sincos_turn(
                v_set((dg_real)(i % SENSOR_SAMPLES) * R(1.0 / SENSOR_SAMPLES)),
                &sine,
                &cosine);

            const vec sample = dg_lane_sensor_sample(
                &sensor, minute, R(run->glucose) + R(run->wave) * sine);
            const vec reading =
                dg_lane_faults_pass(&faults, minute, sample, &struck);

            for (unsigned int lane = 0; lane < DG_LANES; lane++) {
                const size_t at = i * SENSOR_PEOPLE + group * DG_LANES + lane;

                run->sample[at] = (double)sample[lane];
                run->reading[at] = (double)reading[lane];
                run->is_struck[at] = struck[lane] != 0;
            }
        }
    }
}

extern const struct sensor_probe DG_LANE_NAME(sensor_probe);
const struct sensor_probe DG_LANE_NAME(sensor_probe) = {
    .lanes = DG_LANES,
    .run = run,
};
