/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_JSON_OUT_H
#define DG_EVAL_OUTPUT_JSON_OUT_H

#include <jansson.h>
#include <stdbool.h>

#include "dosegate/status.h"
#include "eval/html.h"
#include "eval/run.h"

/* JSON that is written out.  jansson drops what it cannot hold and tells it in
 * a result that is easily overlooked: here the failure sticks, and a document
 * that lost something is never finished.  Every item is taken over, also when
 * it is NULL or cannot be kept. */
struct dg_json {
    bool failed;
};

/** Append to an array. */
void dg_json_add(struct dg_json *json, json_t *array, json_t *item);

/** Set a member of an object. */
void dg_json_set(struct dg_json *json,
                 json_t *object,
                 const char *key,
                 json_t *item);

/** Set a text; nothing when it is empty: formats want no empty texts. */
void dg_json_set_text(struct dg_json *json,
                      json_t *object,
                      const char *key,
                      const char *text);

/** Set an array; nothing when it is empty, for the same reason. */
void dg_json_set_list(struct dg_json *json,
                      json_t *object,
                      const char *key,
                      json_t *list);

/** The lines of a list as texts. */
json_t *dg_json_lines(struct dg_json *json, const struct dg_run_line *lines);

/** A text as one line: what is not printable becomes a blank, blanks at its
 * ends go, and "not stated" stands for nothing. */
json_t *dg_json_line(const char *text);

/** A text, or "not stated" for an empty one. */
const char *dg_json_or_unstated(const char *text);

/**
 * Write the document: members in the order in which they were set, two blanks
 * deep, ASCII only, so that no character of a product's text can lie to a
 * terminal.  @p root is taken.
 *
 * @retval DG_OK      @p out holds it; @p out is initialised here.
 * @retval DG_E_PORT  Memory is out, here or earlier.
 */
DG_NODISCARD enum dg_status dg_json_finish(struct dg_json *json,
                                           json_t *root,
                                           struct dg_html *out);

#endif
