/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_BUNDLE_PARTS_H
#define DG_EVAL_OUTPUT_BUNDLE_PARTS_H

#include "eval/html.h"
#include "eval/output/bundle.h"
#include "eval/output/harm.h"
#include "eval/output/json_out.h"

/* Private to bundle*.c. */
struct dg_bundle_work {
    const struct dg_bundle_source *source;
    struct dg_json json;
    struct dg_harm_table harms;
};

/** Name a row: kind and name, what a link cannot hold as "_". */
json_t *dg_bundle_id(const char *kind, const char *name);

/** Begin a document: its name in the folder without ".html", its title and one
 * paragraph of what it is. */
json_t *dg_bundle_document(const char *name,
                           const char *title,
                           const char *intro);

/** Add a table to a document; @p text may be "". */
void dg_bundle_table(struct dg_bundle_work *work,
                     json_t *document,
                     const char *title,
                     const char *text,
                     json_t *rows);

/** Add a figure: an SVG of our own. */
void dg_bundle_figure(struct dg_bundle_work *work,
                      json_t *document,
                      const char *id,
                      const char *title,
                      const char *text,
                      const struct dg_html *svg);

/* The documents. */
json_t *dg_bundle_threats(struct dg_bundle_work *work);
json_t *dg_bundle_risks(struct dg_bundle_work *work);
json_t *dg_bundle_trace(struct dg_bundle_work *work);
json_t *dg_bundle_tests(struct dg_bundle_work *work);
json_t *dg_bundle_views(struct dg_bundle_work *work);
json_t *dg_bundle_components(struct dg_bundle_work *work);
json_t *dg_bundle_elements(struct dg_bundle_work *work);

#endif
