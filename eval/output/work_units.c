/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/work_units.h"

#include <stdio.h>
#include <string.h>

#include "eval/yaml.h"

#define LEVELS    5U
#define UNITS_MAX 64

/* spec/criteria/work-units-3.1R5.yaml, by embed.cmake. */
extern const unsigned char dg_work_units_yaml[];

static const char *const basis_keys[DG_WORK_BASES] = {
    NULL, "conduct", "record", "resist"};

static void read_component(struct dg_yaml *yaml,
                           struct dg_yaml_node *node,
                           struct dg_arena *arena,
                           struct dg_work_component *one)
{
    const char *title = dg_yaml_text(yaml, node, "title");
    struct dg_yaml_node *list = dg_yaml_list(yaml, node, "units");

    one->id = dg_arena_text(arena, node->key, strlen(node->key));
    one->title = dg_arena_text(arena, title, strlen(title));
    for (struct dg_yaml_node *unit = (list == NULL) ? NULL : list->first;
         unit != NULL;
         unit = unit->next) {
        if (one->actions == DG_WORK_ACTIONS_MAX) {
            dg_yaml_fail(yaml, unit, "more elements than a component has");
            return;
        }
        one->units[one->actions] =
            (unsigned)dg_yaml_item_int(yaml, unit, 1, UNITS_MAX);
        one->actions++;
    }
    if (dg_yaml_has(node, "run")) {
        struct dg_yaml_node *run = dg_yaml_map(yaml, node, "run");

        for (size_t i = 1; i < DG_WORK_BASES; i++) {
            one->run[i] =
                (unsigned)dg_yaml_int(yaml, run, basis_keys[i], 1, UNITS_MAX);
        }
    }
}

static struct dg_yaml_node *find(struct dg_yaml_node *map, const char *key)
{
    struct dg_yaml_node *node = (map == NULL) ? NULL : map->first;

    while ((node != NULL) && (strcmp(node->key, key) != 0)) {
        node = node->next;
    }
    return node;
}

enum dg_status dg_work_table_read(unsigned level,
                                  struct dg_work_table *table,
                                  struct dg_problem *problem)
{
    const char *text = (const char *)dg_work_units_yaml;
    struct dg_yaml yaml;
    const char **ids = NULL;
    char key[16];

    *table = (struct dg_work_table){.edition = ""};
    dg_arena_init(&table->arena);
    if ((level == 0U) || (level > LEVELS)) {
        dg_problem_set(problem, "there is no AVA_VAN.%u", level);
        return DG_E_RANGE;
    }
    dg_yaml_parse(&yaml,
                  (dg_span){dg_work_units_yaml, strlen(text)},
                  "work-units-3.1R5.yaml");

    const char *edition = dg_yaml_text(&yaml, yaml.root, "edition");
    struct dg_yaml_node *levels = dg_yaml_map(&yaml, yaml.root, "levels");
    struct dg_yaml_node *all = dg_yaml_map(&yaml, yaml.root, "components");

    (void)snprintf(key, sizeof(key), "%u", level);
    table->edition = dg_arena_text(&table->arena, edition, strlen(edition));

    const size_t count = dg_yaml_texts(&yaml, levels, key, &table->arena, &ids);

    table->components =
        dg_arena_take(&table->arena, (count + 1U) * sizeof(*table->components));
    for (size_t i = 0; (table->components != NULL) && (i < count); i++) {
        struct dg_yaml_node *node = find(all, ids[i]);

        if (node == NULL) {
            dg_yaml_fail(&yaml, levels, "%s is below no component", ids[i]);
            break;
        }
        read_component(&yaml, node, &table->arena, &table->components[i]);
        table->count++;
    }

    enum dg_status status = dg_yaml_end(&yaml, problem);

    if ((status == DG_OK) && table->arena.failed) {
        status = DG_E_PORT;
    }
    dg_yaml_free(&yaml);
    return status;
}

void dg_work_table_free(struct dg_work_table *table)
{
    dg_arena_free(&table->arena);
    table->count = 0;
}
