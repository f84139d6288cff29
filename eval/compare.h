/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_COMPARE_H
#define DG_EVAL_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "eval/conclude.h"
#include "eval/run.h"

/* Two runs of one product, the certified one and a later one: what a body that
 * certifies again has to look at.  Everything points into the two runs. */

/* What a run rests on, and what follows when it changes. */
enum dg_premise_effect {
    DG_PREMISE_RECORD = 0, /* nothing: told for the record          */
    DG_PREMISE_TEST,       /* every test has to be run again        */
    DG_PREMISE_SELECT,     /* which tests apply has to be seen anew */
    DG_PREMISE_RATE,       /* paths have to be rated again          */
    DG_PREMISE_CLAIM,      /* another level is claimed              */
    DG_PREMISE_EFFECTS,
};

struct dg_premise {
    const char *name;
    enum dg_premise_effect effect;
    const char *before;
    const char *after;
};

enum dg_change_kind {
    DG_CHANGE_SAME = 0,
    DG_CHANGE_NEW,     /* only in the later run                         */
    DG_CHANGE_FIXED,   /* passes, and did not                           */
    DG_CHANGE_CHANGED, /* another verdict, not a pass                   */
    DG_CHANGE_GONE,    /* only in the earlier run                       */
    DG_CHANGE_STANDS,  /* the same, but nothing that it rests on changed */
    DG_CHANGE_KINDS,
};

struct dg_compared_test {
    const struct dg_run_test *before; /* NULL: only in the later run */
    const struct dg_run_test *after;  /* NULL: only in the earlier one */
    enum dg_change_kind kind;
    bool is_worse;
    bool is_other_test;   /* the catalogue's entry is not the same, or nobody
                           * knows: verdicts do not compare */
    bool is_to_be_tested; /* its result rests on what has changed, and the
                           * later run has no new one */
    const char *because;  /* of that; "" */
};

struct dg_compared_path {
    const struct dg_run_test *test;
    const struct dg_run_path *path; /* of the later run, else of the earlier */
    bool was_there;
    bool is_there;
    bool is_worse; /* new, or cheaper than before */
    bool had_sum;
    bool has_sum;
    unsigned sum_before;
    unsigned sum_after;
};

#define DG_PREMISES_MAX 12U

struct dg_comparison {
    const struct dg_run *before;
    const struct dg_run *after;
    struct dg_premise premises[DG_PREMISES_MAX]; /* those that changed */
    size_t premise_count;
    struct dg_compared_test *tests;
    size_t test_count;
    struct dg_compared_path *paths; /* those that changed */
    size_t path_count;
    size_t count[DG_CHANGE_KINDS];
    size_t worse;
    size_t to_be_tested;
    bool is_level_worse; /* of two whole runs */
    struct dg_conclusion conclusion_before;
    struct dg_conclusion conclusion_after;
    bool is_worse; /* anything at all */
};

/**
 * Compare.
 *
 * Of two verdicts the later is worse when it shows less: pass, waived, not
 * applicable or absent, not judged, fail, in this order.
 *
 * @retval DG_OK      Compared; free with dg_compare_free().
 * @retval DG_E_PORT  Memory is out.
 */
DG_NODISCARD enum dg_status dg_compare(const struct dg_run *before,
                                       const struct dg_run *after,
                                       struct dg_comparison *comparison);

void dg_compare_free(struct dg_comparison *comparison);

/** "the same", "new", "fixed", ... */
const char *dg_change_name(enum dg_change_kind kind);

/** What follows from a change of a premise, in a few words. */
const char *dg_premise_consequence(enum dg_premise_effect effect);

#endif
