/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/compare_out.h"

#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "crypto_openssl.h"
#include "sample_run.h"

static struct dg_crypto crypto;
static struct dg_run before;
static struct dg_run after;
static const struct dg_run_origin origin_a = {"aa11", "0123456789abcdef"};
static const struct dg_run_origin origin_b = {"bb22", "0123456789abcdef"};

static void say_entries(struct dg_run *run)
{
    for (struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        t->entry_digest = "e1";
    }
}

static int set_up(void **state)
{
    (void)state;
    if (dg_crypto_openssl_init(&crypto) != DG_OK) {
        return -1;
    }
    sample_run_make(&before, &crypto, false);
    sample_run_make(&after, &crypto, false);
    say_entries(&before);
    say_entries(&after);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dg_run_free(&before);
    dg_run_free(&after);
    dg_crypto_openssl_free(&crypto);
    return 0;
}

static struct dg_comparison compare(void)
{
    struct dg_comparison comparison;

    assert_int_equal(dg_compare(&before, &after, &comparison), DG_OK);
    return comparison;
}

static const struct dg_compared_test *test_of(
    const struct dg_comparison *comparison, const char *id)
{
    for (size_t i = 0; i < comparison->test_count; i++) {
        const struct dg_compared_test *test = &comparison->tests[i];
        const struct dg_run_test *one =
            (test->after != NULL) ? test->after : test->before;

        if (strcmp(one->id, id) == 0) {
            return test;
        }
    }
    fail_msg("%s is not compared", id);
    return NULL;
}

/* Take the test out of the list of a run. */
static void drop(struct dg_run *run, const char *id)
{
    struct dg_run_test **at = &run->tests;

    while (strcmp((*at)->id, id) != 0) {
        at = &(*at)->next;
    }
    *at = (*at)->next;
}

static void test_compare__same_run_twice__nothing_worse(void **state)
{
    struct dg_comparison comparison = compare();

    (void)state;
    assert_false(comparison.is_worse);
    assert_int_equal(comparison.premise_count, 0);
    assert_int_equal(comparison.path_count, 0);
    assert_int_equal(comparison.count[DG_CHANGE_SAME], comparison.test_count);
    dg_compare_free(&comparison);
}

/* Every pair of verdicts: later is worse exactly when it shows less. */
static void test_compare__every_pair_of_verdicts__worse_when_less_shown(
    void **state)
{
    static const enum dg_run_verdict order[][5] = {
        {DG_RUN_PASS, DG_RUN_VERDICTS},
        {DG_RUN_WAIVED, DG_RUN_VERDICTS},
        {DG_RUN_NOT_APPLICABLE, DG_RUN_NOT_ASKED, DG_RUN_VERDICTS},
        {DG_RUN_UNDECIDED,
         DG_RUN_INCONCLUSIVE,
         DG_RUN_PENDING,
         DG_RUN_ERROR,
         DG_RUN_VERDICTS},
        {DG_RUN_FAIL, DG_RUN_VERDICTS}};
    struct dg_run_test *a = dg_run_find_test(&before, "capture");
    struct dg_run_test *b = dg_run_find_test(&after, "capture");
    size_t pairs = 0;

    (void)state;
    for (size_t i = 0; i < 5U; i++) {
        for (size_t k = 0; k < 5U; k++) {
            for (size_t x = 0; order[i][x] != DG_RUN_VERDICTS; x++) {
                for (size_t y = 0; order[k][y] != DG_RUN_VERDICTS; y++) {
                    a->verdict = order[i][x];
                    b->verdict = order[k][y];

                    struct dg_comparison comparison = compare();
                    const struct dg_compared_test *test =
                        test_of(&comparison, "capture");

                    assert_int_equal(test->is_worse, k > i);
                    assert_int_equal(test->kind == DG_CHANGE_SAME,
                                     a->verdict == b->verdict);
                    assert_int_equal(test->kind == DG_CHANGE_FIXED,
                                     (b->verdict == DG_RUN_PASS) &&
                                         (a->verdict != DG_RUN_PASS) &&
                                         (a->verdict != DG_RUN_NOT_APPLICABLE));
                    dg_compare_free(&comparison);
                    pairs++;
                }
            }
        }
    }
    assert_int_equal(pairs, 81);
}

static void test_compare__test_left_out_and_nothing_changed__stands(
    void **state)
{
    (void)state;
    drop(&after, "capture");

    struct dg_comparison comparison = compare();

    assert_int_equal(test_of(&comparison, "capture")->kind, DG_CHANGE_STANDS);
    assert_false(comparison.is_worse);
    dg_compare_free(&comparison);
}

static void test_compare__firmware_changed_and_test_left_out__to_be_tested(
    void **state)
{
    (void)state;
    drop(&after, "capture");
    after.product.firmware_digest = "ff";

    struct dg_comparison comparison = compare();
    const struct dg_compared_test *test = test_of(&comparison, "capture");

    assert_int_equal(test->kind, DG_CHANGE_GONE);
    assert_true(test->is_to_be_tested);
    assert_string_equal(test->because, "firmware digest");
    assert_true(comparison.is_worse);
    /* All others have a new result. */
    assert_int_equal(comparison.to_be_tested, 1);
    dg_compare_free(&comparison);
}

static void
test_compare__firmware_changed_and_waived_test_left_out__to_be_tested(
    void **state)
{
    (void)state;
    dg_run_find_test(&before, "capture")->verdict = DG_RUN_WAIVED;
    drop(&after, "capture");
    after.product.firmware_digest = "ff";

    struct dg_comparison comparison = compare();
    const struct dg_compared_test *test = test_of(&comparison, "capture");

    assert_int_equal(test->kind, DG_CHANGE_GONE);
    assert_true(test->is_to_be_tested);
    dg_compare_free(&comparison);
}

static void test_compare__each_premise__named_and_to_be_tested_as_it_says(
    void **state)
{
    static const char *const names[] = {"firmware digest",
                                        "profile",
                                        "program that tests",
                                        "package",
                                        "version"};
    const char **fields[] = {&after.product.firmware_digest,
                             &after.head.profile_digest,
                             &after.head.tool_version,
                             &after.head.package_digest,
                             &after.product.version};

    (void)state;
    drop(&after, "capture");
    for (size_t i = 0; i < 5U; i++) {
        const char *kept = *fields[i];

        *fields[i] = "other";

        struct dg_comparison comparison = compare();

        assert_int_equal(comparison.premise_count, 1);
        assert_string_equal(comparison.premises[0].name, names[i]);
        assert_int_equal(comparison.to_be_tested, (i < 3U) ? 1 : 0);
        dg_compare_free(&comparison);
        *fields[i] = kept;
    }
}

static void test_compare__entry_changed__not_comparable_unless_judged_anew(
    void **state)
{
    struct dg_run_test *test = dg_run_find_test(&after, "capture");

    (void)state;
    test->entry_digest = "e2";

    struct dg_comparison comparison = compare();

    assert_true(test_of(&comparison, "capture")->is_other_test);
    assert_false(test_of(&comparison, "capture")->is_to_be_tested);
    dg_compare_free(&comparison);
    test->verdict = DG_RUN_INCONCLUSIVE;
    comparison = compare();
    assert_true(test_of(&comparison, "capture")->is_to_be_tested);
    dg_compare_free(&comparison);
    /* A file that does not say which entry it used. */
    test->verdict = DG_RUN_PASS;
    test->entry_digest = "";
    dg_run_find_test(&before, "capture")->entry_digest = "";
    comparison = compare();
    assert_true(test_of(&comparison, "capture")->is_other_test);
    dg_compare_free(&comparison);
}

static struct dg_run_path *add_path(struct dg_run *run, const char *expertise)
{
    static const char *const factors[] = {
        "elapsed_time", "expertise", "knowledge", "window", "equipment"};
    const char *const levels[] = {
        "le_1_week", expertise, "public", "easy", "standard"};
    struct dg_run_path *path = dg_run_add_path(run,
                                               dg_run_find_test(run, "capture"),
                                               "Listen for a week",
                                               DG_RATING_SUCCESSFUL);

    for (size_t i = 0; i < 5U; i++) {
        (void)dg_run_add_choice(run, path, factors[i], levels[i]);
    }
    return path;
}

static void test_compare__path_new_cheaper_or_gone__told(void **state)
{
    (void)state;
    (void)add_path(&after, "expert");

    struct dg_comparison comparison = compare();

    assert_int_equal(comparison.path_count, 1);
    assert_true(comparison.paths[0].is_worse && !comparison.paths[0].was_there);
    dg_compare_free(&comparison);

    struct dg_run_path *path = add_path(&before, "proficient");

    /* From proficient to expert: dearer for the attacker. */
    comparison = compare();
    assert_int_equal(comparison.path_count, 1);
    assert_false(comparison.paths[0].is_worse);
    assert_true(comparison.paths[0].sum_after > comparison.paths[0].sum_before);
    dg_compare_free(&comparison);
    path->choices->next->level = "multiple_experts";
    comparison = compare();
    assert_true(comparison.paths[0].is_worse);
    dg_compare_free(&comparison);
    dg_run_find_test(&after, "capture")->paths = NULL;
    comparison = compare();
    assert_int_equal(comparison.path_count, 1);
    assert_true(!comparison.paths[0].is_there && !comparison.paths[0].is_worse);
    dg_compare_free(&comparison);
}

/* What is told says the same in every form, and hostile texts stay text. */
static void test_compare__told__text_json_and_page_agree(void **state)
{
    struct dg_html html;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    (void)state;
    assert_non_null(to);
    after.product.firmware_digest = "<script>";
    dg_run_find_test(&after, "capture")->verdict = DG_RUN_FAIL;

    struct dg_comparison comparison = compare();

    dg_compare_text(&comparison, &origin_a, &origin_b, to);
    (void)fclose(to);
    assert_non_null(strstr(text, "changed      capture"));
    assert_non_null(strstr(text, "pass -> fail  WORSE"));
    assert_non_null(strstr(text, "every test has to be run again"));
    free(text);

    json_t *json = dg_compare_json(&comparison, &origin_a, &origin_b);

    assert_true(json_is_true(json_object_get(json, "worse")));
    assert_int_equal(json_array_size(json_object_get(json, "tests")),
                     comparison.test_count);
    json_decref(json);
    assert_int_equal(dg_compare_html(&comparison, &origin_a, &origin_b, &html),
                     DG_OK);
    assert_non_null(strstr(html.at, "&lt;script&gt;"));
    assert_null(strstr(html.at, "<script>"));
    assert_non_null(strstr(html.at, "Something is worse."));
    dg_html_free(&html);
    dg_compare_free(&comparison);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* @verifies{EVL_COMPARE.1@1} */
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_compare__same_run_twice__nothing_worse),
        TEST(test_compare__every_pair_of_verdicts__worse_when_less_shown),
        TEST(test_compare__test_left_out_and_nothing_changed__stands),
        TEST(test_compare__firmware_changed_and_test_left_out__to_be_tested),
        TEST(
            test_compare__firmware_changed_and_waived_test_left_out__to_be_tested),
        TEST(test_compare__each_premise__named_and_to_be_tested_as_it_says),
        TEST(test_compare__entry_changed__not_comparable_unless_judged_anew),
        TEST(test_compare__path_new_cheaper_or_gone__told),
        TEST(test_compare__told__text_json_and_page_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
