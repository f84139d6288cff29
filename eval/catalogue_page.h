/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_CATALOGUE_PAGE_H
#define DG_EVAL_CATALOGUE_PAGE_H

#include "eval/catalogue.h"
#include "eval/corpus.h"
#include "eval/flawed.h"
#include "eval/html.h"

/* The catalogue for people: which case is covered by what, what each test
 * does, and which flawed product proves that it can fail. */

/**
 * Write one page: no other file, no script, no network; for a screen, a phone
 * and paper, light or dark.  The same catalogue gives the same bytes.
 *
 * @retval DG_OK      @p html holds it.
 * @retval DG_E_PORT  Memory is out.
 */
DG_NODISCARD enum dg_status dg_catalogue_page(
    const struct dg_catalogue *catalogue,
    const struct dg_corpus *corpus,
    const struct dg_flawed_list *flawed,
    struct dg_html *html);

/** The number of rows that no test and no form covers. */
size_t dg_catalogue_uncovered(const struct dg_catalogue *catalogue,
                              const struct dg_corpus *corpus);

#endif
