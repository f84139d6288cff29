/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CAMBRIDGE_H
#define DG_PATIENT_CAMBRIDGE_H

#include <stdint.h>

#include "dosegate/status.h"

/* People of the Cambridge models: Wilinska 2010 with glucagon after McGill,
 * and Hovorka 2004 with glucagon after Oregon (OHSU).  The equations are in
 * patient/lane/wilinska.h and patient/lane/hovorka.h; here is who people are.
 *
 * sources: Wilinska et al., J Diabetes Sci Technol 4 (2010) 132, as in
 * McGillDiabetesLab/artificial-pancreas-simulator@3521a51 (@HovorkaPatient);
 * Hovorka et al., Physiol Meas 25 (2004) 905; Resalat et al., 2019, as in
 * petejacobs/T1D_VPP@9ee5f3d (figures only). */

/* The published symbols are kept as names.  Both models have all of these; a
 * comment says where their unit or sense differs. */
struct dg_cambridge_parameters {
    double weight_kg;

    /* Glucose. */
    double EGP0; /* umol/kg/min: liver output at no insulin                  */
    double F01;  /* umol/kg/min: uptake that needs no insulin                */
    double k12;  /* 1/min: from the inaccessible compartment                 */
    double RTh;  /* mmol/L: the kidney lets glucose through above            */
    double RCl;  /* 1/min: how fast                                          */
    double Vg;   /* mL/kg: distribution volume                               */
    double tauS; /* min: lag of the interstitial space                       */

    /* Insulin. */
    double ka;  /* 1/min: each of two compartments under the skin            */
    double ke;  /* 1/min: elimination                                        */
    double Vi;  /* mL/kg: distribution volume                                */
    double ka1; /* 1/min: delay of the effect on transport ...               */
    double ka2; /* 1/min: ... on disposal ...                                */
    double ka3; /* 1/min: ... and on the liver                               */
    double St;  /* 1/min per mU/L: effect on transport ...                   */
    double Sd;  /* 1/min per mU/L: ... on disposal ...                       */
    double Se;  /* per mU/L: ... and on the liver                            */

    /* Meals: two compartments of the gut. */
    double Bio;  /* 1: share of carbohydrate that reaches plasma             */
    double tauM; /* min                                                      */

    /* Glucagon, McGill: wilinska only. */
    double glucagon_tau; /* min: two compartments under the skin             */
    double glucagon_T;   /* mL/pg: potency                                   */
    double glucagon_MCR; /* L/kg/min: clearance                              */

    /* Glucagon, OHSU: hovorka only. */
    double SfGG; /* mL/pg: potency                                           */
    double kc;   /* 1/min: delay of the effect                               */
    double kg3;  /* min: weight of the rise                                  */

    /* Therapy, as the population rule derives it. */
    double start_mmol_L;           /* fasting glucose, where a run starts    */
    double basal_U_per_h;          /* steps of 0.05                          */
    double carb_ratio_g_per_U;     /* CR                                     */
    double correction_mg_dL_per_U; /* 1700 / daily dose                      */
    double daily_U;                /* 24 h of basal + 200 g / CR, 10 .. 110  */
};

#define DG_MG_DL_PER_MMOL_L 18.016

/* Millimoles of glucose in a gram, times 1000. source: 180.1577 g/mol */
#define DG_GLUCOSE_UMOL_PER_G (1e6 / 180.1577)

/* The basal step that people are given, U/h. source: population rule. */
#define DG_CAMBRIDGE_BASAL_STEP 0.05

enum dg_cambridge_model {
    DG_CAMBRIDGE_WILINSKA,
    DG_CAMBRIDGE_HOVORKA,
};

/**
 * Give the mean person of a model: `patientOriginal` of Wilinska 2010, 70 kg
 * of Hovorka 2004.
 *
 * @param      model   Which.
 * @param[out] person  The figures, with therapy, starting at 6.5 mmol/L.
 *
 * @retval DG_OK       Done.
 * @retval DG_E_USAGE  @p person is NULL.
 * @retval DG_E_RANGE  @p model is not in its enum.
 */
DG_NODISCARD enum dg_status dg_cambridge_mean(
    enum dg_cambridge_model model, struct dg_cambridge_parameters *person);

/**
 * Draw a person from the population of a model, by its rule: log-normal
 * figures (Wilinska) or normal ones (Hovorka), drawn again until the person
 * is possible.  Wilinska is the default population of trials.
 *
 * The same seed, model and number give the same bits on every machine.
 *
 * What counts as possible (Wilinska; Hovorka is held to the same, our choice):
 * liver output that can fall to half of what holds glucose up (0.8 EGP0 >=
 * 5.5 (F01 / 0.85) / 6.5), basal of 0.1 .. 2.2 U/h, ratio of 2 .. 24 g/U,
 * fasting glucose of 5 .. 8 mmol/L.
 *
 * @param      model    Which.
 * @param      seed     The campaign.
 * @param      number   Which person, 0 .. 2^56 - 1.
 * @param[out] person   The figures, with therapy; unchanged on failure.
 * @param[out] refused  How many draws were no possible person; may be NULL.
 *
 * @retval DG_OK         The person is drawn.
 * @retval DG_E_USAGE    @p person is NULL.
 * @retval DG_E_RANGE    @p model or @p number is out of range.
 * @retval DG_E_CORRUPT  No possible person in a thousand draws.
 */
DG_NODISCARD enum dg_status dg_cambridge_draw(
    enum dg_cambridge_model model,
    uint64_t seed,
    uint64_t number,
    struct dg_cambridge_parameters *person,
    uint32_t *refused);

/* Why a set of figures is refused. */
struct dg_cambridge_fault {
    const char *name; /* the figure                                          */
    double value;
    double low; /* what it may be                                            */
    double high;
};

/**
 * Say whether a set of figures describes a person that can be simulated.
 *
 * @param      model   Which model.
 * @param[in]  person  The figures.
 * @param[out] fault   What is wrong; written only with DG_E_RANGE.  May be
 *                     NULL.
 *
 * @retval DG_OK       The lanes take it.
 * @retval DG_E_USAGE  @p person is NULL.
 * @retval DG_E_RANGE  A figure is not a number or outside what a person can
 *                     have, or no insulin holds start_mmol_L.
 */
DG_NODISCARD enum dg_status dg_cambridge_check(
    enum dg_cambridge_model model,
    const struct dg_cambridge_parameters *person,
    struct dg_cambridge_fault *fault);

/**
 * Find plasma insulin that holds a fasting glucose.
 *
 * @param     model   Which model.
 * @param[in] person  Figures in range.
 * @param     mmol_L  The glucose, 2 .. 20 mmol/L.
 *
 * @return mU/L; negative if none does.
 */
double dg_cambridge_basal_mU_L(enum dg_cambridge_model model,
                               const struct dg_cambridge_parameters *person,
                               double mmol_L);

#endif
