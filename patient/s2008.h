/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_S2008_H
#define DG_PATIENT_S2008_H

#include <stdbool.h>

#include "dosegate/limits.h"
#include "dosegate/status.h"

/* The UVA/Padova S2008 model of a person with type 1 diabetes: what glucose
 * does after meals and insulin.
 *
 * source: Dalla Man, Rizza, Cobelli, IEEE TBME 54(10) 2007; as implemented by
 * simglucose (github.com/jxx123/simglucose, commit a6f6777).
 *
 * What it does not contain: counter-regulation and glucagon (too pessimistic
 * in a low), the uptake that a low amplifies (too optimistic), exercise.  It
 * was accepted for single-meal use; longer runs extrapolate. */

/* The published symbols are kept as names so that a reader can lay the paper
 * beside the code; the column of the published table is the same word unless
 * a comment says otherwise. */
struct dg_s2008_parameters {
    double weight_kg;          /* BW: body weight                            */
    double age_years;          /* Age                                        */
    double basal_mg_dL;        /* Gb: fasting glucose                        */
    double daily_U;            /* TDI: 24 h of basal + 200 g / CR            */
    double carb_ratio_g_per_U; /* CR                                         */
    double correction_mg_dL_per_U; /* CF; aggressive in several people       */
    enum dg_age_class age_class;

    /* Stomach and gut. */
    double kabs; /* 1/min: absorption from the gut                           */
    double kmax; /* 1/min: fastest emptying of the stomach                   */
    double kmin; /* 1/min: slowest emptying                                  */
    double b;    /* 1: share of the meal where emptying slows down           */
    double d;    /* 1: share of the meal where emptying speeds up again      */
    double f;    /* 1: share of carbohydrate that reaches plasma             */

    /* Glucose. */
    double Vg;   /* dL/kg: distribution volume                               */
    double k1;   /* 1/min: plasma to tissue                                  */
    double k2;   /* 1/min: tissue to plasma                                  */
    double Fsnc; /* mg/kg/min: uptake that needs no insulin                  */
    double Vm0;  /* mg/kg/min: tissue uptake without remote insulin          */
    double Vmx;  /* mg/kg/min per pmol/L: its rise with remote insulin       */
    double Km0;  /* mg/kg: half saturation                                   */
    double kp1;  /* mg/kg/min: liver output at zero glucose and insulin      */
    double kp2;  /* 1/min: its fall with plasma glucose                      */
    double kp3;  /* mg/kg/min per pmol/L: its fall with delayed insulin      */
    double ke1;  /* 1/min: loss through the kidney ...                       */
    double ke2;  /* mg/kg: ... above this                                    */
    double ksc;  /* 1/min: plasma to the subcutaneous space                  */

    /* Insulin. */
    double Vi;  /* L/kg: distribution volume                                 */
    double m1;  /* 1/min: liver to plasma                                    */
    double m2;  /* 1/min: plasma to liver                                    */
    double m4;  /* 1/min: loss from plasma                                   */
    double m30; /* 1/min: loss in the liver                                  */
    double p2u; /* 1/min: plasma to remote                                   */
    double ki;  /* 1/min: delay of the effect on the liver                   */
    double kd;  /* 1/min: first to second depot under the skin               */
    double ka1; /* 1/min: first depot to plasma                              */
    double ka2; /* 1/min: second depot to plasma                             */

    /* The steady state under basal insulin, where a run starts. */
    double u2ss;   /* pmol/kg/min: basal insulin                             */
    double Gpb;    /* mg/kg: plasma glucose                                  */
    double Gtb;    /* mg/kg: tissue glucose                                  */
    double Ib;     /* pmol/L: plasma insulin concentration                   */
    double Ipb;    /* pmol/kg: plasma insulin                                */
    double Ilb;    /* pmol/kg: liver insulin                                 */
    double isc1ss; /* pmol/kg: first depot                                   */
    double isc2ss; /* pmol/kg: second depot                                  */
};

enum dg_s2008_state {
    DG_S2008_STOMACH_SOLID,  /* mg       */
    DG_S2008_STOMACH_LIQUID, /* mg       */
    DG_S2008_GUT,            /* mg       */
    DG_S2008_PLASMA,         /* mg/kg    */
    DG_S2008_TISSUE,         /* mg/kg    */
    DG_S2008_INSULIN,        /* pmol/kg  */
    DG_S2008_REMOTE,         /* pmol/L above basal */
    DG_S2008_DELAY_1,        /* pmol/L   */
    DG_S2008_DELAY_2,        /* pmol/L   */
    DG_S2008_LIVER,          /* pmol/kg  */
    DG_S2008_DEPOT_1,        /* pmol/kg  */
    DG_S2008_DEPOT_2,        /* pmol/kg  */
    DG_S2008_SUBCUTANEOUS,   /* mg/kg    */
    DG_S2008_STATES,
};

struct dg_s2008 {
    struct dg_s2008_parameters parameters;
    double x[DG_S2008_STATES]; /* see enum dg_s2008_state                    */
    double meal_start_mg;      /* stomach content when the meal began        */
    double meal_eaten_g;       /* eaten since then                           */
    double meal_size_mg;       /* Dbar: decides how the stomach empties      */
    double waiting_g;          /* announced, not eaten yet                   */
    bool eating;               /* the last minute had carbohydrate           */
};

/* An announced meal is eaten at this rate. source: simglucose. */
#define DG_S2008_EATING_G_PER_MIN 5.0

/* Above these a caller has made a mistake; they are no medical limits.  The
 * largest common reservoir holds 300 U, AndroidAPS takes 400 g at most. */
#define DG_S2008_INSULIN_U_PER_MIN_MAX 300.0
#define DG_S2008_CARBS_G_PER_MIN_MAX   100.0
#define DG_S2008_WAITING_G_MAX         500.0

/* The fastest process that the steps of a minute can follow, 1/min. */
#define DG_S2008_RATE_MAX 2.5

/* Why a set of figures is refused. */
struct dg_s2008_fault {
    const char *name; /* the figure; or "fastest rate" (1/min), "steady state"
                       * (relative change per minute), "fasting glucose" (mg/dL
                       * away from basal_mg_dL), which follow from several     */
    double value;     /* what it is                                          */
    double low;       /* what it may be                                      */
    double high;
};

/**
 * Say whether a set of figures describes a person that can be simulated.
 *
 * @param[in]  parameters  One person's figures.
 * @param[out] fault       What is wrong; written only with DG_E_RANGE.  May be
 *                         NULL.
 *
 * @retval DG_OK       dg_s2008_init() accepts them.
 * @retval DG_E_USAGE  @p parameters is NULL.
 * @retval DG_E_RANGE  A figure is not a number or outside what a person can
 *                     have, a process is faster than DG_S2008_RATE_MAX, or the
 *                     start is not a steady state.
 */
DG_NODISCARD enum dg_status dg_s2008_check(
    const struct dg_s2008_parameters *parameters, struct dg_s2008_fault *fault);

/**
 * Place a person at the steady state under basal insulin.
 *
 * @param[out] patient     The person; unchanged on failure.
 * @param[in]  parameters  One person's figures, which are copied.
 *
 * @retval DG_OK       The person fasts at basal_mg_dL.
 * @retval DG_E_USAGE  A pointer is NULL.
 * @retval DG_E_RANGE  A figure is not a number or outside what a person can
 *                     have, or the start is not a steady state: a figure of
 *                     the set is wrong; dg_s2008_check() says which.
 */
DG_NODISCARD enum dg_status dg_s2008_init(
    struct dg_s2008 *patient, const struct dg_s2008_parameters *parameters);

/**
 * Announce a meal, which is eaten at DG_S2008_EATING_G_PER_MIN from the next
 * minute on.
 *
 * @param[in,out] patient  A person that dg_s2008_init() accepted.
 * @param         grams    Carbohydrate, above 0; with what waits already at
 *                         most DG_S2008_WAITING_G_MAX g.
 *
 * @retval DG_OK       The meal waits.
 * @retval DG_E_USAGE  @p patient is NULL.
 * @retval DG_E_RANGE  @p grams is not a number or out of range; no change.
 */
DG_NODISCARD enum dg_status dg_s2008_meal(struct dg_s2008 *patient,
                                          double grams);

/**
 * Live for one minute, with both inputs spread evenly over it.
 *
 * Eats from the announced meals, too.
 *
 * @param[in,out] patient            A person that dg_s2008_init() accepted.
 * @param         carbs_g_per_min    Eaten beyond what was announced,
 *                                   0 .. DG_S2008_CARBS_G_PER_MIN_MAX g.
 * @param         insulin_U_per_min  All insulin, basal included,
 *                                   0 .. DG_S2008_INSULIN_U_PER_MIN_MAX U.
 *
 * @retval DG_OK         A minute passed.
 * @retval DG_E_USAGE    @p patient is NULL.
 * @retval DG_E_RANGE    An input is not a number or out of range; no change.
 * @retval DG_E_CORRUPT  The state is not finite any more, or beyond what a
 *                       body can hold; no change.
 */
DG_NODISCARD enum dg_status dg_s2008_minute(struct dg_s2008 *patient,
                                            double carbs_g_per_min,
                                            double insulin_U_per_min);

/**
 * Give plasma glucose.
 *
 * @param[in] patient  A person that dg_s2008_init() accepted.
 *
 * @return mg/dL, 0 or more: the model may freeze a hair below zero.
 */
double dg_s2008_plasma_mg_dL(const struct dg_s2008 *patient);

/**
 * Give subcutaneous glucose: what an ideal sensor would see.
 *
 * @param[in] patient  A person that dg_s2008_init() accepted.
 *
 * @return mg/dL, 0 or more.
 */
double dg_s2008_subcutaneous_mg_dL(const struct dg_s2008 *patient);

/**
 * Give the basal rate that holds the steady state.
 *
 * @param[in] parameters  One person's figures.
 *
 * @return U/h.
 */
double dg_s2008_basal_U_per_h(const struct dg_s2008_parameters *parameters);

#endif
