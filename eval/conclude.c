/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/conclude.h"

#include <stdlib.h>
#include <string.h>

struct scenario_list {
    struct dg_rating_scenario *at;
    const struct dg_run_path **path;
    const struct dg_run_test **test;
    size_t count;
};

bool dg_conclude_path(const struct dg_run *run,
                      const struct dg_run_path *path,
                      struct dg_rating *rating)
{
    return run->has_table &&
           (dg_rating_rate(&run->table, path->choices, rating, NULL) == DG_OK);
}

static void count_tests(const struct dg_run *run,
                        struct dg_conclusion *conclusion)
{
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        conclusion->count[t->verdict]++;
        if (t->verdict == DG_RUN_NOT_ASKED) {
            continue;
        }
        conclusion->tests++;
        if ((t->verdict == DG_RUN_PASS) || (t->verdict == DG_RUN_FAIL)) {
            conclusion->judged++;
        } else if ((t->verdict != DG_RUN_NOT_APPLICABLE) &&
                   !((t->verdict == DG_RUN_WAIVED) &&
                     dg_run_is_waiver_good(run, t))) {
            conclusion->open++;
        }
    }
    for (const struct dg_run_calibration *c = run->calibration; c != NULL;
         c = c->next) {
        conclusion->planted++;
        conclusion->caught += c->is_caught ? 1U : 0U;
    }
}

/* Rate the paths of one test; tells whether a failure is left unrated. */
static void rate_test(const struct dg_run *run,
                      const struct dg_run_test *test,
                      struct scenario_list *list,
                      struct dg_conclusion *conclusion)
{
    bool has_successful = false;

    for (const struct dg_run_path *p = test->paths; p != NULL; p = p->next) {
        struct dg_rating_scenario one = {.state = p->state};

        conclusion->paths++;
        if (!dg_conclude_path(run, p, &one.rating)) {
            continue;
        }
        has_successful = has_successful || (p->state == DG_RATING_SUCCESSFUL);
        list->at[list->count] = one;
        list->path[list->count] = p;
        list->test[list->count] = test;
        list->count++;
    }
    if ((test->verdict == DG_RUN_FAIL) && !has_successful) {
        conclusion->unrated_failures++;
    }
}

/* A successful path that could not be rated also leaves the claim open. */
static bool has_unrated_path(const struct scenario_list *list,
                             const struct dg_conclusion *conclusion)
{
    return list->count != conclusion->paths;
}

static void assess(const struct dg_run *run,
                   const struct scenario_list *list,
                   struct dg_conclusion *conclusion)
{
    const struct dg_rating_assessment result = dg_rating_assess(
        list->at, list->count, (unsigned)run->head.van_claimed);
    const bool is_open = (conclusion->unrated_failures > 0U) ||
                         has_unrated_path(list, conclusion) ||
                         (conclusion->judged == 0U);

    conclusion->residual = result.residual;
    if (result.has_cheapest) {
        conclusion->cheapest = list->path[result.cheapest];
        conclusion->cheapest_test = list->test[result.cheapest];
        conclusion->cheapest_rating = list->at[result.cheapest].rating;
    }
    if (!run->has_table) {
        return;
    }
    conclusion->has_van = !is_open;
    conclusion->van = result.van;
    /* A search as deep as the claim shows nothing about what lies deeper. */
    if ((run->head.van_claimed > 0U) &&
        (conclusion->van > (unsigned)run->head.van_claimed)) {
        conclusion->van = (unsigned)run->head.van_claimed;
    }
    if (run->head.van_claimed == 0U) {
        /* A few tests alone say nothing about a level. */
        conclusion->has_van = false;
        return;
    }
    if (result.verdict == DG_RATING_FAIL) {
        conclusion->claim = DG_CLAIM_FAILS;
    } else if (is_open || (conclusion->open > 0U) ||
               (result.verdict != DG_RATING_PASS)) {
        conclusion->claim = DG_CLAIM_UNDECIDED;
    } else {
        conclusion->claim = DG_CLAIM_HOLDS;
    }
}

/* @satisfies{EVL_VERDICT.1@1} */
enum dg_status dg_conclude(const struct dg_run *run,
                           struct dg_conclusion *conclusion)
{
    struct scenario_list list = {.count = 0};
    size_t paths = 1; /* so that nothing has size zero */

    *conclusion = (struct dg_conclusion){.tests = 0};
    count_tests(run, conclusion);
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        for (const struct dg_run_path *p = t->paths; p != NULL; p = p->next) {
            paths++;
        }
    }
    list.at = calloc(paths, sizeof(*list.at));
    list.path = calloc(paths, sizeof(*list.path));
    list.test = calloc(paths, sizeof(*list.test));

    const bool is_good =
        (list.at != NULL) && (list.path != NULL) && (list.test != NULL);

    if (is_good) {
        for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
            rate_test(run, t, &list, conclusion);
        }
        assess(run, &list, conclusion);
    }
    free(list.at);
    free((void *)list.path);
    free((void *)list.test);
    return is_good ? DG_OK : DG_E_PORT;
}
