/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/selection.h"

#include <stdio.h>
#include <string.h>

#include "eval/attacks/attacks.h"

bool dg_claims_has(const struct dg_claims *claims, const char *feature)
{
    bool is_claimed = !claims->is_said;

    for (size_t i = 0U; i < claims->count; i++) {
        is_claimed = is_claimed || (strcmp(claims->features[i], feature) == 0);
    }
    return is_claimed;
}

/* What is wrong with one word of a claim; NULL: nothing. */
static const char *fault_of(const struct dg_claims *claims,
                            const struct dg_feature_list *known,
                            const char *word)
{
    if (dg_feature_find(known, word) == NULL) {
        return "is no word of spec/features.yaml";
    }
    for (size_t i = 0U; i < claims->count; i++) {
        if (strcmp(claims->features[i], word) == 0) {
            return "stands there twice";
        }
    }
    return NULL;
}

enum dg_status dg_claims_read(const json_t *hello,
                              const struct dg_feature_list *known,
                              struct dg_arena *arena,
                              struct dg_claims *claims,
                              struct dg_problem *problem)
{
    const json_t *list = json_object_get(hello, "features");

    *claims = (struct dg_claims){.is_said = false};
    if (list == NULL) {
        return DG_OK;
    }
    if (!json_is_array(list)) {
        dg_problem_set(problem,
                       "\"features\" in the answer to hello must be an array "
                       "of words of spec/features.yaml");
        return DG_E_MALFORMED;
    }
    claims->is_said = true;
    claims->features = dg_arena_take(
        arena, (json_array_size(list) + 1U) * sizeof *claims->features);
    for (size_t i = 0U;
         (claims->features != NULL) && (i < json_array_size(list));
         i++) {
        const char *word = json_string_value(json_array_get(list, i));
        const char *fault =
            (word == NULL) ? "is no text" : fault_of(claims, known, word);

        if (fault != NULL) {
            dg_problem_set(problem,
                           "\"features\" in the answer to hello: '%.64s' %s",
                           (word == NULL) ? "an item" : word,
                           fault);
            return DG_E_MALFORMED;
        }
        claims->features[claims->count] =
            dg_arena_text(arena, word, strlen(word));
        claims->count++;
    }
    return arena->failed ? DG_E_PORT : DG_OK;
}

/* Words ------------------------------------------------------------------- */

static enum dg_status check_words(const struct dg_catalogue *catalogue,
                                  const struct dg_selection_basis *basis,
                                  const struct dg_feature_list *known,
                                  struct dg_problem *problem)
{
    for (const struct dg_catalogue_entry *entry = catalogue->entries;
         entry != NULL;
         entry = entry->next) {
        for (size_t i = 0U; i < entry->need_count; i++) {
            if (dg_feature_find(known, entry->needs[i]) == NULL) {
                dg_problem_set(problem,
                               "spec/catalogue/%s.yaml: 'needs' names '%s', "
                               "which is no word of spec/features.yaml",
                               entry->id,
                               entry->needs[i]);
                return DG_E_MALFORMED;
            }
        }
    }
    for (size_t i = 0U; i < basis->mandatory_count; i++) {
        if (dg_feature_find(known, basis->mandatory[i]) == NULL) {
            dg_problem_set(problem,
                           "the profile %s: '%s' in 'mandatory_features' is "
                           "no word of spec/features.yaml",
                           basis->profile,
                           basis->mandatory[i]);
            return DG_E_MALFORMED;
        }
    }
    return DG_OK;
}

/* Deciding ---------------------------------------------------------------- */

static bool has_program(const char *id)
{
    for (size_t i = 0U; i < dg_attack_count; i++) {
        if (strcmp(dg_attacks[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

static struct dg_selection_item decide(const struct dg_catalogue_entry *entry,
                                       bool leaves_out_full,
                                       const struct dg_feature_list *known,
                                       const struct dg_claims *claims)
{
    struct dg_selection_item item = {.entry = entry};

    for (size_t i = 0U; (i < entry->need_count) && (item.lacking == NULL);
         i++) {
        if (!dg_claims_has(claims, entry->needs[i])) {
            item.lacking = dg_feature_find(known, entry->needs[i]);
        }
    }
    if (leaves_out_full && (strcmp(entry->tier, "full") == 0)) {
        item.lacking = NULL;
        item.state = DG_SELECTION_LONG;
    } else if (item.lacking != NULL) {
        item.state = DG_SELECTION_NOT_APPLICABLE;
    } else {
        item.state =
            has_program(entry->id) ? DG_SELECTION_RUNS : DG_SELECTION_PERSON;
    }
    return item;
}

static bool covers(const struct dg_catalogue_entry *entry, const char *id)
{
    for (size_t i = 0U; i < entry->requirement_count; i++) {
        if (strcmp(entry->requirements[i], id) == 0) {
            return true;
        }
    }
    return false;
}

static void find_gaps(const struct dg_selection_basis *basis,
                      struct dg_selection *selection)
{
    for (size_t i = 0U; i < basis->count; i++) {
        struct dg_selection_gap gap = {&basis->requirements[i], false};
        bool is_covered = false;

        for (size_t at = 0U; at < selection->count; at++) {
            const struct dg_selection_item *item = &selection->items[at];

            if (covers(item->entry, gap.requirement->id)) {
                gap.has_test = true;
                is_covered = is_covered || (item->state == DG_SELECTION_RUNS);
            }
        }
        if (!is_covered) {
            selection->gaps[selection->gap_count] = gap;
            selection->gap_count++;
        }
    }
}

/* @satisfies{EVL_SELECT.1@1} @satisfies{EVL_SELECT.2@1} */
enum dg_status dg_selection_make(const struct dg_catalogue *catalogue,
                                 const struct dg_selection_basis *basis,
                                 const struct dg_feature_list *known,
                                 const struct dg_claims *claims,
                                 struct dg_selection *selection,
                                 struct dg_problem *problem)
{
    memset(selection, 0, sizeof *selection);
    dg_arena_init(&selection->arena);

    const enum dg_status status = check_words(catalogue, basis, known, problem);

    if (status != DG_OK) {
        return status;
    }
    selection->items = dg_arena_take(
        &selection->arena, (catalogue->count + 1U) * sizeof *selection->items);
    selection->gaps = dg_arena_take(
        &selection->arena, (basis->count + 1U) * sizeof *selection->gaps);
    selection->unclaimed = dg_arena_take(&selection->arena,
                                         (basis->mandatory_count + 1U) *
                                             sizeof *selection->unclaimed);
    if (selection->arena.failed) {
        dg_problem_set(problem, "memory is out");
        return DG_E_PORT;
    }
    for (const struct dg_catalogue_entry *entry = catalogue->entries;
         entry != NULL;
         entry = entry->next) {
        selection->items[selection->count] =
            decide(entry, basis->leaves_out_full, known, claims);
        selection->count++;
    }
    for (size_t i = 0U; i < basis->mandatory_count; i++) {
        if (!dg_claims_has(claims, basis->mandatory[i])) {
            selection->unclaimed[selection->unclaimed_count] =
                dg_feature_find(known, basis->mandatory[i]);
            selection->unclaimed_count++;
        }
    }
    find_gaps(basis, selection);
    return DG_OK;
}

void dg_selection_free(struct dg_selection *selection)
{
    dg_arena_free(&selection->arena);
    memset(selection, 0, sizeof *selection);
}

const struct dg_selection_item *dg_selection_find(
    const struct dg_selection *selection, const char *id)
{
    for (size_t i = 0U; i < selection->count; i++) {
        if (strcmp(selection->items[i].entry->id, id) == 0) {
            return &selection->items[i];
        }
    }
    return NULL;
}

/* Into a run -------------------------------------------------------------- */

void dg_selection_add_test(struct dg_run *run,
                           const struct dg_selection_item *item)
{
    struct dg_run_test *test = dg_catalogue_add_test(run, item->entry);

    if ((test == NULL) || (item->lacking == NULL)) {
        return;
    }
    test->verdict = DG_RUN_NOT_APPLICABLE;
    test->reason = dg_run_textf(run,
                                "It needs the feature %s, which the product "
                                "does not claim.",
                                item->lacking->id);
}

static void add_unclaimed(struct dg_run *run,
                          const struct dg_selection *selection)
{
    struct dg_run_test *test = dg_run_add_test(run, "claims");
    const char *words = "";

    for (size_t i = 0U; i < selection->unclaimed_count; i++) {
        words = dg_run_textf(run,
                             "%s%s%s",
                             words,
                             (i == 0U) ? "" : ", ",
                             selection->unclaimed[i]->id);
    }
    if (test == NULL) {
        return;
    }
    test->title = "The product claims what its profile asks of everyone";
    test->tier = "fast";
    test->criterion = "Every mandatory feature of the profile is claimed, so "
                      "that every test of it is made.";
    test->remediation = "Claim the feature and have it tested, or choose a "
                        "profile that does not ask for it.";
    test->verdict = DG_RUN_INCONCLUSIVE;
    test->reason = dg_run_textf(run,
                                "Mandatory in the profile, not claimed by the "
                                "product, and so not tested: %s.",
                                words);
}

void dg_selection_add_gaps(struct dg_run *run,
                           const struct dg_selection *selection,
                           const struct dg_claims *claims)
{
    if (!claims->is_said) {
        dg_run_add_claim(run, "features", DG_SELECTION_NOT_SAID);
    }
    if (selection->unclaimed_count > 0U) {
        add_unclaimed(run, selection);
    }
    for (size_t i = 0U; i < selection->gap_count; i++) {
        const struct dg_selection_gap *gap = &selection->gaps[i];

        dg_run_add_claim(run,
                         "Not judged",
                         dg_run_textf(run,
                                      "%s: %s (%s)",
                                      gap->requirement->id,
                                      gap->requirement->plain,
                                      gap->has_test
                                          ? "its tests do not run"
                                          : "no test of the catalogue"));
    }
}
