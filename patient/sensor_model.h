/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_SENSOR_MODEL_H
#define DG_PATIENT_SENSOR_MODEL_H

#include <stdint.h>

#include "dosegate/status.h"

/* Published models of what a continuous glucose sensor gets wrong:
 *
 *     reading = (a0 + a1 t + a2 t^2) G + b0 + b1 t + b2 t^2 + v + c
 *
 * G interstitial glucose, t days since insertion, v and c second-order
 * autoregressive with one step per sample of five minutes (none of the papers
 * says for which period its figures hold).  Breton's has no drift, and its
 * error is a transformed first-order process with a step of 15 minutes. */

enum dg_sensor_model {
    DG_SENSOR_MODEL_IDEAL, /* only rounds and clips                          */
    /* Navigator. source: Breton and Kovatchev 2008, PMC2740661. */
    DG_SENSOR_MODEL_BRETON,
    /* SEVEN Plus. source: Facchinetti et al. 2014, 10.1109/TBME.2013.2284023 */
    DG_SENSOR_MODEL_FACCHINETTI,
    /* Dexcom G5. source: Vettoretti et al. 2018, 10.1109/tbme.2017.2746340. */
    DG_SENSOR_MODEL_G5,
    /* Dexcom G6. source: Vettoretti et al. 2019, 10.1109/embc.2019.8856790. */
    DG_SENSOR_MODEL_G6,
    /* Factory-calibrated, ten days, every sensor another one; the default of
     * trials. source: Vettoretti et al., Sensors 19 (2019) 5320, as in
     * gcappon/replay-bg@3d1b8ab (figures only). */
    DG_SENSOR_MODEL_POPULATION,
    DG_SENSOR_MODELS,
};

/* z_n = p1 z_{n-1} + p2 z_{n-2} + N(0, variance) */
struct dg_autoregression {
    double p1;
    double p2;
    double variance; /* (mg/dL)^2                                            */
};

struct dg_sensor_figures {
    double a[3]; /* 1, per day, per day^2                                    */
    double b[3]; /* mg/dL, per day, per day^2                                */
    struct dg_autoregression v;
    struct dg_autoregression c;
};

/* How long one is worn, days; a new one has new errors. */
#define DG_SENSOR_MODEL_DAYS 10U

/* Breton: e = 0.7 (e + N(0,1)); error = XI + LAMBDA sinh((e - GAMMA) / DELTA)
 * mg/dL. */
#define DG_BRETON_KEEP   0.7
#define DG_BRETON_XI     (-5.471)
#define DG_BRETON_LAMBDA 15.96
#define DG_BRETON_GAMMA  (-0.5444)
#define DG_BRETON_DELTA  1.6898

/**
 * Give the standard deviation that an autoregression settles to.
 *
 * @param[in] process  Stationary.
 *
 * @return mg/dL.
 */
double dg_autoregression_sd(const struct dg_autoregression *process);

/**
 * Give the figures of one sensor.
 *
 * @param      model    Which; of DG_SENSOR_MODEL_BRETON the figures are those
 *                      of an ideal one.
 * @param      seed     The campaign.
 * @param      person   Who wears it, 0 .. 2^56 - 1.
 * @param      serial   The person's first, second, .. sensor, from 0.
 * @param[out] figures  Unchanged on failure.
 *
 * @retval DG_OK         The figures are given; the same for the same numbers.
 * @retval DG_E_USAGE    @p figures is NULL.
 * @retval DG_E_RANGE    @p model or @p person is out of range.
 * @retval DG_E_CORRUPT  A thousand draws gave no stationary sensor.
 */
DG_NODISCARD enum dg_status dg_sensor_model_figures(
    enum dg_sensor_model model,
    uint64_t seed,
    uint64_t person,
    uint32_t serial,
    struct dg_sensor_figures *figures);

#endif
