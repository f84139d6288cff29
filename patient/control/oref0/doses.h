/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_DOSES_H
#define DG_PATIENT_CONTROL_OREF0_DOSES_H

#include "patient/control/oref0/iob.h"
#include "patient/control/oref0/pieces.h"

/* Doses added up in order of time, each to all entries of an array at once;
 * private to iob.c and onboard.c. */

struct dg_oref0_adder {
    const struct dg_oref0_profile *profile;
    const struct dg_oref0_curve_table *table;
    double ratio;    /* on the schedule, absent if it is not scaled          */
    double clock_ms; /* time of the first entry                              */
    double since_ms; /* what began then or earlier acts no more              */
    const struct dg_oref0_event *const *bolus; /* ascending                  */
    size_t boluses;
    size_t next_bolus; /* the first that was not added yet                   */
    size_t length;     /* of the two arrays                                  */
    double *iob; /* NULL: nobody asks                                        */
    double *activity;
    struct dg_oref0_iob_parts *parts; /* NULL, or as long as those           */
};

/** The ratio by which exercise or autosens scales the schedule; absent if
 * none. */
double dg_oref0_ratio_in_force(const struct dg_oref0_profile *profile,
                               double autosens_ratio);

/** Add the boluses that come before a time. */
void dg_oref0_add_boluses(struct dg_oref0_adder *adder, double before_ms);

/** Add what a piece gives above or below the schedule, in quanta, and the
 * boluses between. */
void dg_oref0_add_piece(struct dg_oref0_adder *adder,
                        const struct dg_oref0_piece *piece);

/** Cut a temp and add its pieces; false if they do not fit. */
bool dg_oref0_add_temp(struct dg_oref0_adder *adder,
                       struct dg_oref0_piece temp);

/** The rate zero that closes a history, so many minutes long. */
struct dg_oref0_piece dg_oref0_closing(double clock_ms, double minutes);

/* How long it is in the array with zero temp. */
#define DG_OREF0_CLOSING_MIN 240.0

#endif
