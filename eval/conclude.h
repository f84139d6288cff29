/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_CONCLUDE_H
#define DG_EVAL_CONCLUDE_H

#include <stdbool.h>
#include <stddef.h>

#include "eval/run.h"

/* What a run amounts to.  Everything here is derived, never stored. */
enum dg_claim_state {
    DG_CLAIM_NONE = 0,  /* nothing claimed, or no table to rate with */
    DG_CLAIM_HOLDS,     /* no path contradicts it and every test was judged */
    DG_CLAIM_FAILS,     /* a successful path scores below it */
    DG_CLAIM_UNDECIDED, /* tests or paths are open, or a failure is not rated */
};

struct dg_conclusion {
    size_t count[DG_RUN_VERDICTS]; /* tests by verdict */
    size_t tests;                  /* without those that nobody was asked for */
    size_t judged;                 /* pass or fail */
    size_t open;                   /* neither settled nor failed */
    size_t caught;                 /* flawed products caught */
    size_t planted;
    size_t paths;
    size_t unrated_failures; /* failed tests without a rated path */
    size_t residual;         /* paths at or above the claim */
    enum dg_claim_state claim;
    bool has_van; /* whether a level can be named at all */
    unsigned van; /* highest AVA_VAN that no path contradicts; never above
                    * the claim, beyond which nothing was looked for */
    const struct dg_run_path *cheapest; /* successful; NULL: none found */
    const struct dg_run_test *cheapest_test;
    struct dg_rating cheapest_rating;
};

/**
 * Derive what a run amounts to.
 *
 * A path whose factors do not fit the table counts as undetermined and not
 * rated: it can never help a product.
 *
 * @retval DG_OK      Derived.
 * @retval DG_E_PORT  Memory is out.
 */
DG_NODISCARD enum dg_status dg_conclude(const struct dg_run *run,
                                        struct dg_conclusion *conclusion);

/** Rate one path of a run with the run's table; false when it cannot be. */
bool dg_conclude_path(const struct dg_run *run,
                      const struct dg_run_path *path,
                      struct dg_rating *rating);

#endif
