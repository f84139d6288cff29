/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROBLEM_H
#define DG_EVAL_PROBLEM_H

/* One sentence for a person: what went wrong, where, and what to do. */
struct dg_problem {
    char text[512];
};

/**
 * Say what went wrong; a later call overwrites an earlier one.
 *
 * @param problem  NULL is allowed: then nothing is kept.
 * @param format   As printf(); longer text is cut, and control characters
 *                 of what is quoted become '?'.
 */
void dg_problem_set(struct dg_problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
