/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_AGAINST_H
#define DG_EVAL_AGAINST_H

#include "eval/evaluation.h"

/* The security target that a product is evaluated against (--target): it names
 * profile, package, product and features in place of options and adapter. */

/* What the run calls the target that it is against. */
#define DG_AGAINST_CLAIM "Security target"

/**
 * Read and check it, before the product is met; nothing without --target.
 *
 * @return false after a message: it cannot be read, or the check finds errors.
 *         A target that does not hold in itself is not worth an attack.
 */
bool dg_against_open(struct dg_evaluation *evaluation);

/** Its features in place of the product's; writes into the run which target
 * that is; and notes in `stranger` when the
 * product that was met is another one than the target's. */
void dg_against_product(struct dg_evaluation *evaluation, const json_t *hello);

/** When the product is another one, that is the one test of the run, and it
 * failed. */
void dg_against_add(struct dg_evaluation *evaluation);

#endif
