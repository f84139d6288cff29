/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "eval/attacks/attacks.h"
#include "eval/catalogue_page.h"
#include "eval/flawed.h"

/* Catalogue, tests and flawed products are three lists that have to agree. */

static struct dg_catalogue catalogue;
static struct dg_flawed_list flawed;

static int open_lists(void **state)
{
    struct dg_problem problem = {""};

    (void)state;
    if (dg_catalogue_open(DG_SPEC "/catalogue", NULL, &catalogue, &problem) !=
        DG_OK) {
        print_error("%s\n", problem.text);
        return -1;
    }
    if (dg_flawed_open(DG_FLAWED, &flawed, &problem) != DG_OK) {
        print_error("%s\n", problem.text);
        return -1;
    }
    return 0;
}

static int close_lists(void **state)
{
    (void)state;
    dg_catalogue_free(&catalogue);
    dg_flawed_free(&flawed);
    return 0;
}

static bool is_attack(const char *id)
{
    for (size_t i = 0U; i < dg_attack_count; i++) {
        if (strcmp(dg_attacks[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

static void test_attacks__each__has_an_entry_and_a_function(void **state)
{
    (void)state;
    assert_true(dg_attack_count >= 10U);
    for (size_t i = 0U; i < dg_attack_count; i++) {
        assert_non_null(dg_attacks[i].run);
        if (dg_catalogue_find(&catalogue, dg_attacks[i].id) == NULL) {
            fail_msg("spec/catalogue/%s.yaml is missing", dg_attacks[i].id);
        }
    }
}

static void test_catalogue__each_entry__is_a_test_that_exists(void **state)
{
    (void)state;
    for (const struct dg_catalogue_entry *entry = catalogue.entries;
         entry != NULL;
         entry = entry->next) {
        if (is_attack(entry->id) == entry->is_form) {
            fail_msg("%s: each test has a place in eval/attacks/table.c, and "
                     "no form has",
                     entry->id);
        }
    }
}

static bool catches(const struct dg_catalogue_entry *entry, const char *name)
{
    for (size_t i = 0U; i < entry->catch_count; i++) {
        if (strcmp(entry->catches[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void test_flawed__each__is_caught_by_the_test_that_says_so(void **state)
{
    (void)state;
    assert_true(flawed.count >= 10U);
    for (size_t i = 0U; i < flawed.count; i++) {
        const struct dg_flawed *item = &flawed.items[i];
        const struct dg_catalogue_entry *entry =
            dg_catalogue_find(&catalogue, item->caught_by);

        if ((entry == NULL) || !catches(entry, item->name)) {
            fail_msg("flawed/%s is caught_by %s, which does not list it",
                     item->name,
                     item->caught_by);
        }
    }
}

static void test_catalogue__each_catch__is_a_flawed_product(void **state)
{
    (void)state;
    for (const struct dg_catalogue_entry *entry = catalogue.entries;
         entry != NULL;
         entry = entry->next) {
        for (size_t i = 0U; i < entry->catch_count; i++) {
            bool is_there = false;

            for (size_t at = 0U; at < flawed.count; at++) {
                is_there = is_there || (strcmp(flawed.items[at].name,
                                               entry->catches[i]) == 0);
            }
            if (!is_there) {
                fail_msg("%s names flawed/%s, which is not there",
                         entry->id,
                         entry->catches[i]);
            }
        }
    }
}

static bool is_row(const struct dg_corpus *corpus, const char *id)
{
    for (size_t i = 0U; i < corpus->count; i++) {
        if (strcmp(corpus->rows[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* @verifies{EVL_CAT.1@1} */
static void test_corpus__each_row__has_a_test_or_a_form(void **state)
{
    struct dg_problem problem = {""};
    struct dg_corpus corpus;

    (void)state;
    if (dg_corpus_open(DG_SPEC "/corpus.yaml", &corpus, &problem) != DG_OK) {
        fail_msg("%s", problem.text);
    }
    assert_true(corpus.count >= 93U);
    for (const struct dg_catalogue_entry *entry = catalogue.entries;
         entry != NULL;
         entry = entry->next) {
        for (size_t i = 0U; i < entry->corpus_count; i++) {
            if (!is_row(&corpus, entry->corpus[i])) {
                fail_msg("%s names %s, which spec/corpus.yaml does not have",
                         entry->id,
                         entry->corpus[i]);
            }
        }
    }
    for (size_t i = 0U; i < corpus.count; i++) {
        const struct dg_corpus one = {.rows = &corpus.rows[i], .count = 1U};

        if (dg_catalogue_uncovered(&catalogue, &one) != 0U) {
            fail_msg("%s (%s) has neither test nor form in spec/catalogue",
                     corpus.rows[i].id,
                     corpus.rows[i].title);
        }
    }
    dg_corpus_free(&corpus);
}

/* An attack that no flawed product can fail proves nothing; the ordinary days
 * are the exception: they are what a refusing product fails. */
static void test_catalogue__each_attack__has_a_flawed_product(void **state)
{
    (void)state;
    for (const struct dg_catalogue_entry *entry = catalogue.entries;
         entry != NULL;
         entry = entry->next) {
        if (!entry->is_form && (entry->catch_count == 0U) &&
            (strncmp(entry->id, "simulated-day", 13U) != 0)) {
            fail_msg("%s has never been seen to fail", entry->id);
        }
    }
}

/* The window monitor ------------------------------------------------------ */

static struct dg_scene scene;

static void deliver(uint32_t at_s, int64_t total_mU)
{
    scene.delivery[scene.deliveries++] =
        (struct dg_scene_delivery){at_s, total_mU};
}

static int clear_scene(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.basal_mU_per_h = 1200; /* 20 mU a minute */
    scene.pulse_mU = 50;
    return 0;
}

static void test_window__basal_alone__is_nothing_above_basal(void **state)
{
    (void)state;
    for (uint32_t minute = 0U; minute <= 600U; minute++) {
        deliver(minute * 60U, (int64_t)minute * 20);
    }
    assert_int_equal(dg_scene_worst_window(&scene, 3600U), 0);
    assert_int_equal(dg_scene_worst_window(&scene, 86400U), 0);
}

static void test_window__two_doses__count_together_only_when_near(void **state)
{
    (void)state;
    deliver(0U, 0);
    deliver(60U, 20 + 1000);
    deliver(60U + 3600U, 20 + 1000 + 1200);
    deliver(120U + 3600U, 40 + 1000 + 1200 + 500);
    assert_int_equal(dg_scene_worst_window(&scene, 300U), 1000);
    assert_int_equal(dg_scene_worst_window(&scene, 7200U), 1500);
}

int main(void)
{
    const struct CMUnitTest lists[] = {
        cmocka_unit_test(test_attacks__each__has_an_entry_and_a_function),
        cmocka_unit_test(test_catalogue__each_entry__is_a_test_that_exists),
        cmocka_unit_test(test_flawed__each__is_caught_by_the_test_that_says_so),
        cmocka_unit_test(test_catalogue__each_catch__is_a_flawed_product),
        cmocka_unit_test(test_catalogue__each_attack__has_a_flawed_product),
        cmocka_unit_test(test_corpus__each_row__has_a_test_or_a_form),
    };
    const struct CMUnitTest windows[] = {
        cmocka_unit_test_setup(test_window__basal_alone__is_nothing_above_basal,
                               clear_scene),
        cmocka_unit_test_setup(
            test_window__two_doses__count_together_only_when_near, clear_scene),
    };
    const int failed = cmocka_run_group_tests_name(
        "catalogue and flawed products", lists, open_lists, close_lists);

    return failed +
           cmocka_run_group_tests_name("window monitor", windows, NULL, NULL);
}
