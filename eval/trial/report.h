/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_REPORT_H
#define DG_EVAL_TRIAL_REPORT_H

#include "dosegate/status.h"
#include "eval/trial/document.h"
#include "eval/trial/findings.h"
#include "eval/trial/traces.h"

/**
 * Write the report of a trial: a page of summary, then harm, what the guard
 * costs when nobody attacks, which rule acted, the worst people, the other
 * models, and what all of it assumes.
 *
 * @param[out] document  The report; free with dg_document_free().
 *
 * @retval DG_OK      dg_html_span(&document->out) holds it.
 * @retval DG_E_PORT  Memory is out, or drawing failed.
 */
DG_NODISCARD enum dg_status dg_trial_report(const struct dg_findings *findings,
                                            const struct dg_traces *traces,
                                            enum dg_document_kind kind,
                                            struct dg_document *document);

/** The summary for a terminal and for the first page: what happened, in
 * sentences with numbers. */
void dg_trial_summary(const struct dg_findings *findings, struct dg_html *out);

#endif
