/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/compare.h"

#include <stdlib.h>
#include <string.h>

const char *dg_change_name(enum dg_change_kind kind)
{
    static const char *const names[DG_CHANGE_KINDS] = {
        [DG_CHANGE_SAME] = "the same",
        [DG_CHANGE_NEW] = "new",
        [DG_CHANGE_FIXED] = "fixed",
        [DG_CHANGE_CHANGED] = "changed",
        [DG_CHANGE_GONE] = "gone",
        [DG_CHANGE_STANDS] = "still stands"};

    return (kind < DG_CHANGE_KINDS) ? names[kind] : "";
}

const char *dg_premise_consequence(enum dg_premise_effect effect)
{
    static const char *const words[DG_PREMISE_EFFECTS] = {
        [DG_PREMISE_RECORD] = "for the record",
        [DG_PREMISE_TEST] = "every test has to be run again",
        [DG_PREMISE_SELECT] = "which tests apply has to be seen anew",
        [DG_PREMISE_RATE] = "attack paths have to be rated again",
        [DG_PREMISE_CLAIM] = "another level is claimed"};

    return (effect < DG_PREMISE_EFFECTS) ? words[effect] : "";
}

static const char *claim_of(const struct dg_run *run, const char *name)
{
    for (const struct dg_run_claim *c = run->product.claims; c != NULL;
         c = c->next) {
        if (strcmp(c->name, name) == 0) {
            return c->value;
        }
    }
    return "";
}

static const char *table_of(const struct dg_run *run)
{
    return run->has_table ? run->table.digest : "";
}

static void add_premise(struct dg_comparison *to,
                        const char *name,
                        enum dg_premise_effect effect,
                        const char *before,
                        const char *after)
{
    if ((strcmp(before, after) != 0) && (to->premise_count < DG_PREMISES_MAX)) {
        to->premises[to->premise_count++] =
            (struct dg_premise){name, effect, before, after};
    }
}

static void compare_premises(struct dg_comparison *to)
{
    const struct dg_run *a = to->before;
    const struct dg_run *b = to->after;

    add_premise(
        to, "product", DG_PREMISE_TEST, a->product.name, b->product.name);
    add_premise(to,
                "version",
                DG_PREMISE_RECORD,
                a->product.version,
                b->product.version);
    add_premise(to,
                "firmware digest",
                DG_PREMISE_TEST,
                a->product.firmware_digest,
                b->product.firmware_digest);
    add_premise(to,
                "features claimed",
                DG_PREMISE_SELECT,
                claim_of(a, "features"),
                claim_of(b, "features"));
    /* The profile holds the limits that tests judge by. */
    add_premise(to,
                "profile",
                DG_PREMISE_TEST,
                a->head.profile_digest,
                b->head.profile_digest);
    add_premise(to,
                "package",
                DG_PREMISE_CLAIM,
                a->head.package_digest,
                b->head.package_digest);
    add_premise(to, "rating table", DG_PREMISE_RATE, table_of(a), table_of(b));
    add_premise(to,
                "program that tests",
                DG_PREMISE_TEST,
                a->head.tool_version,
                b->head.tool_version);
    add_premise(to,
                "laboratory",
                DG_PREMISE_RECORD,
                a->head.laboratory,
                b->head.laboratory);
}

/* The smaller, the more was shown. */
static unsigned rank_of(const struct dg_run_test *test)
{
    if (test == NULL) {
        return 2U;
    }
    switch (test->verdict) {
    case DG_RUN_PASS:
        return 0U;
    case DG_RUN_WAIVED:
        return 1U;
    case DG_RUN_NOT_APPLICABLE:
    case DG_RUN_NOT_ASKED:
        return 2U;
    case DG_RUN_FAIL:
        return 4U;
    case DG_RUN_UNDECIDED:
    case DG_RUN_INCONCLUSIVE:
    case DG_RUN_PENDING:
    case DG_RUN_ERROR:
    case DG_RUN_VERDICTS:
    default:
        return 3U;
    }
}

static bool is_judged(const struct dg_run_test *test)
{
    return (test != NULL) &&
           ((test->verdict == DG_RUN_PASS) || (test->verdict == DG_RUN_FAIL) ||
            (test->verdict == DG_RUN_NOT_APPLICABLE));
}

/* A waiver rests on its premises as a result does, where nobody ran the test
 * again. */
static bool has_stood(const struct dg_compared_test *test)
{
    return is_judged(test->before) ||
           ((test->before != NULL) && (test->after == NULL) &&
            (test->before->verdict == DG_RUN_WAIVED));
}

/* Why the earlier result does not carry over; "": it does. */
static const char *reason_to_test(const struct dg_comparison *in,
                                  const struct dg_compared_test *test)
{
    for (size_t i = 0; i < in->premise_count; i++) {
        const struct dg_premise *premise = &in->premises[i];

        if ((premise->effect == DG_PREMISE_TEST) ||
            ((premise->effect == DG_PREMISE_SELECT) &&
             (test->before->verdict == DG_RUN_NOT_APPLICABLE))) {
            return premise->name;
        }
    }
    return test->is_other_test ? "entry in the catalogue" : "";
}

static enum dg_change_kind kind_of(const struct dg_compared_test *test)
{
    if (test->before == NULL) {
        return DG_CHANGE_NEW;
    }
    if (test->after == NULL) {
        return test->is_to_be_tested ? DG_CHANGE_GONE : DG_CHANGE_STANDS;
    }
    if (test->before->verdict == test->after->verdict) {
        return DG_CHANGE_SAME;
    }
    return ((test->after->verdict == DG_RUN_PASS) &&
            (test->before->verdict != DG_RUN_NOT_APPLICABLE))
               ? DG_CHANGE_FIXED
               : DG_CHANGE_CHANGED;
}

static void compare_test(struct dg_comparison *to,
                         const struct dg_run_test *before,
                         const struct dg_run_test *after)
{
    struct dg_compared_test *test = &to->tests[to->test_count++];

    *test = (struct dg_compared_test){
        .before = before, .after = after, .because = ""};
    /* A file of an older program does not say which entry it used. */
    test->is_other_test =
        (before != NULL) && (after != NULL) &&
        ((before->entry_digest[0] == '\0') ||
         (strcmp(before->entry_digest, after->entry_digest) != 0));
    /* Where there was no result, nothing rests on anything. */
    if (has_stood(test)) {
        test->because = reason_to_test(to, test);
        test->is_to_be_tested = (test->because[0] != '\0') && !is_judged(after);
    }
    test->kind = kind_of(test);
    test->is_worse =
        (test->kind != DG_CHANGE_STANDS) && (rank_of(after) > rank_of(before));
    to->count[test->kind]++;
    to->worse += test->is_worse ? 1U : 0U;
    to->to_be_tested += test->is_to_be_tested ? 1U : 0U;
}

static const struct dg_run_path *path_of(const struct dg_run_test *test,
                                         const char *title)
{
    const struct dg_run_path *path = (test == NULL) ? NULL : test->paths;

    while ((path != NULL) && ((path->state != DG_RATING_SUCCESSFUL) ||
                              (strcmp(path->title, title) != 0))) {
        path = path->next;
    }
    return path;
}

static bool sum_of(const struct dg_run *run,
                   const struct dg_run_path *path,
                   unsigned *sum)
{
    struct dg_rating rating = {.sum = 0};

    if ((path == NULL) || !dg_conclude_path(run, path, &rating) ||
        !rating.is_exploitable) {
        return false;
    }
    *sum = rating.sum;
    return true;
}

/* One path that works, in either run or both. */
static void compare_path(struct dg_comparison *to,
                         const struct dg_run_test *test,
                         const struct dg_run_path *before,
                         const struct dg_run_path *after)
{
    struct dg_compared_path path = {.test = test,
                                    .path = (after != NULL) ? after : before,
                                    .was_there = before != NULL,
                                    .is_there = after != NULL};

    path.had_sum = sum_of(to->before, before, &path.sum_before);
    path.has_sum = sum_of(to->after, after, &path.sum_after);
    path.is_worse =
        path.is_there && (!path.was_there || (path.had_sum != path.has_sum) ||
                          (path.sum_after < path.sum_before));
    if ((path.was_there != path.is_there) || (path.had_sum != path.has_sum) ||
        (path.sum_before != path.sum_after)) {
        to->paths[to->path_count++] = path;
        to->worse += path.is_worse ? 1U : 0U;
    }
}

static void compare_paths(struct dg_comparison *to,
                          const struct dg_compared_test *test)
{
    const struct dg_run_path *first =
        (test->after == NULL) ? NULL : test->after->paths;

    for (const struct dg_run_path *p = first; p != NULL; p = p->next) {
        if (p->state == DG_RATING_SUCCESSFUL) {
            compare_path(to, test->after, path_of(test->before, p->title), p);
        }
    }
    /* Of a test that was not run again nothing is known. */
    if ((test->before == NULL) || (test->after == NULL)) {
        return;
    }
    for (const struct dg_run_path *p = test->before->paths; p != NULL;
         p = p->next) {
        if ((p->state == DG_RATING_SUCCESSFUL) &&
            (path_of(test->after, p->title) == NULL)) {
            compare_path(to, test->before, p, NULL);
        }
    }
}

/* A run of chosen tests claims no level, so there is none to compare. */
static bool is_level_worse(const struct dg_comparison *in)
{
    const struct dg_conclusion *a = &in->conclusion_before;
    const struct dg_conclusion *b = &in->conclusion_after;

    if ((in->before->head.van_claimed == 0U) ||
        (in->after->head.van_claimed == 0U)) {
        return false;
    }
    return ((a->claim == DG_CLAIM_HOLDS) && (b->claim != DG_CLAIM_HOLDS)) ||
           (a->has_van && (!b->has_van || (b->van < a->van)));
}

static size_t count_items(const struct dg_run *run, size_t *paths)
{
    size_t tests = 0;

    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        tests++;
        for (const struct dg_run_path *p = t->paths; p != NULL; p = p->next) {
            (*paths)++;
        }
    }
    return tests;
}

/* @satisfies{EVL_COMPARE.1@1} */
enum dg_status dg_compare(const struct dg_run *before,
                          const struct dg_run *after,
                          struct dg_comparison *comparison)
{
    size_t paths = 1; /* so that nothing has size zero */
    const size_t tests =
        1U + count_items(before, &paths) + count_items(after, &paths);

    *comparison = (struct dg_comparison){.before = before, .after = after};
    comparison->tests = calloc(tests, sizeof(*comparison->tests));
    comparison->paths = calloc(paths, sizeof(*comparison->paths));
    if ((comparison->tests == NULL) || (comparison->paths == NULL) ||
        (dg_conclude(before, &comparison->conclusion_before) != DG_OK) ||
        (dg_conclude(after, &comparison->conclusion_after) != DG_OK)) {
        dg_compare_free(comparison);
        return DG_E_PORT;
    }
    compare_premises(comparison);
    for (const struct dg_run_test *t = before->tests; t != NULL; t = t->next) {
        compare_test(comparison, t, dg_run_find_test(after, t->id));
    }
    for (const struct dg_run_test *t = after->tests; t != NULL; t = t->next) {
        if (dg_run_find_test(before, t->id) == NULL) {
            compare_test(comparison, NULL, t);
        }
    }
    for (size_t i = 0; i < comparison->test_count; i++) {
        compare_paths(comparison, &comparison->tests[i]);
    }
    comparison->is_level_worse = is_level_worse(comparison);
    comparison->is_worse = (comparison->worse > 0U) ||
                           (comparison->to_be_tested > 0U) ||
                           comparison->is_level_worse;
    return DG_OK;
}

void dg_compare_free(struct dg_comparison *comparison)
{
    free(comparison->tests);
    free(comparison->paths);
    *comparison = (struct dg_comparison){.tests = NULL};
}
