/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TARGET_CHECK_H
#define DG_EVAL_TARGET_CHECK_H

#include <stdio.h>

#include "eval/target/rule.h"
#include "eval/target/target.h"

/* Everything mechanical that the criteria ask of a security target. */
struct dg_finding {
    struct dg_finding *next;
    enum dg_rule_id rule;
    size_t line;
    const char *text; /* what is wrong, one sentence without its stop */
};

struct dg_findings {
    struct dg_arena arena;
    struct dg_finding *first; /* by line, then by rule */
    size_t errors;
    size_t warnings;
};

/**
 * Check a target against the criteria, its profiles and its package.
 *
 * @param      spec      Folder with profiles/, criteria/, features.yaml and
 *                       catalogue/.
 * @param[out] findings  Free with dg_findings_free() in any case.
 *
 * @retval DG_OK           Checked: no finding, no fault.
 * @retval DG_E_MALFORMED  A file of @p spec is wrong: @p problem says which.
 * @retval DG_E_PORT       One cannot be read, or memory is out.
 */
DG_NODISCARD enum dg_status dg_target_check(const struct dg_target *target,
                                            const char *spec,
                                            struct dg_findings *findings,
                                            struct dg_problem *problem);

void dg_findings_free(struct dg_findings *findings);

/** One line a finding: file:line: rule: what is wrong; what to do. */
void dg_findings_print(const struct dg_findings *findings,
                       const char *file,
                       FILE *out);

#endif
