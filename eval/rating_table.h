/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_RATING_TABLE_H
#define DG_EVAL_RATING_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"
#include "eval/problem.h"

/* A table of attack potential, as data: spec/rating/cem-3.1r5.yaml is the
 * first; an evaluation authority may bring another.  Source of the shape:
 * CEM v3.1 R5, Annex B.4. */
#define DG_RATING_FACTORS_MAX    8U
#define DG_RATING_LEVELS_MAX     16U
#define DG_RATING_RANGES_MAX     8U
#define DG_RATING_POINTS_MAX     99
#define DG_RATING_TABLE_SIZE_MAX (64U * 1024U)

struct dg_rating_level {
    char id[32];
    char label[64];
    bool is_exploitable; /* false: no sum may be formed, points are 0 */
    unsigned points;     /* 0 .. DG_RATING_POINTS_MAX, never falling */
};

struct dg_rating_factor {
    char id[32];
    char title[64];
    size_t count;
    struct dg_rating_level level[DG_RATING_LEVELS_MAX];
};

struct dg_rating_range {
    unsigned from;         /* smallest sum; the next range ends this one */
    char required[32];     /* attack potential that the path needs */
    char resistant_to[32]; /* what a product with such a path still resists */
    unsigned van;          /* highest AVA_VAN not contradicted, 0 .. 5 */
};

struct dg_rating_table {
    char id[32];
    char version[32];
    char title[96];
    char source[96];
    char digest[2U * DG_HASH_SIZE + 1U]; /* SHA-256 of the file, hex */
    size_t factors;
    struct dg_rating_factor factor[DG_RATING_FACTORS_MAX];
    size_t ranges;
    struct dg_rating_range range[DG_RATING_RANGES_MAX];
};

/**
 * Read a table from the bytes of its file.
 *
 * @param      name   What messages call the file.
 * @param[out] table  Unchanged unless DG_OK.
 *
 * @retval DG_OK           Read; the digest is that of @p bytes.
 * @retval DG_E_MALFORMED  Not such a table: @p problem says where and why.
 * @retval DG_E_PORT       Memory or crypto failed.
 */
DG_NODISCARD enum dg_status dg_rating_table_parse(
    const struct dg_crypto *crypto,
    dg_span bytes,
    const char *name,
    struct dg_rating_table *table,
    struct dg_problem *problem);

/** Find a factor by its id; NULL when the table has none. */
const struct dg_rating_factor *dg_rating_table_factor(
    const struct dg_rating_table *table, const char *id);

/** Find a level by its id; NULL when the factor has none. */
const struct dg_rating_level *dg_rating_factor_level(
    const struct dg_rating_factor *factor, const char *id);

#endif
