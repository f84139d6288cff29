/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_FEATURE_H
#define DG_EVAL_FEATURE_H

#include <stddef.h>

#include "dosegate/status.h"
#include "eval/arena.h"
#include "eval/problem.h"

/* What a product may claim to have: spec/features.yaml.  Tests, profiles,
 * targets and products all use these words and no others. */
struct dg_product_feature {
    const char *id;    /* a-z 0-9 - */
    const char *plain; /* one sentence that anyone can read */
};

struct dg_feature_list {
    struct dg_arena arena;
    struct dg_product_feature *items;
    size_t count;
};

/**
 * Read the words.
 *
 * @param[out] list  Free it with dg_feature_list_free() in any case.
 *
 * @retval DG_OK           Read, at least one.
 * @retval DG_E_MALFORMED  @p problem says file and line.
 * @retval DG_E_PORT       The file cannot be read, or memory.
 */
DG_NODISCARD enum dg_status dg_feature_list_open(const char *path,
                                                 struct dg_feature_list *list,
                                                 struct dg_problem *problem);

void dg_feature_list_free(struct dg_feature_list *list);

/** Find a word; NULL when it is none of these. */
const struct dg_product_feature *dg_feature_find(
    const struct dg_feature_list *list, const char *id);

#endif
