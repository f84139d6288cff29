/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_DECIDE_H
#define DG_PATIENT_CONTROL_OREF0_DECIDE_H

#include "patient/control/oref0/glucose.h"
#include "patient/control/oref0/iob.h"
#include "patient/control/oref0/pump.h"

/* One decision of an oref0-compatible controller: a pure function of what is
 * known now. */

/* Carbohydrate as the decision sees it (carbs.h works it out). */
struct dg_oref0_meal {
    double carbs;          /* g entered in the last hours and still counted  */
    double cob;            /* g on board                                     */
    double slope_from_max; /* mg/dL per 5 min per 5 min, 0 or below          */
    double slope_from_min; /* 0 or above, 999 for none                       */
    double last_carb_ms;   /* of the newest entry, since the epoch           */
    bool bw_found;         /* a bolus wizard was used                        */
    bool clock_unread;     /* never ask for carbohydrate                     */
};

/* Insulin on board as the decision sees it: `count` entries, or none but the
 * first, which then gives no predictions. */
struct dg_oref0_outlook {
    size_t count;              /* 1 .. DG_OREF0_OUTLOOK_MAX, 0 if missing    */
    bool is_list;              /* false: a single entry                      */
    double iob;                /* of the first, U                            */
    const double *activity;    /* U/min                                      */
    const double *zt_activity; /* U/min; an absent one ends the predictions  */
    double last_bolus_ms;      /* may be absent                              */
    struct dg_oref0_last_temp last_temp;
};

#define DG_OREF0_OUTLOOK_MAX 64U

struct dg_oref0_situation {
    double now_ms;
    struct dg_oref0_glucose glucose;
    struct dg_oref0_temp running; /* both absent if not known                */
    struct dg_oref0_outlook outlook;
    bool has_autosens;
    double autosens_ratio;
    struct dg_oref0_meal meal;
    bool micro_bolus_allowed;
};

enum dg_oref0_error {
    DG_OREF0_FINE,
    DG_OREF0_NO_CURRENT_BASAL,
    DG_OREF0_NO_TARGET,
    DG_OREF0_NO_IOB,
    DG_OREF0_IOB_INCOMPLETE,
    DG_OREF0_NO_EVENTUAL_BG,
};

/* Points of a prediction, five minutes apart, the first now; mg/dL. */
#define DG_OREF0_POINTS 48U

enum dg_oref0_series_kind {
    DG_OREF0_SERIES_IOB, /* insulin, and what glucose does now fades         */
    DG_OREF0_SERIES_ZT,  /* insulin alone, with zero temp                    */
    DG_OREF0_SERIES_COB, /* announced carbohydrate                           */
    DG_OREF0_SERIES_UAM, /* meals that nobody announced                      */
    DG_OREF0_SERIES_KINDS,
};

struct dg_oref0_series {
    size_t count; /* 0: not given                                            */
    double point[DG_OREF0_POINTS];
};

/* Numbers may be not computable (number.h). */
struct dg_oref0_decision {
    enum dg_oref0_error error; /* if not DG_OREF0_FINE, nothing else holds   */
    bool has_temp;             /* send `temp`; if not, leave the pump        */
    struct dg_oref0_temp temp;
    double units; /* U as a micro-bolus now; absent for none    */
    /* Below this line only if is_full: the decision got as far as predicting. */
    bool is_full;
    double tick;              /* mg/dL of the last 5 min, rounded           */
    double eventual_bg;       /* mg/dL                                      */
    double insulin_req;       /* U                                          */
    double sensitivity_ratio; /* absent if none                             */
    double carbs_req;         /* g, absent if none                          */
    double cob;               /* g, echoed                                  */
    double iob;               /* U, echoed                                  */
    double cr;                /* g/U                                        */
    double bgi;               /* mg/dL per 5 min                            */
    double deviation;         /* mg/dL per 30 min                           */
    double isf;               /* mg/dL per U in use                         */
    double target_bg;         /* mg/dL in use                               */
    double min_pred_bg;       /* mg/dL                                      */
    double min_guard_bg;      /* mg/dL                                      */
    struct dg_oref0_series series[DG_OREF0_SERIES_KINDS];
};

/**
 * Decide.
 *
 * @param[in]  profile    The settings.
 * @param[in]  situation  What is known now.
 * @param[out] decision   What to do.
 */
void dg_oref0_decide(const struct dg_oref0_profile *profile,
                     const struct dg_oref0_situation *situation,
                     struct dg_oref0_decision *decision);

#endif
