/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_SENSOR_H
#define DG_PATIENT_SENSOR_H

#include <stdint.h>

#include "dosegate/status.h"

/* A continuous glucose sensor: one whole number of mg/dL every five minutes,
 * from glucose under the skin. */

enum dg_sensor_kind {
    /* Rounds and clips, and adds no error. */
    DG_SENSOR_IDEAL,
    /* The time-varying error of a Dexcom G6: reading = a(t) G + b(t) + v + c,
     * t the days since insertion, v and c second-order autoregressive.
     * source: Vettoretti et al., EMBC 2019, 10.1109/embc.2019.8856790. */
    DG_SENSOR_G6,
};

#define DG_SENSOR_PERIOD_MIN 5
#define DG_SENSOR_MG_DL_MIN  39  /* shown for anything lower                */
#define DG_SENSOR_MG_DL_MAX  400 /* shown for anything higher               */
#define DG_SENSOR_DAYS       10  /* then the person inserts a new one       */

/* A second-order autoregressive process: its last two values. */
struct dg_sensor_drift {
    double last;
    double before_last;
};

struct dg_sensor {
    enum dg_sensor_kind kind;
    uint64_t seed;
    uint64_t age_samples;   /* since insertion                              */
    uint64_t samples_taken; /* since dg_sensor_init(): numbers the draws    */
    struct dg_sensor_drift v;
    struct dg_sensor_drift c;
};

/**
 * Insert a sensor.
 *
 * @param[out] sensor    The sensor; unchanged on failure.
 * @param      kind      A member of enum dg_sensor_kind.
 * @param      seed      Any value; fixes every error the sensor will make.
 * @param      age_days  How long it has been worn, 0 .. DG_SENSOR_DAYS - 1.
 *
 * @retval DG_OK       The sensor is ready.
 * @retval DG_E_USAGE  @p sensor is NULL.
 * @retval DG_E_RANGE  @p kind or @p age_days is out of range.
 */
DG_NODISCARD enum dg_status dg_sensor_init(struct dg_sensor *sensor,
                                           enum dg_sensor_kind kind,
                                           uint64_t seed,
                                           uint32_t age_days);

/**
 * Take the next reading; call it once per DG_SENSOR_PERIOD_MIN.
 *
 * @param[in,out] sensor               A sensor that dg_sensor_init() accepted.
 * @param         subcutaneous_mg_dL   True glucose there, 0 .. 20000 mg/dL.
 * @param[out]    reading_mg_dL        What the sensor shows,
 *                                     DG_SENSOR_MG_DL_MIN .. _MAX mg/dL;
 *                                     unchanged on failure.
 *
 * @retval DG_OK       A reading was taken.
 * @retval DG_E_USAGE  A pointer is NULL.
 * @retval DG_E_RANGE  @p subcutaneous_mg_dL is not a number or out of range;
 *                     the sensor is unchanged.
 */
DG_NODISCARD enum dg_status dg_sensor_sample(struct dg_sensor *sensor,
                                             double subcutaneous_mg_dL,
                                             int32_t *reading_mg_dL);

#endif
