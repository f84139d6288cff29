/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_COMBINATIONS_H
#define DG_EVAL_COMBINATIONS_H

#include <stdbool.h>

#include "eval/session.h"

/* A test whose parameters are lists runs once for each combination of a
 * covering array (cover.h).  Its verdict is the worst of them; what was seen
 * names the combination of each run, and the reason that of the first that
 * decided.
 *
 * @param strength  How many parameters meet in every combination of values;
 *                  0: what the catalogue entry says.
 * @param is_brief  Stop at the first failure: who calibrates wants no more.
 */
void dg_combinations_run(const struct dg_session_order *order,
                         unsigned strength,
                         bool is_brief);

#endif
