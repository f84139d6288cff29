/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/combinations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "eval/record.h"

/* A test of two parameters with two values each: four combinations, the third
 * of which fails. */
static struct dg_catalogue_value values[] = {{&values[1], "one"},
                                             {NULL, "two"}};
static struct dg_catalogue_parameter parameters[] = {
    {&parameters[1], "first", "one", 2U, values},
    {NULL, "second", "one", 2U, values}};
static const struct dg_catalogue_entry entry = {
    .id = "both", .parameters = parameters, .strength = 2U};
static struct dg_run run;
static struct dg_run_test *test;
static size_t runs;
static size_t seen_early;

/* In place of the one that starts an adapter.  Whoever saves the run now, as
 * another worker may, writes what the test says now. */
void dg_session_run(const struct dg_session_order *order)
{
    seen_early += (order->test->verdict != DG_RUN_UNDECIDED) ? 1U : 0U;
    runs++;
    dg_record_reason(order->run, order->test, "as it was");
    order->test->elapsed_ms = 10U;
    dg_session_give(order, (runs == 3U) ? DG_RUN_FAIL : DG_RUN_PASS);
    seen_early += (order->test->verdict != DG_RUN_UNDECIDED) ? 1U : 0U;
}

static struct dg_session_order make_order(const char *dir)
{
    runs = 0U;
    seen_early = 0U;
    dg_run_init(&run);
    test = dg_run_add_test(&run, "both");
    return (struct dg_session_order){
        .entry = &entry, .dir = dir, .run = &run, .test = test};
}

static void remove_rows(const char *dir)
{
    for (unsigned row = 0U; row < 4U; row++) {
        char path[64];

        (void)snprintf(path, sizeof path, "%s/%u", dir, row);
        (void)rmdir(path);
    }
    assert_int_equal(rmdir(dir), 0);
}

/* @verifies{EVL_RESUME.1@1} @verifies{EVL_COMBINE.1@1} */
static void test_combinations__one_after_another__verdict_after_the_last(
    void **state)
{
    char dir[] = "combinations_XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(dir));

    const struct dg_session_order order = make_order(dir);

    dg_combinations_run(&order, 0U, false);
    assert_int_equal(runs, 4U);
    assert_int_equal(seen_early, 0U);
    assert_int_equal(test->verdict, DG_RUN_FAIL);
    assert_int_equal(test->elapsed_ms, 40U);
    assert_non_null(strstr(test->reason, "as it was"));
    dg_run_free(&run);
    remove_rows(dir);
}

/* Who settles a verdict first keeps it out of the test until then. */
static void test_combinations__verdict_asked_elsewhere__none_in_the_test(
    void **state)
{
    char dir[] = "combinations_XXXXXX";
    enum dg_run_verdict verdict = DG_RUN_UNDECIDED;

    (void)state;
    assert_non_null(mkdtemp(dir));

    struct dg_session_order order = make_order(dir);

    order.verdict = &verdict;
    dg_combinations_run(&order, 0U, true);
    assert_int_equal(runs, 3U);
    assert_int_equal(verdict, DG_RUN_FAIL);
    assert_int_equal(test->verdict, DG_RUN_UNDECIDED);
    dg_run_free(&run);
    remove_rows(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_combinations__one_after_another__verdict_after_the_last),
        cmocka_unit_test(
            test_combinations__verdict_asked_elsewhere__none_in_the_test)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
