/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TELL_H
#define DG_EVAL_TELL_H

#include "eval/evaluation.h"

/** Tell the person at the end of a run what came out, test by test, what was
 * expected and what was said before, and where the files are. */
void dg_tell_end(const struct dg_evaluation *evaluation);

#endif
