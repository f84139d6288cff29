/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/rating.h"

#include <string.h>

static const struct dg_rating_level *level_of(
    const struct dg_rating_table *table,
    const struct dg_rating_choice *choice,
    const struct dg_rating_factor **factor)
{
    *factor = dg_rating_table_factor(table, choice->factor);
    if (*factor == NULL) {
        return NULL;
    }
    return dg_rating_factor_level(*factor, choice->level);
}

/* Whether an adjusted value lies where the method lets it lie. */
static bool is_between(const struct dg_rating_factor *factor,
                       const struct dg_rating_level *level,
                       uint64_t points)
{
    const size_t at = (size_t)(level - factor->level);
    const bool has_above =
        ((at + 1U) < factor->count) && factor->level[at + 1U].is_exploitable;

    if (!level->is_exploitable) {
        return false;
    }

    const bool is_above_lower = (at == 0U)
                                    ? (points > level->points)
                                    : (points > factor->level[at - 1U].points);
    const bool is_below_upper = has_above
                                    ? (points < factor->level[at + 1U].points)
                                    : (points < level->points);

    return is_above_lower && is_below_upper;
}

static enum dg_status check_choice(const struct dg_rating_table *table,
                                   const struct dg_rating_choice *choice,
                                   struct dg_problem *problem)
{
    const struct dg_rating_factor *factor = NULL;
    const struct dg_rating_level *level = level_of(table, choice, &factor);

    if (level == NULL) {
        dg_problem_set(problem,
                       "table %s has no level '%s' of '%s'",
                       table->id,
                       choice->level,
                       choice->factor);
        return DG_E_MALFORMED;
    }
    if (!choice->is_adjusted) {
        return DG_OK;
    }
    if (choice->reason[0] == '\0') {
        dg_problem_set(problem,
                       "the value of '%s' is not the table's: give a reason",
                       choice->factor);
        return DG_E_RANGE;
    }
    if (!is_between(factor, level, choice->points)) {
        dg_problem_set(problem,
                       "the value of '%s' does not lie between the levels "
                       "beside '%s'",
                       choice->factor,
                       choice->level);
        return DG_E_RANGE;
    }
    return DG_OK;
}

/* Each factor of the table once, and nothing else. */
static enum dg_status check_set(const struct dg_rating_table *table,
                                const struct dg_rating_choice *choices,
                                struct dg_problem *problem)
{
    for (size_t i = 0; i < table->factors; i++) {
        size_t seen = 0;

        for (const struct dg_rating_choice *c = choices; c != NULL;
             c = c->next) {
            seen += (strcmp(c->factor, table->factor[i].id) == 0) ? 1U : 0U;
        }
        if (seen != 1U) {
            dg_problem_set(problem,
                           "the factor '%s' is given %zu times, not once",
                           table->factor[i].id,
                           seen);
            return DG_E_MALFORMED;
        }
    }
    for (const struct dg_rating_choice *c = choices; c != NULL; c = c->next) {
        const enum dg_status status = check_choice(table, c, problem);

        if (status != DG_OK) {
            return status;
        }
    }
    return DG_OK;
}

unsigned dg_rating_points(const struct dg_rating_table *table,
                          const struct dg_rating_choice *choice)
{
    const struct dg_rating_factor *factor = NULL;
    const struct dg_rating_level *level = level_of(table, choice, &factor);

    if ((level == NULL) || !level->is_exploitable) {
        return 0;
    }
    return choice->is_adjusted ? (unsigned)choice->points : level->points;
}

struct dg_rating dg_rating_of_sum(const struct dg_rating_table *table,
                                  unsigned sum)
{
    size_t at = 0;

    while (((at + 1U) < table->ranges) && (table->range[at + 1U].from <= sum)) {
        at++;
    }
    return (struct dg_rating){true, sum, &table->range[at]};
}

/* @satisfies{EVL_RATE.1@1} */
enum dg_status dg_rating_rate(const struct dg_rating_table *table,
                              const struct dg_rating_choice *choices,
                              struct dg_rating *rating,
                              struct dg_problem *problem)
{
    const enum dg_status status = check_set(table, choices, problem);
    unsigned sum = 0;

    if (status != DG_OK) {
        return status;
    }
    for (const struct dg_rating_choice *c = choices; c != NULL; c = c->next) {
        const struct dg_rating_factor *factor = NULL;

        if (!level_of(table, c, &factor)->is_exploitable) {
            *rating = (struct dg_rating){false, 0, NULL};
            return DG_OK;
        }
        sum += dg_rating_points(table, c);
    }
    *rating = dg_rating_of_sum(table, sum);
    return DG_OK;
}

/* What one scenario does to a claim: pass, fail or inconclusive. */
static enum dg_rating_verdict judge(const struct dg_rating_scenario *scenario,
                                    unsigned van_claimed)
{
    const struct dg_rating *rating = &scenario->rating;

    if ((scenario->state == DG_RATING_UNSUCCESSFUL) ||
        !rating->is_exploitable) {
        return DG_RATING_PASS;
    }
    if (rating->range->van >= van_claimed) {
        return DG_RATING_PASS;
    }
    return (scenario->state == DG_RATING_SUCCESSFUL) ? DG_RATING_FAIL
                                                     : DG_RATING_INCONCLUSIVE;
}

static enum dg_rating_verdict judge_all(
    const struct dg_rating_scenario *scenarios,
    size_t count,
    unsigned van_claimed)
{
    enum dg_rating_verdict verdict = DG_RATING_PASS;

    for (size_t i = 0; i < count; i++) {
        enum dg_rating_verdict one = judge(&scenarios[i], van_claimed);

        if (scenarios[i].state == DG_RATING_STATE_NONE) {
            one = DG_RATING_INCONCLUSIVE;
        }
        if (one == DG_RATING_FAIL) {
            return DG_RATING_FAIL;
        }
        if (one == DG_RATING_INCONCLUSIVE) {
            verdict = DG_RATING_INCONCLUSIVE;
        }
    }
    return verdict;
}

/* Whether the scenario may count at all. */
static bool counts(const struct dg_rating_scenario *scenario)
{
    return scenario->rating.is_exploitable &&
           (scenario->state != DG_RATING_UNSUCCESSFUL);
}

struct dg_rating_assessment dg_rating_assess(
    const struct dg_rating_scenario *scenarios,
    size_t count,
    unsigned van_claimed)
{
    struct dg_rating_assessment result = {
        .verdict = judge_all(scenarios, count, van_claimed)};

    for (unsigned van = 1; van <= DG_RATING_VAN_MAX; van++) {
        if (judge_all(scenarios, count, van) == DG_RATING_PASS) {
            result.van = van;
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct dg_rating_scenario *one = &scenarios[i];

        if (!counts(one)) {
            continue;
        }
        if (one->rating.range->van >= van_claimed) {
            result.residual++;
        }
        if ((one->state == DG_RATING_SUCCESSFUL) &&
            (!result.has_cheapest ||
             (one->rating.sum < scenarios[result.cheapest].rating.sum))) {
            result.has_cheapest = true;
            result.cheapest = i;
        }
    }
    return result;
}
