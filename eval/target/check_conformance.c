/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile asks of a target that claims it: CCL-8.  Demonstrable
 * conformance leaves the same to a rationale that a person reads; what is
 * checked here is then not asked for. */
#include <string.h>

#include "eval/target/view.h"

static const struct dg_trace *moved(const struct dg_view *view, const char *id)
{
    for (size_t i = 0U; i < view->target->reassigned_count; i++) {
        if (strcmp(view->target->reassigned[i].from, id) == 0) {
            return &view->target->reassigned[i];
        }
    }
    return NULL;
}

/* An assumption may go when all that upheld it became the product's. */
static bool may_go(const struct dg_view *view, const struct dg_spd *spd)
{
    if ((spd->kind != DG_SPD_ASSUMPTION) || (spd->links.count == 0U)) {
        return false;
    }
    for (size_t i = 0U; i < spd->links.count; i++) {
        if (moved(view, spd->links.item[i].to) == NULL) {
            return false;
        }
    }
    return true;
}

static void check_problem(struct dg_view *view,
                          const struct dg_profile *profile,
                          size_t line)
{
    for (size_t i = 0U; i < profile->problem_count; i++) {
        const struct dg_spd *spd = &profile->problem[i];

        if ((dg_view_problem(view, spd->id) == NULL) && !may_go(view, spd)) {
            dg_view_find(view,
                         DG_RULE_CCL_8_PROBLEM,
                         line,
                         "%.64s of %.64s is not taken",
                         spd->id,
                         profile->id);
        }
    }
}

static void check_objectives(struct dg_view *view,
                             const struct dg_profile *profile,
                             size_t line)
{
    for (size_t i = 0U; i < profile->objective_count; i++) {
        const struct dg_objective *objective = &profile->objectives[i];
        const struct dg_trace *trace = moved(view, objective->id);
        const bool is_moved = objective->is_environment && (trace != NULL) &&
                              (dg_view_objective(view, trace->to) != NULL);

        if ((dg_view_objective(view, objective->id) == NULL) && !is_moved) {
            dg_view_find(view,
                         DG_RULE_CCL_8_OBJECTIVE,
                         line,
                         "%.64s of %.64s is not taken",
                         objective->id,
                         profile->id);
        }
    }
}

static bool is_waiting(const struct dg_sfr *sfr)
{
    return (sfr->status == DG_SFR_SELECTION_BASED) ||
           (sfr->status == DG_SFR_FEATURE_BASED);
}

static bool is_triggered(const struct dg_view *view, const struct dg_sfr *sfr)
{
    for (size_t i = 0U; i < sfr->when.count; i++) {
        if (dg_view_is_triggered(view, sfr->when.item[i])) {
            return true;
        }
    }
    return false;
}

/* The SFR itself, or one of a component above it with the same suffix. */
static bool is_there(const struct dg_view *view, const struct dg_sfr *sfr)
{
    for (size_t i = 0U; i < view->sfr_count; i++) {
        const struct dg_sfr *own = view->sfrs[i].sfr;

        if ((own != NULL) &&
            ((strcmp(own->id, sfr->id) == 0) ||
             (view->has_criteria &&
              (strcmp(own->iteration, sfr->iteration) == 0) &&
              dg_criteria_meets(
                  &view->criteria, own->component, sfr->component)))) {
            return true;
        }
    }
    return false;
}

static void check_sfrs(struct dg_view *view,
                       const struct dg_profile *profile,
                       size_t line)
{
    for (size_t i = 0U; i < profile->sfr_count; i++) {
        const struct dg_sfr *sfr = &profile->sfrs[i];
        const bool is_due = (sfr->status == DG_SFR_MANDATORY) ||
                            (is_waiting(sfr) && is_triggered(view, sfr));
        const struct dg_view_sfr *own = dg_view_sfr(view, sfr->id);

        if (is_due && !is_there(view, sfr)) {
            dg_view_find(view,
                         DG_RULE_CCL_8_SFR,
                         line,
                         "%.64s of %.64s (%.100s) is not there",
                         sfr->id,
                         profile->id,
                         sfr->title);
        }
        if ((own != NULL) && is_waiting(sfr) && !is_triggered(view, sfr)) {
            dg_view_find(view,
                         DG_RULE_CCL_8_WHEN,
                         own->own->line,
                         "%.64s waits for %.64s, which is not chosen or "
                         "claimed",
                         sfr->id,
                         (sfr->when.count == 0U) ? "nothing"
                                                 : sfr->when.item[0]);
        }
    }
}

static void check_sars(struct dg_view *view,
                       const struct dg_profile *profile,
                       size_t line)
{
    for (size_t i = 0U; i < profile->sar_count; i++) {
        const struct dg_sar *sar = &profile->sars[i];

        if (!sar->is_optional && !dg_view_has_sar(view, sar->component)) {
            dg_view_find(view,
                         DG_RULE_CCL_8_SAR,
                         line,
                         "%.64s of %.64s is not there",
                         sar->component,
                         profile->id);
        }
    }
}

static void find_more(struct dg_view *view, const char *id, size_t line)
{
    dg_view_find(view,
                 DG_RULE_CCL_8_EXACT,
                 line,
                 "%.64s is of no profile that is claimed",
                 id);
}

static void check_exact(struct dg_view *view)
{
    for (size_t i = 0U; i < view->problem_count; i++) {
        if (view->problem[i].from == NULL) {
            find_more(view, view->problem[i].spd->id, view->problem[i].line);
        }
    }
    for (size_t i = 0U; i < view->objective_count; i++) {
        if (view->objectives[i].from == NULL) {
            find_more(view,
                      view->objectives[i].objective->id,
                      view->objectives[i].line);
        }
    }
    for (size_t i = 0U; i < view->sfr_count; i++) {
        if ((view->sfrs[i].from == NULL) && (view->sfrs[i].sfr != NULL)) {
            find_more(view, view->sfrs[i].own->id, view->sfrs[i].own->line);
        }
    }
}

static void check_published(struct dg_view *view)
{
    for (size_t i = 0U; i < view->published->count; i++) {
        const char *id = view->published->components[i];

        if (!dg_view_has_sar(view, id)) {
            dg_view_find(view,
                         DG_RULE_CCL_8_SAR,
                         view->target->package.line,
                         "%.64s of %.64s is not there",
                         id,
                         view->published->id);
        }
    }
}

void dg_check_conformance(struct dg_view *view)
{
    bool is_exact = false;

    for (size_t i = 0U; i < view->target->profile_count; i++) {
        const struct dg_target_claim *claim = &view->target->profiles[i];
        const struct dg_profile *profile = &view->profiles[i];

        if (!view->has_profile[i]) {
            continue;
        }
        is_exact = is_exact || (strcmp(claim->kind, "exact") == 0);
        if (strcmp(claim->kind, "demonstrable") != 0) {
            check_problem(view, profile, claim->line);
            check_objectives(view, profile, claim->line);
            check_sfrs(view, profile, claim->line);
            check_sars(view, profile, claim->line);
        }
    }
    if (is_exact) {
        check_exact(view);
    }
    if (view->has_package) {
        check_sars(view, &view->package, view->target->package.line);
    }
    if (view->published != NULL) {
        check_published(view);
    }
}
