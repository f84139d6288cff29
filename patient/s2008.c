/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/s2008.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "patient/lane/s2008.h"

/* The equations are in patient/lane/s2008.h, for many people at once; this is
 * one person in every lane. */

#define PMOL_PER_U 6000.0
#define MU_PER_U   1000.0

static bool is_within(double value, double low, double high)
{
    /* A NaN fails both comparisons. */
    return (value >= low) && (value <= high);
}

/* Wide bounds: they catch a column that slipped and a unit that is wrong, not
 * an unusual person. */
#define FIELD(name, low, high)                                           \
    {                                                                    \
#name, offsetof(struct dg_s2008_parameters, name), (low), (high) \
    }
static const struct bounds {
    const char *name;
    size_t offset;
    double low;
    double high;
} bounds[] = {
    FIELD(weight_kg, 2.0, 400.0),
    FIELD(age_years, 0.0, 120.0),
    FIELD(basal_mg_dL, 40.0, 400.0),
    FIELD(daily_U, 0.5, 500.0),
    FIELD(carb_ratio_g_per_U, 0.5, 200.0),
    FIELD(correction_mg_dL_per_U, 0.5, 1000.0),
    FIELD(kabs, 1e-4, 5.0),
    FIELD(kmax, 1e-4, 5.0),
    FIELD(kmin, 1e-5, 5.0),
    FIELD(b, 0.01, 0.999),
    FIELD(d, 0.001, 0.999),
    FIELD(f, 0.01, 1.0),
    FIELD(Vg, 0.1, 10.0),
    FIELD(k1, 0.0, 5.0),
    FIELD(k2, 1e-4, 5.0),
    FIELD(Fsnc, 0.0, 20.0),
    FIELD(Vm0, 0.0, 100.0),
    FIELD(Vmx, 0.0, 10.0),
    FIELD(Km0, 1.0, 2000.0),
    FIELD(kp1, 0.0, 100.0),
    FIELD(kp2, 0.0, 1.0),
    FIELD(kp3, 0.0, 1.0),
    FIELD(ke1, 0.0, 1.0),
    FIELD(ke2, 0.0, 2000.0),
    FIELD(ksc, 1e-3, 5.0),
    FIELD(Vi, 0.005, 1.0),
    FIELD(m1, 0.0, 5.0),
    FIELD(m2, 0.0, 5.0),
    FIELD(m4, 0.0, 5.0),
    FIELD(m30, 0.0, 5.0),
    FIELD(p2u, 0.0, 5.0),
    FIELD(ki, 0.0, 5.0),
    FIELD(kd, 1e-5, 5.0),
    FIELD(ka1, 0.0, 5.0),
    FIELD(ka2, 1e-5, 5.0),
    FIELD(u2ss, 0.01, 100.0),
    FIELD(Gpb, 10.0, 2000.0),
    FIELD(Gtb, 10.0, 2000.0),
    FIELD(Ib, 1.0, 2000.0),
    FIELD(Ipb, 0.01, 200.0),
    FIELD(Ilb, 0.01, 200.0),
    FIELD(isc1ss, 0.01, 5000.0),
    FIELD(isc2ss, 0.01, 5000.0),
};
#undef FIELD

static bool is_plausible(const struct dg_s2008_parameters *p,
                         struct dg_s2008_fault *fault)
{
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        double value;

        memcpy(&value, (const char *)p + bounds[i].offset, sizeof value);
        if (!is_within(value, bounds[i].low, bounds[i].high)) {
            *fault = (struct dg_s2008_fault){
                bounds[i].name, value, bounds[i].low, bounds[i].high};
            return false;
        }
    }
    if ((p->age_class != DG_AGE_CHILD) && (p->age_class != DG_AGE_TEEN) &&
        (p->age_class != DG_AGE_ADULT)) {
        *fault = (struct dg_s2008_fault){
            "age_class", (double)p->age_class, DG_AGE_CHILD, DG_AGE_ADULT};
        return false;
    }
    return true;
}

/* The faster of the two rates at which two compartments that exchange settle:
 * what leaves each, and what each gives to the other. */
static double settling_rate(double out_1,
                            double out_2,
                            double one_to_two,
                            double two_to_one)
{
    const double half_apart = (out_1 - out_2) / 2.0;

    return (out_1 + out_2) / 2.0 +
           sqrt(half_apart * half_apart + one_to_two * two_to_one);
}

/* The fastest process in the body; what the stomach does takes half steps and
 * so may be twice as fast. */
static double fastest_rate(const struct dg_s2008_parameters *p)
{
    const double rates[] = {
        settling_rate(p->m2 + p->m4, p->m1 + p->m30, p->m2, p->m1),
        settling_rate(
            p->k1 + p->kp2 + p->ke1, p->k2 + p->Vm0 / p->Km0, p->k1, p->k2),
        p->kabs / 2.0,
        p->kmax / 2.0,
        p->ksc,
        p->p2u,
        p->ki,
        p->kd + p->ka1,
        p->ka2,
    };
    double fastest = 0.0;

    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        fastest = fmax(fastest, rates[i]);
    }
    return fastest;
}

/* The person in every lane; lane 0 is read back. */
static void to_lanes(struct dg_lane_s2008 *lanes,
                     const struct dg_s2008 *patient)
{
    for (int lane = 0; lane < DG_LANES; lane++) {
        dg_lane_s2008_set(lanes, lane, &patient->parameters, false);
    }
    for (int i = 0; i < DG_S2008_STATES; i++) {
        lanes->x[i] = v_set(patient->x[i]);
    }
    lanes->meal_start_mg = v_set(patient->meal_start_mg);
    lanes->meal_eaten_g = v_set(patient->meal_eaten_g);
    lanes->meal_size_mg = v_set(patient->meal_size_mg);
    lanes->eating = b_set(patient->eating ? -1 : 0);
}

static void from_lanes(struct dg_s2008 *patient,
                       const struct dg_lane_s2008 *lanes)
{
    for (int i = 0; i < DG_S2008_STATES; i++) {
        patient->x[i] = lanes->x[i][0];
    }
    patient->meal_start_mg = lanes->meal_start_mg[0];
    patient->meal_eaten_g = lanes->meal_eaten_g[0];
    patient->meal_size_mg = lanes->meal_size_mg[0];
    patient->eating = lanes->eating[0] != 0;
}

/* A wrong figure shows as a person who does not hold still while fasting: the
 * largest relative change per minute. */
static double unrest(const struct dg_s2008 *patient)
{
    struct dg_lane_s2008 lanes;
    vec dx[S2008_BODY_COUNT];
    double most = 0.0;

    to_lanes(&lanes, patient);
    s2008_slope(&lanes,
                &lanes.x[S2008_BODY],
                v_set(0.0),
                v_set(patient->parameters.u2ss),
                v_set(1.0),
                dx);
    for (int i = 0; i < S2008_BODY_COUNT; i++) {
        most = fmax(most,
                    fabs(dx[i][0]) / (1.0 + fabs(patient->x[S2008_BODY + i])));
    }
    return most;
}

static struct dg_s2008 fasting(const struct dg_s2008_parameters *parameters)
{
    return (struct dg_s2008){
        .parameters = *parameters,
        .x = {[DG_S2008_PLASMA] = parameters->Gpb,
              [DG_S2008_TISSUE] = parameters->Gtb,
              [DG_S2008_INSULIN] = parameters->Ipb,
              [DG_S2008_DELAY_1] = parameters->Ib,
              [DG_S2008_DELAY_2] = parameters->Ib,
              [DG_S2008_LIVER] = parameters->Ilb,
              [DG_S2008_DEPOT_1] = parameters->isc1ss,
              [DG_S2008_DEPOT_2] = parameters->isc2ss,
              [DG_S2008_SUBCUTANEOUS] = parameters->Gpb},
    };
}

enum dg_status dg_s2008_check(const struct dg_s2008_parameters *parameters,
                              struct dg_s2008_fault *fault)
{
    struct dg_s2008_fault found = {.low = 0.0};

    if (parameters == NULL) {
        return DG_E_USAGE;
    }
    if (fault == NULL) {
        fault = &found;
    }
    if (!is_plausible(parameters, &found)) {
        *fault = found;
        return DG_E_RANGE;
    }

    const struct dg_s2008 patient = fasting(parameters);
    const struct dg_s2008_fault derived[] = {
        {"fastest rate", fastest_rate(parameters), 0.0, DG_S2008_RATE_MAX},
        {"steady state", unrest(&patient), 0.0, 1e-5},
        {"fasting glucose",
         fabs(dg_s2008_plasma_mg_dL(&patient) - parameters->basal_mg_dL),
         0.0,
         0.01},
    };

    for (size_t i = 0; i < sizeof derived / sizeof derived[0]; i++) {
        if (!(derived[i].value <= derived[i].high)) {
            *fault = derived[i];
            return DG_E_RANGE;
        }
    }
    return DG_OK;
}

enum dg_status dg_s2008_init(struct dg_s2008 *patient,
                             const struct dg_s2008_parameters *parameters)
{
    if (patient == NULL) {
        return DG_E_USAGE;
    }

    const enum dg_status status = dg_s2008_check(parameters, NULL);

    if (status == DG_OK) {
        *patient = fasting(parameters);
    }
    return status;
}

enum dg_status dg_s2008_meal(struct dg_s2008 *patient, double grams)
{
    if (patient == NULL) {
        return DG_E_USAGE;
    }
    if (!(grams > 0.0) ||
        !(patient->waiting_g + grams <= DG_S2008_WAITING_G_MAX)) {
        return DG_E_RANGE;
    }
    patient->waiting_g += grams;
    return DG_OK;
}

enum dg_status dg_s2008_minute(struct dg_s2008 *patient,
                               double carbs_g_per_min,
                               double insulin_U_per_min)
{
    if (patient == NULL) {
        return DG_E_USAGE;
    }
    if (!is_within(carbs_g_per_min, 0.0, DG_S2008_CARBS_G_PER_MIN_MAX) ||
        !is_within(insulin_U_per_min, 0.0, DG_S2008_INSULIN_U_PER_MIN_MAX)) {
        return DG_E_RANGE;
    }

    const double bite_g = fmin(patient->waiting_g, DG_S2008_EATING_G_PER_MIN);
    const struct dg_lane_inflow in = {
        .insulin_mU = v_set(insulin_U_per_min * MU_PER_U),
        .carbs_g = v_set(carbs_g_per_min + bite_g),
    };
    struct dg_lane_s2008 lanes;

    to_lanes(&lanes, patient);
    dg_lane_s2008_minute(&lanes, &in);
    if (!b_all(dg_lane_s2008_is_sound(&lanes))) {
        return DG_E_CORRUPT;
    }
    from_lanes(patient, &lanes);
    patient->waiting_g -= bite_g;
    return DG_OK;
}

double dg_s2008_plasma_mg_dL(const struct dg_s2008 *patient)
{
    return fmax(0.0, patient->x[DG_S2008_PLASMA] / patient->parameters.Vg);
}

double dg_s2008_subcutaneous_mg_dL(const struct dg_s2008 *patient)
{
    return fmax(0.0,
                patient->x[DG_S2008_SUBCUTANEOUS] / patient->parameters.Vg);
}

double dg_s2008_basal_U_per_h(const struct dg_s2008_parameters *parameters)
{
    return parameters->u2ss * parameters->weight_kg / PMOL_PER_U * 60.0;
}
