/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_LABEL_H
#define DG_EVAL_LABEL_H

#include <stddef.h>

#include "eval/conclude.h"
#include "eval/html.h"
#include "eval/run.h"
#include "eval/run_file.h"

/* Facts, never one blended number. */
#define DG_LABEL_FACTS_MAX 20U

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

/* The whole label: one row for each thing that a label may say, in groups.
 * What nobody said stands there as not stated, so that silence can be seen. */
struct dg_label_field {
    const char *group;
    const char *title;
    const char *value; /* "" : not stated */
};

#define DG_LABEL_FIELDS_MAX 64U

/**
 * Derive the whole label; texts live as long as @p arena.
 *
 * Rows that a run has no place for are taken from the claims of the product
 * (run.h), by the name in the table of label_fields.c.
 *
 * @return How many; on a failure of memory @p arena has failed.
 */
size_t dg_label_fields(const struct dg_run *run,
                       const struct dg_conclusion *conclusion,
                       const struct dg_run_origin *origin,
                       struct dg_arena *arena,
                       struct dg_label_field fields[DG_LABEL_FIELDS_MAX]);

/** The sentence about age that every form carries. */
const char *dg_label_age(const struct dg_run *run, struct dg_arena *arena);

/** The whole label as JSON, and as text that can be read aloud.  Results as
 * dg_label_render(). */
DG_NODISCARD enum dg_status dg_label_json_render(
    const struct dg_run *run,
    const struct dg_run_origin *origin,
    struct dg_html *out);
DG_NODISCARD enum dg_status dg_label_text_render(
    const struct dg_run *run,
    const struct dg_run_origin *origin,
    struct dg_html *out);

/* What the code on the label says: the digest of the run file, and the key it
 * was signed with. */
#define DG_LABEL_CODE_SIZE 160U
void dg_label_code(const struct dg_run_origin *origin,
                   char text[DG_LABEL_CODE_SIZE]);

/** Say in one sentence how the run ended, for the end of the command line and
 * the head of the report.  Cut to @p size bytes with the final zero. */
void dg_label_sentence(const struct dg_run *run,
                       const struct dg_conclusion *conclusion,
                       char *out,
                       size_t size);

/**
 * Draw the label: one SVG, 100 mm wide, as high as its facts need, with a QR
 * code (ISO/IEC 18004, level M) of dg_label_code().
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
