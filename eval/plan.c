/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/plan.h"

#include <stdio.h>
#include <string.h>

#include "eval/black_box.h"
#include "eval/evaluation.h"
#include "eval/only.h"

static bool is_wanted(const struct dg_evaluation *evaluation,
                      const struct dg_selection_item *item)
{
    return dg_only_has(evaluation->options->only, item->entry->id);
}

/* Beside those of the selection: what runs, but cannot be judged from outside. */
#define PLAN_OUT_OF_REACH DG_SELECTION_NONE

static enum dg_selection_state state_of(const struct dg_evaluation *evaluation,
                                        const struct dg_selection_item *item)
{
    return ((item->state == DG_SELECTION_RUNS) &&
            (evaluation->options->black_box != NULL) &&
            !dg_black_box_tries(item->entry->id))
               ? PLAN_OUT_OF_REACH
               : item->state;
}

static size_t count_of(const struct dg_evaluation *evaluation,
                       enum dg_selection_state state)
{
    const struct dg_selection *selection = &evaluation->selection;
    size_t count = 0U;

    for (size_t i = 0U; i < selection->count; i++) {
        if ((state_of(evaluation, &selection->items[i]) == state) &&
            is_wanted(evaluation, &selection->items[i])) {
            count++;
        }
    }
    return count;
}

/* As text ----------------------------------------------------------------- */

static void tell_items(const struct dg_evaluation *evaluation,
                       enum dg_selection_state state)
{
    const struct dg_selection *selection = &evaluation->selection;

    for (size_t i = 0U; i < selection->count; i++) {
        const struct dg_selection_item *item = &selection->items[i];

        if ((state_of(evaluation, item) != state) ||
            !is_wanted(evaluation, item)) {
            continue;
        }
        (void)printf("  %-28s %-5s %s\n",
                     item->entry->id,
                     item->entry->tier,
                     item->entry->title);
        if (item->lacking != NULL) {
            (void)printf("  %-28s %-5s needs %s, which is not claimed\n",
                         "",
                         "",
                         item->lacking->id);
        }
    }
}

static const char *why_of(const struct dg_selection_gap *gap)
{
    return gap->has_test ? "its tests do not run" : "no test of the catalogue";
}

static void tell_gaps(const struct dg_selection *selection)
{
    if (selection->gap_count > 0U) {
        (void)printf("\nNot judged: %zu requirement%s of the profile that no "
                     "running test covers\n",
                     selection->gap_count,
                     (selection->gap_count == 1U) ? "" : "s");
    }
    for (size_t i = 0U; i < selection->gap_count; i++) {
        const struct dg_selection_gap *gap = &selection->gaps[i];

        (void)printf("  %-16s %s (%s)\n",
                     gap->requirement->id,
                     gap->requirement->plain,
                     why_of(gap));
    }
    if (selection->unclaimed_count > 0U) {
        (void)printf("\nThe conclusion will be \"could not judge\": the "
                     "profile asks of everyone what\nthis product does not "
                     "claim:\n");
    }
    for (size_t i = 0U; i < selection->unclaimed_count; i++) {
        (void)printf("  %-16s %s\n",
                     selection->unclaimed[i]->id,
                     selection->unclaimed[i]->plain);
    }
}

static void tell_claims(const struct dg_claims *claims)
{
    if (!claims->is_said) {
        (void)printf("Claims:  not said, so every test applies\n");
        return;
    }
    (void)printf("Claims: ");
    for (size_t i = 0U; i < claims->count; i++) {
        (void)printf("%s %s", (i == 0U) ? "" : ",", claims->features[i]);
    }
    (void)printf("%s\n", (claims->count == 0U) ? " nothing" : "");
}

static void tell_text(const struct dg_evaluation *evaluation)
{
    const struct dg_run *run = &evaluation->run;
    const size_t runs = count_of(evaluation, DG_SELECTION_RUNS);
    const size_t beyond = count_of(evaluation, PLAN_OUT_OF_REACH);
    const size_t others = count_of(evaluation, DG_SELECTION_NOT_APPLICABLE);
    const size_t longer = count_of(evaluation, DG_SELECTION_LONG);
    const size_t people = count_of(evaluation, DG_SELECTION_PERSON);

    (void)printf("Product: %s %s, %s\nProfile: %s %s, package %s\n",
                 run->product.name,
                 run->product.version,
                 run->product.function_class,
                 run->head.profile_id,
                 run->head.profile_version,
                 run->head.package_title);
    if (evaluation->has_target) {
        (void)printf("Target:  %s %s\n",
                     evaluation->target.id,
                     evaluation->target.version);
    }
    if (evaluation->stranger[0] != '\0') {
        (void)printf("\n%s\n\n", evaluation->stranger);
    }
    tell_claims(&evaluation->claims);
    (void)printf("\nWill run: %zu test%s\n", runs, (runs == 1U) ? "" : "s");
    tell_items(evaluation, DG_SELECTION_RUNS);
    if (beyond > 0U) {
        (void)printf("\nCannot be judged without an adapter, so will be "
                     "inconclusive: %zu\n",
                     beyond);
        tell_items(evaluation, PLAN_OUT_OF_REACH);
    }
    if (others > 0U) {
        (void)printf("\nDo not apply, by the product's claims: %zu\n", others);
        tell_items(evaluation, DG_SELECTION_NOT_APPLICABLE);
    }
    if (longer > 0U) {
        (void)printf("\nLeft out, since they take long (--tier full): %zu\n",
                     longer);
        tell_items(evaluation, DG_SELECTION_LONG);
    }
    if (people > 0U) {
        (void)printf("\nNeed a person: %zu\n", people);
        tell_items(evaluation, DG_SELECTION_PERSON);
    }
    tell_gaps(&evaluation->selection);
}

/* As JSON ----------------------------------------------------------------- */

static json_t *items_of(const struct dg_evaluation *evaluation,
                        enum dg_selection_state state)
{
    const struct dg_selection *selection = &evaluation->selection;
    json_t *list = json_array();

    for (size_t i = 0U; i < selection->count; i++) {
        const struct dg_selection_item *item = &selection->items[i];

        if ((state_of(evaluation, item) != state) ||
            !is_wanted(evaluation, item)) {
            continue;
        }

        json_t *one = json_pack("{s:s, s:s, s:s}",
                                "id",
                                item->entry->id,
                                "tier",
                                item->entry->tier,
                                "title",
                                item->entry->title);

        if (item->lacking != NULL) {
            (void)json_object_set_new(
                one, "needs", json_string(item->lacking->id));
        }
        (void)json_array_append_new(list, one);
    }
    return list;
}

static json_t *gaps_of(const struct dg_selection *selection)
{
    json_t *list = json_array();

    for (size_t i = 0U; i < selection->gap_count; i++) {
        const struct dg_selection_gap *gap = &selection->gaps[i];

        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:s, s:s}",
                                              "requirement",
                                              gap->requirement->id,
                                              "plain",
                                              gap->requirement->plain,
                                              "reason",
                                              why_of(gap)));
    }
    return list;
}

static json_t *unclaimed_of(const struct dg_selection *selection)
{
    json_t *list = json_array();

    for (size_t i = 0U; i < selection->unclaimed_count; i++) {
        (void)json_array_append_new(list,
                                    json_string(selection->unclaimed[i]->id));
    }
    return list;
}

static json_t *claims_of(const struct dg_claims *claims)
{
    json_t *list = claims->is_said ? json_array() : json_null();

    for (size_t i = 0U; i < claims->count; i++) {
        (void)json_array_append_new(list, json_string(claims->features[i]));
    }
    return list;
}

static bool tell_json(const struct dg_evaluation *evaluation)
{
    const struct dg_run *run = &evaluation->run;
    json_t *plan =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, "
                  "s:o, s:o}",
                  "product",
                  run->product.name,
                  "version",
                  run->product.version,
                  "firmware_digest",
                  run->product.firmware_digest,
                  "profile",
                  run->head.profile_id,
                  "package",
                  run->head.package_id,
                  "claims",
                  claims_of(&evaluation->claims),
                  "runs",
                  items_of(evaluation, DG_SELECTION_RUNS),
                  "out_of_reach",
                  items_of(evaluation, PLAN_OUT_OF_REACH),
                  "not_applicable",
                  items_of(evaluation, DG_SELECTION_NOT_APPLICABLE),
                  "full_tier",
                  items_of(evaluation, DG_SELECTION_LONG),
                  "person",
                  items_of(evaluation, DG_SELECTION_PERSON),
                  "not_judged",
                  gaps_of(&evaluation->selection),
                  "mandatory_not_claimed",
                  unclaimed_of(&evaluation->selection));

    if (evaluation->has_target) {
        (void)json_object_set_new(
            plan, "target", json_string(evaluation->target.id));
        (void)json_object_set_new(
            plan,
            "is_product_of_target",
            json_boolean(evaluation->stranger[0] == '\0'));
    }

    const bool is_good =
        (plan != NULL) && (json_dumpf(plan, stdout, JSON_INDENT(2)) == 0);

    (void)printf("\n");
    json_decref(plan);
    return is_good;
}

/* @satisfies{EVL_SELECT.3@1} */
int dg_plan(const struct dg_evaluate_options *options)
{
    static struct dg_evaluation evaluation;
    int code = 1;

    memset(&evaluation, 0, sizeof evaluation);
    evaluation.options = options;
    if (dg_evaluation_meet(&evaluation)) {
        if (!dg_only_check(options->only, &evaluation.catalogue)) {
            code = 1;
        } else if (options->plan_as_json) {
            code = tell_json(&evaluation) ? 0 : 1;
        } else {
            tell_text(&evaluation);
            code = 0;
        }
    }
    dg_evaluation_close(&evaluation);
    return code;
}
