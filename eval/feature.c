/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/feature.h"

#include <string.h>

#include "eval/yaml.h"

static const char *keep(struct dg_feature_list *list, const char *text)
{
    return dg_arena_text(&list->arena, text, strlen(text));
}

static void read_feature(struct dg_feature_list *list,
                         struct dg_yaml *yaml,
                         struct dg_yaml_node *item)
{
    struct dg_yaml_node *map = dg_yaml_item_map(yaml, item);
    const char *id = dg_yaml_text(yaml, map, "id");
    const char *plain = dg_yaml_text(yaml, map, "plain");

    if (strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(id)) {
        dg_yaml_fail(yaml, item, "an id has a-z, 0-9 and - only");
    }
    if (dg_feature_find(list, id) != NULL) {
        dg_yaml_fail(yaml, item, "the feature '%s' stands here twice", id);
    }
    dg_yaml_close(yaml, map);
    list->items[list->count] =
        (struct dg_product_feature){keep(list, id), keep(list, plain)};
    list->count++;
}

static void read_all(struct dg_feature_list *list, struct dg_yaml *yaml)
{
    struct dg_yaml_node *own = dg_yaml_list(yaml, yaml->root, "features");
    size_t count = 0U;

    dg_yaml_close(yaml, yaml->root);
    if (own == NULL) {
        return;
    }
    for (const struct dg_yaml_node *i = own->first; i != NULL; i = i->next) {
        count++;
    }
    if (count == 0U) {
        dg_yaml_fail(yaml, own, "'features' names none");
        return;
    }
    list->items = dg_arena_take(&list->arena, count * sizeof *list->items);
    for (struct dg_yaml_node *i = own->first;
         (i != NULL) && (list->items != NULL);
         i = i->next) {
        read_feature(list, yaml, i);
    }
}

enum dg_status dg_feature_list_open(const char *path,
                                    struct dg_feature_list *list,
                                    struct dg_problem *problem)
{
    struct dg_yaml yaml;

    dg_arena_init(&list->arena);
    list->items = NULL;
    list->count = 0U;
    dg_yaml_open(&yaml, path);
    read_all(list, &yaml);

    const enum dg_status status = dg_yaml_end(&yaml, problem);

    dg_yaml_free(&yaml);
    if ((status == DG_OK) && list->arena.failed) {
        dg_problem_set(problem, "%s: memory is out", path);
        return DG_E_PORT;
    }
    return status;
}

void dg_feature_list_free(struct dg_feature_list *list)
{
    dg_arena_free(&list->arena);
    list->items = NULL;
    list->count = 0U;
}

const struct dg_product_feature *dg_feature_find(
    const struct dg_feature_list *list, const char *id)
{
    for (size_t i = 0U; i < list->count; i++) {
        if (strcmp(list->items[i].id, id) == 0) {
            return &list->items[i];
        }
    }
    return NULL;
}
