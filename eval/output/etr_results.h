/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_ETR_RESULTS_H
#define DG_EVAL_OUTPUT_ETR_RESULTS_H

#include "eval/conclude.h"
#include "eval/output/json_out.h"
#include "eval/output/work_units.h"

/* Parts 4 and 8 of the evaluation technical report; private to etr*.c. */

/** Results: classes with components, elements and units, each with its
 * verdict; then what AVA says to report. */
json_t *dg_etr_results(struct dg_json *json,
                       const struct dg_run *run,
                       const struct dg_conclusion *conclusion,
                       const struct dg_work_table *table);

/** An observation report for each test that failed. */
json_t *dg_etr_observations(struct dg_json *json,
                            const struct dg_run *run,
                            const struct dg_work_table *table);

#endif
