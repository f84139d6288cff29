/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_COVER_H
#define DG_EVAL_COVER_H

#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"

/* Covering arrays: rows of values such that, for every choice of `strength`
 * columns, every combination of their values stands in some row.  Most faults
 * need few parameters to meet (Kuhn, Wallace, Gallo 2004,
 * doi 10.1109/TSE.2004.24), so that two or three find nearly what all would,
 * in far fewer runs. */
#define DG_COVER_COLUMNS_MAX  10U
#define DG_COVER_LEVELS_MAX   16U
#define DG_COVER_STRENGTH_MAX 4U
#define DG_COVER_TUPLES_MAX   100000U
#define DG_COVER_ROWS_MAX     512U

struct dg_cover {
    size_t columns;
    size_t rows;
    uint8_t (*row)[DG_COVER_COLUMNS_MAX]; /* value of each column, 0 .. */
};

/**
 * Make one.  The same input gives the same rows, on every machine.
 *
 * The way is the greedy one of AETG (Cohen, Dalal, Fredman, Patton 1997,
 * doi 10.1109/32.605761) without its dice: each row begins with the first
 * combination that is still missing, and each further column takes the value
 * that completes most of those that are missing, the lowest of equals.
 *
 * @param      levels    How many values each column has, 1 to
 *                       DG_COVER_LEVELS_MAX.
 * @param      columns   1 to DG_COVER_COLUMNS_MAX.
 * @param      strength  1 to DG_COVER_STRENGTH_MAX; more than there are
 *                       columns is as many as there are.
 * @param[out] cover     Free it with dg_cover_free(), also after an error.
 *
 * @retval DG_OK       Made.
 * @retval DG_E_RANGE  A number is out of its range, there are more than
 *                     DG_COVER_TUPLES_MAX combinations, or more than
 *                     DG_COVER_ROWS_MAX rows would be needed.
 * @retval DG_E_PORT   Memory is out.
 */
DG_NODISCARD enum dg_status dg_cover_make(const uint8_t *levels,
                                          size_t columns,
                                          unsigned strength,
                                          struct dg_cover *cover);

void dg_cover_free(struct dg_cover *cover);

#endif
