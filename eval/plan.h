/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PLAN_H
#define DG_EVAL_PLAN_H

#include "eval/evaluate.h"

/**
 * Say what an evaluation with these options would do, and do nothing of it:
 * which tests run, which do not apply and why, which need a person, what is
 * not judged.  Asks the product who it is, starts no test, writes no file.
 *
 * @return The exit code of the program: 0, or 1 when it could not be said.
 */
int dg_plan(const struct dg_evaluate_options *options);

#endif
