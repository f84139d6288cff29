/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROFILE_OPERATION_H
#define DG_EVAL_PROFILE_OPERATION_H

#include "eval/profile/profile.h"

/* Text with {names} of operations in it. */

/* A piece of a text: plain words, or the name of an operation. */
struct dg_piece {
    const char *at;
    size_t size;
    bool is_name; /* without its braces */
};

/**
 * Take the next piece of a text; "{{" gives one brace.
 *
 * @param[in,out] text   Begin with the text; afterwards behind the piece.
 *
 * @return false at the end, or at a brace that is neither "{{" nor closed
 *         around a name of [a-z0-9_-]: then *text does not point to a zero
 *         byte.
 */
bool dg_piece_next(const char **text, struct dg_piece *piece);

/**
 * Find where each operation of an element stands and note it in `parent` and
 * `choice`.
 *
 * @param[out] line  On failure: of what is wrong.
 *
 * @retval DG_OK           Each stands at one place, at most
 *                         DG_OPERATION_DEPTH_MAX deep.
 * @retval DG_E_MALFORMED  @p problem has the sentence, without file and line.
 */
DG_NODISCARD enum dg_status dg_element_tie(struct dg_element *element,
                                           size_t *line,
                                           struct dg_problem *problem);

/**
 * An element as people read it: an open operation as [assignment: ...] or
 * [selection: a; b], a completed one as its words.
 *
 * @return Text in @p arena; "" when memory is out.
 */
const char *dg_element_render(const struct dg_element *element,
                              struct dg_arena *arena);

/** Whether an operation has to be completed and is not: it, and all choices
 * that it stands in, are chosen, and it is open itself. */
bool dg_operation_is_open(const struct dg_operation *operation);

#endif
