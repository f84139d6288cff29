/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_LABEL_H
#define DG_EVAL_LABEL_H

#include <stddef.h>

#include "eval/conclude.h"
#include "eval/html.h"
#include "eval/run.h"
#include "eval/run_file.h"

/* Facts, never one blended number. */
#define DG_LABEL_FACTS_MAX 16U

struct dg_label_fact {
    char title[40];
    char value[200];    /* short */
    char sentence[400]; /* one plain sentence */
};

/** Derive the facts of a run, in the order in which they are printed; gives
 * how many there are. */
size_t dg_label_facts(const struct dg_run *run,
                      const struct dg_conclusion *conclusion,
                      const struct dg_run_origin *origin,
                      struct dg_label_fact facts[DG_LABEL_FACTS_MAX]);

/** Say in one sentence how the run ended, for the end of the command line and
 * the head of the report.  Cut to @p size bytes with the final zero. */
void dg_label_sentence(const struct dg_run *run,
                       const struct dg_conclusion *conclusion,
                       char *out,
                       size_t size);

/**
 * Draw the label: one SVG, 100 mm wide, as high as its facts need.
 *
 * The same run and origin always give the same bytes.
 *
 * @retval DG_OK      @p svg holds the file.
 * @retval DG_E_PORT  Memory is out.
 */
DG_NODISCARD enum dg_status dg_label_render(const struct dg_run *run,
                                            const struct dg_run_origin *origin,
                                            struct dg_html *svg);

#endif
