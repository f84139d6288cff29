/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/harm.h"

#include <string.h>

#include "eval/yaml.h"

/* spec/rating/harm.yaml, by embed.cmake. */
extern const unsigned char dg_harm_yaml[];

static const char *copy(struct dg_harm_table *table, const char *text)
{
    return dg_arena_text(&table->arena, text, strlen(text));
}

enum dg_status dg_harm_table_read(struct dg_harm_table *table,
                                  struct dg_problem *problem)
{
    struct dg_yaml yaml;

    *table = (struct dg_harm_table){.id = ""};
    dg_arena_init(&table->arena);
    dg_yaml_parse(&yaml,
                  (dg_span){dg_harm_yaml, strlen((const char *)dg_harm_yaml)},
                  "harm.yaml");
    table->id = copy(table, dg_yaml_text(&yaml, yaml.root, "id"));
    (void)dg_yaml_text(&yaml, yaml.root, "version");

    struct dg_yaml_node *list = dg_yaml_list(&yaml, yaml.root, "severities");

    for (struct dg_yaml_node *node = (list == NULL) ? NULL : list->first;
         node != NULL;
         node = node->next) {
        struct dg_harm *one = &table->harms[table->count];
        struct dg_yaml_node *map = dg_yaml_item_map(&yaml, node);

        if (table->count == DG_HARMS_MAX) {
            dg_yaml_fail(&yaml, node, "more than %u rows", DG_HARMS_MAX);
            break;
        }
        one->severity = copy(table, dg_yaml_text(&yaml, map, "severity"));
        one->why = copy(table, dg_yaml_text(&yaml, map, "why"));
        one->count =
            dg_yaml_texts(&yaml, map, "assets", &table->arena, &one->assets);
        table->count++;
    }
    dg_yaml_close(&yaml, yaml.root);

    enum dg_status status = dg_yaml_end(&yaml, problem);

    if ((status == DG_OK) && table->arena.failed) {
        status = DG_E_PORT;
    }
    dg_yaml_free(&yaml);
    return status;
}

void dg_harm_table_free(struct dg_harm_table *table)
{
    dg_arena_free(&table->arena);
    table->count = 0;
}

const struct dg_harm *dg_harm_of(const struct dg_harm_table *table,
                                 const char *const *assets,
                                 size_t count)
{
    for (size_t i = 0; i < table->count; i++) {
        for (size_t k = 0; k < table->harms[i].count; k++) {
            for (size_t a = 0; a < count; a++) {
                if (strcmp(table->harms[i].assets[k], assets[a]) == 0) {
                    return &table->harms[i];
                }
            }
        }
    }
    return NULL;
}
