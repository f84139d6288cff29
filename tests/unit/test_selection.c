/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/selection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "eval/profile/profile.h"

/* Ours, whole; every test here changes claims only. */
static struct dg_catalogue catalogue;
static struct dg_profile profile;
static struct dg_feature_list features;
static struct dg_arena arena;
static struct dg_selection_basis basis;

static int set_up(void **state)
{
    struct dg_problem problem = {""};

    (void)state;
    dg_arena_init(&arena);
    if ((dg_catalogue_open(DG_SPEC "/catalogue", NULL, &catalogue, &problem) !=
         DG_OK) ||
        (dg_profile_open(DG_SPEC "/profiles/connected-device.yaml",
                         &profile,
                         &problem) != DG_OK) ||
        (dg_feature_list_open(DG_SPEC "/features.yaml", &features, &problem) !=
         DG_OK)) {
        print_error("%s\n", problem.text);
        return -1;
    }

    struct dg_asked *asked = NULL;
    const size_t count = dg_profile_asked(&profile, &arena, &asked);

    assert_non_null(asked);
    basis = (struct dg_selection_basis){profile.id,
                                        asked,
                                        count,
                                        profile.mandatory.item,
                                        profile.mandatory.count,
                                        false};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dg_catalogue_free(&catalogue);
    dg_profile_free(&profile);
    dg_feature_list_free(&features);
    dg_arena_free(&arena);
    return 0;
}

static enum dg_status read_claims(const char *json,
                                  struct dg_claims *claims,
                                  struct dg_problem *problem)
{
    json_t *hello = json_loads(json, 0, NULL);

    assert_non_null(hello);

    const enum dg_status status =
        dg_claims_read(hello, &features, &arena, claims, problem);

    json_decref(hello);
    return status;
}

static void select_by(const char *json,
                      struct dg_claims *claims,
                      struct dg_selection *selection)
{
    struct dg_problem problem = {""};

    assert_int_equal(read_claims(json, claims, &problem), DG_OK);
    assert_int_equal(
        dg_selection_make(
            &catalogue, &basis, &features, claims, selection, &problem),
        DG_OK);
}

static size_t count_of(const struct dg_selection *selection,
                       enum dg_selection_state state)
{
    size_t count = 0U;

    for (size_t i = 0U; i < selection->count; i++) {
        count += (selection->items[i].state == state) ? 1U : 0U;
    }
    return count;
}

/* Every word but @p without; NULL: every word. */
static const char *all_but(const char *without)
{
    static char text[2048];
    size_t used = (size_t)snprintf(text, sizeof text, "{\"features\":[");
    bool is_first = true;

    for (size_t i = 0U; i < features.count; i++) {
        const char *id = features.items[i].id;

        if ((without != NULL) && (strcmp(id, without) == 0)) {
            continue;
        }
        used += (size_t)snprintf(&text[used],
                                 sizeof text - used,
                                 "%s\"%s\"",
                                 is_first ? "" : ",",
                                 id);
        is_first = false;
    }
    (void)snprintf(&text[used], sizeof text - used, "]}");
    return text;
}

/* The fast tier leaves out exactly the long tests, and what only they cover is
 * not covered. */
static void test_selection__fast_tier__leaves_out_the_long_ones(void **state)
{
    struct dg_claims claims;
    struct dg_selection whole;
    struct dg_selection fast;
    size_t longer = 0U;

    (void)state;
    select_by(all_but(NULL), &claims, &whole);
    basis.leaves_out_full = true;
    select_by(all_but(NULL), &claims, &fast);
    basis.leaves_out_full = false;
    assert_int_equal(count_of(&whole, DG_SELECTION_LONG), 0);
    for (size_t i = 0U; i < fast.count; i++) {
        const bool is_long = strcmp(fast.items[i].entry->tier, "full") == 0;

        assert_true(is_long == (fast.items[i].state == DG_SELECTION_LONG));
        longer += is_long ? 1U : 0U;
    }
    assert_true(longer > 0U);
    assert_true(fast.gap_count >= whole.gap_count);
    dg_selection_free(&whole);
    dg_selection_free(&fast);
}

static void test_selection__all_claimed__everything_applies(void **state)
{
    struct dg_claims claims;
    struct dg_selection selection;

    (void)state;
    select_by(all_but(NULL), &claims, &selection);
    assert_int_equal(selection.count, catalogue.count);
    assert_int_equal(count_of(&selection, DG_SELECTION_NOT_APPLICABLE), 0);
    assert_int_equal(selection.unclaimed_count, 0);
    dg_selection_free(&selection);
}

/* @verifies{EVL_SELECT.1@1}
 * For every word: without it exactly those tests fall away that need it, with
 * that word as the reason. */
static void test_selection__one_not_claimed__its_tests_do_not_apply(
    void **state)
{
    size_t fallen = 0U;

    (void)state;
    for (size_t f = 0U; f < features.count; f++) {
        const char *word = features.items[f].id;
        struct dg_claims claims;
        struct dg_selection selection;

        select_by(all_but(word), &claims, &selection);
        for (size_t i = 0U; i < selection.count; i++) {
            const struct dg_selection_item *item = &selection.items[i];
            bool needs = false;

            for (size_t n = 0U; n < item->entry->need_count; n++) {
                needs = needs || (strcmp(item->entry->needs[n], word) == 0);
            }
            if (needs) {
                assert_int_equal(item->state, DG_SELECTION_NOT_APPLICABLE);
                assert_string_equal(item->lacking->id, word);
                fallen++;
            } else {
                assert_int_not_equal(item->state, DG_SELECTION_NOT_APPLICABLE);
            }
        }
        dg_selection_free(&selection);
    }
    assert_true(fallen > 0U);
}

/* Silence takes no test away. */
static void test_selection__nobody_said__everything_applies(void **state)
{
    struct dg_claims claims;
    struct dg_selection selection;

    (void)state;
    select_by("{\"ok\":true}", &claims, &selection);
    assert_false(claims.is_said);
    assert_int_equal(count_of(&selection, DG_SELECTION_NOT_APPLICABLE), 0);
    assert_int_equal(selection.unclaimed_count, 0);
    dg_selection_free(&selection);
}

/* How many of the profile's requirements a test that runs names. */
static size_t covered_by_what_runs(const struct dg_selection *selection)
{
    size_t count = 0U;

    for (size_t r = 0U; r < basis.count; r++) {
        bool is_covered = false;

        for (size_t i = 0U; i < selection->count; i++) {
            const struct dg_catalogue_entry *entry = selection->items[i].entry;

            for (size_t at = 0U;
                 (selection->items[i].state == DG_SELECTION_RUNS) &&
                 (at < entry->requirement_count);
                 at++) {
                is_covered =
                    is_covered || (strcmp(entry->requirements[at],
                                          basis.requirements[r].id) == 0);
            }
        }
        count += is_covered ? 1U : 0U;
    }
    return count;
}

/* @verifies{EVL_SELECT.2@1}
 * Whoever claims nothing is not judged, instead of passed. */
static void test_selection__nothing_claimed__could_not_judge(void **state)
{
    struct dg_claims claims;
    struct dg_selection selection;
    struct dg_run run;

    (void)state;
    select_by("{\"features\":[]}", &claims, &selection);
    assert_true(claims.is_said);
    for (size_t i = 0U; i < selection.count; i++) {
        const struct dg_selection_item *item = &selection.items[i];

        assert_int_equal(item->state == DG_SELECTION_NOT_APPLICABLE,
                         item->entry->need_count > 0U);
    }
    assert_int_equal(selection.unclaimed_count, basis.mandatory_count);
    assert_true(basis.mandatory_count > 0U);
    assert_int_equal(selection.gap_count,
                     basis.count - covered_by_what_runs(&selection));

    dg_run_init(&run);
    for (size_t i = 0U; i < selection.count; i++) {
        dg_selection_add_test(&run, &selection.items[i]);
    }
    assert_int_equal(run.tests->verdict, DG_RUN_NOT_APPLICABLE);
    dg_selection_add_gaps(&run, &selection, &claims);

    const struct dg_run_test *test = dg_run_find_test(&run, "claims");

    assert_non_null(test);
    assert_int_equal(test->verdict, DG_RUN_INCONCLUSIVE);
    assert_non_null(strstr(test->reason, basis.mandatory[0]));
    assert_int_equal(dg_run_exit_code(&run), 1);
    dg_run_free(&run);
    dg_selection_free(&selection);
}

/* One mandatory feature that is left out keeps a run in which everything else
 * passed from a good end. */
static void test_selection__mandatory_left_out__a_run_of_passes_stays_open(
    void **state)
{
    struct dg_claims claims;
    struct dg_selection selection;
    struct dg_run run;

    (void)state;
    select_by(all_but(basis.mandatory[0]), &claims, &selection);
    assert_int_equal(selection.unclaimed_count, 1);
    dg_run_init(&run);
    dg_run_add_test(&run, "good")->verdict = DG_RUN_PASS;
    assert_int_equal(dg_run_exit_code(&run), 0);
    dg_selection_add_gaps(&run, &selection, &claims);
    assert_int_equal(dg_run_exit_code(&run), 1);
    dg_run_free(&run);
    dg_selection_free(&selection);
}

/* @verifies{EVL_SELECT.2@1} */
static void test_selection__no_running_test__the_requirement_is_listed(
    void **state)
{
    struct dg_claims claims;
    struct dg_selection selection;
    struct dg_run run;
    bool has_untested = false;
    bool has_left_out = false;

    (void)state;
    select_by(all_but("sensor"), &claims, &selection);
    dg_run_init(&run);
    dg_selection_add_gaps(&run, &selection, &claims);
    for (size_t i = 0U; i < selection.gap_count; i++) {
        const struct dg_selection_gap *gap = &selection.gaps[i];
        bool is_listed = false;

        has_untested = has_untested || !gap->has_test;
        has_left_out =
            has_left_out ||
            (gap->has_test && (strcmp(gap->requirement->id, "FDP_DAU.1") == 0));
        for (const struct dg_run_claim *c = run.product.claims; c != NULL;
             c = c->next) {
            is_listed =
                is_listed || ((strcmp(c->name, "Not judged") == 0) &&
                              (strncmp(c->value,
                                       gap->requirement->id,
                                       strlen(gap->requirement->id)) == 0));
        }
        assert_true(is_listed);
    }
    assert_true(has_untested);
    assert_true(has_left_out);
    dg_run_free(&run);
    dg_selection_free(&selection);
}

static void test_claims__wrong__are_refused_with_the_word(void **state)
{
    static const struct {
        const char *json;
        const char *says;
    } wrong[] = {
        {"{\"features\":[\"pairing\",\"flying\"]}", "'flying' is no word"},
        {"{\"features\":[\"pairing\",\"pairing\"]}", "twice"},
        {"{\"features\":[1]}", "no text"},
        {"{\"features\":\"pairing\"}", "an array"},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof wrong / sizeof wrong[0]); i++) {
        struct dg_claims claims;
        struct dg_problem problem = {""};

        assert_int_equal(read_claims(wrong[i].json, &claims, &problem),
                         DG_E_MALFORMED);
        if (strstr(problem.text, wrong[i].says) == NULL) {
            fail_msg("%s: %s", wrong[i].json, problem.text);
        }
    }
}

/* A slip in a test's or a profile's words would take a test away for ever. */
static void test_selection__unknown_word_in_spec__is_refused(void **state)
{
    struct dg_claims claims;
    struct dg_selection selection;
    struct dg_problem problem = {""};
    struct dg_feature_list few = features;

    (void)state;
    assert_int_equal(read_claims("{}", &claims, &problem), DG_OK);
    few.count = 0U;
    assert_int_equal(
        dg_selection_make(
            &catalogue, &basis, &few, &claims, &selection, &problem),
        DG_E_MALFORMED);
    assert_non_null(strstr(problem.text, ".yaml: 'needs' names"));
    dg_selection_free(&selection);
}

static void expect_refused(const char *text, const char *says)
{
    char path[] = "features-test-XXXXXX";
    struct dg_feature_list list;
    struct dg_problem problem = {""};
    const int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(file), 0);
    assert_int_equal(dg_feature_list_open(path, &list, &problem),
                     DG_E_MALFORMED);
    assert_int_equal(unlink(path), 0);
    if ((strstr(problem.text, says) == NULL) ||
        (strstr(problem.text, path) == NULL)) {
        fail_msg("%s: %s", text, problem.text);
    }
    dg_feature_list_free(&list);
}

static void test_features__wrong_file__is_refused_with_its_line(void **state)
{
    (void)state;
    expect_refused("features: []\n", "names none");
    expect_refused("features:\n  - id: Aa\n    plain: x\n", "a-z");
    expect_refused("features:\n  - {id: a, plain: x}\n  - {id: a, plain: y}\n",
                   ":3: the feature 'a' stands here twice");
    expect_refused("features:\n  - id: a\n", "'plain' is missing");
    expect_refused("features:\n  - {id: a, plain: x, more: y}\n", "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selection__fast_tier__leaves_out_the_long_ones),
        cmocka_unit_test(test_selection__all_claimed__everything_applies),
        cmocka_unit_test(
            test_selection__one_not_claimed__its_tests_do_not_apply),
        cmocka_unit_test(test_selection__nobody_said__everything_applies),
        cmocka_unit_test(test_selection__nothing_claimed__could_not_judge),
        cmocka_unit_test(
            test_selection__mandatory_left_out__a_run_of_passes_stays_open),
        cmocka_unit_test(
            test_selection__no_running_test__the_requirement_is_listed),
        cmocka_unit_test(test_claims__wrong__are_refused_with_the_word),
        cmocka_unit_test(test_selection__unknown_word_in_spec__is_refused),
        cmocka_unit_test(test_features__wrong_file__is_refused_with_its_line),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
