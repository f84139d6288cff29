/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_LOOP_INSULIN_H
#define DG_PATIENT_CONTROL_LOOP_INSULIN_H

#include <stdbool.h>
#include <stddef.h>

/* Insulin on board and its effect on glucose as Loop counts them
 * (LoopKit/LoopAlgorithm at 2f5c630): an exponential curve behind a delay, net
 * of the scheduled basal rate.  Written from a description; agrees with the
 * authors' fixtures.  Times are seconds since any midnight (UTC). */

#define DG_LOOP_STEP_S 300.0 /* of every timeline                            */

struct dg_loop_curve {
    double duration_s; /* of action                                          */
    double peak_s;     /* of activity                                        */
    double delay_s;    /* before anything acts                               */
};

/* 360, 75 and 10 minutes: rapid-acting insulin in adults. */
extern const struct dg_loop_curve dg_loop_rapid_adult;

struct dg_loop_dose {
    double from_s;
    double to_s;
    double units; /* of a basal dose beyond the schedule: dg_loop_net()      */
};

struct dg_loop_rate {
    double from_s;
    double to_s;
    double U_per_h;
};

/** The step of the grid at or before a time. */
double dg_loop_floor(double at_s);

/** The step of the grid at or after a time. */
double dg_loop_ceil(double at_s);

/**
 * Give the share of a dose that has not acted.
 *
 * @param[in] curve  Its action; peak below half of the duration.
 * @param     age_s  Since the dose.
 *
 * @return 1 until the delay has passed, 0 from its end on.
 */
double dg_loop_remaining(const struct dg_loop_curve *curve, double age_s);

/**
 * Take the schedule off a basal dose, cut where the schedule changes.
 *
 * @param     dose   Volume as delivered, evenly.
 * @param[in] rates  The schedule, ascending; what it leaves open counts 0.
 * @param     count  Its entries.
 * @param[out] doses What the dose becomes, in order of time.
 * @param     max    Room.
 *
 * @return How many, 0 if there is no room.
 */
size_t dg_loop_net(struct dg_loop_dose dose,
                   const struct dg_loop_rate *rates,
                   size_t count,
                   struct dg_loop_dose *doses,
                   size_t max);

/**
 * Give the insulin on board.
 *
 * @param[in] curve  The action.
 * @param[in] doses  Net doses.
 * @param     count  0 and up.
 * @param     at_s   When.
 *
 * @return U.
 */
double dg_loop_iob(const struct dg_loop_curve *curve,
                   const struct dg_loop_dose *doses,
                   size_t count,
                   double at_s);

/**
 * Give what doses have done to glucose since they were given.
 *
 * @param[in] curve        The action.
 * @param[in] doses        Net doses.
 * @param     count        0 and up.
 * @param     isf_mg_dL_U  Sensitivity.
 * @param     at_s         When.
 *
 * @return mg/dL, 0 or below for doses above the schedule.
 */
double dg_loop_insulin_effect(const struct dg_loop_curve *curve,
                              const struct dg_loop_dose *doses,
                              size_t count,
                              double isf_mg_dL_U,
                              double at_s);

#endif
