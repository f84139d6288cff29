/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_CONDUCT_PARTS_H
#define DG_EVAL_TRIAL_CONDUCT_PARTS_H

#include "eval/trial/conduct.h"
#include "eval/trial/findings.h"

#define DG_CONDUCT_PATH 512U

/* The plans and results of a book while it is conducted. */
struct dg_office {
    struct dg_findings findings;
    struct dg_trial_plan plan[DG_BOOK_MODELS_MAX];
    struct dg_trial_result *result[DG_BOOK_MODELS_MAX];
};

/**
 * Make plans, empty results and findings.
 *
 * @retval DG_OK      Ready; dg_office_close() frees, also after an error.
 * @retval DG_E_PORT  Memory is out.
 */
DG_NODISCARD enum dg_status dg_office_open(struct dg_office *office,
                                           const struct dg_book *book,
                                           struct dg_problem *problem);

/** Write report.html, report.pdf, results.csv, results.json, worst-N.csv and
 * manifest.json. */
DG_NODISCARD enum dg_status dg_office_write(const struct dg_office *office,
                                            const char *out,
                                            struct dg_problem *problem);

void dg_office_close(struct dg_office *office);

/**
 * Ask a book's own program about one person and one step.
 *
 * @retval DG_OK      It answers, or the book has none.
 * @retval DG_E_PORT  It cannot be started or does not answer.
 * @retval DG_E_PEER  It answers nonsense.
 */
DG_NODISCARD enum dg_status dg_rehearse(const struct dg_book *book,
                                        struct dg_problem *problem);

/** Join; false after a problem when it does not fit. */
bool dg_conduct_path(const char *out,
                     const char *name,
                     char path[DG_CONDUCT_PATH],
                     struct dg_problem *problem);

#endif
