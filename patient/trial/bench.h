/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_BENCH_H
#define DG_PATIENT_TRIAL_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "patient/control/controller.h"
#include "patient/trial/device.h"
#include "patient/trial/step.h"
#include "patient/trial/trial.h"

/* The memory of one worker. */

/* A dose that is sent again later. */
#define DG_TRIAL_AGAIN 8U

struct dg_trial_again {
    int32_t mU;
    uint32_t minute;
    bool is_replay; /* by a stranger; else by the person or its phone */
};

#define DG_TRIAL_WHY_MAX 128U /* bytes, the final zero among them */

/* Phone, person and attacker around one pump. */
struct dg_trial_around {
    struct dg_controller_person person;
    uint32_t basal_mU; /* since the last step, for the controller */
    uint32_t bolus_mU;
    uint32_t glucagon_ug;
    uint32_t carbs_g; /* announced while the controller slept */
    int32_t before_mg_dL;
    int32_t frozen_mg_dL;
    int32_t shift_mg_dL;
    bool is_struck;
    bool is_done; /* the one mistake was made */
    bool is_dropped;
    char why[DG_TRIAL_WHY_MAX]; /* it was dropped, "" when it was not */
    uint8_t deceived;           /* today */
    struct dg_trial_again again[DG_TRIAL_AGAIN];
};

struct dg_trial_people; /* patient/trial/people.h */

struct dg_trial_bench {
    const struct dg_trial_plan *plan;
    const struct dg_trial_scenario *scenario;
    const struct dg_trial_attack_row *attack;
    const struct dg_trial_arm *arm;
    int64_t shares; /* of insulin on board, over all ages */
    uint32_t start; /* minutes */
    uint32_t end;
    uint16_t *plasma; /* DG_TRIAL_DAYS_MAX days of samples */
    uint16_t *sensor;
    unsigned char *memory; /* of the controllers, one after the other */
    size_t memory_bytes;   /* of one */
    struct dg_trial_people *people; /* of the last tile */
    uint64_t people_first;          /* its number; UINT64_MAX: none yet */
    bool is_open;
    const char *fault; /* why a controller could not be opened */
    void (*record)(void *context, const struct dg_trial_moment *moment);
    void *context;
    unsigned record_lane;
    struct dg_trial_moment moment; /* of this step */
    struct dg_trial_windows windows;
    struct dg_trial_device device[DG_TRIAL_LANES];
    struct dg_trial_around around[DG_TRIAL_LANES];
    struct dg_trial_tally tally[DG_TRIAL_LANES];
};

/** Memory for a worker and its controllers; NULL: none. */
struct dg_trial_bench *dg_trial_bench_new(const struct dg_trial_plan *plan);
void dg_trial_bench_free(struct dg_trial_bench *bench);

/** Drop a person: in no average, and @p why is told to people. */
void dg_trial_drop(struct dg_trial_bench *bench,
                   unsigned lane,
                   const char *why);

/** ... because its controller failed: in the controller's own words, or
 * @p otherwise where it has none. */
void dg_trial_drop_by_controller(struct dg_trial_bench *bench,
                                 unsigned lane,
                                 const char *otherwise);

/** Samples of one person-run. */
#define DG_TRIAL_SAMPLES_MAX (DG_TRIAL_DAYS_MAX * 288U)

/** Does the scenario act at this minute? */
bool dg_trial_is_under_way(const struct dg_trial_bench *bench, uint32_t minute);

/** The attacker's step. @p reading: true, mg/dL; 0: none. */
void dg_trial_strike(struct dg_trial_bench *bench,
                     unsigned lane,
                     uint32_t minute,
                     int32_t reading);

/** After the last step: figures from the samples. */
void dg_trial_bench_measure(struct dg_trial_bench *bench);

#endif
