/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_REPORT_PDF_H
#define DG_EVAL_OUTPUT_REPORT_PDF_H

#include "eval/html.h"
#include "eval/run.h"
#include "eval/run_file.h"

/**
 * Write the report on sheets of A4.
 *
 * It says what the page says, but for figures and packets, of which it says
 * where they are.  Bytes depend on cairo and fonts, so dosegate verify does not
 * make it again.
 *
 * @retval DG_OK      @p out holds the PDF.
 * @retval DG_E_PORT  Memory is out, or cairo failed.
 */
DG_NODISCARD enum dg_status dg_report_pdf_render(
    const struct dg_run *run,
    const struct dg_run_origin *origin,
    struct dg_html *out);

#endif
