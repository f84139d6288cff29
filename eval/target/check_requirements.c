/* SPDX-License-Identifier: Apache-2.0 */
/* Each requirement by itself: REQ but 4 and 5, ECD, TSS, lints. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "eval/target/view.h"

/* Extended components ----------------------------------------------------- */

static const struct dg_family *family_of(const struct dg_view *view,
                                         const struct dg_view_sfr *one)
{
    const char *dot = strchr(one->sfr->component, '.');
    char family[64];

    (void)snprintf(family,
                   sizeof family,
                   "%.*s",
                   (dot == NULL) ? 0 : (int)(dot - one->sfr->component),
                   one->sfr->component);
    return dg_profile_family(
        (one->from == NULL) ? &view->target->own : one->from, family);
}

static const struct dg_definition *definition_of(const struct dg_view *view,
                                                 const struct dg_view_sfr *one)
{
    const struct dg_profile *from =
        (one->from == NULL) ? &view->target->own : one->from;

    for (size_t i = 0U; i < from->sfr_count; i++) {
        if ((from->sfrs[i].definition != NULL) &&
            (strcmp(from->sfrs[i].component, one->sfr->component) == 0)) {
            return from->sfrs[i].definition;
        }
    }
    return NULL;
}

/* FDP_ITC_EXT.1, where FDP_ITC.1 is there. */
static bool is_in_part_2(const struct dg_view *view, const char *component)
{
    const char *mark = strstr(component, "_EXT.");
    char plain[64];

    if (mark == NULL) {
        return false;
    }
    (void)snprintf(plain,
                   sizeof plain,
                   "%.*s.%s",
                   (int)(mark - component),
                   component,
                   mark + 5);
    return dg_criteria_find(&view->criteria, plain) != NULL;
}

static void check_extended(struct dg_view *view, const struct dg_view_sfr *one)
{
    const struct dg_family *family = family_of(view, one);
    const struct dg_definition *definition = definition_of(view, one);
    const size_t line = one->own->line;

    if ((one->from == NULL) && is_in_part_2(view, one->sfr->component)) {
        dg_view_find(view,
                     DG_RULE_ECD_3,
                     line,
                     "%.64s looks like a component of Part 2",
                     one->own->id);
    }
    if ((family == NULL) || (definition == NULL)) {
        dg_view_find(view,
                     DG_RULE_ECD_1,
                     line,
                     "%.64s is not in the criteria and has no definition",
                     one->own->id);
        return;
    }
    if ((one->from == NULL) &&
        ((family->behaviour[0] == '\0') || (family->title[0] == '\0'))) {
        dg_view_find(view,
                     DG_RULE_ECD_2,
                     family->line,
                     "%.64s has no title or behaviour",
                     family->id);
    }
}

static void check_families(struct dg_view *view)
{
    const struct dg_profile *own = &view->target->own;

    for (size_t i = 0U; i < own->family_count; i++) {
        bool is_used = false;

        for (size_t at = 0U; at < view->sfr_count; at++) {
            is_used = is_used ||
                      ((view->sfrs[at].sfr != NULL) &&
                       (view->sfrs[at].from == NULL) &&
                       (family_of(view, &view->sfrs[at]) == &own->families[i]));
        }
        if (!is_used) {
            dg_view_find(view,
                         DG_RULE_ECD_1,
                         own->families[i].line,
                         "%.64s is defined and not used",
                         own->families[i].id);
        }
    }
}

/* Operations -------------------------------------------------------------- */

/* An SFR of our own has what Part 2 offers, and no more. */
static void check_offered(struct dg_view *view,
                          const struct dg_view_sfr *one,
                          const struct dg_component *component)
{
    unsigned fills = 0U;
    unsigned picks = 0U;

    for (size_t i = 0U; i < one->sfr->count; i++) {
        const struct dg_element *element = &one->sfr->elements[i];

        for (size_t at = 0U; at < element->count; at++) {
            const enum dg_operation_kind kind = element->operations[at].kind;

            fills += (kind == DG_OPERATION_ASSIGNMENT) ? 1U : 0U;
            picks += (kind == DG_OPERATION_SELECTION) ? 1U : 0U;
        }
    }
    if ((one->sfr->count != component->elements) ||
        (fills > component->fills) || (picks > component->picks)) {
        dg_view_find(view,
                     DG_RULE_REQ_3_OFFERED,
                     one->sfr->line,
                     "%.64s has %zu elements, %u assignments, %u selections; "
                     "the criteria have %u, %u, %u",
                     one->own->id,
                     one->sfr->count,
                     fills,
                     picks,
                     component->elements,
                     component->fills,
                     component->picks);
    }
}

static void check_iteration(struct dg_view *view, size_t at)
{
    const struct dg_view_sfr *one = &view->sfrs[at];

    for (size_t i = 0U; i < at; i++) {
        const struct dg_view_sfr *other = &view->sfrs[i];

        if ((other->sfr != NULL) && (one->text[0] != '\0') &&
            (strcmp(one->sfr->component, other->sfr->component) == 0) &&
            (strcmp(one->text, other->text) == 0)) {
            dg_view_find(view,
                         DG_RULE_REQ_3_ITERATION,
                         one->own->line,
                         "%.64s and %.64s say the same",
                         other->own->id,
                         one->own->id);
        }
    }
}

/* Lints ------------------------------------------------------------------- */

static void check_standard(struct dg_view *view, const struct dg_view_sfr *one)
{
    static const char *const names[] = {"FIPS",
                                        "SP 800",
                                        "SP800",
                                        "RFC",
                                        "ISO",
                                        "IEC",
                                        "IEEE",
                                        "SEC 1",
                                        "ANSI",
                                        "X9.",
                                        "ETSI",
                                        "BSI"};

    if (strncmp(one->own->id, "FCS_", 4U) != 0) {
        return;
    }
    for (size_t i = 0U; i < (sizeof names / sizeof names[0]); i++) {
        if (strstr(one->text, names[i]) != NULL) {
            return;
        }
    }
    /* An operation that is still open says so itself. */
    if (strstr(one->text, "[assignment: ") != NULL) {
        return;
    }
    for (size_t i = 0U; i < one->own->completion_count; i++) {
        if (!one->own->completions[i].is_selection &&
            !dg_target_is_said(one->own->completions[i].value)) {
            return;
        }
    }
    dg_view_find(view,
                 DG_RULE_L6,
                 one->own->line,
                 "%.64s names no standard",
                 one->own->id);
}

static void check_tests(struct dg_view *view, const struct dg_view_sfr *one)
{
    const struct dg_refs *tests = &one->own->tests;

    if ((one->sfr->tests.count + one->sfr->manual.count + tests->count +
         one->own->manual.count) == 0U) {
        dg_view_find(view,
                     DG_RULE_L9,
                     one->own->line,
                     "nobody looks at %.64s",
                     one->own->id);
    }
    for (size_t i = 0U; i < tests->count; i++) {
        char path[768];

        (void)snprintf(path,
                       sizeof path,
                       "%s/catalogue/%.64s.yaml",
                       view->spec,
                       tests->item[i].id);
        if (dg_target_is_said(tests->item[i].id) &&
            ((strchr(tests->item[i].id, '/') != NULL) ||
             (access(path, R_OK) != 0))) {
            dg_view_find(view,
                         DG_RULE_L8,
                         tests->item[i].line,
                         "'%.64s' is no test of the catalogue",
                         tests->item[i].id);
        }
    }
}

/* Requirements ------------------------------------------------------------ */

static void check_sfr(struct dg_view *view, size_t at)
{
    const struct dg_view_sfr *one = &view->sfrs[at];

    if (one->sfr == NULL) {
        if (one->own->id[0] != DG_TARGET_OPEN[0]) {
            dg_view_find(view,
                         DG_RULE_REQ_1,
                         one->own->line,
                         "'%.64s' is neither of a profile nor of own",
                         one->own->id);
        }
        return;
    }
    if (one->own->summary[0] == '\0') {
        dg_view_find(view,
                     DG_RULE_TSS_1,
                     one->own->line,
                     "%.64s has no summary",
                     one->own->id);
    }
    if (view->has_criteria) {
        const struct dg_component *component =
            dg_criteria_find(&view->criteria, one->sfr->component);

        if (component == NULL) {
            check_extended(view, one);
        } else if (one->from == NULL) {
            check_offered(view, one, component);
        }
    }
    check_iteration(view, at);
    check_standard(view, one);
    check_tests(view, one);
}

static bool is_known_sar(const struct dg_view *view, const char *id)
{
    if (dg_criteria_find(&view->criteria, id) != NULL) {
        return true;
    }
    if (view->has_package && (dg_profile_sar(&view->package, id) != NULL)) {
        return true;
    }
    for (size_t i = 0U; i < view->target->profile_count; i++) {
        if (view->has_profile[i] &&
            (dg_profile_sar(&view->profiles[i], id) != NULL)) {
            return true;
        }
    }
    return false;
}

static void check_sars(struct dg_view *view)
{
    const struct dg_refs *sars = &view->target->sars;

    for (size_t i = 0U; i < sars->count; i++) {
        const struct dg_ref *sar = &sars->item[i];

        if (view->has_criteria && dg_target_is_said(sar->id) &&
            !is_known_sar(view, sar->id)) {
            dg_view_find(view,
                         DG_RULE_REQ_1,
                         sar->line,
                         "'%.64s' is no SAR of edition %s",
                         sar->id,
                         view->criteria.edition);
        }
        for (size_t at = 0U; at < i; at++) {
            if (strcmp(sars->item[at].id, sar->id) == 0) {
                dg_view_find(view,
                             DG_RULE_L8,
                             sar->line,
                             "'%.64s' stands here twice",
                             sar->id);
            }
        }
    }
    if (view->target->sars_why[0] == '\0') {
        dg_view_find(view,
                     DG_RULE_REQ_7,
                     (sars->count == 0U) ? 1U : sars->item[0].line,
                     "there is no reason for the SARs");
    }
}

void dg_check_requirements(struct dg_view *view)
{
    const struct dg_target *target = view->target;

    if ((view->sfr_count == 0U) || (target->sars.count == 0U)) {
        dg_view_find(view,
                     DG_RULE_REQ_1,
                     1U,
                     "there are no %s",
                     (view->sfr_count == 0U) ? "SFRs" : "SARs");
    }
    for (size_t i = 0U; i < view->sfr_count; i++) {
        check_sfr(view, i);
    }
    check_families(view);
    check_sars(view);
    if (dg_view_has_sar(view, "ASE_TSS.2") &&
        ((target->self_protection[0] == '\0') || (target->bypass[0] == '\0'))) {
        dg_view_find(view,
                     DG_RULE_TSS_4,
                     1U,
                     "%s is missing",
                     (target->self_protection[0] == '\0') ? "self_protection"
                                                          : "bypass");
    }
}
