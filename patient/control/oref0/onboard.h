/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_ONBOARD_H
#define DG_PATIENT_CONTROL_OREF0_ONBOARD_H

#include "patient/control/oref0/iob.h"

/* The arrays of dg_oref0_iob(), kept from step to step: what is over is added
 * once, for all steps in which it still acts, and only the temp that runs is
 * added anew each time.  The four hours of zero rate are the same doses at each
 * step as long as the schedule does not change within them: added up once, to
 * nothing.  So they come last in one sum where dg_oref0_iob() adds them one by
 * one, which may differ in the last bit before rounding (docs/adr/0058); all
 * else is dg_oref0_iob() over the whole history, to the last bit, as long as
 * the settings stay, events come in order of time, none is later than the
 * clock, and none suspends. */

/* Events that are not over, at most: a bolus each step of the longest temp. */
#define DG_OREF0_BOARD_OPEN 320U

/* Zero rate from the next minute on, where so much is scheduled. */
struct dg_oref0_zero {
    bool is_there;
    double rate; /* U/h                                                      */
    double iob[DG_OREF0_AHEAD];
    double activity[DG_OREF0_AHEAD];
};

/* What of the arrays is wanted. */
enum dg_oref0_wanted {
    DG_OREF0_WANT_ALL,
    DG_OREF0_WANT_DECISION, /* iob[0], activity and zt_activity              */
};

struct dg_oref0_board {
    double clock_ms;
    double iob[DG_OREF0_CURVE_FIVES]; /* of what is over, from the clock
                                              on, every five minutes         */
    double activity[DG_OREF0_CURVE_FIVES];
    size_t count;
    struct dg_oref0_event open[DG_OREF0_BOARD_OPEN]; /* oldest first         */
    bool any;
    double last_bolus_ms;
    struct dg_oref0_last_temp last_temp; /* of those that are over           */
    struct dg_oref0_zero zero;
};

/**
 * Begin with an empty history.
 *
 * @param[out] board     The board.
 * @param      clock_ms  Time of the first step.
 */
void dg_oref0_board_begin(struct dg_oref0_board *board, double clock_ms);

/**
 * Add an event.
 *
 * @param[in,out] board  Begun.
 * @param         event  A bolus or a temp of at most DG_OREF0_TEMP_MIN_MAX,
 *                       not before the one added before.
 *
 * @retval true   Added.
 * @retval false  Too many that are not over: no temp ended the one that runs
 *                for too long.  No change.
 */
bool dg_oref0_board_add(struct dg_oref0_board *board,
                        struct dg_oref0_event event);

/**
 * Go on to the next step and give the arrays.
 *
 * @param[in,out] board     Begun.
 * @param[in]     profile   The settings.
 * @param[in]     table     dg_oref0_curve_table() of them.
 * @param         autosens_ratio  As for dg_oref0_iob().
 * @param         steps     Steps of five minutes since the last call; 0 at
 *                          the first.
 * @param         wanted    Which of the arrays.
 * @param[out]    iob       The arrays; undefined when the result is false, and
 *                          what is not wanted.
 *
 * @retval true   Done.
 * @retval false  A temp does not fit, as for dg_oref0_iob().
 */
bool dg_oref0_board_step(struct dg_oref0_board *board,
                         const struct dg_oref0_profile *profile,
                         const struct dg_oref0_curve_table *table,
                         double autosens_ratio,
                         size_t steps,
                         enum dg_oref0_wanted wanted,
                         struct dg_oref0_iob *iob);

#endif
