/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/expect.h"

#include <string.h>

#include "eval/yaml.h"

static enum dg_run_verdict verdict_of(const char *word)
{
    static const struct {
        const char *word;
        enum dg_run_verdict verdict;
    } words[] = {{"fail", DG_RUN_FAIL},
                 {"inconclusive", DG_RUN_INCONCLUSIVE},
                 {"error", DG_RUN_ERROR},
                 {"pending", DG_RUN_PENDING}};

    for (size_t i = 0U; i < (sizeof(words) / sizeof(words[0])); i++) {
        if (strcmp(word, words[i].word) == 0) {
            return words[i].verdict;
        }
    }
    return DG_RUN_UNDECIDED;
}

/* What may be missing: the entry then counts as not there. */
static const char *text_or_none(struct dg_yaml *yaml,
                                struct dg_yaml_node *map,
                                const char *key)
{
    return dg_yaml_has(map, key) ? dg_yaml_text(yaml, map, key) : "";
}

static void read_entry(struct dg_yaml *yaml,
                       struct dg_yaml_node *item,
                       const struct dg_catalogue *catalogue,
                       struct dg_run *run)
{
    struct dg_yaml_node *map = dg_yaml_item_map(yaml, item);
    const char *id = dg_yaml_text(yaml, map, "test");
    const enum dg_run_verdict verdict =
        verdict_of(dg_yaml_text(yaml, map, "verdict"));
    const char *because = text_or_none(yaml, map, "because");
    const char *person = text_or_none(yaml, map, "by");
    const char *until = text_or_none(yaml, map, "until");

    dg_yaml_close(yaml, map);
    if (yaml->status != DG_OK) {
        return;
    }
    if (verdict == DG_RUN_UNDECIDED) {
        dg_yaml_fail(
            yaml, map, "'verdict' is fail, inconclusive, error or pending");
        return;
    }
    if (dg_catalogue_find(catalogue, id) == NULL) {
        dg_yaml_fail(yaml, map, "the catalogue has no test '%s'", id);
        return;
    }

    struct dg_run_test *test = dg_run_find_test(run, id);

    if (test == NULL) {
        return; /* not part of this run */
    }
    if (test->expected != DG_RUN_UNDECIDED) {
        dg_yaml_fail(yaml, map, "the test '%s' is here twice", id);
        return;
    }
    test->expected = verdict;
    test->expected_because = dg_run_text(run, because);
    test->expected_by = dg_run_text(run, person);
    test->expected_until = dg_run_text(run, until);
}

/* @satisfies{EVL_EXPECT.1@1} */
enum dg_status dg_expect_read(const char *path,
                              const struct dg_catalogue *catalogue,
                              struct dg_run *run,
                              struct dg_problem *problem)
{
    struct dg_yaml yaml;

    /* A run that goes on brings what an older file said. */
    for (struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        t->expected = DG_RUN_UNDECIDED;
        t->expected_because = "";
        t->expected_by = "";
        t->expected_until = "";
    }
    dg_yaml_open(&yaml, path);

    struct dg_yaml_node *list = dg_yaml_list(&yaml, yaml.root, "expected");

    dg_yaml_close(&yaml, yaml.root);
    for (struct dg_yaml_node *i = (list == NULL) ? NULL : list->first;
         (i != NULL) && (yaml.status == DG_OK);
         i = i->next) {
        read_entry(&yaml, i, catalogue, run);
    }

    const enum dg_status status = dg_yaml_end(&yaml, problem);

    dg_yaml_free(&yaml);
    return status;
}
