/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_TILE_H
#define DG_PATIENT_TRIAL_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "patient/trial/step.h"
#include "patient/trial/surroundings.h"

/* One tile: 16 people, all days of one scenario in one arm.  The body, life and
 * sensor of patient/lane in between, patient/trial/step.h every five minutes.
 * patient/lane/tile.c is compiled once per precision and instruction set. */
struct dg_trial_tile {
    struct dg_trial_bench *bench;
    const struct dg_trial_plan *plan;
    uint64_t seed;
    uint64_t first; /* number of the person in lane 0 */
    uint32_t days;
    unsigned model;  /* enum dg_trial_model */
    unsigned sensor; /* enum dg_trial_sensor */
    unsigned scenario;
    unsigned arm;
    bool has_rescue;
    const struct dg_trial_world *world;
    const void *published; /* struct dg_s2008_parameters, in turn */
    uint64_t published_count;
    uint16_t *plasma_tenths; /* days x 288 rows of 16 */
    uint16_t *sensor_tenths;
    struct dg_trial_people *people; /* of the caller's memory ...           */
    bool has_people;                /* ... filled in already: same tile     */
    /* Results beside the samples. */
    bool is_lost[DG_TRIAL_STEP_LANES];
    uint32_t rescue_g[DG_TRIAL_STEP_LANES];
    uint32_t carbs_g[DG_TRIAL_STEP_LANES];
};

/** Size of struct dg_trial_people, which stands beside headers that no trial
 * header can (patient/trial/people.h). */
size_t dg_trial_people_bytes(void);

typedef void (*dg_trial_tile_run)(struct dg_trial_tile *tile);

#endif
