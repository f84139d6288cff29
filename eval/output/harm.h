/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_HARM_H
#define DG_EVAL_OUTPUT_HARM_H

#include <stddef.h>

#include "dosegate/status.h"
#include "eval/arena.h"
#include "eval/problem.h"

/* Severity of harm by asset: spec/rating/harm.yaml, built in. */
#define DG_HARMS_MAX 16U

struct dg_harm {
    const char *severity;
    const char *why;
    const char **assets;
    size_t count;
};

struct dg_harm_table {
    struct dg_arena arena;
    const char *id;
    struct dg_harm harms[DG_HARMS_MAX];
    size_t count;
};

/** Read the table; free it with dg_harm_table_free() in any case.
 * DG_E_MALFORMED: @p problem says where.  DG_E_PORT: memory is out. */
DG_NODISCARD enum dg_status dg_harm_table_read(struct dg_harm_table *table,
                                               struct dg_problem *problem);
void dg_harm_table_free(struct dg_harm_table *table);

/** The worst harm of any of the assets; NULL when the table has none. */
const struct dg_harm *dg_harm_of(const struct dg_harm_table *table,
                                 const char *const *assets,
                                 size_t count);

#endif
