/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/cambridge.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "patient/lane/draw.h"
#include "patient/variates.h"

/* Figures are made with the functions of the lanes, one person in every lane:
 * so a seed means the same person on every machine. */

#define DRAWS_MAX      1000U
#define PERSON_MAX     (UINT64_C(1) << 56)
#define GRAMS_PER_DAY  200.0 /* of carbohydrate, in the daily dose          */
#define FASTING_MMOL_L 6.5
#define SEVENTEEN_H    1700.0 /* the "1700 rule" for a correction           */
#define INSULIN_MAX    1000.0 /* mU/L: where the search for basal ends      */
#define INSULIN_USUAL  10.0   /* mU/L: where it begins                      */
#define SEARCH_MAX     60
#define HOVORKA_LOW    4.5  /* mmol/L: uptake falls below                 */
#define HOVORKA_SENSE  0.4  /* OHSU: sensitivities of its population      */
#define WEIGHT_SD      15.9 /* kg, OHSU                                   */
#define WEIGHT_MEAN    74.9 /* kg: of Wilinska's mean person              */
#define LEAST_OF_MEAN  0.1  /* OHSU: a normal figure is at least this     */

/* source: Wilinska 2010 in McGill's simulator, `patientOriginal`. */
static const struct dg_cambridge_parameters wilinska_mean = {
    .weight_kg = 74.9,
    .EGP0 = 16.9,
    .F01 = 11.1,
    .k12 = 0.060,
    .RTh = 9.0,
    .RCl = 0.01,
    .Vg = 160.0,
    .tauS = 10.7,
    .ka = 0.018,
    .ke = 0.14,
    .Vi = 120.0,
    .ka1 = 0.0034,
    .ka2 = 0.056,
    .ka3 = 0.024,
    .St = 18.41e-4,
    .Sd = 5.05e-4,
    .Se = 190e-4,
    .Bio = 0.8,
    .tauM = 40.0,
    .glucagon_tau = 19.0,
    .glucagon_T = 0.0012,
    .glucagon_MCR = 0.012,
    .SfGG = 0.0171,
    .kc = 0.06,
    .kg3 = 140.0,
};

/* source: Hovorka 2004; glucagon of OHSU. */
static const struct dg_cambridge_parameters hovorka_mean = {
    .weight_kg = 70.0,
    .EGP0 = 16.1,
    .F01 = 9.7,
    .k12 = 0.066,
    .RTh = 9.0,
    .RCl = 0.003,
    .Vg = 160.0,
    .tauS = 1.0 / 0.073,
    .ka = 1.0 / 55.0,
    .ke = 0.138,
    .Vi = 120.0,
    .ka1 = 0.006,
    .ka2 = 0.06,
    .ka3 = 0.03,
    .St = 51.2e-4,
    .Sd = 8.2e-4,
    .Se = 520e-4,
    .Bio = 0.8,
    .tauM = 40.0,
    .glucagon_tau = 19.0,
    .glucagon_T = 0.0012,
    .glucagon_MCR = 0.012,
    .SfGG = 0.0171,
    .kc = 0.06,
    .kg3 = 140.0,
};

/* What leaves glucose without insulin, less what the liver gives without any:
 * umol/kg/min. */
static double loss_without_insulin(enum dg_cambridge_model model,
                                   const struct dg_cambridge_parameters *p,
                                   double mmol_L)
{
    const double uptake =
        model == DG_CAMBRIDGE_WILINSKA
            ? p->F01 / 0.85 * mmol_L / (mmol_L + 1.0)
            : p->F01 * (mmol_L < HOVORKA_LOW ? mmol_L / HOVORKA_LOW : 1.0);
    const double above = mmol_L - p->RTh;

    return uptake + (above > 0.0 ? p->RCl * above * p->Vg : 0.0);
}

/* How fast glucose rises at an insulin, umol/kg/min, and how that changes with
 * it: it falls. */
static double rise_at(enum dg_cambridge_model model,
                      const struct dg_cambridge_parameters *p,
                      double loss,
                      double moved_per_mU_L,
                      double insulin,
                      double *slope)
{
    const double leave = p->k12 + p->Sd * insulin;
    const double effect = p->Se * insulin;
    double liver = 0.0;
    double liver_slope = 0.0;

    if (model == DG_CAMBRIDGE_WILINSKA) {
        liver = dg_plain_exp(-effect);
        liver_slope = -p->Se * liver;
    } else if (effect < 1.0) {
        liver = 1.0 - effect;
        liver_slope = -p->Se;
    }
    *slope = p->EGP0 * liver_slope - moved_per_mU_L * p->Sd * insulin *
                                         (leave + p->k12) / (leave * leave);
    return p->EGP0 * liver -
           moved_per_mU_L * p->Sd * insulin * insulin / leave - loss;
}

double dg_cambridge_basal_mU_L(enum dg_cambridge_model model,
                               const struct dg_cambridge_parameters *person,
                               double mmol_L)
{
    const double loss = loss_without_insulin(model, person, mmol_L);
    const double moved = person->St * mmol_L * person->Vg;
    double low = 0.0;
    double high = INSULIN_MAX;
    double at = INSULIN_USUAL;
    double slope;

    if (!(rise_at(model, person, loss, moved, low, &slope) >= 0.0) ||
        !(rise_at(model, person, loss, moved, high, &slope) < 0.0)) {
        return -1.0;
    }
    /* Newton's method between bounds that it tightens: a handful of turns;
     * where it would leave them, the middle. */
    for (int i = 0; i < SEARCH_MAX; i++) {
        const double rise = rise_at(model, person, loss, moved, at, &slope);
        double next = at - rise / slope;

        if (rise >= 0.0) {
            low = at;
        } else {
            high = at;
        }
        if (!((next >= low) && (next <= high))) {
            next = (low + high) / 2.0;
        }
        if (fabs(next - at) <= 1e-14 * at) {
            return next;
        }
        at = next;
    }
    return at;
}

static double within(double value, double low, double high)
{
    if (value < low) {
        return low;
    }
    return value > high ? high : value;
}

/* Basal, ratio and daily dose by the population rule. */
static void derive_therapy(enum dg_cambridge_model model,
                           struct dg_cambridge_parameters *p)
{
    const double insulin = dg_cambridge_basal_mU_L(model, p, p->start_mmol_L);
    const double U_per_h = 60.0 * insulin * p->ke * p->Vi * p->weight_kg / 1e6;
    const double sense =
        0.4 * (p->St > 16e-4 ? p->St : 16e-4) + 0.6 * within(p->Sd, 3e-4, 7e-4);

    p->basal_U_per_h = v_round(v_set(U_per_h / DG_CAMBRIDGE_BASAL_STEP))[0] *
                       DG_CAMBRIDGE_BASAL_STEP;
    p->carb_ratio_g_per_U = 180.1577 * sense * 5.0 * p->Vg / (p->ke * p->Vi);
    p->daily_U =
        within(24.0 * p->basal_U_per_h + GRAMS_PER_DAY / p->carb_ratio_g_per_U,
               10.0,
               110.0);
    p->correction_mg_dL_per_U = SEVENTEEN_H / p->daily_U;
}

static bool is_model(enum dg_cambridge_model model)
{
    return (model == DG_CAMBRIDGE_WILINSKA) || (model == DG_CAMBRIDGE_HOVORKA);
}

enum dg_status dg_cambridge_mean(enum dg_cambridge_model model,
                                 struct dg_cambridge_parameters *person)
{
    if (person == NULL) {
        return DG_E_USAGE;
    }
    if (!is_model(model)) {
        return DG_E_RANGE;
    }
    *person = model == DG_CAMBRIDGE_WILINSKA ? wilinska_mean : hovorka_mean;
    person->start_mmol_L = FASTING_MMOL_L;
    derive_therapy(model, person);
    return DG_OK;
}

/* Liver output can fall to what a fasting person needs, and below. */
static bool has_liver(const struct dg_cambridge_parameters *p)
{
    return 0.8 * p->EGP0 >= 5.5 * (p->F01 / 0.85) / 6.5;
}

static void draw_wilinska(struct dg_variates *from,
                          struct dg_cambridge_parameters *p,
                          uint32_t *refused)
{
    p->weight_kg = 45.0 + 50.0 * dg_variates_uniform(from);
    do {
        p->EGP0 = dg_variates_log_normal(from, 17.0, 0.2);
        p->F01 = dg_variates_log_normal(from, 11.0, 0.1);
        *refused += has_liver(p) ? 0U : 1U;
    } while (!has_liver(p) && (*refused < DRAWS_MAX));
    p->k12 = dg_variates_log_normal(from, 0.05, 0.4);
    p->RTh = 11.0;
    p->RCl = dg_variates_log_normal(from, 0.01, 0.2);
    p->ka1 = dg_variates_log_normal(from, 0.0035, 0.4);
    p->ka2 = dg_variates_log_normal(from, 0.055, 0.4);
    p->ka3 = dg_variates_log_normal(from, 0.025, 0.4);
    p->St = dg_variates_log_normal(from, 18e-4, 0.4);
    p->Sd = dg_variates_log_normal(from, 5e-4, 0.4);
    p->Se = dg_variates_log_normal(from, 190e-4, 0.4);
    p->ka = dg_variates_log_normal(from, 0.018, 0.2);
    p->ke = dg_variates_log_normal(from, 0.14, 0.2);
    p->Vi = dg_variates_log_normal(from, 120.0, 0.05);
    p->Vg = dg_variates_log_normal(from, 160.0, 0.05);
    p->Bio = 0.8;
    p->tauM = 1.0 / dg_variates_log_normal(from, 0.025, 0.2);
    p->tauS = 12.0;
    p->glucagon_tau = dg_variates_log_normal(from, 19.0, 0.2);
    p->glucagon_T = dg_variates_log_normal(from, 0.0012, 0.2);
    p->glucagon_MCR = dg_variates_log_normal(from, 0.012, 0.2);
}

/* Normal figures, which may come out absurdly small or negative. */
static double draw_about(struct dg_variates *from,
                         double mean,
                         double sd,
                         bool *is_possible)
{
    const double value = mean + sd * dg_variates_normal(from);

    *is_possible = *is_possible && (value >= LEAST_OF_MEAN * mean);
    return value;
}

static bool draw_hovorka(struct dg_variates *from,
                         struct dg_cambridge_parameters *p)
{
    const double sense = dg_variates_normal(from);
    bool is_possible = true;

    p->weight_kg = draw_about(from, WEIGHT_MEAN, WEIGHT_SD, &is_possible);
    p->EGP0 = draw_about(from, 16.1, 1.6, &is_possible);
    p->SfGG = draw_about(from, 0.0171, 0.0171 / 3.0, &is_possible);
    p->kc = draw_about(from, 0.06, 0.02, &is_possible);
    p->kg3 = draw_about(from, 140.0, 140.0 / 3.0, &is_possible);
    /* One draw moves all three sensitivities. */
    p->St = HOVORKA_SENSE * (51.2e-4 + 13.1e-4 * sense);
    p->Sd = HOVORKA_SENSE * (8.2e-4 + 3.2e-4 * sense);
    p->Se = HOVORKA_SENSE * (520e-4 + 125e-4 * sense);
    return is_possible && (p->St >= LEAST_OF_MEAN * HOVORKA_SENSE * 51.2e-4) &&
           (p->Sd >= LEAST_OF_MEAN * HOVORKA_SENSE * 8.2e-4) &&
           (p->Se >= LEAST_OF_MEAN * HOVORKA_SENSE * 520e-4);
}

static bool is_acceptable(const struct dg_cambridge_parameters *p)
{
    return has_liver(p) && (p->start_mmol_L >= 5.0) &&
           (p->start_mmol_L <= 8.0) && (p->basal_U_per_h >= 0.1 - 1e-9) &&
           (p->basal_U_per_h <= 2.2 + 1e-9) && (p->carb_ratio_g_per_U >= 2.0) &&
           (p->carb_ratio_g_per_U <= 24.0);
}

enum dg_status dg_cambridge_draw(enum dg_cambridge_model model,
                                 uint64_t seed,
                                 uint64_t number,
                                 struct dg_cambridge_parameters *person,
                                 uint32_t *refused)
{
    struct dg_variates from =
        dg_variates_begin(seed, number, DG_LANE_STREAM_PERSON, 0U);
    uint32_t count = 0;

    if (person == NULL) {
        return DG_E_USAGE;
    }
    if (!is_model(model) || (number >= PERSON_MAX)) {
        return DG_E_RANGE;
    }
    while (count < DRAWS_MAX) {
        struct dg_cambridge_parameters drawn;
        bool is_possible = true;

        if (model == DG_CAMBRIDGE_WILINSKA) {
            drawn = wilinska_mean;
            draw_wilinska(&from, &drawn, &count);
        } else {
            drawn = hovorka_mean;
            is_possible = draw_hovorka(&from, &drawn);
        }
        drawn.start_mmol_L = FASTING_MMOL_L + dg_variates_normal(&from);
        if (is_possible) {
            derive_therapy(model, &drawn);
        }
        if (is_possible && is_acceptable(&drawn) &&
            (dg_cambridge_check(model, &drawn, NULL) == DG_OK)) {
            *person = drawn;
            if (refused != NULL) {
                *refused = count;
            }
            return DG_OK;
        }
        count++;
    }
    return DG_E_CORRUPT;
}

/* Wide bounds: they catch a figure in a wrong unit, not an unusual person.
 * Rates up to 2.5/min: the steps of a minute can follow. */
#define FIELD(name, low, high)                                               \
    {                                                                        \
#name, offsetof(struct dg_cambridge_parameters, name), (low), (high) \
    }
static const struct bounds {
    const char *name;
    size_t offset;
    double low;
    double high;
} bounds[] = {
    FIELD(weight_kg, 2.0, 400.0),
    FIELD(EGP0, 1.0, 100.0),
    FIELD(F01, 0.1, 100.0),
    FIELD(k12, 1e-4, 0.9),
    FIELD(RTh, 4.0, 30.0),
    FIELD(RCl, 0.0, 0.5),
    FIELD(Vg, 20.0, 1000.0),
    FIELD(tauS, 0.5, 120.0),
    FIELD(ka, 1e-3, 2.5),
    FIELD(ke, 1e-3, 2.5),
    FIELD(Vi, 10.0, 1000.0),
    FIELD(ka1, 1e-4, 2.5),
    FIELD(ka2, 1e-4, 2.5),
    FIELD(ka3, 1e-4, 2.5),
    FIELD(St, 1e-6, 1.0),
    FIELD(Sd, 1e-6, 1.0),
    FIELD(Se, 1e-5, 1.0),
    FIELD(Bio, 0.01, 1.0),
    FIELD(tauM, 2.0, 500.0),
    FIELD(glucagon_tau, 2.0, 500.0),
    FIELD(glucagon_T, 1e-6, 1.0),
    FIELD(glucagon_MCR, 1e-5, 1.0),
    FIELD(SfGG, 1e-5, 1.0),
    FIELD(kc, 1e-3, 1.0),
    FIELD(kg3, 0.0, 2000.0),
    FIELD(start_mmol_L, 2.0, 20.0),
    FIELD(basal_U_per_h, 0.01, 30.0),
    FIELD(carb_ratio_g_per_U, 0.5, 200.0),
    FIELD(correction_mg_dL_per_U, 0.5, 1000.0),
    FIELD(daily_U, 0.5, 500.0),
};
#undef FIELD

enum dg_status dg_cambridge_check(enum dg_cambridge_model model,
                                  const struct dg_cambridge_parameters *person,
                                  struct dg_cambridge_fault *fault)
{
    struct dg_cambridge_fault unheard;

    if (person == NULL) {
        return DG_E_USAGE;
    }
    if (fault == NULL) {
        fault = &unheard;
    }
    if (!is_model(model)) {
        *fault = (struct dg_cambridge_fault){"model", (double)model, 0.0, 1.0};
        return DG_E_RANGE;
    }
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        double value;

        memcpy(&value, (const char *)person + bounds[i].offset, sizeof value);
        /* What is no number fails both. */
        if (!((value >= bounds[i].low) && (value <= bounds[i].high))) {
            *fault = (struct dg_cambridge_fault){
                bounds[i].name, value, bounds[i].low, bounds[i].high};
            return DG_E_RANGE;
        }
    }

    const double insulin =
        dg_cambridge_basal_mU_L(model, person, person->start_mmol_L);

    if (!(insulin >= 0.0)) {
        *fault = (struct dg_cambridge_fault){
            "basal insulin", insulin, 0.0, INSULIN_MAX};
        return DG_E_RANGE;
    }
    return DG_OK;
}
