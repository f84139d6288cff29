/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_RATING_H
#define DG_EVAL_RATING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"
#include "eval/problem.h"
#include "eval/rating_table.h"

/* Attack potential of one path and of a whole assessment.  Source of the
 * rules: CEM v3.1 R5 (CCMB-2017-04-004), Annex B.4. */
#define DG_RATING_VAN_MAX 5U

/* One factor of one path: a level of the table, or a value beside it. */
struct dg_rating_choice {
    struct dg_rating_choice *next;
    const char *factor; /* id in the table */
    const char *level;  /* id in the table */
    bool is_adjusted;   /* points are not those of the table */
    uint64_t points;    /* read only when is_adjusted */
    const char *reason; /* must be there when is_adjusted or changed, else "" */
    const char *proposed;   /* level that the catalogue proposed, when an
                             * evaluator changed it; else "" */
    const char *changed_by; /* that evaluator; else "" */
};

struct dg_rating {
    bool is_exploitable; /* false: some factor rules the path out; no sum */
    unsigned sum;
    const struct dg_rating_range *range; /* NULL when not exploitable */
};

/**
 * Rate one path: one sum for finding and using the weakness.
 *
 * A value beside the table needs a reason and lies strictly between the points
 * of the neighbouring levels (or, at an end of the scale, between that end and
 * its neighbour).
 *
 * @param      choices  Each factor of the table exactly once, in any order.
 * @param[out] rating   Points into @p table; unchanged unless DG_OK.
 *
 * @retval DG_OK           Rated.
 * @retval DG_E_MALFORMED  A factor or level that the table does not have, a
 *                         factor twice or not at all.
 * @retval DG_E_RANGE      A value outside its bounds or without a reason.
 */
DG_NODISCARD enum dg_status dg_rating_rate(
    const struct dg_rating_table *table,
    const struct dg_rating_choice *choices,
    struct dg_rating *rating,
    struct dg_problem *problem);

/** Rate a path whose sum is known. */
struct dg_rating dg_rating_of_sum(const struct dg_rating_table *table,
                                  unsigned sum);

/** Points that a choice adds; 0 for a level that is not exploitable or that
 * the table does not have. */
unsigned dg_rating_points(const struct dg_rating_table *table,
                          const struct dg_rating_choice *choice);

enum dg_rating_state {
    DG_RATING_STATE_NONE = 0,
    DG_RATING_SUCCESSFUL,   /* a test showed that the path works */
    DG_RATING_UNSUCCESSFUL, /* a test showed that it does not: never counts */
    DG_RATING_UNDETERMINED, /* neither shown nor disproved */
};

struct dg_rating_scenario {
    enum dg_rating_state state;
    struct dg_rating rating;
};

enum dg_rating_verdict {
    DG_RATING_NONE = 0,
    DG_RATING_PASS,
    DG_RATING_FAIL,         /* a successful path contradicts the claim */
    DG_RATING_INCONCLUSIVE, /* an undetermined one would */
};

struct dg_rating_assessment {
    enum dg_rating_verdict verdict;
    bool has_cheapest;
    size_t cheapest; /* index of the cheapest successful path */
    unsigned van;    /* highest AVA_VAN for which the verdict is pass, 0 .. 5 */
    size_t residual; /* successful or undetermined paths above the claim */
};

/**
 * Compare scenarios with a claimed level: one contradiction fails it.
 *
 * @param van_claimed  0 .. DG_RATING_VAN_MAX; 0 claims nothing.
 *
 * @return The assessment; its verdict is DG_RATING_INCONCLUSIVE when a
 *         scenario has no state.
 */
struct dg_rating_assessment dg_rating_assess(
    const struct dg_rating_scenario *scenarios,
    size_t count,
    unsigned van_claimed);

#endif
