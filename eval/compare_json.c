/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/compare_out.h"

static json_t *run_of(const struct dg_run *run,
                      const struct dg_run_origin *origin,
                      const struct dg_conclusion *conclusion)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o}",
                     "product",
                     run->product.name,
                     "version",
                     run->product.version,
                     "firmware_digest",
                     run->product.firmware_digest,
                     "ended",
                     run->head.ended,
                     "run_sha256",
                     origin->digest,
                     "lab_key",
                     origin->key_id,
                     "van_claimed",
                     (json_int_t)run->head.van_claimed,
                     "van",
                     conclusion->has_van
                         ? json_integer((json_int_t)conclusion->van)
                         : json_null());
}

static json_t *verdict_of(const struct dg_run_test *test)
{
    return (test == NULL) ? json_null()
                          : json_string(dg_run_verdict_name(test->verdict));
}

static json_t *tests_of(const struct dg_comparison *comparison)
{
    json_t *list = json_array();

    for (size_t i = 0; i < comparison->test_count; i++) {
        const struct dg_compared_test *test = &comparison->tests[i];

        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:o, s:o, s:b, s:b, s:b, s:s}",
                      "test",
                      (test->after != NULL) ? test->after->id
                                            : test->before->id,
                      "change",
                      dg_change_name(test->kind),
                      "before",
                      verdict_of(test->before),
                      "after",
                      verdict_of(test->after),
                      "worse",
                      (int)test->is_worse,
                      "test_changed",
                      (int)test->is_other_test,
                      "to_be_tested",
                      (int)test->is_to_be_tested,
                      "because",
                      test->because));
    }
    return list;
}

static json_t *sum_of(bool has_sum, unsigned sum)
{
    return has_sum ? json_integer((json_int_t)sum) : json_null();
}

static json_t *paths_of(const struct dg_comparison *comparison)
{
    json_t *list = json_array();

    for (size_t i = 0; i < comparison->path_count; i++) {
        const struct dg_compared_path *path = &comparison->paths[i];

        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:b, s:b, s:o, s:o, s:b}",
                      "test",
                      path->test->id,
                      "path",
                      path->path->title,
                      "was_there",
                      (int)path->was_there,
                      "is_there",
                      (int)path->is_there,
                      "points_before",
                      sum_of(path->had_sum, path->sum_before),
                      "points_after",
                      sum_of(path->has_sum, path->sum_after),
                      "worse",
                      (int)path->is_worse));
    }
    return list;
}

static json_t *premises_of(const struct dg_comparison *comparison)
{
    json_t *list = json_array();

    for (size_t i = 0; i < comparison->premise_count; i++) {
        const struct dg_premise *premise = &comparison->premises[i];

        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:s}",
                      "what",
                      premise->name,
                      "before",
                      premise->before,
                      "after",
                      premise->after,
                      "consequence",
                      dg_premise_consequence(premise->effect)));
    }
    return list;
}

json_t *dg_compare_json(const struct dg_comparison *comparison,
                        const struct dg_run_origin *before,
                        const struct dg_run_origin *after)
{
    return json_pack(
        "{s:s, s:b, s:s, s:o, s:o, s:o, s:o, s:o}",
        "format",
        "dosegate-compare-1",
        "worse",
        (int)comparison->is_worse,
        "sentence",
        dg_compare_sentence(comparison),
        "before",
        run_of(comparison->before, before, &comparison->conclusion_before),
        "after",
        run_of(comparison->after, after, &comparison->conclusion_after),
        "changed",
        premises_of(comparison),
        "tests",
        tests_of(comparison),
        "paths",
        paths_of(comparison));
}
