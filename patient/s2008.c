/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/s2008.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define PMOL_PER_U 6000.0
#define MG_PER_G   1000.0

/* A step of a quarter minute: the emptying switch of some people is crossed
 * within a minute, and a step of one minute then costs 0.3 mg/dL. */
#define STEPS_PER_MIN 4

/* What flows in during one minute, in the units of the equations. */
struct inflow {
    double carbs_mg_per_min;
    double insulin_pmol_per_kg_min;
    double meal_size_mg;
};

static bool is_within(double value, double low, double high)
{
    /* A NaN fails both comparisons. */
    return (value >= low) && (value <= high);
}

/* Wide bounds: they catch a column that slipped and a unit that is wrong, not
 * an unusual person.  A rate above 5/min would unsettle the quarter step. */
#define FIELD(name, low, high)                                    \
    {                                                             \
        offsetof(struct dg_s2008_parameters, name), (low), (high) \
    }
static const struct bounds {
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

static bool is_plausible(const struct dg_s2008_parameters *p)
{
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        double value;

        memcpy(&value, (const char *)p + bounds[i].offset, sizeof value);
        if (!is_within(value, bounds[i].low, bounds[i].high)) {
            return false;
        }
    }
    return (p->age_class == DG_AGE_CHILD) ||
           (p->age_class == DG_AGE_ADOLESCENT) ||
           (p->age_class == DG_AGE_ADULT);
}

/* The share of the stomach's liquid that leaves it per minute: fast when the
 * stomach is full, slow in between, fast again when it is nearly empty. */
static double emptying_rate(const struct dg_s2008_parameters *p,
                            double content_mg,
                            double meal_size_mg)
{
    if (meal_size_mg <= 0.0) {
        return p->kmax;
    }

    const double a = 5.0 / (2.0 * meal_size_mg * (1.0 - p->b));
    const double c = 5.0 / (2.0 * meal_size_mg * p->d);

    return p->kmin + (p->kmax - p->kmin) / 2.0 *
                         (tanh(a * (content_mg - p->b * meal_size_mg)) -
                          tanh(c * (content_mg - p->d * meal_size_mg)) + 2.0);
}

static void slope_gut(const struct dg_s2008_parameters *p,
                      const struct inflow *in,
                      const double x[DG_S2008_STATES],
                      double dx[DG_S2008_STATES])
{
    const double solid = x[DG_S2008_STOMACH_SOLID];
    const double liquid = x[DG_S2008_STOMACH_LIQUID];
    const double kgut = emptying_rate(p, solid + liquid, in->meal_size_mg);

    dx[DG_S2008_STOMACH_SOLID] = in->carbs_mg_per_min - p->kmax * solid;
    dx[DG_S2008_STOMACH_LIQUID] = p->kmax * solid - kgut * liquid;
    dx[DG_S2008_GUT] = kgut * liquid - p->kabs * x[DG_S2008_GUT];
}

static void slope_glucose(const struct dg_s2008_parameters *p,
                          const double x[DG_S2008_STATES],
                          double dx[DG_S2008_STATES])
{
    const double plasma = x[DG_S2008_PLASMA];
    const double tissue = x[DG_S2008_TISSUE];
    const double appearing = p->f * p->kabs * x[DG_S2008_GUT] / p->weight_kg;
    const double liver =
        fmax(0.0, p->kp1 - p->kp2 * plasma - p->kp3 * x[DG_S2008_DELAY_2]);
    const double kidney = p->ke1 * fmax(0.0, plasma - p->ke2);
    const double uptake =
        (p->Vm0 + p->Vmx * x[DG_S2008_REMOTE]) * tissue / (p->Km0 + tissue);

    dx[DG_S2008_PLASMA] =
        liver + appearing - p->Fsnc - kidney - p->k1 * plasma + p->k2 * tissue;
    dx[DG_S2008_TISSUE] = -uptake + p->k1 * plasma - p->k2 * tissue;
    dx[DG_S2008_SUBCUTANEOUS] = p->ksc * (plasma - x[DG_S2008_SUBCUTANEOUS]);
}

static void slope_insulin(const struct dg_s2008_parameters *p,
                          const struct inflow *in,
                          const double x[DG_S2008_STATES],
                          double dx[DG_S2008_STATES])
{
    const double insulin = x[DG_S2008_INSULIN];
    const double liver = x[DG_S2008_LIVER];
    const double depot_1 = x[DG_S2008_DEPOT_1];
    const double depot_2 = x[DG_S2008_DEPOT_2];
    const double concentration = insulin / p->Vi;

    dx[DG_S2008_INSULIN] = -(p->m2 + p->m4) * insulin + p->m1 * liver +
                           p->ka1 * depot_1 + p->ka2 * depot_2;
    dx[DG_S2008_REMOTE] = p->p2u * (concentration - p->Ib - x[DG_S2008_REMOTE]);
    dx[DG_S2008_DELAY_1] = p->ki * (concentration - x[DG_S2008_DELAY_1]);
    dx[DG_S2008_DELAY_2] = p->ki * (x[DG_S2008_DELAY_1] - x[DG_S2008_DELAY_2]);
    dx[DG_S2008_LIVER] = -(p->m1 + p->m30) * liver + p->m2 * insulin;
    dx[DG_S2008_DEPOT_1] =
        in->insulin_pmol_per_kg_min - (p->ka1 + p->kd) * depot_1;
    dx[DG_S2008_DEPOT_2] = p->kd * depot_1 - p->ka2 * depot_2;
}

static void slope(const struct dg_s2008_parameters *p,
                  const struct inflow *in,
                  const double x[DG_S2008_STATES],
                  double dx[DG_S2008_STATES])
{
    /* The published code freezes these states below zero.  It is all that
     * stops glucose in an overdose, so it belongs to the model. */
    static const enum dg_s2008_state frozen_below_zero[] = {
        DG_S2008_PLASMA,
        DG_S2008_TISSUE,
        DG_S2008_INSULIN,
        DG_S2008_LIVER,
        DG_S2008_DEPOT_1,
        DG_S2008_DEPOT_2,
        DG_S2008_SUBCUTANEOUS,
    };

    slope_gut(p, in, x, dx);
    slope_glucose(p, x, dx);
    slope_insulin(p, in, x, dx);

    for (size_t i = 0;
         i < sizeof frozen_below_zero / sizeof frozen_below_zero[0];
         i++) {
        if (x[frozen_below_zero[i]] < 0.0) {
            dx[frozen_below_zero[i]] = 0.0;
        }
    }
}

/* One step of the classical Runge-Kutta method. */
static void step(const struct dg_s2008_parameters *p,
                 const struct inflow *in,
                 double h,
                 double x[DG_S2008_STATES])
{
    double k[4][DG_S2008_STATES];
    double at[DG_S2008_STATES];

    slope(p, in, x, k[0]);
    for (size_t i = 0; i < DG_S2008_STATES; i++) {
        at[i] = x[i] + h / 2.0 * k[0][i];
    }
    slope(p, in, at, k[1]);
    for (size_t i = 0; i < DG_S2008_STATES; i++) {
        at[i] = x[i] + h / 2.0 * k[1][i];
    }
    slope(p, in, at, k[2]);
    for (size_t i = 0; i < DG_S2008_STATES; i++) {
        at[i] = x[i] + h * k[2][i];
    }
    slope(p, in, at, k[3]);
    for (size_t i = 0; i < DG_S2008_STATES; i++) {
        x[i] += h / 6.0 * (k[0][i] + 2.0 * k[1][i] + 2.0 * k[2][i] + k[3][i]);
    }
}

/* A wrong figure shows as a person who does not hold still while fasting. */
static bool is_steady(const struct dg_s2008 *patient)
{
    const struct inflow basal = {.insulin_pmol_per_kg_min =
                                     patient->parameters.u2ss};
    double dx[DG_S2008_STATES];

    slope(&patient->parameters, &basal, patient->x, dx);
    for (size_t i = 0; i < DG_S2008_STATES; i++) {
        if (!(fabs(dx[i]) <= 1e-5 * (1.0 + fabs(patient->x[i])))) {
            return false;
        }
    }
    return true;
}

enum dg_status dg_s2008_init(struct dg_s2008 *patient,
                             const struct dg_s2008_parameters *parameters)
{
    if ((patient == NULL) || (parameters == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_plausible(parameters)) {
        return DG_E_RANGE;
    }

    const struct dg_s2008 fasting = {
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

    if (!is_steady(&fasting)) {
        return DG_E_RANGE;
    }
    if (!(fabs(dg_s2008_plasma_mg_dL(&fasting) - parameters->basal_mg_dL) <=
          0.01)) {
        return DG_E_RANGE;
    }
    *patient = fasting;
    return DG_OK;
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

/* Take this minute's bite and keep the book that decides how fast the stomach
 * empties: its content when the meal began and what was eaten since. */
static double eat(struct dg_s2008 *patient, double unannounced_g)
{
    const double bite_g = fmin(patient->waiting_g, DG_S2008_EATING_G_PER_MIN);
    const double eaten_g = unannounced_g + bite_g;

    patient->waiting_g -= bite_g;
    if (eaten_g <= 0.0) {
        patient->eating = false;
        return 0.0;
    }
    if (!patient->eating) {
        patient->eating = true;
        patient->meal_start_mg = patient->x[DG_S2008_STOMACH_SOLID] +
                                 patient->x[DG_S2008_STOMACH_LIQUID];
        patient->meal_eaten_g = 0.0;
    }
    patient->meal_eaten_g += eaten_g;
    patient->meal_size_mg =
        patient->meal_start_mg + MG_PER_G * patient->meal_eaten_g;
    return eaten_g;
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

    struct dg_s2008 next = *patient;
    const double eaten_g = eat(&next, carbs_g_per_min);
    const struct inflow in = {
        .carbs_mg_per_min = MG_PER_G * eaten_g,
        .insulin_pmol_per_kg_min =
            insulin_U_per_min * PMOL_PER_U / next.parameters.weight_kg,
        .meal_size_mg = next.meal_size_mg,
    };

    for (int i = 0; i < STEPS_PER_MIN; i++) {
        step(&next.parameters, &in, 1.0 / STEPS_PER_MIN, next.x);
    }
    for (size_t i = 0; i < DG_S2008_STATES; i++) {
        if (!isfinite(next.x[i])) {
            return DG_E_CORRUPT;
        }
    }
    *patient = next;
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
