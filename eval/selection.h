/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_SELECTION_H
#define DG_EVAL_SELECTION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "eval/arena.h"
#include "eval/catalogue.h"
#include "eval/feature.h"
#include "eval/profile/profile.h"
#include "eval/run.h"

/* Which tests a product gets.  Its claims pick them and nothing else does; and
 * whoever claims too little is not judged instead of passed: what no test
 * covers is listed, and a feature that the profile asks of everyone leaves the
 * whole conclusion open. */
/* In a run, in place of features. */
#define DG_SELECTION_NOT_SAID "not said, so every test applies"

struct dg_claims {
    bool is_said; /* false: nobody said; then every test applies */
    size_t count;
    const char **features; /* words of spec/features.yaml */
};

enum dg_selection_state {
    DG_SELECTION_NONE = 0,
    DG_SELECTION_RUNS,
    DG_SELECTION_NOT_APPLICABLE, /* a feature that it needs is not claimed */
    DG_SELECTION_PERSON,         /* no program does it: a person must */
    DG_SELECTION_LONG,           /* of the full tier, and this run is short */
};

struct dg_selection_item {
    const struct dg_catalogue_entry *entry;
    enum dg_selection_state state;
    const struct dg_product_feature *lacking; /* of NOT_APPLICABLE, else NULL */
};

/* What the profile asks, as far as the selection has to know. */
struct dg_selection_basis {
    const char *profile; /* its id, for messages */
    const struct dg_asked *requirements;
    size_t count;
    const char **mandatory; /* features that every product must claim */
    size_t mandatory_count;
    bool leaves_out_full; /* the fast tier alone was asked for */
};

/* A requirement of the profile that no running test covers. */
struct dg_selection_gap {
    const struct dg_asked *requirement;
    bool has_test; /* some test would, but it does not run */
};

struct dg_selection {
    struct dg_arena arena;
    struct dg_selection_item *items; /* in the order of the catalogue */
    size_t count;
    struct dg_selection_gap *gaps;
    size_t gap_count;
    const struct dg_product_feature *
        *unclaimed; /* mandatory, but not claimed */
    size_t unclaimed_count;
};

/**
 * Read the claims of an answer to `hello`.
 *
 * @param hello   The answer; without "features" nobody said.
 * @param arena   Owns the words.
 *
 * @retval DG_OK           Read.
 * @retval DG_E_MALFORMED  "features" is no array of words of @p known, each
 *                         once; @p problem says which.
 * @retval DG_E_PORT       Memory is out.
 */
DG_NODISCARD enum dg_status dg_claims_read(const json_t *hello,
                                           const struct dg_feature_list *known,
                                           struct dg_arena *arena,
                                           struct dg_claims *claims,
                                           struct dg_problem *problem);

/** Whether a feature is claimed; always when nobody said. */
bool dg_claims_has(const struct dg_claims *claims, const char *feature);

/**
 * Decide for every entry of the catalogue.
 *
 * @param[out] selection  Free it with dg_selection_free() in any case; it
 *                        points into all the others.
 *
 * @retval DG_OK           Decided.
 * @retval DG_E_MALFORMED  A test or the profile uses a word that @p known does
 *                         not have.
 * @retval DG_E_PORT       Memory is out.
 */
DG_NODISCARD enum dg_status dg_selection_make(
    const struct dg_catalogue *catalogue,
    const struct dg_selection_basis *basis,
    const struct dg_feature_list *known,
    const struct dg_claims *claims,
    struct dg_selection *selection,
    struct dg_problem *problem);

void dg_selection_free(struct dg_selection *selection);

/** What was decided for a test; NULL: no such entry. */
const struct dg_selection_item *dg_selection_find(
    const struct dg_selection *selection, const char *id);

/** Add a test that does not apply to the run, with the reason. */
void dg_selection_add_test(struct dg_run *run,
                           const struct dg_selection_item *item);

/**
 * Write into a run what keeps it from a whole conclusion: one test "claims"
 * that could not be judged when a mandatory feature is not claimed, and each
 * requirement that no running test covers.
 */
void dg_selection_add_gaps(struct dg_run *run,
                           const struct dg_selection *selection,
                           const struct dg_claims *claims);

#endif
