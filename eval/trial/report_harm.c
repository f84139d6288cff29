/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/report_parts.h"

/* What went wrong, and whom it harmed: too much insulin first, then too
 * little. */
void dg_trial_report_harm(struct dg_document *document,
                          const struct dg_findings *findings)
{
    dg_document_heading(document, "Too much insulin");
    dg_report_dots(document,
                   findings,
                   0U,
                   DG_TRIAL_HAD_SEVERE,
                   DG_TRIAL_HARM_OVER,
                   false,
                   "People below 40 mg/dL for 15 min",
                   "Proxy of severe hypoglycaemia: plasma glucose below 40 "
                   "mg/dL for 15 min at any time of the trial.");
    dg_report_dots(document,
                   findings,
                   0U,
                   DG_TRIAL_HIT,
                   DG_TRIAL_HARM_OVER,
                   false,
                   "People below 54 mg/dL within 12 h",
                   "Share of people whose plasma glucose fell below 54 mg/dL "
                   "within 12 h of the start of each scenario; where nothing "
                   "goes wrong, within 12 h of the start of the trial.");
    dg_document_paragraph(document,
                          true,
                          "Share of people below 54 mg/dL for 15 min at any "
                          "time of the trial, with 95 % interval:");
    dg_report_table(document, findings, 0U, DG_TRIAL_HAD_54);
    dg_document_paragraph(
        document,
        true,
        "Share of people below 20 mg/dL at any time (proxy of a lethal low):");
    dg_report_table(document, findings, 0U, DG_TRIAL_HAD_LETHAL);

    dg_document_heading(document, "Too little insulin");
    dg_report_dots(document,
                   findings,
                   0U,
                   DG_TRIAL_DKA_HOURS,
                   DG_TRIAL_HARM_UNDER,
                   false,
                   "Hours a day with less than half of basal insulin on board",
                   "The way to ketoacidosis: hours a day in which insulin on "
                   "board is below half of what scheduled basal keeps there.");
    dg_report_table(document, findings, 0U, DG_TRIAL_DKA_HOURS);
    dg_document_paragraph(
        document, true, "Time above 250 mg/dL, % of the day:");
    dg_report_table(document, findings, 0U, DG_TRIAL_TAR_250);
}
