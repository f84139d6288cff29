/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_PARTS_H
#define DG_PATIENT_CONTROL_OREF0_PARTS_H

#include "patient/control/oref0/decide.h"

/* What the parts of a decision hand to each other; private to decide.c,
 * predict.c and dose.c. */

struct dg_oref0_now {
    const struct dg_oref0_profile *profile;
    const struct dg_oref0_situation *situation;

    /* Part one: what is in use. */
    double basal;      /* U/h, pump-rounded                                  */
    double isf;        /* mg/dL per U                                        */
    double ratio;      /* of sensitivity, absent if none                     */
    double target_low; /* mg/dL                                              */
    double target;
    double target_high;
    double threshold; /* mg/dL, below it insulin stops                      */

    /* Part two: what happens now, mg/dL. */
    double min_delta; /* per 5 min                                          */
    double max_delta;
    double bgi;      /* change by insulin per 5 min                        */
    double naive;    /* once all insulin has acted                         */
    double eventual; /* ... and what is unexplained has gone on            */
    double expected; /* slope that would bring it to the target            */
    bool smb;        /* micro-boluses are permitted                        */

    /* Part three: what comes. */
    double carb_sensitivity; /* F, mg/dL per g                            */
    double impact;           /* c, mg/dL per 5 min                        */
    double leftover_peak;    /* k                                         */
    double min_pred;         /* P                                         */
    double min_guard;        /* g                                         */
    double min_iob_pred;     /* mI                                        */
    double carbs_req;        /* g, rounded, may be negative               */
};

/**
 * Predict: sets part three, the series, E and what is echoed of them.
 *
 * @param[in,out] now       Parts one and two set.
 * @param[in,out] decision  Gets the series and eventual_bg.
 */
void dg_oref0_predict(struct dg_oref0_now *now,
                      struct dg_oref0_decision *decision);

/**
 * Walk the ladder of doses; the first step that fits ends it.
 *
 * @param[in]     now       All parts set.
 * @param[in,out] decision  Gets the temp, the units, the insulin required.
 */
void dg_oref0_dose(const struct dg_oref0_now *now,
                   struct dg_oref0_decision *decision);

#endif
