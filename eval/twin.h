/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TWIN_H
#define DG_EVAL_TWIN_H

#include "eval/scene.h"

/* A second bench with a fresh product of the same kind, on which a test tries
 * something again.  What is seen there goes to nobody's report. */
struct dg_twin {
    struct dg_scene scene;
    struct dg_run run;
};

/** Open one beside @p of; false when it does not come up.  Close it in any
 * case. */
bool dg_twin_open(struct dg_twin *twin, const struct dg_scene *of);

/** Whether the product's program has ended by itself. */
bool dg_twin_is_dead(struct dg_twin *twin);

void dg_twin_close(struct dg_twin *twin);

#endif
