/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_JSON_PAGE_H
#define DG_EVAL_OUTPUT_JSON_PAGE_H

#include <jansson.h>

#include "eval/html.h"
#include "eval/run_file.h"

/* A document is built as JSON and drawn as a page from that, so that the two
 * cannot differ.  An object is a list of pairs, an array of objects a table, a
 * row each; the member "id" of a row names it, and a text that is the name of a
 * row anywhere is a link to it. */
struct dg_json_page {
    struct dg_html *html;
    const json_t *rows; /* name of a row: file that it stands in; may be NULL */
};

/** Begin a page.  @p kind is for dosegate verify; @p over stands above the
 * title. */
void dg_json_page_begin(struct dg_json_page *page,
                        const struct dg_run_origin *origin,
                        const char *kind,
                        const char *over,
                        const char *title);

/** End it. */
void dg_json_page_end(struct dg_json_page *page);

/** A verdict in its colour. */
void dg_json_page_verdict(struct dg_json_page *page, const char *verdict);

/** One text, number or list of texts. */
void dg_json_page_value(struct dg_json_page *page,
                        const char *key,
                        json_t *value);

/** An object as pairs. */
void dg_json_page_pairs(struct dg_json_page *page, json_t *object);

/** An array of objects as a table; its columns are the members of the first.
 * @p label tells a screen reader what it is. */
void dg_json_page_table(struct dg_json_page *page,
                        json_t *rows,
                        const char *label);

/** An array of objects as blocks, each with its pairs; @p title is the member
 * that heads it. */
void dg_json_page_blocks(struct dg_json_page *page,
                         json_t *list,
                         const char *title);

#endif
