/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/target/view.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/digest.h"

#define PATH_SIZE 768U

/* What is claimed --------------------------------------------------------- */

/* The id of a profile goes into a path. */
static bool is_id(const char *id)
{
    return (id[0] != '\0') &&
           (strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(id));
}

/* Where a claim's file lies; "" when it names none that could be. */
static void path_of(const struct dg_view *view,
                    const struct dg_target_claim *claim,
                    const char *folder,
                    char path[PATH_SIZE])
{
    const char *file = view->target->file;
    const char *slash = strrchr(file, '/');
    const int size = (slash == NULL) ? 0 : (int)(slash - file) + 1;

    path[0] = '\0';
    if (claim->file[0] == '/') {
        (void)snprintf(path, PATH_SIZE, "%s", claim->file);
    } else if (claim->file[0] != '\0') {
        (void)snprintf(path, PATH_SIZE, "%.*s%s", size, file, claim->file);
    } else if (is_id(claim->id)) {
        (void)snprintf(
            path, PATH_SIZE, "%s/%s%s.yaml", view->spec, folder, claim->id);
    }
}

static void check_pin(struct dg_view *view,
                      const struct dg_target_claim *claim,
                      const struct dg_profile *profile,
                      const char *path)
{
    char hex[65] = "";

    if ((strcmp(claim->id, profile->id) != 0) ||
        (strcmp(claim->version, profile->version) != 0)) {
        dg_view_find(view,
                     DG_RULE_CCL_4,
                     claim->line,
                     "%.64s %.32s is claimed, but the file is %.64s %.32s",
                     claim->id,
                     claim->version,
                     profile->id,
                     profile->version);
    }
    if (claim->sha256[0] == DG_TARGET_OPEN[0]) {
        return; /* OPEN says so already */
    }
    if (claim->sha256[0] == '\0') {
        dg_view_find(view,
                     DG_RULE_CCL_4_PIN,
                     claim->line,
                     "%.64s is pinned by its version only",
                     claim->id);
    } else if (!dg_digest_file(path, hex) ||
               (strcmp(hex, claim->sha256) != 0)) {
        dg_view_find(view,
                     DG_RULE_CCL_4,
                     claim->line,
                     "the file of %.64s has the SHA-256 %s",
                     claim->id,
                     hex);
    }
}

/* Read the file of a claim; what is wrong with it is the claim's fault. */
static enum dg_status read_claim(struct dg_view *view,
                                 const struct dg_target_claim *claim,
                                 const char *folder,
                                 struct dg_profile *profile,
                                 bool *is_there)
{
    char path[PATH_SIZE];
    struct dg_problem problem = {""};

    *is_there = false;
    path_of(view, claim, folder, path);
    if ((path[0] == '\0') || (access(path, R_OK) != 0)) {
        dg_view_find(view,
                     DG_RULE_CCL_4,
                     claim->line,
                     "there is no file of '%.64s' (%.200s)",
                     claim->id,
                     path);
        return DG_OK;
    }

    const enum dg_status status = dg_profile_open(path, profile, &problem);

    if (status == DG_E_MALFORMED) {
        dg_view_find(view, DG_RULE_CCL_4, claim->line, "%.300s", problem.text);
        return DG_OK;
    }
    if (status == DG_OK) {
        *is_there = true;
        check_pin(view, claim, profile, path);
    }
    return status;
}

static enum dg_status read_claims(struct dg_view *view)
{
    const struct dg_target *target = view->target;
    enum dg_status status = DG_OK;

    for (size_t i = 0U; (i < target->profile_count) && (status == DG_OK); i++) {
        status = read_claim(view,
                            &target->profiles[i],
                            "profiles/",
                            &view->profiles[i],
                            &view->has_profile[i]);
        view->is_direct = view->is_direct ||
                          (view->has_profile[i] && view->profiles[i].is_direct);
    }
    if (view->has_criteria) {
        view->published =
            dg_criteria_package(&view->criteria, target->package.id);
    }
    if ((status == DG_OK) && (view->published == NULL) &&
        dg_target_is_said(target->package.id)) {
        status = read_claim(view,
                            &target->package,
                            "profiles/packages/",
                            &view->package,
                            &view->has_package);
    }
    return status;
}

/* Gathering --------------------------------------------------------------- */

static const struct dg_profile *profile_of(const struct dg_view *view,
                                           const char *id)
{
    for (size_t i = 0U; i < view->target->profile_count; i++) {
        if (view->has_profile[i] && (strcmp(view->profiles[i].id, id) == 0)) {
            return &view->profiles[i];
        }
    }
    return NULL;
}

static void find_no_take(struct dg_view *view, const struct dg_take *take)
{
    dg_view_find(view,
                 DG_RULE_L8,
                 take->line,
                 "'%.64s' is nothing that could be taken here from '%.64s'",
                 take->id,
                 take->from);
}

static void add_problem(struct dg_view *view,
                        const struct dg_spd *spd,
                        const struct dg_profile *from,
                        size_t line)
{
    if (dg_view_problem(view, spd->id) != NULL) {
        dg_view_find(
            view, DG_RULE_L8, line, "'%.64s' stands here twice", spd->id);
        return;
    }
    view->problem[view->problem_count] = (struct dg_view_spd){spd, from, line};
    view->problem_count++;
}

static void gather_problem(struct dg_view *view)
{
    const struct dg_target *target = view->target;

    view->problem =
        dg_arena_take(&view->arena,
                      (target->problem.count + target->own.problem_count + 1U) *
                          sizeof *view->problem);
    if (view->problem == NULL) {
        return;
    }
    for (size_t i = 0U; i < target->problem.count; i++) {
        const struct dg_take *take = &target->problem.item[i];
        const struct dg_profile *from = profile_of(view, take->from);
        const struct dg_spd *spd =
            (from == NULL) ? NULL : dg_profile_problem(from, take->id);

        if (spd == NULL) {
            find_no_take(view, take);
        } else {
            add_problem(view, spd, from, take->line);
        }
    }
    for (size_t i = 0U; i < target->own.problem_count; i++) {
        const struct dg_spd *spd = &target->own.problem[i];

        add_problem(view, spd, NULL, spd->line);
    }
}

static void add_objective(struct dg_view *view,
                          const struct dg_objective *objective,
                          const struct dg_profile *from,
                          size_t line)
{
    if (dg_view_objective(view, objective->id) != NULL) {
        dg_view_find(
            view, DG_RULE_L8, line, "'%.64s' stands here twice", objective->id);
        return;
    }
    view->objectives[view->objective_count] =
        (struct dg_view_objective){objective, from, line};
    view->objective_count++;
}

static void gather_objectives(struct dg_view *view)
{
    const struct dg_target *target = view->target;

    view->objectives = dg_arena_take(
        &view->arena,
        (target->objectives.count + target->own.objective_count + 1U) *
            sizeof *view->objectives);
    if (view->objectives == NULL) {
        return;
    }
    for (size_t i = 0U; i < target->objectives.count; i++) {
        const struct dg_take *take = &target->objectives.item[i];
        const struct dg_profile *from = profile_of(view, take->from);
        const struct dg_objective *objective =
            (from == NULL) ? NULL : dg_profile_objective(from, take->id);

        if (objective == NULL) {
            find_no_take(view, take);
        } else {
            add_objective(view, objective, from, take->line);
        }
    }
    for (size_t i = 0U; i < target->own.objective_count; i++) {
        const struct dg_objective *objective = &target->own.objectives[i];

        add_objective(view, objective, NULL, objective->line);
    }
}

static void add_sfr(struct dg_view *view, const struct dg_target_sfr *own)
{
    struct dg_view_sfr next = {.own = own, .text = ""};

    if (dg_view_sfr(view, own->id) != NULL) {
        dg_view_find(
            view, DG_RULE_L8, own->line, "'%.64s' stands here twice", own->id);
        return;
    }
    for (size_t i = 0U; (i < view->target->profile_count) && (next.sfr == NULL);
         i++) {
        if (view->has_profile[i]) {
            next.sfr = dg_profile_sfr(&view->profiles[i], own->id);
            next.from = (next.sfr == NULL) ? NULL : &view->profiles[i];
        }
    }
    if (next.sfr == NULL) {
        next.sfr = dg_profile_sfr(&view->target->own, own->id);
    }
    view->sfrs[view->sfr_count] = next;
    view->sfr_count++;
}

static void gather_sfrs(struct dg_view *view)
{
    const struct dg_target *target = view->target;

    view->sfrs = dg_arena_take(&view->arena,
                               (target->sfr_count + 1U) * sizeof *view->sfrs);
    for (size_t i = 0U; (view->sfrs != NULL) && (i < target->sfr_count); i++) {
        add_sfr(view, &target->sfrs[i]);
    }
}

/* Traces ------------------------------------------------------------------ */

static void add_edge(struct dg_view *view,
                     const char *from,
                     const char *to,
                     const char *why,
                     size_t line)
{
    view->edges[view->edge_count] = (struct dg_view_edge){from, to, why, line};
    view->edge_count++;
}

/* Of a profile, as far as both ends were taken. */
static void add_links(struct dg_view *view,
                      const char *from,
                      const struct dg_links *links,
                      size_t line)
{
    for (size_t i = 0U; i < links->count; i++) {
        const struct dg_link *link = &links->item[i];

        if ((dg_view_objective(view, link->to) != NULL) ||
            (dg_view_sfr(view, link->to) != NULL)) {
            add_edge(view, from, link->to, link->why, line);
        }
        /* What answered for the environment now does for the product. */
        for (size_t at = 0U; at < view->target->reassigned_count; at++) {
            const struct dg_trace *moved = &view->target->reassigned[at];

            if ((strcmp(moved->from, link->to) == 0) &&
                (dg_view_objective(view, moved->to) != NULL)) {
                add_edge(view, from, moved->to, link->why, line);
            }
        }
    }
}

static void gather_edges(struct dg_view *view)
{
    const struct dg_target *target = view->target;
    size_t room = target->trace_count + 1U;

    for (size_t i = 0U; i < view->problem_count; i++) {
        room +=
            view->problem[i].spd->links.count * (1U + target->reassigned_count);
    }
    for (size_t i = 0U; i < view->objective_count; i++) {
        room += view->objectives[i].objective->links.count *
                (1U + target->reassigned_count);
    }
    view->edges = dg_arena_take(&view->arena, room * sizeof *view->edges);
    if (view->edges == NULL) {
        return;
    }
    for (size_t i = 0U; i < view->problem_count; i++) {
        const struct dg_view_spd *one = &view->problem[i];

        add_links(view, one->spd->id, &one->spd->links, one->line);
    }
    for (size_t i = 0U; i < view->objective_count; i++) {
        const struct dg_view_objective *one = &view->objectives[i];

        add_links(view, one->objective->id, &one->objective->links, one->line);
    }
    for (size_t i = 0U; i < target->trace_count; i++) {
        const struct dg_trace *trace = &target->traces[i];
        const bool is_from = (dg_view_problem(view, trace->from) != NULL) ||
                             (dg_view_objective(view, trace->from) != NULL);
        const bool is_to = (dg_view_objective(view, trace->to) != NULL) ||
                           (dg_view_sfr(view, trace->to) != NULL);

        if (is_from && is_to) {
            add_edge(view, trace->from, trace->to, trace->why, trace->line);
        } else {
            dg_view_find(view,
                         DG_RULE_L8,
                         trace->line,
                         "'%.64s' is nothing that this target has",
                         is_from ? trace->to : trace->from);
        }
    }
}

/* The whole ------------------------------------------------------------------
 */

enum dg_status dg_view_open(struct dg_view *view, struct dg_problem *problem)
{
    const char *edition = view->target->edition;
    char path[PATH_SIZE];
    enum dg_status status = DG_OK;

    dg_arena_init(&view->arena);
    dg_arena_init(&view->criteria.arena);
    (void)snprintf(path, sizeof path, "%s/features.yaml", view->spec);
    status = dg_feature_list_open(path, &view->features, problem);
    if ((status == DG_OK) &&
        ((strcmp(edition, "3.1R5") == 0) || (strcmp(edition, "2022") == 0))) {
        (void)snprintf(path, sizeof path, "%s/criteria", view->spec);
        status = dg_criteria_open(path, edition, &view->criteria, problem);
        view->has_criteria = status == DG_OK;
    }
    if (status == DG_OK) {
        status = read_claims(view);
    }
    if (status != DG_OK) {
        return status;
    }
    gather_problem(view);
    gather_objectives(view);
    gather_sfrs(view);
    if (!view->arena.failed) {
        gather_edges(view);
    }
    if (view->arena.failed) {
        dg_problem_set(problem, "%.200s: out of memory", view->target->file);
        return DG_E_PORT;
    }
    return DG_OK;
}

void dg_view_close(struct dg_view *view)
{
    for (size_t i = 0U; i < DG_TARGET_PROFILES_MAX; i++) {
        dg_profile_free(&view->profiles[i]);
    }
    dg_profile_free(&view->package);
    dg_feature_list_free(&view->features);
    dg_criteria_free(&view->criteria);
    dg_arena_free(&view->arena);
}

const struct dg_view_spd *dg_view_problem(const struct dg_view *view,
                                          const char *id)
{
    for (size_t i = 0U; i < view->problem_count; i++) {
        if (strcmp(view->problem[i].spd->id, id) == 0) {
            return &view->problem[i];
        }
    }
    return NULL;
}

const struct dg_view_objective *dg_view_objective(const struct dg_view *view,
                                                  const char *id)
{
    for (size_t i = 0U; i < view->objective_count; i++) {
        if (strcmp(view->objectives[i].objective->id, id) == 0) {
            return &view->objectives[i];
        }
    }
    return NULL;
}

const struct dg_view_sfr *dg_view_sfr(const struct dg_view *view,
                                      const char *id)
{
    for (size_t i = 0U; i < view->sfr_count; i++) {
        if (strcmp(view->sfrs[i].own->id, id) == 0) {
            return &view->sfrs[i];
        }
    }
    return NULL;
}

bool dg_view_has_sar(const struct dg_view *view, const char *component)
{
    const struct dg_refs *sars = &view->target->sars;

    for (size_t i = 0U; i < sars->count; i++) {
        if (view->has_criteria ? dg_criteria_meets(&view->criteria,
                                                   sars->item[i].id,
                                                   component)
                               : (strcmp(sars->item[i].id, component) == 0)) {
            return true;
        }
    }
    return false;
}
