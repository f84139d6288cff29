/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_IOB_H
#define DG_PATIENT_CONTROL_OREF0_IOB_H

#include "patient/control/oref0/curve.h"
#include "patient/control/oref0/profile.h"

/* Insulin on board as oref0 counts it, oddities included: now and each five
 * minutes for four hours, once as things are and once as if the basal rate
 * were zero from the next minute on. */

enum dg_oref0_event_kind {
    DG_OREF0_BOLUS = 1, /* amount U                                          */
    DG_OREF0_TEMP,      /* amount U/h for minutes; 0 minutes is a cancel     */
    DG_OREF0_SUSPEND,
    DG_OREF0_RESUME,
};

struct dg_oref0_event {
    double at_ms; /* since the epoch                                         */
    enum dg_oref0_event_kind kind;
    double amount;
    double minutes;
};

/* A longer temporary rate than this is refused. */
#define DG_OREF0_TEMP_MIN_MAX 1440.0

struct dg_oref0_last_temp {
    bool is_there;  /* false: nobody says                                    */
    double date_ms; /* 0 if the history has none, and then absent:           */
    double rate;    /* U/h                                                   */
    double minutes; /* that it ran or will run                               */
};

struct dg_oref0_iob {
    double iob[DG_OREF0_AHEAD];         /* U                                 */
    double activity[DG_OREF0_AHEAD];    /* U/min                             */
    double zt_iob[DG_OREF0_AHEAD];      /* U, with zero temp                 */
    double zt_activity[DG_OREF0_AHEAD]; /* U/min, with zero temp             */
    double last_bolus_ms;               /* 0 if none                         */
    struct dg_oref0_last_temp last_temp;
};

/* How the first array is made up; a dose below 0.1 U counts as basal. */
struct dg_oref0_iob_parts {
    double basal_iob[DG_OREF0_AHEAD];     /* U                               */
    double bolus_iob[DG_OREF0_AHEAD];     /* U                               */
    double basal_insulin[DG_OREF0_AHEAD]; /* U given above or below schedule */
    double bolus_insulin[DG_OREF0_AHEAD]; /* U                               */
};

/**
 * Work out the arrays.
 *
 * @param[in]  profile  The settings.
 * @param[in]  table    dg_oref0_curve_table() of the same settings.
 * @param      autosens_ratio  Scales the schedule; absent or 0 for none.
 * @param[in]  events   Oldest first.
 * @param      count    0 and up; the cost grows with those of the last hours
 *                      of the insulin's action, not with the history.
 * @param      clock_ms  Now.
 * @param[out] iob      The arrays; undefined when the result is false.
 * @param[out] parts    NULL, or how the first is made up.
 *
 * @retval true   Done.
 * @retval false  A temporary rate is longer than DG_OREF0_TEMP_MIN_MAX, or so
 *                many pieces are cut by suspensions that they do not fit.
 */
bool dg_oref0_iob(const struct dg_oref0_profile *profile,
                  const struct dg_oref0_curve_table *table,
                  double autosens_ratio,
                  const struct dg_oref0_event *events,
                  size_t count,
                  double clock_ms,
                  struct dg_oref0_iob *iob,
                  struct dg_oref0_iob_parts *parts);

#endif
