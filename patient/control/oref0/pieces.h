/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_PIECES_H
#define DG_PATIENT_CONTROL_OREF0_PIECES_H

#include "patient/control/oref0/iob.h"

/* Temporary rates cut into pieces in each of which the scheduled rate is one. */

#define DG_OREF0_MS_PER_MINUTE 60000.0

/* Half hours and breakpoints of the longest temp, twice over. */
#define DG_OREF0_CUT_MAX 160U

struct dg_oref0_piece {
    double at_ms;
    double minutes;
    double rate;     /* U/h                                                  */
    bool is_stamped; /* its wall-clock time is known                         */
    size_t origin;   /* number of the temp, from 1, if it was not cut; or 0  */
};

/**
 * Cut one temp at half hours, breakpoints of the schedule and midnight.
 *
 * Keeps an oddity of the original: within one pass, behind the first piece
 * that needs a cut, pieces that need none are lost.
 *
 * @param[in]  profile  With a schedule; without one nothing is cut.
 * @param      temp     The temp.
 * @param[out] pieces   What it becomes, DG_OREF0_CUT_MAX at most.
 *
 * @return How many, 0 if they do not fit.
 */
size_t dg_oref0_cut(const struct dg_oref0_profile *profile,
                    struct dg_oref0_piece temp,
                    struct dg_oref0_piece pieces[DG_OREF0_CUT_MAX]);

/**
 * Give the minute of the day (UTC) of a time.
 *
 * @param ms  Since the epoch.
 *
 * @return 0 .. 1439, seconds dropped.
 */
double dg_oref0_minute_of_day(double ms);

#endif
