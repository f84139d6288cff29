/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_REPORT_JUNIT_H
#define DG_EVAL_REPORT_JUNIT_H

#include "eval/html.h"
#include "eval/run.h"
#include "eval/run_file.h"

/**
 * Write the run as JUnit XML, for the build servers that read it.
 *
 * fail becomes a failure; error, inconclusive and undecided an error, so that
 * no server counts them as passed; not applicable, pending and waived are
 * skipped with their reason.  A waiver that is not whole is an error.
 *
 * @retval DG_OK      @p xml holds the file.
 * @retval DG_E_PORT  Memory is out.
 */
DG_NODISCARD enum dg_status dg_report_junit_render(
    const struct dg_run *run,
    const struct dg_run_origin *origin,
    struct dg_html *xml);

#endif
