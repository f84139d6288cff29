/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_COMPARE_OUT_H
#define DG_EVAL_COMPARE_OUT_H

#include <jansson.h>
#include <stdio.h>

#include "eval/compare.h"
#include "eval/html.h"
#include "eval/run_file.h"

/* A comparison for people, for programs and for the file.  Each names the
 * digests of the two run files. */

/** As text. */
void dg_compare_text(const struct dg_comparison *comparison,
                     const struct dg_run_origin *before,
                     const struct dg_run_origin *after,
                     FILE *to);

/** As JSON; NULL when memory is out.  The caller owns it. */
json_t *dg_compare_json(const struct dg_comparison *comparison,
                        const struct dg_run_origin *before,
                        const struct dg_run_origin *after);

/** As one page without any other resource; `html` is initialised here.
 * DG_E_PORT: memory is out. */
DG_NODISCARD enum dg_status dg_compare_html(
    const struct dg_comparison *comparison,
    const struct dg_run_origin *before,
    const struct dg_run_origin *after,
    struct dg_html *html);

/** The comparison in one sentence. */
const char *dg_compare_sentence(const struct dg_comparison *comparison);

#endif
