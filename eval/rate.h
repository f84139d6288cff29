/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_RATE_H
#define DG_EVAL_RATE_H

#include "eval/problem.h"
#include "eval/run.h"

/* An evaluator's word on one factor of one attack path, in place of the
 * catalogue's proposal. */
struct dg_rate_change {
    const char *path;    /* id of the test; "id:2" for its second path */
    const char *factor;  /* id in the rating table of the run */
    const char *level;   /* id in that table */
    const char *person;  /* who says so */
    const char *because; /* why, 1 .. DG_RATE_REASON_MAX bytes */
};

#define DG_RATE_REASON_MAX 2000U

/**
 * Change a factor.  What was proposed stays beside it; a confirmation by a
 * second evaluator is void.
 *
 * @retval DG_OK           Changed.
 * @retval DG_E_MALFORMED  No such test, path, factor or level: @p problem says
 *                         which there are.
 * @retval DG_E_RANGE      No name, or no reason.
 * @retval DG_E_PORT       Memory is out.
 */
DG_NODISCARD enum dg_status dg_rate_change(struct dg_run *run,
                                           const struct dg_rate_change *change,
                                           struct dg_problem *problem);

#endif
