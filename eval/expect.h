/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_EXPECT_H
#define DG_EVAL_EXPECT_H

#include "eval/catalogue.h"
#include "eval/problem.h"
#include "eval/run.h"

/* What is known to be wrong, as data, so that what is new stands out:
 *
 *     expected:
 *       - test: replay
 *         verdict: fail            # or inconclusive, error, pending
 *         because: The counter comes with firmware 2.5.
 *         by: A. Evaluator
 *         until: 2027-03-31        # last day
 *
 * An entry without a reason, a name or a day, or whose day is past, counts as
 * not there; dg_run_is_expectation_good() says which.  It never changes a
 * verdict, the label or the level: only the exit code. */

/**
 * Read a file and note in each test of the run what is expected of it.
 *
 * @param catalogue  Every test that an entry names must be in it.
 *
 * @retval DG_OK           Read.
 * @retval DG_E_MALFORMED  @p problem says file, line and what is wrong.
 * @retval DG_E_PORT       It cannot be read, or memory is out.
 */
DG_NODISCARD enum dg_status dg_expect_read(const char *path,
                                           const struct dg_catalogue *catalogue,
                                           struct dg_run *run,
                                           struct dg_problem *problem);

#endif
