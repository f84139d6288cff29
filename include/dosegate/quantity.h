/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_QUANTITY_H
#define DG_QUANTITY_H

#include <stdint.h>

/* A physical quantity is a one-member struct: a rate cannot be passed where a
 * dose is expected, and the unit is the name of the member. */
typedef struct dg_dose {
    int32_t mU; /* insulin; 1000 mU = 1 U */
} dg_dose;

typedef struct dg_rate {
    int32_t mU_per_h;
} dg_rate;

typedef struct dg_seconds {
    uint32_t s; /* the device's monotonic clock; survives a reset */
} dg_seconds;

typedef struct dg_glucose {
    int32_t mg_dL;
} dg_glucose;

typedef struct dg_pulses {
    uint32_t count; /* actuator steps; one step moves DG_PULSE_MU */
} dg_pulses;

/* One actuator step.  50 mU is the step of the common patch pumps, and the
 * coarsest in use among phone-controlled pumps. */
#define DG_PULSE_MU 50

#endif
