/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_REPORT_PARTS_H
#define DG_EVAL_REPORT_PARTS_H

#include "eval/conclude.h"
#include "eval/html.h"
#include "eval/run.h"

/* The parts of the HTML report; private to report_*.c. */

/* What may be wider than the screen scrolls by itself, also by keyboard; its
 * name is the one value of the format.  @satisfies{EVL_OUT.3@1} */
#define DG_REPORT_SCROLL \
    "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">"

/** A verdict by shape, word and colour. */
void dg_report_verdict(struct dg_html *html, enum dg_run_verdict verdict);

/** The short name of a verdict in CSS: pass, fail, na, ... */
const char *dg_report_verdict_class(enum dg_run_verdict verdict);

/** Milliseconds as "1.25 s". */
void dg_report_seconds(struct dg_html *html, uint64_t ms);

/** A measure's value, without floating point: the same bytes everywhere. */
void dg_report_value(struct dg_html *html, const struct dg_run_measure *m);

/** Give the n-th test in the order of the report: what failed first.  NULL
 * beyond the last. */
const struct dg_run_test *dg_report_next_test(const struct dg_run *run,
                                              const struct dg_run_test *after);

/** All tests, one section each. */
void dg_report_tests(struct dg_html *html, const struct dg_run *run);

/** What nobody evaluated because it needs a person: nothing when there is
 * none. */
void dg_report_not_asked(struct dg_html *html,
                         const struct dg_run *run,
                         const struct dg_conclusion *conclusion);

/** Attack paths with their factors, and what they mean for the claim. */
void dg_report_rating(struct dg_html *html,
                      const struct dg_run *run,
                      const struct dg_conclusion *conclusion);

#endif
