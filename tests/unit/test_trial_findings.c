/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "eval/trial/canvas.h"
#include "eval/trial/findings.h"
#include "eval/trial/report.h"

/* Two arms, four people: what a report says of them is worked out by hand. */

#define SAMPLES 288U

static struct dg_book book;
static struct dg_trial_plan plan;
static struct dg_trial_result *result;
static struct dg_findings findings;

/* A day in which @low samples were below 54, the rest in range. */
static struct dg_trial_tally person(unsigned low)
{
    struct dg_trial_tally tally;
    struct dg_trial_glucose *plasma = &tally.glucose[DG_TRIAL_PLASMA];

    memset(&tally, 0, sizeof tally);
    plasma->samples = SAMPLES;
    plasma->below_54 = low;
    plasma->below_70 = low;
    plasma->range = SAMPLES - low;
    plasma->sum = (uint64_t)SAMPLES * 1000U;
    plasma->squares = (uint64_t)SAMPLES * 1000U * 1000U;
    plasma->least = (low > 0U) ? 300U : 1000U;
    plasma->most = 1000U;
    plasma->episodes_54 = (low > 0U) ? 1U : 0U;
    tally.severe_proxy = (low > 0U) ? 1U : 0U;
    return tally;
}

/* Without a guard three of four are low for 72, 72 and 144 samples; with it
 * one is for 72, and a fifth person blew up. */
static int set_up(void **state)
{
    static const unsigned low[2][4] = {{72U, 72U, 144U, 0U}, {72U, 0U, 0U, 0U}};
    char path[] = "/tmp/dosegate-findings-XXXXXX";
    const int file = mkstemp(path);
    static const char text[] = "trial: hand\ntitle: By hand\nquestion: Why?\n"
                               "people: 5\ndays: 1\nseed: 3\n"
                               "models: [wilinska2010]\ncontroller: pid\n"
                               "arms: [none, \"dosegate:high\"]\n"
                               "scenarios:\n  - {attack: overdose, "
                               "start_minute: 600}\n"
                               "  - {attack: quiet, rescue: no}\n";
    struct dg_problem problem = {""};

    (void)state;
    assert_true(write(file, text, sizeof(text) - 1U) > 0);
    assert_int_equal(close(file), 0);
    assert_int_equal(dg_book_read(&book, path, &problem), DG_OK);
    assert_int_equal(unlink(path), 0);
    dg_book_plan(&book, 0U, &plan);
    result = dg_trial_result_new(&plan);
    assert_non_null(result);
    dg_findings_begin(&findings, &book);
    dg_findings_plan(&findings, 0U, &plan, result);
    for (uint64_t who = 0U; who < 4U; who++) {
        const struct dg_trial_tally first = person(low[0][who]);
        const struct dg_trial_tally second = person(low[1][who]);

        dg_trial_count(dg_trial_cell_of(result, 0U, 0U), who, &first, &first);
        dg_trial_count(dg_trial_cell_of(result, 0U, 1U), who, &second, &first);
    }

    struct dg_trial_tally lost = person(0U);

    lost.is_lost = true;
    dg_trial_count(dg_trial_cell_of(result, 0U, 1U), 4U, &lost, &lost);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    dg_trial_result_free(result);
    dg_book_free(&book);
    dg_canvas_release();
    return 0;
}

static void assert_near(double value, double wanted)
{
    if (!(fabs(value - wanted) < 1e-3)) {
        fail_msg("%.9g instead of %.9g", value, wanted);
    }
}

static void shares_and_means_are_those_of_the_people(void **state)
{
    (void)state;
    const struct dg_trial_cell *open = dg_trial_cell_of(result, 0U, 0U);
    const struct dg_trial_cell *high = dg_trial_cell_of(result, 0U, 1U);

    assert_near(dg_finding(open, DG_TRIAL_HAD_SEVERE).value, 75.0);
    assert_near(dg_finding(high, DG_TRIAL_HAD_SEVERE).value, 25.0);
    /* 25, 25, 50 and 0 % of the day: mean 25, deviation sqrt(1250 / 3). */
    const struct dg_estimate low = dg_finding(open, DG_TRIAL_TBR_54);

    assert_near(low.value, 25.0);
    assert_near(low.high - low.value,
                3.18244631 * sqrt(1250.0 / 3.0) / sqrt(4.0));
    assert_near(low.value - low.low, low.high - low.value);
}

static void differences_are_paired(void **state)
{
    (void)state;
    const struct dg_trial_cell *high = dg_trial_cell_of(result, 0U, 1U);
    const struct dg_estimate less =
        dg_finding_difference(high, DG_TRIAL_TBR_54);

    /* 0, -25, -50 and 0. */
    assert_near(less.value, -18.75);
    assert_near(less.high - less.value,
                3.18244631 * sqrt(1718.75 / 3.0) / sqrt(4.0));
    assert_near(dg_finding_difference(high, DG_TRIAL_HAD_SEVERE).value, -50.0);
}

static void csv_has_a_line_for_each_number(void **state)
{
    (void)state;
    struct dg_html csv;
    size_t lines = 0;

    dg_html_init(&csv);
    dg_findings_csv(&findings, &csv);
    for (size_t i = 0; i < csv.used; i++) {
        lines += (csv.at[i] == '\n') ? 1U : 0U;
    }
    assert_int_equal(lines, 1U + (2U * 2U * (size_t)DG_TRIAL_METRICS));
    assert_non_null(strstr(csv.at,
                           "wilinska2010,overdose,dosegate:high,severe,% of "
                           "people,4,1,0,25.000000,"));
    dg_html_free(&csv);
}

static void json_names_the_worst_and_who_was_left_out(void **state)
{
    (void)state;
    struct dg_html text;

    dg_html_init(&text);
    assert_int_equal(dg_findings_json(&findings, &text), DG_OK);

    json_t *root = json_loads(text.at, 0, NULL);
    json_t *cells = json_object_get(
        json_array_get(json_object_get(root, "models"), 0U), "cells");
    json_t *high = json_array_get(cells, 1U);
    json_t *out = json_object_get(high, "first_people_left_out");
    json_t *worst = json_object_get(
        json_object_get(json_array_get(cells, 0U), "worst_people"),
        "longest_below_54");

    assert_int_equal(json_array_size(cells), 4U);
    assert_int_equal(json_integer_value(json_object_get(high, "lost")), 1);
    assert_int_equal(json_array_size(out), 1U);
    assert_int_equal(json_integer_value(json_array_get(out, 0U)), 4);
    assert_int_equal(json_integer_value(json_array_get(worst, 0U)), 2);
    json_decref(root);
    dg_html_free(&text);
}

/* Whoever reads the manifest gets the same plan, down to its digest. */
static void a_manifest_is_the_same_trial(void **state)
{
    (void)state;
    char path[] = "/tmp/dosegate-manifest-XXXXXX";
    const int file = mkstemp(path);
    struct dg_html text;
    struct dg_book again;
    struct dg_trial_plan same;
    struct dg_problem problem = {""};
    uint8_t digest[2][32];

    dg_html_init(&text);
    assert_int_equal(dg_findings_manifest(&findings, &text), DG_OK);
    assert_int_equal(write(file, text.at, text.used), text.used);
    assert_int_equal(close(file), 0);
    assert_int_equal(dg_book_read(&again, path, &problem), DG_OK);
    assert_int_equal(unlink(path), 0);
    dg_book_plan(&again, 0U, &same);
    dg_trial_digest(&plan, digest[0]);
    dg_trial_digest(&same, digest[1]);
    assert_memory_equal(digest[0], digest[1], sizeof digest[0]);
    assert_int_equal(again.digest_count, 1U);
    assert_string_equal(again.digests[0], findings.digest[0]);
    dg_book_free(&again);
    dg_html_free(&text);
}

static void the_summary_says_who_was_harmed_and_left_out(void **state)
{
    (void)state;
    struct dg_html text;

    dg_html_init(&text);
    dg_trial_summary(&findings, &text);
    assert_non_null(strstr(text.at, "no guard 75.0 %"));
    assert_non_null(strstr(text.at, "Dosegate High 25.0 %"));
    assert_non_null(strstr(text.at, "1 lives whose numbers blew up"));
    dg_html_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_and_means_are_those_of_the_people),
        cmocka_unit_test(differences_are_paired),
        cmocka_unit_test(csv_has_a_line_for_each_number),
        cmocka_unit_test(json_names_the_worst_and_who_was_left_out),
        cmocka_unit_test(a_manifest_is_the_same_trial),
        cmocka_unit_test(the_summary_says_who_was_harmed_and_left_out),
    };

    return cmocka_run_group_tests(tests, set_up, take_down);
}
