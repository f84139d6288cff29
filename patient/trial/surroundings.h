/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_SURROUNDINGS_H
#define DG_PATIENT_TRIAL_SURROUNDINGS_H

#include <stdbool.h>
#include <stdint.h>

/* What else happens around a person in a scenario, beside the attack: faults of
 * the sensor, errors of the pump, habits, sport.  All zero: the sensor has its
 * usual error, the pump delivers what it counts, no meal goes without its
 * bolus, nobody moves.  Chances count in permille. */

#define DG_TRIAL_FAULTS \
    7U /* enum dg_sensor_fault, patient/lane/sensor_faults.h */

enum dg_trial_pump {
    DG_TRIAL_PUMP_EXACT = 0, /* enum dg_pump_error, patient/lane/pump_error.h */
    DG_TRIAL_PUMP_PERIODIC = 1,
    DG_TRIAL_PUMP_SCATTER = 2,
};

/* Error of one meal's count where a scenario says nothing about habits: its
 * standard deviation.  source: patient/meals.h. */
#define DG_TRIAL_COUNT_SD_PERMILLE 260U

struct dg_trial_world {
    uint32_t fault_permille[DG_TRIAL_FAULTS]; /* chance in a day, 0 .. 1000 */
    uint32_t pump;                            /* enum dg_trial_pump         */
    /* Habits, patient/habits.h: 0 .. 1000, counts 0 .. 500. */
    bool has_habits;
    uint32_t skip_permille;
    uint32_t late_permille;
    uint32_t count_bias_permille;
    uint32_t count_sd_permille;
    /* Sport, each day. */
    uint32_t exercise_minute;  /* of the day, 0 .. 1439                     */
    uint32_t exercise_minutes; /* 0: none; 5 .. 300                         */
    uint32_t exercise_percent; /* of the largest oxygen uptake, 10 .. 100   */
};

/** What is wrong with a world, in words; NULL: nothing. */
const char *dg_trial_world_fault(const struct dg_trial_world *world);

#endif
