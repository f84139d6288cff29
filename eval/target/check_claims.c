/* SPDX-License-Identifier: Apache-2.0 */
/* Introduction and conformance claims: INT, FEA, CCL but what is in
 * check_conformance.c. */
#include <string.h>

#include "eval/target/view.h"

/* Introduction ------------------------------------------------------------ */

/* A text that has to be there.  One that is still to be written is a finding
 * of its own. */
static void need(struct dg_view *view,
                 enum dg_rule_id rule,
                 size_t line,
                 const char *text,
                 const char *what)
{
    if (text[0] == '\0') {
        dg_view_find(view, rule, line, "%s is missing", what);
    }
}

static void check_reference(struct dg_view *view)
{
    const struct dg_target *target = view->target;
    const size_t line = target->product_line;
    const char *digest = target->firmware_digest;

    need(view, DG_RULE_INT_1, 1U, target->id, "id");
    need(view, DG_RULE_INT_1, 1U, target->title, "title");
    need(view, DG_RULE_INT_1, 1U, target->version, "version");
    need(view, DG_RULE_INT_1, 1U, target->date, "date");
    need(view, DG_RULE_INT_1, 1U, target->author, "author");
    need(view, DG_RULE_INT_1, line, target->maker, "the maker of the product");
    need(view, DG_RULE_INT_1, line, target->product, "the product's name");
    need(view,
         DG_RULE_INT_1,
         line,
         target->product_version,
         "the product's version");
    need(view, DG_RULE_INT_2, line, target->type, "the type of the product");
    if ((digest[0] != DG_TARGET_OPEN[0]) &&
        (strcmp(digest, DG_TARGET_PER_BUILD) != 0) &&
        ((strlen(digest) != 64U) ||
         (strspn(digest, "0123456789abcdef") != 64U))) {
        dg_view_find(view,
                     DG_RULE_INT_1_DIGEST,
                     line,
                     "firmware_digest is '%.80s'",
                     digest);
    }
}

static bool is_part(const struct dg_target *target, const char *name)
{
    for (size_t i = 0U; i < target->part_count; i++) {
        if (strcmp(target->parts[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_scope(struct dg_view *view)
{
    const struct dg_target *target = view->target;

    if (target->part_count == 0U) {
        dg_view_find(view,
                     DG_RULE_INT_3,
                     target->scope_line,
                     "the physical scope names no part");
    }
    for (size_t i = 0U; i < target->part_count; i++) {
        const struct dg_target_part *part = &target->parts[i];

        need(view, DG_RULE_INT_3, part->line, part->name, "part");
        need(view, DG_RULE_INT_3, part->line, part->version, "version");
        need(view, DG_RULE_INT_3, part->line, part->delivery, "delivery");
    }
    need(view,
         DG_RULE_INT_3,
         target->scope_line,
         target->logical,
         "the logical scope");
}

static void check_name(struct dg_view *view)
{
    const struct dg_target *target = view->target;
    const struct {
        const char *text;
        const char *where;
        size_t line;
    } places[] = {
        {target->title, "the title", 1U},
        {target->usage, "the usage", target->overview_line},
    };

    for (size_t i = 0U; i < (sizeof places / sizeof places[0]); i++) {
        if (dg_target_is_said(target->product) &&
            dg_target_is_said(places[i].text) &&
            (strstr(places[i].text, target->product) == NULL)) {
            dg_view_find(view,
                         DG_RULE_INT_4,
                         places[i].line,
                         "%s does not call the product '%.64s'",
                         places[i].where,
                         target->product);
        }
    }
}

static bool is_function(const struct dg_view *view, const char *id)
{
    bool has_profile = false;

    for (size_t i = 0U; i < view->target->profile_count; i++) {
        if (view->has_profile[i]) {
            has_profile = true;
            if (dg_profile_feature(&view->profiles[i], id) != NULL) {
                return true;
            }
        }
    }
    return !has_profile; /* CCL-4 says enough */
}

static void check_words(struct dg_view *view,
                        const struct dg_refs *refs,
                        bool are_features)
{
    for (size_t i = 0U; i < refs->count; i++) {
        const struct dg_ref *ref = &refs->item[i];
        const bool is_known =
            are_features ? (dg_feature_find(&view->features, ref->id) != NULL)
                         : is_function(view, ref->id);
        bool is_twice = false;

        for (size_t at = 0U; at < i; at++) {
            is_twice = is_twice || (strcmp(refs->item[at].id, ref->id) == 0);
        }
        if ((!is_known && dg_target_is_said(ref->id)) || is_twice) {
            dg_view_find(view,
                         DG_RULE_FEA_1,
                         ref->line,
                         "'%.64s' %s",
                         ref->id,
                         is_twice       ? "stands twice"
                         : are_features ? "is no feature"
                                        : "is no function of the profile");
        }
    }
}

static void check_mandatory(struct dg_view *view,
                            const struct dg_profile *profile,
                            size_t line)
{
    const struct dg_refs *features = &view->target->features;

    for (size_t i = 0U; i < profile->mandatory.count; i++) {
        bool is_claimed = false;

        for (size_t at = 0U; at < features->count; at++) {
            is_claimed =
                is_claimed || (strcmp(features->item[at].id,
                                      profile->mandatory.item[i]) == 0);
        }
        if (!is_claimed) {
            dg_view_find(view,
                         DG_RULE_FEA_2,
                         line,
                         "%.64s asks everyone for '%.64s'",
                         profile->id,
                         profile->mandatory.item[i]);
        }
    }
}

void dg_check_introduction(struct dg_view *view)
{
    const struct dg_target *target = view->target;

    check_reference(view);
    need(
        view, DG_RULE_INT_2, target->overview_line, target->usage, "the usage");
    need(view,
         DG_RULE_INT_2,
         target->overview_line,
         target->security,
         "what is secure about it (security)");
    if (target->needs.count == 0U) {
        dg_view_find(view,
                     DG_RULE_INT_2,
                     target->overview_line,
                     "what the product needs beside it is missing (needs)");
    }
    check_scope(view);
    check_name(view);
    if (target->interfaces.count == 0U) {
        dg_view_find(view, DG_RULE_FEA_3, 1U, "no interface is named");
    }
    check_words(view, &target->features, true);
    check_words(view, &target->functions, false);
    for (size_t i = 0U; i < target->profile_count; i++) {
        if (view->has_profile[i]) {
            check_mandatory(view, &view->profiles[i], target->profiles[i].line);
        }
    }
    for (size_t i = 0U; i < target->sfr_count; i++) {
        const struct dg_refs *parts = &target->sfrs[i].parts;

        for (size_t at = 0U; at < parts->count; at++) {
            if (dg_target_is_said(parts->item[at].id) &&
                !is_part(target, parts->item[at].id)) {
                dg_view_find(view,
                             DG_RULE_TSS_3,
                             parts->item[at].line,
                             "'%.64s' is no part of the scope",
                             parts->item[at].id);
            }
        }
    }
}

/* Claims ------------------------------------------------------------------ */

static bool is_sar_of_package(const struct dg_view *view, const char *id)
{
    if (view->published != NULL) {
        for (size_t i = 0U; i < view->published->count; i++) {
            if (strcmp(view->published->components[i], id) == 0) {
                return true;
            }
        }
        return false;
    }
    return dg_profile_sar(&view->package, id) != NULL;
}

static bool is_added(const struct dg_view *view, const char *id)
{
    const struct dg_refs *adds = &view->target->package.adds;

    for (size_t i = 0U; i < adds->count; i++) {
        if (strcmp(adds->item[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* Conformant: the same set.  Augmented: all of it or higher, and more; what is
 * more is what `adds` says. */
static void check_package(struct dg_view *view)
{
    const struct dg_target_claim *claim = &view->target->package;
    const struct dg_refs *sars = &view->target->sars;
    const bool is_augmented = strcmp(claim->kind, "augmented") == 0;
    size_t more = 0U;

    if (dg_target_is_said(claim->kind) && !is_augmented &&
        (strcmp(claim->kind, "conformant") != 0)) {
        dg_view_find(view,
                     DG_RULE_CCL_5,
                     claim->line,
                     "'%.40s' is neither conformant nor augmented",
                     claim->kind);
        return;
    }
    for (size_t i = 0U; i < sars->count; i++) {
        const struct dg_ref *sar = &sars->item[i];

        if (is_sar_of_package(view, sar->id)) {
            continue;
        }
        more++;
        if (!is_augmented || !is_added(view, sar->id)) {
            dg_view_find(view,
                         DG_RULE_CCL_5,
                         sar->line,
                         "%.32s is not of the package %.32s%s",
                         sar->id,
                         claim->id,
                         is_augmented ? " and not below adds" : "");
        }
    }
    for (size_t i = 0U; i < claim->adds.count; i++) {
        if (!dg_view_has_sar(view, claim->adds.item[i].id)) {
            dg_view_find(view,
                         DG_RULE_CCL_5,
                         claim->adds.item[i].line,
                         "%.32s is added, but sars does not have it",
                         claim->adds.item[i].id);
        }
    }
    if (is_augmented && (more == 0U)) {
        dg_view_find(view,
                     DG_RULE_CCL_5,
                     claim->line,
                     "augmented, but nothing is more than the package");
    }
}

static void check_extended(struct dg_view *view)
{
    const struct dg_target *target = view->target;
    bool sfr = false;
    bool sar = false;

    for (size_t i = 0U; i < view->sfr_count; i++) {
        const struct dg_sfr *one = view->sfrs[i].sfr;

        sfr = sfr ||
              ((one != NULL) &&
               (dg_criteria_find(&view->criteria, one->component) == NULL));
    }
    for (size_t i = 0U; i < target->sars.count; i++) {
        sar = sar || (dg_criteria_find(&view->criteria,
                                       target->sars.item[i].id) == NULL);
    }

    const struct {
        const char *said;
        bool is_extended;
        enum dg_rule_id rule;
        const char *part;
    } parts[] = {
        {target->part2, sfr, DG_RULE_CCL_2, "Part 2"},
        {target->part3, sar, DG_RULE_CCL_3, "Part 3"},
    };

    for (size_t i = 0U; i < 2U; i++) {
        const char *right = parts[i].is_extended ? "extended" : "conformant";

        if ((strcmp(parts[i].said, right) != 0) &&
            (parts[i].said[0] != DG_TARGET_OPEN[0])) {
            dg_view_find(view,
                         parts[i].rule,
                         target->claims_line,
                         "%s is %s, and the target says '%.32s'",
                         parts[i].part,
                         right,
                         parts[i].said);
        }
    }
}

/* What a profile says of itself allows these claims. */
static bool is_allowed(enum dg_conformance asked, const char *claimed)
{
    if (strcmp(claimed, dg_conformance_word(asked)) == 0) {
        return true;
    }
    return (asked == DG_CONFORMANCE_DEMONSTRABLE) &&
           (strcmp(claimed, "strict") == 0);
}

static void check_profile(struct dg_view *view, size_t at)
{
    const struct dg_target_claim *claim = &view->target->profiles[at];
    const struct dg_profile *profile = &view->profiles[at];

    need(view, DG_RULE_CCL_10, claim->line, claim->why, "why");
    if (!view->has_profile[at]) {
        return;
    }
    if (dg_target_is_said(claim->kind) &&
        !is_allowed(profile->conformance, claim->kind)) {
        dg_view_find(view,
                     DG_RULE_CCL_6,
                     claim->line,
                     "%.64s asks for %s conformance, not '%.32s'",
                     profile->id,
                     dg_conformance_word(profile->conformance),
                     claim->kind);
    } else {
        need(view, DG_RULE_CCL_6, claim->line, claim->kind, "conformance");
    }
    if (strcmp(dg_edition_word(profile->edition), view->target->edition) != 0) {
        dg_view_find(view,
                     DG_RULE_CCL_1,
                     claim->line,
                     "%.64s is of edition %s, this target of '%.16s'",
                     profile->id,
                     dg_edition_word(profile->edition),
                     view->target->edition);
    }
}

void dg_check_claims(struct dg_view *view)
{
    const struct dg_target *target = view->target;

    if (!view->has_criteria) {
        dg_view_find(view,
                     DG_RULE_CCL_1,
                     1U,
                     "there are no tables of the edition '%.32s'",
                     target->edition);
    } else {
        check_extended(view);
    }
    if (target->profile_count == 0U) {
        dg_view_find(
            view, DG_RULE_CCL_4, target->claims_line, "no profile is claimed");
    }
    for (size_t i = 0U; i < target->profile_count; i++) {
        check_profile(view, i);
    }
    need(view,
         DG_RULE_CCL_4,
         target->claims_line,
         target->package.id,
         "the package");
    need(view,
         DG_RULE_CCL_10,
         target->package.line,
         target->package.why,
         "why of the package");
    if (view->has_package || (view->published != NULL)) {
        check_package(view);
    }
}
