/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_ETR_H
#define DG_EVAL_OUTPUT_ETR_H

#include "eval/output/json_out.h"
#include "eval/run_file.h"

/* The evaluation technical report, in the eight parts of the CEM (3.1R5,
 * chapter 8.4.4), as far as a run of tests can give it.  Work units that need a
 * person stay pending, and with them everything above: by itself this report
 * fails a product or comes to no verdict, it never passes one.
 *
 * Verdicts join upwards: unit, evaluator action element, component, class,
 * overall.  One fail makes every level above fail; pass needs pass everywhere.
 */

/** Build the report; its JSON form is the report, the page is made from it.
 * NULL, and @p json failed, when memory is out. */
json_t *dg_etr_build(struct dg_json *json,
                     const struct dg_run *run,
                     const struct dg_run_origin *origin);

/** The report as JSON and as one HTML page.  Results as in formats.h;
 * DG_E_USAGE: the run claims no level, so nothing says which work units. */
DG_NODISCARD enum dg_status dg_etr_json_render(
    const struct dg_run *run,
    const struct dg_run_origin *origin,
    struct dg_html *out);
DG_NODISCARD enum dg_status dg_etr_html_render(
    const struct dg_run *run,
    const struct dg_run_origin *origin,
    struct dg_html *out);

#endif
