/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_REPLAY_H
#define DG_EVAL_REPLAY_H

#include "eval/evaluate.h"

/** Send the sequences of options->replay (sequence.h), or those of the tests
 * that --only names, to the product again, tell whether each still fails, and
 * write nothing.
 *
 * @return The exit code of the program: 0 none fails, 1 could not judge, 2 one
 *         still fails. */
int dg_replay(const struct dg_evaluate_options *options);

#endif
