/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "eval/file.h"

static struct dg_catalogue catalogue;
static struct dg_run run;
static struct dg_problem problem;
static char path[] = "expect_XXXXXX";

static int set_up_all(void **state)
{
    const int file = mkstemp(path);

    (void)state;
    if ((file < 0) || (close(file) != 0)) {
        return -1;
    }
    return (dg_catalogue_open(
                DG_SPEC "/catalogue", NULL, &catalogue, &problem) == DG_OK)
               ? 0
               : -1;
}

static int tear_down_all(void **state)
{
    (void)state;
    dg_catalogue_free(&catalogue);
    return unlink(path);
}

/* A run in which "power-cut" passed and "replay" has the verdict. */
static struct dg_run_test *make_run(enum dg_run_verdict verdict)
{
    dg_run_init(&run);
    run.head.ended = "2026-11-23T12:00:00Z";
    dg_run_add_test(&run, "power-cut")->verdict = DG_RUN_PASS;

    struct dg_run_test *test = dg_run_add_test(&run, "replay");

    test->verdict = verdict;
    return test;
}

static enum dg_status read_text(const char *text)
{
    const dg_span bytes = {(const uint8_t *)text, strlen(text)};

    assert_int_equal(dg_file_write(path, bytes, 0600, NULL), DG_OK);
    return dg_expect_read(path, &catalogue, &run, &problem);
}

#define ENTRY(verdict, rest) \
    "expected:\n  - test: replay\n    verdict: " verdict "\n" rest
#define GOOD                 \
    "    because: known\n"   \
    "    by: A. Evaluator\n" \
    "    until: 2026-11-23\n" /* the day on which the run ended */

/* Every verdict, against every expectation that is whole. */
static void test_expect__good_entry__settles_what_it_names_and_nothing_else(
    void **state)
{
    static const struct {
        const char *text;
        enum dg_run_verdict verdict;
    } entries[] = {{ENTRY("fail", GOOD), DG_RUN_FAIL},
                   {ENTRY("inconclusive", GOOD), DG_RUN_INCONCLUSIVE},
                   {ENTRY("error", GOOD), DG_RUN_ERROR},
                   {ENTRY("pending", GOOD), DG_RUN_PENDING}};

    (void)state;
    for (size_t i = 0; i < 4U; i++) {
        for (unsigned v = 0; v < DG_RUN_VERDICTS; v++) {
            int wanted = (v == DG_RUN_FAIL) ? 2 : 1;

            (void)make_run((enum dg_run_verdict)v);
            assert_int_equal(read_text(entries[i].text), DG_OK);
            wanted = (v == (unsigned)entries[i].verdict) ? 0 : wanted;
            /* A pass too is not what was expected: the entry has to go. */
            if (dg_run_exit_code(&run) != wanted) {
                fail_msg("entry %zu, verdict %u: %d, not %d",
                         i,
                         v,
                         dg_run_exit_code(&run),
                         wanted);
            }
            dg_run_free(&run);
        }
    }
}

static void test_expect__expired_or_not_whole__counts_as_not_there(void **state)
{
    static const char *const texts[] = {
        ENTRY("fail", "    by: A\n    until: 2999-12-31\n"),
        ENTRY("fail", "    because: known\n    until: 2999-12-31\n"),
        ENTRY("fail", "    because: known\n    by: A\n"),
        ENTRY("fail", "    because: known\n    by: A\n    until: 2026-11-22\n"),
        ENTRY("fail", "    because: known\n    by: A\n    until: some day\n")};

    (void)state;
    for (size_t i = 0; i < 5U; i++) {
        const struct dg_run_test *test = make_run(DG_RUN_FAIL);

        assert_int_equal(read_text(texts[i]), DG_OK);
        assert_false(dg_run_is_expectation_good(&run, test));
        assert_int_equal(dg_run_exit_code(&run), 2);
        dg_run_free(&run);
    }
}

static void test_expect__something_wrong__refused_with_file_and_line(
    void **state)
{
    static const struct {
        const char *text;
        const char *word;
    } bad[] = {
        {ENTRY("pass", GOOD), "fail, inconclusive, error or pending"},
        {"expected:\n  - test: no-such\n    verdict: fail\n" GOOD,
         "no test 'no-such'"},
        {ENTRY("fail", GOOD) "  - test: replay\n    verdict: fail\n" GOOD,
         "here twice"},
        {ENTRY("fail", GOOD "    whim: yes\n"), "unknown key 'whim'"},
        {"expected: 3\n", "expected"},
        {"", "expect_"}};

    (void)state;
    for (size_t i = 0; i < 6U; i++) {
        (void)make_run(DG_RUN_FAIL);
        assert_int_equal(read_text(bad[i].text), DG_E_MALFORMED);
        if ((strstr(problem.text, bad[i].word) == NULL) ||
            (strstr(problem.text, path) == NULL)) {
            fail_msg("%s", problem.text);
        }
        assert_int_equal(dg_run_exit_code(&run), (i == 2U) ? 0 : 2);
        dg_run_free(&run);
    }
}

static void test_expect__test_not_in_the_run__no_matter(void **state)
{
    (void)state;
    (void)make_run(DG_RUN_PASS);
    assert_int_equal(
        read_text("expected:\n  - test: old-keys\n    verdict: fail\n" GOOD),
        DG_OK);
    assert_int_equal(dg_run_exit_code(&run), 0);
    dg_run_free(&run);
}

/* @verifies{EVL_EXPECT.1@1} */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_expect__good_entry__settles_what_it_names_and_nothing_else),
        cmocka_unit_test(
            test_expect__expired_or_not_whole__counts_as_not_there),
        cmocka_unit_test(
            test_expect__something_wrong__refused_with_file_and_line),
        cmocka_unit_test(test_expect__test_not_in_the_run__no_matter),
    };

    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
