/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_CURVE_H
#define DG_PATIENT_CONTROL_OREF0_CURVE_H

#include <stddef.h>

#include "patient/control/oref0/profile.h"

/* How much of a dose is on board and how much acts, minute by minute: oref0
 * knows the age of a dose in whole minutes only, so both are a table. */

#define DG_OREF0_DIA_H_MAX 12.0
#define DG_OREF0_AHEAD     48U /* entries of an array of insulin on board  */
#define DG_OREF0_AHEAD_MIN 5U  /* between them                             */

/* Entries of one residue of the age modulo five, and behind the end as many
 * zeros as an array looks ahead. */
#define DG_OREF0_CURVE_FIVES (144U + DG_OREF0_AHEAD + 2U)

/* Of one unit at age 5 q + r minutes: [r][q].  Neighbours are five minutes
 * apart, as the entries of an array are. */
struct dg_oref0_curve_table {
    double hours; /* the insulin's action as used, h                         */
    size_t fives; /* from this q on everything is zero                       */
    double on_board[DG_OREF0_AHEAD_MIN][DG_OREF0_CURVE_FIVES];
    double activity[DG_OREF0_AHEAD_MIN][DG_OREF0_CURVE_FIVES]; /* U/min      */
};

/**
 * Work out the table.
 *
 * @param[out] table    The table; unchanged when the result is false.
 * @param[in]  profile  Its dia, curve and peak.
 *
 * @retval true   The table is ready.
 * @retval false  dia is absent or longer than DG_OREF0_DIA_H_MAX.
 */
bool dg_oref0_curve_table(struct dg_oref0_curve_table *table,
                          const struct dg_oref0_profile *profile);

#endif
