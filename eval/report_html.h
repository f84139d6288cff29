/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_REPORT_HTML_H
#define DG_EVAL_REPORT_HTML_H

#include "eval/html.h"
#include "eval/run.h"
#include "eval/run_file.h"

/**
 * Write the report: one HTML page that needs nothing else, runs nothing, reads
 * well on a phone, on paper and in the dark.
 *
 * The same run and origin always give the same bytes: no clock, no locale.
 *
 * @retval DG_OK      @p html holds the page.
 * @retval DG_E_PORT  Memory is out.
 */
DG_NODISCARD enum dg_status dg_report_html_render(
    const struct dg_run *run,
    const struct dg_run_origin *origin,
    struct dg_html *html);

#endif
