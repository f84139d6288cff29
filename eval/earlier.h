/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_EARLIER_H
#define DG_EVAL_EARLIER_H

#include <stdbool.h>

#include "eval/evaluation.h"

/* An earlier run file, to go on with (--resume) or to try again
 * (--retry-failed).  Only one that this laboratory's own key signed: what it
 * says is taken over. */

/** Read what the options name; before anything is written.  False after a
 * message. */
bool dg_earlier_open(struct dg_evaluation *evaluation);

/** After the product, the spec and the options are known.  To go on: refuse a
 * folder of another product, profile, table, program, seed or catalogue, and
 * take its run over.  False after a message. */
bool dg_earlier_take(struct dg_evaluation *evaluation);

/** Whether a test belongs into this run, as far as the earlier one decides. */
bool dg_earlier_wants(const struct dg_evaluation *evaluation, const char *id);

/** Whether the product is the earlier run's, and that run's seed is ours: the
 * same test must then end the same. */
bool dg_earlier_is_same(const struct dg_evaluation *evaluation);

/**
 * The test of this run: the one taken over, or a new one.
 *
 * A test that had not ended is emptied, so that nothing of it is there twice.
 * One that is tried again knows what was said before.
 *
 * @return The test; its verdict is UNDECIDED when it has to be run.  NULL when
 *         memory is out.
 */
struct dg_run_test *dg_earlier_test(struct dg_evaluation *evaluation,
                                    const struct dg_catalogue_entry *entry);

/** The same for a row of the calibration; NULL also when the run that is gone
 * on with has none. */
struct dg_run_calibration *dg_earlier_row(struct dg_evaluation *evaluation,
                                          const struct dg_flawed *flawed,
                                          const char *test);

/** A verdict that does not repeat is none: a test that failed before, and now
 * passes on the same product with the same seed, is inconclusive. */
void dg_earlier_settle(struct dg_run *run, struct dg_run_test *test);

#endif
