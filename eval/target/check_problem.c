/* SPDX-License-Identifier: Apache-2.0 */
/* The security problem, the objectives, and what answers what: SPD, OBJ,
 * REQ-5, REQ-6. */
#include <string.h>

#include "eval/target/view.h"

/* Problem ----------------------------------------------------------------- */

static bool has_form(const char *id, const char *prefix)
{
    const size_t size = strlen(prefix);

    return (strncmp(id, prefix, size) == 0) && (id[size] != '\0') &&
           (strspn(&id[size], "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") ==
            strlen(&id[size]));
}

static void check_form(struct dg_view *view,
                       const char *id,
                       const char *prefix,
                       size_t line)
{
    if (!has_form(id, prefix) && (id[0] != DG_TARGET_OPEN[0])) {
        dg_view_find(view,
                     DG_RULE_SPD_2,
                     line,
                     "the id '%.64s' is not %s and capitals",
                     id,
                     prefix);
    }
}

static bool is_term(const struct dg_view *view, const char *name)
{
    if (dg_profile_term(&view->target->own, name) != NULL) {
        return true;
    }
    for (size_t i = 0U; i < view->target->profile_count; i++) {
        if (view->has_profile[i] &&
            (dg_profile_term(&view->profiles[i], name) != NULL)) {
            return true;
        }
    }
    return false;
}

static void check_threat(struct dg_view *view, const struct dg_spd *spd)
{
    static const char *const editorial[] = {
        "T1", "T2", "T3", "T4", "T5", "T6", "T7", "additional"};
    bool is_named =
        !dg_target_is_said(spd->editorial) && (spd->editorial[0] != '\0');

    if ((spd->agent[0] != DG_TARGET_OPEN[0]) && !is_term(view, spd->agent)) {
        dg_view_find(view,
                     DG_RULE_SPD_1,
                     spd->line,
                     "the agent '%.64s' of %.64s is not in the glossary",
                     spd->agent,
                     spd->id);
    }
    if ((spd->assets.count == 0U) || (spd->text[0] == '\0')) {
        dg_view_find(view,
                     DG_RULE_SPD_1,
                     spd->line,
                     "%.64s has no %s",
                     spd->id,
                     (spd->text[0] == '\0') ? "action" : "assets");
    }
    for (size_t i = 0U; i < spd->assets.count; i++) {
        if (dg_target_is_said(spd->assets.item[i]) &&
            !is_term(view, spd->assets.item[i])) {
            dg_view_find(view,
                         DG_RULE_SPD_1,
                         spd->line,
                         "the asset '%.64s' of %.64s is not in the glossary",
                         spd->assets.item[i],
                         spd->id);
        }
    }
    for (size_t i = 0U; i < (sizeof editorial / sizeof editorial[0]); i++) {
        is_named = is_named || (strcmp(spd->editorial, editorial[i]) == 0);
    }
    if (!is_named) {
        dg_view_find(view,
                     DG_RULE_SPD_5,
                     spd->line,
                     "%.64s says '%.32s'",
                     spd->id,
                     spd->editorial);
    }
}

static void check_assumption(struct dg_view *view, const struct dg_spd *spd)
{
    for (size_t i = 0U; i < view->target->part_count; i++) {
        const char *name = view->target->parts[i].name;

        if (dg_target_is_said(name) && (strstr(spd->text, name) != NULL)) {
            dg_view_find(view,
                         DG_RULE_SPD_3,
                         spd->line,
                         "%.64s speaks of '%.64s', a part of the product",
                         spd->id,
                         name);
        }
    }
}

/* A target of low assurance has neither problem nor objectives. */
static bool is_low(const struct dg_view *view)
{
    return (view->target->problem.count == 0U) &&
           (view->target->own.problem_count == 0U);
}

void dg_check_problem(struct dg_view *view)
{
    static const char *const prefixes[] = {"", "T.", "P.", "A."};
    size_t problems = 0U;

    if (is_low(view) && (strcmp(view->target->package.id, "EAL1") != 0)) {
        dg_view_find(view,
                     DG_RULE_LOW_1,
                     1U,
                     "there is no security problem, and the package is '%.32s'",
                     view->target->package.id);
    }
    for (size_t i = 0U; i < view->problem_count; i++) {
        const struct dg_view_spd *one = &view->problem[i];

        problems += (one->spd->kind == DG_SPD_ASSUMPTION) ? 0U : 1U;
        if (one->from != NULL) {
            continue;
        }
        check_form(view, one->spd->id, prefixes[one->spd->kind], one->line);
        if (one->spd->text[0] == '\0') {
            dg_view_find(view,
                         DG_RULE_L8,
                         one->line,
                         "%.64s says nothing",
                         one->spd->id);
        }
        if (one->spd->kind == DG_SPD_THREAT) {
            check_threat(view, one->spd);
        } else if (one->spd->kind == DG_SPD_ASSUMPTION) {
            check_assumption(view, one->spd);
        }
    }
    if ((problems == 0U) && !is_low(view)) {
        dg_view_find(view, DG_RULE_SPD_4, 1U, "there are assumptions alone");
    }
}

/* Traces ------------------------------------------------------------------ */

static bool has_edge_from(const struct dg_view *view, const char *id)
{
    for (size_t i = 0U; i < view->edge_count; i++) {
        if (strcmp(view->edges[i].from, id) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether an objective answers something that it may answer. */
static bool is_needed(const struct dg_view *view,
                      const struct dg_objective *objective)
{
    for (size_t i = 0U; i < view->edge_count; i++) {
        const struct dg_view_edge *edge = &view->edges[i];
        const struct dg_view_spd *from = (strcmp(edge->to, objective->id) == 0)
                                             ? dg_view_problem(view, edge->from)
                                             : NULL;

        if ((from != NULL) && (objective->is_environment ||
                               (from->spd->kind != DG_SPD_ASSUMPTION))) {
            return true;
        }
    }
    return false;
}

static void check_edge(struct dg_view *view, const struct dg_view_edge *edge)
{
    const struct dg_view_spd *from = dg_view_problem(view, edge->from);
    const struct dg_view_objective *to = dg_view_objective(view, edge->to);

    if ((from != NULL) && (from->spd->kind == DG_SPD_ASSUMPTION) &&
        ((to == NULL) || !to->objective->is_environment)) {
        dg_view_find(view,
                     DG_RULE_OBJ_3,
                     edge->line,
                     "%.64s is upheld by %.64s, which is the product's",
                     edge->from,
                     edge->to);
    }
    if (edge->why[0] == '\0') {
        dg_view_find(view,
                     (to != NULL) ? DG_RULE_OBJ_4 : DG_RULE_REQ_6,
                     edge->line,
                     "that %.64s answers %.64s has no reason",
                     edge->to,
                     edge->from);
    }
}

static void check_objective(struct dg_view *view,
                            const struct dg_view_objective *one)
{
    const struct dg_objective *objective = one->objective;

    if (one->from == NULL) {
        check_form(view,
                   objective->id,
                   objective->is_environment ? "OE." : "O.",
                   one->line);
        if (objective->text[0] == '\0') {
            dg_view_find(view,
                         DG_RULE_L8,
                         one->line,
                         "%.64s says nothing",
                         objective->id);
        }
    }
    if (!is_needed(view, objective)) {
        dg_view_find(view,
                     DG_RULE_OBJ_1,
                     one->line,
                     "%.64s answers nothing",
                     objective->id);
    }
    if (!objective->is_environment && !has_edge_from(view, objective->id)) {
        dg_view_find(view,
                     DG_RULE_REQ_5,
                     one->line,
                     "%.64s is met by no SFR",
                     objective->id);
    }
}

static bool is_served(const struct dg_view *view, const char *id)
{
    for (size_t i = 0U; i < view->edge_count; i++) {
        if (strcmp(view->edges[i].to, id) == 0) {
            return true;
        }
    }
    return false;
}

void dg_check_traces(struct dg_view *view)
{
    if (is_low(view)) {
        return;
    }
    for (size_t i = 0U; i < view->edge_count; i++) {
        check_edge(view, &view->edges[i]);
    }
    for (size_t i = 0U; i < view->problem_count; i++) {
        const struct dg_view_spd *one = &view->problem[i];

        if (!has_edge_from(view, one->spd->id)) {
            dg_view_find(view,
                         DG_RULE_OBJ_2,
                         one->line,
                         "nothing answers %.64s",
                         one->spd->id);
        }
    }
    for (size_t i = 0U; i < view->objective_count; i++) {
        check_objective(view, &view->objectives[i]);
    }
    for (size_t i = 0U; i < view->sfr_count; i++) {
        const struct dg_view_sfr *one = &view->sfrs[i];

        if ((one->sfr != NULL) && !is_served(view, one->own->id)) {
            dg_view_find(view,
                         DG_RULE_REQ_5,
                         one->own->line,
                         "%.64s serves no objective",
                         one->own->id);
        }
    }
}
