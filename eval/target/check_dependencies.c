/* SPDX-License-Identifier: Apache-2.0 */
/* Dependencies of SFRs and SARs: REQ-4.  What stands above what is read from
 * the table of the edition, never from a number. */
#include <stdio.h>
#include <string.h>

#include "eval/target/view.h"

#define NEEDS_MAX 16U
#define ANY_MAX   8U
#define ID_SIZE   48U

/* Groups that are all needed; of each one is enough. */
struct needs {
    struct {
        char any[ANY_MAX][ID_SIZE];
        size_t count;
    } group[NEEDS_MAX];
    size_t count;
};

/* Gathering --------------------------------------------------------------- */

static void add(struct needs *needs, const char *id, size_t size)
{
    const size_t at = needs->count - 1U;

    if ((size > 0U) && (needs->group[at].count < ANY_MAX)) {
        (void)snprintf(needs->group[at].any[needs->group[at].count],
                       ID_SIZE,
                       "%.*s",
                       (int)((size < ID_SIZE) ? size : (ID_SIZE - 1U)),
                       id);
        needs->group[at].count++;
    }
}

/* "A; (B | C)": what a definition says of an extended component. */
static void parse(struct needs *needs, const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.";

    needs->count = 1U;
    needs->group[0].count = 0U;
    while (*text != '\0') {
        const size_t size = strspn(text, letters);

        if ((size > 0U) && (memchr(text, '_', size) != NULL)) {
            add(needs, text, size);
        } else if ((*text == ';') && (needs->count < NEEDS_MAX)) {
            needs->count++;
            needs->group[needs->count - 1U].count = 0U;
        }
        text += (size > 0U) ? size : 1U;
    }
}

static void take(struct needs *needs, const struct dg_component *component)
{
    needs->count = 0U;
    for (size_t i = 0U; (i < component->need_count) && (i < NEEDS_MAX); i++) {
        needs->count++;
        needs->group[i].count = 0U;
        for (size_t at = 0U; at < component->needs[i].count; at++) {
            const char *id = component->needs[i].any[at];

            add(needs, id, strlen(id));
        }
    }
}

static void gather(const struct dg_view *view,
                   const struct dg_view_sfr *one,
                   struct needs *needs)
{
    const struct dg_component *component =
        dg_criteria_find(&view->criteria, one->sfr->component);
    const struct dg_profile *from =
        (one->from == NULL) ? &view->target->own : one->from;

    needs->count = 0U;
    if (component != NULL) {
        take(needs, component);
        return;
    }
    for (size_t i = 0U; i < from->sfr_count; i++) {
        if ((from->sfrs[i].definition != NULL) &&
            (strcmp(from->sfrs[i].component, one->sfr->component) == 0)) {
            parse(needs, from->sfrs[i].definition->dependencies);
        }
    }
}

/* Judging ----------------------------------------------------------------- */

static bool meets(const struct dg_view *view,
                  const struct dg_view_sfr *candidate,
                  const char *component)
{
    return (candidate->sfr != NULL) &&
           dg_criteria_meets(
               &view->criteria, candidate->sfr->component, component);
}

/* How many SFRs could meet a group; `by` names which does. */
static size_t candidates(const struct dg_view *view,
                         const struct needs *needs,
                         size_t group)
{
    size_t count = 0U;

    for (size_t i = 0U; i < view->sfr_count; i++) {
        bool is_one = false;

        for (size_t at = 0U; at < needs->group[group].count; at++) {
            is_one = is_one ||
                     meets(view, &view->sfrs[i], needs->group[group].any[at]);
        }
        count += is_one ? 1U : 0U;
    }
    for (size_t at = 0U; at < needs->group[group].count; at++) {
        count += dg_view_has_sar(view, needs->group[group].any[at]) ? 1U : 0U;
    }
    return count;
}

static bool is_of(const struct needs *needs, size_t group, const char *id)
{
    for (size_t at = 0U; at < needs->group[group].count; at++) {
        if (strcmp(needs->group[group].any[at], id) == 0) {
            return true;
        }
    }
    return false;
}

/* Where several iterations could, one is named that can. */
static void check_by(struct dg_view *view,
                     const struct dg_view_sfr *one,
                     const struct needs *needs,
                     size_t group)
{
    for (size_t i = 0U; i < one->own->by_count; i++) {
        const struct dg_link *link = &one->own->by[i];

        if (is_of(needs, group, link->to)) {
            const struct dg_view_sfr *named = dg_view_sfr(view, link->why);

            if ((named == NULL) || !meets(view, named, link->to)) {
                dg_view_find(view,
                             DG_RULE_REQ_4_BY,
                             link->line,
                             "'%.64s' does not meet %.64s",
                             link->why,
                             link->to);
            }
            return;
        }
    }
    dg_view_find(view,
                 DG_RULE_REQ_4_BY,
                 one->own->line,
                 "%.64s depends on %.64s, which several could meet",
                 one->own->id,
                 needs->group[group].any[0]);
}

static const struct dg_waiver *waiver_of(const struct dg_waiver *waivers,
                                         size_t count,
                                         const struct needs *needs,
                                         size_t group)
{
    for (size_t i = 0U; i < count; i++) {
        if (is_of(needs, group, waivers[i].component)) {
            return &waivers[i];
        }
    }
    return NULL;
}

static void check_waiver(struct dg_view *view,
                         const struct dg_view_sfr *one,
                         const struct dg_waiver *waiver,
                         size_t line)
{
    const struct dg_view_objective *objective =
        dg_view_objective(view, waiver->by);
    bool is_good = waiver->why[0] != '\0';

    if (waiver->kind == DG_WAIVER_ENVIRONMENT) {
        is_good = is_good && (objective != NULL) &&
                  objective->objective->is_environment;
    } else if (waiver->kind == DG_WAIVER_OTHER) {
        is_good = is_good && (dg_view_sfr(view, waiver->by) != NULL);
    }
    if (!is_good) {
        dg_view_find(view,
                     DG_RULE_REQ_4_WAIVER,
                     line,
                     "%.64s: that %.64s is not there rests on '%.64s'%s",
                     one->own->id,
                     waiver->component,
                     waiver->by,
                     (waiver->why[0] == '\0') ? ", without a reason" : "");
    }
}

static void check_group(struct dg_view *view,
                        const struct dg_view_sfr *one,
                        const struct needs *needs,
                        size_t group)
{
    const size_t count = candidates(view, needs, group);
    const struct dg_waiver *own =
        waiver_of(one->own->waivers, one->own->waiver_count, needs, group);
    const struct dg_waiver *profile =
        waiver_of(one->sfr->waivers, one->sfr->waiver_count, needs, group);

    if (needs->group[group].count == 0U) {
        return;
    }
    if (count > 0U) {
        if (own != NULL) {
            dg_view_find(view,
                         DG_RULE_REQ_4_NEEDLESS,
                         own->line,
                         "%.64s is met",
                         own->component);
        }
        if (count > 1U) {
            check_by(view, one, needs, group);
        }
        return;
    }
    if (own != NULL) {
        check_waiver(view, one, own, own->line);
    } else if (profile != NULL) {
        check_waiver(view, one, profile, one->own->line);
    } else {
        dg_view_find(view,
                     DG_RULE_REQ_4,
                     one->own->line,
                     "%.64s depends on %.64s%s, which is not there",
                     one->own->id,
                     needs->group[group].any[0],
                     (needs->group[group].count > 1U) ? " or another" : "");
    }
}

/* A justification for what the SFR does not depend on. */
static void check_strays(struct dg_view *view,
                         const struct dg_view_sfr *one,
                         const struct needs *needs)
{
    for (size_t i = 0U; i < one->own->waiver_count; i++) {
        const struct dg_waiver *waiver = &one->own->waivers[i];
        bool is_needed = false;

        for (size_t group = 0U; group < needs->count; group++) {
            is_needed = is_needed || is_of(needs, group, waiver->component);
        }
        if (!is_needed) {
            dg_view_find(view,
                         DG_RULE_REQ_4_NEEDLESS,
                         waiver->line,
                         "%.64s does not depend on %.64s",
                         one->own->id,
                         waiver->component);
        }
    }
}

static void check_sar(struct dg_view *view, const struct dg_ref *sar)
{
    const struct dg_component *component =
        dg_criteria_find(&view->criteria, sar->id);
    struct needs needs;

    if (component == NULL) {
        return; /* REQ-1 or ECD says so */
    }
    take(&needs, component);
    for (size_t i = 0U; i < needs.count; i++) {
        if (candidates(view, &needs, i) == 0U) {
            dg_view_find(view,
                         DG_RULE_REQ_4_SAR,
                         sar->line,
                         "%.64s depends on %.64s, which is not there",
                         sar->id,
                         needs.group[i].any[0]);
        }
    }
}

void dg_check_dependencies(struct dg_view *view)
{
    if (!view->has_criteria) {
        return;
    }
    for (size_t i = 0U; i < view->sfr_count; i++) {
        const struct dg_view_sfr *one = &view->sfrs[i];
        struct needs needs;

        if (one->sfr == NULL) {
            continue;
        }
        gather(view, one, &needs);
        for (size_t group = 0U; group < needs.count; group++) {
            check_group(view, one, &needs, group);
        }
        check_strays(view, one, &needs);
    }
    for (size_t i = 0U; i < view->target->sars.count; i++) {
        check_sar(view, &view->target->sars.item[i]);
    }
}
