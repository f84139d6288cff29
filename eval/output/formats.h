/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_FORMATS_H
#define DG_EVAL_OUTPUT_FORMATS_H

#include <jansson.h>

#include "eval/html.h"
#include "eval/run.h"
#include "eval/run_file.h"

/* A run in the formats of others.  Each is made from the run and its origin
 * alone, so that dosegate verify can make it again; docs/outputs.md says what
 * stands where.  All give:
 *
 * @retval DG_OK       @p out holds the file; it is initialised in any case.
 * @retval DG_E_USAGE  The run lacks what the format asks for: a name of the
 *                     product, when it began and ended, a firmware digest.
 * @retval DG_E_PORT   Memory is out.
 */

/** SARIF 2.1.0, errata 01 (OASIS): one rule and one result for each test. */
DG_NODISCARD enum dg_status dg_sarif_render(const struct dg_run *run,
                                            const struct dg_run_origin *origin,
                                            struct dg_html *out);

/** OSCAL 1.2.1 (NIST) assessment results: an observation for each test, a
 * finding for each requirement, a risk for each attack path. */
DG_NODISCARD enum dg_status dg_oscal_render(const struct dg_run *run,
                                            const struct dg_run_origin *origin,
                                            struct dg_html *out);

/** CSAF 2.0, profile VEX (OASIS): a vulnerability for each test. */
DG_NODISCARD enum dg_status dg_csaf_render(const struct dg_run *run,
                                           const struct dg_run_origin *origin,
                                           struct dg_html *out);

/** in-toto statement with the predicate test-result v0.1, not signed. */
DG_NODISCARD enum dg_status dg_test_result_render(
    const struct dg_run *run,
    const struct dg_run_origin *origin,
    struct dg_html *out);

/** in-toto statement with the predicate svr v0.2, not signed: only what the
 * run showed, and nothing at all when it showed nothing. */
DG_NODISCARD enum dg_status dg_summary_render(
    const struct dg_run *run,
    const struct dg_run_origin *origin,
    struct dg_html *out);

/** Whether a text is a moment as the run file writes it, and as every format
 * here wants it: YYYY-MM-DDThh:mm:ssZ. */
bool dg_format_is_moment(const char *text);

/** Whether a text is 64 lower-case hex digits. */
bool dg_format_is_digest(const char *text);

#endif
