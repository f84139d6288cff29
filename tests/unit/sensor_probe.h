/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_SENSOR_PROBE_H
#define DG_TEST_SENSOR_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "patient/sensor_model.h"

/* The sensors of a tile, and their faults, in every variant of the lanes. */

#define SENSOR_PEOPLE     16 /* DG_TILE */
#define SENSOR_FAULTS_MAX 7  /* DG_FAULTS */

struct sensor_run {
    enum dg_sensor_model model;
    uint64_t seed;
    uint64_t first;
    size_t days;
    double glucose;                    /* mg/dL, all the time               */
    double wave;                       /* added sine over a day, mg/dL      */
    double chances[SENSOR_FAULTS_MAX]; /* per day                           */
    double *sample;                    /* [sample][person], before faults   */
    double *reading;                   /* [sample][person]                  */
    uint8_t *is_struck;
};

struct sensor_probe {
    int lanes;
    void (*run)(struct sensor_run *run);
};

#define SENSOR_DECLARE(real, isa) \
    extern const struct sensor_probe sensor_probe_##real##_##isa

SENSOR_DECLARE(float, base);
SENSOR_DECLARE(double, base);
SENSOR_DECLARE(float, avx2);
SENSOR_DECLARE(double, avx2);
SENSOR_DECLARE(float, avx512f);
SENSOR_DECLARE(double, avx512f);

#endif
