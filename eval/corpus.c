/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/corpus.h"

#include <string.h>

#include "eval/position.h"
#include "eval/yaml.h"

static const char *keep(struct dg_corpus *corpus, const char *text)
{
    return dg_arena_text(&corpus->arena, text, strlen(text));
}

static void read_row(struct dg_corpus *corpus,
                     struct dg_yaml *yaml,
                     struct dg_yaml_node *item)
{
    struct dg_yaml_node *map = dg_yaml_item_map(yaml, item);
    struct dg_corpus_row *row = &corpus->rows[corpus->count];
    const char **from = NULL;

    row->id = keep(corpus, dg_yaml_text(yaml, map, "id"));
    row->title = keep(corpus, dg_yaml_text(yaml, map, "title"));

    const size_t count =
        dg_yaml_texts(yaml, map, "from", &corpus->arena, &from);

    if (!dg_catalogue_is_corpus_id(row->id)) {
        dg_yaml_fail(
            yaml, item, "'%s' is no id of a row (DG-A00, DG-H00)", row->id);
    }
    if ((corpus->count > 0U) && (strcmp(row[-1].id, row->id) >= 0)) {
        dg_yaml_fail(yaml,
                     item,
                     "'%s' does not come after '%s': rows stand in order, and "
                     "no number is given twice",
                     row->id,
                     row[-1].id);
    }
    for (size_t i = 0; i < count; i++) {
        if (dg_position_name(from[i]) == NULL) {
            dg_yaml_fail(yaml, item, "'%s' is no position", from[i]);
        }
    }
    dg_yaml_close(yaml, map);
    corpus->count++;
}

enum dg_status dg_corpus_open(const char *path,
                              struct dg_corpus *corpus,
                              struct dg_problem *problem)
{
    struct dg_yaml yaml;

    dg_arena_init(&corpus->arena);
    corpus->count = 0;
    corpus->rows = dg_arena_take(&corpus->arena,
                                 DG_CORPUS_ROWS_MAX * sizeof *corpus->rows);
    if (corpus->rows == NULL) {
        dg_problem_set(problem, "memory is out");
        return DG_E_PORT;
    }
    dg_yaml_open(&yaml, path);

    struct dg_yaml_node *list = dg_yaml_list(&yaml, yaml.root, "rows");

    for (struct dg_yaml_node *item = (list == NULL) ? NULL : list->first;
         (item != NULL) && (yaml.status == DG_OK);
         item = item->next) {
        if (corpus->count == DG_CORPUS_ROWS_MAX) {
            dg_yaml_fail(&yaml, item, "more than %u rows", DG_CORPUS_ROWS_MAX);
        } else {
            read_row(corpus, &yaml, item);
        }
    }
    dg_yaml_close(&yaml, yaml.root);

    const enum dg_status status = dg_yaml_end(&yaml, problem);

    dg_yaml_free(&yaml);
    return status;
}

void dg_corpus_free(struct dg_corpus *corpus)
{
    dg_arena_free(&corpus->arena);
    corpus->count = 0;
}

bool dg_corpus_is_covered_by(const struct dg_corpus_row *row,
                             const struct dg_catalogue_entry *entry)
{
    for (size_t i = 0; i < entry->corpus_count; i++) {
        if (strcmp(entry->corpus[i], row->id) == 0) {
            return true;
        }
    }
    return false;
}
