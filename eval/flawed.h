/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_FLAWED_H
#define DG_EVAL_FLAWED_H

#include <stddef.h>

#include "dosegate/status.h"
#include "eval/arena.h"
#include "eval/problem.h"

/* The deliberately flawed products by which the evaluator is calibrated, as
 * data: eval/flawed/<name>/product.yaml. */
struct dg_flawed {
    const char *name; /* of its folder */
    const char *flaw; /* one sentence */
    const char *imitates;
    const char *caught_by; /* id of a test */
};

struct dg_flawed_list {
    struct dg_arena arena;
    struct dg_flawed *items;
    size_t count;
};

/** Read every product.yaml below a folder, sorted by name.
 * @retval DG_OK, DG_E_MALFORMED (@p problem says where), DG_E_RANGE (too
 * many), DG_E_PORT. */
DG_NODISCARD enum dg_status dg_flawed_open(const char *folder,
                                           struct dg_flawed_list *list,
                                           struct dg_problem *problem);

void dg_flawed_free(struct dg_flawed_list *list);

#endif
