/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/compare_out.h"

const char *dg_compare_sentence(const struct dg_comparison *comparison)
{
    if (!comparison->is_worse) {
        return "Nothing is worse, and nothing waits to be tested again.";
    }
    if ((comparison->worse > 0U) || comparison->is_level_worse) {
        return "Something is worse.";
    }
    return "No result is worse, but tests whose results rest on what has "
           "changed were not run again.";
}

static void say_run(FILE *to,
                    const char *which,
                    const struct dg_run *run,
                    const struct dg_run_origin *origin)
{
    (void)fprintf(to,
                  "%s %s %s, firmware %.16s, ended %s, run sha256 %.16s\n",
                  which,
                  run->product.name,
                  run->product.version,
                  run->product.firmware_digest,
                  run->head.ended,
                  origin->digest);
}

static const char *verdict_of(const struct dg_run_test *test)
{
    return (test == NULL) ? "-" : dg_run_verdict_name(test->verdict);
}

static void say_tests(FILE *to, const struct dg_comparison *comparison)
{
    (void)fprintf(to,
                  "\nTests: %zu the same, %zu still stand, %zu new, %zu fixed, "
                  "%zu changed, %zu gone\n",
                  comparison->count[DG_CHANGE_SAME],
                  comparison->count[DG_CHANGE_STANDS],
                  comparison->count[DG_CHANGE_NEW],
                  comparison->count[DG_CHANGE_FIXED],
                  comparison->count[DG_CHANGE_CHANGED],
                  comparison->count[DG_CHANGE_GONE]);
    for (size_t i = 0; i < comparison->test_count; i++) {
        const struct dg_compared_test *test = &comparison->tests[i];
        const struct dg_run_test *one =
            (test->after != NULL) ? test->after : test->before;

        if ((test->kind == DG_CHANGE_STANDS) ||
            ((test->kind == DG_CHANGE_SAME) && !test->is_other_test)) {
            continue;
        }
        (void)fprintf(to,
                      "  %-12s %-28s %s -> %s%s%s\n",
                      dg_change_name(test->kind),
                      one->id,
                      verdict_of(test->before),
                      verdict_of(test->after),
                      test->is_other_test ? " (the test itself changed)" : "",
                      test->is_worse ? "  WORSE" : "");
    }
}

static void say_sum(FILE *to, bool is_there, bool has_sum, unsigned sum)
{
    if (!is_there) {
        (void)fputs("not there", to);
    } else if (!has_sum) {
        (void)fputs("not rated", to);
    } else {
        (void)fprintf(to, "%u points", sum);
    }
}

static void say_paths(FILE *to, const struct dg_comparison *comparison)
{
    for (size_t i = 0; i < comparison->path_count; i++) {
        const struct dg_compared_path *path = &comparison->paths[i];

        if (i == 0U) {
            (void)fputs("\nAttack paths that changed:\n", to);
        }
        (void)fprintf(to, "  %s: %s: ", path->test->id, path->path->title);
        say_sum(to, path->was_there, path->had_sum, path->sum_before);
        (void)fputs(" -> ", to);
        say_sum(to, path->is_there, path->has_sum, path->sum_after);
        (void)fputs(path->is_worse ? "  WORSE\n" : "\n", to);
    }
}

static void say_level(FILE *to, const struct dg_comparison *comparison)
{
    const struct dg_conclusion *a = &comparison->conclusion_before;
    const struct dg_conclusion *b = &comparison->conclusion_after;

    if ((comparison->before->head.van_claimed == 0U) ||
        (comparison->after->head.van_claimed == 0U)) {
        (void)fputs("\nLevel: not compared, a run of chosen tests claims "
                    "none\n",
                    to);
        return;
    }
    (void)fprintf(to,
                  "\nLevel: AVA_VAN %u%s -> %u%s%s\n",
                  a->van,
                  a->has_van ? "" : " (open)",
                  b->van,
                  b->has_van ? "" : " (open)",
                  comparison->is_level_worse ? "  WORSE" : "");
}

void dg_compare_text(const struct dg_comparison *comparison,
                     const struct dg_run_origin *before,
                     const struct dg_run_origin *after,
                     FILE *to)
{
    say_run(to, "Before:", comparison->before, before);
    say_run(to, "After: ", comparison->after, after);
    for (size_t i = 0; i < comparison->premise_count; i++) {
        const struct dg_premise *premise = &comparison->premises[i];

        (void)fprintf(to,
                      "%s  %s: %.64s -> %.64s; %s\n",
                      (i == 0U) ? "\nWhat the results rest on has changed:\n"
                                : "",
                      premise->name,
                      premise->before,
                      premise->after,
                      dg_premise_consequence(premise->effect));
    }
    say_tests(to, comparison);
    say_paths(to, comparison);
    if (comparison->to_be_tested > 0U) {
        (void)fputs("\nTo be tested again:\n", to);
    }
    for (size_t i = 0; i < comparison->test_count; i++) {
        const struct dg_compared_test *test = &comparison->tests[i];

        if (test->is_to_be_tested) {
            (void)fprintf(to,
                          "  %-28s because of: %s\n",
                          test->before->id,
                          test->because);
        }
    }
    say_level(to, comparison);
    (void)fprintf(to, "\n%s\n", dg_compare_sentence(comparison));
}
