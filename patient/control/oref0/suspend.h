/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_SUSPEND_H
#define DG_PATIENT_CONTROL_OREF0_SUSPEND_H

#include "patient/control/oref0/pieces.h"

/* What a suspended pump does to temporary rates: they give nothing, and
 * neither does the schedule. */

#define DG_OREF0_PIECES_MAX   512U
#define DG_OREF0_SUSPENDS_MAX 64U

struct dg_oref0_pieces {
    size_t count;
    struct dg_oref0_piece piece[DG_OREF0_PIECES_MAX];
};

/* A closed suspension. */
struct dg_oref0_pause {
    double from_ms;
    double to_ms;
};

struct dg_oref0_pauses {
    size_t count;
    struct dg_oref0_pause pause[DG_OREF0_SUSPENDS_MAX];
    double before_ms; /* suspended before the history begins, until then;
                         absent if not                                       */
    double open_ms;   /* suspended since then and still; absent if not       */
};

/**
 * Pair suspends with resumes.
 *
 * @param[in]  events  Oldest first.
 * @param      count   0 and up.
 * @param[out] pauses  What they make; undefined when the result is false.
 *
 * @retval true   Done.
 * @retval false  More than DG_OREF0_SUSPENDS_MAX.
 */
bool dg_oref0_pauses(const struct dg_oref0_event *events,
                     size_t count,
                     struct dg_oref0_pauses *pauses);

/**
 * Take the pauses out of the pieces, and put pieces of rate zero there.
 *
 * @param[in]     profile   The settings.
 * @param[in]     pauses    dg_oref0_pauses().
 * @param         clock_ms  Now.
 * @param[in,out] pieces    In order of time again when the result is true.
 *
 * @retval true   Done.
 * @retval false  They do not fit.
 */
bool dg_oref0_suspend(const struct dg_oref0_profile *profile,
                      const struct dg_oref0_pauses *pauses,
                      double clock_ms,
                      struct dg_oref0_pieces *pieces);

/**
 * Cut a temp and add what it becomes.
 *
 * @param[in]     profile  The settings.
 * @param         temp     The temp.
 * @param[in,out] pieces   The list.
 *
 * @retval true   Added.
 * @retval false  No room.
 */
bool dg_oref0_pieces_add(const struct dg_oref0_profile *profile,
                         struct dg_oref0_piece temp,
                         struct dg_oref0_pieces *pieces);

#endif
