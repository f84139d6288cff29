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

typedef struct dg_glucagon {
    int32_t ug; /* glucagon; never a number of mU: another hormone */
} dg_glucagon;

typedef struct dg_seconds {
    uint32_t s; /* the device's monotonic clock; survives a reset */
} dg_seconds;

typedef struct dg_glucose {
    int32_t mg_dL;
} dg_glucose;

typedef struct dg_pulses {
    uint32_t count; /* actuator steps; one step moves DG_PULSE_MU of insulin
                       or DG_GLUCAGON_STEP_UG of glucagon */
} dg_pulses;

/* One actuator step.  50 mU is the step of the common patch pumps, and the
 * coarsest in use among phone-controlled pumps. */
#define DG_PULSE_MU 50

/* One step of the glucagon actuator: 10 ug, one unit of a U-100 syringe with
 * glucagon of 1 mg/mL and the step of the published mini-doses (10 ug per year
 * of age; doi 10.2337/diacare.24.4.643). */
#define DG_GLUCAGON_STEP_UG 10

/* Which hormone an amount, a ledger or an effect is of.  Zero is none: nothing
 * is delivered by default. */
enum dg_hormone {
    DG_HORMONE_NONE = 0,
    DG_HORMONE_INSULIN = 1,
    DG_HORMONE_GLUCAGON = 2,
};

#define DG_HORMONES 3U /* array size, index 0 unused */

#endif
