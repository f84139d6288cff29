/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_CORPUS_H
#define DG_EVAL_CORPUS_H

#include <stddef.h>

#include "eval/arena.h"
#include "eval/catalogue.h"

/* The list of attacks and hazards that tests and forms have to cover:
 * spec/corpus.yaml. */
#define DG_CORPUS_ROWS_MAX 400U

struct dg_corpus_row {
    const char *id; /* DG-A00, DG-H00 */
    const char *title;
};

struct dg_corpus {
    struct dg_arena arena;
    struct dg_corpus_row *rows; /* in the order of their ids */
    size_t count;
};

/**
 * Read it.
 *
 * @param[out] corpus  Free it with dg_corpus_free() in any case.
 *
 * @retval DG_OK           Read.
 * @retval DG_E_MALFORMED  A row is wrong, twice there or out of order:
 *                         @p problem says file and line.
 * @retval DG_E_PORT       The file cannot be read, or memory.
 */
DG_NODISCARD enum dg_status dg_corpus_open(const char *path,
                                           struct dg_corpus *corpus,
                                           struct dg_problem *problem);

void dg_corpus_free(struct dg_corpus *corpus);

/** Whether an entry of the catalogue covers a row. */
bool dg_corpus_is_covered_by(const struct dg_corpus_row *row,
                             const struct dg_catalogue_entry *entry);

#endif
